"""Reading Zoom's answers: by numbers, defensively, without a secret in a log."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.zoom import client, tokens
from tests import story
from tests.zoom_world import ZoomWorld, issued

ID = 88412345678
MEETING = {
    "id": ID,
    "host_id": "h",
    "topic": "一次面接",
    "duration": 30,
    "start_time": "2026-12-01T05:00:00Z",
    "join_url": "https://us06web.zoom.us/j/88412345678?pwd=x.1",
}
DATE = "Tue, 01 Dec 2026 03:00:00 GMT"
UNTIL_MIDNIGHT = 21 * 3600


@contextmanager
def answering(
    status: int, body: bytes | dict[str, Any] = b"", headers: dict[str, str] | None = None
) -> Iterator[tuple[client.AppKeys, list[Any]]]:
    """A server that gives this one answer to everything; the list collects what it was asked."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            asked.append((self.command, self.path, self.headers, self.rfile.read(length)))
            content = json.dumps(body).encode() if isinstance(body, dict) else body
            self.send_response_only(status)
            for name, value in {"Date": DATE, "Content-Length": str(len(content)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815

        def log_message(self, *args: object) -> None:
            return None

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield client.AppKeys("id", "a-client-secret", base, f"{base}/v2"), asked
    finally:
        server.shutdown()
        server.server_close()


def outcome(status: int, body: bytes | dict[str, Any] = b"", headers: dict[str, str] | None = None) -> Any:
    """What a GET of a meeting makes of this answer."""
    with answering(status, body, headers) as (keys, _asked):
        try:
            return client.Client(keys, "token").get_meeting(str(ID))
        except client.ZoomError as problem:
            return problem


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (404, {"code": 3001, "message": "Cette réunion n’existe pas."}, client.MeetingGone),
        (401, {"code": 124, "message": "Invalid access token."}, client.TokenRefused),
        (401, b"<Response>", client.TokenRefused),
        (400, {"code": 124}, client.TokenRefused),
        (404, {"code": 1001}, client.UserGone),
        (400, {"code": 1010}, client.UserGone),
        (400, {"code": 1120}, client.UserGone),
        (400, {"code": "3001"}, client.MeetingGone),
        (500, b"", client.TryLater),
        (502, b"<html>", client.TryLater),
        (404, b"<html>not Zoom's page</html>", client.TryLater),
        (200, b"", client.TryLater),
        (200, b'{"id": 88412', client.TryLater),
        (200, b"[]", client.TryLater),
        (200, b"[" * 100_000, client.TryLater),
        (200, {"id": True}, client.TryLater),
        (302, b"", client.TryLater),
    ],
)
def test_an_answer_means_what_to_do_next(
    status: int, body: bytes | dict[str, Any], expected: type[Exception]
) -> None:
    assert type(outcome(status, body)) is expected


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_missing_scope_is_a_refusal_whatever_the_status(status: int) -> None:
    problem = outcome(status, {"code": 4711, "message": "does not contain scopes:[…]"})

    assert isinstance(problem, client.Refused)
    assert problem.is_scope_missing


def test_a_refusal_names_the_fields() -> None:
    problem = outcome(400, {"code": 300, "message": "Validation Failed.", "errors": [{"field": "password"}]})

    assert (problem.code, problem.reason) == (300, "Validation Failed. password")


@pytest.mark.parametrize(
    ("headers", "message", "why", "seconds"),
    [
        ({"X-RateLimit-Type": "QPS", "X-RateLimit-Remaining": "0"}, "", "busy", 2),
        ({"Retry-After": "7"}, "", "busy", 7),
        ({"Retry-After": "2026-12-01T03:00:30Z"}, "", "busy", 30),
        ({"Retry-After": "soon"}, "", "busy", 30),
        ({"Retry-After": "\u00b2"}, "", "busy", 30),
        ({}, "", "busy", 30),
        (
            {"X-RateLimit-Type": "Daily-limit", "Retry-After": "2026-12-02T00:00:00Z"},
            "",
            "daily_limit",
            UNTIL_MIDNIGHT,
        ),
        ({"X-RateLimit-Type": "QPS", "X-RateLimit-Remaining": "79"}, "", "daily_limit", UNTIL_MIDNIGHT),
        ({}, "… (100) … GMT 00:00:00.", "daily_limit", UNTIL_MIDNIGHT),
    ],
)
def test_each_limit_is_told_apart_without_reading_words(
    headers: dict[str, str], message: str, why: str, seconds: float
) -> None:
    problem = outcome(429, {"code": 429, "message": message}, headers)

    assert (type(problem), problem.why) == (client.TryLater, why)
    assert problem.retry_after == pytest.approx(seconds, abs=10 if why == "daily_limit" else 1)


