"""scheduling: set, change and cancel, with the host's time taken in the same transaction."""

import uuid
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from mensetsu.candidates.models import Candidate, Status
from mensetsu.history.models import Entry
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview, Service, Way
from mensetsu.zoom import meetings
from mensetsu.zoom.models import Meeting
from tests import story
from tests.interviews import desk
from tests.interviews.desk import change, issued, schedule

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


def jobs() -> list[str]:
    return sorted(row.task_path.rpartition(".")[2] for row in DBTaskResult.objects.all())


def actions(interview: Interview) -> list[str]:
    """Without whom our notices told: test_briefing asks for that."""
    entries = Entry.objects.filter(subject="interviews.interview", subject_id=interview.pk)
    entries = entries.exclude(action="interview.panel_told")
    return list(entries.order_by("id").values_list("action", flat=True))


def test_an_interview_its_meeting_its_story_and_its_job_are_one_transaction(world: SimpleNamespace) -> None:
    interview = schedule(world, interviewers=[world.doi, world.endo], memo="英語で")

    meeting = interview.meeting
    assert (meeting.starts_at, meeting.minutes, meeting.connection) == (interview.starts_at, 60, world.team)
    assert meeting.topic == "株式会社サンプル 一次面接"
    assert meeting.page_url == f"/interviews/{interview.pk}/"
    assert [row.user for row in interview.interviewers.all()] == [world.doi, world.endo]
    assert actions(interview) == ["interview.scheduled"]
    assert jobs() == ["issue_meeting", "send_one", "send_one"]
    assert Candidate.objects.get(pk=world.sato.pk).next_interview_at == interview.starts_at


def test_a_refusal_leaves_nothing_behind(world: SimpleNamespace) -> None:
    schedule(world, candidate=world.ito, host=world.team)
    before = DBTaskResult.objects.count(), Entry.objects.count()

    with pytest.raises(meetings.HostBusy) as refusal:
        schedule(world, starts_at=story.tomorrow_at(14, 30))

    assert refusal.value.until == story.tomorrow_at(15)
    assert Interview.objects.count() == Meeting.objects.count() == 1
    assert (DBTaskResult.objects.count(), Entry.objects.count()) == before


def test_the_same_form_twice_makes_one_interview(world: SimpleNamespace) -> None:
    key = uuid.uuid4()

    first = schedule(world, form_key=key)
    second = schedule(world, form_key=key)

    assert first == second
    assert (Interview.objects.count(), Meeting.objects.count()) == (1, 1)


def test_a_form_key_of_another_applicant_never_shows_that_interview(world: SimpleNamespace) -> None:
    key = uuid.uuid4()
    first = schedule(world, form_key=key)

    second = schedule(world, candidate=world.ito, host=world.sub, form_key=key)

    assert second != first
    assert second.candidate == world.ito


def test_a_past_start_is_refused(world: SimpleNamespace) -> None:
    with pytest.raises(scheduling.StartsInPast):
        schedule(world, starts_at=world.now - timedelta(minutes=1))


def test_nothing_moves_into_the_past(world: SimpleNamespace) -> None:
    interview = schedule(world)
    past = world.now - timedelta(minutes=1)

    with pytest.raises(scheduling.StartsInPast):
        scheduling.reschedule(interview, starts_at=past, minutes=60, by=world.baba, now=world.now)
    with pytest.raises(scheduling.StartsInPast):
        change(world, Interview.objects.get(pk=interview.pk), starts_at=past)

    kept = Interview.objects.get(pk=interview.pk)
    assert (kept.starts_at, kept.version, kept.meeting.starts_at) == (
        story.tomorrow_at(14),
        1,
        kept.starts_at,
    )
    assert actions(interview) == ["interview.scheduled"]


def test_an_applicant_is_at_one_interview_at_a_time_and_back_to_back_is_fine(world: SimpleNamespace) -> None:
    first = schedule(world)

    with pytest.raises(scheduling.ApplicantBusy) as refusal:
        schedule(world, starts_at=story.tomorrow_at(14, 45), host=world.sub)
    following = schedule(world, starts_at=story.tomorrow_at(15), host=world.sub)

    assert refusal.value.interview == first
    assert following.starts_at == first.ends_at


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.REJECTED])
def test_nobody_interviews_an_applicant_who_has_left(world: SimpleNamespace, status: str) -> None:
    Candidate.objects.update(status=status)

    with pytest.raises(scheduling.ApplicantLeft):
        schedule(world)


def test_without_a_wish_a_free_host_is_chosen(world: SimpleNamespace) -> None:
    schedule(world, candidate=world.ito, host=world.team)

    interview = schedule(world, host=None)

    assert interview.meeting.connection == world.sub


def test_no_free_host_is_a_refusal(world: SimpleNamespace) -> None:
    schedule(world, candidate=world.ito, host=world.team)
    third = story.candidate(world.company, "グエン", "アン")
    schedule(world, candidate=third, host=world.sub)

    with pytest.raises(meetings.NoFreeHost):
        schedule(world, host=None)


