"""Who is busy when, and which times are free for everybody. From our own rows only: Zoom is never asked."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo

from django.db.models import Q
from django.utils import translation

from mensetsu.accounts import models as accounts
from mensetsu.availability import asking
from mensetsu.availability.hours import Span
from mensetsu.interviews.models import Interview
from mensetsu.interviews.planning import Plan
from mensetsu.web import dates, moments
from mensetsu.zoom import eligibility
from mensetsu.zoom import models as zoom

DAY_STARTS, DAY_ENDS = time(9), time(18)
STEP = timedelta(minutes=30)
OFFERED, OFFERED_A_DAY, DAYS_AHEAD = 6, 3, 5


@dataclass(frozen=True)
class Busy:
    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


@dataclass(frozen=True)
class Row:
    """One person or one Zoom account on one day."""

    name: str
    kind: str  # applicant, interviewer or host
    busy: list[Busy] = field(default_factory=list)


@dataclass(frozen=True)
class Calendar:
    """What is known of the planned people and hosts from one moment to another."""

    people: dict[int, list[Busy]]
    candidate: list[Busy]
    hosts: dict[int, list[Busy]]
    connections: list[zoom.Connection]
    # What else stands against asking an interviewer: hours, days off, other appointments, holds.
    reasons: dict[int, list[asking.Reason]]

    def between(self, start: datetime, end: datetime) -> "Calendar":
        """What of it is taken then: a company's accounts have hundreds of meetings in a week."""
        people = {key: _overlapping(busy, start, end) for key, busy in self.people.items()}
        hosts = {key: _overlapping(busy, start, end) for key, busy in self.hosts.items()}
        candidate = _overlapping(self.candidate, start, end)
        return replace(self, people=people, hosts=hosts, candidate=candidate)


def read(plan: Plan, starts_at: datetime, ends_at: datetime, *, now: datetime) -> Calendar:
    """A constant number of queries, however many people and hosts."""
    candidate, people = _interviews(plan, starts_at, ends_at)
    connections = (
        list(zoom.Connection.objects.hosts_for(plan.organization).select_related("owner"))
        if plan.uses_zoom
        else []
    )
    reasons = asking.reasons(users=plan.interviewers, starts_at=starts_at, ends_at=ends_at, now=now)
    return Calendar(
        people, candidate, _hosting(plan, connections, starts_at, ends_at, now), connections, reasons
    )


def _hosting(
    plan: Plan, connections: list[zoom.Connection], starts_at: datetime, ends_at: datetime, now: datetime
) -> dict[int, list[Busy]]:
    """Meetings and holds of each account, in order."""
    if not connections:
        return {}
    meetings = zoom.Meeting.objects.live().filter(connection__in=connections).overlapping(starts_at, ends_at)
    if plan.own_meeting is not None:
        meetings = meetings.exclude(pk=plan.own_meeting.pk)
    holds = (
        zoom.HostHold.objects.filter(connection__in=connections).standing(now).overlapping(starts_at, ends_at)
    )
    columns = "starts_at", "ends_at", "connection_id"
    taken: dict[int, list[Busy]] = {}
    for start, end, host in sorted([*meetings.values_list(*columns), *holds.values_list(*columns)]):
        taken.setdefault(host, []).append(Busy(start, end))
    return taken


def rows(plan: Plan, calendar: Calendar, on: date, zone: tzinfo) -> list[Row]:
    """The day's appointments of the planned interviewers and of the host, or of every host while none is chosen."""
    starts_at, ends_at = _bounds(on, zone)

    def of_day(busy: list[Busy]) -> list[Busy]:
        return [one for one in busy if one.starts_at < ends_at and one.ends_at > starts_at]

    language = translation.get_language() or "ja"
    found = [
        Row(user.name_in(language), "interviewer", of_day(_appointments(calendar, user.pk)))
        for user in plan.interviewers
    ]
    chosen = [plan.host] if plan.host is not None else calendar.connections
    found += [
        Row(host.name_in(language), "host", of_day(calendar.hosts.get(host.pk, [])))
        for host in chosen
        if plan.uses_zoom
    ]
    return found


def _appointments(calendar: Calendar, user_id: int) -> list[Busy]:
    """Interviews and what else is entered in the calendar; not being at work is no appointment."""
    entered = (asking.BUSY, asking.HELD, asking.TIME_OFF)
    others = [
        Busy(reason.span.start, reason.span.end)
        for reason in calendar.reasons.get(user_id, [])
        if reason.kind in entered
    ]
    return sorted([*calendar.people.get(user_id, []), *others], key=lambda one: one.starts_at)


def free_times(plan: Plan, calendar: Calendar, first: date, zone: tzinfo, *, now: datetime) -> list[datetime]:
    """Up to six starts at which applicant, interviewers and a host are free, at hours of the company: on the wished day
    of the reader, whose clock is `zone`, and, so that there is a choice, on the business days after it."""
    # By name an account may be chosen although it is known to hold no meetings: what is known may be old.
    hosts = [plan.host] if plan.host is not None else eligibility.fit(calendar.connections)
    found: list[datetime] = []
    for on in _company_days(plan, first, zone):
        of_day = calendar.between(*_bounds(on, plan.organization.zone))
        starts = [start for start in _starts(plan, on) if start > now and _can_be_wished(start, first, zone)]
        fitting = [start for start in starts if _fits(plan, of_day, start, hosts)]
        found += fitting[:OFFERED_A_DAY]
        if len(found) >= OFFERED:
            break
    return found[:OFFERED]


