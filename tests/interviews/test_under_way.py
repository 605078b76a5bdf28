"""Once it has begun: a meeting that is gone, or whose host is, is replaced at once; one that works is left alone."""

from collections.abc import Callable
from datetime import UTC, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview, Service, Way
from mensetsu.zoom import checking, meetings, sweeping
from mensetsu.zoom.models import Connection, Difference, EndReason, Meeting
from tests.interviews import desk
from tests.interviews.writing import again
from tests.zoom_world import RECRUIT, RECRUIT2

pytestmark = pytest.mark.django_db


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Any) -> Client:
    return client_of(world.baba)


@pytest.fixture
def running(world: SimpleNamespace, interview: Interview) -> Interview:
    """It began two minutes ago."""
    return begin(interview)


def begin(interview: Interview, minutes: int = 2) -> Interview:
    """As if it had been planned for so many minutes ago, at Zoom too."""
    at = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=minutes)
    ends_at = at + timedelta(minutes=60)
    Interview.objects.filter(pk=interview.pk).update(starts_at=at, ends_at=ends_at)
    Meeting.objects.filter(pk=interview.meeting_id).update(starts_at=at, ends_at=ends_at, synced_starts_at=at)
    return again(interview)


def lose(world: SimpleNamespace, interview: Interview) -> None:
    world.zoom.delete(interview.meeting)
    meetings.check(interview.meeting, now=timezone.now())
    assert again(interview).url_state == "lost"


def press_again(baba: Client, interview: Interview) -> str:
    return desk.text(baba.post(f"/interviews/{interview.pk}/url/retry/", follow=True))


def send_form(baba: Client, world: SimpleNamespace, interview: Interview, host: Connection | str) -> Any:
    value = host if isinstance(host, str) else str(host.pk)
    sent = desk.form(world, interview.starts_at, host=value, version=str(interview.version))
    return baba.post(f"/interviews/{interview.pk}/change/", sent, follow=True)


def test_a_meeting_that_was_deleted_is_issued_anew_at_one_press(
    world: SimpleNamespace, running: Interview, baba: Client, run_jobs: Callable[..., int]
) -> None:
    lose(world, running)

    told = press_again(baba, running)
    run_jobs()

    assert "過ぎています" not in told
    after = again(running)
    (there,) = world.zoom.meetings()
    assert (after.url_state, after.meeting.zoom_id) == ("issued", str(there["id"]))
    assert (after.starts_at, after.meeting.starts_at) == (running.starts_at, running.starts_at)
    assert meetings.start_url(after.meeting, now=timezone.now())


def test_the_start_that_zoom_gave_it_is_no_difference_and_costs_no_write(
    world: SimpleNamespace, running: Interview, baba: Client, run_jobs: Callable[..., int]
) -> None:
    lose(world, running)
    press_again(baba, running)
    run_jobs()

    made = again(running).meeting
    meetings.check(made, now=timezone.now())
    sweeping.sweep.call(connection_id=world.team.pk)
    checking.reconcile.call()
    run_jobs()

    made.refresh_from_db()
    assert not Difference.objects.open().filter(meeting=made).exists()
    assert (made.is_unsynced, made.drifted_at, made.problem) == (False, None, "")
    assert world.zoom.requests("PATCH", f"/v2/meetings/{made.zoom_id}") == []


def test_what_was_made_late_can_still_be_moved(
    world: SimpleNamespace, running: Interview, baba: Client, run_jobs: Callable[..., int]
) -> None:
    lose(world, running)
    press_again(baba, running)
    run_jobs()
    later = (timezone.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)

    scheduling.reschedule(again(running), starts_at=later, minutes=60, by=world.baba, now=timezone.now())
    meetings.check(again(running).meeting, now=timezone.now())  # before Zoom has been told
    assert not Difference.objects.open().filter(meeting=again(running).meeting).exists()
    run_jobs()

    made = again(running).meeting
    assert (made.starts_at, made.is_unsynced, made.problem) == (later, False, "")
    assert world.zoom.meetings()[0]["start_time"].startswith(f"{later.astimezone(UTC):%Y-%m-%dT%H:%M}")


