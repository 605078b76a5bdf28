"""Messages that come in a stream have no job each: a reading takes up whatever waits."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from config import clock as rhythms
from mensetsu.jobs import clock
from mensetsu.zoom import receiving, webhooks
from mensetsu.zoom.models import App, Connection, WebhookEvent
from tests import racing
from tests.zoom.messages import about, post
from tests.zoom_world import RECRUIT, ZoomWorld, issued

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(zoom: ZoomWorld, people) -> Connection:
    return zoom.connect(people.baba, RECRUIT, is_shared=True)


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """So long a moment that all of a test lies in it."""
    monkeypatch.setattr(receiving._READINGS, "every", timedelta(minutes=10))


def strange(number: int, event: str = "meeting.participant_joined") -> dict:
    thing = {"id": f"8{number:010d}", "host_id": "nobody-we-know", "participant": {"user_name": "田中 修"}}
    return {"event": event, "event_ts": number + 1, "payload": {"object": thing}}


def waiting(app: App, *messages: dict) -> list[int]:
    """Stored as in a stream, without any job."""
    now = timezone.now()
    rows = [
        WebhookEvent.objects.create(
            app=app, dedupe_key=f"key {number}", event=message["event"], body=json.dumps(message),
            received_at=now, unread_since=now + timedelta(microseconds=number),
        )
        for number, message in enumerate(messages)
    ]  # fmt: skip
    return [row.pk for row in rows]


def jobs(name: str = "") -> list[DBTaskResult]:
    rows = DBTaskResult.objects.filter(status="READY", task_path__startswith="mensetsu.zoom.webhooks.")
    return [row for row in rows if row.task_path.endswith(f".{name}" if name else "")]


def names() -> list[str]:
    return sorted(row.task_path.rpartition(".")[2] for row in jobs())


# --- receive --------------------------------------------------------------------------------------------------------


def test_the_first_has_a_job_of_its_own_and_the_others_share_a_reading(
    zoom: ZoomWorld, people, link: Connection, run_jobs, stream: None
) -> None:
    for number in range(5):
        assert post(strange(number)).status_code == 204

    assert names() == ["handle", "read"]
    run_jobs(until=timezone.now() + timedelta(minutes=10))
    rows = WebhookEvent.objects.values_list("outcome", "body", "unread_since")
    assert list(rows) == [("not ours", "", None)] * 5


def test_what_zoom_repeats_in_a_stream_is_one_message(
    zoom: ZoomWorld, people, link: Connection, run_jobs, stream: None, news
) -> None:
    meeting = issued(people.company, link)
    event = about(meeting, "meeting.started")
    post(strange(1))

    assert [post(event).status_code for _time in range(3)] == [204] * 3

    run_jobs(until=timezone.now() + timedelta(minutes=10))
    assert WebhookEvent.objects.count() == 2
    assert news == [("started", meeting)]


# --- read -----------------------------------------------------------------------------------------------------------


def test_a_reading_notes_what_nothing_follows_from_and_gives_the_rest_to_jobs(
    zoom: ZoomWorld, people, link: Connection, run_jobs, news
) -> None:
    meeting = issued(people.company, link)
    ids = waiting(
        App.objects.get(), strange(1), about(meeting, "meeting.started"), strange(2, "recording.completed")
    )

    webhooks.read.call()

    assert [row.outcome for row in WebhookEvent.objects.order_by("id")] == ["not ours", "", "ignored"]
    (job,) = jobs()
    assert job.args_kwargs["kwargs"] == {"event_id": ids[1]}
    run_jobs()
    assert news == [("started", meeting)]


def test_what_somebody_must_understand_is_shared_out(
    zoom: ZoomWorld, people, link: Connection, run_jobs, news, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "TOGETHER", 2)
    meeting = issued(people.company, link)
    now = timezone.now()
    kinds = ("started", "ended") * 2
    moments = [now + timedelta(seconds=number) for number in range(5)]
    messages = [
        about(meeting, f"meeting.{kind}", at=at)
        for kind, at in zip((*kinds, "started"), moments, strict=True)
    ]
    ids = waiting(App.objects.get(), *messages)

    webhooks.read.call()

    shares = [job.args_kwargs["kwargs"] for job in jobs()]
    assert sorted(shares, key=str) == sorted(
        [{"event_ids": ids[:2]}, {"event_ids": ids[2:4]}, {"event_id": ids[4]}], key=str
    )
    run_jobs()
    assert sorted(kind for kind, _meeting in news) == sorted([*kinds, "started"])


def test_what_waits_by_itself_is_not_taken_up_again(
    zoom: ZoomWorld, people, link: Connection, run_jobs
) -> None:
    """Zoom speaks of a meeting whose making we have not yet committed."""
    coming = issued(people.company, link)
    type(coming).objects.filter(pk=coming.pk).update(
        zoom_id="", issued_at=None, create_sent_at=timezone.now()
    )
    early = {"event": "meeting.started", "payload": {"object": {"id": "82", "host_id": link.zoom_user_id}}}
    waiting(App.objects.get(), early)
    webhooks.read.call()
    run_jobs()
    assert names() == ["handle"]

    webhooks.read.call()

    assert names() == ["handle"]


def test_messages_of_the_release_before_have_their_own_jobs(
    zoom: ZoomWorld, people, link: Connection
) -> None:
    ids = waiting(App.objects.get(), strange(1), strange(2))
    WebhookEvent.objects.update(unread_since=None)

    webhooks.read.call()

    assert not WebhookEvent.objects.exclude(handled_at=None).exists()
    webhooks.handle_all.call(event_ids=ids)
    assert not WebhookEvent.objects.filter(handled_at=None).exists()


def test_a_reading_takes_a_part_and_asks_for_another(
    zoom: ZoomWorld, people, link: Connection, run_jobs
) -> None:
    count = webhooks.AT_ONCE + 3
    waiting(App.objects.get(), *[strange(number) for number in range(count)])

    webhooks.read.call()

    assert WebhookEvent.objects.filter(outcome="not ours").count() == webhooks.AT_ONCE
    assert names() == ["read"]
    run_jobs()
    assert WebhookEvent.objects.filter(outcome="not ours").count() == count
    assert names() == []


def test_a_reading_costs_the_same_for_few_and_many(zoom: ZoomWorld, people, link: Connection) -> None:
    def asked(count: int) -> int:
        WebhookEvent.objects.all().delete()
        kinds = ("meeting.participant_joined", "meeting.started", "phone.something")
        waiting(App.objects.get(), *[strange(n, kind) for n in range(count) for kind in kinds])
        with CaptureQueriesContext(connection) as queries:
            webhooks.read.call()
        assert not WebhookEvent.objects.filter(handled_at=None).exists()
        return len(queries)

    # Those that wait; our meetings and those being made; taken; noted with and without their text, by outcome.
    assert asked(1) == asked(20) == 9


def test_one_that_cannot_be_judged_holds_up_nobody(
    zoom: ZoomWorld, people, link: Connection, run_jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(App.objects.get(), strange(1), strange(2), strange(3))
    judge = webhooks._zoom_id

    def stumble(facts: dict) -> str | None:
        if facts["id"].endswith("2"):
            raise KeyError("a message as nobody has seen one")
        return judge(facts)

    monkeypatch.setattr(webhooks, "_zoom_id", stumble)

    webhooks.read.call()
    run_jobs()

    assert [row.outcome for row in WebhookEvent.objects.order_by("id")] == ["not ours", "", "not ours"]
    assert names() == ["handle"]


@pytest.mark.django_db(transaction=True)
def test_a_reading_that_breaks_off_has_taken_up_nothing(
    zoom: ZoomWorld, people, link: Connection, run_jobs, news
) -> None:
    meeting = issued(people.company, link)
    waiting(App.objects.get(), strange(1), about(meeting, "meeting.started"))

    def full(execute: Any, sql: str, *more: Any) -> Any:
        if sql.startswith("INSERT"):
            raise OperationalError("disk full")
        return execute(sql, *more)

    with connection.execute_wrapper(full), pytest.raises(OperationalError):
        webhooks.read.call()
    assert WebhookEvent.objects.filter(unread_since__isnull=False, handled_at=None).count() == 2

    webhooks.read.call()
    run_jobs()
    assert news == [("started", meeting)]


# --- two at once, and the net ---------------------------------------------------------------------------------------


def test_the_clock_reads_what_nobody_took_up(
    zoom: ZoomWorld, people, link: Connection, run_jobs, news
) -> None:
    """The process was killed between storing a message and asking for a reading."""
    meeting = issued(people.company, link)
    waiting(App.objects.get(), about(meeting, "meeting.started"))

    clock.tick([one for one in rhythms.RHYTHMS if one.job is webhooks.read], timezone.now())
    run_jobs()

    assert news == [("started", meeting)]
    assert max(one.every for one in rhythms.RHYTHMS if one.job is webhooks.read) <= timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("some", [1, 2, 3])
def test_who_finds_that_another_reading_was_quicker_looks_again(
    zoom: ZoomWorld, people, link: Connection, some: int
) -> None:
    meeting = issued(people.company, link)
    kinds = ("started", "ended", "deleted")
    ids = waiting(App.objects.get(), *[about(meeting, f"meeting.{kind}") for kind in kinds])

    def other() -> int:
        return webhooks._TAKE.run(ids=ids[:some])

    # While it judges what it has read; a moment later the row, or the file, is its own.
    with racing.meanwhile('FROM "zoom_meeting"', lambda: racing.together(1, other)):
        webhooks.read.call()

    given = [one for job in jobs() for one in job.args_kwargs["kwargs"].get("event_ids", [])]
    given += [job.args_kwargs["kwargs"]["event_id"] for job in jobs("handle")]
    assert sorted(given) == ids[some:]


@pytest.mark.django_db(transaction=True)
def test_two_readings_at_once_take_up_each_message_once(zoom: ZoomWorld, people, link: Connection) -> None:
    meeting = issued(people.company, link)
    for _attempt in range(5):
        DBTaskResult.objects.all().delete()
        WebhookEvent.objects.all().delete()
        now = timezone.now()
        mine = [about(meeting, "meeting.started", at=now + timedelta(seconds=n)) for n in range(30)]
        ids = waiting(App.objects.get(), *mine, *[strange(n) for n in range(30)])

        answers = racing.together(3, webhooks.read.call)

        assert answers == [None] * 3
        given = [one for job in jobs("handle_all") for one in job.args_kwargs["kwargs"]["event_ids"]]
        assert sorted(given) == ids[:30]
        assert WebhookEvent.objects.filter(outcome="not ours").count() == 30
