"""The stable address of an interview (参加用ページ): one per recipient, the same in every mail."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from mensetsu.candidates import models as candidates
from mensetsu.interviews.models import Interview, JoinLink
from mensetsu.web import secret_addresses

# The salt is part of every address that was ever mailed.
_ADDRESSES = secret_addresses.SecretAddresses("mensetsu.interviews.join_links")


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
            "nonce": secret_addresses.new_nonce(),
            "created_at": now,
        },
    )
    return link


def token(link: JoinLink) -> str:
    """What stands in the address: the nonce and its proof under the present secret."""
    return _ADDRESSES.token(link.nonce)


def address(link: JoinLink) -> str:
    """The absolute address of the join page, as mails and calendars carry it."""
    return settings.BASE_URL + reverse("interviews:join", args=[token(link)])


def find(text: str) -> JoinLink | None:
    """The link of that token; None for anything that this installation did not hand out."""
    nonce = _ADDRESSES.nonce(text)
    if nonce is None:
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
