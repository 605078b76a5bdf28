"""What Zoom tells us: checked, stored once, understood later, never trusted further than it goes."""

import json
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.zoom import receiving, signature, webhooks
from mensetsu.zoom.models import App, Connection, EndReason, WebhookEvent
from simulator.zoom import fixtures
from tests.zoom.messages import about, post, removal
from tests.zoom_world import RECRUIT, ZoomWorld, issued

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(zoom: ZoomWorld, people) -> Connection:
    return zoom.connect(people.baba, RECRUIT, is_shared=True)


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
        receiving.receive(app=app, body=body, timestamp=stamp, signed=signed, now=now)
        app.refresh_from_db()
        return app.heard_at

    assert heard(timedelta(0)) == moment
    assert heard(timedelta(seconds=59)) == moment
    assert heard(timedelta(seconds=60)) == moment + timedelta(seconds=60)
    App.objects.update(misheard_at=moment + timedelta(seconds=70))
    # The right secret after a wrong one is news, however soon.
    assert heard(timedelta(seconds=80)) == moment + timedelta(seconds=80)
    assert WebhookEvent.objects.count() == 4


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"event": "x"}', "「」".encode("cp932"), b"[" * 60_000])
def test_signed_nonsense_is_a_bad_request(zoom: ZoomWorld, people, body: bytes) -> None:
    zoom.app(people.company)

    assert post(body).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 60_000], ids=["nothing", "broken", "endless"])
def test_unsigned_nonsense_is_refused(zoom: ZoomWorld, people, body: bytes) -> None:
    zoom.app(people.company)

    assert post(body, secret="not ours").status_code == 401


def test_the_same_message_twice_is_one(zoom: ZoomWorld, people, link: Connection) -> None:
    meeting = issued(people.company, link)
    event = about(meeting, "meeting.started")

    assert [post(event).status_code, post(event).status_code] == [204, 204]

    assert WebhookEvent.objects.count() == 1


def test_a_message_is_understood_once(zoom: ZoomWorld, people, link: Connection, run_jobs, news) -> None:
    meeting = issued(people.company, link)
    post(about(meeting, "meeting.started"))
    run_jobs()

    webhooks.handle.call(event_id=WebhookEvent.objects.get().pk)

    assert news == [("started", meeting)]


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


def test_an_unverifiable_removal_is_asked_about_until_zoom_answers(
    zoom: ZoomWorld, people, link: Connection, run_jobs
) -> None:
    post(removal(link), secret="not ours")
    zoom.fault("down")
    run_jobs()
    event = WebhookEvent.objects.get()
    link.refresh_from_db()
    assert (event.handled_at, link.is_live) == (None, True)

    zoom.heal()
    zoom.uninstall(RECRUIT)
    run_jobs(until=timezone.now() + timedelta(minutes=5))

    event.refresh_from_db()
    link.refresh_from_db()
    assert (event.outcome, link.end_reason) == ("asked Zoom", EndReason.REVOKED)


@pytest.mark.parametrize("written", ["some day", "", None])
def test_a_removal_without_a_readable_moment_counts_from_when_it_was_sent(
    zoom: ZoomWorld, people, link: Connection, run_jobs, written: object
) -> None:
    later, earlier = (link.connected_at + timedelta(minutes=n) for n in (1, -1))
    for sent_at, ended in ((earlier, False), (later, True)):
        message = removal(link, at=sent_at)
        message["payload"]["deauthorization_time"] = written
        post(message)
        run_jobs()

        link.refresh_from_db()
        assert (link.end_reason == EndReason.DEAUTHORIZED) is ended


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


# --- forget -----------------------------------------------------------------------------------------------------------


def test_messages_are_kept_for_thirty_days(zoom: ZoomWorld, people, link: Connection) -> None:
    meeting = issued(people.company, link)
    for minutes in (1, 2):
        post(about(meeting, "meeting.started", at=timezone.now() - timedelta(minutes=minutes)))
    old = WebhookEvent.objects.order_by("pk").first()
    WebhookEvent.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(days=31))

    webhooks.purge_events.call()

    assert WebhookEvent.objects.count() == 1


# --- many at once ---------------------------------------------------------------------------------------------------


def stored(app: App, *messages: dict) -> list[WebhookEvent]:
    """As if they had come at the same moment."""
    rows = [
        WebhookEvent(
            app=app, dedupe_key=f"key {number}", event=message["event"], body=json.dumps(message),
            received_at=timezone.now(),
        )
        for number, message in enumerate(messages)
    ]  # fmt: skip
    receiving._store_all(rows)
    return rows


def test_messages_that_come_together_are_one_job_and_each_is_understood(
    zoom: ZoomWorld, people, link: Connection, run_jobs, news
) -> None:
    meeting = issued(people.company, link)
    others = {"id": "81234567890", "host_id": "nobody-we-know"}
    joined = {"event": "meeting.participant_joined", "event_ts": 1, "payload": {"object": others}}
    stored(
        App.objects.get(),
        about(meeting, "meeting.started"),
        joined,
        {"event": "meeting.started", "payload": {"object": others}},
        {"event": "meeting.started", "payload": {"object": {"id": "no number"}}},
        {"event": "recording.completed", "payload": {}},
    )
    job = DBTaskResult.objects.filter(status="READY").get(task_path__endswith="handle_all")

    run_jobs()

    rows = WebhookEvent.objects.order_by("id")
    outcomes = ["started", "not ours", "not ours", "not ours", "ignored"]
    assert [row.outcome for row in rows] == outcomes
    assert [bool(row.body) for row in rows] == [True, False, True, True, True]
    assert news == [("started", meeting)]
    # A second time it finds nothing to do.
    webhooks.handle_all.call(**job.args_kwargs["kwargs"])
    assert news == [("started", meeting)]


def test_one_of_many_that_must_wait_waits_alone(zoom: ZoomWorld, people, link: Connection, run_jobs) -> None:
    """Zoom speaks of a meeting whose making we have not yet committed."""
    coming = issued(people.company, link)
    type(coming).objects.filter(pk=coming.pk).update(
        zoom_id="", issued_at=None, create_sent_at=timezone.now()
    )
    other = {"id": "81234567890", "host_id": "nobody-we-know"}
    stored(
        App.objects.get(),
        about(coming, "meeting.started")
        | {"payload": {"object": {"id": "82222222222", "host_id": link.zoom_user_id}}},
        {"event": "meeting.started", "payload": {"object": other}},
    )

    run_jobs()

    assert [row.outcome for row in WebhookEvent.objects.order_by("id")] == ["", "not ours"]
    waiting = DBTaskResult.objects.filter(status="READY").get(task_path__endswith="webhooks.handle")
    assert waiting.run_after > timezone.now() + timedelta(seconds=50)


def test_what_is_not_ours_is_told_with_a_constant_number_of_queries(
    zoom: ZoomWorld, people, link: Connection
) -> None:
    def asked(count: int) -> int:
        messages = [
            {"event": "meeting.started", "payload": {"object": {"id": f"8{number:010d}", "host_id": "x"}}}
            for number in range(count)
        ]
        WebhookEvent.objects.all().delete()
        ids = [row.pk for row in stored(App.objects.get(), *messages)]
        with CaptureQueriesContext(connection) as queries:
            webhooks.handle_all.call(event_ids=ids)
        assert not WebhookEvent.objects.filter(handled_at=None).exists()
        return len(queries)

    assert asked(1) == asked(3) == 4
