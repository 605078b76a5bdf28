"""Sums of days and moments stop where the calendar ends."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mensetsu.web import moments

LAST, FIRST = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
DAY = timedelta(days=1)


def test_an_ordinary_sum_is_a_sum() -> None:
    assert moments.plus(date(2026, 12, 31), DAY) == date(2027, 1, 1)
    assert moments.plus(datetime(2026, 12, 31, tzinfo=UTC), -DAY) == datetime(2026, 12, 30, tzinfo=UTC)


def test_a_sum_beyond_the_end_is_the_end() -> None:
    assert (moments.plus(date.max, DAY), moments.plus(date.min, -DAY)) == (date.max, date.min)
    assert (moments.plus(LAST, DAY), moments.plus(FIRST, -DAY)) == (LAST, FIRST)


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", "UTC"])
@pytest.mark.parametrize("moment", [LAST, FIRST, datetime(2026, 11, 24, 5, tzinfo=UTC)])
def test_every_moment_has_a_reading_on_every_clock_and_back(moment: datetime, zone: str) -> None:
    there = moments.local(moment, ZoneInfo(zone))

    assert there.tzinfo == ZoneInfo(zone)
    assert abs(moments.utc(there) - moment) < DAY
    assert (there < datetime(2026, 1, 1, tzinfo=UTC)) == (moment.year == 1)
