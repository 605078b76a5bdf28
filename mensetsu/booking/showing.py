"""What a page's slots are at this moment: who could still book which, and why not. Reads only, in a constant number
of queries, however many slots; the verbs of `choosing` decide again when somebody presses."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.core.cache import caches

from mensetsu.accounts.models import User
from mensetsu.availability import hours
from mensetsu.availability.hours import Span
from mensetsu.booking.models import BookingPage, HostMode, Panelist, Slot
from mensetsu.interviews import busy
from mensetsu.interviews.models import Interview
from mensetsu.statements import compiled
from mensetsu.web import moments
from mensetsu.zoom import sparing

FREE, FULL, CLOSED, PAST, SOON, FAR, PEOPLE, HOST = (
    "free", "full", "closed", "past", "soon", "far", "people", "host",
)  # fmt: skip

# As long as a page that somebody is reading is old anyway.
MOMENT = timedelta(seconds=1)
_TOLD = "booking:told:%s"

_WITH_ROOM = compiled.Read(
    lambda page, now, soonest, latest: Slot.objects.with_room()
    .filter(page=page, starts_at__gt=now, starts_at__gte=soonest, starts_at__lte=latest)
    .values_list("pk", "starts_at", "minutes", "ends_at"),
    page=compiled.NUMBER, now=compiled.MOMENT, soonest=compiled.MOMENT, latest=compiled.MOMENT,
)  # fmt: skip
_PANELISTS = compiled.Read(
    lambda page: Panelist.objects.filter(page=page).select_related("user"), page=compiled.NUMBER
)


@dataclass(frozen=True)
class Shown:
    """A slot and what it is now: free, full, closed, past, soon (inside the notice), far (beyond the horizon), or
    short of people or host. `missing` names those of the fixed people who cannot."""

    slot: Slot
    state: str
    missing: tuple[User, ...] = ()

    @property
    def is_free(self) -> bool:
        return self.state == FREE


class Choice(NamedTuple):
    """What a page needs of a slot that may be chosen."""

    pk: int
    starts_at: datetime
    minutes: int
    ends_at: datetime


def look(
    page: BookingPage, slots: Iterable[Slot], *, now: datetime, besides: Interview | None = None
) -> list[Shown]:
    """Each slot as it is now. `besides` is the interview that would be moved: it stands in nobody's way."""
    rows = [(slot, _limit(page, slot, now)) for slot in slots]
    open_rows = [slot for slot, limit in rows if limit is None]
    people = _People(page, open_rows, now=now, besides=besides)
    hosts = _hosts(page, open_rows, now=now, besides=besides)
    found = []
    for slot, limit in rows:
        state, missing = limit, ()
        if state is None and not page.is_offer:
            missing = people.missing(slot)
            state = PEOPLE if missing or people.is_short(slot) else None
        if state is None and hosts is not None and not hosts[slot.pk]:
            state = HOST
        found.append(Shown(slot, state or FREE, tuple(missing)))
    return found


def choosable(
    page: BookingPage,
    *,
    now: datetime,
    besides: Interview | None = None,
    known: Sequence[Panelist] | None = None,
    shares: bool = False,
) -> list[Choice]:
    """The slots that an applicant may choose now, in order: those that `look` calls free. `known`: the page's
    `panelists`, where they have been read.

    `shares`: for whom a date was just taken away, one of many who press for the same page. Which slots have room is
    read anew; whose people and hosts can, may be as somebody else was told in this very second. Never that none can."""
    soonest = now + timedelta(hours=page.notice_hours)
    latest = now + timedelta(days=page.horizon_days)
    slots = [Choice(*row) for row in _WITH_ROOM.rows(page=page.pk, now=now, soonest=soonest, latest=latest)]
    if shares and (told := _told_a_moment_ago(page, slots, now)):
        return told
    free = _free(page, slots, now=now, besides=besides, known=known)
    if besides is None:
        kept = now, frozenset(slot.pk for slot in slots), frozenset(slot.pk for slot in free)
        caches["memory"].set(_TOLD % page.pk, kept, timeout=MOMENT.total_seconds())
    return free


def _told_a_moment_ago(page: BookingPage, slots: Sequence[Choice], now: datetime) -> list[Choice]:
    """Those of the slots that were free, where all of them were looked at a moment ago; else nothing."""
    kept = caches["memory"].get(_TOLD % page.pk)
    if kept is None:
        return []
    at, looked_at, free = kept
    if not timedelta() <= now - at < MOMENT or not looked_at.issuperset(slot.pk for slot in slots):
        return []
    return [slot for slot in slots if slot.pk in free]


