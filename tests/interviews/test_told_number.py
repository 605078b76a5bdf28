"""A letter that tells only the number of the Zoom meeting: who holds it hears when it is dead."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.utils import timezone

from mensetsu.interviews import attention, ledger, noting, scheduling
from mensetsu.interviews.models import Interview, Notice
from mensetsu.mail.models import Purpose, Receiver
from tests.interviews import desk
from tests.zoom_world import RECRUIT2

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(world: SimpleNamespace, interview: Interview) -> Interview:
    """By a letter with the number and no address."""
    letter = desk.tell(world, interview)
    letter.body = f"ミーティングID：{interview.meeting.display_id}"
    letter.save()
    Notice.objects.filter(mail=letter).delete()
    noting.note([noting.Composed(interview, letter, "candidate")], now=timezone.now())
    return interview


def fresh(interview: Interview) -> Interview:
    return Interview.objects.with_facts().get(pk=interview.pk)


def outdated(interview: Interview) -> list[str]:
    return [ledger.correction(one) for one in ledger.outdated(fresh(interview))]


def rehosted(world: SimpleNamespace, interview: Interview, run_jobs: Callable[..., int]) -> None:
    host = world.zoom.connect(world.aoki, RECRUIT2, is_shared=True)
    scheduling.change_host(fresh(interview), host, by=world.baba, now=timezone.now())
    run_jobs()


def test_the_number_is_remembered_and_holds_while_the_meeting_stands(told: Interview) -> None:
    assert Notice.objects.get(mail__receiver="candidate").told_zoom_id == told.meeting.zoom_id
    assert outdated(told) == []


def test_after_another_host_the_dead_number_is_corrected(
    world: SimpleNamespace, told: Interview, run_jobs: Callable[..., int]
) -> None:
    rehosted(world, told, run_jobs)

    assert outdated(told) == [Purpose.URL_CHANGE]
    assert [one.kind for one in attention.read(world.baba, now=timezone.now())] == ["not_told"]


def test_a_letter_with_the_new_address_takes_the_number_back(
    world: SimpleNamespace, told: Interview, run_jobs: Callable[..., int]
) -> None:
    rehosted(world, told, run_jobs)
    desk.tell(world, told, purpose=Purpose.URL_CHANGE, url=fresh(told).join_url)
    desk.tell(world, told, purpose=Purpose.REMINDER, receiver=Receiver.CANDIDATE)

    assert outdated(told) == []


def test_a_letter_without_the_number_tells_none(world: SimpleNamespace, interview: Interview) -> None:
    assert ledger.number_in("本文", fresh(interview)) == ""
    Interview.objects.update(way="phone", service="", meeting=None)
    assert ledger.number_in("884 1234 5678", fresh(interview)) == ""
