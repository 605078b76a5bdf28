"""Meetings come into being exactly once, follow our time, and go away for certain."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mensetsu.zoom import issuing, meetings, signals
from mensetsu.zoom.models import Connection, Meeting, Problem
from tests.racing import meanwhile
from tests.zoom_world import RECRUIT, ZoomWorld, issued, wanted

pytestmark = pytest.mark.django_db

CREATE = {"method": "POST", "path": "/v2/users/me/meetings"}


@pytest.fixture
def lost() -> list[Meeting]:
    """The meetings announced as lost."""
    heard: list[Meeting] = []

    def hear(*, meeting: Meeting, **facts: object) -> None:
        heard.append(meeting)

    signals.meeting_lost.connect(hear)
    yield heard
    signals.meeting_lost.disconnect(hear)


# --- make -----------------------------------------------------------------------------------------------------------


def test_linked_anew_while_it_is_made_it_is_made_through_the_new_link(
    zoom: ZoomWorld, people, host: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by a campaign: it moved to the new link, and then failed for the old one's end."""
    meeting = wanted(people.company, host)
    fresh = issuing.tokens.fresh

    def linked_anew_before(connection: Connection, **how: object) -> object:
        monkeypatch.setattr(issuing.tokens, "fresh", fresh)
        zoom.connect(host.owner, RECRUIT)
        return fresh(connection, **how)

    monkeypatch.setattr(issuing.tokens, "fresh", linked_anew_before)
    meetings.issue(meeting, now=timezone.now())

    assert (meeting.is_issued, meeting.connection.is_live, meeting.problem) == (True, True, "")
    assert len(zoom.meetings()) == 1


def test_an_issued_meeting_is_the_one_we_wanted(zoom: ZoomWorld, people, host: Connection) -> None:
    meeting = issued(people.company, host)

    (there,) = zoom.meetings()
    assert meeting.zoom_id == str(there["id"])
    assert there["topic"] == meeting.topic
    assert there["duration"] == 60
    assert there["host_id"] == host.zoom_user_id
    assert there["settings"]["use_pmi"] is False
    assert there["settings"]["waiting_room"] is True
    assert there["settings"]["meeting_authentication"] is False
    assert meeting.passcode == there["password"] != ""
    assert meeting.join_url.startswith(zoom.url + "/j/" + meeting.zoom_id)
    assert not meeting.is_unsynced
    assert (meeting.problem, meeting.create_sent_at) == ("", None)


def test_issuing_again_after_success_leaves_one_meeting(zoom: ZoomWorld, people, host: Connection) -> None:
    meeting = issued(people.company, host)

    meetings.issue(meeting, now=timezone.now())

    assert len(zoom.meetings()) == 1


def test_a_create_whose_answer_is_lost_is_adopted(zoom: ZoomWorld, people, host: Connection) -> None:
    meeting = wanted(people.company, host)
    zoom.fault("drop", match=CREATE, commit="after")

    with pytest.raises(meetings.OutcomeUnknown):
        meetings.issue(meeting, now=timezone.now())

    assert (meeting.problem, meeting.is_pending) == (Problem.UNKNOWN, True)
    meetings.issue(meeting, now=timezone.now())
    (there,) = zoom.meetings()
    assert meeting.zoom_id == str(there["id"])
    assert meeting.passcode == there["password"]


def test_a_create_that_never_arrived_is_sent_again(zoom: ZoomWorld, people, host: Connection) -> None:
    meeting = wanted(people.company, host)
    zoom.fault("drop", match=CREATE, commit="before")

    with pytest.raises(meetings.OutcomeUnknown):
        meetings.issue(meeting, now=timezone.now())
    meetings.issue(meeting, now=timezone.now())

    assert meeting.is_issued
    assert len(zoom.meetings()) == 1


