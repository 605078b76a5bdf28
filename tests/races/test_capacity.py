"""Hosts that may hold two meetings at one moment: filled by many at once, and never over."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from mensetsu.zoom import hosting, meetings, taken
from mensetsu.zoom.models import Connection, Meeting
from tests.racing import meanwhile, together
from tests.zoom.test_hosting import link
from tests.zoom_world import wanted

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
TEN = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
HALF = timedelta(minutes=30)


def at_once(host: Connection) -> int:
    """The most meetings that this host holds at one moment."""
    there = list(Meeting.objects.filter(connection=host))
    return max(sum(o.starts_at <= one.starts_at < o.ends_at for o in there) for one in there)


def test_two_places_of_one_host_are_given_to_two_of_many(people) -> None:
    host = link(people.aoki, capacity=2)

    answers = together(8, lambda: wanted(people.company, host, TEN, now=NOW))

    assert sum(isinstance(answer, Meeting) for answer in answers) == 2
    assert sum(isinstance(answer, hosting.HostBusy) for answer in answers) == 6
    assert at_once(host) == 2


def test_times_that_overlap_only_in_part_fill_no_moment_over(people) -> None:
    host = link(people.aoki, capacity=2)

    answers = together(
        9,
        lambda: wanted(people.company, host, TEN, now=NOW),
        lambda: wanted(people.company, host, TEN + HALF, now=NOW),
        lambda: wanted(people.company, host, TEN + 2 * HALF, now=NOW),
    )

    refused = [answer for answer in answers if not isinstance(answer, Meeting)]
    assert {type(answer) for answer in refused} == {hosting.HostBusy}
    assert at_once(host) == 2
    assert len(answers) - len(refused) >= 2


def test_the_choice_among_hosts_of_one_and_two_places_uses_each_place_once(people) -> None:
    two, one = link(people.aoki, capacity=2), link(people.baba, "人事")

    answers = together(8, lambda: wanted(people.company, None, TEN, now=NOW))

    assert sum(isinstance(answer, Meeting) for answer in answers) == 3
    assert sum(isinstance(answer, hosting.NoFreeHost) for answer in answers) == 5
    assert (at_once(two), at_once(one)) == (2, 1)


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="one transaction writes at a time")
def test_who_chooses_a_host_does_not_wait_for_somebody_who_is_taking_another(people) -> None:
    first, second = link(people.aoki, "一"), link(people.baba, "二")
    answers: list[Meeting] = []

    def choose() -> None:
        answers.append(wanted(people.company, None, TEN, now=NOW))
        connection.close()

    with transaction.atomic():
        mine = wanted(people.company, None, TEN, now=NOW)
        other = threading.Thread(target=choose)
        other.start()
        other.join(20)
        came_first = list(answers)
    other.join(20)

    assert mine.connection == first
    assert [one.connection for one in came_first] == [second]


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="one transaction writes at a time")
def test_a_host_that_was_not_had_is_not_held_while_one_waits_in_the_line(people, monkeypatch) -> None:
    """PostgreSQL locks a row whose new version does not fit any more, finds nothing, and keeps the lock."""
    host = link(people.aoki)
    [seen] = taken.accounts(people.company.pk, now=NOW)

    def lock_and_find_nothing(**_values: object) -> list[tuple[int]]:
        list(Connection.objects.select_for_update())
        return []

    monkeypatch.setattr(taken._UNCLAIMED, "rows", lock_and_find_nothing)
    with transaction.atomic():
        assert taken.first_unclaimed([seen]) is None
        [other] = together(1, lambda: wanted(people.company, host, TEN, now=NOW))

    assert other.connection == host


def test_two_moves_to_the_last_place_leave_one_where_it_was(people) -> None:
    host = link(people.aoki, capacity=2)
    wanted(people.company, host, TEN, now=NOW)
    movers = [wanted(people.company, host, TEN + hours * 2 * HALF, now=NOW) for hours in (3, 5)]

    def move(meeting: Meeting) -> None:
        mine = Meeting.objects.get(pk=meeting.pk)
        meetings.move(mine, starts_at=TEN, minutes=60, topic="x", now=NOW)

    answers = together(2, lambda: move(movers[0]), lambda: move(movers[1]))

    assert sorted(type(answer).__name__ for answer in answers) == ["HostBusy", "NoneType"]
    assert Meeting.objects.filter(starts_at=TEN).count() == 2


def test_a_place_taken_away_in_the_same_moment_is_not_given(people) -> None:
    """An administrator lowers the capacity after the host was read, before its time is taken."""
    host = link(people.aoki, capacity=2)
    wanted(people.company, host, TEN, now=NOW)

    with (
        meanwhile('UPDATE "zoom_connection"', lambda: Connection.objects.update(capacity=1)),
        pytest.raises(hosting.HostBusy),
    ):
        wanted(people.company, host, TEN, now=NOW)

    assert at_once(host) == 1
