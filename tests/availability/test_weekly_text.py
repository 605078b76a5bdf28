"""The hours of a weekday, as people type them."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensetsu.availability import weekly_text

MORNING, AFTERNOON = (time(9), time(12)), (time(13), time(18))


@pytest.mark.parametrize(
    "text",
    [
        "9:00〜12:00、13:00〜18:00",
        "９：００～１２：００，１３：００～１８：００",
        "9-12, 13-18",
        "13:00–18:00 and 9:00–12:00",
        "9時から12時まで・13時から18時まで",
        "09:00ー12:00／13:00ー18:00",
        " 9:00 - 12:00 ; 13:00 - 18:00 ",
    ],
)
def test_any_width_dash_and_order_is_read(text: str) -> None:
    assert weekly_text.read(text) == [MORNING, AFTERNOON]


def test_halves_and_minutes() -> None:
    assert weekly_text.read("9時半〜10時15分") == [(time(9, 30), time(10, 15))]


@pytest.mark.parametrize("text", ["", "  ", "　"])
def test_an_empty_day_has_no_hours(text: str) -> None:
    assert weekly_text.read(text) == []


def test_spans_that_touch_do_not_overlap() -> None:
    assert weekly_text.read("9-12、12-13") == [(time(9), time(12)), (time(12), time(13))]


@pytest.mark.parametrize(
    ("text", "refusal", "piece"),
    [
        ("終日", weekly_text.NotUnderstood, "終日"),
        ("9:00", weekly_text.NotUnderstood, "9:00"),
        ("9-12、午後", weekly_text.NotUnderstood, "午後"),
        ("9:00〜25:00", weekly_text.NotUnderstood, "9:00~25:00"),
        ("9:60〜10:00", weekly_text.NotUnderstood, "9:60~10:00"),
        ("18:00〜9:00", weekly_text.Backwards, "18:00~9:00"),
        ("9-9", weekly_text.Backwards, "9-9"),
    ],
)
def test_what_is_wrong_is_named(text: str, refusal: type[ValueError], piece: str) -> None:
    with pytest.raises(refusal) as caught:
        weekly_text.read(text)

    assert caught.value.piece == piece


def test_overlapping_spans_are_refused() -> None:
    with pytest.raises(weekly_text.Overlapping):
        weekly_text.read("9-12、11-13")


@given(st.lists(st.times().map(lambda t: t.replace(second=0, microsecond=0)), unique=True, max_size=8))
def test_what_is_written_is_read_back(moments: list[time]) -> None:
    ordered = sorted(moments)
    spans = list(zip(ordered[::2], ordered[1::2], strict=False))

    assert weekly_text.read(weekly_text.write(spans)) == spans
    assert weekly_text.read(weekly_text.write(spans, mark="–", between=", ")) == spans


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        spans = weekly_text.read(text)
    except (weekly_text.NotUnderstood, weekly_text.Backwards, weekly_text.Overlapping):
        return
    assert all(begins < ends for begins, ends in spans)