def test_a_worker_that_died_after_sending_is_noticed_after_a_minute(
    zoom: ZoomWorld, people, host: Connection
) -> None:
    meeting = wanted(people.company, host)
    sent_at = timezone.now()
    # What a killed worker leaves behind: the claim, and a meeting at Zoom.
    row = Meeting.objects.select_related("connection__organization").get(pk=meeting.pk)
    issuing._call(row, lambda client: client.create_meeting(**issuing._wanted(row)), sent_at)
    Meeting.objects.filter(pk=meeting.pk).update(create_sent_at=sent_at)

    with pytest.raises(meetings.TryLater):
        meetings.issue(meeting, now=sent_at + timedelta(seconds=10))
    meetings.issue(meeting, now=sent_at + timedelta(seconds=61))

    (there,) = zoom.meetings()
    assert meeting.zoom_id == str(there["id"])


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ({"kind": "down"}, Problem.UNKNOWN),
        ({"kind": "server_error", "match": CREATE}, Problem.UNKNOWN),
        ({"kind": "xml", "match": CREATE}, Problem.UNKNOWN),
        ({"kind": "rate_limit", "match": CREATE, "which": "second"}, Problem.BUSY),
        ({"kind": "rate_limit", "match": CREATE, "which": "concurrent"}, Problem.BUSY),
        ({"kind": "rate_limit", "match": CREATE, "which": "day"}, Problem.DAILY_LIMIT),
        ({"kind": "rate_limit", "match": CREATE, "which": "user_day"}, Problem.DAILY_LIMIT),
    ],
    ids=lambda value: str(value.get("which", value["kind"])) if isinstance(value, dict) else "",
)
def test_what_passes_is_noted_and_tried_again(
    zoom: ZoomWorld, people, host: Connection, fault: dict, problem: Problem
) -> None:
    meeting = wanted(people.company, host)
    zoom.fault(**fault)

    with pytest.raises(meetings.TryLater):
        meetings.issue(meeting, now=timezone.now())

    assert meeting.problem == problem
    assert meeting.due_at is not None
    assert meeting.is_pending
    zoom.heal()
    meetings.issue(meeting, now=meeting.due_at)
    assert len(zoom.meetings()) == 1


def test_the_daily_limit_is_waited_for_until_its_reset(zoom: ZoomWorld, people, host: Connection) -> None:
    meeting = wanted(people.company, host)
    zoom.fault("rate_limit", match=CREATE, which="user_day")
    now = timezone.now()

    with pytest.raises(meetings.TryLater) as problem:
        meetings.issue(meeting, now=now)

    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    assert problem.value.why == "daily_limit"
    assert abs((meeting.due_at - midnight).total_seconds()) < 30


@pytest.mark.parametrize(
    ("kind", "problem"), [("not_allowed_to_host", Problem.REFUSED), ("schedule_for_refused", Problem.REFUSED)]
)
def test_what_only_a_person_can_mend_is_marked_failed(
    zoom: ZoomWorld, people, host: Connection, kind: str, problem: Problem
) -> None:
    meeting = wanted(people.company, host)
    zoom.fault(kind)

    meetings.issue(meeting, now=timezone.now())

    assert meeting.is_failed
    assert meeting.problem == problem
    assert meeting.problem_detail != ""
    meetings.retry(meeting, now=timezone.now())
    meetings.issue(meeting, now=timezone.now())
    assert meeting.is_issued


def test_a_missing_scope_names_itself(zoom: ZoomWorld, people, host: Connection) -> None:
    meeting = wanted(people.company, host)
    app = zoom.state()["apps"][0]
    zoom.control("POST", f"apps/{app['client_id']}", {"scopes": ["user:read:user"]})
    weak = zoom.connect(people.baba, RECRUIT)
    meeting.refresh_from_db()
    assert meeting.connection == weak

    meetings.issue(meeting, now=timezone.now())

    assert (meeting.is_failed, meeting.problem) == (True, Problem.SCOPE_MISSING)
    weak.refresh_from_db()
    assert weak.is_live


def test_a_host_removed_at_zoom_fails_the_meeting_and_ends_the_link(
    zoom: ZoomWorld, people, host: Connection
) -> None:
    meeting = wanted(people.company, host)
    zoom.uninstall(RECRUIT)

    meetings.issue(meeting, now=timezone.now())

    host.refresh_from_db()
    assert (meeting.is_failed, meeting.problem) == (True, Problem.CONNECTION_ENDED)
    assert not host.is_live


def test_a_meeting_without_passcode_gets_one(zoom: ZoomWorld, people, host: Connection) -> None:
    settings = {"schedule_meeting": {"require_password_for_scheduling_new_meetings": False}}
    zoom.control("POST", f"users/{RECRUIT}", {"settings": settings})

    meeting = issued(people.company, host)

    (there,) = zoom.meetings()
    assert meeting.passcode == there["password"]
    assert len(meeting.passcode) == 10
    assert there["pwd"] in meeting.join_url