@pytest.mark.parametrize(
    ("date", "message", "seconds"),
    [
        ("yesterday", "", 30),
        ("yesterday", "(100)", 3600),
        ("Tue, 01 Dec 2026 03:00:00 -0000", "(100)", UNTIL_MIDNIGHT),
    ],
)
def test_a_limit_is_waited_for_also_when_zooms_clock_cannot_be_read(
    date: str, message: str, seconds: float
) -> None:
    headers = {"Date": date, "Retry-After": "2026-12-02T00:00:05Z"} if "-0000" in date else {"Date": date}

    problem = outcome(429, {"code": 429, "message": message}, headers)

    assert problem.retry_after == pytest.approx(seconds, abs=10)


def test_the_tracking_id_is_kept() -> None:
    assert outcome(404, {"code": 3001}, {"x-zm-trackingid": "WEB_1"}).tracking_id == "WEB_1"


def test_a_meeting_is_read_with_its_id_as_text() -> None:
    meeting = outcome(200, MEETING | {"settings": {"waiting_room": True}})

    assert (meeting.id, meeting.minutes, meeting.has_waiting_room) == ("88412345678", 30, True)
    assert meeting.starts_at == datetime(2026, 12, 1, 5, tzinfo=UTC)
    assert (meeting.passcode, meeting.requires_login) == ("", None)


@pytest.mark.parametrize("length", ["half an hour", None, [], float("inf")])
def test_a_length_that_is_no_number_is_none(length: object) -> None:
    assert outcome(200, MEETING | {"duration": length}).minutes == 0


def test_the_start_link_shows_in_no_words_for_a_meeting() -> None:
    meeting = outcome(200, MEETING | {"start_url": "https://zoom.us/s/88412345678?zak=secret"})

    assert meeting.start_url.endswith("zak=secret")
    assert "secret" not in f"{meeting} {meeting!r}"


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda zoom: zoom.me(), client.TryLater),
        (lambda zoom: zoom.list_upcoming(), client.TryLater),
        # It was answered as made, but which one it is we do not know: look before trying again.
        (
            lambda zoom: zoom.create_meeting(
                topic="x", agenda="", starts_at=datetime.now(UTC), minutes=30, time_zone="UTC"
            ),
            client.OutcomeUnknown,
        ),
    ],
    ids=["me", "list", "create"],
)
def test_a_success_without_the_essential_is_none(ask: Any, expected: type[Exception]) -> None:
    body = {"meetings": [{"topic": "no id"}]}
    with answering(200, body) as (keys, _asked), pytest.raises(client.ZoomError) as problem:
        ask(client.Client(keys, "token"))

    assert type(problem.value) is expected


@pytest.mark.parametrize("headers", [{"Content-Length": "999"}, {"Content-Encoding": "gzip"}])
def test_an_answer_that_breaks_off_leaves_the_outcome_unknown(headers: dict[str, str]) -> None:
    assert type(outcome(200, MEETING, headers)) is client.OutcomeUnknown


def test_a_door_that_never_opens_means_that_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "API_TIMEOUT", (0.05, 1.0))
    with socket.create_server(("127.0.0.1", 0), backlog=0) as door, contextlib.ExitStack() as waiting:
        # Whoever comes when the queue before the door is full is kept waiting by the system.
        for _place in range(8):
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(door.getsockname())
        base = f"http://127.0.0.1:{door.getsockname()[1]}"
        with pytest.raises(client.TryLater) as problem:
            client.Client(client.AppKeys("id", "secret", base, base), "token").me()

    assert type(problem.value) is client.TryLater


def test_what_is_sent_is_utc_to_the_second_and_says_what_we_mean() -> None:
    with answering(201, MEETING) as (keys, asked):
        client.Client(keys, "token").create_meeting(
            topic="一次面接",
            agenda="[mensetsu:x]",
            starts_at=datetime.fromisoformat("2026-12-01T14:00:00.123+09:00"),
            minutes=30,
            time_zone="Asia/Tokyo",
        )

    method, path, headers, body = asked[0]
    sent = json.loads(body)
    assert (method, path, headers["Authorization"]) == ("POST", "/v2/users/me/meetings", "Bearer token")
    assert (sent["start_time"], sent["timezone"], sent["type"]) == ("2026-12-01T05:00:00Z", "Asia/Tokyo", 2)
    assert sent["settings"]["use_pmi"] is False
    assert "password" not in sent


