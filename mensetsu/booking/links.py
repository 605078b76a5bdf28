"""The address under which an applicant (or the agency for them) chooses a date: one per recipient and invitation.

Made as those of the join page: `nonce + HMAC(secret, nonce)`, 128 bits of it; the table alone opens nothing."""

import base64
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

from mensetsu.booking.models import BookingLink, Invitation
from mensetsu.candidates import models as candidates

NONCE_LENGTH = 16
MAC_BYTES = 16
# Without 0, 1, l and o: an address is sometimes read out on the telephone.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_SALT = "mensetsu.booking.links"


def link_for(
    invitation: Invitation, *, receiver: str, contact: candidates.AgencyContact | None = None, now: datetime
) -> BookingLink:
    """The recipient's link to this invitation: made at the first call, the same one ever after."""
    link, _is_new = BookingLink.objects.get_or_create(
        invitation=invitation,
        contact=contact,
        # A contact has one link, whatever the mail calls them.
        **({"receiver": receiver} if contact is None else {}),
        defaults={
            "receiver": receiver,
            "nonce": get_random_string(NONCE_LENGTH, _ALPHABET),
            "created_at": now,
        },
    )
    return link


def token(link: BookingLink) -> str:
    """What stands in the address: the nonce and its proof under the present secret."""
    return link.nonce + _mac(link.nonce, settings.SECRET_KEY)


def address(link: BookingLink) -> str:
    """The absolute address of the page, as mails carry it."""
    return settings.BASE_URL + reverse("booking:choose", args=[token(link)])


def find(text: str) -> BookingLink | None:
    """The link of that token; None for anything that this installation did not hand out.

    Tokens made before the secret was changed keep working while the old secret is a fallback."""
    text = text.strip().lower()
    nonce, mac = text[:NONCE_LENGTH], text[NONCE_LENGTH:]
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    # Every secret is compared, so that the time taken does not tell which one fits.
    fits = [constant_time_compare(mac, _mac(nonce, secret)) for secret in secrets]
    if True not in fits:
        return None
    link = BookingLink.objects.filter(nonce=nonce).select_related("contact__agency").first()
    if link is not None:
        link.invitation = Invitation.objects.with_facts().get(pk=link.invitation_id)
    return link


def _mac(nonce: str, secret: str) -> str:
    digest = salted_hmac(_SALT, nonce, secret=secret, algorithm="sha256").digest()[:MAC_BYTES]
    return base64.b32encode(digest).decode().rstrip("=").lower()
