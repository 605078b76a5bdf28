"""Which meeting an interview has after a change, when hosts end, are chosen again or are taken at the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview
from mensetsu.zoom import meetings
from mensetsu.zoom.models import Connection, EndReason, Meeting
from tests import story
from tests.interviews import desk
from tests.interviews.desk import issued, schedule
from tests.racing import meanwhile

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


def again(interview: Interview) -> Interview:
    return Interview.objects.with_facts().get(pk=interview.pk)


def unlink(world: SimpleNamespace, host: Connection) -> None:
    Connection.objects.filter(pk=host.pk).update(ended_at=world.now, end_reason=EndReason.REVOKED)


def test_an_interview_whose_account_is_no_longer_linked_does_not_move_before_a_host_is_chosen(
    world: SimpleNamespace,
) -> None:
    interview = schedule(world)
    issued(interview)
    unlink(world, world.team)

    with pytest.raises(meetings.HostEnded):
        scheduling.reschedule(
            again(interview), starts_at=story.tomorrow_at(16), minutes=60, by=world.baba, now=world.now
        )

    kept = again(interview)
    assert (kept.starts_at, kept.version) == (story.tomorrow_at(14), 1)
    assert kept.meeting.starts_at == story.tomorrow_at(14)

    scheduling.change_host(kept, world.sub, by=world.baba, now=world.now)
    scheduling.reschedule(kept, starts_at=story.tomorrow_at(16), minutes=60, by=world.baba, now=world.now)
    assert again(interview).next_meeting.starts_at == story.tomorrow_at(16)


def test_an_applicant_who_reads_english_reads_an_english_topic_in_zoom(world: SimpleNamespace) -> None:
    world.company.name_en = "Sample Corporation"
    world.company.save()
    world.ito.language = "en"
    world.ito.save()

    assert schedule(world, candidate=world.ito).meeting.topic.startswith("Sample Corporation ")


def test_a_third_choice_gives_back_the_time_of_the_second(world: SimpleNamespace) -> None:
    third = desk.host(world.company, world.aoki, "第三")
    interview = schedule(world)
    old = issued(interview)
    scheduling.change_host(interview, world.sub, by=world.baba, now=world.now)
    second = again(interview).next_meeting

    scheduling.change_host(again(interview), third, by=world.baba, now=world.now)

    after = again(interview)
    assert (after.meeting, after.next_meeting.connection) == (old, third)
    assert Meeting.objects.get(pk=second.pk).canceled_at == world.now
    assert schedule(world, candidate=world.ito, host=world.sub).meeting.connection == world.sub


def test_while_another_hosts_meeting_is_awaited_the_present_one_moves_with_the_interview(
    world: SimpleNamespace,
) -> None:
    interview = schedule(world)
    issued(interview)
    scheduling.change_host(interview, world.sub, by=world.baba, now=world.now)

    scheduling.reschedule(
        again(interview), starts_at=story.tomorrow_at(16), minutes=30, by=world.baba, now=world.now
    )

    after = again(interview)
    assert after.next_meeting is not None
    for meeting in (after.meeting, after.next_meeting):
        assert (meeting.starts_at, meeting.minutes) == (story.tomorrow_at(16), 30)


@pytest.mark.parametrize("is_free", [True, False])
def test_another_time_and_host_at_once_leave_the_present_meeting_right_where_its_host_is_free(
    world: SimpleNamespace, is_free: bool
) -> None:
    interview = schedule(world)
    issued(interview)
    if not is_free:
        schedule(world, candidate=world.ito, starts_at=story.tomorrow_at(16), host=world.team)

    desk.change(world, again(interview), starts_at=story.tomorrow_at(16), host=world.sub)

    after = again(interview)
    hour = 16 if is_free else 14
    assert after.next_meeting.starts_at == story.tomorrow_at(16)
    assert after.meeting.starts_at == story.tomorrow_at(hour)


@contextmanager
def at_the_request(world: SimpleNamespace, gone: str) -> Iterator[None]:
    """The second account was free when the hosts were looked at; it is not when its time is asked for."""
    happens = {
        "taken": lambda: schedule(world, candidate=world.ito, host=world.sub),
        "ended": lambda: unlink(world, world.sub),
    }[gone]
    with meanwhile('UPDATE "zoom_connection" SET "touched"', happens):
        yield


@pytest.mark.parametrize("gone", ["taken", "ended"])
def test_when_the_free_host_goes_at_that_moment_the_next_is_asked(world: SimpleNamespace, gone: str) -> None:
    third = desk.host(world.company, world.aoki, "第三")
    interview = schedule(world)
    issued(interview)
    interview = again(interview)

    with at_the_request(world, gone):
        scheduling.change_host(interview, None, by=world.baba, now=world.now)

    after = again(interview)
    assert (after.meeting.connection, after.next_meeting.connection) == (world.team, third)


@pytest.mark.parametrize("gone", ["taken", "ended"])
def test_when_the_only_free_host_goes_at_that_moment_nothing_has_changed(
    world: SimpleNamespace, gone: str
) -> None:
    interview = schedule(world)
    old = issued(interview)
    interview = again(interview)

    with at_the_request(world, gone), pytest.raises(meetings.NoFreeHost):
        scheduling.change_host(interview, None, by=world.baba, now=world.now)

    after = again(interview)
    assert (after.meeting, after.next_meeting, after.version) == (old, None, 1)
