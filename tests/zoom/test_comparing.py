"""What Zoom has otherwise than we do: written down once, gone by itself, remembered when ignored."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from mensetsu.zoom import checking, comparing, issuing, meetings, reconciling
from mensetsu.zoom.models import Connection, Difference, HowSettled, Meeting
from simulator.zoom import fixtures
from tests.racing import meanwhile
from tests.zoom.messages import about, post
from tests.zoom_world import HANAKO, RECRUIT, RECRUIT2, ZoomWorld, issued

pytestmark = pytest.mark.django_db


def look(meeting: Meeting) -> list[tuple[str, str, str]]:
    """Ask Zoom; what then is open: kind, ours, theirs."""
    meetings.check(meeting, now=timezone.now())
    return [(one.kind, one.ours, one.theirs) for one in meeting.differences.open().order_by("kind")]


def test_a_meeting_as_we_made_it_differs_in_nothing(meeting: Meeting) -> None:
    assert look(meeting) == []
    assert not Difference.objects.exists()


@pytest.mark.parametrize(
    ("edited", "found"),
    [
        ({"duration": 15}, ("length", "60", "15")),
        ({"topic": "Lunch"}, ("topic", "一次面接 佐藤 美咲 様", "Lunch")),
        ({"settings": {"waiting_room": False}}, ("waiting_room", "on", "off")),
        ({"settings": {"meeting_authentication": True}}, ("sign_in", "off", "on")),
    ],
)
def test_each_kind_is_written_down_once_and_gone_when_both_agree_again(
    zoom: ZoomWorld, meeting: Meeting, news, edited: dict[str, Any], found: tuple[str, str, str]
) -> None:
    before = {
        "duration": 60,
        "topic": meeting.topic,
        "settings": {"waiting_room": True, "meeting_authentication": False},
    }
    zoom.edit(meeting, **edited)

    assert look(meeting) == [found]
    assert look(meeting) == [found]
    assert news == [("changed", meeting)]
    zoom.edit(meeting, **before)
    assert look(meeting) == []
    assert Difference.objects.get().settled == HowSettled.AGREED


def test_another_time_is_told_as_an_instant(zoom: ZoomWorld, meeting: Meeting) -> None:
    later = meeting.starts_at + timedelta(hours=3)
    zoom.edit(meeting, start_time=f"{later:%Y-%m-%dT%H:%M:%S}Z")

    assert look(meeting) == [("time", meeting.starts_at.isoformat(), later.isoformat())]
    assert comparing.moment_of(later.isoformat()) == later
    assert comparing.moment_of("") is None


def test_entering_before_the_host_needs_no_waiting_room_and_both_are_told(
    zoom: ZoomWorld, meeting: Meeting
) -> None:
    zoom.edit(meeting, settings={"waiting_room": False, "join_before_host": True})

    assert [kind for kind, _ours, _theirs in look(meeting)] == ["early_entry", "waiting_room"]


def test_a_passcode_changed_at_zoom_is_taken_over_and_told_as_a_new_link(
    zoom: ZoomWorld, meeting: Meeting, news
) -> None:
    zoom.edit(meeting, password="N3w-pass")

    assert look(meeting) == []
    assert news == [("link", meeting)]
    taken = Difference.objects.get()
    assert (taken.kind, taken.settled, taken.settled_by) == ("link", HowSettled.ADOPTED, None)


def test_what_zoom_has_not_been_told_yet_is_no_difference(zoom: ZoomWorld, meeting: Meeting) -> None:
    later = meeting.starts_at + timedelta(days=1)
    meetings.move(meeting, starts_at=later, minutes=60, topic=meeting.topic, now=timezone.now())

    assert look(meeting) == []


def test_what_an_administrator_enforces_is_told_as_soon_as_the_meeting_is_made(
    zoom: ZoomWorld, people, host: Connection
) -> None:
    zoom.mode(sign_in_policy="locked")

    meeting = issued(people.company, host)

    assert [(one.kind, one.theirs) for one in meeting.differences.open()] == [("sign_in", "on")]


def test_our_own_move_settles_what_differed(zoom: ZoomWorld, meeting: Meeting, run_jobs) -> None:
    zoom.edit(meeting, duration=15)
    look(meeting)
    later = meeting.starts_at + timedelta(days=1)

    meetings.move(meeting, starts_at=later, minutes=60, topic=meeting.topic, now=timezone.now())
    run_jobs()

    assert Difference.objects.get().settled == HowSettled.AGREED
    assert look(meeting) == []


def test_a_topic_that_waits_for_a_decision_is_not_sent(zoom: ZoomWorld, meeting: Meeting) -> None:
    zoom.edit(meeting, topic="Lunch")
    look(meeting)

    issuing.sync_meeting.call(meeting_id=meeting.pk)

    assert zoom.requests("PATCH", f"/v2/meetings/{meeting.zoom_id}") == []
    assert [one.kind for one in meeting.differences.open()] == ["topic"]


def test_a_meeting_deleted_at_zoom_is_a_difference_too(zoom: ZoomWorld, meeting: Meeting) -> None:
    zoom.delete(meeting)

    assert look(meeting) == [("gone", "", "")]


def test_a_meeting_that_became_a_webinar_is_told_and_kept(zoom: ZoomWorld, meeting: Meeting, news) -> None:
    zoom.room(meeting, "webinar")

    assert look(meeting) == [("webinar", "", "")]
    assert look(meeting) == [("webinar", "", "")]
    assert (meeting.lost_at, meeting.problem, news) == (None, "", [("changed", meeting)])


def test_a_meeting_handed_to_a_linked_colleague_names_that_link(
    zoom: ZoomWorld, people, meeting: Meeting
) -> None:
    zoom.connect(people.aoki, HANAKO)
    other = zoom.connect(people.aoki, RECRUIT2, is_shared=True)
    zoom.edit(meeting, host=RECRUIT2)

    assert look(meeting) == [("host", "", f"link {other.pk}")]
    assert Difference.objects.get().their_host == other


def test_a_link_that_only_may_see_the_meeting_is_not_its_host(
    zoom: ZoomWorld, people, meeting: Meeting
) -> None:
    other = zoom.connect(people.aoki, RECRUIT2, is_shared=True)
    zoom.edit(meeting, host=RECRUIT2)
    Connection.objects.filter(pk=other.pk).update(zoom_user_id="only an assistant")

    assert look(meeting) == [("host", "", "unknown")]


def test_a_meeting_handed_to_a_stranger_keeps_nothing_of_that_person(
    zoom: ZoomWorld, people, meeting: Meeting
) -> None:
    zoom.edit(meeting, host=HANAKO)

    assert look(meeting) == [("host", "", "unknown")]


def test_a_host_that_may_still_see_it_is_told_by_the_answer_itself(
    zoom: ZoomWorld, people, meeting: Meeting
) -> None:
    """Another linked account may see it by Zoom's scheduling privilege; the answer then names the host."""
    row = Meeting.objects.select_related("connection__organization").get(pk=meeting.pk)
    known = issuing.client.ZoomMeeting(
        id=row.zoom_id, uuid="", host_id="somebody", topic=row.topic, agenda="", starts_at=row.starts_at,
        minutes=row.minutes, created_at=None, join_url=row.join_url, passcode=row.passcode, status="",
        has_waiting_room=None, requires_login=None, uses_pmi=None, start_url="",
    )  # fmt: skip

    checking._absorb(row, known, timezone.now())

    found = Difference.objects.get()
    assert (found.kind, len(found.theirs), found.their_host) == ("host", 16, None)


