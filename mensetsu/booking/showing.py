"""What a page's slots are at this moment: who could still book which, and why not. Reads only, in a constant number
of queries, however many slots; the verbs of `choosing` decide again when somebody presses."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from mensetsu.accounts.models import User
from mensetsu.availability import hours
from mensetsu.availability.hours import Span
from mensetsu.booking.models import BookingPage, HostMode, Slot
from mensetsu.interviews import busy
from mensetsu.interviews.models import Interview
from mensetsu.zoom import sparing

FREE, FULL, CLOSED, PAST, SOON, FAR, PEOPLE, HOST = (
    "free", "full", "closed", "past", "soon", "far", "people", "host",
)  # fmt: skip


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


def look(
    page: BookingPage, slots: Iterable[Slot], *, now: datetime, besides: Interview | None = None
) -> list[Shown]:
    """Each slot as it is now. `besides` is the interview that would be moved: it stands in nobody's way."""
    rows = list(slots)
    open_rows = [slot for slot in rows if _limit(page, slot, now) is None]
    people = _People(page, open_rows, now=now, besides=besides)
    hosts = _hosts(page, open_rows, now=now, besides=besides)
    found = []
    for slot in rows:
        state, missing = _limit(page, slot, now), ()
        if state is None and not page.is_offer:
            missing = people.missing(slot)
            state = PEOPLE if missing or people.is_short(slot) else None
        if state is None and hosts is not None and not hosts[slot.pk]:
            state = HOST
        found.append(Shown(slot, state or FREE, tuple(missing)))
    return found


def choosable(page: BookingPage, *, now: datetime, besides: Interview | None = None) -> list[Slot]:
    """The slots that an applicant may choose now, in order."""
    rows = page.slots.with_room().filter(
        starts_at__gt=now, starts_at__lte=now + timedelta(days=page.horizon_days)
    )
    return [one.slot for one in look(page, rows, now=now, besides=besides) if one.is_free]


def by_day(slots: Sequence[Any], zone: Any) -> list[tuple[Any, list[Any]]]:
    """The slots of each day on that clock."""

    def day_of(one: Any) -> Any:
        return getattr(one, "slot", one).starts_at.astimezone(zone).date()

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
        self, page: BookingPage, slots: Sequence[Slot], *, now: datetime, besides: Interview | None
    ) -> None:
        self.page = page
        rows = list(page.panelists.select_related("user")) if slots and not page.is_offer else []
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
            users=users, first=(first - margin).date(), last=(last + margin).date(), now=now, besides=besides
        )
        if page.day_cap is not None or page.week_cap is not None:
            self._count(users, first, last, besides)

    def _count(self, users: list[User], first: datetime, last: datetime, besides: Interview | None) -> None:
        week = timedelta(days=8)
        zones = {user.pk: user.zone for user in users}
        for pk, spans in busy.of(users, first - week, last + week, besides=besides).items():
            for span in spans:
                on = span.start.astimezone(zones[pk]).date()
                self.day[pk, on] += 1
                self.week[pk, on.isocalendar()[:2]] += 1

    def missing(self, slot: Slot) -> list[User]:
        return [user for user in self.fixed if not user.is_active or not self._is_free(user, slot)]

    def is_short(self, slot: Slot) -> bool:
        free = [user for user in self.pool if self._is_free(user, slot) and self._fits(user, slot)]
        return len(free) < self.page.pick

    def _is_free(self, user: User, slot: Slot) -> bool:
        return hours.covered(Span(slot.starts_at, slot.ends_at), self.open.get(user.pk, []))

    def _fits(self, user: User, slot: Slot) -> bool:
        on = slot.starts_at.astimezone(user.zone).date()
        cap, week_cap = self.page.day_cap, self.page.week_cap
        fits_day = cap is None or self.day[user.pk, on] < cap
        return fits_day and (week_cap is None or self.week[user.pk, on.isocalendar()[:2]] < week_cap)


def _hosts(
    page: BookingPage, slots: Sequence[Slot], *, now: datetime, besides: Interview | None
) -> dict[int, bool] | None:
    """Has each slot a host? None when no host is needed, or when the dates of an offer hold theirs."""
    if not page.uses_zoom or page.host_mode == HostMode.LATER or page.is_offer:
        return None
    free = sparing.free_hosts(
        organization=page.organization,
        spans=[(slot.starts_at, slot.ends_at) for slot in slots],
        now=now,
        ignoring=besides.meeting if besides is not None else None,
    )
    wanted = page.host_id if page.host_mode == HostMode.FIXED else None
    return {
        slot.pk: (wanted in {host.pk for host in hosts}) if wanted else bool(hosts)
        for slot, hosts in zip(slots, free, strict=True)
    }
