"""What speaks against a planned interview: what cannot work blocks, what may be meant warns. Reads only.

The words are in `warning_words`. The same checks run when something changes on the form and when it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from mensetsu.accounts import models as accounts
from mensetsu.availability import asking
from mensetsu.availability.hours import Span
from mensetsu.interviews import overlapping
from mensetsu.interviews.models import Interview
from mensetsu.interviews.planning import Plan
from mensetsu.web import dates, moments
from mensetsu.zoom import meetings
from mensetsu.zoom import models as zoom

BLOCK, WARN, INFO = "block", "warn", "info"
DAYS_OFF = ("holiday", "company_holiday", "weekend")
CALENDAR_CODES = {
    asking.BUSY: "calendar_busy",
    asking.HELD: "held",
    asking.TIME_OFF: "time_off",
    asking.OUTSIDE_HOURS: "outside_hours",
}
SHORT_GAP = 10  # minutes between two meetings of one host
SHORT_NOTICE = timedelta(hours=2)
FIRST_HOUR, LAST_HOUR = 8, 21


@dataclass(frozen=True)
class Warning:
    """`code` says which situation, `part` which part of the form it belongs to: when, people or host."""

    code: str
    level: str
    part: str
    facts: dict[str, Any] = field(default_factory=dict)


def check(
    plan: Plan,
    choices: list[meetings.HostChoice],
    *,
    now: datetime,
    reasons: Mapping[int, list[asking.Reason]] | None = None,
) -> list[Warning]:
    """Everything that is known to speak against the plan, by the parts of the form. `choices` are plan.host_choices;
    `reasons` say when the interviewers cannot be asked (`availability`), and only ever warn."""
    found = [*_of_time(plan, now), *_of_applicant(plan), *_of_people(plan)]
    found += _of_calendars(plan, reasons or {}, is_day_off=any(one.code in DAYS_OFF for one in found))
    if plan.uses_zoom:
        found += _of_host(plan, choices)
    return found


def blocks(found: list[Warning]) -> list[Warning]:
    return [one for one in found if one.level == BLOCK]


def _of_time(plan: Plan, now: datetime) -> list[Warning]:
    if plan.starts_at is None:
        return _of_day(plan, plan.on) if plan.on else []
    moved = plan.interview is None or plan.interview.starts_at != plan.starts_at
    if plan.starts_at <= now:
        return [Warning("past", BLOCK, "when")] if moved else []
    here = moments.local(plan.starts_at, plan.organization.zone)
    found = _of_day(plan, here.date())
    ends = moments.local(
        moments.plus(plan.starts_at, timedelta(minutes=plan.minutes)), plan.organization.zone
    )
    closing = here.replace(hour=LAST_HOUR, minute=0, second=0, microsecond=0)
    if here.hour < FIRST_HOUR or ends > closing:
        found.append(Warning("odd_hours", WARN, "when", {"at": here}))
    if plan.starts_at - now < SHORT_NOTICE:
        found.append(Warning("soon", WARN, "when", {"remaining": plan.starts_at - now}))
    return found


def _of_day(plan: Plan, on: date) -> list[Warning]:
    """At most one reason why nobody may be at work that day, on the company's calendar."""
    closed = accounts.CompanyHoliday.objects.filter(organization=plan.organization, on=on).first()
    if name := dates.holiday_name(on):
        return [Warning("holiday", WARN, "when", {"on": on, "name": name})]
    if closed is not None:
        return [Warning("company_holiday", WARN, "when", {"on": on, "name": closed.name})]
    if on.weekday() >= 5:
        return [Warning("weekend", WARN, "when", {"on": on})]
    return []


