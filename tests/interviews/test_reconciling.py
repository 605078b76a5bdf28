"""Zoom has a meeting otherwise than its interview: what a recruiter decides, and what follows here."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.history.models import Entry
from mensetsu.interviews import difference_page, reconciling, scheduling
from mensetsu.interviews.models import Interview
from mensetsu.zoom import checking, meetings
from mensetsu.zoom.models import Connection, Difference, HowSettled, Meeting
from tests import story
from tests.interviews import desk
from tests.interviews.writing import again as fresh
from tests.zoom_world import RECRUIT2

pytestmark = pytest.mark.django_db


def found(world: SimpleNamespace, interview: Interview, **edited: Any) -> Difference:
    """What somebody changes at Zoom, as we find it."""
    world.zoom.edit(interview.meeting, **edited)
    meetings.check(interview.meeting, now=timezone.now())
    return reconciling.open_ones(world.baba, now=timezone.now()).earliest("id")


def at_zoom(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def later(interview: Interview, hours: int = 3) -> Any:
    return interview.starts_at + timedelta(hours=hours)


def actions(interview: Interview) -> list[str]:
    return list(
        Entry.objects.of_subject("interviews.interview", interview.pk)
        .order_by("id")
        .values_list("action", flat=True)
    )


# --- take over ------------------------------------------------------------------------------------------------------


def test_zooms_time_becomes_the_interviews_and_zoom_is_not_asked_again(
    world: SimpleNamespace, interview: Interview, run_jobs: Callable[..., int]
) -> None:
    wanted = later(interview)
    difference = found(world, interview, start_time=at_zoom(wanted), duration=45)

    reconciling.adopt(difference, by=world.baba, now=timezone.now())
    run_jobs()

    after = fresh(interview)
    assert (after.starts_at, after.minutes) == (wanted, 45)
    assert (after.meeting.starts_at, after.meeting.is_unsynced, after.meeting.drifted_at) == (
        wanted,
        False,
        None,
    )
    assert after.meeting.zoom_id == interview.meeting.zoom_id
    assert {one.settled for one in Difference.objects.all()} == {HowSettled.ADOPTED}
    assert world.zoom.requests("PATCH", f"/v2/meetings/{interview.meeting.zoom_id}") == []
    assert actions(interview)[-3:] == [
        "interview.rescheduled",
        "interview.panel_told",
        "interview.difference_adopted",
    ]


def test_zooms_length_alone_becomes_the_interviews(world: SimpleNamespace, interview: Interview) -> None:
    reconciling.adopt(found(world, interview, duration=45), by=world.baba, now=timezone.now())

    after = fresh(interview)
    assert (after.starts_at, after.minutes) == (interview.starts_at, 45)


def test_a_time_at_which_the_applicant_is_busy_is_refused_and_the_difference_stays(
    world: SimpleNamespace, interview: Interview
) -> None:
    desk.schedule(world, starts_at=later(interview), host=zoom_host(world))
    difference = found(world, interview, start_time=at_zoom(later(interview)))

    with pytest.raises(scheduling.ApplicantBusy):
        reconciling.adopt(difference, by=world.baba, now=timezone.now())

    assert reconciling.open_ones(world.baba, now=timezone.now()).count() == 1
    assert fresh(interview).starts_at == interview.starts_at


def test_a_time_that_nobody_plans_is_not_taken_over(
    world: SimpleNamespace, interview: Interview, client_of: Callable[[Any], Any]
) -> None:
    difference = found(world, interview, start_time="9999-12-31T05:00:00Z")

    with pytest.raises(scheduling.OutOfReach):
        reconciling.adopt(difference, by=world.baba, now=timezone.now())
    sent = {"act": "adopt", "version": str(interview.version), "back": "interview"}
    answer = client_of(world.baba).post(f"/interviews/differences/{difference.pk}/", sent, follow=True)

    assert (answer.status_code, "は2年より先の日付です。" in desk.text(answer)) == (200, True)
    assert fresh(interview).starts_at == interview.starts_at
    assert reconciling.open_ones(world.baba, now=timezone.now()).count() == 1


def zoom_host(world: SimpleNamespace) -> Connection:
    return world.zoom.connect(world.aoki, RECRUIT2, is_shared=True)


def test_a_time_at_which_the_host_is_busy_is_refused(world: SimpleNamespace, interview: Interview) -> None:
    desk.schedule(world, candidate=world.ito, interviewers=[world.endo], starts_at=later(interview))
    difference = found(world, interview, start_time=at_zoom(later(interview)))

    with pytest.raises(meetings.HostBusy):
        reconciling.adopt(difference, by=world.baba, now=timezone.now())


def test_people_who_are_busy_then_are_shown_before_it_is_done(
    world: SimpleNamespace, interview: Interview
) -> None:
    other = desk.schedule(world, candidate=world.ito, starts_at=later(interview), host=zoom_host(world))
    difference = found(world, interview, start_time=at_zoom(later(interview)))

    with pytest.raises(scheduling.PeopleBusy):
        reconciling.adopt(difference, seen=frozenset(), by=world.baba, now=timezone.now())
    reconciling.adopt(difference, seen={(world.doi.pk, other.pk)}, by=world.baba, now=timezone.now())

    assert fresh(interview).starts_at == later(interview)


def test_a_recruiter_who_was_faster_wins(world: SimpleNamespace, interview: Interview) -> None:
    difference = found(world, interview, start_time=at_zoom(later(interview)))
    wanted = story.tomorrow_at(9, days=4)
    scheduling.reschedule(
        Interview.objects.get(pk=interview.pk),
        starts_at=wanted,
        minutes=60,
        by=world.aoki,
        now=timezone.now(),
    )

    with pytest.raises(scheduling.ChangedMeanwhile):
        reconciling.adopt(difference, version=interview.version, by=world.baba, now=timezone.now())

    assert fresh(interview).starts_at == wanted


def test_a_time_that_is_over_is_refused(world: SimpleNamespace, interview: Interview) -> None:
    difference = found(world, interview, duration=45)
    past = timezone.now() - timedelta(hours=1)
    Meeting.objects.update(synced_starts_at=past)

    with pytest.raises(scheduling.StartsInPast):
        reconciling.adopt(difference, by=world.baba, now=timezone.now())


def test_a_meeting_without_a_time_is_no_time_to_take_over(
    world: SimpleNamespace, interview: Interview
) -> None:
    difference = found(world, interview, duration=45)
    Meeting.objects.update(synced_starts_at=None)

    with pytest.raises(reconciling.NoTime):
        reconciling.adopt(difference, by=world.baba, now=timezone.now())


@pytest.mark.parametrize("edited", [{"topic": "Lunch"}, {"settings": {"meeting_authentication": True}}])
def test_what_is_the_meetings_own_stays_through_a_later_change(
    world: SimpleNamespace, interview: Interview, run_jobs: Callable[..., int], edited: dict[str, Any]
) -> None:
    reconciling.adopt(found(world, interview, **edited), by=world.baba, now=timezone.now())
    scheduling.reschedule(
        fresh(interview), starts_at=later(interview), minutes=60, by=world.baba, now=timezone.now()
    )
    run_jobs()
    meetings.check(interview.meeting, now=timezone.now())

    assert not reconciling.open_ones(world.baba, now=timezone.now()).exists()
    (there,) = world.zoom.meetings()
    assert there["topic"] == edited.get("topic", there["topic"])
    assert there["settings"]["meeting_authentication"] is ("settings" in edited)


def test_a_topic_that_differs_waits_for_a_decision_through_a_change_of_time(
    world: SimpleNamespace, interview: Interview, run_jobs: Callable[..., int]
) -> None:
    found(world, interview, topic="Lunch")
    scheduling.reschedule(
        fresh(interview), starts_at=later(interview), minutes=60, by=world.baba, now=timezone.now()
    )
    run_jobs()
    checking.reconcile.call()
    run_jobs()

    (there,) = world.zoom.meetings()
    after = fresh(interview).meeting
    assert (there["topic"], after.synced_starts_at) == ("Lunch", later(interview))
    assert [one.kind for one in reconciling.open_ones(world.baba, now=timezone.now())] == ["topic"]
    assert len(world.zoom.requests("PATCH", f"/v2/meetings/{after.zoom_id}")) == 1


def test_the_host_of_zoom_becomes_the_host_here(
    world: SimpleNamespace, interview: Interview, run_jobs: Callable[..., int]
) -> None:
    other = zoom_host(world)
    difference = found(world, interview, host=RECRUIT2)

    reconciling.adopt(difference, by=world.baba, now=timezone.now())
    run_jobs()

    assert fresh(interview).meeting.connection == other
    assert actions(interview)[-2:] == ["interview.host_changed", "interview.difference_adopted"]


# --- put back, ignore, issue anew -----------------------------------------------------------------------------------


def test_zoom_goes_back(world: SimpleNamespace, interview: Interview, run_jobs: Callable[..., int]) -> None:
    reconciling.restore(found(world, interview, duration=45), by=world.baba, now=timezone.now())
    run_jobs()

    (there,) = world.zoom.meetings()
    assert there["duration"] == 60
    assert actions(interview)[-2:] == ["interview.differs", "interview.difference_restored"]


def test_what_is_ignored_leaves_the_lists(world: SimpleNamespace, interview: Interview) -> None:
    difference = found(world, interview, duration=45)

    reconciling.ignore(difference, by=world.baba, now=timezone.now())

    now = timezone.now()
    assert list(reconciling.open_ones(world.baba, now=now)) == []
    assert list(reconciling.ignored_ones(world.baba, now=now)) == [difference]
    assert difference_page.to_do(world.baba, now=now) == []
    assert actions(interview)[-1] == "interview.difference_ignored"


@pytest.mark.parametrize("kind", ["gone", "webinar"])
def test_another_meeting_takes_the_place_of_one_that_is_none_any_more(
    world: SimpleNamespace, interview: Interview, run_jobs: Callable[..., int], kind: str
) -> None:
    if kind == "gone":
        world.zoom.delete(interview.meeting)
    else:
        world.zoom.room(interview.meeting, "webinar")
    meetings.check(interview.meeting, now=timezone.now())
    difference = Difference.objects.select_related("meeting__connection").get()

    reconciling.issue_anew(difference, by=world.baba, now=timezone.now())
    run_jobs()

    after = fresh(interview)
    assert after.meeting_id != interview.meeting_id
    assert (after.url_state, after.meeting.connection) == ("issued", world.team)
    assert Difference.objects.get().settled == HowSettled.REPLACED
    # The host is the same: no story of another.
    assert "interview.reissued" in actions(interview)
    assert "interview.host_changed" not in actions(interview)
    with pytest.raises(reconciling.Settled):
        reconciling.issue_anew(difference, by=world.baba, now=timezone.now())


def test_only_what_is_gone_is_issued_anew(world: SimpleNamespace, interview: Interview) -> None:
    with pytest.raises(reconciling.NotPossible):
        reconciling.issue_anew(found(world, interview, duration=45), by=world.baba, now=timezone.now())


def test_a_canceled_interview_has_nothing_to_decide(world: SimpleNamespace, interview: Interview) -> None:
    difference = found(world, interview, duration=45)
    scheduling.cancel(fresh(interview), by=world.baba, now=timezone.now())

    with pytest.raises(reconciling.Settled):
        reconciling.restore(difference, by=world.baba, now=timezone.now())


# --- lists ----------------------------------------------------------------------------------------------------------


def test_another_company_sees_nothing(world: SimpleNamespace, interview: Interview, client_of: Any) -> None:
    difference = found(world, interview, duration=45)
    chiba = client_of(world.chiba)

    assert list(reconciling.open_ones(world.chiba, now=timezone.now())) == []
    assert "佐藤" not in chiba.get("/interviews/differences/").content.decode()
    assert chiba.post(f"/interviews/differences/{difference.pk}/", {"act": "restore"}).status_code == 404
    difference.refresh_from_db()
    assert difference.restoring_at is None


def test_a_meeting_that_is_about_to_be_replaced_needs_no_decision(
    world: SimpleNamespace, interview: Interview
) -> None:
    found(world, interview, duration=45)
    scheduling.change_host(fresh(interview), zoom_host(world), by=world.baba, now=timezone.now())

    assert list(reconciling.open_ones(world.baba, now=timezone.now())) == []


def test_an_interview_is_one_line_of_what_is_to_be_done(world: SimpleNamespace, interview: Interview) -> None:
    found(world, interview, duration=45, topic="Lunch")

    (item,) = difference_page.to_do(world.baba, now=timezone.now())

    assert item.facts["text"] == "Zoomと違いがあります：所要時間、トピック"
    assert (item.group, item.facts["href"]) == (2, f"/interviews/{interview.pk}/#differences")


def test_what_only_looks_different_comes_last(world: SimpleNamespace, interview: Interview) -> None:
    found(world, interview, topic="Lunch")

    assert [item.group for item in difference_page.to_do(world.baba, now=timezone.now())] == [3]


def test_a_webinar_within_a_day_comes_first(world: SimpleNamespace, interview: Interview) -> None:
    world.zoom.room(interview.meeting, "webinar")
    meetings.check(interview.meeting, now=timezone.now())
    soon = timezone.now() + timedelta(hours=3)
    Interview.objects.update(starts_at=soon, ends_at=soon + timedelta(hours=1))

    (item,) = difference_page.to_do(world.baba, now=timezone.now())

    assert (item.group, item.facts["text"]) == (1, "Zoom側でウェビナーに変更されています")


# --- another host is awaited ----------------------------------------------------------------------------------------


def awaiting(world: SimpleNamespace, interview: Interview, **columns: Any) -> Interview:
    """Another host was chosen, and its meeting is not there yet."""
    scheduling.change_host(fresh(interview), zoom_host(world), by=world.baba, now=timezone.now())
    after = fresh(interview)
    Meeting.objects.filter(pk=after.next_meeting_id).update(**columns)
    return after


FAILED: dict[str, Any] = {"failed_at": timezone.now(), "problem": "refused"}


@pytest.mark.parametrize("columns", [FAILED, {"problem": "away", "due_at": timezone.now()}])
def test_the_meeting_that_people_enter_is_decided_about_while_the_next_one_does_not_come(
    world: SimpleNamespace, interview: Interview, client_of: Callable[[Any], Any], columns: dict[str, Any]
) -> None:
    awaiting(world, interview, **columns)
    assert fresh(interview).url_state == "issued"
    difference = found(world, interview, start_time=at_zoom(later(interview)))

    page = desk.text(client_of(world.baba).get(f"/interviews/{interview.pk}/"))
    (item,) = difference_page.to_do(world.baba, now=timezone.now())

    assert ("Zoomとの違い" in page, item.interview) == (True, interview)
    reconciling.adopt(difference, by=world.baba, now=timezone.now())
    after = fresh(interview)
    assert (after.starts_at, after.meeting.starts_at, after.next_meeting.starts_at) == (later(interview),) * 3


def test_what_is_ignored_of_it_is_listed_too(world: SimpleNamespace, interview: Interview) -> None:
    awaiting(world, interview, **FAILED)
    difference = found(world, interview, duration=45)
    reconciling.ignore(difference, by=world.baba, now=timezone.now())

    lists = difference_page.of_interview(fresh(interview), world.baba, now=timezone.now())

    assert ([one.difference for one in lists["ignored"]], lists["open"]) == ([difference], [])


def test_a_lost_meeting_whose_next_one_failed_is_told_by_that_one(
    world: SimpleNamespace, interview: Interview
) -> None:
    awaiting(world, interview, **FAILED)
    world.zoom.delete(interview.meeting)
    meetings.check(interview.meeting, now=timezone.now())

    difference = Difference.objects.get()
    assert list(reconciling.open_ones(world.baba, now=timezone.now())) == []
    with pytest.raises(reconciling.Settled):
        reconciling.interview_of(difference)
