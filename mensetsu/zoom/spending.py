"""The write budget: creates and updates of one Zoom user a day, counted before Zoom counts them.

Zoom allows a hundred a day and user, whoever asks, and begins anew at 00:00 UTC (9:00 in Japan). Each is counted before
it is sent, by a conditional UPDATE; the last ones are kept for meetings that begin before the count begins anew.
https://developers.zoom.us/docs/api/rate-limits/ · https://devforum.zoom.us/t/18928"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from mensetsu.statements import compiled
from mensetsu.zoom import client
from mensetsu.zoom.models import Connection, WriteBudget

KEPT = timedelta(days=7)
# After the reset those whose meetings begin soonest are at it first: so much later for each day until the start.
SPREAD = timedelta(seconds=30)
FARTHEST = 20
# Our clock may be ahead of Zoom's by ten seconds before anybody is warned (operating.checks_outside), and its servers
# need not agree to the second: nobody comes back the very moment at which the count begins anew.
CLOCKS_APART = timedelta(seconds=15)
# So near to midnight our clock does not tell for sure on which of Zoom's days it is.
IN_DOUBT = timedelta(minutes=5)


@dataclass(frozen=True)
class Budget:
    """What is left of one day. `left` is what any meeting may use; `in_need` also counts what is kept for those that
    begin before `resets_at`."""

    spent: int
    resets_at: datetime

    @property
    def in_need(self) -> int:
        return max(0, settings.ZOOM_WRITES_PER_DAY - self.spent)

    @property
    def left(self) -> int:
        return max(0, self.in_need - _kept_back())

    def allows(self, begins_at: datetime | None) -> bool:
        """One more write for a meeting that begins then."""
        is_in_need = begins_at is not None and begins_at <= self.resets_at
        return (self.in_need if is_in_need else self.left) > 0

    @property
    def is_near_end(self) -> bool:
        """Time to say so: eighty of a hundred are used."""
        return self.spent * 5 >= settings.ZOOM_WRITES_PER_DAY * 4


def spend(connection: Connection, *, begins_at: datetime | None, now: datetime) -> None:
    """Count one create or update of this Zoom user, before it is sent.

    Raises TryLater("daily_limit") until the reset when the day's budget is used up; a meeting that begins before the
    reset may use the last tenth too."""
    resets_at = resets_after(now)
    is_in_need = begins_at is not None and begins_at <= resets_at
    allowed = settings.ZOOM_WRITES_PER_DAY - (0 if is_in_need else _kept_back())
    mine = {"user": connection.zoom_user_id, "day": day_of(now), "allowed": allowed}
    if _SPEND.run(**mine):
        return
    WriteBudget.objects.bulk_create([_row(connection, now)], ignore_conflicts=True)
    if not _SPEND.run(**mine):
        wait = resets_at - now + _turn_after_reset(begins_at, resets_at)
        raise client.TryLater(
            "daily_limit", wait.total_seconds(), limit="host", was_done=False, was_tried=False
        )


_SPEND = compiled.Change(
    lambda user, day, allowed: (
        WriteBudget.objects.filter(zoom_user_id=user, on=day, spent__lt=allowed),
        {"spent": F("spent") + 1},
    ),
    user=compiled.TEXT, day=compiled.DAY, allowed=compiled.NUMBER,
)  # fmt: skip


def give_back(connection: Connection, *, now: datetime) -> None:
    """What was counted never reached Zoom, or was turned away before Zoom counted it."""
    _of_day([connection.zoom_user_id], now).filter(spent__gt=0).update(spent=F("spent") - 1)


def exhaust(connection: Connection, *, now: datetime, ends_at: datetime | None = None) -> None:
    """Zoom says that the day's budget is used up (other programs make meetings for this user too): so it is, for the
    day of `now`, when it was asked. At midnight, where that is in doubt, it is the day that ends at `ends_at`."""
    is_in_doubt = min(resets_after(now) - now, now - _day_began(now)) < IN_DOUBT
    # Noon of the day that ends then: a few seconds or minutes more or less make no difference.
    meant = ends_at - timedelta(hours=12) if is_in_doubt and ends_at else now
    WriteBudget.objects.bulk_create([_row(connection, meant)], ignore_conflicts=True)
    mine = _of_day([connection.zoom_user_id], meant)
    mine.filter(spent__lt=settings.ZOOM_WRITES_PER_DAY).update(spent=settings.ZOOM_WRITES_PER_DAY)


def resets_after(now: datetime) -> datetime:
    """When Zoom begins to count anew: the next midnight of UTC."""
    return _day_began(now) + timedelta(days=1)


def _day_began(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def budgets(connections: Iterable[Connection], *, now: datetime) -> dict[int, Budget]:
    """What each of these links has left today, by its key; one query."""
    links = list(connections)
    rows = _of_day({link.zoom_user_id for link in links}, now)
    spent = dict(rows.values_list("zoom_user_id", "spent"))
    return {link.pk: Budget(spent.get(link.zoom_user_id, 0), resets_after(now)) for link in links}


def budget_of(host: Any, *, now: datetime) -> Budget:
    """The budget of a link that was read `with_spent`."""
    return Budget(host.spent_today, resets_after(now))


def with_spent(hosts: QuerySet[Connection], *, now: datetime) -> QuerySet[Connection]:
    """The same links with `spent_today` (for budget_of), without another query."""
    return with_spent_on(hosts, day_of(now))


def with_spent_on(hosts: QuerySet[Connection], day: date) -> QuerySet[Connection]:
    """The same of that day of Zoom's."""
    today = WriteBudget.objects.filter(zoom_user_id=OuterRef("zoom_user_id"), on=day)
    return hosts.annotate(spent_today=Coalesce(Subquery(today.values("spent")[:1]), 0))


def forget_old(*, now: datetime) -> None:
    """Delete the counts of days long past."""
    WriteBudget.objects.filter(on__lt=day_of(now - KEPT)).delete()


def _kept_back() -> int:
    return int(settings.ZOOM_WRITES_PER_DAY) // 10


def _turn_after_reset(begins_at: datetime | None, resets_at: datetime) -> timedelta:
    days = FARTHEST if begins_at is None else max(0, (begins_at - resets_at).days)
    return CLOCKS_APART + SPREAD * min(days, FARTHEST)


def day_of(now: datetime) -> date:
    """The day on which Zoom counts what is written then."""
    return now.astimezone(UTC).date()


def _of_day(zoom_user_ids: Iterable[str], now: datetime) -> QuerySet[WriteBudget]:
    return WriteBudget.objects.filter(zoom_user_id__in=zoom_user_ids, on=day_of(now))


def _row(connection: Connection, now: datetime) -> WriteBudget:
    return WriteBudget(zoom_user_id=connection.zoom_user_id, on=day_of(now))
