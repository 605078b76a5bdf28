"""Dates that an agency proposes for an applicant it introduced, and what recruiters answer.

A proposal is about the invitation that waits for the applicant's answer, or about the interview that is to come.
Order of the rows taken: proposal, then as in `choosing`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from mensetsu.accounts import models as accounts
from mensetsu.booking import choosing, inviting, proposal_letters, telling
from mensetsu.booking.models import Invitation, Outcome, Proposal, ProposedDate, Slot
from mensetsu.candidates.models import AgencyContact, Candidate, ContactRoute
from mensetsu.history import recording
from mensetsu.interviews import arranging, informing, scheduling
from mensetsu.interviews.models import Interview
from mensetsu.web import dates

MOST = 5
TEXT_LIMIT = 1000
# After the deadline a recruiter may still confirm; the answer then needs a moment of time.
GRACE = timedelta(hours=1)


class NotTheirs(Exception):
    """The applicant was not introduced by this contact, or is contacted without the agency."""


class NothingOpen(Exception):
    """There is nothing to propose dates for: no open invitation and no coming interview."""


class BadDates(Exception):
    """No date, more than MOST, or one that has begun."""


class AlreadySettled(Exception):
    """A colleague has answered, or the agency has proposed other dates."""


@dataclass(frozen=True)
class Subject:
    """What dates can be proposed for; an open invitation comes before a coming interview."""

    invitation: Invitation | None = None
    interview: Interview | None = None

    @property
    def is_open(self) -> bool:
        return self.invitation is not None or self.interview is not None


def introduced_by(contact: AgencyContact) -> Any:
    """The applicants about whom this contact may know: introduced by them, and contacted through the agency."""
    return Candidate.objects.filter(
        organization_id=contact.agency.organization_id,
        agency_contact=contact,
        contact_route__in=(ContactRoute.AGENCY, ContactRoute.BOTH),
    ).exclude(status__in=arranging.GONE)


def subject_of(candidate: Candidate, *, now: datetime) -> Subject:
    waiting = Invitation.objects.filter(
        candidate=candidate, chosen_at=None, closed_at=None, canceled_at=None, page__closed_at=None
    )
    for invitation in waiting.with_facts().order_by("-pk"):
        moved = invitation.interview
        if moved is None or (moved.is_standing and not moved.outcome):
            return Subject(invitation=invitation)
    coming = Interview.objects.standing().filter(candidate=candidate, outcome="", starts_at__gt=now)
    return Subject(interview=coming.with_facts().order_by("starts_at").first())


def propose(
    *,
    contact: AgencyContact,
    candidate: Candidate,
    starts: Iterable[datetime],
    message: str = "",
    now: datetime,
) -> Proposal:
    """The agency's dates, with a notice to the recruiters; nothing is changed by them. Other dates than before take
    their place; the same ones again (a second press) answer the first.

    Refuses NotTheirs, BadDates, NothingOpen."""
    wanted, message = sorted(set(starts)), message.strip()[:TEXT_LIMIT]
    if not introduced_by(contact).filter(pk=candidate.pk).exists():
        raise NotTheirs
    if not 0 < len(wanted) <= MOST or wanted[0] <= now:
        raise BadDates
    subject = subject_of(candidate, now=now)
    if not subject.is_open:
        raise NothingOpen
    try:
        with transaction.atomic():
            return _propose(contact, candidate, subject, wanted, message, now)
    except IntegrityError:
        # Two presses at once: the other one was written a moment ago.
        return Proposal.objects.with_facts().get(candidate=candidate, settled_at=None)


def confirm(proposal: Proposal, date: ProposedDate, *, by: accounts.User, now: datetime) -> Interview:
    """One of the dates is fixed: the interview is set as the invitation says, or the present one is moved; everybody
    is told, the agency too.

    Refuses AlreadySettled, NothingOpen, scheduling.StartsInPast, refusals of choosing, refusals of scheduling."""
    with transaction.atomic():
        _claim(proposal, Outcome.CONFIRMED, by=by, now=now)
        if date.starts_at <= now:
            raise scheduling.StartsInPast
        subject = subject_of(proposal.candidate, now=now)
        if subject.invitation is not None:
            interview = _book(subject.invitation, date.starts_at, by=by, now=now)
        elif subject.interview is not None:
            interview = _move(subject.interview, date.starts_at, by=by, now=now)
        else:
            raise NothingOpen
        Proposal.objects.filter(pk=proposal.pk).update(interview=interview, invitation=subject.invitation)
        _record("booking.proposal_confirmed", proposal, by=by, now=now, starts_at=date.starts_at)
        if interview.template_group_id is None:
            # With a template group the confirmation leaves by itself; without one the agency would wait for it.
            proposal_letters.confirmed(proposal, interview, by=by, now=now)
    proposal.refresh_from_db()
    return interview


def decline(proposal: Proposal, *, message: str = "", by: accounts.User, now: datetime) -> None:
    """None of the dates fits; the agency is told. Refuses AlreadySettled."""
    with transaction.atomic():
        _claim(proposal, Outcome.DECLINED, by=by, now=now)
        _record("booking.proposal_declined", proposal, by=by, now=now)
        proposal_letters.declined(proposal, message.strip()[:TEXT_LIMIT], by=by, now=now)
    proposal.refresh_from_db()


def note_overtaken(now: datetime) -> int:
    """Proposals about which there is nothing left to decide: answered in another way, or all dates have begun."""
    count = 0
    for proposal in Proposal.objects.waiting().with_facts()[:500]:
        if proposal.coming(now) and subject_of(proposal.candidate, now=now) == _subject_then(proposal):
            continue
        mine = Proposal.objects.waiting().filter(pk=proposal.pk)
        count += mine.update(outcome=Outcome.OVERTAKEN, settled_at=now)
    return count


def recruiters_of(proposal: Proposal) -> list[accounts.User]:
    """Who decides: those who look after the invitation or the interview."""
    if proposal.invitation is not None:
        return telling.recruiters_of(proposal.invitation)
    return informing.recruiters_of(proposal.interview) if proposal.interview is not None else []


def _subject_then(proposal: Proposal) -> Subject:
    if proposal.invitation is not None:
        return Subject(invitation=proposal.invitation)
    return Subject(interview=proposal.interview)


def _propose(
    contact: AgencyContact,
    candidate: Candidate,
    subject: Subject,
    wanted: Sequence[datetime],
    message: str,
    now: datetime,
) -> Proposal:
    before = Proposal.objects.waiting().filter(candidate=candidate).with_facts().first()
    if before is not None:
        same = [one.starts_at for one in before.dates.all()] == list(wanted)
        if same and (before.message, before.contact_id) == (message, contact.pk):
            return before
        Proposal.objects.waiting().filter(pk=before.pk).update(outcome=Outcome.REPLACED, settled_at=now)
    made = Proposal.objects.create(
        organization=candidate.organization, candidate=candidate, contact=contact, message=message, made_at=now,
        invitation=subject.invitation, interview=subject.interview,
    )  # fmt: skip
    ProposedDate.objects.bulk_create(ProposedDate(proposal=made, starts_at=start) for start in wanted)
    _record("booking.proposed", made, by=None, now=now, count=len(wanted))
    _tell(made, wanted)
    return made


def _claim(proposal: Proposal, outcome: str, *, by: accounts.User, now: datetime) -> None:
    waiting = Proposal.objects.waiting().filter(pk=proposal.pk)
    if not waiting.update(outcome=outcome, settled_at=now, settled_by=by):
        raise AlreadySettled


def _book(invitation: Invitation, start: datetime, *, by: accounts.User, now: datetime) -> Interview:
    """The applicant's answer, given by us at a time of its own: nobody else may choose that slot."""
    page = invitation.page
    if invitation.answer_by is not None and invitation.answer_by <= now:
        inviting.move_deadline(invitation, now + GRACE, by=by, now=now)
    slot = page.slots.open().filter(starts_at=start).first()
    is_own = slot is None
    if slot is None:
        slot = Slot.objects.create(page=page, starts_at=start, minutes=page.minutes)
    interview = choosing.choose(invitation=invitation, slot=slot, now=now)
    if is_own:
        Slot.objects.filter(pk=slot.pk).update(closed_at=now)
    return interview


