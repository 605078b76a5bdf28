"""What recruiters do with pages and slots when a colleague does the same, or presses twice."""

from collections.abc import Iterator
from datetime import time, timedelta
from types import SimpleNamespace

import pytest

from mensetsu.availability.hours import Span
from mensetsu.booking import choosing, opening, slots
from mensetsu.booking.models import Series
from mensetsu.history.models import Entry
from tests import story
from tests.booking import office


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return office.furnish(people)


def written(action: str) -> int:
    return Entry.objects.filter(action=action).count()


def series(world: SimpleNamespace, **wished: object) -> Series:
    on = story.tomorrow_at(0, days=office.workday(4)).date()
    values = {
        "weekdays": list(range(7)), "first_on": on, "last_on": on, "begins": time(10), "ends": time(12),
        "interval": 60, **wished,
    }  # fmt: skip
    return opening.start_series(world.page, values, by=world.baba, now=world.now)[0]


def test_a_page_is_closed_and_opened_again_once_however_often_one_presses(world: SimpleNamespace) -> None:
    for number in range(2):
        opening.close_page(world.page, by=world.baba, now=world.now + timedelta(minutes=number))
    assert (world.page.closed_at, written("booking.page_closed")) == (world.now, 1)

    for _press in range(2):
        opening.reopen_page(world.page, by=world.baba, now=world.now)
    assert (world.page.closed_at, written("booking.page_reopened")) == (None, 1)


def test_rules_that_leave_the_length_alone_leave_the_slots_alone(world: SimpleNamespace) -> None:
    before = [(one.starts_at, one.ends_at, one.minutes) for one in world.page.slots.all()]
    rules = {
        "name": "一次面接の日程（改）",
        "stage": world.stage,
        "minutes": 60,
        "way": "web",
        "service": "zoom",
    }

    opening.change_page(world.page, values=rules, fixed=[world.doi], pool=[], by=world.baba, now=world.now)

    assert world.page.name == "一次面接の日程（改）"
    assert [(one.starts_at, one.ends_at, one.minutes) for one in world.page.slots.all()] == before


def test_a_start_that_a_colleague_offers_at_the_same_moment_stands_once_and_the_others_are_added(
    world: SimpleNamespace,
) -> None:
    starts = [story.tomorrow_at(hour, days=office.workday(4)) for hour in (9, 11)]
    spans = [Span(start, start + timedelta(hours=1)) for start in starts]

    def while_a_colleague_offers_the_first() -> Iterator[Span]:
        opening.offer_slots(world.page, spans[:1], by=world.aoki, now=world.now)
        yield from spans

    made = opening.offer_slots(world.page, while_a_colleague_offers_the_first(), by=world.baba, now=world.now)

    assert [slot.starts_at for slot in made] == starts[1:]
    assert list(world.page.slots.filter(starts_at__in=starts).values_list("starts_at", flat=True)) == starts
    mine = Entry.objects.filter(action="booking.slots_added", actor=world.baba).latest("pk")
    assert mine.facts["count"] == 1


def test_the_end_of_a_series_that_is_all_booked_closes_nothing(world: SimpleNamespace) -> None:
    mine = series(world, ends=time(11))
    [slot] = mine.slots.all()
    choosing.choose(invitation=world.invitation, slot=slot, now=world.now)

    assert opening.end_series(mine, by=world.baba, now=world.now) == 0

    slot.refresh_from_db()
    assert (slot.closed_at, slot.taken, mine.ended_at) == (None, 1, world.now)
    assert written("booking.slots_closed") == 0


def test_a_series_over_more_than_a_year_is_refused_and_nothing_is_kept(world: SimpleNamespace) -> None:
    on = story.tomorrow_at(0).date()

    with pytest.raises(slots.TooMany):
        series(world, first_on=on, last_on=on + slots.LONGEST + timedelta(days=1))

    assert not Series.objects.exists()
    assert world.page.slots.count() == len(world.slots)
