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
from mensetsu.statements import compiled
from mensetsu.web import moments

# Four weeks before and after tell who has been asked more than others.
LONG_RUN = timedelta(weeks=4)


class PanelShort(Exception):
    """Fewer people than needed are free; `free` are those who are."""

    def __init__(self, free: list[User]) -> None:
        super().__init__([user.pk for user in free])
        self.free = free


def take_turn(users: Iterable[User]) -> None:
    """Whoever picks one of these people at the same moment waits here for our commit. For callers that look
    themselves (`free_of`, `Look`); call it once, first in the transaction, with everybody who may be taken."""
    take_turn_of(user.pk for user in users)


def take_turn_of(ids: Iterable[int]) -> None:
    """The same where only their ids are known."""
    for pk in sorted(set(ids)):
        _TURN.run(user=pk)


_TURN = compiled.Change(
    lambda user: (User.objects.filter(pk=user), {"sessions_ended_at": F("sessions_ended_at")}),
    user=compiled.NUMBER,
)


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
    look = Look(
        [user.pk for user in users], starts_at=starts_at, ends_at=ends_at, now=now, ignoring=ignoring, besides=besides
    )  # fmt: skip
    return look.in_order([user.pk for user in users], day_cap=day_cap, week_cap=week_cap)


class Look:
    """Several people at one time, read anew: somebody may have left the company since the caller read them. Whoever
    must decide about some as a whole and pick others asks one look for both, after `take_turn`."""

    def __init__(
        self,
        ids: Iterable[int],
        *,
        starts_at: datetime,
        ends_at: datetime,
        now: datetime,
        ignoring: str = "",
        besides: Interview | None = None,
    ) -> None:
        self.starts_at, self.besides = starts_at, besides
        self.people = {user.pk: user for user in _WORKING.objects(users=list(dict.fromkeys(ids)))}
        users = list(self.people.values())
        against = asking.reasons(
            users=users, starts_at=starts_at, ends_at=ends_at, now=now, ignoring=ignoring
        )
        taken = busy.of(users, starts_at, ends_at, besides=besides)
        self._free = {pk for pk in self.people if not against[pk] and not taken.get(pk)}

    def free(self, ids: Iterable[int]) -> list[User]:
        """Those of them who are free, each once, in the given order."""
        return [self.people[pk] for pk in dict.fromkeys(ids) if pk in self._free]

    def in_order(
        self, ids: Iterable[int], *, day_cap: int | None = None, week_cap: int | None = None
    ) -> list[User]:
        """Those of them who are free and within the caps, the least loaded first."""
        free = self.free(ids)
        if not free:
            return []
        load = _Load(free, self.starts_at, self.besides)
        fitting = [user for user in free if load.allows(user, day_cap, week_cap)]
        # Sorting keeps the given order between equals.
        return sorted(fitting, key=lambda user: (load.week[user.pk], load.long_run[user.pk]))


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
    ids = [user.pk for user in people]
    first, last = moments.plus(around, -LONG_RUN), moments.plus(around, LONG_RUN)
    # No interview has the number 0.
    return _AROUND.rows(users=ids, first=first, last=last, besides=besides.pk if besides else 0)


_WORKING = compiled.Read(lambda users: User.objects.working().filter(pk__in=users), users=compiled.NUMBERS)
_AROUND = compiled.Read(
    lambda users, first, last, besides: Interviewer.objects.filter(
        user__in=users, interview__canceled_at=None, interview__withdrawn_at=None,
        interview__starts_at__gte=first, interview__starts_at__lt=last,
    )
    .exclude(interview=besides)
    .values_list("user_id", "interview__starts_at"),
    users=compiled.NUMBERS, first=compiled.MOMENT, last=compiled.MOMENT, besides=compiled.NUMBER,
)  # fmt: skip


def _bounds(at: datetime, zone: ZoneInfo) -> tuple[hours.Span, hours.Span]:
    """The day and the week (from Monday) to which that moment belongs on that clock."""
    today: date = moments.local(at, zone).date()
    monday = moments.plus(today, -timedelta(days=today.weekday()))
    sunday = moments.plus(monday, timedelta(days=6))
    return hours.whole_days(today, today, zone), hours.whole_days(monday, sunday, zone)
