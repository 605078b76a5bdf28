"""Can these people be asked at that time, and if not, why? Weekly hours, days off, holidays, busy times and holds are
known here; interviews are not: whoever asks adds those. A constant number of queries, however many people."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import BooleanField, CharField, F, Q, QuerySet, Value

from mensetsu.accounts.models import CompanyHoliday, User
from mensetsu.availability import hours
from mensetsu.availability.hours import Span
from mensetsu.availability.models import BusyBlock, Hold, TimeOff, WorkingHours
from mensetsu.statements import compiled
from mensetsu.web import dates, moments

# For people who have not said when they work.
USUAL_WEEK = [hours.Weekly(weekday, time(9), time(18)) for weekday in range(5)]

OUTSIDE_HOURS = "outside_hours"
TIME_OFF = "time_off"
PUBLIC_HOLIDAY = "public_holiday"
COMPANY_HOLIDAY = "company_holiday"
BUSY = "busy"
HELD = "held"

# What is asked at every booking and for every list of dates.
_HOURS = compiled.Read(
    lambda users: WorkingHours.objects.filter(user__in=users).values_list(
        "user_id", "weekday", "begins", "ends"
    ),
    users=compiled.NUMBERS,
)


def _days(users: list[int], companies: list[int], first: date, last: date) -> QuerySet:
    """(what, whose, first and last day, its name): people's days off, and the companies' own."""
    columns = "what", "whose", "from_on", "until_on", "words"
    away = TimeOff.objects.filter(user__in=users, first_on__lte=last, last_on__gte=first).order_by()
    closed = CompanyHoliday.objects.filter(organization__in=companies, on__range=(first, last)).order_by()
    away = away.annotate(
        what=_said(TIME_OFF),
        whose=F("user_id"),
        from_on=F("first_on"),
        until_on=F("last_on"),
        words=F("note"),
    )
    closed = closed.annotate(
        what=_said(COMPANY_HOLIDAY),
        whose=F("organization_id"),
        from_on=F("on"),
        until_on=F("on"),
        words=F("name"),
    )
    return away.values_list(*columns).union(closed.values_list(*columns), all=True)


def _times(users: list[int], start: datetime, end: datetime, now: datetime) -> QuerySet:
    """(what, whose, start, end, is it every week, its note or the key of the hold)."""
    columns = "what", "user_id", "starts_at", "ends_at", "is_weekly", "words"
    reaching = Q(weekly=True) | Q(ends_at__gt=start)
    blocks = BusyBlock.objects.filter(reaching, user__in=users, starts_at__lt=end).order_by()
    holds = Hold.objects.standing(now).filter(user__in=users, starts_at__lt=end, ends_at__gt=start).order_by()
    blocks = blocks.annotate(what=_said(BUSY), is_weekly=F("weekly"), words=F("note"))
    holds = holds.annotate(what=_said(HELD), is_weekly=Value(False, BooleanField()), words=F("key"))
    return blocks.values_list(*columns).union(holds.values_list(*columns), all=True)


def _said(word: str) -> Value:
    return Value(word, CharField())


_DAYS = compiled.Read(
    _days, users=compiled.NUMBERS, companies=compiled.NUMBERS, first=compiled.DAY, last=compiled.DAY
)
_TIMES = compiled.Read(
    _times, users=compiled.NUMBERS, start=compiled.MOMENT, end=compiled.MOMENT, now=compiled.MOMENT
)


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
    for user_id, *span in _HOURS.rows(users=[user.pk for user in users]):
        said[user_id].append(hours.Weekly(*span))
    return {user.pk: Week(said.get(user.pk, USUAL_WEEK), user.pk in said) for user in users}


def reasons(
    *, users: Sequence[User], starts_at: datetime, ends_at: datetime, now: datetime, ignoring: str = ""
) -> dict[int, list[Reason]]:
    """For each person, what stands against that time; an empty list means that they can be asked.

    `ignoring` is the key of holds that do not count, because they are to be replaced by what is asked for."""
    wanted = Span(starts_at, ends_at)
    weeks = weeks_of(users)
    taken = _taken(users, wanted, now, ignoring)
    return {user.pk: _outside(user, weeks[user.pk], wanted) + taken[user.pk] for user in users}


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
    taken = _taken(users, window, now, ignoring)
    return {
        user.pk: hours.subtract(
            hours.laid_out(weeks[user.pk].rows, user.zone, first, last),
            [reason.span for reason in taken[user.pk]],
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
    first = moments.local(wanted.start, user.zone).date()
    last = moments.local(wanted.end, user.zone).date()
    working = hours.laid_out(week.rows, user.zone, first, last)
    if hours.covered(wanted, working):
        return []
    return [Reason(OUTSIDE_HOURS, span) for span in hours.subtract([wanted], working)]


def _taken(users: Sequence[User], wanted: Span, now: datetime, ignoring: str) -> dict[int, list[Reason]]:
    """Days off and closed days, then busy times and holds, each kind in order."""
    found: dict[int, list[Reason]] = defaultdict(list)
    for user_id, reason in [*_closed(users, wanted), *_busy(users, wanted, now, ignoring)]:
        if reason.span.overlaps(wanted):
            found[user_id].append(reason)
    return found


def _closed(users: Sequence[User], wanted: Span) -> Iterator[tuple[int, Reason]]:
    """Public holidays count for people on Japan's clock; the company's own days for everyone in it."""
    day = timedelta(days=1)
    first, last = moments.plus(wanted.start.date(), -day), moments.plus(wanted.end.date(), day)
    companies = list({user.organization_id for user in users})
    rows = _DAYS.rows(users=[user.pk for user in users], companies=companies, first=first, last=last)
    own: dict[tuple[str, int], list[tuple[date, date, str]]] = defaultdict(list)
    for what, whose, *days in sorted(rows):
        own[what, whose].append((days[0], days[1], days[2]))
    public = [(on, on, name) for on in hours.days(first, last) if (name := dates.holiday_name(on))]
    for user in users:
        closed = {
            COMPANY_HOLIDAY: own[COMPANY_HOLIDAY, user.organization_id],
            PUBLIC_HOLIDAY: public if user.time_zone == "Asia/Tokyo" else [],
            TIME_OFF: own[TIME_OFF, user.pk],
        }
        for kind, spans in closed.items():
            for first_on, last_on, name in spans:
                yield user.pk, Reason(kind, hours.whole_days(first_on, last_on, user.zone), name)


def _busy(users: Sequence[User], wanted: Span, now: datetime, ignoring: str) -> Iterator[tuple[int, Reason]]:
    zones = {user.pk: user.zone for user in users}
    rows = _TIMES.rows(users=list(zones), start=wanted.start, end=wanted.end, now=now)
    for what, user_id, start, end, is_weekly, words in sorted(rows):
        span = Span(start, end)
        if what == HELD:
            if not ignoring or words != ignoring:
                yield user_id, Reason(HELD, span)
            continue
        for piece in hours.repeated(span, zones[user_id], wanted.end) if is_weekly else [span]:
            yield user_id, Reason(BUSY, piece, words)
