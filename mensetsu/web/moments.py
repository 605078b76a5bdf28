"""Arithmetic of moments and days that ends where the calendar ends. No Django.

Nobody may type the year 9999 (typed.refuse_out_of_reach), yet a row may have it from before that rule, and a page that
falls over such a row takes away what could undo it. So sums of what a row says stop at the last or first moment."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, TypeVar

Day = TypeVar("Day", bound=date)


def plus(on: Day, by: timedelta) -> Day:
    """That day or moment moved by so much, or the end of the calendar."""
    try:
        return on + by
    except OverflowError:
        return _edge(on, is_last=by > timedelta())


def local(moment: datetime, zone: tzinfo) -> datetime:
    """The moment on that zone's clock, or the last (first) one which that clock can show."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return _edge(moment, is_last=moment.year > 1).replace(tzinfo=zone)


def utc(moment: datetime) -> datetime:
    return local(moment, UTC)


def _edge(on: Day, *, is_last: bool) -> Day:
    edge: Any = type(on).max if is_last else type(on).min
    found: Day = edge.replace(tzinfo=on.tzinfo) if isinstance(on, datetime) else edge
    return found