def _can_be_wished(start: datetime, first: date, zone: tzinfo) -> bool:
    """On the wished day or later; and of an hour that the reader's clock repeats only the first, which is what the form
    takes that time for."""
    local = moments.local(start, zone)
    return local.date() >= first and not local.fold


def first_shown(plan: Plan, zone: tzinfo, *, now: datetime) -> date:
    """From which day of the reader on times are offered: the wished one; without one, the day on which the company is
    at work next, which may be another date on the reader's clock."""
    if plan.on is not None:
        return first_day(plan, moments.local(now, zone).date())
    home = plan.organization.zone
    on = first_day(plan, moments.local(now, home).date())
    return moments.local(max(now, datetime.combine(on, DAY_STARTS, home)), zone).date()


def first_day(plan: Plan, today: date) -> date:
    """From when on times are offered: the wished day, whatever day it is; without one, today or the business day after
    it. Never a day that is over."""
    if plan.on is not None:
        return max(plan.on, today)
    closed = company_holidays(plan.organization)
    return today if dates.is_business_day(today, closed) else days(today, closed)[1]


def days(first: date, closed: frozenset[date]) -> list[date]:
    """The wished day, whatever day it is, and the next business days."""
    found, on = [first], first
    while len(found) <= DAYS_AHEAD and on < date.max:
        on += timedelta(days=1)
        if dates.is_business_day(on, closed):
            found.append(on)
    return found


def horizon(plan: Plan, first: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """From when to when `read` must look for `rows` and `free_times` of that day."""
    wished, home = _bounds(first, zone), plan.organization.zone
    bounds = [_bounds(on, home) for on in _company_days(plan, first, zone)]
    return min(start for start, _end in [wished, *bounds]), max(end for _start, end in [wished, *bounds])


def _company_days(plan: Plan, first: date, zone: tzinfo) -> list[date]:
    """Days of the company whose hours lie on the reader's date – two, where midnight comes in the middle of them –
    whatever days they are if none is a business day; then the next business days."""
    closed, home = company_holidays(plan.organization), plan.organization.zone
    starts_at, ends_at = _bounds(first, zone)
    near = {moments.plus(moments.local(starts_at, home).date(), timedelta(days=n)) for n in range(3)}
    wished = [on for on in sorted(near) if _opening(on, home).overlaps(Span(starts_at, ends_at))] or [first]
    wished = [on for on in wished if dates.is_business_day(on, closed)] or wished
    return [*wished[:-1], *days(wished[-1], closed)]


def _opening(on: date, home: tzinfo) -> Span:
    return Span(datetime.combine(on, DAY_STARTS, home), datetime.combine(on, DAY_ENDS, home))


def company_holidays(organization: accounts.Organization) -> frozenset[date]:
    return organization.closed_days


def _bounds(on: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Midnight to midnight."""
    midnight = datetime.combine(on, time(0), zone)
    return moments.utc(midnight), moments.utc(moments.plus(midnight, timedelta(days=1)))


def _interviews(
    plan: Plan, starts_at: datetime, ends_at: datetime
) -> tuple[list[Busy], dict[int, list[Busy]]]:
    wanted = Q(candidate=plan.candidate) | Q(interviewers__user__in=plan.interviewers)
    found = (
        Interview.objects.standing()
        .overlapping(starts_at, ends_at)
        .filter(wanted, organization=plan.organization)
    )
    if plan.interview is not None:
        found = found.exclude(pk=plan.interview.pk)
    candidate: list[Busy] = []
    people: dict[int, list[Busy]] = {}
    for interview in found.distinct().order_by("starts_at", "id").prefetch_related("interviewers"):
        busy = Busy(interview.starts_at, interview.ends_at)
        if interview.candidate_id == plan.candidate.pk:
            candidate.append(busy)
        for row in interview.interviewers.all():
            people.setdefault(row.user_id, []).append(busy)
    return candidate, people


def _starts(plan: Plan, on: date) -> list[datetime]:
    opening = _opening(on, plan.organization.zone)
    start, found = opening.start, []
    while start + timedelta(minutes=plan.minutes) <= opening.end:
        found.append(start)
        start += STEP
    return found


def _fits(plan: Plan, calendar: Calendar, start: datetime, hosts: list[zoom.Connection]) -> bool:
    end = start + timedelta(minutes=plan.minutes)
    lists = [calendar.candidate, *(calendar.people.get(user.pk, []) for user in plan.interviewers)]
    if any(_overlapping(busy, start, end) for busy in lists):
        return False
    wanted = Span(start, end)
    if any(reason.span.overlaps(wanted) for found in calendar.reasons.values() for reason in found):
        return False
    if not plan.uses_zoom:
        return True
    # Counting every overlap is stricter than the capacity needs: an offer must hold, not be complete.
    return any(len(_overlapping(calendar.hosts.get(h.pk, []), start, end)) < h.capacity for h in hosts)


def _overlapping(busy: list[Busy], start: datetime, end: datetime) -> list[Busy]:
    return [one for one in busy if one.starts_at < end and one.ends_at > start]
