"""A host's time: half-open, counted by the instant, taken in one place."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mensetsu.zoom import hosting, meetings, taken
from mensetsu.zoom.models import Connection, EndReason, Meeting
from tests import story
from tests.racing import meanwhile
from tests.zoom_world import wanted

pytestmark = pytest.mark.django_db


def link(owner, name: str = "採用", **values) -> Connection:
    values = {"is_shared": True, "plan_type": 2, "label": name, "connected_at": timezone.now()} | values
    return Connection.objects.create(
        organization=owner.organization, owner=owner, zoom_user_id=f"user-{name}", **values
    )


@pytest.fixture
def host(people) -> Connection:
    return link(people.aoki)


def at(hour: int, minute: int = 0):
    return story.tomorrow_at(hour, minute)


def test_back_to_back_is_no_overlap(people, host: Connection) -> None:
    wanted(people.company, host, at(10))

    after = wanted(people.company, host, at(11))
    before = wanted(people.company, host, at(9))

    assert Meeting.objects.live().filter(connection=host).count() == 3
    assert (before.ends_at, after.starts_at) == (at(10), at(11))


@pytest.mark.parametrize(
    ("hour", "minute", "minutes"),
    [(10, 0, 60), (9, 30, 60), (10, 30, 60), (10, 15, 15), (9, 0, 180), (9, 59, 2), (10, 59, 30)],
)
def test_any_overlap_is_refused_with_who_and_until_when(
    people, host: Connection, hour: int, minute: int, minutes: int
) -> None:
    there = wanted(people.company, host, at(10))

    with pytest.raises(meetings.HostBusy) as problem:
        wanted(people.company, host, at(hour, minute), minutes=minutes)

    assert problem.value.meetings == [there]
    assert problem.value.until == at(11)
    assert Meeting.objects.count() == 1


def test_capacity_counts_the_moment_not_the_day(people) -> None:
    host = link(people.aoki, capacity=2)
    wanted(people.company, host, at(10))
    wanted(people.company, host, at(11))

    # Beside both, one after the other: never more than two at once.
    long = wanted(people.company, host, at(10), minutes=120)

    with pytest.raises(meetings.HostBusy) as problem:
        wanted(people.company, host, at(10, 30), minutes=60)
    assert long in problem.value.meetings
    assert problem.value.until == at(12)


def test_canceled_and_lost_meetings_free_the_time(people, host: Connection) -> None:
    canceled = wanted(people.company, host, at(10))
    meetings.cancel(canceled, now=timezone.now())
    lost = wanted(people.company, host, at(10))
    Meeting.objects.filter(pk=lost.pk).update(lost_at=timezone.now())

    assert wanted(people.company, host, at(10)).connection == host


def test_a_failed_meeting_keeps_its_time(people, host: Connection) -> None:
    failed = wanted(people.company, host, at(10))
    Meeting.objects.filter(pk=failed.pk).update(failed_at=timezone.now())

    with pytest.raises(meetings.HostBusy):
        wanted(people.company, host, at(10))


def test_an_ended_or_foreign_host_is_refused(people, host: Connection) -> None:
    with pytest.raises(meetings.HostEnded):
        wanted(people.other, host, at(10))
    Connection.objects.update(ended_at=timezone.now(), end_reason=EndReason.REVOKED)

    with pytest.raises(meetings.HostEnded):
        wanted(people.company, host, at(10))
    assert Meeting.objects.count() == 0


def test_a_past_start_is_refused(people, host: Connection) -> None:
    with pytest.raises(meetings.StartsInPast):
        wanted(people.company, host, timezone.now())


def test_a_meeting_for_what_runs_takes_what_is_left_of_the_hosts_time(people, host: Connection) -> None:
    wanted(people.company, host, at(9))  # until ten
    late = {"minutes": 60, "now": at(10, 1)}

    with pytest.raises(meetings.StartsInPast):
        wanted(people.company, host, at(9, 30), **late)
    with pytest.raises(meetings.StartsInPast):
        wanted(people.company, host, at(9), **late, may_have_begun=True)
    meeting = wanted(people.company, host, at(9, 30), **late, may_have_begun=True)
    meetings.move(meeting, starts_at=at(9, 30), minutes=90, topic="x", now=at(10, 5))

    assert (meeting.starts_at, meeting.ends_at) == (at(9, 30), at(11))
    with pytest.raises(meetings.HostBusy):
        wanted(people.company, host, at(10, 30), now=at(10, 6))


# --- move -----------------------------------------------------------------------------------------------------------


def test_moving_into_its_own_time_is_no_overlap(people, host: Connection) -> None:
    meeting = wanted(people.company, host, at(10))

    meetings.move(meeting, starts_at=at(10, 30), minutes=60, topic="x", now=timezone.now())

    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.ends_at) == (at(10, 30), at(11, 30))


def test_moving_onto_another_is_refused_and_changes_nothing(people, host: Connection) -> None:
    meeting = wanted(people.company, host, at(10))
    wanted(people.company, host, at(12))

    with pytest.raises(meetings.HostBusy):
        meetings.move(meeting, starts_at=at(11, 30), minutes=60, topic="x", now=timezone.now())

    meeting.refresh_from_db()
    assert meeting.starts_at == at(10)


def test_a_running_meeting_may_become_longer_but_not_start_in_the_past(people, host: Connection) -> None:
    meeting = wanted(people.company, host, at(10))
    during = at(10, 5)

    meetings.move(meeting, starts_at=at(10), minutes=90, topic="x", now=during)

    assert meeting.ends_at == at(11, 30)
    with pytest.raises(meetings.StartsInPast):
        meetings.move(meeting, starts_at=at(10, 3), minutes=90, topic="x", now=during)


@pytest.mark.parametrize("column", ["canceled_at", "lost_at"])
def test_what_is_over_cannot_be_moved(people, host: Connection, column: str) -> None:
    meeting = wanted(people.company, host, at(10))
    Meeting.objects.filter(pk=meeting.pk).update(**{column: timezone.now()})

    with pytest.raises(meetings.NotMovable):
        meetings.move(meeting, starts_at=at(11), minutes=60, topic="x", now=timezone.now())


# --- choose ---------------------------------------------------------------------------------------------------------


def test_the_least_loaded_licensed_shared_host_is_chosen(people) -> None:
    basic = link(people.aoki, "a-basic", plan_type=1)
    busy = link(people.aoki, "b-busy")
    idle = link(people.aoki, "c-idle")
    own = link(people.baba, "d-own", is_shared=False)
    wanted(people.company, busy, at(18))

    chosen = [wanted(people.company, None, at(10), minutes=30).connection for _n in range(4)]

    assert chosen == [idle, busy, basic, own]
    with pytest.raises(meetings.NoFreeHost):
        wanted(people.company, None, at(10), minutes=30)


def test_a_basic_host_is_the_last_resort_for_a_long_interview(people) -> None:
    basic = link(people.aoki, "basic", plan_type=1)
    own = link(people.baba, "own", is_shared=False)

    assert wanted(people.company, None, at(10), minutes=41).connection == own
    assert wanted(people.company, None, at(10), minutes=41).connection == basic


def test_another_companys_hosts_are_never_chosen(people) -> None:
    link(people.chiba)

    with pytest.raises(meetings.NoFreeHost):
        wanted(people.company, None, at(10))


def test_the_meeting_to_be_replaced_does_not_count(people, host: Connection) -> None:
    old = wanted(people.company, host, at(10))

    new = wanted(people.company, None, at(10), ignoring=old)

    assert new.connection == host


def test_choices_tell_what_speaks_against_each(people, django_assert_num_queries) -> None:
    busy, near = link(people.aoki, "a"), link(people.aoki, "b")
    basic = link(people.aoki, "c", plan_type=1)
    link(people.chiba, "theirs")
    there = wanted(people.company, busy, at(10))
    wanted(people.company, near, at(8, 55))

    with django_assert_num_queries(3):
        choices = meetings.host_choices(
            organization=people.company, starts_at=at(10), minutes=60, now=timezone.now()
        )

    told = [(c.connection, c.is_free, c.busy, c.gap_minutes_before, c.is_basic_and_too_long) for c in choices]
    assert told == [
        (busy, False, [there], None, False),
        (near, True, [], 5, False),
        (basic, True, [], None, True),
    ]


# --- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("一次面接  佐藤 様", "一次面接 佐藤 様"),
        ("あ" * 201, "あ" * 200),
        ("あ" * 199 + "😀", "あ" * 199),
        ("😀" * 101, "😀" * 100),
        ("a" * 196 + "👩\u200d💻", "a" * 196 + "👩"),
    ],
)
def test_a_topic_is_cut_where_zoom_and_characters_allow(given: str, kept: str) -> None:
    assert hosting.shortened(given) == kept


def test_a_meeting_in_the_past_neither_counts_nor_blocks_a_disconnection(people, host: Connection) -> None:
    meeting = wanted(people.company, host, at(10))

    assert list(Meeting.objects.upcoming(meeting.ends_at)) == []
    assert list(Meeting.objects.upcoming(meeting.ends_at - timedelta(seconds=1))) == [meeting]


def test_choosing_among_more_hosts_asks_no_more(people, django_assert_num_queries) -> None:
    link(people.aoki)
    with CaptureQueriesContext(connection) as few:
        wanted(people.company, None, at(10))
    for name in ("二", "三", "四"):
        link(people.aoki, name)
    with django_assert_num_queries(len(few)):
        chosen = wanted(people.company, None, at(10))

    assert str(chosen.connection) != "採用"


def test_canceled_at_the_moment_of_moving_stays_where_it_was(people, host: Connection) -> None:
    meeting = wanted(people.company, host, at(10))

    with (
        meanwhile('UPDATE "zoom_meeting" SET "starts_at"', lambda: Meeting.objects.update(canceled_at=at(1))),
        pytest.raises(meetings.NotMovable),
    ):
        meetings.move(meeting, starts_at=at(14), minutes=60, topic="x", now=timezone.now())

    meeting.refresh_from_db()
    assert meeting.starts_at == at(10)


def test_the_next_best_host_is_taken_when_the_best_is_gone_at_that_moment(people) -> None:
    best = link(people.aoki, "一")
    next_best = link(people.aoki, "二", plan_type=1)

    with meanwhile('UPDATE "zoom_connection" SET "touched"', lambda: wanted(people.company, best, at(10))):
        meeting = wanted(people.company, None, at(10), minutes=30)

    assert meeting.connection == next_best


def test_a_host_that_was_taken_for_another_time_at_that_moment_is_looked_at_again_and_stays_the_best(
    people,
) -> None:
    best = link(people.aoki, "一")
    link(people.aoki, "二", plan_type=1)

    with meanwhile('UPDATE "zoom_connection" SET "touched"', lambda: wanted(people.company, best, at(18))):
        meeting = wanted(people.company, None, at(10), minutes=30)

    assert meeting.connection == best


@pytest.mark.parametrize(("taken_at", "chosen"), [(18, "一"), (10, "二")])
def test_a_host_that_was_taken_after_the_look_of_who_stands_in_the_line_is_looked_at_again(
    people, monkeypatch: pytest.MonkeyPatch, taken_at: int, chosen: str
) -> None:
    best = link(people.aoki, "一")
    link(people.aoki, "二", plan_type=1)
    monkeypatch.setattr(taken, "first_unclaimed", lambda _seen: None)

    with meanwhile(
        'UPDATE "zoom_connection" SET "touched"', lambda: wanted(people.company, best, at(taken_at))
    ):
        meeting = wanted(people.company, None, at(10), minutes=30)

    assert meeting.connection.label == chosen


def test_the_last_host_that_was_taken_while_one_stood_in_the_line_is_not_given_twice(
    people, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = link(people.aoki, "一")
    monkeypatch.setattr(taken, "first_unclaimed", lambda _seen: None)

    with (
        meanwhile('UPDATE "zoom_connection" SET "touched"', lambda: wanted(people.company, only, at(10))),
        pytest.raises(hosting.NoFreeHost),
    ):
        wanted(people.company, None, at(10), minutes=30)


def test_finding_a_free_host_asks_as_often_among_five_as_among_one(
    people, django_assert_max_num_queries
) -> None:
    for name in "一二三四五":
        link(people.aoki, name)

    with django_assert_max_num_queries(10):
        wanted(people.company, None, at(10))