# --- ignored --------------------------------------------------------------------------------------------------------


def test_what_is_ignored_stays_ignored_while_zoom_says_the_same(
    zoom: ZoomWorld, people, meeting: Meeting, news
) -> None:
    zoom.edit(meeting, duration=15)
    look(meeting)
    reconciling.ignore(Difference.objects.get(), by=people.baba, now=timezone.now())

    assert look(meeting) == []
    assert look(meeting) == []
    assert len(news) == 1
    assert Difference.objects.get().ignored_by == people.baba


def test_what_is_ignored_comes_back_when_zoom_changes_again(
    zoom: ZoomWorld, people, meeting: Meeting, news
) -> None:
    zoom.edit(meeting, duration=15)
    look(meeting)
    reconciling.ignore(Difference.objects.get(), by=people.baba, now=timezone.now())
    zoom.edit(meeting, duration=20)

    assert look(meeting) == [("length", "60", "20")]
    assert len(news) == 2
    assert Difference.objects.get().ignored_at is None


def test_what_was_ignored_and_agreed_since_is_new_when_it_comes_again(
    zoom: ZoomWorld, people, meeting: Meeting
) -> None:
    zoom.edit(meeting, duration=15)
    look(meeting)
    reconciling.ignore(Difference.objects.get(), by=people.baba, now=timezone.now())
    zoom.edit(meeting, duration=60)
    look(meeting)
    zoom.edit(meeting, duration=15)

    assert look(meeting) == [("length", "60", "15")]
    assert Difference.objects.count() == 2


