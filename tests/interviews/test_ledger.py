"""Who holds an old address: the last letter that carried one decides, whatever was written after it."""

from types import SimpleNamespace

import pytest

from mensetsu.interviews import ledger
from mensetsu.interviews.models import Interview
from mensetsu.mail.models import Purpose, Receiver
from tests.interviews import desk

OLD = "https://zoom.example/j/88400000000"


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    made = desk.furnish(people)
    made.interview = desk.schedule(made)
    desk.issued(made.interview)
    made.now_url = made.interview.join_url
    return made


def corrections(world: SimpleNamespace) -> list[str]:
    fresh = Interview.objects.with_facts().get(pk=world.interview.pk)
    return [ledger.correction(told) for told in ledger.outdated(fresh)]


def test_a_letter_without_an_address_does_not_take_back_the_one_before(world: SimpleNamespace) -> None:
    desk.tell(world, world.interview, url=OLD)
    desk.tell(world, world.interview, purpose=Purpose.REMINDER)

    assert corrections(world) == [Purpose.URL_CHANGE]


def test_a_letter_with_the_present_address_does(world: SimpleNamespace) -> None:
    desk.tell(world, world.interview, url=OLD)
    desk.tell(world, world.interview, purpose=Purpose.URL_CHANGE, url=world.now_url)
    desk.tell(world, world.interview, purpose=Purpose.REMINDER)

    assert corrections(world) == []


def test_one_that_did_not_arrive_corrects_nothing(world: SimpleNamespace) -> None:
    desk.tell(world, world.interview, url=OLD)
    desk.tell(world, world.interview, purpose=Purpose.URL_CHANGE, url=world.now_url, failed=True)

    assert corrections(world) == [Purpose.URL_CHANGE]


def test_each_reader_for_themselves(world: SimpleNamespace) -> None:
    desk.tell(world, world.interview, url=OLD)
    desk.tell(world, world.interview, receiver=Receiver.AGENCY, url=world.now_url)

    assert corrections(world) == [Purpose.URL_CHANGE]


def test_who_was_told_that_we_call_does_not_look_for_an_address(world: SimpleNamespace) -> None:
    desk.tell(world, world.interview, url=OLD)
    Interview.objects.filter(pk=world.interview.pk).update(way="phone", service="", meeting=None)
    letter = desk.tell(world, world.interview, purpose=Purpose.WAY_CHANGE)
    letter.notice.told_way = "phone"
    letter.notice.save()

    assert corrections(world) == []