def test_in_person_needs_no_meeting(world: SimpleNamespace) -> None:
    interview = schedule(world, way=Way.IN_PERSON, service="", host=None, place="本社 3階")

    assert (interview.meeting, interview.url_state) == (None, "none")
    assert jobs() == ["send_one"]


def test_moving_keeps_the_same_meeting(world: SimpleNamespace) -> None:
    interview = schedule(world)
    meeting = interview.meeting

    scheduling.reschedule(
        interview, starts_at=story.tomorrow_at(10, days=2), minutes=45, by=world.baba, now=world.now
    )

    interview.refresh_from_db()
    assert interview.meeting_id == meeting.pk
    assert (interview.meeting.starts_at, interview.meeting.minutes) == (story.tomorrow_at(10, days=2), 45)
    assert interview.version == 2
    assert interview.ends_at == story.tomorrow_at(10, 45, days=2)
    assert Candidate.objects.get(pk=world.sato.pk).next_interview_at == interview.starts_at
    assert actions(interview) == ["interview.scheduled", "interview.rescheduled"]


def test_moving_onto_another_meeting_of_the_host_is_refused(world: SimpleNamespace) -> None:
    interview = schedule(world)
    schedule(world, candidate=world.ito, starts_at=story.tomorrow_at(16))

    with pytest.raises(meetings.HostBusy):
        scheduling.reschedule(
            interview, starts_at=story.tomorrow_at(16, 30), minutes=60, by=world.baba, now=world.now
        )

    assert Interview.objects.get(pk=interview.pk).starts_at == story.tomorrow_at(14)
    assert Meeting.objects.get(pk=interview.meeting_id).starts_at == story.tomorrow_at(14)


def test_a_change_form_that_keeps_the_host_open_finds_another_when_it_is_busy(world: SimpleNamespace) -> None:
    interview = schedule(world)
    schedule(world, candidate=world.ito, starts_at=story.tomorrow_at(16))

    parts = change(world, interview, starts_at=story.tomorrow_at(16), host=None)

    assert parts == ["time", "host"]
    assert interview.meeting.connection == world.sub


def test_a_change_form_without_changes_changes_nothing(world: SimpleNamespace) -> None:
    interview = schedule(world)
    meeting = interview.meeting_id

    assert change(world, interview) == []

    interview.refresh_from_db()
    assert interview.meeting_id == meeting
    assert actions(interview) == ["interview.scheduled"]


def test_a_form_that_is_older_than_the_last_change_is_refused_by_name(world: SimpleNamespace) -> None:
    interview = schedule(world)
    change(world, interview, memo="先に", by=world.aoki)

    with pytest.raises(scheduling.ChangedMeanwhile) as refusal:
        change(world, interview, memo="あとから", version=1)

    assert (refusal.value.by, refusal.value.at) == (world.aoki, world.now)
    assert Interview.objects.get(pk=interview.pk).memo == "先に"


def test_the_old_meeting_stands_until_the_new_hosts_meeting_is_issued(world: SimpleNamespace) -> None:
    interview = schedule(world)
    old = issued(interview)

    scheduling.change_host(interview, world.sub, by=world.baba, now=world.now)

    interview.refresh_from_db()
    assert (interview.meeting, interview.next_meeting.connection) == (old, world.sub)
    assert interview.join_url == old.join_url
    assert Meeting.objects.get(pk=old.pk).canceled_at is None


def test_a_meeting_that_was_never_issued_is_replaced_at_once(world: SimpleNamespace) -> None:
    interview = schedule(world)
    old = interview.meeting

    scheduling.change_host(interview, world.sub, by=world.baba, now=world.now)

    interview.refresh_from_db()
    assert (interview.meeting.connection, interview.next_meeting) == (world.sub, None)
    assert Meeting.objects.get(pk=old.pk).canceled_at == world.now


def test_choosing_the_present_host_again_changes_nothing(world: SimpleNamespace) -> None:
    interview = schedule(world)
    old = issued(interview)

    scheduling.change_host(interview, world.team, by=world.baba, now=world.now)

    interview.refresh_from_db()
    assert (interview.meeting, interview.next_meeting) == (old, None)
    assert "interview.host_changed" not in actions(interview)


def test_going_back_to_the_old_host_keeps_its_url(world: SimpleNamespace) -> None:
    interview = schedule(world)
    old = issued(interview)
    scheduling.change_host(interview, world.sub, by=world.baba, now=world.now)
    wanted = interview.next_meeting

    scheduling.change_host(interview, world.team, by=world.baba, now=world.now)

    interview.refresh_from_db()
    assert (interview.meeting, interview.next_meeting) == (old, None)
    assert Meeting.objects.get(pk=wanted.pk).canceled_at == world.now


def test_any_other_host_is_never_the_present_one(world: SimpleNamespace) -> None:
    interview = schedule(world)
    issued(interview)

    scheduling.change_host(interview, None, by=world.baba, now=world.now)

    assert interview.next_meeting.connection == world.sub


