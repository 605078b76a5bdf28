"""The definition of a time zone inside a calendar file (RFC 5545, 3.6.5).

Only the rules that are in force around the file's dates are written, each change of the clock once. Every change stands
in the local time *before* it, as the RFC asks; the calendar library writes the time after it, and other programs
then read the hour after a change wrongly."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import icalendar

EARLIEST = datetime(1970, 1, 1)  # noqa: DTZ001 - a local time in whatever zone is described
_DAY = timedelta(days=1)


def describing(zone: ZoneInfo, first: datetime, last: datetime) -> icalendar.Timezone:
    """The zone from a day before `first` until a day after `last`."""
    made = icalendar.Timezone()
    made.add("tzid", str(zone))
    moment, end = first.astimezone(UTC) - _DAY, last.astimezone(UTC) + _DAY
    made.add_component(_observance(moment, zone, since=EARLIEST, before=moment))
    for change in _changes(zone, moment, end):
        before = change - timedelta(seconds=1)
        local = change.replace(tzinfo=None) + _offset(before, zone)
        made.add_component(_observance(change, zone, since=local, before=before))
    return made


def unmistakable(zone: ZoneInfo, *moments: datetime) -> tzinfo:
    """That zone, or UTC when one of the moments lies in an hour that this zone's clock shows twice."""
    local = [moment.astimezone(zone) for moment in moments]
    if any(one.replace(fold=0).utcoffset() != one.replace(fold=1).utcoffset() for one in local):
        return UTC
    return zone


def _observance(
    moment: datetime, zone: ZoneInfo, *, since: datetime, before: datetime
) -> icalendar.TimezoneStandard | icalendar.TimezoneDaylight:
    local = moment.astimezone(zone)
    part = icalendar.TimezoneDaylight() if local.dst() else icalendar.TimezoneStandard()
    part.add("dtstart", since)
    part.add("tzoffsetfrom", _offset(before, zone))
    part.add("tzoffsetto", _offset(moment, zone))
    part.add("tzname", local.tzname())
    return part


def _changes(zone: ZoneInfo, moment: datetime, end: datetime) -> Iterator[datetime]:
    """The instants at which the clock of that zone is changed: a look each day, then halving to the second."""
    while moment < end:
        if _offset(moment, zone) != _offset(moment + _DAY, zone):
            before, after = moment, moment + _DAY
            while after - before > timedelta(seconds=1):
                middle = before + (after - before) // 2
                if _offset(middle, zone) == _offset(moment, zone):
                    before = middle
                else:
                    after = middle
            yield after.replace(microsecond=0)
        moment += _DAY


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
