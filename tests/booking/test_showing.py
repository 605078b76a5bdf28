"""What the lists of slots say before anybody presses, and that the verbs agree with it."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from mensetsu.availability import arranging
from mensetsu.booking import choosing, opening, refusals, showing
from mensetsu.booking.models import BookingPage, HostMode, Slot
from mensetsu.interviews.models import Way
from mensetsu.zoom.models import Connection
from tests import story
from tests.booking import office
from tests.interviews import desk


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return office.furnish(people)


def states(page: BookingPage, now: Any) -> list[str]:
    found = showing.look(page, page.slots.order_by("starts_at"), now=now)
    assert [one.pk for one in showing.choosable(page, now=now)] == [
        one.slot.pk for one in found if one.is_free
    ]
    return [one.state for one in found]


def press(world: SimpleNamespace, page: BookingPage, slot: Slot) -> Any:
    invitation = office.invite(world, page, world.sato)
    return choosing.choose(invitation=invitation, slot=slot, now=world.now)


def test_each_slot_is_named_by_what_keeps_it_from_being_chosen(world: SimpleNamespace) -> None:
    closed, full, free = world.slots
    opening.close_slot(closed, by=world.baba, now=world.now)
    choosing.choose(invitation=office.invite(world, world.page, world.ito), slot=full, now=world.now)
    assert states(world.page, world.now) == ["closed", "full", "free"]

    assert states(world.page, free.starts_at - timedelta(minutes=59)) == ["closed", "past", "soon"]
    assert states(world.page, free.starts_at) == ["closed", "past", "past"]

    world.page.horizon_days = 1
    assert states(world.page, world.now) == ["closed", "full", "far"]


def test_a_slot_is_short_of_people_once_everybody_in_the_pool_has_their_number_of_the_day(
    world: SimpleNamespace,
) -> None:
    page = office.page(world, fixed=[], pool=[world.doi, world.endo], pick=1, day_cap=1)
    [slot] = office.offer(world, page, 18)
    near = slot.starts_at - timedelta(hours=6)
    desk.schedule(world, candidate=world.ito, interviewers=[world.doi], starts_at=near)
    assert states(page, world.now) == ["free"]

    other = story.candidate(world.company, "三番", stage=world.stage)
    desk.schedule(world, candidate=other, interviewers=[world.endo], starts_at=near, host=world.sub)

    assert states(page, world.now) == ["people"]
    assert showing.choosable(page, now=world.now) == []
    with pytest.raises(refusals.PanelShort):
        press(world, page, slot)


def test_a_number_of_the_week_counts_the_other_days_of_that_week_and_no_others(
    world: SimpleNamespace,
) -> None:
    page = office.page(world, fixed=[], pool=[world.doi], pick=1, week_cap=1)
    monday = next(
        day for day in range(3, 30) if story.tomorrow_at(12, days=day).weekday() == 0
        and office.workday(day) == day and office.workday(day + 1) == day + 1
    )  # fmt: skip
    [slot] = office.offer(world, page, 18, days=monday + 1)
    desk.schedule(
        world, candidate=world.ito, interviewers=[world.doi], starts_at=story.tomorrow_at(10, days=monday - 1)
    )
    assert states(page, world.now) == ["free"]

    other = story.candidate(world.company, "三番", stage=world.stage)
    start = story.tomorrow_at(10, days=monday)
    desk.schedule(world, candidate=other, interviewers=[world.doi], starts_at=start)

    assert states(page, world.now) == ["people"]
    with pytest.raises(refusals.PanelShort):
        press(world, page, slot)


def test_somebody_of_the_pool_who_is_away_is_not_counted(world: SimpleNamespace) -> None:
    page = office.page(world, fixed=[], pool=[world.doi], pick=1)
    [slot] = office.offer(world, page, 18)
    on = slot.starts_at.astimezone(world.doi.zone).date()
    arranging.take_off(world.doi, first_on=on, last_on=on, by=world.doi, now=world.now)

    assert states(page, world.now) == ["people"]
    with pytest.raises(refusals.PanelShort):
        press(world, page, slot)


def test_only_what_takes_place_on_zoom_needs_a_host(world: SimpleNamespace) -> None:
    page = office.page(world, way=Way.IN_PERSON, service="", place="本社")
    [slot] = office.offer(world, page, 18)
    Connection.objects.update(ended_at=world.now, end_reason="disconnected")

    assert states(world.page, world.now) == ["host"] * 3
    assert states(page, world.now) == ["free"]
    assert press(world, page, slot).meeting is None


def test_a_page_that_names_its_host_is_free_when_that_one_is(world: SimpleNamespace) -> None:
    world.page.host_mode, world.page.host = HostMode.FIXED, world.team
    desk.schedule(
        world,
        candidate=world.ito,
        interviewers=[world.endo],
        starts_at=world.slots[0].starts_at,
        host=world.team,
    )

    assert states(world.page, world.now) == ["host", "free", "free"]
