"""Three looks before an interview begins: what is safe is put right, the rest is told while there is time."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail as outbox
from django.utils import timezone

from mensetsu.candidates.models import Status
from mensetsu.history.models import Entry
from mensetsu.interviews import preflighting
from mensetsu.interviews.models import Interview, Preflight, Service, Way
from mensetsu.zoom import checking, pacing
from mensetsu.zoom.models import Connection, Meeting, Problem
from tests.interviews import automatic, desk
from tests.interviews.nearing import AT, asked, found
from tests.racing import meanwhile
from tests.zoom_world import RECRUIT, ZoomWorld

pytestmark = pytest.mark.django_db

# --- when -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("milestone", ["day", "hour", "last"])
def test_an_interview_as_it_should_be_passes_with_one_request(
    zoom: ZoomWorld, coming: Any, look: Any, milestone: str
) -> None:
    interview = coming(AT[milestone])
    before = len(asked(zoom))

    check = look()

    assert (check.milestone, check.state, check.due_at) == (milestone, "ok", None)
    assert [item["code"] for item in check.items] == [
        "meeting", "time", "host", "user", "plan", "capacity", "doors", "panel", "told", "links",
    ]  # fmt: skip
    assert asked(zoom, before) == [f"GET /v2/meetings/{interview.meeting.zoom_id}"]
    look()
    assert (Preflight.objects.count(), len(asked(zoom))) == (1, before + 1)


@pytest.mark.parametrize("distance", [timedelta(hours=24), timedelta(hours=1), timedelta(minutes=10)])
def test_the_round_over_all_meetings_does_not_look_a_second_time(
    zoom: ZoomWorld, coming: Any, look: Any, run_jobs: Any, distance: timedelta
) -> None:
    interview = coming(distance - timedelta(minutes=1))
    Meeting.objects.update(checked_at=interview.starts_at - distance - timedelta(minutes=1))
    before = len(asked(zoom))

    for _round in range(2):
        checking.reconcile.call()
        look()

    assert len(asked(zoom)) == before + 1


@pytest.mark.parametrize("begins_in", [timedelta(hours=25), timedelta(minutes=-1)])
def test_what_is_far_away_or_has_begun_is_not_checked(coming: Any, look: Any, begins_in: timedelta) -> None:
    interview = coming()
    now = timezone.now()
    Interview.objects.update(starts_at=now + begins_in, ends_at=now + begins_in + timedelta(hours=1))

    assert look() is None
    assert not preflighting.again(interview, now=now)


def test_what_was_set_a_moment_ago_is_left_to_be_finished(coming: Any, look: Any) -> None:
    coming()
    Interview.objects.update(changed_at=timezone.now())

    assert look() is None


def test_of_two_nodes_one_makes_the_check(office: SimpleNamespace, coming: Any) -> None:
    coming()

    with meanwhile('INTO "interviews_preflight"', preflighting.look_ahead.call):
        preflighting.look_ahead.call()

    assert Preflight.objects.count() == 1


def test_of_two_rounds_one_gives_out_the_job(office: SimpleNamespace, coming: Any, run_jobs: Any) -> None:
    coming()

    with meanwhile('UPDATE "interviews_preflight" SET "due_at" = %s WHERE ("interviews_preflight"."due_at"',
                   preflighting.look_ahead.call):  # fmt: skip
        preflighting.look_ahead.call()

    assert run_jobs() == 1


def test_another_distance_ends_the_earlier_one(coming: Any, look: Any) -> None:
    coming(is_told=False)
    first = look()
    assert first.due_at is not None
    now = timezone.now()
    Interview.objects.update(starts_at=now + AT["hour"], ends_at=now + timedelta(hours=2))
    Preflight.objects.update(starts_at=now + AT["hour"])

    second = look()

    first.refresh_from_db()
    assert (first.due_at, second.milestone) == (None, "hour")


def test_an_applicant_who_has_left_is_not_waited_for(office: SimpleNamespace, coming: Any, look: Any) -> None:
    coming()
    office.sato.status = Status.WITHDRAWN
    office.sato.save()

    assert look() is None


@pytest.mark.parametrize("happens", ["canceled", "moved", "left"])
def test_what_is_canceled_or_moved_meanwhile_is_left_alone(
    zoom: ZoomWorld, office: SimpleNamespace, coming: Any, look: Any, run_jobs: Any, happens: str
) -> None:
    interview = coming()
    preflighting.look_ahead.call()
    if happens == "moved":
        Interview.objects.update(starts_at=interview.starts_at + timedelta(minutes=5))
    elif happens == "left":
        type(office.sato).objects.update(status=Status.REJECTED)
    else:
        Interview.objects.update(canceled_at=timezone.now())
    before = len(asked(zoom))

    run_jobs()

    check = Preflight.objects.get()
    assert (check.state, check.due_at, len(asked(zoom))) == ("", None, before)
    preflighting.check.call(preflight_id=check.pk)  # a job delivered twice
    assert len(asked(zoom)) == before


# --- what is found --------------------------------------------------------------------------------------------------


def test_zoom_away_is_said_and_tried_again(zoom: ZoomWorld, coming: Any, look: Any) -> None:
    coming()
    zoom.fault("down")

    check = look()

    assert check.state == "unknown"
    assert found(check, "unknown").keys() == {"meeting", "time", "host", "user", "plan", "doors"}
    assert timedelta(minutes=29) < check.due_at - timezone.now() <= timedelta(minutes=30)
    zoom.heal()
    Preflight.objects.update(due_at=timezone.now())
    assert (look().state, Preflight.objects.count()) == ("ok", 1)


def test_while_zoom_is_away_nothing_is_sent(zoom: ZoomWorld, coming: Any, look: Any) -> None:
    interview = coming()
    Meeting.objects.update(synced_minutes=30)
    pacing.hold(interview.meeting.connection, label="", until=timezone.now() + timedelta(hours=1), why="busy")
    before = len(asked(zoom))

    check = look()

    assert (found(check), len(asked(zoom))) == ({"time": "time_untold"}, before)


def test_an_account_that_zoom_asked_to_wait_is_not_asked(zoom: ZoomWorld, coming: Any, look: Any) -> None:
    interview = coming()
    pacing.hold(interview.meeting.connection, label="", until=timezone.now() + timedelta(hours=1), why="busy")
    before = len(asked(zoom))

    assert look().state == "unknown"
    assert (len(asked(zoom)), interview.meeting.problem) == (before, "")


def test_the_promised_doors_are_put_back_and_that_is_told(
    zoom: ZoomWorld, office: SimpleNamespace, coming: Any, look: Any
) -> None:
    interview = coming()
    zoom.edit(interview.meeting, settings={"waiting_room": False})
    before = len(asked(zoom))

    check = look()

    assert (check.state, found(check, "repaired")) == ("repaired", {"doors": "doors_differ"})
    one = f"/v2/meetings/{interview.meeting.zoom_id}"
    assert asked(zoom, before) == [f"GET {one}", f"PATCH {one}", f"GET {one}"]
    assert Entry.objects.filter(action="interview.preflight_repaired").count() == 1
    assert zoom.meetings()[0]["settings"]["waiting_room"] is True


@pytest.mark.parametrize(
    ("milestone", "state", "minutes"),
    [("day", "failed", 15), ("hour", "repaired", 60), ("last", "repaired", 60)],
)
def test_another_time_at_zoom_is_left_to_people_a_day_before_and_undone_when_the_start_is_near(
    zoom: ZoomWorld, coming: Any, look: Any, milestone: str, state: str, minutes: int
) -> None:
    zoom.edit(coming(AT[milestone]).meeting, duration=15)

    assert found(look(), state) == {"time": "time_differs"}
    assert zoom.meetings()[0]["duration"] == minutes


def test_a_meeting_deleted_at_zoom_fails(zoom: ZoomWorld, coming: Any, look: Any) -> None:
    interview = coming()
    zoom.delete(interview.meeting)

    assert found(look()) == {"meeting": "lost"}


def test_what_was_never_issued_fails_without_asking(zoom: ZoomWorld, coming: Any, look: Any) -> None:
    coming()
    Meeting.objects.update(issued_at=None, failed_at=timezone.now(), problem=Problem.REFUSED)
    before = len(asked(zoom))

    assert found(look())["meeting"] == "not_issued"
    assert len(asked(zoom)) == before


def test_an_interview_whose_meeting_was_taken_away_has_none(coming: Any, look: Any) -> None:
    coming()
    Interview.objects.update(meeting=None)

    assert found(look())["meeting"] == "not_issued"


def test_the_host_is_asked_a_day_before_and_once_a_day(zoom: ZoomWorld, coming: Any, look: Any) -> None:
    coming()
    zoom.control("POST", f"users/{RECRUIT}", {"status": "inactive"})
    Connection.objects.update(checked_at=timezone.now() - timedelta(hours=25))

    assert found(look()) == {"user": "inactive"}
    Preflight.objects.update(due_at=timezone.now())
    look()

    assert len(zoom.requests("GET", "/v2/users/me")) == 2  # one by the connecting


@pytest.mark.parametrize(
    ("milestone", "known_for", "times"),
    [
        ("day", timedelta(hours=23), 0), ("day", timedelta(hours=24), 1),
        ("hour", timedelta(minutes=29), 0), ("hour", timedelta(minutes=30), 1),
        ("last", timedelta(minutes=9), 0), ("last", timedelta(minutes=10), 1),
    ],
)  # fmt: skip
def test_the_nearer_the_start_the_fresher_what_is_known_of_the_host(
    zoom: ZoomWorld, coming: Any, look: Any, milestone: str, known_for: timedelta, times: int
) -> None:
    coming(AT[milestone])
    Connection.objects.update(checked_at=timezone.now() - known_for)
    before = len(zoom.requests("GET", "/v2/users/me"))

    assert look().state == "ok"

    assert len(zoom.requests("GET", "/v2/users/me")) == before + times


def test_one_question_serves_all_interviews_of_the_host(
    zoom: ZoomWorld, office: SimpleNamespace, coming: Any, look: Any
) -> None:
    coming(AT["last"])
    coming(AT["hour"], candidate=office.ito, interviewers=[office.endo], host=None, way=Way.PHONE, service="")
    Connection.objects.update(checked_at=timezone.now() - timedelta(hours=2))
    before = len(zoom.requests("GET", "/v2/users/me"))

    look()

    assert (Preflight.objects.count(), len(zoom.requests("GET", "/v2/users/me"))) == (2, before + 1)


def test_a_host_who_lost_the_licence_is_told_ten_minutes_before_and_mended_at_the_next_look(
    zoom: ZoomWorld, coming: Any, look: Any
) -> None:
    coming(AT["last"])
    Connection.objects.update(checked_at=timezone.now() - timedelta(hours=1))
    zoom.control("POST", f"users/{RECRUIT}", {"status": "inactive"})
    assert found(look()) == {"user": "inactive"}

    zoom.control("POST", f"users/{RECRUIT}", {"status": "active"})
    Preflight.objects.update(due_at=timezone.now())

    assert look().state == "ok"


def test_of_a_host_about_whom_zoom_does_not_answer_nothing_is_known(
    zoom: ZoomWorld, coming: Any, look: Any
) -> None:
    coming(AT["hour"])
    Connection.objects.update(checked_at=None)
    zoom.fault("server_error", match={"path": "/v2/users/me"})

    check = look()

    assert (check.state, found(check, "unknown").keys()) == ("unknown", {"user", "plan"})
    Preflight.objects.update(due_at=timezone.now())
    assert look().state == "ok"


@pytest.mark.parametrize(
    ("milestone", "is_told", "state", "cause"),
    [
        ("day", True, "repaired", "no_passcode"),
        ("last", False, "repaired", "no_passcode"),
        ("last", True, "failed", "no_passcode"),
    ],
)
def test_a_passcode_taken_away_is_set_anew_unless_people_stand_before_the_door(
    zoom: ZoomWorld, coming: Any, look: Any, milestone: str, is_told: bool, state: str, cause: str
) -> None:
    interview = coming(AT[milestone], is_told=is_told)
    zoom.edit(interview.meeting, password="")

    assert found(look(), state)["doors"] == cause
    assert bool(zoom.meetings()[0]["password"]) is (state == "repaired")


def test_nobody_told_fails_until_a_letter_leaves(office: SimpleNamespace, coming: Any, look: Any) -> None:
    interview = coming(is_told=False)
    assert found(look()) == {"told": "untold"}

    desk.tell(office, interview, url=interview.join_url)
    Preflight.objects.update(due_at=timezone.now())

    check = look()
    assert (check.state, found(check, "repaired")) == ("ok", {})


def test_letters_of_a_group_are_written_by_themselves(
    office: SimpleNamespace, coming: Any, look: Any, run_jobs: Any
) -> None:
    interview = coming(is_told=False, template_group=automatic.group(office))
    desk.tell(office, interview, url="https://zoom.example/j/old")

    check = look()

    assert found(check, "repaired")["links"] == "old_link"


def test_what_changed_since_is_looked_at_without_waiting(coming: Any, look: Any) -> None:
    coming(is_told=False)
    first = look()
    Preflight.objects.update(checked_at=timezone.now() - timedelta(minutes=10))
    Interview.objects.update(
        changed_at=timezone.now() - timedelta(minutes=3), confirmation_waived_at=timezone.now()
    )

    check = look()

    assert (check.pk, check.state) == (first.pk, "ok")


@pytest.mark.parametrize(
    ("wished", "codes"),
    [
        ({"way": Way.WEB, "service": Service.URL, "custom_url": "https://meet.example.com/abc"}, {"links"}),
        ({"way": Way.PHONE, "service": ""}, set()),
        ({"way": Way.IN_PERSON, "service": "", "place": "本社"}, set()),
    ],
)
def test_other_ways_have_the_checks_that_apply(
    zoom: ZoomWorld, coming: Any, look: Any, wished: dict[str, str], codes: set[str]
) -> None:
    coming(host=None, **wished)
    before = len(asked(zoom))

    check = look()

    assert [item["code"] for item in check.items] == ["panel", "told", "links"]
    assert (check.state, len(asked(zoom))) == ("ok", before)


def test_two_looks_at_once_write_one_result(
    zoom: ZoomWorld, office: SimpleNamespace, coming: Any, run_jobs: Any
) -> None:
    coming(AT["hour"], is_told=False, way=Way.PHONE, service="", host=None)
    preflighting.look_ahead.call()
    check = Preflight.objects.get()

    with meanwhile('UPDATE "interviews_preflight" SET "items"',
                   lambda: preflighting.check.call(preflight_id=check.pk)):  # fmt: skip
        preflighting.check.call(preflight_id=check.pk)
    run_jobs()

    assert len(outbox.outbox) == 1
