"""What Prometheus reads, who may read it, and counters over several processes."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from mensetsu.mail.models import Mail
from mensetsu.notices.models import OutgoingNotice
from mensetsu.web import metrics, tally
from mensetsu.zoom.models import App, WebhookEvent
from tests.jobs import sample_jobs


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Counters that nobody has counted with, in files of their own."""
    directory = tmp_path / "metrics"
    directory.mkdir()
    monkeypatch.setattr(tally, "_counts", {})
    monkeypatch.setattr(tally, "directory", directory)
    return directory


def numbers(client: Client | None = None, **headers: str) -> dict[str, float]:
    """The lines of the answer without the label of the process, added up."""
    response = (client or Client()).get("/metrics", headers=headers)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found: dict[str, float] = {}
    for line in response.content.decode().splitlines():
        if line.startswith("#"):
            continue
        series, value = line.rsplit(" ", 1)
        labels = [
            label for label in series.partition("{")[2].rstrip("}").split(",") if "process=" not in label
        ]
        key = series.partition("{")[0] + ("{" + ",".join(labels) + "}" if any(labels) else "")
        found[key] = found.get(key, 0) + float(value)
    return found


@pytest.mark.django_db
def test_requests_are_counted_by_route_and_status_and_never_by_path() -> None:
    Client().get("/healthz")
    Client().get("/healthz")
    Client().get("/j/abcdefghijkmnpqr2345/")
    Client().get("/no-such-page/")
    Client().get("/static/css/tokens.css")

    found = numbers()

    assert found['mensetsu_requests_total{route="web:healthz",status="200"}'] == 2
    assert found['mensetsu_requests_total{route="interviews:join",status="404"}'] == 1
    assert found['mensetsu_requests_total{route="unknown",status="404"}'] == 1
    assert [value for key, value in found.items() if 'route="static"' in key] == [1]
    assert found["mensetsu_request_seconds_count"] == 5
    assert found['mensetsu_request_seconds_bucket{le="+Inf"}'] == 5
    assert not any("abcdefgh" in key for key in found)


def test_a_histogram_counts_each_request_in_every_bucket_that_holds_it() -> None:
    metrics.observe(route="x", status=200, seconds=0.3)
    metrics.observe(route="x", status=200, seconds=99)

    buckets = {dict(labels)["le"]: value for name, labels, value in tally.read() if name.endswith("_bucket")}

    assert (buckets["0.25"], buckets["0.5"], buckets["10.0"], buckets["+Inf"]) == (0, 1, 1, 2)


def test_what_waits_is_counted_by_state(people: SimpleNamespace) -> None:
    now = timezone.now()
    sample_jobs.note.enqueue(number=1)
    sample_jobs.note.using(run_after=now + timezone.timedelta(hours=1)).enqueue(number=2)
    letter = {"organization": people.company, "receiver": "candidate", "created_at": now, "queued_at": now}
    Mail.objects.create(**letter, message_id="1")
    Mail.objects.create(**letter, message_id="2", due_at=now + timezone.timedelta(days=1))
    Mail.objects.create(**letter, message_id="3", failed_at=now)
    Mail.objects.create(**letter, message_id="4", sent_at=now)
    notice = {"name": "password_changed", "created_at": now, "due_at": now}
    OutgoingNotice.objects.create(**notice)
    OutgoingNotice.objects.create(**notice | {"due_at": now + timezone.timedelta(hours=1)})
    OutgoingNotice.objects.create(**notice, failed_at=now)
    OutgoingNotice.objects.create(**notice, sent_at=now)
    app = App.objects.create(organization=people.company, updated_at=now)
    for number in range(3):
        unread = now if number else None
        WebhookEvent.objects.create(app=app, dedupe_key=number, received_at=now, unread_since=unread)

    found = numbers()

    assert [
        found[f'mensetsu_jobs{{state="{s}"}}'] for s in ("waiting", "scheduled", "running", "failed")
    ] == [1, 1, 0, 0]
    assert 0 <= found["mensetsu_jobs_oldest_seconds"] < 30
    assert [found[f'mensetsu_mails{{state="{s}"}}'] for s in ("waiting", "scheduled", "failed")] == [1, 1, 1]
    states = [found[f'mensetsu_notices{{state="{s}"}}'] for s in ("waiting", "scheduled", "failed")]
    assert states == [1, 1, 1]
    assert found["mensetsu_zoom_messages_unread"] == 2
    assert found['mensetsu_connections{state="connected"}'] == 0
    assert found["mensetsu_database_up"] == 1