def _free(
    page: BookingPage,
    slots: Sequence[Choice],
    *,
    now: datetime,
    besides: Interview | None,
    known: Sequence[Panelist] | None,
) -> list[Choice]:
    people = _People(page, slots, now=now, besides=besides, known=known)
    hosts = _hosts(page, slots, now=now, besides=besides)
    return [
        slot
        for slot in slots
        if page.is_offer or not (people.missing(slot) or people.is_short(slot))
        if hosts is None or hosts[slot.pk]
    ]


def panelists(page: BookingPage) -> list[Panelist]:
    """Who may interview for that page, with their rows."""
    return _PANELISTS.objects(page=page.pk)


def by_day(slots: Sequence[Any], zone: Any) -> list[tuple[Any, list[Any]]]:
    """The slots of each day on that clock."""

    def day_of(one: Any) -> Any:
        return moments.local(getattr(one, "slot", one).starts_at, zone).date()

    return [(on, list(group)) for on, group in groupby(slots, key=day_of)]


def _limit(page: BookingPage, slot: Slot, now: datetime) -> str | None:
    if slot.closed_at is not None:
        return CLOSED
    if slot.starts_at <= now:
        return PAST
    if slot.is_full:
        return FULL
    if slot.starts_at < now + timedelta(hours=page.notice_hours):
        return SOON
    if slot.starts_at > now + timedelta(days=page.horizon_days):
        return FAR
    return None


class _People:
    """Which of the panelists are free when, and how many interviews each has a day and a week."""

    def __init__(
        self,
        page: BookingPage,
        slots: Sequence[Slot | Choice],
        *,
        now: datetime,
        besides: Interview | None,
        known: Sequence[Panelist] | None = None,
    ) -> None:
        self.page = page
        rows: Sequence[Panelist] = []
        if slots and not page.is_offer:
            rows = panelists(page) if known is None else known
        self.fixed = [row.user for row in rows if row.is_fixed]
        self.pool = [row.user for row in rows if not row.is_fixed and row.user.is_active]
        self.open: dict[int, list[Span]] = {}
        self.day: Counter[tuple[int, Any]] = Counter()
        self.week: Counter[tuple[int, Any]] = Counter()
        users = [user for user in [*self.fixed, *self.pool] if user.is_active]
        if not users:
            return
        first, last = min(slot.starts_at for slot in slots), max(slot.ends_at for slot in slots)
        margin = timedelta(days=1)
        self.open = busy.open_spans(
            users=users, first=moments.plus(first, -margin).date(), last=moments.plus(last, margin).date(),
            now=now, besides=besides,
        )  # fmt: skip
        if page.day_cap is not None or page.week_cap is not None:
            self._count(users, first, last, besides)

    def _count(self, users: list[User], first: datetime, last: datetime, besides: Interview | None) -> None:
        week = timedelta(days=8)
        zones = {user.pk: user.zone for user in users}
        for pk, spans in busy.of(
            users, moments.plus(first, -week), moments.plus(last, week), besides=besides
        ).items():
            for span in spans:
                on = moments.local(span.start, zones[pk]).date()
                self.day[pk, on] += 1
                self.week[pk, on.isocalendar()[:2]] += 1

    def missing(self, slot: Slot | Choice) -> list[User]:
        return [user for user in self.fixed if not user.is_active or not self._is_free(user, slot)]

    def is_short(self, slot: Slot | Choice) -> bool:
        free = [user for user in self.pool if self._is_free(user, slot) and self._fits(user, slot)]
        return len(free) < self.page.pick

    def _is_free(self, user: User, slot: Slot | Choice) -> bool:
        return hours.is_within(slot.starts_at, slot.ends_at, self.open.get(user.pk, ()))

    def _fits(self, user: User, slot: Slot | Choice) -> bool:
        on = moments.local(slot.starts_at, user.zone).date()
        cap, week_cap = self.page.day_cap, self.page.week_cap
        fits_day = cap is None or self.day[user.pk, on] < cap
        return fits_day and (week_cap is None or self.week[user.pk, on.isocalendar()[:2]] < week_cap)


def _hosts(
    page: BookingPage, slots: Sequence[Slot | Choice], *, now: datetime, besides: Interview | None
) -> dict[int, bool] | None:
    """Has each slot a host? None when no host is needed, or when the dates of an offer hold theirs."""
    if not page.uses_zoom or page.host_mode == HostMode.LATER or page.is_offer:
        return None
    asked: dict[str, Any] = {
        "organization": page.organization,
        "spans": [(slot.starts_at, slot.ends_at) for slot in slots],
        "now": now,
        "ignoring": besides.meeting if besides is not None else None,
    }
    if page.host_mode == HostMode.FIXED:
        free = [page.host_id in {host.pk for host in hosts} for hosts in sparing.free_hosts(**asked)]
    else:
        free = sparing.has_free_host(**asked)
    return {slot.pk: is_free for slot, is_free in zip(slots, free, strict=True)}
