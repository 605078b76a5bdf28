"""Who of several people interviews at a time: k of n, fairly, and never one person in two places.

Whoever picks first touches the people's rows by a conditional UPDATE, in one order: competitors queue up there, on
SQLite and PostgreSQL alike, and only then is it looked at who is free. So `pick` belongs into the transaction that
writes the interview or the hold, before the applicant's row is taken."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from mensetsu.accounts.models import User
from mensetsu.availability import asking, hours
from mensetsu.interviews import busy
from mensetsu.interviews.models import Interview, Interviewer

# Four weeks before and after tell who has been asked more than others.
LONG_RUN = timedelta(weeks=4)


class PanelShort(Exception):
    """Fewer people than needed are free; `free` are those who are."""

    def __init__(self, free: list[User]) -> None:
        super().__init__([user.pk for user in free])
        self.free = free


def take_turn(users: Iterable[User]) -> None:
    """Whoever picks one of these people at the same moment waits here for our commit. For callers that look
    themselves (`free_of`); call it once, first in the transaction, with everybody who may be taken."""
    for pk in sorted({user.pk for user in users}):
        User.objects.filter(pk=pk).update(sessions_ended_at=F("sessions_ended_at"))


@transaction.atomic
def pick(
    *,
    users: Sequence[User],
    k: int,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    day_cap: int | None = None,
    week_cap: int | None = None,
    ignoring: str = "",
    besides: Interview | None = None,
) -> list[User]:
    """`k` of `users` who are free from `starts_at` to `ends_at`: the least loaded first.

    Load is the number of standing interviews in that week, then in the weeks around it, then the order of `users`.
    Caps count the person's interviews on that day and in that week (from Monday), on the clock of their own zone.
    `ignoring` is the key of holds, `besides` the interview, that do not count because this time replaces them.
    The caller's transaction holds the people until it ends. Refuses: PanelShort."""
    take_turn(users)
    free = free_of(
        users=users, starts_at=starts_at, ends_at=ends_at, now=now, day_cap=day_cap, week_cap=week_cap,
        ignoring=ignoring, besides=besides,
    )  # fmt: skip
    if len(free) < k:
        raise PanelShort(free)
    return free[:k]


def free_of(
    *,
    users: Sequence[User],
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    day_cap: int | None = None,
    week_cap: int | None = None,
    ignoring: str = "",
    besides: Interview | None = None,
) -> list[User]:
    """Those who could be picked, in the order in which they would be. Takes nobody: a page may ask."""
    people = list({user.pk: user for user in users}.values())
    # Read anew: someone may have left the company since `users` was read.
    working = set(
        User.objects.working().filter(pk__in=[user.pk for user in people]).values_list("pk", flat=True)
    )
    people = [user for user in people if user.pk in working]
    against = asking.reasons(users=people, starts_at=starts_at, ends_at=ends_at, now=now, ignoring=ignoring)
    taken = busy.of(people, starts_at, ends_at, besides=besides)
    load = _Load(people, starts_at, besides)
    free = [
        user
        for user in people
        if not against[user.pk] and not taken.get(user.pk) and load.allows(user, day_cap, week_cap)
    ]
    order = {user.pk: number for number, user in enumerate(people)}
    return sorted(free, key=lambda user: (load.week[user.pk], load.long_run[user.pk], order[user.pk]))


class _Load:
    """How many interviews each person has on the day, in the week and in the weeks around it; one query."""

    def __init__(self, people: Sequence[User], starts_at: datetime, besides: Interview | None) -> None:
        self.day: Counter[int] = Counter()
        self.week: Counter[int] = Counter()
        self.long_run: Counter[int] = Counter()
        zones = {user.pk: user.zone for user in people}
        bounds = {zone: _bounds(starts_at, zone) for zone in zones.values()}
        for user_id, start in _interviews(people, starts_at, besides):
            day, week = bounds[zones[user_id]]
            self.long_run[user_id] += 1
            self.week[user_id] += week.start <= start < week.end
            self.day[user_id] += day.start <= start < day.end

    def allows(self, user: User, day_cap: int | None, week_cap: int | None) -> bool:
        fits_day = day_cap is None or self.day[user.pk] < day_cap
        return fits_day and (week_cap is None or self.week[user.pk] < week_cap)


def _interviews(
    people: Sequence[User], around: datetime, besides: Interview | None
) -> list[tuple[int, datetime]]:
    rows = Interviewer.objects.filter(
        user__in=people, interview__canceled_at=None, interview__withdrawn_at=None,
        interview__starts_at__gte=around - LONG_RUN, interview__starts_at__lt=around + LONG_RUN,
    )  # fmt: skip
    if besides is not None:
        rows = rows.exclude(interview=besides)
    return list(rows.values_list("user_id", "interview__starts_at"))


def _bounds(at: datetime, zone: ZoneInfo) -> tuple[hours.Span, hours.Span]:
    """The day and the week (from Monday) to which that moment belongs on that clock."""
    today: date = at.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return hours.whole_days(today, today, zone), hours.whole_days(monday, monday + timedelta(days=6), zone)
