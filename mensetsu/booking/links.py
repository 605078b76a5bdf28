"""The address under which an applicant (or the agency for them) chooses a date: one per recipient and invitation.

Made as those of the join page: `nonce + HMAC(secret, nonce)`, 128 bits of it; the table alone opens nothing."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from mensetsu.booking.models import BookingLink, Invitation
from mensetsu.candidates import models as candidates
from mensetsu.interviews.models import Interview
from mensetsu.statements import compiled
from mensetsu.web import secret_addresses

# The salt is part of every address that was ever mailed.
_ADDRESSES = secret_addresses.SecretAddresses("mensetsu.booking.links")
# With what the page says.
_OF_NONCE = compiled.Read(
    lambda nonce: BookingLink.objects.filter(nonce=nonce).select_related(
        "contact__agency", "invitation__organization", "invitation__page", "invitation__candidate__job",
        "invitation__stage",
    ),
    nonce=compiled.TEXT,
)  # fmt: skip


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
            "nonce": secret_addresses.new_nonce(),
            "created_at": now,
        },
    )
    return link


def token(link: BookingLink) -> str:
    """What stands in the address: the nonce and its proof under the present secret."""
    return _ADDRESSES.token(link.nonce)


def address(link: BookingLink) -> str:
    """The absolute address of the page, as mails carry it."""
    return settings.BASE_URL + reverse("booking:choose", args=[token(link)])


def find(text: str) -> BookingLink | None:
    """The link of that token; None for anything that this installation did not hand out."""
    nonce = _ADDRESSES.nonce(text)
    if nonce is None:
        return None
    link = next(iter(_OF_NONCE.objects(nonce=nonce)), None)
    if link is not None:
        invitation = link.invitation
        # One company, however many rows name it.
        invitation.page.organization = invitation.candidate.organization = invitation.organization
        if invitation.interview_id is not None:
            invitation.interview = _interview(invitation.interview_id)
    return link


def _interview(pk: int) -> Interview:
    """Read only where there is one, for most of these pages are opened before."""
    found = Interview.objects.select_related("candidate", "meeting__connection", "next_meeting__connection")
    return found.get(pk=pk)