def _of_applicant(plan: Plan) -> list[Warning]:
    if plan.starts_at is None:
        return []
    others = Interview.objects.standing().filter(candidate=plan.candidate)
    if plan.interview is not None:
        others = others.exclude(pk=plan.interview.pk)
    clash = others.overlapping(plan.starts_at, plan.ends_at).order_by("starts_at").first()
    if clash is None:
        return []
    return [Warning("applicant_busy", BLOCK, "when", {"candidate": plan.candidate, "interview": clash})]


def _of_people(plan: Plan) -> list[Warning]:
    if plan.starts_at is None or not plan.interviewers:
        return []
    return [
        Warning("interviewer_busy", WARN, "people", {"user": user, "interview": interview})
        for user, interview in clashes(plan, plan.interviewers)
    ]


def _of_calendars(
    plan: Plan, reasons: Mapping[int, list[asking.Reason]], *, is_day_off: bool
) -> list[Warning]:
    """Holidays are told once, for the day; on such a day nobody's own hours are told besides."""
    if plan.starts_at is None:
        return []
    wanted, found = Span(plan.starts_at, plan.ends_at), []
    for user in plan.interviewers:
        against = [one for one in reasons.get(user.pk, []) if one.span.overlaps(wanted)]
        kinds = {one.kind: one for one in against}
        for kind, code in CALENDAR_CODES.items():
            if kind in kinds and not (kind == asking.OUTSIDE_HOURS and is_day_off):
                found.append(Warning(code, WARN, "people", {"user": user, "span": kinds[kind].span}))
    return found


def clashes(plan: Plan, people: list[accounts.User]) -> list[tuple[accounts.User, Interview]]:
    """Who of them has another interview at the planned time; one query for everybody."""
    return overlapping.clashes(people, plan.starts_at, plan.ends_at, besides=plan.interview)


def _of_host(plan: Plan, choices: list[meetings.HostChoice]) -> list[Warning]:
    if not choices:
        return [Warning("no_host", BLOCK, "host")]
    free = [choice for choice in choices if choice.is_pickable]
    if plan.host is None:
        return _of_any_host(free, choices)
    chosen = next((choice for choice in choices if choice.connection == plan.host), None)
    if chosen is None:
        return [Warning("host_ended", BLOCK, "host", {"host": plan.host})]
    if plan.starts_at is not None and not chosen.is_free:
        return [Warning("host_busy", BLOCK, "host", {"host": plan.host, "busy": chosen.busy, "free": free})]
    found = []
    if chosen.unfit:
        found.append(Warning("host_unfit", WARN, "host", {"host": plan.host, "why": chosen.unfit}))
    if chosen.is_basic_and_too_long:
        found.append(Warning("basic_plan", WARN, "host", {"host": plan.host}))
    if plan.starts_at is not None and _is_short(chosen.gap_minutes_before):
        found += _gap(plan, chosen)
    return found


def _of_any_host(free: list[meetings.HostChoice], choices: list[meetings.HostChoice]) -> list[Warning]:
    if not free and any(choice.is_free for choice in choices):
        return [Warning("no_fit_host", BLOCK, "host")]
    if not free:
        return [
            Warning("no_free_host", BLOCK, "host", {"busy": [m for choice in choices for m in choice.busy]})
        ]
    if all(choice.is_basic_and_too_long for choice in free):
        return [Warning("basic_plan", WARN, "host", {"host": free[0].connection})]
    return []


def _gap(plan: Plan, chosen: meetings.HostChoice) -> list[Warning]:
    before = zoom.Meeting.objects.live().filter(connection=chosen.connection, ends_at__lte=plan.starts_at)
    if plan.own_meeting is not None:
        before = before.exclude(pk=plan.own_meeting.pk)
    last = before.order_by("-ends_at").first()
    return (
        [Warning("short_gap", WARN, "host", {"meeting": last, "minutes": chosen.gap_minutes_before})]
        if last
        else []
    )


def _is_short(gap: int | None) -> bool:
    """Back to back is no overlap, but nobody leaves a room and enters the next in no time: that is told too."""
    return gap is not None and gap < SHORT_GAP
