"""One meeting between several workers and Zoom's own messages: made once, adopted once, heard of in any order."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.zoom import client, issuing, meeting_rows, meetings, surplus, webhooks
from mensetsu.zoom.models import Meeting, WebhookEvent
from tests.racing import together
from tests.zoom.messages import about, post
from tests.zoom_world import RECRUIT, ZoomWorld, issued, wanted

pytestmark = pytest.mark.django_db(transaction=True)

CREATE = {"method": "POST", "path": "/v2/users/me/meetings"}


def issue(meeting: Meeting) -> str:
    try:
        meetings.issue(Meeting.objects.get(pk=meeting.pk), now=timezone.now())
    except meetings.TryLater:
        return "later"
    return "done"


def test_many_workers_at_a_create_whose_answer_was_lost_adopt_the_one_meeting(
    zoom: ZoomWorld, people
) -> None:
    host = zoom.connect(people.baba, RECRUIT)
    meeting = wanted(people.company, host)
    zoom.fault("drop", match=CREATE, commit="after")
    assert issue(meeting) == "later"

    answers = together(6, lambda: issue(meeting))

    assert set(answers) == {"done"}
    (there,) = zoom.meetings()
    meeting.refresh_from_db()
    assert (meeting.zoom_id, meeting.create_sent_at) == (str(there["id"]), None)
    assert len(zoom.requests("POST", "/v2/users/me/meetings")) == 1


def test_many_workers_at_a_create_that_never_arrived_make_one(zoom: ZoomWorld, people) -> None:
    host = zoom.connect(people.baba, RECRUIT)
    meeting = wanted(people.company, host)
    zoom.fault("drop", match=CREATE, commit="before")
    assert issue(meeting) == "later"

    answers = together(6, lambda: issue(meeting))

    assert "done" in answers
    assert set(answers) <= {"done", "later"}
    assert len(zoom.meetings()) == 1


@pytest.mark.parametrize("failed", [False, True], ids=["waiting", "failed beside it"])
def test_another_try_is_pressed_while_the_create_is_on_its_way_and_makes_no_second(
    zoom: ZoomWorld, people, failed: bool
) -> None:
    host = zoom.connect(people.baba, RECRUIT)
    meeting = wanted(people.company, host)
    sent_at = timezone.now()
    assert meeting_rows.Claim(meeting, now=sent_at).take()  # a worker waits for Zoom's answer
    if failed:
        Meeting.objects.update(failed_at=sent_at, problem="connection_ended")

    meetings.retry(meeting, now=sent_at + timedelta(seconds=2))
    answers = [issue(meeting), issue(meeting)]

    assert (answers, zoom.meetings()) == (["later", "later"], [])
    # The worker died: whoever looks a minute later makes it.
    meetings.issue(meeting, now=sent_at + issuing.IN_FLIGHT)
    assert len(zoom.meetings()) == 1


def taken_for_dead(meeting: Meeting) -> None:
    """Another worker comes more than a minute later and makes it."""
    meetings.issue(Meeting.objects.get(pk=meeting.pk), now=timezone.now() + timedelta(seconds=61))


def test_whoever_was_taken_for_dead_before_sending_sends_nothing(
    zoom: ZoomWorld, people, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = wanted(people.company, zoom.connect(people.baba, RECRUIT))
    take = meeting_rows.Claim.take

    def stands_still(claim: meeting_rows.Claim) -> bool:
        monkeypatch.setattr(meeting_rows.Claim, "take", take)
        is_taken = take(claim)
        taken_for_dead(meeting)
        claim._began -= 62
        return is_taken

    monkeypatch.setattr(meeting_rows.Claim, "take", stands_still)

    assert issue(meeting) == "later"
    (there,) = zoom.meetings()
    made = Meeting.objects.get()
    assert (made.zoom_id, made.problem, made.due_at) == (str(there["id"]), "", None)
    assert len(zoom.requests("POST", "/v2/users/me/meetings")) == 1


def test_a_claim_that_waited_for_new_tokens_counts_from_the_moment_of_sending(
    zoom: ZoomWorld, people, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = wanted(people.company, zoom.connect(people.baba, RECRUIT))
    take, began = meeting_rows.Claim.take, timezone.now()
    create = client.Client.create_meeting
    known: list[datetime] = []

    def waits(claim: meeting_rows.Claim) -> bool:
        is_taken = take(claim)
        claim._began -= 40
        return is_taken

    def created(zoom: client.Client, **how: Any) -> client.ZoomMeeting:
        known.append(Meeting.objects.get().create_sent_at)
        return create(zoom, **how)

    monkeypatch.setattr(meeting_rows.Claim, "take", waits)
    monkeypatch.setattr(client.Client, "create_meeting", created)

    assert issue(meeting) == "done"
    assert known[0] >= began + timedelta(seconds=40)


def test_whoever_stood_still_while_sending_leaves_no_second_meeting_at_zoom(
    zoom: ZoomWorld, people, monkeypatch: pytest.MonkeyPatch, run_jobs
) -> None:
    meeting = wanted(people.company, zoom.connect(people.baba, RECRUIT))
    create = client.Client.create_meeting

    def stands_still(zoom: client.Client, **how: Any) -> client.ZoomMeeting:
        monkeypatch.setattr(client.Client, "create_meeting", create)
        taken_for_dead(meeting)
        return create(zoom, **how)

    monkeypatch.setattr(client.Client, "create_meeting", stands_still)

    assert issue(meeting) == "done"
    made = Meeting.objects.get()
    assert {made.zoom_id} < {str(one["id"]) for one in zoom.meetings()}
    run_jobs()
    assert [str(one["id"]) for one in zoom.meetings()] == [made.zoom_id]
    assert made == Meeting.objects.get(issued_at=made.issued_at, join_url=made.join_url)


def test_a_second_meeting_that_is_another_rows_by_now_stays(zoom: ZoomWorld, people) -> None:
    host = zoom.connect(people.baba, RECRUIT)
    meeting = issued(people.company, host)
    other = issued(people.company, host, meeting.starts_at + timedelta(hours=2))

    surplus.remove.call(meeting_id=meeting.pk, zoom_id=other.zoom_id)

    assert len(zoom.meetings()) == 2


def test_a_second_meeting_that_zoom_does_not_let_us_delete_is_left_to_people(
    zoom: ZoomWorld, people, caplog: pytest.LogCaptureFixture
) -> None:
    host = zoom.connect(people.baba, RECRUIT)
    meeting = issued(people.company, host)
    other = issued(people.company, host, meeting.starts_at + timedelta(hours=2))
    Meeting.objects.filter(pk=other.pk).delete()
    zoom.control("POST", f"apps/{zoom.state()['apps'][0]['client_id']}", {"scopes": ["user:read:user"]})
    zoom.connect(people.baba, RECRUIT)

    surplus.remove.call(meeting_id=meeting.pk, zoom_id=other.zoom_id)

    assert len(zoom.meetings()) == 2
    assert "surplus_meeting_stays" in caplog.text


def test_a_second_meeting_is_removed_when_zoom_is_back(zoom: ZoomWorld, people, run_jobs) -> None:
    host = zoom.connect(people.baba, RECRUIT)
    meeting = issued(people.company, host)
    other = issued(people.company, host, meeting.starts_at + timedelta(hours=2))
    Meeting.objects.filter(pk=other.pk).delete()
    zoom.fault("down")

    surplus.remove.call(meeting_id=meeting.pk, zoom_id=other.zoom_id)
    zoom.heal()
    assert len(zoom.meetings()) == 2
    run_jobs(until=timezone.now() + timedelta(minutes=2))

    assert [str(one["id"]) for one in zoom.meetings()] == [meeting.zoom_id]


def test_another_try_pressed_twice_does_not_forget_the_create_of_the_first(
    zoom: ZoomWorld, people, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking was not permitted and a person has decided to make one all the same: once."""
    meeting = wanted(people.company, zoom.connect(people.baba, RECRUIT))
    now = timezone.now()
    Meeting.objects.update(failed_at=now, problem="scope_missing", create_sent_at=now - timedelta(hours=1))
    whole = meeting_rows.whole

    def overtaken(pk: int) -> Meeting:
        row = whole(pk)
        Meeting.objects.update(
            failed_at=None, problem="", create_sent_at=now
        )  # the first press and its worker
        return row

    monkeypatch.setattr(meeting_rows, "whole", overtaken)
    meetings.retry(meeting, now=now)

    assert Meeting.objects.get().create_sent_at == now


