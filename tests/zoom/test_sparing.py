"""What pages show of free hosts is what a request would be told, in three queries."""

import pytest
from django.utils import timezone

from mensetsu.zoom import meetings, sparing
from mensetsu.zoom.models import Connection, EndReason, Meeting
from tests import story
from tests.zoom.test_hosting import link
from tests.zoom_world import wanted

pytestmark = pytest.mark.django_db


def at(hour: int, minute: int = 0):
    return story.tomorrow_at(hour, minute)


def free(people, *spans, ignoring: Meeting | None = None) -> list[list[Connection]]:
    return sparing.free_hosts(organization=people.company, spans=spans, now=timezone.now(), ignoring=ignoring)


def test_no_times_need_no_question(people, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert free(people) == []


def test_each_time_has_the_hosts_that_are_free_then(people) -> None:
    one, two = link(people.aoki, "一"), link(people.aoki, "二")
    link(people.chiba, "他社")
    link(people.aoki, "終了", ended_at=timezone.now(), end_reason=EndReason.REVOKED)
    wanted(people.company, one, at(10))
    meetings.hold(
        organization=people.company, host=two, starts_at=at(10, 30), ends_at=at(11, 30),
        until=at(9), key="kept", now=timezone.now(),
    )  # fmt: skip

    before, during, between, after = free(
        people, (at(9), at(10)), (at(10, 30), at(11)), (at(11), at(11, 30)), (at(11, 30), at(12))
    )

    assert (set(before), during, between, set(after)) == ({one, two}, [], [one], {one, two})


def test_a_host_of_two_at_once_is_free_beside_one(people) -> None:
    host = link(people.aoki, capacity=2)
    wanted(people.company, host, at(10))

    assert free(people, (at(10), at(11))) == [[host]]

    wanted(people.company, host, at(10))
    assert free(people, (at(10), at(11))) == [[]]


def test_the_meeting_that_would_move_does_not_stand_in_its_own_way(people) -> None:
    host = link(people.aoki)
    meeting = wanted(people.company, host, at(10))

    assert free(people, (at(10, 30), at(11, 30)), ignoring=meeting) == [[host]]
    assert free(people, (at(10, 30), at(11, 30))) == [[]]


@pytest.mark.parametrize("count", [1, 5])
def test_more_times_and_hosts_ask_no_more(people, django_assert_num_queries, count: int) -> None:
    for number in range(count):
        wanted(people.company, link(people.aoki, f"host {number}"), at(10))

    with django_assert_num_queries(3):
        found = free(people, *[(at(8 + n), at(9 + n)) for n in range(count)])

    assert [len(hosts) for hosts in found] == [0 if n == 2 else count for n in range(count)]
