"""The definition of a time zone inside a calendar file (RFC 5545, 3.6.5).

Only the rules that are in force around the file's dates are written, each change of the clock once. Every change stands
in the local time *before* it, as the RFC asks; the calendar library writes the time after it, and other programs
then read the hour after a change wrongly."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import icalendar

from mensetsu.interviews import ical_lines
from mensetsu.web import moments

EARLIEST = datetime(1970, 1, 1)  # noqa: DTZ001 - a local time in whatever zone is described
_DAY = timedelta(days=1)


class _Observance(NamedTuple):
    """What the clock shows from one local time on."""

    since: datetime
    offset_before: timedelta
    offset: timedelta
    name: str
    is_summer: bool


def text(zone: ZoneInfo, first: datetime, last: datetime) -> str:
    """The lines that define the zone from a day before `first` until a day after `last`."""
    moment, end = moments.plus(moments.utc(first), -_DAY), moments.plus(moments.utc(last), _DAY)
    parts = [_observance(moment, zone, since=EARLIEST, before=moment)]
    for change in _changes(zone, moment, end):
        before = change - timedelta(seconds=1)
        local = change.replace(tzinfo=None) + _offset(before, zone)
        parts.append(_observance(change, zone, since=local, before=before))
    return _text(str(zone), tuple(parts))


# One company's files mostly say the same of its clock.
@lru_cache(maxsize=256)
def _text(name: str, parts: tuple[_Observance, ...]) -> str:
    made = icalendar.Timezone()
    made.add("tzid", name)
    for one in parts:
        part = icalendar.TimezoneDaylight() if one.is_summer else icalendar.TimezoneStandard()
        part.add("dtstart", one.since)
        part.add("tzoffsetfrom", one.offset_before)
        part.add("tzoffsetto", one.offset)
        part.add("tzname", one.name)
        made.add_component(part)
    return ical_lines.text(made)


def unmistakable(zone: ZoneInfo, *times: datetime) -> tzinfo:
    """That zone, or UTC when one of the times lies in an hour that this zone's clock shows twice."""
    local = [moments.local(moment, zone) for moment in times]
    if any(one.replace(fold=0).utcoffset() != one.replace(fold=1).utcoffset() for one in local):
        return UTC
    return zone


def _observance(moment: datetime, zone: ZoneInfo, *, since: datetime, before: datetime) -> _Observance:
    local = moments.local(moment, zone)
    return _Observance(
        since, _offset(before, zone), _offset(moment, zone), str(local.tzname()), bool(local.dst())
    )


def _changes(zone: ZoneInfo, moment: datetime, end: datetime) -> Iterator[datetime]:
    """The instants at which the clock of that zone is changed: a look each day, then halving to the second."""
    while moment < end:
        next_day = moments.plus(moment, _DAY)
        if _offset(moment, zone) != _offset(next_day, zone):
            before, after = moment, next_day
            while after - before > timedelta(seconds=1):
                middle = before + (after - before) // 2
                if _offset(middle, zone) == _offset(moment, zone):
                    before = middle
                else:
                    after = middle
            yield after.replace(microsecond=0)
        moment = next_day


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moments.local(moment, zone).utcoffset() or timedelta()