@pytest.mark.django_db
def test_calls_to_zoom_are_counted_by_what_came_of_them(zoom: Any) -> None:
    from mensetsu.zoom import client  # noqa: PLC0415

    client._send("GET", zoom.url + "/v2/users/me", timeout=5)
    with pytest.raises(client.TryLater):
        client._send("GET", "http://127.0.0.1:9/", timeout=1)

    outcomes = {dict(labels)["outcome"] for name, labels, _v in tally.read() if name == metrics.ZOOM_CALLS}

    assert "TryLater" in outcomes
    assert any(outcome.isdecimal() for outcome in outcomes)


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "10.0.0.7"}, 404),
        ({"REMOTE_ADDR": ""}, 404),
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.7"}, 404),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer right"}, 200),
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.7", "HTTP_AUTHORIZATION": "bearer right"}, 200),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer wrong"}, 404),
        ({"HTTP_AUTHORIZATION": "Bearer "}, 404),
    ],
)
@pytest.mark.django_db
def test_only_the_token_or_this_host_may_read(how: dict[str, str], status: int, settings: Any) -> None:
    settings.METRICS_TOKEN = "right"
    assert Client().get("/metrics", **how).status_code == status


@pytest.mark.django_db
def test_behind_a_proxy_this_host_is_everybody(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert Client().get("/metrics").status_code == 404
    assert Client().get("/metrics", HTTP_AUTHORIZATION="Bearer ").status_code == 404, "no token is set"


def test_counters_are_told_though_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def away(now: Any) -> dict[str, float]:
        raise OperationalError("gone")

    monkeypatch.setattr(metrics, "import_string", lambda name: [metrics.Gauge("x", "y", away)])
    Client().get("/healthz")

    found = numbers()

    assert found["mensetsu_database_up"] == 0
    assert found['mensetsu_requests_total{route="web:healthz",status="200"}'] == 1


def test_every_process_of_the_host_is_a_series_of_its_own(fresh: Path) -> None:
    program = (
        "import sys, pathlib; from mensetsu.web import tally; tally.directory = pathlib.Path(sys.argv[1]);"
        "tally.count('things_total', 3, kind='a'); tally.write(); print('written', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(fresh)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert other.stdout is not None
        other.stdout.readline()
        tally.count("things_total", 2, kind="a")

        assert sorted(value for name, _labels, value in tally.read() if name == "things_total") == [2, 3]
        assert len({dict(labels)["process"] for _name, labels, _value in tally.read()}) == 2
    finally:
        other.communicate()


def test_a_process_that_ended_long_ago_is_forgotten_and_a_broken_file_costs_nothing(fresh: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    file = fresh / f"{ended.pid}.json"
    file.write_text(json.dumps([["things_total", {"kind": "a"}, 7]]))
    (fresh / "1.json").write_text("[[broken")

    assert [value for _name, _labels, value in tally.read()] == [7], "its last numbers are still read"

    long_ago = time.time() - tally.KEPT - 1
    import os  # noqa: PLC0415

    os.utime(file, (long_ago, long_ago))
    assert tally.read() == []
    assert not file.exists()


def test_values_of_labels_are_escaped() -> None:
    assert metrics._labels((("a", 'q"\\\n'),)) == '{a="q\\"\\\\\\n"}'


@pytest.mark.django_db
def test_the_lines_are_what_a_foreign_reader_of_the_format_accepts(
    people: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    import re  # noqa: PLC0415

    client_of(people.baba).get("/")
    body = Client().get("/metrics").content.decode()

    assert body.endswith("\n")
    line = re.compile(r'[a-z_]+(\{[a-z_]+="[^"\n]*"(,[a-z_]+="[^"\n]*")*\})? [0-9.e+-]+')
    comment = re.compile(r"# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram))")
    assert [text for text in body.splitlines() if not (line.fullmatch(text) or comment.fullmatch(text))] == []
