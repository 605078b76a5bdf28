"""Which slots a pattern means: arithmetic alone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensetsu.availability.hours import Span
from mensetsu.booking import slots

JAPAN = ZoneInfo("Asia/Tokyo")
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from([JAPAN, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")])


def pattern(**wished: object) -> slots.Pattern:
    values = {
        "weekdays": frozenset({1, 3}), "first": date(2026, 11, 23), "last": date(2026, 11, 29),
        "begins": time(10), "ends": time(12), "minutes": 60, "interval": 60, **wished,
    }  # fmt: skip
    return slots.Pattern(**values)


PATTERNS = st.builds(
    lambda weekdays, first, days, begin, length, minutes, interval: slots.Pattern(
        frozenset(weekdays), first, first + timedelta(days=days), time(begin), time(min(begin + length, 23), 59),
        minutes, interval,
    ),
    st.sets(st.integers(0, 6)), st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(0, 13),
    st.integers(0, 20), st.integers(1, 10), st.integers(5, 240), st.integers(30, 240),
)  # fmt: skip


def test_tuesday_and_thursday_mornings() -> None:
    found = slots.propose(pattern(), JAPAN)

    assert [span.start.astimezone(JAPAN) for span in found] == [
        datetime(2026, 11, 24, 10, tzinfo=JAPAN),
        datetime(2026, 11, 24, 11, tzinfo=JAPAN),
        datetime(2026, 11, 26, 10, tzinfo=JAPAN),
        datetime(2026, 11, 26, 11, tzinfo=JAPAN),
    ]


def test_a_slot_that_would_end_after_the_hours_is_left_out() -> None:
    found = slots.propose(pattern(minutes=90, weekdays=frozenset({1})), JAPAN)

    assert [span.minutes for span in found] == [90]


def test_closed_days_and_what_is_past_are_left_out() -> None:
    found = slots.propose(
        pattern(), JAPAN, closed=[date(2026, 11, 24)], after=datetime(2026, 11, 26, 10, tzinfo=JAPAN)
    )

    assert [span.start for span in found] == [datetime(2026, 11, 26, 2, tzinfo=UTC)]


def test_the_clock_reads_the_same_after_a_clock_change() -> None:
    found = slots.propose(
        pattern(weekdays=frozenset({0}), first=date(2026, 10, 19), last=date(2026, 10, 26), ends=time(11)),
        BERLIN,
    )

    assert [span.start for span in found] == [
        datetime(2026, 10, 19, 8, tzinfo=UTC),
        datetime(2026, 10, 26, 9, tzinfo=UTC),
    ]


def test_an_hour_that_does_not_exist_makes_no_second_slot() -> None:
    night = pattern(
        weekdays=frozenset({6}), first=date(2026, 3, 29), last=date(2026, 3, 29), begins=time(2), ends=time(5)
    )

    found = slots.propose(night, BERLIN)

    assert [span.start for span in found] == [
        datetime(2026, 3, 29, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 2, tzinfo=UTC),
    ]


def test_a_slip_of_the_finger_is_refused() -> None:
    with pytest.raises(slots.TooMany):
        slots.propose(pattern(last=date(2036, 11, 29)), JAPAN)
    with pytest.raises(slots.TooMany):
        slots.propose(
            pattern(weekdays=frozenset(range(7)), last=date(2027, 6, 1), ends=time(20), interval=10), JAPAN
        )


@given(PATTERNS, ZONES)
def test_every_slot_lies_on_a_wished_day_inside_the_hours(wished: slots.Pattern, zone: ZoneInfo) -> None:
    found = slots.propose(wished, zone)

    assert found == sorted(found, key=lambda span: span.start)
    assert len({span.start for span in found}) == len(found)
    for span in found:
        local = span.start.astimezone(zone)
        assert span.minutes == wished.minutes
        # A skipped hour may push a start forward by it, never to another day here.
        assert local.date().weekday() in wished.weekdays
        assert wished.first <= local.date() <= wished.last
        assert local.time() >= wished.begins


@given(st.dictionaries(st.integers(0, 30), st.booleans()), st.sets(st.integers(0, 30)))
def test_a_changed_series_keeps_what_is_booked_and_loses_nothing_else(
    present: dict[int, bool], wanted: set[int]
) -> None:
    base = datetime(2026, 11, 24, tzinfo=UTC)
    hours = {number: base + timedelta(hours=number) for number in range(31)}
    spans = [Span(hours[number], hours[number] + timedelta(minutes=30)) for number in wanted]

    found = slots.compare({hours[number]: free for number, free in present.items()}, spans)

    after = {*(span.start for span in found.add), *found.keep}
    booked = {hours[number] for number, free in present.items() if not free}
    assert after == {hours[number] for number in wanted} | booked
    assert set(found.close) == {hours[number] for number in present} - after
    assert not set(found.close) & booked