def test_what_somebody_moves_at_zoom_afterwards_is_told(
    world: SimpleNamespace, running: Interview, baba: Client, run_jobs: Callable[..., int]
) -> None:
    lose(world, running)
    press_again(baba, running)
    run_jobs()
    made = again(running).meeting

    world.zoom.edit(made, start_time="2030-01-01T01:00:00Z")
    meetings.check(made, now=timezone.now())

    assert Difference.objects.open().get(meeting=made).kind == "time"


def test_when_the_app_was_removed_another_host_takes_over_with_the_date_left_as_it_is(
    world: SimpleNamespace, running: Interview, baba: Client, run_jobs: Callable[..., int]
) -> None:
    other = world.zoom.connect(world.baba, RECRUIT2, is_shared=True)
    world.zoom.uninstall(RECRUIT)
    checking.check_link(world.team, now=timezone.now())
    assert again(running).needs_host

    answer = send_form(baba, world, again(running), other)
    run_jobs()

    assert "面接を変更しました。" in desk.text(answer)
    after = again(running)
    assert (after.url_state, after.meeting.connection, after.next_meeting) == ("issued", other, None)


def test_also_for_many_at_once(
    world: SimpleNamespace, running: Interview, baba: Client, run_jobs: Callable[..., int]
) -> None:
    other = world.zoom.connect(world.baba, RECRUIT2, is_shared=True)
    Connection.objects.filter(pk=world.team.pk).update(ended_at=timezone.now(), end_reason=EndReason.REVOKED)

    box = desk.soup(baba.get(f"/interviews/hosts/{world.team.pk}/")).find(id=f"i{running.pk}")
    assert (box.has_attr("checked"), box.has_attr("disabled")) == (True, False)
    baba.post(f"/interviews/hosts/{world.team.pk}/", {"host": str(other.pk), "interview": [str(running.pk)]})
    run_jobs()

    assert again(running).meeting.connection == other


def test_a_host_whose_earlier_meeting_is_over_by_now_is_free(
    world: SimpleNamespace, running: Interview, baba: Client, run_jobs: Callable[..., int]
) -> None:
    other = world.zoom.connect(world.baba, RECRUIT2, is_shared=True)
    before = desk.schedule(world, candidate=world.ito, host=other, interviewers=[], starts_at=running.starts_at
                           + timedelta(days=1))  # fmt: skip
    ended = timezone.now() - timedelta(seconds=30)
    Meeting.objects.filter(pk=before.meeting_id).update(
        starts_at=ended - timedelta(minutes=60), ends_at=ended
    )
    lose(world, running)

    send_form(baba, world, again(running), other)
    run_jobs()

    assert again(running).meeting.connection == other


def test_an_interview_on_the_spot_becomes_one_on_zoom(
    world: SimpleNamespace, running: Interview, run_jobs: Callable[..., int]
) -> None:
    desk.change_way(running, way=Way.IN_PERSON, place="本社", by=world.baba, now=timezone.now())
    run_jobs()

    desk.change_way(
        again(running), way=Way.WEB, service=Service.ZOOM, host=world.team, by=world.baba, now=timezone.now()
    )
    run_jobs()

    assert again(running).url_state == "issued"


def test_a_meeting_that_people_can_enter_keeps_its_host_and_the_refusal_says_what_helps(
    world: SimpleNamespace, running: Interview, baba: Client
) -> None:
    other = world.zoom.connect(world.baba, RECRUIT2, is_shared=True)

    answer = send_form(baba, world, running, other)

    assert answer.status_code == 422
    (error,) = desk.errors(answer)
    assert "面接中" in error
    assert "WEB面接開始" in error
    assert again(running).next_meeting is None


def test_a_past_date_that_was_typed_is_refused_as_such(
    world: SimpleNamespace, running: Interview, baba: Client
) -> None:
    sent = desk.form(
        world, running.starts_at - timedelta(days=1), version=str(running.version), host=str(world.team.pk)
    )

    answer = baba.post(f"/interviews/{running.pk}/change/", sent)

    assert desk.errors(answer) == ["日付は今日以降の日付を入力してください。"]


def test_when_its_time_is_over_the_refusal_says_what_to_do(
    world: SimpleNamespace, interview: Interview, baba: Client
) -> None:
    lose(world, interview)
    over = begin(interview, minutes=90)

    assert "日時を変更してください" in press_again(baba, over)
    assert not again(over).meeting.is_live
