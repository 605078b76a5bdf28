"""Arithmetic of time: spans of instants, and weekly hours laid onto real days. No Django.

Spans are half-open: one that ends when another begins does not overlap it. Local times that a clock change skips are
moved forward with it; those it repeats are taken the first time (PEP 495)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo


@dataclass(frozen=True, order=True)
class Span:
    """From `start` to `end`, aware instants, start before end."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError("a span ends after it starts")

    def overlaps(self, other: Self) -> bool:
        return self.start < other.end and other.start < self.end

    def covers(self, other: Self) -> bool:
        return self.start <= other.start and other.end <= self.end

    @property
    def minutes(self) -> int:
        return int((self.end - self.start).total_seconds() // 60)


@dataclass(frozen=True)
class Weekly:
    """A span of every week: `weekday` 0 is Monday, times on a local clock."""

    weekday: int
    begins: time
    ends: time


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time in the fewest spans, in order; spans that touch become one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def subtract(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of `spans` without `taken`, in order."""
    left = union(spans)
    for hole in union(taken):
        left = [piece for span in left for piece in _without(span, hole)]
    return left


def intersect(first: Iterable[Span], second: Iterable[Span]) -> list[Span]:
    """The time that belongs to both, in order."""
    others = union(second)
    return [
        Span(max(a.start, b.start), min(a.end, b.end)) for a in union(first) for b in others if a.overlaps(b)
    ]


def covered(span: Span, by: Iterable[Span]) -> bool:
    """Is every moment of `span` inside `by`?"""
    return any(piece.covers(span) for piece in union(by))


def laid_out(weekly: Iterable[Weekly], zone: ZoneInfo, first: date, last: date) -> list[Span]:
    """Weekly hours as instants, for every day from `first` to `last` (both belong to it)."""
    rows = list(weekly)
    return union(
        Span(start, end)
        for day in days(first, last)
        for row in rows
        if row.weekday == day.weekday()
        if (start := instant(day, row.begins, zone)) < (end := instant(day, row.ends, zone))
    )


def whole_days(first: date, last: date, zone: ZoneInfo) -> Span:
    """From midnight of `first` to the midnight after `last`, on that zone's clock."""
    return Span(instant(first, time(), zone), instant(last + timedelta(days=1), time(), zone))


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment of that local time, in UTC."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def repeated(span: Span, zone: ZoneInfo, until: datetime) -> Iterator[Span]:
    """The span every seven days at the same local time, from its first time until `until`."""
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    week = 0
    while True:
        # Adding days to a local time keeps the clock's reading over a clock change.
        begins = (start + timedelta(weeks=week)).astimezone(UTC)
        ends = (end + timedelta(weeks=week)).astimezone(UTC)
        if begins >= until:
            return
        if begins < ends:
            yield Span(begins, ends)
        week += 1


def _without(span: Span, hole: Span) -> Iterator[Span]:
    if not span.overlaps(hole):
        yield span
        return
    if span.start < hole.start:
        yield Span(span.start, hole.start)
    if hole.end < span.end:
        yield Span(hole.end, span.end)
