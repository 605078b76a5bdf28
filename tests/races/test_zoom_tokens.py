"""Many at once on one expired link: exactly one renews, all get through."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from mensetsu.zoom import client, connecting, meetings, tokens
from mensetsu.zoom.models import Connection, Meeting
from tests.racing import together
from tests.zoom_world import RECRUIT, RECRUIT2, ZoomWorld, issued, wanted

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 20
CALLS_EACH = 10


def test_two_hundred_calls_on_an_expired_link_renew_it_once(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    Connection.objects.update(access_expires_at=timezone.now() - timedelta(seconds=1))
    before = len(zoom.requests("POST", "/oauth/token"))

    def call() -> list[str]:
        return [
            tokens.call(link, lambda zoom: zoom.me().email, now=timezone.now()) for _n in range(CALLS_EACH)
        ]

    answers = together(THREADS, call)

    assert answers == [[RECRUIT] * CALLS_EACH] * THREADS
    assert len(zoom.requests("POST", "/oauth/token")) - before == 1


def test_those_who_wait_for_a_renewal_do_not_keep_asking_the_database(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    Connection.objects.update(access_expires_at=timezone.now() - timedelta(seconds=1))
    zoom.fault("latency", ms=600, match={"path": "/oauth/token"})
    looks: list[str] = []

    def count(execute, sql, params, many, context):
        if sql.startswith("SELECT") and "zoom_connection" in sql:
            looks.append(sql)
        return execute(sql, params, many, context)

    def call() -> str:
        with connection.execute_wrapper(count):
            return tokens.fresh(link, now=timezone.now())

    answers = together(THREADS, call)

    assert len(set(answers)) == 1
    # Once at the beginning, once when it is their turn.
    assert len(looks) <= 2 * THREADS


def test_a_refused_token_is_renewed_once_by_all_who_meet_it(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    # The stored token is young for us and dead at Zoom.
    Connection.objects.update(access_token_sealed=tokens.seal("not a token"))
    before = len(zoom.requests("POST", "/oauth/token"))

    answers = together(8, lambda: tokens.call(link, lambda zoom: zoom.me().email, now=timezone.now()))

    assert answers == [RECRUIT] * 8
    assert len(zoom.requests("POST", "/oauth/token")) - before == 1


def test_two_workers_with_one_meeting_make_it_once(zoom: ZoomWorld, people) -> None:
    host = zoom.connect(people.baba, RECRUIT)
    meeting = wanted(people.company, host)

    def issue() -> str:
        try:
            meetings.issue(Meeting.objects.get(pk=meeting.pk), now=timezone.now())
        except meetings.TryLater:
            return "later"
        return "done"

    answers = together(6, issue)

    assert "done" in answers
    assert set(answers) <= {"done", "later"}
    assert len(zoom.meetings()) == 1
    meeting.refresh_from_db()
    assert meeting.is_issued


def test_of_many_who_want_one_host_at_once_one_gets_it(zoom: ZoomWorld, people) -> None:
    host = zoom.connect(people.baba, RECRUIT)
    starts_at = timezone.now() + timedelta(days=1)

    answers = together(8, lambda: wanted(people.company, host, starts_at))

    got = [one for one in answers if isinstance(one, Meeting)]
    assert len(got) == 1
    assert all(isinstance(one, meetings.HostBusy) for one in answers if one not in got)


def test_many_who_let_choose_share_the_pool_without_overlap(zoom: ZoomWorld, people) -> None:
    hosts = [zoom.connect(people.aoki, email, is_shared=True) for email in (RECRUIT, RECRUIT2)]
    starts_at = timezone.now() + timedelta(days=1)

    answers = together(8, lambda: wanted(people.company, None, starts_at))

    got = [one for one in answers if isinstance(one, Meeting)]
    assert sorted(one.connection_id for one in got) == sorted(host.pk for host in hosts)
    assert sum(isinstance(one, meetings.NoFreeHost) for one in answers) == 6


def test_a_meeting_and_a_disconnection_at_one_moment_never_both_happen(zoom: ZoomWorld, people) -> None:
    for attempt in range(5):
        host = zoom.connect(people.baba, RECRUIT)
        starts_at = timezone.now() + timedelta(days=1 + attempt)

        answers = together(
            2,
            lambda host=host, at=starts_at: wanted(people.company, host, at),
            lambda host=host: connecting.disconnect(
                Connection.objects.get(pk=host.pk), by=people.baba, now=timezone.now()
            ),
        )

        host.refresh_from_db()
        made = Meeting.objects.live().filter(connection=host)
        assert made.exists() == host.is_live
        expected = connecting.UpcomingMeetingsRemain if host.is_live else meetings.HostEnded
        assert [type(one) for one in answers if isinstance(one, Exception)] == [expected]
        for meeting in made:
            meetings.cancel(meeting, now=timezone.now())


def test_moves_of_two_meetings_into_one_gap_leave_one_there(zoom: ZoomWorld, people) -> None:
    host = zoom.connect(people.baba, RECRUIT)
    first = wanted(people.company, host)
    second = wanted(people.company, host, first.starts_at + timedelta(hours=3))
    gap = first.starts_at + timedelta(days=1)

    def move(meeting: Meeting) -> None:
        meetings.move(meeting, starts_at=gap, minutes=60, topic="x", now=timezone.now())

    answers = together(2, lambda: move(first), lambda: move(second))

    assert sorted(type(one).__name__ for one in answers) == ["HostBusy", "NoneType"]
    assert Meeting.objects.filter(starts_at=gap).count() == 1


def test_canceled_and_made_at_one_moment_leaves_nothing_at_zoom(zoom: ZoomWorld, people, run_jobs) -> None:
    host = zoom.connect(people.baba, RECRUIT)
    issued(people.company, host)
    for attempt in range(4):
        meeting = wanted(people.company, host, timezone.now() + timedelta(days=3 + attempt))

        together(
            2,
            lambda m=meeting: meetings.issue(Meeting.objects.get(pk=m.pk), now=timezone.now()),
            lambda m=meeting: meetings.cancel(m, now=timezone.now()),
        )
    run_jobs(until=timezone.now() + timedelta(hours=1))

    assert len(zoom.meetings()) == 1
    assert not Meeting.objects.filter(canceled_at__isnull=False, removed_at=None).exists()


def test_whoever_waits_too_long_for_anothers_renewal_comes_back_later(
    zoom: ZoomWorld, people, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    Connection.objects.update(access_expires_at=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(tokens, "PATIENCE", 0.1)
    zoom.fault("latency", ms=1500, match={"path": "/oauth/token"})

    answers = together(2, lambda: tokens.fresh(link, now=timezone.now()))

    assert sorted(type(one) for one in answers if isinstance(one, Exception)) == [client.TryLater]
    link.refresh_from_db()
    assert tokens.unseal(link.access_token_sealed) in answers
