"""What recruiters are told about answers, and what the history keeps. Each call stands inside the transaction of the
fact."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from mensetsu.accounts import models as accounts
from mensetsu.attending import requests
from mensetsu.booking.models import BookingLink, BookingPage, Invitation
from mensetsu.history import recording
from mensetsu.interviews import informing, join_links
from mensetsu.interviews.models import Interview
from mensetsu.mail.models import Receiver
from mensetsu.statements import compiled


def chosen(invitation: Invitation, interview: Interview, *, link: BookingLink | None, now: datetime) -> None:
    """A date was chosen: history, a notice to the recruiters, and what the applicant wishes for the day."""
    record("booking.chosen", invitation, link=link, now=now, starts_at=interview.starts_at)
    tell_recruiters(
        "booking_chosen", invitation, link=link, starts_at=interview.starts_at, minutes=interview.minutes,
        phone=invitation.phone,
    )  # fmt: skip
    if invitation.accommodation:
        receiver, contact = _side(link)
        door = join_links.link_for(interview, receiver=receiver, contact=contact, now=now)
        requests.make(door, kind=requests.Kind.ACCOMMODATION, text=invitation.accommodation, now=now)


def changed(
    invitation: Invitation, interview: Interview, before: datetime, *, link: BookingLink | None, now: datetime
) -> None:
    facts = {"from_at": before, "starts_at": interview.starts_at}
    record("booking.changed", invitation, link=link, now=now, **facts)
    tell_recruiters("booking_changed", invitation, link=link, minutes=interview.minutes, **facts)


def canceled(
    invitation: Invitation, interview: Interview, reason: str, *, link: BookingLink | None, now: datetime
) -> None:
    record("booking.canceled", invitation, link=link, now=now, starts_at=interview.starts_at, reason=reason)
    tell_recruiters(
        "booking_canceled", invitation, link=link, starts_at=interview.starts_at, minutes=interview.minutes,
        reason=reason,
    )  # fmt: skip


def given_up(invitation: Invitation, *, link: BookingLink | None, now: datetime) -> None:
    record("booking.no_date_fits", invitation, link=link, now=now)
    tell_recruiters(
        "booking_wishes", invitation, link=link, wishes=list(invitation.wishes), message=invitation.message
    )


def record(
    action: str,
    invitation: Invitation,
    *,
    link: BookingLink | None = None,
    by: accounts.User | None = None,
    now: datetime,
    **facts: Any,
) -> None:
    """An entry in the applicant's story; without a colleague the actor is whoever holds the link."""
    recording.record(
        action, subject=invitation, thread=invitation.candidate, organization_id=invitation.organization_id,
        by=by, at=now, actor_name=actor(invitation, link) if by is None else "", page=invitation.page.name,
        **facts,
    )  # fmt: skip


def actor(invitation: Invitation, link: BookingLink | None) -> str:
    """Who acted on the public page: the agency's person, or the applicant."""
    if link is None:
        return ""
    if link.contact is not None:
        return f"{link.contact.full_name} ({link.contact.agency.name})"
    return str(invitation.candidate)


def get_to_know(invitation: Invitation) -> None:
    """Read who must know of an answer, before the transaction in which it is written: nobody waits for it then."""
    near = _near(invitation)
    ids = {key for holder, name in near if (key := getattr(holder, f"{name}_id")) is not None}
    found = {user.pk: user for user in _USERS.objects(users=sorted(ids))}
    for holder, name in near:
        if user := found.get(getattr(holder, f"{name}_id")):
            setattr(holder, name, user)


_USERS = compiled.Read(lambda users: accounts.User.objects.filter(pk__in=users), users=compiled.NUMBERS)


def recruiters_of(invitation: Invitation) -> list[accounts.User]:
    """Who must know: the applicant's owner and whoever invited; else the administrators."""
    if not all(type(holder)._meta.get_field(name).is_cached(holder) for holder, name in _near(invitation)):
        get_to_know(invitation)
    near = [getattr(holder, name) for holder, name in _near(invitation)]
    return informing.acting([user for user in near if user is not None], invitation.organization_id)


def _near(invitation: Invitation) -> list[tuple[models.Model, str]]:
    return [(invitation.candidate, "owner"), (invitation, "created_by"), (invitation.page, "created_by")]


def keep_known(page: BookingPage, fresh: BookingPage) -> None:
    """The page was read anew; who made it needs not be."""
    is_known = BookingPage._meta.get_field("created_by").is_cached(page)
    if is_known and fresh.created_by_id == page.created_by_id:
        fresh.created_by = page.created_by


def tell_recruiters(
    name: str, invitation: Invitation, *, link: BookingLink | None = None, **facts: Any
) -> None:
    for user in recruiters_of(invitation):
        tell(name, invitation, user, link=link, **facts)


def tell(
    name: str, invitation: Invitation, user: accounts.User, *, link: BookingLink | None = None, **facts: Any
) -> None:
    """One notice to one colleague, in their language."""
    with override(user.language):
        who = actor(invitation, link) or _("Mensetsu")
    candidate = invitation.candidate
    common = {
        "candidate": candidate.name_in(user.language),
        "job": candidate.job.name_in(user.language) if candidate.job else "",
        "stage": invitation.stage.name_in(user.language) if invitation.stage else "",
        "booking": invitation.page.name,
        "who": who,
        "page": settings.BASE_URL + reverse("booking:invitation", args=[invitation.pk]),
        "interview": _interview_page(invitation),
    }
    informing.notify(name, user, {**common, **facts})


def _interview_page(invitation: Invitation) -> str:
    if invitation.interview_id is None:
        return ""
    return settings.BASE_URL + reverse("interviews:detail", args=[invitation.interview_id])


def _side(link: BookingLink | None) -> tuple[str, Any]:
    return (link.receiver, link.contact) if link is not None else (Receiver.CANDIDATE, None)