def test_a_lost_meeting_is_made_anew_on_the_same_host(world: SimpleNamespace) -> None:
    interview = schedule(world)
    lost = issued(interview)
    Meeting.objects.filter(pk=lost.pk).update(lost_at=world.now)
    interview = Interview.objects.with_facts().get(pk=interview.pk)
    assert interview.url_state == "lost"

    scheduling.retry_issue(interview, by=world.baba, now=world.now)

    interview.refresh_from_db()
    assert interview.meeting_id != lost.pk
    assert (interview.meeting.connection, interview.url_state) == (world.team, "pending")


def test_another_try_that_is_not_needed_any_more_does_nothing(world: SimpleNamespace) -> None:
    """The page still showed the button; meanwhile the meeting was made."""
    interview = schedule(world)
    issued(interview)
    before = jobs()

    scheduling.retry_issue(Interview.objects.get(pk=interview.pk), by=world.baba, now=world.now)

    assert (actions(interview), jobs()) == (["interview.scheduled"], before)
    assert Meeting.objects.count() == 1


def test_away_from_zoom_the_meeting_is_canceled_and_back_one_is_requested(world: SimpleNamespace) -> None:
    interview = schedule(world)
    first = issued(interview)

    desk.change_way(interview, way=Way.IN_PERSON, place="本社", by=world.baba, now=world.now)
    interview.refresh_from_db()
    away = (interview.meeting, interview.service, Meeting.objects.get(pk=first.pk).canceled_at)
    desk.change_way(interview, way=Way.WEB, service=Service.ZOOM, by=world.baba, now=world.now)

    assert away == (None, "", world.now)
    assert interview.meeting.pk != first.pk
    assert interview.place == ""


def test_other_people_leave_time_and_url_alone(world: SimpleNamespace) -> None:
    interview = schedule(world, interviewers=[world.doi])
    meeting = issued(interview)

    scheduling.change_interviewers(interview, [world.endo, world.aoki], by=world.baba, now=world.now)

    interview.refresh_from_db()
    assert [row.user for row in interview.interviewers.all()] == [world.endo, world.aoki]
    assert interview.meeting == meeting


def test_cancelling_frees_the_host_at_once(world: SimpleNamespace) -> None:
    interview = schedule(world)

    scheduling.cancel(interview, reason="選考中止", by=world.baba, now=world.now)
    again = schedule(world, candidate=world.ito)

    assert again.meeting.connection == world.team
    interview.refresh_from_db()
    assert (interview.state, interview.cancel_reason, interview.canceled_by) == (
        "canceled",
        "選考中止",
        world.baba,
    )
    assert Candidate.objects.get(pk=world.sato.pk).next_interview_at is None


@pytest.mark.parametrize("verb", ["reschedule", "change_host", "change_interviewers", "cancel"])
def test_a_canceled_interview_cannot_be_changed(world: SimpleNamespace, verb: str) -> None:
    interview = schedule(world)
    scheduling.cancel(interview, by=world.baba, now=world.now)
    calls = {
        "reschedule": lambda: scheduling.reschedule(
            interview, starts_at=story.tomorrow_at(9), minutes=30, by=world.baba, now=world.now
        ),
        "change_host": lambda: scheduling.change_host(interview, world.sub, by=world.baba, now=world.now),
        "change_interviewers": lambda: scheduling.change_interviewers(
            interview, [world.endo], by=world.baba, now=world.now
        ),
        "cancel": lambda: scheduling.cancel(interview, by=world.baba, now=world.now),
    }

    with pytest.raises(scheduling.NotChangeable):
        calls[verb]()


def test_the_next_interview_of_an_applicant_follows_the_clock(world: SimpleNamespace) -> None:
    first = schedule(world)
    second = schedule(world, starts_at=story.tomorrow_at(14, days=3))
    past = world.now - timedelta(days=1)
    Interview.objects.filter(pk=first.pk).update(starts_at=past, ends_at=past + timedelta(hours=1))
    Candidate.objects.filter(pk=world.sato.pk).update(next_interview_at=past)

    scheduling.note_passed.call()

    assert Candidate.objects.get(pk=world.sato.pk).next_interview_at == second.starts_at


def test_the_interviewers_are_told_and_who_did_it_is_not(
    world: SimpleNamespace, run_jobs: Any, mailoutbox: list
) -> None:
    interview = schedule(world, interviewers=[world.doi, world.baba], way=Way.PHONE, service="", host=None)
    scheduling.reschedule(
        interview, starts_at=story.tomorrow_at(11), minutes=30, by=world.baba, now=world.now
    )
    scheduling.change_interviewers(interview, [world.endo], by=world.baba, now=world.now)
    scheduling.cancel(interview, by=world.endo, now=world.now)

    run_jobs()

    told = [(letter.to[0].rpartition("<")[2].rstrip(">").partition("@")[0]) for letter in mailoutbox]
    # In order: doi set, doi moved, endo assigned, doi released. Nobody is told of their own doing.
    assert told == ["doi", "doi", "endo", "doi"]
