"""The gate before Zoom's limits: every request of a linked account passes here (zoom.client.Gate).

Only jobs keep the pace: whoever presses a button is never kept waiting by what jobs do meanwhile."""

import time
from datetime import datetime, timedelta

from django.utils import timezone

from mensetsu.jobs import port
from mensetsu.zoom import client, pacing, spending
from mensetsu.zoom.models import Connection


class Gate:
    """One gate a piece of work; `now` is when it began, `begins_at` the start of the meeting that it is about."""

    def __init__(self, connection: Connection, *, begins_at: datetime | None, now: datetime) -> None:
        self._connection = connection
        self._begins_at = begins_at
        self._now = now
        self._began = time.monotonic()
        self._counted_at = now

    def enter(self, *, label: str, is_write: bool) -> None:
        """Raises TryLater while Zoom asked this account to wait, while too many are before us, and when the day's
        writes are used up."""
        if port.is_job():
            pacing.wait_turn(self._connection, label=label, now=self.moment())
        if is_write:
            self._counted_at = self.moment()
            spending.spend(self._connection, begins_at=self._begins_at, now=self._counted_at)

    def turned_away(self, problem: client.TryLater, *, is_write: bool) -> None:
        """Correct what we counted, and let everybody else wait as long as Zoom asked for."""
        until = self.moment() + timedelta(seconds=problem.retry_after or 0)
        if is_write and not problem.was_done:
            # The day on which it was counted, also when the answer has come after midnight.
            spending.give_back(self._connection, now=self._counted_at)
        if problem.limit == "host":
            ends_at = until if problem.retry_after else None
            spending.exhaust(self._connection, now=self._counted_at, ends_at=ends_at)
        if problem.limit == "account":
            pacing.hold(self._connection, label=problem.label, until=until, why=problem.why)

    def moment(self) -> datetime:
        """Now, by our own clock."""
        return self._now + timedelta(seconds=time.monotonic() - self._began)


@port.job(max_attempts=1)
def forget_old() -> None:
    """Daily: yesterday's counts are of no use; users and accounts that are linked no more are forgotten with them."""
    now = timezone.now()
    spending.forget_old(now=now)
    pacing.forget_old(now=now)
