"""The stable address of an interview (参加用ページ): one per recipient, the same in every mail."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from mensetsu.candidates import models as candidates
from mensetsu.interviews.models import Interview, JoinLink
from mensetsu.statements import compiled
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


def open_for(
    interview: Interview,
    recipients: Iterable[tuple[str, candidates.AgencyContact | None]],
    *,
    now: datetime,
) -> None:
    """The links of all these (receiver, contact) to an interview that nobody has a link to yet."""
    # A contact has one link, whatever the mail calls them.
    ways = {contact.pk if contact else receiver: (receiver, contact) for receiver, contact in recipients}
    made = [
        JoinLink(
            interview=interview, receiver=receiver, contact=contact, nonce=secret_addresses.new_nonce(), created_at=now
        )
        for receiver, contact in ways.values()
    ]  # fmt: skip
    compiled.insert(made)


def ensure(
    wanted: Iterable[tuple[Interview, str, candidates.AgencyContact | None]], *, now: datetime
) -> None:
    """Each of these (interview, receiver, contact) has its link: those that are missing are made with one statement.
    Uses prefetched `join_links`, in which they stand afterwards."""
    missing = []
    for interview, receiver, contact in wanted:
        known = {link.contact_id or link.receiver for link in interview.join_links.all()}
        if (contact.pk if contact else receiver) not in known:
            missing.append(JoinLink(
                interview=interview, receiver=receiver, contact=contact, nonce=secret_addresses.new_nonce(),
                created_at=now,
            ))  # fmt: skip
    compiled.insert(missing)
    for link in missing:
        link.interview._prefetched_objects_cache["join_links"]._result_cache.append(link)


def is_read(interview: Interview) -> bool:
    """Whether its links were read with it, and `ensure` has made those that are needed."""
    return "join_links" in getattr(interview, "_prefetched_objects_cache", {}) and not interview.is_unheard


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
