"""The simulated clock: the wall clock plus an offset, so that 90 days can pass in one request."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from .state import Store

DAY = 86_400


class Clock:
    """Says what time it is inside the simulator. Every duration here is in seconds, every instant in epoch seconds."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def offset(self) -> float:
        return float(self._store.get("clock_offset", 0.0))

    def now(self) -> float:
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Move forward (or, with a negative number, backward) by so many seconds."""
        self._store.put("clock_offset", self.offset + seconds)

    def set_to(self, instant: float) -> None:
        """Make it this instant now; the clock goes on running from there."""
        self._store.put("clock_offset", instant - time.time())

    def set_to_wall(self) -> None:
        """Forget the offset."""
        self._store.put("clock_offset", 0.0)


def iso(instant: float) -> str:
    """2026-12-01T05:00:00Z, the form of Zoom's REST answers."""
    return datetime.fromtimestamp(int(instant), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_ms(instant: float) -> str:
    """2026-12-03T12:13:20.123Z, the form of deauthorization_time."""
    moment = datetime.fromtimestamp(instant, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def milliseconds(instant: float) -> int:
    return int(instant * 1000)


def utc_day(instant: float) -> str:
    """The day on which Zoom's daily limits count: it turns at 00:00 GMT."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%d")


def next_utc_midnight(instant: float) -> float:
    return (int(instant) // DAY + 1) * DAY


def parse_iso(text: str) -> float:
    """Read an ISO instant with a zone. Refuses (ValueError) a naive one: it names no instant."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return moment.timestamp()
