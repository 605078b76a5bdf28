"""Faults over a real socket: what breaks, when, how often, and what had happened by then."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from simulator.zoom import faults
from simulator.zoom.serving import Handle, serve_in_thread
from tests.simulator.talking import BASIC, CHALLENGE, HANAKO, REDIRECT, VERIFIER

CREATE = {"method": "POST", "path": "/v2/users/me/meetings"}


class Wire:
    """An app that talks to a listening simulator."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token: dict[str, Any] = {}

    def control(self, path: str, body: dict[str, Any]) -> Any:
        return requests.post(f"{self.url}/sim/api/{path}", json=body, timeout=10).json()

    def fault(self, kind: str, **more: Any) -> None:
        answer = requests.post(f"{self.url}/sim/faults", json={"kind": kind, **more}, timeout=10)
        assert answer.status_code == 201, answer.text

    def connect(self) -> "Wire":
        asked = {
            "user": HANAKO,
            "redirect_uri": REDIRECT,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        location = self.control("authorize", asked)["location"]
        code = parse_qs(urlsplit(location).query)["code"][0]
        self.token = self.ask(
            grant_type="authorization_code", code=code, redirect_uri=REDIRECT, code_verifier=VERIFIER
        ).json()
        return self

    def ask(self, **form: str) -> requests.Response:
        return requests.post(f"{self.url}/oauth/token", auth=BASIC, data=form, timeout=10)

    def refresh(self) -> requests.Response:
        return self.ask(grant_type="refresh_token", refresh_token=self.token["refresh_token"])

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token['access_token']}"}
        return requests.request(method, f"{self.url}/v2{path}", headers=headers, json=body, timeout=10)

    def create(self, **more: Any) -> requests.Response:
        return self.call("POST", "/users/me/meetings", {"topic": "x"} | more)

    def count(self) -> int:
        return int(self.call("GET", "/users/me/meetings").json()["total_records"])


@pytest.fixture(scope="module")
def running() -> Iterator[Handle]:
    handle = serve_in_thread()
    yield handle
    handle.stop()


@pytest.fixture
def wire(running: Handle) -> Wire:
    requests.post(f"{running.url}/sim/api/reset", json={}, timeout=10)
    return Wire(running.url).connect()


def test_a_lost_refresh_answer_has_rotated_all_the_same(wire: Wire) -> None:
    wire.fault("lose_refresh_response")

    with pytest.raises(requests.ConnectionError):
        wire.refresh()

    again = wire.refresh()
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_the_fault_spares_the_code_exchange(wire: Wire) -> None:
    wire.fault("lose_refresh_response")

    assert "access_token" in wire.connect().token


@pytest.mark.parametrize(("commit", "made"), [("before", 0), ("after", 1)])
def test_a_dropped_connection_before_or_after_the_meeting_was_made(
    wire: Wire, commit: str, made: int
) -> None:
    wire.fault("drop", match=CREATE, commit=commit)

    with pytest.raises(requests.ConnectionError):
        wire.create()

    assert wire.count() == made


@pytest.mark.parametrize(("commit", "made"), [("before", 0), ("after", 1)])
def test_a_5xx_before_or_after(wire: Wire, commit: str, made: int) -> None:
    wire.fault("server_error", match=CREATE, status=502, commit=commit)

    assert wire.create().status_code == 502
    assert wire.count() == made


def test_a_timeout_after_the_meeting_was_made(wire: Wire) -> None:
    wire.fault("timeout", match=CREATE, seconds=0.3, commit="after")
    began = time.monotonic()

    with pytest.raises(requests.ConnectionError):
        wire.create()

    assert time.monotonic() - began >= 0.3
    assert wire.count() == 1


@pytest.mark.parametrize("commit", ["before", "after"])
def test_slow_is_slow_and_right(wire: Wire, commit: str) -> None:
    wire.fault("slow", match=CREATE, seconds=0.2, commit=commit)
    began = time.monotonic()

    assert wire.create().status_code == 201
    assert time.monotonic() - began >= 0.2


def test_xml_instead_of_json(wire: Wire) -> None:
    wire.fault("xml", match=CREATE)

    answer = wire.create()

    assert answer.status_code == 500
    assert answer.text.startswith("<?xml")
    assert "xml" in answer.headers["Content-Type"]


def test_broken_json(wire: Wire) -> None:
    wire.fault("broken_json")

    answer = wire.call("GET", "/users/me")

    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_messages_in_french_keep_their_number(wire: Wire) -> None:
    wire.fault("french")

    answer = wire.call("GET", "/meetings/81111111111")

    assert answer.json() == {"code": 3001, "message": "Cette réunion n’existe pas ou a expiré."}


