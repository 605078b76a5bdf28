"""Arithmetic of time: spans of instants, and weekly hours laid onto real days. No Django.

Spans are half-open: one that ends when another begins does not overlap it. Local times that a clock change skips are
moved forward with it; those it repeats are taken the first time (PEP 495)."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import Self
from zoneinfo import ZoneInfo

from mensetsu.web import moments

_CALENDAR_ENDS = datetime(9999, 12, 31, tzinfo=UTC)


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


_start = attrgetter("start")


@dataclass(frozen=True)
class Weekly:
    """A span of every week: `weekday` 0 is Monday, times on a local clock."""

    weekday: int
    begins: time
    ends: time


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time in the fewest spans, in order; spans that touch become one."""
    merged: list[Span] = []
    for span in sorted(spans, key=_start):
        if not merged or span.start > merged[-1].end:
            merged.append(span)
        elif span.end > merged[-1].end:
            merged[-1] = Span(merged[-1].start, span.end)
    return merged


def subtract(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of `spans` without `taken`, in order."""
    left: list[Span] = []
    holes = union(taken)
    first = 0
    for span in union(spans):
        while first < len(holes) and holes[first].end <= span.start:
            first += 1
        start = span.start
        for hole in holes[first:]:
            if hole.start >= span.end:
                break
            if hole.start > start:
                left.append(Span(start, hole.start))
            start = hole.end
        if start < span.end:
            left.append(Span(start, span.end))
    return left


def is_within(start: datetime, end: datetime, ordered: Sequence[Span]) -> bool:
    """The same as `covered` for spans that `union` or `subtract` have put in order: for who asks about many."""
    number = bisect_right(ordered, start, key=_start)
    return number > 0 and ordered[number - 1].end >= end


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
    after = moments.plus(datetime.combine(last, time(), tzinfo=zone), timedelta(days=1))
    return Span(instant(first, time(), zone), moments.utc(after))


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment of that local time, in UTC."""
    return moments.utc(datetime.combine(day, at, tzinfo=zone))


def days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def repeated(span: Span, zone: ZoneInfo, until: datetime) -> Iterator[Span]:
    """The span every seven days at the same local time, from its first time until `until`."""
    until = min(until, _CALENDAR_ENDS)
    start, end = moments.local(span.start, zone), moments.local(span.end, zone)
    week = 0
    while True:
        # Adding days to a local time keeps the clock's reading over a clock change.
        begins = moments.utc(moments.plus(start, timedelta(weeks=week)))
        ends = moments.utc(moments.plus(end, timedelta(weeks=week)))
        if begins >= until:
            return
        if begins < ends:
            yield Span(begins, ends)
        week += 1