# --- at the same moment ---------------------------------------------------------------------------------------------


def test_one_row_a_meeting_and_kind_stands(meeting: Meeting) -> None:
    values = {
        "organization_id": meeting.organization_id,
        "meeting": meeting,
        "kind": "time",
        "found_at": timezone.now(),
    }
    Difference.objects.create(**values)

    with pytest.raises(IntegrityError), transaction.atomic():
        Difference.objects.create(**values)


def test_two_looks_at_once_write_one_row(meeting: Meeting) -> None:
    now = timezone.now()
    answers = []

    # Between the look for a standing row and the writing of a new one.
    with meanwhile("SAVEPOINT", lambda: answers.append(comparing.note_one(meeting, "webinar", now=now))):
        answers.append(comparing.note_one(meeting, "webinar", now=now))

    assert answers == [True, False]
    assert Difference.objects.count() == 1


def test_a_look_that_was_overtaken_by_our_own_change_writes_nothing(
    zoom: ZoomWorld, people, meeting: Meeting
) -> None:
    zoom.edit(meeting, duration=15)
    later = meeting.starts_at + timedelta(days=1)
    second = Meeting.objects.get(pk=meeting.pk)

    def move() -> None:
        meetings.move(second, starts_at=later, minutes=60, topic=meeting.topic, now=timezone.now())

    with meanwhile('SET "join_url"', move):
        meetings.check(meeting, now=timezone.now())

    assert not Difference.objects.exists()


# --- hints ----------------------------------------------------------------------------------------------------------


def test_a_hint_that_comes_late_and_twice_changes_nothing_more(
    zoom: ZoomWorld, meeting: Meeting, run_jobs, news
) -> None:
    zoom.edit(meeting, duration=15)
    message = about(meeting, "meeting.updated", duration=15)
    post(message)
    run_jobs()
    zoom.edit(meeting, duration=60)
    meetings.check(meeting, now=timezone.now())

    post(message)
    post(about(meeting, "meeting.updated", at=timezone.now() - timedelta(hours=1), duration=15))
    run_jobs()

    assert [one.settled for one in Difference.objects.all()] == [HowSettled.AGREED]
    assert news == [("changed", meeting)]


def test_a_hint_of_a_webinar_is_looked_at(zoom: ZoomWorld, meeting: Meeting, run_jobs) -> None:
    zoom.room(meeting, "webinar")

    post(about(meeting, "meeting.converted_to_webinar"))
    run_jobs()

    assert [one.kind for one in meeting.differences.open()] == ["webinar"]


def test_an_answer_that_another_may_not_read_is_no_difference(
    zoom: ZoomWorld, people, meeting: Meeting
) -> None:
    """A missing permission is the app's trouble, not the meeting's."""
    scopes = [one for one in fixtures.SCOPES if one != "meeting:read:meeting"]
    zoom.control("POST", f"apps/{fixtures.CLIENT_ID}", {"scopes": scopes})
    zoom.connect(people.baba, RECRUIT, is_shared=True)
    Meeting.objects.update(connection=Connection.objects.live().get())

    assert look(Meeting.objects.get()) == []
    assert Meeting.objects.get().problem == "scope_missing"
