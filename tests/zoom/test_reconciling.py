"""The three presses for a difference, as far as the meeting itself is concerned."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.zoom import checking, meetings, reconciling
from mensetsu.zoom.models import Connection, Difference, HowSettled, Meeting, Problem
from tests.racing import meanwhile
from tests.zoom_world import RECRUIT2, ZoomWorld, issued, wanted

pytestmark = pytest.mark.django_db

EDITS: dict[str, dict[str, Any]] = {
    "length": {"duration": 15},
    "topic": {"topic": "Lunch"},
    "waiting_room": {"settings": {"waiting_room": False}},
    "sign_in": {"settings": {"meeting_authentication": True}},
}


def found(zoom: ZoomWorld, meeting: Meeting, **edited: Any) -> Difference:
    """What somebody changes at Zoom, as we find it."""
    zoom.edit(meeting, **edited)
    meetings.check(meeting, now=timezone.now())
    return meeting.differences.open().select_related("meeting", "their_host").get()


def there(zoom: ZoomWorld) -> dict[str, Any]:
    (only,) = zoom.meetings()
    return only


def patches(zoom: ZoomWorld, meeting: Meeting) -> int:
    return len(zoom.requests("PATCH", f"/v2/meetings/{meeting.zoom_id}"))


# --- Zoom's value becomes ours --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["topic", "waiting_room", "sign_in"])
def test_what_concerns_the_meeting_alone_is_taken_over(
    zoom: ZoomWorld, people, meeting: Meeting, run_jobs, kind: str
) -> None:
    difference = found(zoom, meeting, **EDITS[kind])

    reconciling.take_over(difference, by=people.baba, now=timezone.now())
    run_jobs()
    meetings.check(meeting, now=timezone.now())

    assert not meeting.differences.open().exists()
    assert patches(zoom, meeting) == 0
    difference.refresh_from_db()
    assert (difference.settled, difference.settled_by) == (HowSettled.ADOPTED, people.baba)
    assert (meeting.is_unsynced, meeting.drifted_at) == (False, None)


def test_a_setting_taken_over_differs_again_when_zoom_goes_back(
    zoom: ZoomWorld, people, meeting: Meeting
) -> None:
    reconciling.take_over(found(zoom, meeting, **EDITS["waiting_room"]), by=people.baba, now=timezone.now())

    again = found(zoom, meeting, settings={"waiting_room": True})

    assert (again.kind, again.ours, again.theirs) == ("waiting_room", "off", "on")


def test_with_another_difference_open_zoom_is_not_told_by_itself(
    zoom: ZoomWorld, people, meeting: Meeting
) -> None:
    zoom.edit(meeting, duration=15, topic="Lunch")
    meetings.check(meeting, now=timezone.now())
    topic = meeting.differences.open().get(kind="topic")

    reconciling.take_over(topic, by=people.baba, now=timezone.now())

    meeting.refresh_from_db()
    assert (meeting.is_unsynced, meeting.drifted_at is None) == (True, False)


@pytest.mark.parametrize("kind", ["time", "length", "host", "webinar", "gone"])
def test_what_is_not_the_meetings_alone_is_not_taken_over_here(people, meeting: Meeting, kind: str) -> None:
    row = Difference.objects.create(
        organization=people.company, meeting=meeting, kind=kind, found_at=timezone.now()
    )

    with pytest.raises(reconciling.NotPossible):
        reconciling.take_over(row, by=people.baba, now=timezone.now())


def test_a_decision_about_what_has_changed_since_is_refused(
    zoom: ZoomWorld, people, meeting: Meeting
) -> None:
    shown = found(zoom, meeting, topic="Lunch")
    zoom.edit(meeting, topic="Dinner")
    meetings.check(meeting, now=timezone.now())

    with pytest.raises(reconciling.Settled):
        reconciling.take_over(shown, by=people.baba, now=timezone.now())

    meeting.refresh_from_db()
    assert meeting.topic != "Lunch"


# --- another host ---------------------------------------------------------------------------------------------------


@pytest.fixture
def other(zoom: ZoomWorld, people) -> Connection:
    return zoom.connect(people.aoki, RECRUIT2, is_shared=True)


def test_a_meeting_follows_its_new_host(
    zoom: ZoomWorld, people, meeting: Meeting, other: Connection, run_jobs
) -> None:
    before = meeting.zoom_id, meeting.join_url
    difference = found(zoom, meeting, host=RECRUIT2)

    reconciling.follow_host(difference, by=people.baba, now=timezone.now())
    run_jobs()

    meeting.refresh_from_db()
    assert (meeting.connection, meeting.zoom_id, meeting.join_url) == (other, *before)
    assert not meeting.differences.open().exists()
    assert meetings.start_url(meeting, now=timezone.now())


def test_a_new_host_without_free_time_is_refused_and_the_difference_stays(
    zoom: ZoomWorld, people, meeting: Meeting, other: Connection
) -> None:
    issued(people.company, other, meeting.starts_at + timedelta(minutes=30))
    difference = found(zoom, meeting, host=RECRUIT2)

    with pytest.raises(meetings.HostBusy):
        reconciling.follow_host(difference, by=people.baba, now=timezone.now())

    assert meeting.differences.open().count() == 1


def test_a_new_host_that_is_not_linked_is_told(zoom: ZoomWorld, people, meeting: Meeting) -> None:
    difference = found(zoom, meeting, host=RECRUIT2)

    with pytest.raises(reconciling.HostUnknown):
        reconciling.follow_host(difference, by=people.baba, now=timezone.now())


@pytest.mark.parametrize(
    "values", [{"ended_at": timezone.now(), "end_reason": "revoked"}, {"organization": None}]
)
def test_a_new_host_that_ended_or_is_anothers_is_refused(
    zoom: ZoomWorld, people, meeting: Meeting, other: Connection, values: dict[str, Any]
) -> None:
    difference = found(zoom, meeting, host=RECRUIT2)
    if "organization" in values:
        values = {"organization": people.other}
    Connection.objects.filter(pk=other.pk).update(**values)
    difference = Difference.objects.select_related("their_host").get(pk=difference.pk)

    with pytest.raises(meetings.HostEnded):
        reconciling.follow_host(difference, by=people.baba, now=timezone.now())


def test_a_meeting_that_is_canceled_follows_nobody(
    zoom: ZoomWorld, people, meeting: Meeting, other: Connection
) -> None:
    difference = found(zoom, meeting, host=RECRUIT2)
    meetings.cancel(meeting, now=timezone.now())

    with pytest.raises(meetings.NotMovable):
        reconciling.follow_host(difference, by=people.baba, now=timezone.now())


def test_only_another_host_is_followed(zoom: ZoomWorld, people, meeting: Meeting) -> None:
    difference = found(zoom, meeting, duration=15)

    with pytest.raises(reconciling.NotPossible):
        reconciling.follow_host(difference, by=people.baba, now=timezone.now())


# --- ours goes back to Zoom -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*EDITS, "time"])
def test_ours_goes_back_in_one_request(
    zoom: ZoomWorld, people, meeting: Meeting, run_jobs, kind: str
) -> None:
    later = meeting.starts_at + timedelta(hours=3)
    edited = EDITS.get(kind, {"start_time": f"{later:%Y-%m-%dT%H:%M:%S}Z"})
    difference = found(zoom, meeting, **edited)

    reconciling.restore(difference, by=people.baba, now=timezone.now())
    run_jobs()

    difference.refresh_from_db()
    assert (difference.settled, difference.settled_by) == (HowSettled.RESTORED, people.baba)
    assert patches(zoom, meeting) == 1
    meeting.refresh_from_db()
    assert (meeting.is_unsynced, meeting.drifted_at) == (False, None)
    meetings.check(meeting, now=timezone.now())
    assert not meeting.differences.open().exists()


def test_several_of_one_meeting_go_back_together(zoom: ZoomWorld, people, meeting: Meeting, run_jobs) -> None:
    zoom.edit(meeting, duration=15, topic="Lunch", settings={"waiting_room": False, "join_before_host": True})
    meetings.check(meeting, now=timezone.now())

    for one in meeting.differences.open():
        reconciling.restore(one, by=people.baba, now=timezone.now())
    run_jobs()

    assert not meeting.differences.standing().exists()
    assert patches(zoom, meeting) == 1
    assert there(zoom)["settings"]["join_before_host"] is False


def test_what_an_administrator_enforces_is_told_and_not_sent_again(
    zoom: ZoomWorld, people, meeting: Meeting, run_jobs
) -> None:
    zoom.mode(sign_in_policy="locked")
    difference = found(zoom, meeting, **EDITS["sign_in"])

    reconciling.restore(difference, by=people.baba, now=timezone.now())
    run_jobs()
    checking.reconcile.call()
    run_jobs()

    difference.refresh_from_db()
    assert (difference.problem, difference.restoring_at, difference.settled_at) == (
        Problem.NOT_TAKEN,
        None,
        None,
    )
    assert patches(zoom, meeting) == 1


def test_a_meeting_whose_mark_somebody_took_away_goes_back_all_the_same(
    zoom: ZoomWorld, people, meeting: Meeting, run_jobs
) -> None:
    difference = found(zoom, meeting, duration=15, agenda="a person's own words")

    reconciling.restore(difference, by=people.baba, now=timezone.now())
    run_jobs()

    assert (there(zoom)["duration"], there(zoom)["agenda"]) == (60, "a person's own words")


def test_putting_back_waits_for_zoom(zoom: ZoomWorld, people, meeting: Meeting, run_jobs) -> None:
    difference = found(zoom, meeting, duration=15)
    zoom.fault("down")

    reconciling.restore(difference, by=people.baba, now=timezone.now())
    run_jobs()
    difference.refresh_from_db()
    assert (difference.problem, difference.restoring_at is None) == (Problem.AWAY, False)
    zoom.heal()
    run_jobs(until=timezone.now() + timedelta(minutes=5))

    difference.refresh_from_db()
    assert (difference.settled, difference.problem) == (HowSettled.RESTORED, "")


def test_putting_back_a_meeting_that_is_gone_finds_that_out(
    zoom: ZoomWorld, people, meeting: Meeting, run_jobs
) -> None:
    difference = found(zoom, meeting, duration=15)
    zoom.delete(meeting)

    reconciling.restore(difference, by=people.baba, now=timezone.now())
    run_jobs()

    meeting.refresh_from_db()
    assert meeting.lost_at is not None


def test_what_zoom_refuses_to_put_back_waits_for_a_person(
    zoom: ZoomWorld, people, meeting: Meeting, run_jobs
) -> None:
    difference = found(zoom, meeting, duration=15)
    zoom.edit(meeting, host=RECRUIT2)

    reconciling.restore(difference, by=people.baba, now=timezone.now())
    run_jobs()

    difference.refresh_from_db()
    assert (difference.problem, difference.restoring_at) == (Problem.REFUSED, None)


def test_another_host_cannot_be_put_back(zoom: ZoomWorld, people, meeting: Meeting) -> None:
    difference = found(zoom, meeting, host=RECRUIT2)

    with pytest.raises(reconciling.NotPossible):
        reconciling.restore(difference, by=people.baba, now=timezone.now())


def test_what_both_agree_about_meanwhile_is_not_put_back(zoom: ZoomWorld, people, meeting: Meeting) -> None:
    difference = found(zoom, meeting, duration=15)
    zoom.edit(meeting, duration=60)
    meetings.check(meeting, now=timezone.now())

    with pytest.raises(reconciling.Settled):
        reconciling.restore(difference, by=people.baba, now=timezone.now())


def test_a_canceled_meeting_gets_nothing_back(zoom: ZoomWorld, people, meeting: Meeting, run_jobs) -> None:
    difference = found(zoom, meeting, duration=15)
    reconciling.restore(difference, by=people.baba, now=timezone.now())
    meetings.cancel(meeting, now=timezone.now())
    run_jobs()

    reconciling.restore_meeting.call(meeting_id=meeting.pk)

    assert patches(zoom, meeting) == 0


def test_a_meeting_that_is_still_being_made_gets_nothing_back(people, host: Connection) -> None:

    row = wanted(people.company, host)

    reconciling.restore_meeting.call(meeting_id=row.pk)

    row.refresh_from_db()
    assert row.issued_at is None


# --- ignore, give up ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["gone", "webinar", "link"])
def test_what_leaves_nobody_a_meeting_cannot_be_ignored(people, meeting: Meeting, kind: str) -> None:
    row = Difference.objects.create(
        organization=people.company, meeting=meeting, kind=kind, found_at=timezone.now()
    )

    with pytest.raises(reconciling.NotPossible):
        reconciling.ignore(row, by=people.baba, now=timezone.now())


def test_ignoring_twice_tells_the_second_that_it_is_settled(
    zoom: ZoomWorld, people, meeting: Meeting
) -> None:
    difference = found(zoom, meeting, duration=15)
    reconciling.ignore(difference, by=people.baba, now=timezone.now())

    with pytest.raises(reconciling.Settled):
        reconciling.ignore(difference, by=people.aoki, now=timezone.now())


def test_what_is_ignored_can_still_be_put_back(zoom: ZoomWorld, people, meeting: Meeting, run_jobs) -> None:
    difference = found(zoom, meeting, duration=15)
    reconciling.ignore(difference, by=people.baba, now=timezone.now())

    reconciling.restore(difference, by=people.baba, now=timezone.now())
    run_jobs()

    assert there(zoom)["duration"] == 60


def test_a_webinar_is_given_up(zoom: ZoomWorld, people, meeting: Meeting) -> None:
    zoom.room(meeting, "webinar")
    meetings.check(meeting, now=timezone.now())
    difference = meeting.differences.get()

    reconciling.give_up(difference, by=people.baba, now=timezone.now())

    meeting.refresh_from_db()
    difference.refresh_from_db()
    assert (meeting.lost_at is None, difference.settled) == (False, HowSettled.REPLACED)
    with pytest.raises(reconciling.Settled):
        reconciling.give_up(difference, by=people.baba, now=timezone.now())


def test_only_a_webinar_is_given_up(zoom: ZoomWorld, people, meeting: Meeting) -> None:
    with pytest.raises(reconciling.NotPossible):
        reconciling.give_up(found(zoom, meeting, duration=15), by=people.baba, now=timezone.now())


def test_of_two_who_decide_at_once_one_wins(zoom: ZoomWorld, people, meeting: Meeting) -> None:
    difference = found(zoom, meeting, topic="Lunch")
    mine = Difference.objects.select_related("meeting").get(pk=difference.pk)

    def faster() -> None:
        reconciling.take_over(mine, by=people.aoki, now=timezone.now())

    with meanwhile("SAVEPOINT", faster), pytest.raises(reconciling.Settled):
        reconciling.take_over(difference, by=people.baba, now=timezone.now())

    difference.refresh_from_db()
    assert difference.settled_by == people.aoki
