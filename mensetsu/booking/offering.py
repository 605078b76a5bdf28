"""Several dates offered to one applicant (候補日時): the people and a Zoom host of each date are held tentatively until
the answer or the deadline; the answer (`choosing.choose`) fixes one and frees the rest.

Each verb is one transaction. Order of the rows taken: invitation, slots, people, applicant, host."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _

from mensetsu.accounts import models as accounts
from mensetsu.booking import holding, inviting, opening, promising, refusals
from mensetsu.booking.models import BookingPage, HostMode, Invitation, Kind, Slot
from mensetsu.candidates import models as candidates
from mensetsu.interviews import arranging, panels, scheduling
from mensetsu.interviews.models import Interview
from mensetsu.zoom import models as zoom

MOST = 10
AT_ONCE = 500
# An offer has no horizon: the recruiter named the days.
FAR = 3650
DateTaken = promising.DateTaken


class NoDates(Exception):
    """There is nothing to choose from: no date, or more than MOST."""


class DeadlineMisplaced(Exception):
    """The deadline has passed, or lies after the last date has begun."""


class AlreadyOffered(Exception):
    """The applicant has an open offer for this step: its dates can be replaced."""

    def __init__(self, invitation: Invitation) -> None:
        super().__init__(f"invitation {invitation.pk}")
        self.invitation = invitation


@dataclass(frozen=True)
class Terms:
    """What is the same for every date. `host=None` holds any free Zoom account for each date."""

    minutes: int
    interviewers: tuple[accounts.User, ...]
    way: str
    service: str = ""
    host: zoom.Connection | None = None
    custom_url: str = ""
    place: str = ""


def terms_of(interview: Interview) -> Terms:
    """The same people and way as now, for an interview that is to be moved."""
    people = tuple(row.user for row in interview.interviewers.select_related("user"))
    return Terms(
        minutes=interview.minutes, interviewers=people, way=interview.way, service=interview.service,
        custom_url=interview.custom_url, place=interview.place,
    )  # fmt: skip


def offer(
    *,
    candidate: candidates.Candidate,
    stage: candidates.Stage | None,
    starts: Iterable[datetime],
    terms: Terms,
    answer_by: datetime,
    interview: Interview | None = None,
    note: str = "",
    by: accounts.User | None,
    now: datetime,
) -> Invitation:
    """An invitation to choose one of these dates, each held until `answer_by`. With `interview` the answer moves that
    interview (the meeting stays when its host is free).

    Refuses NoDates, DeadlineMisplaced, DateTaken, AlreadyOffered, scheduling.NotChangeable, refusals.Withdrawn."""
    wanted = _checked(starts, answer_by, now)
    if interview is not None and (not interview.is_standing or interview.outcome):
        raise scheduling.NotChangeable(interview)
    with transaction.atomic():
        page = _page(candidate, stage, terms, interview, note, by=by, now=now)
        panels.take_turn(terms.interviewers)
        invitation = inviting.invite(
            page=page,
            candidate=candidate,
            stage=stage,
            answer_by=answer_by,
            interview=interview,
            by=by,
            now=now,
        )
        _refuse_second(invitation)
        _add(invitation, wanted, until=answer_by, now=now)
    return invitation


def replace_dates(
    invitation: Invitation,
    *,
    starts: Iterable[datetime],
    answer_by: datetime,
    by: accounts.User | None,
    now: datetime,
) -> None:
    """Other dates for the same offer, under the same address: those left out are free at once, those kept and added
    are held until the new deadline. Wishes that were sent count as dealt with.

    Refuses NoDates, DeadlineMisplaced, DateTaken, refusals.AlreadyChosen, refusals.Closed."""
    wanted = _checked(starts, answer_by, now)
    with transaction.atomic():
        _claim(invitation)
        page = invitation.page
        holding.close_rest(page, now=now)
        panels.take_turn(promising.panel_of(page))
        arranging.take_turn(invitation.candidate_id)
        _add(invitation, wanted, until=answer_by, now=now)
        Invitation.objects.filter(pk=invitation.pk).update(declined_at=None, handled_at=now, handled_by=by)
        inviting.move_deadline(invitation, answer_by, by=by, now=now)


def withdraw(invitation: Invitation, *, by: accounts.User | None, now: datetime) -> None:
    """The offer is taken back: its page says so, and everything held is free. Twice is once.

    Refuses refusals.AlreadyChosen."""
    with transaction.atomic():
        try:
            _claim(invitation)
        except refusals.Closed:
            return
        holding.close_rest(invitation.page, now=now)
        BookingPage.objects.filter(pk=invitation.page_id, closed_at=None).update(closed_at=now)
        inviting.close(invitation, by=by, now=now)


def withdraw_pointless(now: datetime) -> int:
    """Offers that nobody can answer any more are taken back, so that what they hold is free: the applicant has left
    the selection, or the interview to be moved does not stand. Answers how many."""
    gone = Q(candidate__status__in=arranging.GONE) | Q(interview__canceled_at__isnull=False)
    gone |= Q(interview__withdrawn_at__isnull=False) | Q(interview__isnull=False) & ~Q(interview__outcome="")
    waiting = Invitation.objects.filter(
        page__kind=Kind.OFFER, chosen_at=None, closed_at=None, canceled_at=None
    )
    count = 0
    for invitation in waiting.filter(gone).with_facts()[:AT_ONCE]:
        with suppress(refusals.AlreadyChosen):
            withdraw(invitation, by=None, now=now)
            count += 1
    return count


def _checked(starts: Iterable[datetime], answer_by: datetime, now: datetime) -> list[datetime]:
    wanted = sorted(set(starts))
    if not 0 < len(wanted) <= MOST:
        raise NoDates
    if not now < answer_by <= wanted[-1]:
        raise DeadlineMisplaced
    return wanted


def _page(
    candidate: candidates.Candidate,
    stage: candidates.Stage | None,
    terms: Terms,
    interview: Interview | None,
    note: str,
    *,
    by: accounts.User | None,
    now: datetime,
) -> BookingPage:
    organization = candidate.organization
    with translation.override(organization.language):
        step = stage.name_in(organization.language) if stage else _("Interview")
        about = _("Other dates: %(name)s, %(stage)s") if interview else _("Dates: %(name)s, %(stage)s")
        name = about % {"name": candidate.name_in(organization.language), "stage": step}
    values = {
        "name": name[:80], "note": note, "stage": stage, "minutes": terms.minutes, "way": terms.way,
        "service": terms.service, "custom_url": terms.custom_url, "place": terms.place, "host": terms.host,
        "host_mode": HostMode.FIXED if terms.host else HostMode.POOL,
        # The recruiter named these days; whoever has chosen one finds the others gone.
        "notice_hours": 0, "horizon_days": FAR, "max_changes": 0,
    }  # fmt: skip
    return opening.open_page(
        organization=organization, values=values, fixed=terms.interviewers, kind=Kind.OFFER, by=by, now=now
    )


def _add(invitation: Invitation, starts: Sequence[datetime], *, until: datetime, now: datetime) -> None:
    page = invitation.page
    slots = [Slot(page=page, starts_at=start, minutes=page.minutes, held_until=until) for start in starts]
    for slot in slots:
        slot.save()
    promising.hold(
        page, slots, candidate_id=invitation.candidate_id, moved=invitation.interview, until=until, now=now
    )


def _refuse_second(invitation: Invitation) -> None:
    """After `invite` has taken the applicant's row: a colleague's offer of a moment ago is seen here."""
    others = Invitation.objects.unanswered().filter(
        candidate=invitation.candidate_id, page__kind=Kind.OFFER, stage=invitation.stage
    )
    if other := others.exclude(pk=invitation.pk).with_facts().first():
        raise AlreadyOffered(other)


def _claim(invitation: Invitation) -> None:
    """Take the offer for a change by us; the applicant's answer of a moment ago comes first."""
    waiting = Invitation.objects.filter(pk=invitation.pk, chosen_at=None, closed_at=None, canceled_at=None)
    won = waiting.update(version=F("version") + 1)
    invitation.__dict__.update(Invitation.objects.with_facts().get(pk=invitation.pk).__dict__)
    if not won:
        raise refusals.AlreadyChosen(invitation.interview) if invitation.chosen_at else refusals.Closed
