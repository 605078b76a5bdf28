"""issue_meeting against a simulated Zoom: made once, retried while Zoom is away, visible when it cannot be."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.history.models import Entry
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview
from mensetsu.zoom.models import Meeting, Problem
from tests import story, zoom_world
from tests.interviews import desk
from tests.racing import meanwhile

CREATE = {"method": "POST", "path": "/v2/users/me/meetings"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace, zoom: zoom_world.ZoomWorld) -> SimpleNamespace:
    desk.furnish(people)
    people.company.zoom_connections.all().delete()
    people.team = zoom.connect(people.aoki, zoom_world.RECRUIT, is_shared=True)
    people.sub = zoom.connect(people.aoki, zoom_world.RECRUIT2, is_shared=True)
    people.zoom = zoom
    return people


def reread(interview: Interview) -> Interview:
    return Interview.objects.with_facts().get(pk=interview.pk)


def actions(interview: Interview) -> list[str]:
    entries = Entry.objects.filter(subject="interviews.interview", subject_id=interview.pk)
    return list(entries.order_by("id").values_list("action", flat=True))


def test_the_meeting_exists_at_zoom_with_time_length_topic_and_host(
    world: SimpleNamespace, run_jobs: Callable[..., int]
) -> None:
    interview = desk.schedule(world)

    run_jobs()

    interview = reread(interview)
    (made,) = world.zoom.meetings()
    assert (interview.url_state, interview.join_url) == ("issued", interview.meeting.join_url)
    assert str(made["id"]) == interview.meeting.zoom_id
    assert (made["topic"], made["duration"]) == ("株式会社サンプル 一次面接", 60)
    assert actions(interview) == ["interview.scheduled", "interview.panel_told", "interview.issued"]


@pytest.mark.parametrize("times", [1, 2])
def test_a_meeting_whose_passcode_zoom_did_not_take_at_once_gets_it_all_the_same(
    world: SimpleNamespace, run_jobs: Callable[..., int], times: int
) -> None:
    settings = {"schedule_meeting": {"require_password_for_scheduling_new_meetings": False}}
    world.zoom.control("POST", f"users/{zoom_world.RECRUIT}", {"settings": settings})
    world.zoom.fault("server_error", match={"method": "PATCH"}, times=times)
    interview = desk.schedule(world)

    run_jobs(until=timezone.now() + timedelta(minutes=10))

    meeting = reread(interview).meeting
    (made,) = world.zoom.meetings()
    assert (len(meeting.passcode), made["password"]) == (10, meeting.passcode)
    assert not meeting.differences.open().exists()


def test_the_job_run_twice_makes_one_meeting_and_one_entry(
    world: SimpleNamespace, run_jobs: Callable[..., int]
) -> None:
    interview = desk.schedule(world)
    run_jobs()

    scheduling.issue_meeting.call(interview_id=interview.pk)

    assert len(world.zoom.meetings()) == 1
    assert actions(interview).count("interview.issued") == 1


def test_moving_keeps_id_and_url_at_zoom_too(world: SimpleNamespace, run_jobs: Callable[..., int]) -> None:
    interview = desk.schedule(world)
    run_jobs()
    before = reread(interview)

    scheduling.reschedule(
        reread(interview),
        starts_at=story.tomorrow_at(10, days=3),
        minutes=30,
        by=world.baba,
        now=timezone.now(),
    )
    run_jobs()

    after = reread(interview)
    (made,) = world.zoom.meetings()
    assert (after.meeting_id, after.join_url) == (before.meeting_id, before.join_url)
    assert (str(made["id"]), made["duration"]) == (before.meeting.zoom_id, 30)
    assert not after.meeting.is_unsynced


def test_another_host_first_makes_the_new_meeting_and_then_deletes_the_old(
    world: SimpleNamespace, run_jobs: Callable[..., int]
) -> None:
    interview = desk.schedule(world)
    run_jobs()
    old = reread(interview)

    scheduling.change_host(reread(interview), world.sub, by=world.baba, now=timezone.now())
    between = reread(interview)
    run_jobs()

    after = reread(interview)
    (made,) = world.zoom.meetings()
    assert between.join_url == old.join_url
    assert (after.meeting.connection, after.next_meeting) == (world.sub, None)
    assert str(made["id"]) == after.meeting.zoom_id
    assert after.join_url != old.join_url
    assert Meeting.objects.get(pk=old.meeting_id).removed_at is not None


def test_while_the_new_host_cannot_make_one_the_old_link_works(
    world: SimpleNamespace, run_jobs: Callable[..., int]
) -> None:
    interview = desk.schedule(world)
    run_jobs()
    old = reread(interview)
    world.zoom.fault("server_error", times=50, match=CREATE)

    scheduling.change_host(reread(interview), world.sub, by=world.baba, now=timezone.now())
    run_jobs()

    after = reread(interview)
    assert (after.join_url, after.next_meeting.problem) == (old.join_url, "unknown")
    assert len(world.zoom.meetings()) == 1


def test_zoom_away_leaves_the_interview_and_a_later_try_succeeds(
    world: SimpleNamespace, run_jobs: Callable[..., int]
) -> None:
    world.zoom.fault("server_error", match=CREATE)
    interview = desk.schedule(world)

    run_jobs()
    away = reread(interview)
    run_jobs(until=timezone.now() + timedelta(hours=2))

    assert (away.url_state, away.meeting.problem) == ("pending", "unknown")
    assert reread(interview).url_state == "issued"
    assert len(world.zoom.meetings()) == 1


def test_a_refusal_is_visible_told_once_and_can_be_tried_again(
    world: SimpleNamespace, run_jobs: Callable[..., int], mailoutbox: list
) -> None:
    world.zoom.fault("not_allowed_to_host")
    interview = desk.schedule(world, interviewers=[])

    run_jobs()
    failed = reread(interview)
    scheduling.issue_meeting.call(interview_id=interview.pk)
    run_jobs()

    assert failed.url_state == "failed"
    assert [letter.to[0].endswith("<baba@sample.example.jp>") for letter in mailoutbox] == [True]
    assert f"/interviews/{interview.pk}/" in mailoutbox[0].body
    scheduling.retry_issue(failed, by=world.baba, now=timezone.now())
    run_jobs()
    assert reread(interview).url_state == "issued"


def test_a_time_that_zoom_did_not_take_is_sent_again_by_one_press(
    world: SimpleNamespace, run_jobs: Callable[..., int]
) -> None:
    interview = desk.schedule(world)
    run_jobs()
    later = reread(interview).starts_at + timedelta(hours=1)
    scheduling.reschedule(reread(interview), starts_at=later, minutes=60, by=world.baba, now=timezone.now())
    # What the job leaves when Zoom has answered 204 and taken nothing: it does not come back by itself.
    DBTaskResult.objects.all().delete()
    Meeting.objects.update(problem=Problem.NOT_TAKEN)

    scheduling.retry_issue(reread(interview), by=world.baba, now=timezone.now())
    run_jobs()

    meeting = reread(interview).meeting
    assert (meeting.is_unsynced, meeting.synced_starts_at) == (False, later)
    assert "interview.sync_retried" in actions(interview)
    scheduling.retry_issue(reread(interview), by=world.baba, now=timezone.now())
    assert actions(interview).count("interview.sync_retried") == 1  # nothing to tell any more


def test_a_canceled_interview_leaves_nothing_at_zoom(
    world: SimpleNamespace, run_jobs: Callable[..., int]
) -> None:
    interview = desk.schedule(world)
    run_jobs()

    scheduling.cancel(reread(interview), by=world.baba, now=timezone.now())
    run_jobs()

    assert world.zoom.meetings() == []


def test_an_interview_canceled_before_its_meeting_was_made_makes_none(
    world: SimpleNamespace, run_jobs: Callable[..., int]
) -> None:
    interview = desk.schedule(world)
    scheduling.cancel(interview, by=world.baba, now=timezone.now())

    run_jobs()

    assert world.zoom.requests("POST", "/v2/users/me/meetings") == []
    assert not DBTaskResult.objects.filter(status="READY").exists()


def test_an_interview_canceled_while_zoom_made_its_meeting_leaves_nothing_at_zoom(
    world: SimpleNamespace, run_jobs: Callable[..., int]
) -> None:
    interview = desk.schedule(world)

    with meanwhile(
        'SET "zoom_id"', lambda: scheduling.cancel(reread(interview), by=world.baba, now=timezone.now())
    ):
        run_jobs()

    after = reread(interview)
    assert (world.zoom.meetings(), after.meeting.removed_at is not None) == ([], True)
    assert "interview.issued" not in actions(interview)
