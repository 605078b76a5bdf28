"""The comparison that P6 rests on finds what it looks for."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest

from benchmarks import answers_and_rows
from benchmarks.crowding import Press
from mensetsu.booking import choosing
from mensetsu.booking.models import Invitation, Slot
from mensetsu.interviews.models import Interview, Interviewer
from mensetsu.zoom.models import Meeting
from tests.booking import office

pytestmark = pytest.mark.django_db
BOOKED, REFUSED = 303, 422


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    world = office.furnish(people)
    world.press = Press("/b/x/", world.invitation.pk, world.slots[0].pk, "10.0.0.1")
    return world


def book(world: SimpleNamespace, number: int = 0) -> Interview:
    return choosing.choose(
        invitation=world.invitation, slot=world.slots[number], link=world.link, now=world.now
    )


def lost(world: SimpleNamespace, status: int) -> int:
    return answers_and_rows.lost({world.press: status}, booked=BOOKED)


def test_a_true_answer_is_borne_out(world: SimpleNamespace) -> None:
    assert lost(world, REFUSED) == 0

    book(world)

    assert lost(world, BOOKED) == 0
    assert answers_and_rows.double([world.press]) == 0


def test_a_booking_without_rows_and_a_refusal_with_rows_are_lost_answers(world: SimpleNamespace) -> None:
    assert lost(world, BOOKED) == 1

    book(world)

    assert lost(world, REFUSED) == 1


@pytest.mark.parametrize(
    "break_it",
    [
        lambda interview: Meeting.objects.filter(interview=interview).update(
            starts_at=interview.starts_at - timedelta(hours=1)
        ),
        lambda interview: Interview.objects.filter(pk=interview.pk).update(meeting=None),
        lambda interview: Interview.objects.filter(pk=interview.pk).update(canceled_at=interview.created_at),
        lambda interview: Interviewer.objects.filter(interview=interview).delete(),
        lambda interview: Invitation.objects.filter(interview=interview).update(slot=None),
    ],
    ids=["another time", "no meeting", "canceled", "nobody to interview", "another date"],
)
def test_a_booking_that_is_not_whole_is_a_lost_answer(
    world: SimpleNamespace, break_it: Callable[[Interview], object]
) -> None:
    break_it(book(world))

    assert lost(world, BOOKED) == 1


def test_a_date_an_interviewer_and_a_host_that_were_given_twice_are_counted(world: SimpleNamespace) -> None:
    interview = book(world)
    other = Interview.objects.get(pk=interview.pk)
    other.pk, other.meeting, other.form_key = None, None, None
    other.save()
    Interviewer.objects.create(interview=other, user=world.doi)
    assert answers_and_rows.double([world.press]) == 1

    meeting = Meeting.objects.get(pk=interview.meeting_id)
    again = Meeting.objects.get(pk=meeting.pk)
    again.pk, again.reference, again._state.adding = None, uuid.uuid4(), True
    again.save()
    assert answers_and_rows.double([world.press]) == 2

    Slot.objects.filter(pk=world.press.slot).update(taken=0)
    assert answers_and_rows.double([world.press]) == 3
