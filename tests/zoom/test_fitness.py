"""Will a coming meeting work? Each trouble has its name, and what is safe is put right."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.zoom import checking, ending, fitness, meetings, reconciling, repairing, showing
from mensetsu.zoom.models import Connection, Difference, DifferenceKind, EndReason, Meeting, Problem
from tests.racing import meanwhile
from tests.zoom.test_hosting import at, link
from tests.zoom_world import BASIC, RECRUIT, ZoomWorld, wanted

pytestmark = pytest.mark.django_db


def troubles(meeting: Meeting) -> dict[str, str]:
    fresh = Meeting.objects.select_related("connection").get(pk=meeting.pk)
    return {code: cause for code, cause in fitness.read(fresh, now=timezone.now()).items() if cause}


def look(meeting: Meeting) -> None:
    meetings.check(meeting, now=timezone.now())


def repair(meeting: Meeting, *, may_undo: bool = False) -> None:
    repairing.repair(meeting, may_undo=may_undo, now=timezone.now())


def writes(zoom: ZoomWorld, meeting: Meeting) -> int:
    return len(zoom.requests("PATCH", f"/v2/meetings/{meeting.zoom_id}"))


def test_a_meeting_as_it_should_be_has_no_trouble(
    zoom: ZoomWorld, meeting: Meeting, django_assert_max_num_queries
) -> None:
    look(meeting)

    assert list(fitness.read(meeting, now=timezone.now())) == list(fitness.CODES)
    assert troubles(meeting) == {}
    with django_assert_max_num_queries(4):
        fitness.read(meeting, now=timezone.now())


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"lost_at": timezone.now()}, {"meeting": "lost"}),
        ({"issued_at": None, "problem": Problem.AWAY}, {"meeting": "not_issued"}),
        ({"issued_at": None, "problem": Problem.DAILY_LIMIT}, {"meeting": "daily_limit"}),
        ({"problem": Problem.SCOPE_MISSING}, {"meeting": "refused"}),
        ({"synced_minutes": 30}, {"time": "time_untold"}),
        ({"passcode": "", "has_waiting_room": False}, {"doors": "unguarded"}),
        ({"passcode": ""}, {"doors": "no_passcode"}),
        ({"passcode": "", "adopted_at": timezone.now()}, {}),
    ],
)
def test_what_our_row_says_of_the_meeting(
    meeting: Meeting, columns: dict[str, Any], found: dict[str, str]
) -> None:
    Meeting.objects.update(**columns)

    assert troubles(meeting) == found


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"check_problem": Problem.INACTIVE}, {"user": "inactive"}),
        ({"plan_type": 1}, {"plan": "basic"}),
        ({"plan_type": 4}, {"plan": "unlicensed"}),
        ({"plan_type": 99}, {"plan": "unlicensed"}),
        ({"ended_at": timezone.now(), "end_reason": EndReason.REVOKED}, {"host": "host_ended"}),
    ],
)
def test_what_our_row_says_of_the_host(
    meeting: Meeting, columns: dict[str, Any], found: dict[str, str]
) -> None:
    Connection.objects.update(**columns)

    assert troubles(meeting) == found


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (DifferenceKind.WEBINAR, {"meeting": "webinar"}),
        (DifferenceKind.TIME, {"time": "time_differs"}),
        (DifferenceKind.LENGTH, {"time": "time_differs"}),
        (DifferenceKind.HOST, {"host": "other_host"}),
        (DifferenceKind.SIGN_IN, {"doors": "doors_differ"}),
        (DifferenceKind.PASSCODE, {}),  # until the row says so too
        (DifferenceKind.TOPIC, {}),
    ],
)
def test_what_zoom_has_otherwise_is_trouble_until_somebody_ignores_it(
    meeting: Meeting, people, kind: str, found: dict[str, str]
) -> None:
    now = timezone.now()
    Meeting.objects.update(synced_minutes=30)  # as after the change at Zoom
    Difference.objects.create(organization=people.company, meeting=meeting, kind=DifferenceKind.LENGTH, found_at=now,
                              ignored_at=now)  # fmt: skip
    Difference.objects.filter(kind=kind).delete()
    Difference.objects.create(organization=people.company, meeting=meeting, kind=kind, found_at=now)

    assert troubles(meeting) == found
    Difference.objects.update(ignored_at=now)
    assert troubles(meeting) == {}


def test_more_at_once_than_the_host_may_hold_is_trouble(people) -> None:
    host = link(people.aoki, capacity=2)
    first, _second = wanted(people.company, host, at(10)), wanted(people.company, host, at(10, 30))
    after = wanted(people.company, host, at(11, 30))
    Connection.objects.update(capacity=1)

    assert troubles(first)["capacity"] == "crowded"
    assert "capacity" not in troubles(after)


def test_a_user_whom_zoom_calls_inactive_is_told_of(
    zoom: ZoomWorld, host: Connection, meeting: Meeting
) -> None:
    zoom.control("POST", f"users/{RECRUIT}", {"status": "inactive"})

    checking.check_link(host, now=timezone.now())

    assert (host.is_live, host.check_problem) == (True, Problem.INACTIVE)
    assert troubles(meeting) == {"user": "inactive"}
    assert "有効ではありません" in showing.unreachable_words(host)
    zoom.control("POST", f"users/{RECRUIT}", {"status": "active"})
    checking.check_link(host, now=timezone.now())
    assert troubles(meeting) == {}


# --- put right ------------------------------------------------------------------------------------------------------


def test_the_time_that_zoom_was_not_told_is_told(zoom: ZoomWorld, meeting: Meeting) -> None:
    later = meeting.starts_at + timedelta(hours=1)
    meetings.move(meeting, starts_at=later, minutes=60, topic=meeting.topic, now=timezone.now())

    repair(meeting)

    assert (troubles(meeting), meeting.synced_starts_at, writes(zoom, meeting)) == ({}, later, 1)


@pytest.mark.parametrize("problem", [Problem.REFUSED, Problem.NOT_TAKEN, Problem.SCOPE_MISSING])
def test_a_change_that_zoom_has_refused_is_not_sent_again(
    zoom: ZoomWorld, meeting: Meeting, problem: Problem
) -> None:
    Meeting.objects.update(minutes=30, problem=problem)
    meeting.refresh_from_db()

    repair(meeting)

    assert writes(zoom, meeting) == 0


def test_zoom_away_leaves_no_second_job_behind(zoom: ZoomWorld, meeting: Meeting) -> None:
    later = meeting.starts_at + timedelta(hours=1)
    meetings.move(meeting, starts_at=later, minutes=60, topic=meeting.topic, now=timezone.now())
    zoom.fault("down")
    before = DBTaskResult.objects.count()

    repair(meeting)

    assert (troubles(meeting), meeting.problem) == ({"time": "time_untold"}, Problem.AWAY)
    assert DBTaskResult.objects.count() == before


def test_the_promised_doors_are_put_back_in_one_request(zoom: ZoomWorld, meeting: Meeting) -> None:
    zoom.edit(meeting, settings={"waiting_room": False, "meeting_authentication": True})
    look(meeting)
    assert troubles(meeting) == {"doors": "doors_differ"}

    repair(meeting)

    assert (troubles(meeting), writes(zoom, meeting)) == ({}, 1)
    (there,) = zoom.meetings()
    assert (there["settings"]["waiting_room"], there["settings"]["meeting_authentication"]) == (True, False)


def test_a_time_that_somebody_changed_at_zoom_is_undone_only_where_that_is_wanted(
    zoom: ZoomWorld, meeting: Meeting
) -> None:
    zoom.edit(meeting, duration=15)
    look(meeting)

    repair(meeting)
    assert (troubles(meeting), writes(zoom, meeting)) == ({"time": "time_differs"}, 0)
    repair(meeting, may_undo=True)

    assert (troubles(meeting), writes(zoom, meeting)) == ({}, 1)


def test_what_zoom_does_not_take_is_not_sent_twice(zoom: ZoomWorld, meeting: Meeting) -> None:
    zoom.edit(meeting, settings={"meeting_authentication": True})
    look(meeting)
    Difference.objects.update(problem=Problem.NOT_TAKEN)

    repair(meeting)

    assert (troubles(meeting), writes(zoom, meeting)) == ({"doors": "doors_differ"}, 0)


def test_what_somebody_decides_at_that_moment_stays_decided(
    zoom: ZoomWorld, people, meeting: Meeting
) -> None:
    zoom.edit(meeting, settings={"meeting_authentication": True})
    look(meeting)
    difference = Difference.objects.get()

    def decide() -> None:
        reconciling.take_over(difference, by=people.baba, now=timezone.now())

    with meanwhile("SAVEPOINT", decide):
        repair(meeting)

    assert (troubles(meeting), writes(zoom, meeting)) == ({}, 0)
    assert Meeting.objects.get().wants_login


def test_a_meeting_left_behind_follows_its_zoom_user(zoom: ZoomWorld, people, meeting: Meeting) -> None:
    old = meeting.connection
    ending.end(old, reason=EndReason.REVOKED, now=timezone.now())
    repair(meeting)
    assert troubles(meeting) == {"host": "host_ended"}
    again = zoom.connect(people.baba, RECRUIT, is_shared=True)
    Meeting.objects.update(connection=old)  # as a restored backup may have it

    repair(meeting)

    assert (troubles(meeting), meeting.connection) == ({}, again)


def test_a_removed_app_leaves_nobody_to_follow(zoom: ZoomWorld, people, meeting: Meeting) -> None:
    ending.end(meeting.connection, reason=EndReason.DEAUTHORIZED, now=timezone.now())
    zoom.connect(people.aoki, BASIC)

    repair(meeting)

    assert troubles(meeting)["host"] == "host_ended"
