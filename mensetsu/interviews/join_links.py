"""The stable address of an interview (参加用ページ): one per recipient, the same in every mail.

The address is `nonce + HMAC(secret, nonce)`, 128 bits of it. Nothing that opens a page is stored: the table holds
only the nonce, and whoever reads the table still lacks the secret. Letters and digits only, so that no mail program
cuts the address at a sign."""

import base64
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

from mensetsu.candidates import models as candidates
from mensetsu.interviews.models import Interview, JoinLink

NONCE_LENGTH = 16
MAC_BYTES = 16
# Without 0, 1, l and o: an address is sometimes read out on the telephone.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_SALT = "mensetsu.interviews.join_links"


def link_for(
    interview: Interview, *, receiver: str, contact: candidates.AgencyContact | None = None, now: datetime
) -> JoinLink:
    """The recipient's link to this interview: made at the first call, the same one ever after."""
    link, _is_new = JoinLink.objects.get_or_create(
        interview=interview,
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


def token(link: JoinLink) -> str:
    """What stands in the address: the nonce and its proof under the present secret."""
    return link.nonce + _mac(link.nonce, settings.SECRET_KEY)


def address(link: JoinLink) -> str:
    """The absolute address of the join page, as mails and calendars carry it."""
    return settings.BASE_URL + reverse("interviews:join", args=[token(link)])


def find(text: str) -> JoinLink | None:
    """The link of that token; None for anything that this installation did not hand out.

    Tokens made before the secret was changed keep working while the old secret is a fallback."""
    text = text.strip().lower()
    nonce, mac = text[:NONCE_LENGTH], text[NONCE_LENGTH:]
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    # Every secret is compared, so that the time taken does not tell which one fits.
    fits = [constant_time_compare(mac, _mac(nonce, secret)) for secret in secrets]
    if True not in fits:
        return None
    return (
        JoinLink.objects.filter(nonce=nonce)
        .select_related(
            "contact",
            "interview__organization",
            "interview__candidate__job",
            "interview__candidate__owner",
            "interview__created_by",
            "interview__stage",
            "interview__meeting__connection",
            "interview__next_meeting",
        )
        .first()
    )


def _mac(nonce: str, secret: str) -> str:
    digest = salted_hmac(_SALT, nonce, secret=secret, algorithm="sha256").digest()[:MAC_BYTES]
    return base64.b32encode(digest).decode().rstrip("=").lower()
