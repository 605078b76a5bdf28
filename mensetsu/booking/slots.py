"""Which slots a pattern means: weekdays × hours × length × interval, on one clock. No Django."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mensetsu.availability import hours
from mensetsu.availability.hours import Span

# A slip of the finger in a date must not make ten thousand rows.
MOST = 500
LONGEST = timedelta(days=366)


class TooMany(Exception):
    """The pattern means more than MOST slots, or reaches over more than a year."""


@dataclass(frozen=True)
class Pattern:
    """From `begins` a slot every `interval` minutes, each `minutes` long and over by `ends`, on those weekdays
    (Monday is 0) from `first` to `last`; both days belong to it."""

    weekdays: frozenset[int]
    first: date
    last: date
    begins: time
    ends: time
    minutes: int
    interval: int


def propose(
    pattern: Pattern, zone: ZoneInfo, *, closed: Collection[date] = (), after: datetime | None = None
) -> list[Span]:
    """The slots in order. Days in `closed` have none, and none begins at or before `after`.

    Local times that a clock change skips move forward with it; those that then coincide are one. Refuses TooMany."""
    if pattern.last - pattern.first > LONGEST:
        raise TooMany
    found: dict[datetime, Span] = {}
    for day in hours.days(pattern.first, pattern.last):
        if day.weekday() in pattern.weekdays and day not in closed:
            for at in _starts(pattern):
                start = hours.instant(day, at, zone)
                if after is None or start > after:
                    found[start] = Span(start, start + timedelta(minutes=pattern.minutes))
        if len(found) > MOST:
            raise TooMany
    return [found[start] for start in sorted(found)]


def _starts(pattern: Pattern) -> Iterable[time]:
    minute = pattern.begins.hour * 60 + pattern.begins.minute
    end = pattern.ends.hour * 60 + pattern.ends.minute
    while minute + pattern.minutes <= end:
        yield time(minute // 60, minute % 60)
        minute += pattern.interval


@dataclass(frozen=True)
class Difference:
    """What a changed series asks for: starts to add, and those present to keep or to close."""

    add: list[Span]
    keep: list[datetime]
    close: list[datetime]


def compare(present: Mapping[datetime, bool], wanted: Iterable[Span]) -> Difference:
    """`present` says of each start whether it is free. One that somebody has booked is kept, whatever is wanted."""
    spans = {span.start: span for span in wanted}
    return Difference(
        add=[span for start, span in sorted(spans.items()) if start not in present],
        keep=sorted(start for start, is_free in present.items() if start in spans or not is_free),
        close=sorted(start for start, is_free in present.items() if start not in spans and is_free),
    )
