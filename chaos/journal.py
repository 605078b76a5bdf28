"""What people saw confirmed, kept outside the product: an answer that was given is a promise."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

CONFIRMED, REFUSED, UNKNOWN = "confirmed", "refused", "unknown"


@dataclass
class Promise:
    """One press. `outcome` is unknown when the server went away before it answered: both ways are then right."""

    what: str
    began: float
    ended: float = 0.0
    outcome: str = UNKNOWN
    interview: int | None = None
    invitation: int | None = None
    connection: int | None = None
    proposal: int | None = None
    mails: list[int] = field(default_factory=list)
    starts_at: str = ""


@dataclass
class Journal:
    promises: list[Promise] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def press(self, what: str, **facts: Any) -> Iterator[Promise]:
        promise = Promise(what, time.monotonic(), **facts)
        try:
            yield promise
        finally:
            promise.ended = time.monotonic()
            with self.lock:
                self.promises.append(promise)
                self.counts[f"{what} {promise.outcome}"] += 1

    def of_interview(self, interview: int) -> list[Promise]:
        return [one for one in self.promises if one.interview == interview and one.outcome != REFUSED]

    def interviews(self) -> set[int]:
        return {one.interview for one in self.promises if one.interview and one.outcome == CONFIRMED}


def times_allowed(promises: list[Promise]) -> set[str] | None:
    """The starts that an interview may have now, seen from what was confirmed; None: nothing was.

    The last confirmed one, and whatever else was under way after it began (nobody saw an order between them)."""
    timed = [one for one in promises if one.starts_at]
    confirmed = [one for one in timed if one.outcome == CONFIRMED]
    if not confirmed:
        return None
    last = max(confirmed, key=lambda one: one.ended)
    # A press whose answer was lost may have been carried out by a server that died later than its client knew.
    return {one.starts_at for one in timed if one.ended >= last.began}
