"""What Zoom tells us: checked, stored once, understood later, never trusted further than it goes."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mensetsu.zoom import meetings, signals, signature, webhooks
from mensetsu.zoom.models import App, Connection, EndReason, Meeting, WebhookEvent
from simulator.zoom import fixtures
from tests.zoom_world import APP_KEY, RECRUIT, ZoomWorld, issued, wanted

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(zoom: ZoomWorld, people) -> Connection:
    return zoom.connect(people.baba, RECRUIT, is_shared=True)


@pytest.fixture
def news():
    """(kind, meeting) of every piece of meeting_news."""
    heard: list[tuple[str, Meeting]] = []

    def hear(*, meeting: Meeting, kind: str, **facts: object) -> None:
        heard.append((kind, meeting))

    signals.meeting_news.connect(hear)
    yield heard
    signals.meeting_news.disconnect(hear)


def post(event: dict | bytes, *, secret: str = fixtures.SECRET_TOKEN, age: int = 0, key: str = APP_KEY):
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    stamp = str(int(timezone.now().timestamp()) - age)
    return Client().post(
        reverse("zoom:webhook", args=[key]),
        data=body,
        content_type="application/json",
        headers={"x-zm-request-timestamp": stamp, "x-zm-signature": signature.sign(body, stamp, secret)},
    )


def about(meeting: Meeting, event: str, *, at: datetime | None = None, **more: object) -> dict:
    stamp = int((at or timezone.now()).timestamp() * 1000)
    thing = {
        "id": meeting.zoom_id,
        "uuid": meeting.zoom_uuid,
        "host_id": meeting.connection.zoom_user_id,
        **more,
    }
    return {"event": event, "event_ts": stamp, "payload": {"account_id": "a", "object": thing}}


def removal(link: Connection, *, at: datetime | None = None, client_id: str = fixtures.CLIENT_ID) -> dict:
    moment = (at or timezone.now()).astimezone(UTC)
    return {
        "event": "app_deauthorized",
        "event_ts": int(moment.timestamp() * 1000),
        "payload": {
            "account_id": link.zoom_account_id,
            "user_id": link.zoom_user_id,
            "client_id": client_id,
            "deauthorization_time": moment.isoformat().replace("+00:00", "Z"),
            "signature": "0" * 64,
        },
    }


# --- receive --------------------------------------------------------------------------------------------------------


def test_the_validation_call_is_answered(zoom: ZoomWorld, people) -> None:
    zoom.app(people.company)

    answer = post({"event": "endpoint.url_validation", "event_ts": 1, "payload": {"plainToken": "qgg8"}})

    assert answer.status_code == 200
    assert answer.json() == signature.validation_answer("qgg8", fixtures.SECRET_TOKEN)
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize(
    "how",
    [{"secret": "wrong"}, {"age": 301}, {"key": "c" * 32}],
    ids=["wrong signature", "too old", "unknown address"],
)
def test_what_is_not_zooms_is_not_stored(zoom: ZoomWorld, people, link: Connection, how: dict) -> None:
    answer = post({"event": "meeting.started", "payload": {}}, **how)

    assert answer.status_code == 401
    assert not WebhookEvent.objects.exists()


def test_a_wrong_signature_is_remembered_for_the_doctor(zoom: ZoomWorld, people) -> None:
    zoom.app(people.company)

    post({"event": "meeting.started", "payload": {}}, secret="wrong")

    app = App.objects.get()
    assert app.misheard_at is not None
    assert app.heard_at is None


def test_a_busy_account_does_not_make_us_write_the_hour_each_time(zoom: ZoomWorld, people) -> None:
    app = zoom.app(people.company)
    moment = timezone.now()

    def heard(later: timedelta) -> datetime | None:
        now = moment + later
        stamp, body = (
            str(int(now.timestamp())),
            json.dumps({"event": "x", "payload": {"n": str(now)}}).encode(),
        )
        signed = signature.sign(body, stamp, fixtures.SECRET_TOKEN)
        app.refresh_from_db()
        webhooks.receive(app=app, body=body, timestamp=stamp, signed=signed, now=now)
        app.refresh_from_db()
        return app.heard_at

    assert heard(timedelta(0)) == moment
    assert heard(timedelta(seconds=59)) == moment
    assert heard(timedelta(seconds=60)) == moment + timedelta(seconds=60)
    App.objects.update(misheard_at=moment + timedelta(seconds=70))
    # The right secret after a wrong one is news, however soon.
    assert heard(timedelta(seconds=80)) == moment + timedelta(seconds=80)
    assert WebhookEvent.objects.count() == 4


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"event": "x"}', "「」".encode("cp932")])
def test_signed_nonsense_is_a_bad_request(zoom: ZoomWorld, people, body: bytes) -> None:
    zoom.app(people.company)

    assert post(body).status_code == 400


def test_the_same_message_twice_is_one(zoom: ZoomWorld, people, link: Connection) -> None:
    meeting = issued(people.company, link)
    event = about(meeting, "meeting.started")

    assert [post(event).status_code, post(event).status_code] == [204, 204]

    assert WebhookEvent.objects.count() == 1


def test_a_large_body_is_refused_unread(zoom: ZoomWorld, people) -> None:
    zoom.app(people.company)

    assert post(b'"' + b"x" * 70_000 + b'"').status_code == 413


# --- the app removed at Zoom ----------------------------------------------------------------------------------------


def test_a_signed_removal_ends_the_link_and_the_message_goes(
    zoom: ZoomWorld, people, link: Connection, run_jobs
) -> None:
    post(removal(link))
    run_jobs()

    link.refresh_from_db()
    event = WebhookEvent.objects.get()
    assert link.end_reason == EndReason.DEAUTHORIZED
    assert (event.outcome, event.body) == ("ended 1", "")


def test_an_unverifiable_removal_makes_us_ask_zoom(
    zoom: ZoomWorld, people, link: Connection, run_jobs
) -> None:
    assert post(removal(link), secret="not ours").status_code == 204
    run_jobs()
    link.refresh_from_db()
    assert link.is_live

    WebhookEvent.objects.update(received_at=timezone.now() - timedelta(hours=1))
    zoom.uninstall(RECRUIT)
    assert post(removal(link), secret="not ours").status_code == 204
    run_jobs()
    link.refresh_from_db()
    assert not link.is_live


def test_unverifiable_removals_make_us_ask_rarely(zoom: ZoomWorld, people, link: Connection) -> None:
    now = timezone.now()
    answers = [
        post(removal(link, at=now + timedelta(seconds=n)), secret="not ours").status_code for n in range(3)
    ]

    assert answers == [204, 401, 401]


@pytest.mark.parametrize("change", [{"client_id": "another app"}, {"user_id": "nobody"}])
def test_an_unverifiable_removal_of_something_else_is_refused(
    zoom: ZoomWorld, people, link: Connection, change: dict
) -> None:
    message = removal(link)
    message["payload"] |= change

    assert post(message, secret="not ours").status_code == 401


def test_a_removal_before_the_link_was_made_is_ignored(
    zoom: ZoomWorld, people, link: Connection, run_jobs
) -> None:
    post(removal(link, at=link.connected_at - timedelta(minutes=1)))
    run_jobs()

    link.refresh_from_db()
    assert link.is_live
    assert WebhookEvent.objects.get().outcome == "of an earlier link"


def test_another_apps_removal_touches_nobody_of_ours(
    zoom: ZoomWorld, people, link: Connection, run_jobs
) -> None:
    strange = zoom.app(people.other, key="b" * 32)
    strange.client_id = "another app"
    strange.save()

    post(removal(link), key="b" * 32)
    run_jobs()

    link.refresh_from_db()
    assert link.is_live
    assert WebhookEvent.objects.get().outcome == "no such link"


# --- meetings -------------------------------------------------------------------------------------------------------


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


def test_meetings_of_others_are_none_of_our_business(
    zoom: ZoomWorld, people, link: Connection, run_jobs, news
) -> None:
    stranger = Meeting(zoom_id="81111111111", connection=link)

    post(about(stranger, "meeting.started"))
    post({"event": "meeting.started", "event_ts": 1, "payload": {"object": {"id": "x"}}})
    post({"event": "phone.something", "event_ts": 1, "payload": {}})
    run_jobs()

    assert sorted(WebhookEvent.objects.values_list("outcome", flat=True)) == [
        "ignored",
        "not ours",
        "not ours",
    ]
    assert news == []


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


def test_a_changed_user_is_asked_about(zoom: ZoomWorld, people, link: Connection, run_jobs) -> None:
    zoom.control("POST", f"users/{RECRUIT}", {"type": 1})

    post({"event": "user.updated", "event_ts": 1, "payload": {"object": {"id": link.zoom_user_id}}})
    run_jobs()

    link.refresh_from_db()
    assert link.is_basic


def test_messages_are_kept_for_thirty_days(zoom: ZoomWorld, people, link: Connection) -> None:
    meeting = issued(people.company, link)
    for minutes in (1, 2):
        post(about(meeting, "meeting.started", at=timezone.now() - timedelta(minutes=minutes)))
    old = WebhookEvent.objects.order_by("pk").first()
    WebhookEvent.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(days=31))

    webhooks.purge_events.call()

    assert WebhookEvent.objects.count() == 1
