"""Somebody changes a meeting at Zoom and no news of it comes; what shows it first is the answer to a write of ours that
was about something else."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.zoom import checking, client, fitness, issuing, meetings, reconciling
from mensetsu.zoom.models import Connection, Difference, HowSettled, Meeting
from tests.zoom.test_overtaken import overtake
from tests.zoom_world import ZoomWorld, issued

pytestmark = pytest.mark.django_db


def at_zoom(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def later(meeting: Meeting) -> datetime:
    return meeting.starts_at + timedelta(hours=3)


def rename(meeting: Meeting, topic: str = "二次面接 佐藤 美咲 様", minutes: int | None = None) -> None:
    """What a change of the stage alone makes of it."""
    meetings.move(
        meeting, starts_at=meeting.starts_at, minutes=minutes or meeting.minutes, topic=topic, now=timezone.now()
    )  # fmt: skip


def standing(meeting: Meeting) -> list[tuple[str, str]]:
    return [(one.kind, one.theirs) for one in meeting.differences.standing().order_by("kind")]


def there(zoom: ZoomWorld) -> dict[str, Any]:
    (only,) = zoom.meetings()
    return only


def hold(zoom: ZoomWorld, meeting: Meeting, monkeypatch: pytest.MonkeyPatch, **fields: Any) -> None:
    """Whatever it is told, Zoom answers with what somebody chose there."""
    ask = client.Client.get_meeting

    def answer(self: client.Client, zoom_id: str) -> client.ZoomMeeting:
        zoom.edit(meeting, **fields)
        return ask(self, zoom_id)

    monkeypatch.setattr(client.Client, "get_meeting", answer)


# --- found in the answer --------------------------------------------------------------------------------------------


def test_a_move_at_zoom_that_the_answer_to_a_new_topic_shows_is_a_difference(
    zoom: ZoomWorld, meeting: Meeting, run_jobs, news
) -> None:
    zoom.edit(meeting, start_time=at_zoom(later(meeting)))

    rename(meeting)
    run_jobs()

    meeting.refresh_from_db()
    assert standing(meeting) == [("time", later(meeting).isoformat())]
    assert (meeting.problem, meeting.drifted_at is None) == ("", False)
    assert (there(zoom)["topic"], there(zoom)["start_time"]) == (meeting.topic, at_zoom(later(meeting)))
    assert news == [("changed", meeting)]


def test_a_move_at_zoom_that_the_answer_to_a_new_length_shows_is_a_difference(
    zoom: ZoomWorld, meeting: Meeting, run_jobs
) -> None:
    zoom.edit(meeting, start_time=at_zoom(later(meeting)), topic="Lunch")

    rename(meeting, topic=meeting.topic, minutes=45)
    run_jobs()

    meeting.refresh_from_db()
    assert standing(meeting) == [("time", later(meeting).isoformat()), ("topic", "Lunch")]
    assert (there(zoom)["duration"], meeting.problem, meeting.drifted_at is None) == (45, "", False)


def test_a_move_at_zoom_that_the_putting_back_of_a_topic_shows_is_a_difference(
    zoom: ZoomWorld, people, meeting: Meeting, run_jobs, news
) -> None:
    zoom.edit(meeting, topic="Lunch")
    meetings.check(meeting, now=timezone.now())
    zoom.edit(meeting, start_time=at_zoom(later(meeting)))

    reconciling.restore(Difference.objects.get(), by=people.baba, now=timezone.now())
    run_jobs()

    meeting.refresh_from_db()
    assert standing(meeting) == [("time", later(meeting).isoformat())]
    assert meeting.drifted_at is not None
    assert news == [("changed", meeting)] * 2
    assert fitness.read(meeting, now=timezone.now())["time"] == "time_differs"  # not to be undone unasked
    checking.reconcile.call()
    run_jobs()
    assert there(zoom)["start_time"] == at_zoom(later(meeting))


def test_putting_back_a_setting_notes_since_when_zoom_has_another_length(
    zoom: ZoomWorld, people, meeting: Meeting, run_jobs
) -> None:
    zoom.edit(meeting, settings={"waiting_room": False})
    meetings.check(meeting, now=timezone.now())
    zoom.edit(meeting, duration=15)

    reconciling.restore(Difference.objects.get(), by=people.baba, now=timezone.now())
    run_jobs()

    meeting.refresh_from_db()
    assert (standing(meeting), meeting.drifted_at is None) == ([("length", "15")], False)


def test_our_own_move_meanwhile_is_no_difference_in_the_answer_to_a_new_topic(
    zoom: ZoomWorld, meeting: Meeting, run_jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zoom has what it was told; the answer to the move is still to come."""
    moved = later(meeting)
    rename(meeting)

    def meanwhile() -> None:
        row = Meeting.objects.get(pk=meeting.pk)
        checking.check(row, now=timezone.now())  # so that the answer is read once more
        meetings.move(row, starts_at=moved, minutes=60, topic=row.topic, now=timezone.now())

    overtake(monkeypatch, issuing, "_take", meanwhile)
    run_jobs()

    meeting.refresh_from_db()
    assert not Difference.objects.exists()
    assert (meeting.synced_starts_at, meeting.drifted_at, meeting.problem) == (moved, None, "")


# --- not undone by what was about something else --------------------------------------------------------------------


