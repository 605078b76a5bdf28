"""Reading Zoom's answers: by numbers, defensively, without a secret in a log."""

import contextlib
import json
import socket
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.zoom import client, tokens
from tests import story
from tests.zoom.answering import ID, answering, outcome
from tests.zoom_world import ZoomWorld, issued

MEETING = {
    "id": ID,
    "host_id": "h",
    "topic": "一次面接",
    "duration": 30,
    "start_time": "2026-12-01T05:00:00Z",
    "join_url": "https://us06web.zoom.us/j/88412345678?pwd=x.1",
}


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
