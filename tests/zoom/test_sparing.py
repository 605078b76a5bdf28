"""What pages show of free hosts is what a request would be told, in a constant number of queries."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from mensetsu.zoom import meetings, sparing
from mensetsu.zoom.models import Connection, EndReason, Meeting
from tests import story
from tests.zoom.test_hosting import link
from tests.zoom_world import wanted

pytestmark = pytest.mark.django_db


def at(hour: int, minute: int = 0):
    return story.tomorrow_at(hour, minute)


def free(people, *spans, ignoring: Meeting | None = None) -> list[list[Connection]]:
    asked = {"organization": people.company, "spans": spans, "now": timezone.now(), "ignoring": ignoring}
    found = sparing.free_hosts(**asked)
    assert sparing.has_free_host(**asked) == [bool(hosts) for hosts in found]
    return found


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

    spans = [(at(8 + n), at(9 + n)) for n in range(count)]
    asked = {"organization": people.company, "spans": spans, "now": timezone.now()}
    with django_assert_num_queries(3):
        found = sparing.free_hosts(**asked)

    assert [len(hosts) for hosts in found] == [0 if n == 2 else count for n in range(count)]


def test_hosts_are_looked_at_one_by_one_only_where_meetings_could_fill_them(
    people, django_assert_num_queries
) -> None:
    one, _two = link(people.aoki, "一"), link(people.aoki, "二")
    wanted(people.company, one, at(10))
    asked = {"organization": people.company, "now": timezone.now()}

    with django_assert_num_queries(3):
        assert sparing.has_free_host(spans=[(at(10), at(11)), (at(11), at(12))], **asked) == [True, True]

    # Two meetings and two hosts, but one after the other on one of them.
    wanted(people.company, one, at(11))
    with django_assert_num_queries(6):
        assert sparing.has_free_host(spans=[(at(10, 30), at(11, 30)), (at(12), at(13))], **asked) == [
            True,
            True,
        ]


_minutes = st.integers(min_value=0, max_value=300)
_span = st.tuples(_minutes, st.integers(min_value=1, max_value=120)).map(
    lambda one: (at(8) + timedelta(minutes=one[0]), at(8) + timedelta(minutes=sum(one)))
)


@given(spans=st.lists(_span, max_size=6), taken=st.lists(st.tuples(st.integers(1, 2), _span), max_size=6))
def test_what_touches_a_time_is_found_however_long_the_times_are(spans, taken) -> None:
    found = sparing._busy([(host, *span) for host, span in taken], spans)

    for span in spans:
        for host in (1, 2):
            touching = [one for who, one in taken if who == host and one[0] < span[1] and one[1] > span[0]]
            assert sorted(found.get((span, host), [])) == sorted(touching)