def test_adopted_and_canceled_at_one_moment_leaves_nothing_at_zoom(zoom: ZoomWorld, people, run_jobs) -> None:
    host = zoom.connect(people.baba, RECRUIT)
    for attempt in range(3):
        meeting = wanted(people.company, host, timezone.now() + timedelta(days=3 + attempt))
        zoom.fault("drop", match=CREATE, commit="after")
        assert issue(meeting) == "later"

        together(
            2,
            lambda m=meeting: issue(m),
            lambda m=meeting: meetings.cancel(Meeting.objects.get(pk=m.pk), now=timezone.now()),
        )
    run_jobs(until=timezone.now() + timedelta(hours=1))

    assert zoom.meetings() == []


def test_a_message_quicker_than_our_own_commit_is_understood_after_it(
    zoom: ZoomWorld, people, run_jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = zoom.connect(people.baba, RECRUIT)
    meeting = wanted(people.company, host)
    began = timezone.now() - timedelta(seconds=2)
    accept = issuing._accept

    def heard_first(row: Meeting, made: Any, now: Any) -> Meeting:
        row.zoom_id, row.zoom_uuid = made.id, made.uuid
        post(about(row, "meeting.started", at=began))
        run_jobs()
        assert WebhookEvent.objects.get().handled_at is None  # of a meeting that nobody here knows yet
        return accept(row, made, now)

    monkeypatch.setattr(issuing, "_accept", heard_first)
    assert issue(meeting) == "done"
    run_jobs(until=timezone.now() + timedelta(seconds=2 * webhooks.PARKED))

    meeting.refresh_from_db()
    assert meeting.started_at is not None
    assert abs(meeting.started_at - began) < timedelta(seconds=1)
    assert WebhookEvent.objects.get().outcome == "started"


def test_a_removal_at_zoom_against_our_own_move_is_seen_whichever_comes_first(
    zoom: ZoomWorld, people, run_jobs
) -> None:
    host = zoom.connect(people.baba, RECRUIT)
    meeting = issued(people.company, host)
    zoom.delete(meeting)
    post(about(meeting, "meeting.deleted"))
    (event,) = WebhookEvent.objects.all()

    def move() -> None:
        mine = Meeting.objects.get(pk=meeting.pk)
        later = mine.starts_at + timedelta(hours=1)
        meetings.move(mine, starts_at=later, minutes=60, topic="x", now=timezone.now())

    answers = together(2, move, lambda: webhooks.handle.call(event_id=event.pk))
    run_jobs(until=timezone.now() + timedelta(hours=1))

    assert [one for one in answers if one is not None and not isinstance(one, meetings.NotMovable)] == []
    meeting.refresh_from_db()
    assert meeting.lost_at is not None
