"""Can these people be asked at that time, and if not, why? Weekly hours, days off, holidays, busy times and holds are
known here; interviews are not: whoever asks adds those. A constant number of queries, however many people."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import jpholiday
from django.db import transaction
from django.db.models import Q

from mensetsu.accounts.models import CompanyHoliday, User
from mensetsu.availability import hours
from mensetsu.availability.hours import Span
from mensetsu.availability.models import BusyBlock, Hold, TimeOff, WorkingHours

# For people who have not said when they work.
USUAL_WEEK = [hours.Weekly(weekday, time(9), time(18)) for weekday in range(5)]

OUTSIDE_HOURS = "outside_hours"
TIME_OFF = "time_off"
PUBLIC_HOLIDAY = "public_holiday"
COMPANY_HOLIDAY = "company_holiday"
BUSY = "busy"
HELD = "held"


@dataclass(frozen=True)
class Reason:
    """Why a person cannot be asked: a kind, the time it takes, and its name (holiday, own note)."""

    kind: str
    span: Span
    note: str = ""


@dataclass(frozen=True)
class Week:
    """What a person said of their week; `is_said` is false for the usual one that stands in for it."""

    rows: list[hours.Weekly]
    is_said: bool


def weeks_of(users: Sequence[User]) -> dict[int, Week]:
    """The weekly hours of each person."""
    said: dict[int, list[hours.Weekly]] = defaultdict(list)
    for row in WorkingHours.objects.filter(user__in=users):
        said[row.user_id].append(hours.Weekly(row.weekday, row.begins, row.ends))
    return {user.pk: Week(said.get(user.pk, USUAL_WEEK), user.pk in said) for user in users}


def reasons(
    *, users: Sequence[User], starts_at: datetime, ends_at: datetime, now: datetime, ignoring: str = ""
) -> dict[int, list[Reason]]:
    """For each person, what stands against that time; an empty list means that they can be asked.

    `ignoring` is the key of holds that do not count, because they are to be replaced by what is asked for."""
    wanted = Span(starts_at, ends_at)
    weeks = weeks_of(users)
    taken = _taken(users, wanted, now, ignoring)
    closed = _holidays(users, wanted)
    return {
        user.pk: _outside(user, weeks[user.pk], wanted) + closed[user.pk] + taken[user.pk] for user in users
    }


def why_not(
    user: User, starts_at: datetime, ends_at: datetime, *, now: datetime, ignoring: str = ""
) -> list[Reason]:
    """The same for one person."""
    return reasons(users=[user], starts_at=starts_at, ends_at=ends_at, now=now, ignoring=ignoring)[user.pk]


def is_free(user: User, starts_at: datetime, ends_at: datetime, *, now: datetime, ignoring: str = "") -> bool:
    return not why_not(user, starts_at, ends_at, now=now, ignoring=ignoring)


def open_spans(
    *, users: Sequence[User], first: date, last: date, now: datetime, ignoring: str = ""
) -> dict[int, list[Span]]:
    """For each person, the working time from `first` to `last` that nothing known here has taken."""
    if not users:
        return {}
    weeks = weeks_of(users)
    whole = hours.union(hours.whole_days(first, last, user.zone) for user in users)
    window = Span(whole[0].start, whole[-1].end)
    taken, closed = _taken(users, window, now, ignoring), _holidays(users, window)
    return {
        user.pk: hours.subtract(
            hours.laid_out(weeks[user.pk].rows, user.zone, first, last),
            [reason.span for reason in (*taken[user.pk], *closed[user.pk])],
        )
        for user in users
    }


@transaction.atomic
def hold(
    *, users: Sequence[User], starts_at: datetime, ends_at: datetime, until: datetime, key: str, now: datetime
) -> None:
    """Keep that time of these people free for `key`. What stands against it is the asker's to look at before."""
    Hold.objects.bulk_create(
        Hold(user=user, key=key, starts_at=starts_at, ends_at=ends_at, held_until=until) for user in users
    )


def release(key: str) -> int:
    """Free everything held for `key`; answers how many holds there were."""
    return Hold.objects.filter(key=key).delete()[0]


def _outside(user: User, week: Week, wanted: Span) -> list[Reason]:
    first = wanted.start.astimezone(user.zone).date()
    last = wanted.end.astimezone(user.zone).date()
    working = hours.laid_out(week.rows, user.zone, first, last)
    if hours.covered(wanted, working):
        return []
    return [Reason(OUTSIDE_HOURS, span) for span in hours.subtract([wanted], working)]


def _taken(users: Sequence[User], wanted: Span, now: datetime, ignoring: str) -> dict[int, list[Reason]]:
    found: dict[int, list[Reason]] = defaultdict(list)
    people = {user.pk: user for user in users}
    day = timedelta(days=1)
    away = TimeOff.objects.filter(
        user__in=users, first_on__lte=wanted.end.date() + day, last_on__gte=wanted.start.date() - day
    )
    for row in away:
        span = hours.whole_days(row.first_on, row.last_on, people[row.user_id].zone)
        _note(found, row.user_id, Reason(TIME_OFF, span, row.note), wanted)
    blocks = BusyBlock.objects.filter(user__in=users, starts_at__lt=wanted.end)
    for block in blocks.filter(Q(weekly=True) | Q(ends_at__gt=wanted.start)):
        span = Span(block.starts_at, block.ends_at)
        spans = hours.repeated(span, people[block.user_id].zone, wanted.end) if block.weekly else [span]
        for piece in spans:
            _note(found, block.user_id, Reason(BUSY, piece, block.note), wanted)
    holds = Hold.objects.standing(now).filter(
        user__in=users, starts_at__lt=wanted.end, ends_at__gt=wanted.start
    )
    for held in holds.exclude(key=ignoring) if ignoring else holds:
        _note(found, held.user_id, Reason(HELD, Span(held.starts_at, held.ends_at)), wanted)
    return found


def _holidays(users: Sequence[User], wanted: Span) -> dict[int, list[Reason]]:
    """Public holidays count for people on Japan's clock; the company's own days for everyone in it."""
    found: dict[int, list[Reason]] = defaultdict(list)
    day = timedelta(days=1)
    first, last = wanted.start.date() - day, wanted.end.date() + day
    own: dict[int, list[tuple[date, str]]] = defaultdict(list)
    companies = {user.organization_id for user in users}
    for row in CompanyHoliday.objects.filter(organization_id__in=companies, on__range=(first, last)):
        own[row.organization_id].append((row.on, row.name))
    public = [(on, name) for on in hours.days(first, last) if (name := jpholiday.is_holiday_name(on))]
    for user in users:
        closed = [(COMPANY_HOLIDAY, on, name) for on, name in own[user.organization_id]]
        if user.time_zone == "Asia/Tokyo":
            closed += [(PUBLIC_HOLIDAY, on, name) for on, name in public]
        for kind, on, name in closed:
            _note(found, user.pk, Reason(kind, hours.whole_days(on, on, user.zone), name), wanted)
    return found


def _note(found: dict[int, list[Reason]], user_id: int, reason: Reason, wanted: Span) -> None:
    if reason.span.overlaps(wanted):
        found[user_id].append(reason)