@pytest.mark.parametrize("is_ignored", [False, True])
@pytest.mark.parametrize("kind", ["time", "length"])
def test_a_new_topic_leaves_alone_what_waits_for_a_person_or_was_ignored(
    zoom: ZoomWorld, people, meeting: Meeting, run_jobs, kind: str, is_ignored: bool
) -> None:
    edited = {"time": {"start_time": at_zoom(later(meeting))}, "length": {"duration": 15}}[kind]
    zoom.edit(meeting, **edited)
    meetings.check(meeting, now=timezone.now())
    found = Difference.objects.get()
    if is_ignored:
        reconciling.ignore(found, by=people.baba, now=timezone.now())

    rename(meeting)
    run_jobs()

    (name, value), *_others = edited.items()
    assert (there(zoom)[name], there(zoom)["topic"]) == (value, meeting.topic)
    before = found.found_at
    found.refresh_from_db()
    assert (found.settled_at, found.ignored_at is not None, found.found_at) == (None, is_ignored, before)
    meeting.refresh_from_db()
    assert (meeting.problem, meeting.drifted_at is None) == ("", False)


def test_another_length_leaves_alone_a_start_that_waits_for_a_person(
    zoom: ZoomWorld, meeting: Meeting, run_jobs
) -> None:
    zoom.edit(meeting, start_time=at_zoom(later(meeting)))
    meetings.check(meeting, now=timezone.now())

    rename(meeting, topic=meeting.topic, minutes=45)
    run_jobs()

    assert (there(zoom)["start_time"], there(zoom)["duration"]) == (at_zoom(later(meeting)), 45)
    assert [kind for kind, _theirs in standing(meeting)] == ["time"]


def test_our_own_new_length_reaches_zoom_although_the_old_one_was_ignored(
    zoom: ZoomWorld, people, meeting: Meeting, run_jobs
) -> None:
    zoom.edit(meeting, duration=15)
    meetings.check(meeting, now=timezone.now())
    reconciling.ignore(Difference.objects.get(), by=people.baba, now=timezone.now())

    rename(meeting, topic=meeting.topic, minutes=45)
    # Somebody looks before Zoom has been told.
    meetings.check(Meeting.objects.get(pk=meeting.pk), now=timezone.now())
    run_jobs()

    assert (there(zoom)["duration"], standing(meeting)) == (45, [])


def test_what_zoom_does_not_take_of_our_new_length_waits_with_it(
    zoom: ZoomWorld, people, meeting: Meeting, run_jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoom.edit(meeting, duration=15)
    meetings.check(meeting, now=timezone.now())
    reconciling.ignore(Difference.objects.get(), by=people.baba, now=timezone.now())
    rename(meeting, topic=meeting.topic, minutes=45)
    hold(zoom, meeting, monkeypatch, duration=15)

    run_jobs()

    assert [(one.ours, one.theirs) for one in Difference.objects.standing()] == [("45", "15")]
    meeting.refresh_from_db()
    assert meeting.problem == "not_taken"


def test_telling_zoom_again_overrides_what_was_ignored(
    zoom: ZoomWorld, people, meeting: Meeting, run_jobs
) -> None:
    """「Zoomにもう一度伝える」 is a decision."""
    zoom.edit(meeting, duration=15, topic="Lunch")
    meetings.check(meeting, now=timezone.now())
    length = Difference.objects.get(kind="length")
    reconciling.ignore(length, by=people.baba, now=timezone.now())

    meetings.restore(meeting, now=timezone.now())
    run_jobs()

    length.refresh_from_db()
    assert (there(zoom)["duration"], length.settled) == (60, HowSettled.RESTORED)
    assert standing(meeting) == [("topic", "Lunch")]


def test_telling_zoom_again_in_vain_is_told(
    zoom: ZoomWorld, people, meeting: Meeting, run_jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoom.edit(meeting, duration=15)
    meetings.check(meeting, now=timezone.now())
    hold(zoom, meeting, monkeypatch, duration=15)

    meetings.restore(meeting, now=timezone.now())
    run_jobs()

    found = Difference.objects.get()
    assert (found.settled_at, found.restoring_at, found.problem) == (None, None, "not_taken")


def test_writing_our_mark_on_a_meeting_leaves_alone_what_was_ignored(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    meeting = issued(people.company, host)
    zoom.edit(meeting, start_time=at_zoom(later(meeting)), agenda="")
    meetings.check(meeting, now=timezone.now())
    Meeting.objects.filter(pk=meeting.pk).update(adopted_at=timezone.now(), marked_at=None)
    reconciling.ignore(Difference.objects.get(), by=people.baba, now=timezone.now())

    reconciling.restore_meeting.call(meeting_id=meeting.pk)

    meeting.refresh_from_db()
    assert meeting.marked_at is not None
    assert there(zoom)["start_time"] == at_zoom(later(meeting))
    assert Difference.objects.get().settled_at is None


def test_what_went_back_is_no_longer_called_not_taken(
    zoom: ZoomWorld, people, meeting: Meeting, run_jobs
) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(problem="not_taken", problem_detail="of an earlier move")
    zoom.edit(meeting, duration=15)
    meetings.check(meeting, now=timezone.now())

    reconciling.restore(Difference.objects.get(), by=people.baba, now=timezone.now())
    run_jobs()

    meeting.refresh_from_db()
    assert (meeting.problem, meeting.problem_detail) == ("", "")


def test_putting_back_in_vain_keeps_us_from_telling_zoom_by_ourselves(
    zoom: ZoomWorld, people, meeting: Meeting, run_jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoom.edit(meeting, duration=15)
    meetings.check(meeting, now=timezone.now())
    hold(zoom, meeting, monkeypatch, duration=15)

    reconciling.restore(Difference.objects.get(), by=people.baba, now=timezone.now())
    run_jobs()

    meeting.refresh_from_db()
    assert (Difference.objects.get().problem, meeting.drifted_at is None) == ("not_taken", False)
