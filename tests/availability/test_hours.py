"""Interval arithmetic: tables for the clock, properties for the rest."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensetsu.availability import hours
from mensetsu.availability.hours import Span, Weekly

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")


def span(first: int, last: int) -> Span:
    return Span(MIDNIGHT + timedelta(minutes=first), MIDNIGHT + timedelta(minutes=last))


spans = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 60)).map(lambda p: span(p[0], p[0] + p[1])), max_size=12
)


def minutes_of(pieces: list[Span]) -> set[int]:
    return {
        minute
        for piece in pieces
        for minute in range(
            int((piece.start - MIDNIGHT).total_seconds() // 60),
            int((piece.end - MIDNIGHT).total_seconds() // 60),
        )
    }


@given(spans)
def test_union_keeps_every_minute_and_leaves_no_two_that_touch(pieces: list[Span]) -> None:
    merged = hours.union(pieces)

    assert minutes_of(merged) == minutes_of(pieces)
    assert all(a.end < b.start for a, b in pairwise(merged))


@given(spans, spans)
def test_subtract_is_the_difference_of_the_minutes(pieces: list[Span], taken: list[Span]) -> None:
    assert minutes_of(hours.subtract(pieces, taken)) == minutes_of(pieces) - minutes_of(taken)


@given(spans, spans)
def test_covered_means_that_nothing_is_left(wanted: list[Span], by: list[Span]) -> None:
    for piece in wanted:
        assert hours.covered(piece, by) == (not hours.subtract([piece], by))
        assert hours.covered(piece, by) == hours.is_within(piece.start, piece.end, hours.union(by))


def test_back_to_back_is_no_overlap() -> None:
    assert not span(0, 60).overlaps(span(60, 120))


def test_a_span_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends after"):
        span(60, 60)


def test_weekly_hours_become_instants_of_the_zone() -> None:
    tuesday = Weekly(1, time(9), time(18))

    assert hours.laid_out([tuesday], TOKYO, date(2026, 11, 23), date(2026, 11, 29)) == [
        Span(datetime(2026, 11, 24, 0, tzinfo=UTC), datetime(2026, 11, 24, 9, tzinfo=UTC))
    ]


@pytest.mark.parametrize(
    ("day", "begins", "minutes"),
    [
        (date(2026, 3, 8), time(1), 120),  # 02:00 to 03:00 does not exist: 01:00–04:00 lasts two hours
        (date(2026, 11, 1), time(0), 300),  # 01:00 to 02:00 happens twice: 00:00–04:00 lasts five hours
    ],
)
def test_a_clock_change_makes_the_span_shorter_or_longer(day: date, begins: time, minutes: int) -> None:
    [piece] = hours.laid_out([Weekly(6, begins, time(4))], NEW_YORK, day, day)

    assert piece.minutes == minutes


def test_a_weekly_repetition_keeps_its_local_time_over_a_clock_change() -> None:
    first = Span(
        datetime(2026, 10, 27, 9, tzinfo=NEW_YORK).astimezone(UTC),
        datetime(2026, 10, 27, 10, tzinfo=NEW_YORK).astimezone(UTC),
    )

    starts = [s.start.astimezone(NEW_YORK).hour for s in hours.repeated(first, NEW_YORK, MIDNIGHT)]

    assert starts == [9, 9, 9, 9]


def test_a_weekly_hour_that_the_clock_skips_is_left_out_that_week_and_comes_back() -> None:
    """02:30–03:30 on the Sunday on which New York goes from 02:00 to 03:00: both are the same instant."""
    first = Span(
        datetime(2026, 3, 1, 2, 30, tzinfo=NEW_YORK).astimezone(UTC),
        datetime(2026, 3, 1, 3, 30, tzinfo=NEW_YORK).astimezone(UTC),
    )

    found = list(hours.repeated(first, NEW_YORK, datetime(2026, 3, 20, tzinfo=UTC)))

    assert [s.start.astimezone(NEW_YORK).date() for s in found] == [date(2026, 3, 1), date(2026, 3, 15)]
