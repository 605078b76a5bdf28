"""/metrics of a worker on a host of its own: the same numbers, to the same readers."""

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.operating import console, metrics_page
from mensetsu.operating.commands import worker
from mensetsu.operating.refusal import Refused

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def page(address: str = "127.0.0.1") -> Iterator[str]:
    server = metrics_page.open_at(address, 0, clock=timezone.now)
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def status(url: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        return answer.code


def test_the_numbers_of_this_host_and_of_the_database_are_told() -> None:
    with page() as url, urllib.request.urlopen(f"{url}/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        text = answer.read().decode()

    assert "mensetsu_database_up 1\n" in text
    assert "# TYPE mensetsu_zoom_calls_total counter" in text


def test_there_is_no_other_page_and_the_token_is_asked_for_as_on_a_web_node(settings: Any) -> None:
    settings.METRICS_TOKEN = "right"
    with page("0.0.0.0") as url:
        assert status(f"{url}/metrics") == 200, "this host itself"
        assert status(f"{url}/") == 404
        assert status(f"{url}/metrics", Authorization="Bearer wrong") == 404
        assert status(f"{url}/metrics", **{"X-Forwarded-For": "203.0.113.7"}) == 404
        forwarded = {"X-Forwarded-For": "203.0.113.7", "Authorization": "Bearer right"}
        assert status(f"{url}/metrics", **forwarded) == 200


@pytest.mark.parametrize("address", ["0.0.0.0", "worker-1.example.jp"])
def test_a_page_that_nobody_could_read_is_refused(address: str) -> None:
    with pytest.raises(Refused, match="MENSETSU_METRICS_TOKEN"):
        metrics_page.open_at(address, 0, clock=timezone.now)


def test_a_port_that_is_taken_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert console.main(["worker", "--metrics-port", str(taken.getsockname()[1])]) == 1

    assert "Choose another --metrics-port" in capsys.readouterr().err


def test_a_worker_opens_it_only_when_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Any] = []
    monkeypatch.setattr(worker, "call_command", lambda name, **how: ran.append(how))
    monkeypatch.setattr(metrics_page, "open_at", lambda *where, clock: ran.append(where))

    assert console.main(["worker"]) == 0
    assert console.main(["worker", "--threads", "4", "--metrics-port", "9101"]) == 0

    assert ran == [{"threads": 2}, ("127.0.0.1", 9101), {"threads": 4}]
