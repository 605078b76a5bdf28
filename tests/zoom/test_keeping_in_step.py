"""Meetings follow our time, changes at Zoom are noticed, the start link is fresh."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.jobs import working
from mensetsu.zoom import checking, issuing, meetings, signals, sweeping
from mensetsu.zoom.models import Connection, EndReason, Meeting, Problem
from simulator.zoom import fixtures
from tests.racing import meanwhile
from tests.zoom_world import RECRUIT, ZoomWorld, issued

pytestmark = pytest.mark.django_db

CREATE = {"method": "POST", "path": "/v2/users/me/meetings"}


@pytest.fixture
def lost() -> list[Meeting]:
    """The meetings announced as lost."""
    heard: list[Meeting] = []

    def hear(*, meeting: Meeting, **facts: object) -> None:
        heard.append(meeting)

    signals.meeting_lost.connect(hear)
    yield heard
    signals.meeting_lost.disconnect(hear)


# --- keep in step ---------------------------------------------------------------------------------------------------


def test_moving_keeps_id_and_url(zoom: ZoomWorld, people, host: Connection, run_jobs) -> None:
    meeting = issued(people.company, host)
    before = (meeting.zoom_id, meeting.join_url, meeting.passcode)
    later = meeting.starts_at + timedelta(days=1)

    meetings.move(meeting, starts_at=later, minutes=30, topic=meeting.topic, now=timezone.now())
    run_jobs()

    meeting.refresh_from_db()
    assert (meeting.zoom_id, meeting.join_url, meeting.passcode) == before
    assert (meeting.synced_starts_at, meeting.synced_minutes) == (later, 30)
    (there,) = zoom.meetings()
    assert there["duration"] == 30


def test_a_move_carries_its_length_which_somebody_may_have_changed_at_zoom_unheard(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    """Found by a campaign: Zoom took the new start, kept the other length, and the page said that it took nothing."""
    meeting = issued(people.company, host)
    zoom.edit(meeting, duration=25)

    later = meeting.starts_at + timedelta(days=1)
    meetings.move(meeting, starts_at=later, minutes=60, topic=meeting.topic, now=timezone.now())
    run_jobs()

    meeting.refresh_from_db()
    assert (meeting.synced_starts_at, meeting.synced_minutes, meeting.problem) == (later, 60, "")


def test_a_meeting_that_is_no_longer_there_needs_no_telling(
    zoom: ZoomWorld, people, host: Connection
) -> None:
    before = len(zoom.state()["meetings"])

    issuing.sync_meeting.call(meeting_id=0)

    assert len(zoom.state()["meetings"]) == before


def test_moving_to_the_same_time_costs_no_update(zoom: ZoomWorld, people, host: Connection, run_jobs) -> None:
    meeting = issued(people.company, host)

    meetings.move(meeting, starts_at=meeting.starts_at, minutes=60, topic=meeting.topic, now=timezone.now())
    run_jobs()

    assert zoom.requests("PATCH", f"/v2/meetings/{meeting.zoom_id}") == []


def test_a_meeting_that_is_gone_when_it_moves_is_lost(
    zoom: ZoomWorld, people, host: Connection, run_jobs, lost: list[Meeting]
) -> None:
    meeting = issued(people.company, host)
    zoom.delete(meeting)

    later = meeting.starts_at + timedelta(days=1)
    meetings.move(meeting, starts_at=later, minutes=60, topic="x", now=timezone.now())
    run_jobs()

    meeting.refresh_from_db()
    assert meeting.lost_at is not None
    assert lost == [meeting]


def test_zoom_away_while_moving_is_told_later(zoom: ZoomWorld, people, host: Connection, run_jobs) -> None:
    meeting = issued(people.company, host)
    zoom.fault("down")
    later = meeting.starts_at + timedelta(days=1)

    meetings.move(meeting, starts_at=later, minutes=60, topic=meeting.topic, now=timezone.now())
    run_jobs()

    meeting.refresh_from_db()
    assert (meeting.is_unsynced, meeting.problem) == (True, Problem.AWAY)
    zoom.heal()
    run_jobs(until=timezone.now() + timedelta(minutes=5))
    meeting.refresh_from_db()
    assert (meeting.is_unsynced, meeting.problem) == (False, "")


def test_a_move_that_zoom_does_not_permit_waits_for_a_person(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    scopes = [scope for scope in fixtures.SCOPES if scope != "meeting:update:meeting"]
    meeting = issued(people.company, host)
    zoom.control("POST", f"apps/{fixtures.CLIENT_ID}", {"scopes": scopes})
    zoom.connect(people.baba, RECRUIT)
    later = meeting.starts_at + timedelta(hours=3)
    meetings.move(meeting, starts_at=later, minutes=60, topic=meeting.topic, now=timezone.now())

    run_jobs()

    meeting.refresh_from_db()
    assert (meeting.problem, meeting.due_at, meeting.is_unsynced) == (Problem.SCOPE_MISSING, None, True)
    checking.reconcile.call()
    assert not DBTaskResult.objects.filter(status="READY").exists()


def test_nothing_is_put_back_where_both_agree(zoom: ZoomWorld, people, host: Connection) -> None:
    meeting = issued(people.company, host)

    meetings.restore(meeting, now=timezone.now())

    assert not DBTaskResult.objects.exists()


def test_a_loss_is_told_once(zoom: ZoomWorld, people, host: Connection, lost: list[Meeting]) -> None:
    meeting = issued(people.company, host)
    zoom.delete(meeting)
    second = Meeting.objects.get(pk=meeting.pk)

    with meanwhile('SET "lost_at"', lambda: issuing.lose(second, now=timezone.now())):
        meetings.check(meeting, now=timezone.now())

    assert lost == [meeting]


def test_what_is_over_has_no_start_link(zoom: ZoomWorld, people, host: Connection) -> None:
    meeting = issued(people.company, host)
    meetings.cancel(meeting, now=timezone.now())
    before = len(zoom.requests("GET", f"/v2/meetings/{meeting.zoom_id}"))

    with pytest.raises(meetings.MeetingGone):
        meetings.start_url(meeting, now=timezone.now())

    assert len(zoom.requests("GET", f"/v2/meetings/{meeting.zoom_id}")) == before


def test_a_change_at_zoom_is_news_and_can_be_put_back(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    meeting = issued(people.company, host)
    zoom.edit(meeting, duration=15)
    heard: list[str] = []

    def hear(*, kind: str, **facts: object) -> None:
        heard.append(kind)

    signals.meeting_news.connect(hear)
    try:
        meetings.check(meeting, now=timezone.now())
        meetings.check(meeting, now=timezone.now())
    finally:
        signals.meeting_news.disconnect(hear)

    assert heard == ["changed"]
    assert (meeting.minutes, meeting.synced_minutes) == (60, 15)
    assert meeting.drifted_at is not None
    meetings.restore(meeting, now=timezone.now())
    run_jobs()
    meeting.refresh_from_db()
    assert (meeting.synced_minutes, meeting.drifted_at) == (60, None)


def test_a_new_passcode_at_zoom_changes_our_link_without_alarm(
    zoom: ZoomWorld, people, host: Connection
) -> None:
    meeting = issued(people.company, host)
    before = meeting.join_url
    zoom.edit(meeting, password="N3w-pass")

    meetings.check(meeting, now=timezone.now())

    assert meeting.passcode == "N3w-pass"
    assert meeting.join_url != before
    assert meeting.drifted_at is None


# --- start ----------------------------------------------------------------------------------------------------------


def test_the_start_link_is_fresh_each_time_and_kept_nowhere(
    zoom: ZoomWorld, people, host: Connection, caplog
) -> None:
    caplog.set_level("DEBUG")
    meeting = issued(people.company, host)

    first = meetings.start_url(meeting, now=timezone.now())
    second = meetings.start_url(meeting, now=timezone.now())

    assert first != second
    assert "/s/" in first
    row = Meeting.objects.filter(pk=meeting.pk).values().get()
    assert not any("zak=" in str(value) for value in row.values())
    assert "zak=" not in caplog.text


def test_the_start_link_of_a_deleted_meeting_marks_it_lost(
    zoom: ZoomWorld, people, host: Connection, lost: list[Meeting]
) -> None:
    meeting = issued(people.company, host)
    zoom.delete(meeting)

    with pytest.raises(meetings.MeetingGone):
        meetings.start_url(meeting, now=timezone.now())

    meeting.refresh_from_db()
    assert meeting.lost_at is not None
    assert lost == [meeting]


# --- reconcile ------------------------------------------------------------------------------------------------------


def test_each_coming_meeting_is_looked_at_once_a_milestone(
    zoom: ZoomWorld, people, host: Connection, run_jobs, lost: list[Meeting]
) -> None:
    soon = timezone.now() + timedelta(hours=30)
    meeting = issued(people.company, host, soon)
    Meeting.objects.update(checked_at=timezone.now() - timedelta(days=3))

    checking.reconcile.call()
    run_jobs()
    checking.reconcile.call()
    run_jobs()

    assert len(zoom.requests("GET", f"/v2/meetings/{meeting.zoom_id}")) == 1
    zoom.delete(meeting)
    Meeting.objects.update(checked_at=timezone.now() - timedelta(days=3))
    checking.reconcile.call()
    run_jobs()
    assert lost == [meeting]


@pytest.mark.parametrize("round_of", ["reconcile", "sweep"])
def test_a_round_over_all_meetings_lets_what_people_wait_for_go_first(
    zoom: ZoomWorld, people, host: Connection, round_of: str
) -> None:
    """After a pause of the workers it gives out a look at each of thousands."""
    meeting = issued(people.company, host, timezone.now() + timedelta(hours=30))
    Meeting.objects.update(checked_at=timezone.now() - timedelta(days=3))
    DBTaskResult.objects.all().delete()
    if round_of == "sweep":
        zoom.delete(meeting)
        sweeping.sweep.call(connection_id=host.pk)
    else:
        checking.reconcile.call()
    issuing.sync_meeting.enqueue(meeting_id=meeting.pk)

    claimed = [working.claim("by-hand", timezone.now()) for _ in range(2)]

    assert [row and row.task_path.rpartition(".")[2] for row in claimed] == ["sync_meeting", "check_meeting"]


def test_the_sweep_deletes_what_is_canceled_here_and_nothing_else(
    zoom: ZoomWorld, people, host: Connection
) -> None:
    kept = issued(people.company, host)
    orphan = issued(people.company, host, kept.starts_at + timedelta(hours=2))
    foreign = issued(people.company, host, kept.starts_at + timedelta(hours=4))
    Meeting.objects.filter(pk=orphan.pk).update(canceled_at=timezone.now(), removed_at=timezone.now())
    zoom.edit(foreign, agenda="made by a person")

    sweeping.sweep.call(connection_id=host.pk)

    assert sorted(str(m["id"]) for m in zoom.meetings()) == sorted([kept.zoom_id, foreign.zoom_id])


@pytest.mark.parametrize(
    ("scope", "kept"), [("meeting:read:list_meetings", True), ("meeting:write:meeting", False)]
)
def test_the_sweep_needs_no_more_than_looking_and_deleting(
    zoom: ZoomWorld, people, host: Connection, scope: str, kept: bool
) -> None:
    meeting = issued(people.company, host)
    Meeting.objects.update(canceled_at=timezone.now(), removed_at=timezone.now())
    scopes = [one for one in fixtures.SCOPES if one != scope]
    zoom.control("POST", f"apps/{fixtures.CLIENT_ID}", {"scopes": scopes})
    again = zoom.connect(people.baba, RECRUIT, is_shared=True)

    sweeping.sweep.call(connection_id=again.pk)

    assert [str(m["id"]) for m in zoom.meetings()] == ([meeting.zoom_id] if kept else [])


def test_the_sweep_is_repeated_when_zoom_is_away(zoom: ZoomWorld, people, host: Connection, run_jobs) -> None:
    issued(people.company, host)
    Meeting.objects.update(canceled_at=timezone.now(), removed_at=timezone.now())
    sweeping.sweep.enqueue(connection_id=host.pk)
    zoom.fault("down")
    run_jobs()
    zoom.heal()
    assert len(zoom.meetings()) == 1

    run_jobs(until=timezone.now() + timedelta(minutes=5))

    assert zoom.meetings() == []


def test_a_check_that_somebody_else_has_given_out_is_not_given_out_again(
    zoom: ZoomWorld, people, host: Connection
) -> None:
    near = issued(people.company, host, timezone.now() + timedelta(hours=30))
    Meeting.objects.update(checked_at=timezone.now() - timedelta(days=3))

    with meanwhile('UPDATE "zoom_meeting" SET "checked_at"', checking.reconcile.call):
        checking.reconcile.call()

    assert DBTaskResult.objects.filter(args_kwargs__kwargs__meeting_id=near.pk).count() == 1


def test_checks_of_what_is_gone_meanwhile_ask_nothing(zoom: ZoomWorld, people, host: Connection) -> None:
    meeting = issued(people.company, host)
    meetings.cancel(meeting, now=timezone.now())
    Connection.objects.update(ended_at=timezone.now(), end_reason=EndReason.DISCONNECTED)
    before = len(zoom.control("GET", "requests")["log"])

    checking.check_meeting.call(meeting_id=meeting.pk)
    checking.check_connection.call(connection_id=host.pk)
    sweeping.sweep.call(connection_id=host.pk)

    assert len(zoom.control("GET", "requests")["log"]) == before


def test_an_outage_does_not_fill_the_queue(zoom: ZoomWorld, people, host: Connection, run_jobs) -> None:
    near = issued(people.company, host, timezone.now() + timedelta(hours=30))
    moved = issued(people.company, host, near.starts_at + timedelta(hours=3))
    canceled = issued(people.company, host, near.starts_at + timedelta(hours=6))
    long_ago = timezone.now() - timedelta(days=3)
    Meeting.objects.update(checked_at=long_ago)
    Meeting.objects.filter(pk=moved.pk).update(minutes=90)
    Meeting.objects.filter(pk=canceled.pk).update(canceled_at=long_ago)
    zoom.fault("down")

    for _minute in range(5):
        checking.reconcile.call()
        run_jobs()

    waiting = DBTaskResult.objects.filter(status="READY").values_list("args_kwargs", flat=True)
    asked = [one["kwargs"]["meeting_id"] for one in waiting]
    assert sorted(asked) == sorted([near.pk, moved.pk, moved.pk, canceled.pk])
    zoom.heal()
    run_jobs(until=timezone.now() + timedelta(minutes=5))
    moved.refresh_from_db()
    canceled.refresh_from_db()
    assert not moved.is_unsynced
    assert canceled.removed_at is not None
