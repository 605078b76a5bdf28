"""Tentative holds of a host's time (仮押さえ): they count like meetings until they run out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mensetsu.zoom import following, meetings
from mensetsu.zoom.models import Connection, EndReason, HostHold
from tests import story
from tests.zoom.test_hosting import at, link
from tests.zoom_world import wanted

pytestmark = pytest.mark.django_db


@pytest.fixture
def host(people) -> Connection:
    return link(people.aoki)


def hold(
    people, host: Connection | None, hour: int = 10, key: str = "offer", until=None, now=None
) -> HostHold:
    return meetings.hold(
        organization=people.company, host=host, starts_at=at(hour), ends_at=at(hour + 1),
        until=until or story.tomorrow_at(0), key=key, now=now or timezone.now(),
    )  # fmt: skip


def test_a_held_time_is_nobody_elses(people, host: Connection) -> None:
    held = hold(people, host)

    with pytest.raises(meetings.HostBusy) as problem:
        wanted(people.company, host, at(10, 30))
    assert problem.value.meetings == [held]
    assert problem.value.until == at(11)
    with pytest.raises(meetings.NoFreeHost):
        wanted(people.company, None, at(10))
    with pytest.raises(meetings.HostBusy):
        hold(people, host, key="another")
    assert wanted(people.company, host, at(11)).connection == host


def test_a_meeting_is_not_moved_into_a_held_time(people, host: Connection) -> None:
    meeting = wanted(people.company, host, at(12))
    hold(people, host, 10)

    with pytest.raises(meetings.HostBusy):
        meetings.move(meeting, starts_at=at(10, 30), minutes=60, topic="x", now=timezone.now())


def test_a_hold_is_refused_where_a_meeting_is(people, host: Connection) -> None:
    wanted(people.company, host, at(10))

    with pytest.raises(meetings.HostBusy):
        hold(people, host)
    with pytest.raises(meetings.NoFreeHost):
        hold(people, None)
    assert not HostHold.objects.exists()


def test_its_own_key_opens_it(people, host: Connection) -> None:
    hold(people, host, key="mine")

    with pytest.raises(meetings.HostBusy):
        wanted(people.company, host, at(10), ignoring_hold="other")
    assert wanted(people.company, host, at(10), ignoring_hold="mine").connection == host


def test_a_hold_runs_out_by_itself(people, host: Connection) -> None:
    until = timezone.now() + timedelta(hours=1)
    hold(people, host, until=until)

    assert wanted(people.company, host, at(10), now=until).connection == host


def test_release_frees_exactly_that_key(people, host: Connection) -> None:
    hold(people, host, 10, key="a")
    hold(people, host, 12, key="a")
    hold(people, host, 14, key="b")

    assert meetings.release_holds("a") == 2
    assert [row.key for row in HostHold.objects.all()] == ["b"]
    assert meetings.release_holds("a") == 0


def test_automatic_choice_walks_around_held_hosts(people) -> None:
    first, second = link(people.aoki, "a"), link(people.aoki, "b")

    held = [hold(people, None, key=key).connection for key in ("x", "y")]

    assert held == [first, second]
    with pytest.raises(meetings.NoFreeHost):
        hold(people, None, key="z")


def test_two_at_once_hosts_hold_beside_a_meeting(people) -> None:
    host = link(people.aoki, capacity=2)
    wanted(people.company, host, at(10))

    hold(people, host)

    with pytest.raises(meetings.HostBusy):
        wanted(people.company, host, at(10, 30), minutes=15)


def test_the_choices_show_holds_among_the_busy_times(people, host: Connection) -> None:
    held, meeting = hold(people, host, 10), wanted(people.company, host, at(8))

    choices = [
        meetings.host_choices(
            organization=people.company,
            starts_at=at(10, 15),
            minutes=30,
            now=timezone.now(),
            ignoring_hold=key,
        )[0]
        for key in ("", "offer")
    ]

    assert [(choice.is_free, choice.busy) for choice in choices] == [(False, [held]), (True, [])]
    assert [choice.gap_minutes_before for choice in choices] == [75, 75]
    assert held.minutes == 60
    assert held.is_hold
    assert not meeting.is_hold


def test_an_ended_or_foreign_host_is_not_held(people, host: Connection) -> None:
    with pytest.raises(meetings.HostEnded):
        meetings.hold(
            organization=people.other, host=host, starts_at=at(10), ends_at=at(11), until=at(9), key="x",
            now=timezone.now(),
        )  # fmt: skip
    Connection.objects.update(ended_at=timezone.now(), end_reason=EndReason.REVOKED)
    with pytest.raises(meetings.HostEnded):
        hold(people, host)


def test_the_past_is_not_held(people, host: Connection) -> None:
    with pytest.raises(meetings.StartsInPast):
        hold(people, host, now=at(10))


def test_an_account_linked_anew_keeps_its_holds(people, host: Connection) -> None:
    hold(people, host)
    Connection.objects.update(ended_at=timezone.now(), end_reason=EndReason.REPLACED)
    again = Connection.objects.create(
        organization=people.company, owner=people.aoki, is_shared=True, plan_type=2, zoom_user_id="user-採用",
        connected_at=timezone.now(),
    )  # fmt: skip

    following.follow(again, now=timezone.now())

    assert HostHold.objects.get().connection == again
