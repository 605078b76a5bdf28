"""What Zoom tells us of meetings: looked at, told on, and none of our business when it is another's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mensetsu.zoom import meetings, webhooks
from mensetsu.zoom.models import Connection, Meeting, Problem, WebhookEvent
from tests.zoom.messages import about, post
from tests.zoom_world import RECRUIT, ZoomWorld, issued, wanted

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(zoom: ZoomWorld, people) -> Connection:
    return zoom.connect(people.baba, RECRUIT, is_shared=True)


def test_started_and_ended_in_any_order_tell_the_same(
    zoom: ZoomWorld, people, link: Connection, run_jobs, news
) -> None:
    start, end = timezone.now() - timedelta(minutes=50), timezone.now() - timedelta(minutes=5)
    first = issued(people.company, link)
    second = issued(people.company, link, first.starts_at + timedelta(hours=2))
    messages = [("meeting.started", start), ("meeting.ended", end)]

    for meeting, order in ((first, messages), (second, messages[::-1])):
        for event, at in order:
            post(about(meeting, event, at=at))
            run_jobs()

    stamps = [(m.started_at, m.finished_at) for m in Meeting.objects.order_by("pk")]
    assert stamps[0] == stamps[1]
    assert abs(stamps[0][1] - end) < timedelta(seconds=1)
    assert news == [("started", first), ("ended", first), ("ended", second), ("started", second)]


def test_a_meeting_started_again_is_not_finished(zoom: ZoomWorld, people, link: Connection, run_jobs) -> None:
    meeting = issued(people.company, link)
    for minutes, event in ((50, "started"), (40, "ended"), (30, "started")):
        post(about(meeting, f"meeting.{event}", at=timezone.now() - timedelta(minutes=minutes)))
    run_jobs()

    meeting.refresh_from_db()
    assert meeting.finished_at is None
    assert timezone.now() - meeting.started_at > timedelta(minutes=49)


def test_a_deletion_at_zoom_is_looked_at_before_it_is_believed(
    zoom: ZoomWorld, people, link: Connection, run_jobs
) -> None:
    kept = issued(people.company, link)
    gone = issued(people.company, link, kept.starts_at + timedelta(hours=2))
    zoom.delete(gone)

    post(about(kept, "meeting.deleted"))
    post(about(gone, "meeting.deleted"))
    run_jobs()

    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.lost_at, gone.lost_at is not None) == (None, True)


def test_the_echo_of_our_own_deletion_is_normal(
    zoom: ZoomWorld, people, link: Connection, run_jobs, news
) -> None:
    meeting = issued(people.company, link)
    meetings.cancel(meeting, now=timezone.now())
    run_jobs()

    post(about(meeting, "meeting.deleted"))
    run_jobs()

    assert WebhookEvent.objects.get().outcome == "echo"
    assert news == []


def test_a_change_at_zoom_is_read_back(zoom: ZoomWorld, people, link: Connection, run_jobs, news) -> None:
    meeting = issued(people.company, link)
    zoom.edit(meeting, duration=90)

    post(about(meeting, "meeting.updated", duration=5))
    run_jobs()

    meeting.refresh_from_db()
    assert meeting.synced_minutes == 90
    assert news == [("changed", meeting)]


@pytest.mark.parametrize(
    ("comes", "goes"),
    [
        ("meeting.participant_joined_waiting_room", "meeting.participant_admitted"),
        ("meeting.participant_jbh_waiting", "meeting.participant_jbh_joined"),
    ],
)
def test_waiting_begins_and_ends(
    zoom: ZoomWorld, people, link: Connection, run_jobs, news, comes: str, goes: str
) -> None:
    meeting = issued(people.company, link)
    person = {"participant": {"user_name": "佐藤 美咲", "id": ""}}

    post(about(meeting, comes, at=timezone.now() - timedelta(minutes=2), **person))
    run_jobs()
    meeting.refresh_from_db()
    assert meeting.waiting_since is not None
    post(about(meeting, goes, **person))
    run_jobs()

    meeting.refresh_from_db()
    assert meeting.waiting_since is None
    assert news == [("waiting", meeting), ("admitted", meeting)]
    assert set(WebhookEvent.objects.values_list("body", flat=True)) == {""}


def test_the_hosts_own_arrival_is_no_arrival(
    zoom: ZoomWorld, people, link: Connection, run_jobs, news
) -> None:
    meeting = issued(people.company, link)

    post(about(meeting, "meeting.participant_joined", participant={"id": link.zoom_user_id}))
    post(about(meeting, "meeting.participant_joined", participant={"id": ""}))
    run_jobs()

    assert news == [("joined", meeting)]


@pytest.mark.parametrize("event", sorted(name for name in webhooks.HANDLERS if name.startswith("meeting.")))
def test_meetings_of_others_are_none_of_our_business(
    zoom: ZoomWorld, people, link: Connection, run_jobs, news, event: str
) -> None:
    stranger = Meeting(zoom_id="81111111111", connection=link)

    post(about(stranger, event))
    post({"event": event, "event_ts": 1, "payload": {"object": {"id": "x"}}})
    post({"event": event, "event_ts": 1, "payload": {"object": "x"}})
    run_jobs()

    assert set(WebhookEvent.objects.values_list("outcome", flat=True)) == {"not ours"}
    assert news == []


def test_what_we_did_not_ask_for_is_ignored(
    zoom: ZoomWorld, people, link: Connection, run_jobs, news
) -> None:
    post({"event": "phone.something", "event_ts": 1, "payload": {}})
    post({"event": "user.deleted", "event_ts": 1, "payload": {"object": {}}})
    run_jobs()

    assert sorted(WebhookEvent.objects.values_list("outcome", flat=True)) == ["ignored", "no user"]
    assert news == []


@pytest.mark.parametrize("stamp", [None, "now", 0, -1, 10**15])
def test_a_message_without_a_readable_moment_happened_when_we_heard_of_it(
    zoom: ZoomWorld, people, link: Connection, run_jobs, stamp: object
) -> None:
    meeting = issued(people.company, link)
    before = timezone.now()

    post(about(meeting, "meeting.started") | {"event_ts": stamp})
    run_jobs()

    meeting.refresh_from_db()
    assert before <= meeting.started_at <= timezone.now()


def test_a_meeting_that_is_just_being_made_is_waited_for(
    zoom: ZoomWorld, people, link: Connection, run_jobs, news
) -> None:
    meeting = wanted(people.company, link)
    Meeting.objects.update(create_sent_at=timezone.now())
    post(about(Meeting(zoom_id="81111111111", connection=link), "meeting.started"))
    run_jobs()
    assert WebhookEvent.objects.get().handled_at is None

    Meeting.objects.update(zoom_id="81111111111", create_sent_at=None)
    run_jobs(until=timezone.now() + timedelta(minutes=2))

    assert news == [("started", meeting)]


def test_a_meeting_that_is_long_in_the_making_is_not_waited_for(
    zoom: ZoomWorld, people, link: Connection, run_jobs, news
) -> None:
    wanted(people.company, link)
    Meeting.objects.update(create_sent_at=timezone.now())
    post(about(Meeting(zoom_id="81111111111", connection=link), "meeting.started"))
    WebhookEvent.objects.update(received_at=timezone.now() - timedelta(minutes=6))

    run_jobs()

    assert WebhookEvent.objects.get().outcome == "not ours"
    assert news == []


def test_a_changed_user_is_asked_about(zoom: ZoomWorld, people, link: Connection, run_jobs) -> None:
    zoom.control("POST", f"users/{RECRUIT}", {"type": 1})

    post({"event": "user.updated", "event_ts": 1, "payload": {"object": {"id": link.zoom_user_id}}})
    run_jobs()

    link.refresh_from_db()
    assert link.is_basic


def test_a_deactivated_user_is_asked_about_once(zoom: ZoomWorld, people, link: Connection, run_jobs) -> None:
    zoom.control("POST", f"users/{RECRUIT}", {"status": "inactive"})
    before = len(zoom.requests("GET", "/v2/users/me"))

    post({"event": "user.deactivated", "event_ts": 1, "payload": {"object": {"id": link.zoom_user_id}}})
    run_jobs(until=timezone.now() + timedelta(hours=1))

    link.refresh_from_db()
    assert (link.check_problem, len(zoom.requests("GET", "/v2/users/me"))) == (Problem.INACTIVE, before + 1)