def test_a_naive_moment_is_our_own_mistake() -> None:
    with answering(201, MEETING) as (keys, asked), pytest.raises(ValueError, match="aware"):
        client.Client(keys, "token").update_meeting(
            str(ID),
            starts_at=datetime(2026, 12, 1),  # noqa: DTZ001 - what must be refused
        )

    assert asked == []


def test_a_create_is_sent_once_whatever_happens() -> None:
    with answering(500) as (keys, asked), pytest.raises(client.OutcomeUnknown):
        client.Client(keys, "token").create_meeting(
            topic="x", agenda="", starts_at=datetime.now(UTC), minutes=30, time_zone="UTC"
        )

    assert len(asked) == 1


def test_nobody_there_means_that_nothing_was_sent() -> None:
    with answering(200) as (keys, _asked):
        pass

    with pytest.raises(client.TryLater) as problem:
        client.Client(keys, "token").create_meeting(
            topic="x", agenda="", starts_at=datetime.now(UTC), minutes=30, time_zone="UTC"
        )
    assert type(problem.value) is client.TryLater


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"error": "invalid_grant", "reason": "Invalid Token!"}, client.ConnectionEnded),
        (401, {"error": "invalid_grant", "reason": "Jeton"}, client.ConnectionEnded),
        (400, {"error": "invalid_client", "reason": "x"}, client.AppRefused),
        (400, {"error": "invalid_request", "errorCode": 4717}, client.AppRefused),
        (400, {"error": "invalid_grant", "errorCode": 4735}, client.UserGone),
        (400, {"error": "invalid_grant", "errorCode": "4735"}, client.UserGone),
        (400, {"error": "unsupported_grant_type"}, client.Refused),
        (429, {}, client.TryLater),
        (500, b"", client.OutcomeUnknown),
        (200, b"<xml/>", client.OutcomeUnknown),
        (200, {"access_token": "a"}, client.OutcomeUnknown),
    ],
)
def test_a_refresh_tells_the_end_of_a_link_from_everything_else(
    status: int, body: bytes | dict[str, Any], expected: type[Exception]
) -> None:
    with answering(status, body) as (keys, _asked), pytest.raises(client.ZoomError) as problem:
        client.refresh(keys, refresh_token="r")

    assert type(problem.value) is expected


def test_a_bad_code_is_refused_and_not_repeated_in_the_reason() -> None:
    code = "c" * 40
    body = {"error": "invalid_grant", "reason": f"Invalid authorization code {code}"}
    with answering(400, body) as (keys, _asked), pytest.raises(client.Refused) as problem:
        client.exchange_code(keys, code=code, verifier="v", redirect_uri="http://127.0.0.1/")

    assert code not in str(problem.value)


def test_no_secret_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="mensetsu")
    token = "eyJ" + "t" * 600
    body = f'{{"oops": "{token}"'.encode()
    with answering(403, body) as (keys, _asked), pytest.raises(client.Refused):
        client.Client(keys, token).me()
    with answering(200, {"access_token": token}) as (keys, _asked), pytest.raises(client.OutcomeUnknown):
        client.refresh(keys, refresh_token=token)

    assert "oops" in caplog.text
    assert "t" * 40 not in caplog.text
    assert "a-client-secret" not in caplog.text


@pytest.mark.parametrize("value", ["88412345678", 88412345678, "884 1234 5678"])
def test_ids_are_decimal_strings(value: object) -> None:
    assert client.decimal(value) == "88412345678"


@pytest.mark.parametrize("value", ["", "x", 1.5, True, None, "８８４", "-1"])
def test_anything_else_is_no_id(value: object) -> None:
    with pytest.raises(ValueError, match="meeting id"):
        client.decimal(value)


@pytest.mark.django_db
def test_a_long_list_is_read_to_its_end(zoom: ZoomWorld, people, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAGE_SIZE", 2)
    link = zoom.connect(people.baba)
    rows = [issued(people.company, link, story.tomorrow_at(8 + 2 * n)) for n in range(5)]

    found = tokens.call(link, lambda zoom: zoom.list_upcoming(), now=timezone.now())

    assert sorted(one.id for one in found) == sorted(row.zoom_id for row in rows)
