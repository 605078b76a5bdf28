"""Whoever loses a date to somebody else is one of many who read the same list at the same moment."""

import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from mensetsu.booking import choosing, showing
from mensetsu.booking.models import BookingPage, Slot
from mensetsu.zoom.models import Connection
from tests.booking import office


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return office.furnish(people)


def told(page: BookingPage, now: Any, **more: Any) -> list[int]:
    return [one.pk for one in showing.choosable(page, now=now, **more)]


def test_who_is_refused_in_a_crowd_shares_what_is_known_of_people_and_hosts_for_a_second(
    world: SimpleNamespace, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The memory counts its second on the real clock.
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment)
    numbers = [slot.pk for slot in world.slots]
    assert told(world.page, world.now) == numbers
    Connection.objects.update(ended_at=world.now, end_reason="disconnected")

    with django_assert_num_queries(1):
        assert told(world.page, world.now, known=[], shares=True) == numbers
    # Whoever opens the page, and everybody a second later, reads how things are.
    assert told(world.page, world.now) == []
    assert told(world.page, world.now + showing.MOMENT, shares=True) == []


def test_a_date_without_room_is_in_nobodys_list_and_one_that_is_new_is_looked_at(
    world: SimpleNamespace,
) -> None:
    first, second, third = (slot.pk for slot in world.slots)
    assert told(world.page, world.now) == [first, second, third]
    Slot.objects.filter(pk=first).update(taken=1)
    assert told(world.page, world.now, shares=True) == [second, third]

    [fourth] = office.offer(world, world.page, 18)
    assert told(world.page, world.now, shares=True) == [second, third, fourth.pk]


def test_that_nothing_is_left_is_never_said_from_memory(world: SimpleNamespace) -> None:
    Connection.objects.update(ended_at=world.now, end_reason="disconnected")
    assert told(world.page, world.now) == []
    Connection.objects.update(ended_at=None, end_reason="")

    assert told(world.page, world.now, shares=True) == [slot.pk for slot in world.slots]


def test_what_was_read_for_a_later_moment_is_not_shared(world: SimpleNamespace) -> None:
    assert told(world.page, world.now) != []
    Connection.objects.update(ended_at=world.now, end_reason="disconnected")

    assert told(world.page, world.now - timedelta(minutes=1), shares=True) == []


def test_a_list_for_who_moves_an_interview_is_their_own(world: SimpleNamespace) -> None:
    invitation = office.invite(world, world.page, world.ito)
    interview = choosing.choose(invitation=invitation, slot=world.slots[0], now=world.now)
    Slot.objects.update(taken=0)
    mine = told(world.page, world.now, besides=interview)

    assert mine == [slot.pk for slot in world.slots]
    assert told(world.page, world.now, shares=True) == mine[1:]


def shown(answer: Any) -> list[str]:
    radios = BeautifulSoup(answer.content, "html.parser").select("input[type=radio]")
    return [one["value"] for one in radios if one["value"] != "none"]


def test_only_who_lost_a_date_to_somebody_else_shares_the_list_of_a_moment_ago(
    world: SimpleNamespace, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "MOMENT", timedelta(hours=1))
    address, numbers = office.path(world.link), [str(slot.pk) for slot in world.slots]
    assert shown(client.get(address)) == numbers
    Connection.objects.update(ended_at=world.now, end_reason="disconnected")
    Slot.objects.filter(pk=world.slots[0].pk).update(taken=1)

    crowded, short = (client.post(address, {"slot": number, "confirm": "1"}) for number in numbers[:2])

    assert (crowded.status_code, shown(crowded)) == (422, numbers[1:])
    assert (short.status_code, shown(short)) == (422, [])
    assert shown(client.get(address)) == []