def _move(interview: Interview, start: datetime, *, by: accounts.User, now: datetime) -> Interview:
    people = [row.user for row in interview.interviewers.select_related("user")]
    scheduling.change(
        interview, stage=interview.stage, starts_at=start, minutes=interview.minutes, interviewers=people,
        way=interview.way, service=interview.service, host=None, custom_url=interview.custom_url,
        place=interview.place, memo=interview.memo, by=by, now=now,
    )  # fmt: skip
    return interview


def _tell(proposal: Proposal, wanted: Sequence[datetime]) -> None:
    candidate, contact = proposal.candidate, proposal.contact
    for user in recruiters_of(proposal):
        informing.notify(
            "booking_proposal",
            user,
            {
                "candidate": candidate.name_in(user.language),
                "job": candidate.job.name_in(user.language) if candidate.job else "",
                "who": contact.full_name,
                "agency": contact.agency.name,
                "dates": [
                    dates.full(start, proposal.minutes, language=user.language, zone=user.zone)
                    for start in wanted
                ],
                "message": proposal.message,
                "page": settings.BASE_URL + reverse("booking:proposal", args=[proposal.pk]),
            },
        )


def _record(
    action: str, proposal: Proposal, *, by: accounts.User | None, now: datetime, **facts: Any
) -> None:
    contact = proposal.contact
    recording.record(
        action, subject=proposal, thread=proposal.candidate, organization_id=proposal.organization_id, by=by,
        at=now, actor_name="" if by else f"{contact.full_name} ({contact.agency.name})", **facts,
    )  # fmt: skip