def test_moved_while_it_was_being_made_is_told_to_zoom(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    meeting = wanted(people.company, host)
    zoom.fault("drop", match=CREATE, commit="after")
    with pytest.raises(meetings.OutcomeUnknown):
        meetings.issue(meeting, now=timezone.now())
    later = meeting.starts_at + timedelta(hours=3)
    meetings.move(meeting, starts_at=later, minutes=45, topic="最終面接", now=timezone.now())

    meetings.issue(meeting, now=timezone.now())
    run_jobs()

    meeting.refresh_from_db()
    (there,) = zoom.meetings()
    assert not meeting.is_unsynced
    assert (there["duration"], there["topic"]) == (45, "最終面接")


def test_canceled_while_it_was_being_made_is_deleted_at_zoom(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    meeting = wanted(people.company, host)

    with meanwhile('SET "zoom_id"', lambda: meetings.cancel(meeting, now=timezone.now())):
        meetings.issue(meeting, now=timezone.now())
    run_jobs()

    meeting.refresh_from_db()
    assert zoom.meetings() == []
    assert meeting.removed_at is not None


def test_a_meeting_that_can_get_no_passcode_is_good_all_the_same(
    zoom: ZoomWorld, people, host: Connection
) -> None:
    settings = {"schedule_meeting": {"require_password_for_scheduling_new_meetings": False}}
    zoom.control("POST", f"users/{RECRUIT}", {"settings": settings})
    zoom.fault("server_error", match={"method": "PATCH"})

    meeting = issued(people.company, host)

    assert (meeting.passcode, meeting.problem) == ("", "")


def test_nobody_knows_yet_remains_the_answer_until_somebody_could_look(
    zoom: ZoomWorld, people, host: Connection
) -> None:
    meeting = wanted(people.company, host)
    zoom.fault("drop", match=CREATE, commit="after")
    with pytest.raises(meetings.OutcomeUnknown):
        meetings.issue(meeting, now=timezone.now())
    zoom.fault("down")

    with pytest.raises(meetings.TryLater):
        meetings.issue(meeting, now=timezone.now())
    assert meeting.problem == Problem.UNKNOWN

    zoom.heal()
    meetings.issue(meeting, now=timezone.now())
    assert (meeting.is_issued, len(zoom.meetings())) == (True, 1)


# --- delete ---------------------------------------------------------------------------------------------------------


def test_a_canceled_meeting_disappears_at_zoom(zoom: ZoomWorld, people, host: Connection, run_jobs) -> None:
    meeting = issued(people.company, host)

    meetings.cancel(meeting, now=timezone.now())
    meetings.cancel(meeting, now=timezone.now())
    run_jobs()

    meeting.refresh_from_db()
    assert zoom.meetings() == []
    assert meeting.removed_at is not None


def test_deleting_goes_on_until_zoom_is_back(zoom: ZoomWorld, people, host: Connection, run_jobs) -> None:
    meeting = issued(people.company, host)
    zoom.fault("down")

    meetings.cancel(meeting, now=timezone.now())
    run_jobs()

    assert Meeting.objects.get(pk=meeting.pk).removed_at is None
    zoom.heal()
    run_jobs(until=timezone.now() + timedelta(minutes=5))
    assert Meeting.objects.get(pk=meeting.pk).removed_at is not None
    assert zoom.meetings() == []


def test_a_meeting_deleted_at_zoom_already_counts_as_removed(
    zoom: ZoomWorld, people, host: Connection, run_jobs, lost: list[Meeting]
) -> None:
    meeting = issued(people.company, host)
    zoom.delete(meeting)

    meetings.cancel(meeting, now=timezone.now())
    run_jobs()

    assert Meeting.objects.get(pk=meeting.pk).removed_at is not None
    assert lost == []


def test_canceled_while_the_answer_was_lost_leaves_nothing_at_zoom(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    meeting = wanted(people.company, host)
    zoom.fault("drop", match=CREATE, commit="after")
    with pytest.raises(meetings.OutcomeUnknown):
        meetings.issue(meeting, now=timezone.now())
    assert len(zoom.meetings()) == 1

    meetings.cancel(meeting, now=timezone.now())
    run_jobs()

    assert zoom.meetings() == []
    assert Meeting.objects.get(pk=meeting.pk).removed_at is not None


def test_a_create_on_its_way_is_not_deleted_before_it_is_answered(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    meeting = wanted(people.company, host)
    Meeting.objects.update(create_sent_at=timezone.now())
    meeting.refresh_from_db()
    meetings.cancel(meeting, now=timezone.now())

    run_jobs()
    meeting.refresh_from_db()
    assert (meeting.removed_at, zoom.requests("GET", "/v2/users/me/meetings")) == (None, [])

    # A minute later its process is taken for dead: looked for, not found, done.
    Meeting.objects.update(create_sent_at=timezone.now() - timedelta(minutes=2))
    run_jobs(until=timezone.now() + timedelta(minutes=2))
    meeting.refresh_from_db()
    assert meeting.removed_at is not None


def test_a_meeting_that_was_never_made_needs_no_deleting(
    zoom: ZoomWorld, people, host: Connection, run_jobs
) -> None:
    meeting = wanted(people.company, host)

    meetings.cancel(meeting, now=timezone.now())

    assert run_jobs() == 0
    assert meeting.removed_at is not None