@pytest.mark.parametrize(
    ("kind", "status", "code", "words"),
    [
        ("not_allowed_to_host", 400, 3161, "not allowed"),
        ("schedule_for_refused", 400, 3000, "recruit@sample.example.jp"),
        ("alternative_host_refused", 400, 3000, "kenji@sample.example.jp"),
        ("invalid_access_token", 401, 124, "Invalid access token."),
    ],
)
def test_refusals_of_a_create(wire: Wire, kind: str, status: int, code: int, words: str) -> None:
    wire.fault(kind)
    more = {
        "schedule_for": "recruit@sample.example.jp",
        "settings": {"alternative_hosts": "kenji@sample.example.jp"},
    }

    answer = wire.create(**more)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert words in answer.json()["message"]
    assert wire.count() == 0
    assert wire.create(**more).status_code == 201


@pytest.mark.parametrize(
    ("kind", "error", "number"),
    [
        ("preapproval_withdrawn", "invalid_grant", 4738),
        ("owner_gone", "invalid_grant", 4735),
        ("app_disabled", "invalid_request", 4717),
        ("invalid_client", "invalid_client", None),
    ],
)
def test_refusals_of_a_refresh(wire: Wire, kind: str, error: str, number: int | None) -> None:
    wire.fault(kind)

    answer = wire.refresh()

    assert answer.status_code == 400
    assert (answer.json()["error"], answer.json().get("errorCode")) == (error, number)
    assert wire.refresh().status_code == 200


def test_down_until_switched_off(wire: Wire) -> None:
    wire.fault("down")

    statuses = [wire.call("GET", "/users/me").status_code, wire.refresh().status_code]
    page = requests.get(f"{wire.url}/meeting", timeout=10).status_code

    assert [*statuses, page] == [503, 503, 503]
    assert requests.get(f"{wire.url}/sim/api/clock", timeout=10).status_code == 200
    requests.delete(f"{wire.url}/sim/faults", timeout=10)
    assert wire.call("GET", "/users/me").status_code == 200


def test_latency_delays_every_answer(wire: Wire) -> None:
    wire.fault("latency", ms=120)
    began = time.monotonic()

    wire.call("GET", "/users/me")
    wire.call("GET", "/users/me")

    assert time.monotonic() - began >= 0.24


def test_a_fault_fires_as_often_as_asked_and_only_where_it_matches(wire: Wire) -> None:
    wire.fault("server_error", times=2, match=CREATE)

    others = wire.call("GET", "/users/me").status_code
    creates = [wire.create().status_code for _ in range(3)]

    assert others == 200
    assert creates == [500, 500, 201]
    assert requests.get(f"{wire.url}/sim/faults", timeout=10).json()["faults"] == []


def test_one_of_several_faults_can_be_cleared(wire: Wire) -> None:
    wire.fault("french", times=None)
    wire.fault("latency", ms=1)
    armed = requests.get(f"{wire.url}/sim/faults", timeout=10).json()["faults"]

    requests.delete(f"{wire.url}/sim/faults/{armed[0]['id']}", timeout=10)

    left = requests.get(f"{wire.url}/sim/faults", timeout=10).json()["faults"]
    assert [fault["kind"] for fault in left] == ["latency"]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "nonsense"},
        {"kind": "drop", "commit": "sometime"},
        {"kind": "rate_limit", "which": "yearly"},
        {"kind": "drop", "times": 0},
        {},
    ],
)
def test_nonsense_is_refused(wire: Wire, body: dict[str, Any]) -> None:
    answer = requests.post(f"{wire.url}/sim/faults", json=body, timeout=10)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_the_request_log_shows_faults_and_cuts(wire: Wire) -> None:
    wire.fault("drop", match=CREATE)
    with pytest.raises(requests.ConnectionError):
        wire.create()

    log = requests.get(f"{wire.url}/sim/api/requests", timeout=10).json()["log"]

    entry = [row for row in log if row["faults"]][-1]
    assert (entry["method"], entry["path"], entry["status"], entry["faults"]) == (
        "POST",
        "/v2/users/me/meetings",
        0,
        ["drop"],
    )


def test_every_kind_of_fault_is_known_to_the_tests() -> None:
    from_here = {
        "lose_refresh_response", "drop", "server_error", "timeout", "slow", "xml", "broken_json", "french",
        "not_allowed_to_host", "schedule_for_refused", "alternative_host_refused", "invalid_access_token",
        "preapproval_withdrawn", "owner_gone", "app_disabled", "invalid_client", "down", "latency",
    }  # fmt: skip
    elsewhere = {"rate_limit"} | faults.WEBHOOK_KINDS

    assert from_here | elsewhere == set(faults.KINDS)
