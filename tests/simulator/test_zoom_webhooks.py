"""Webhooks: signature, delivery, retries, validation, who hears what, and how deliveries misbehave."""

import json
from typing import Any

import pytest

from simulator.zoom import courier, fixtures
from tests.simulator.talking import HANAKO, KENJI, RECRUIT, Endpoint, Zoom

APP = f"apps/{fixtures.CLIENT_ID}"


def test_signature_of_the_published_vector() -> None:
    body = (
        b'{"event":"meeting.started","event_ts":1796101120000,"payload":{"account_id":"aC9vLk31QyyM5sWd0ePxGg",'
        b'"object":{"id":"88412345678","uuid":"q1w2E3r4T5y6U7i8O9p0AA=="}}}'
    )

    assert len(body) == 166
    assert courier.sign("sim_secret_token_0001", "1796101120", body) == (
        "v0=795214a78700620a02f3223393c62ab65bedd00ec2c1c464f42bbdaf5b80013d"
    )


def test_encrypted_token_of_the_published_vector() -> None:
    assert courier.encrypted_token("sim_secret_token_0001", "qgg8vlvZRS6UYooatFL8Aw") == (
        "1a33b5367382de4252c3986cada39217d4faf1ecf995ec8d514ea07591f42c4b"
    )


def test_an_event_arrives_signed_in_its_envelope(sim: Zoom, heard: Endpoint) -> None:
    made = sim.connect().create(topic="一次面接")

    sim.flush()

    assert heard.events == ["meeting.created"]
    assert heard.is_signed()
    headers, body = heard.received[0]
    message = json.loads(body)
    assert set(message) == {"event", "event_ts", "payload"}
    assert abs(message["event_ts"] / 1000 - sim.world.clock.now()) < 60
    assert message["payload"]["account_id"] == fixtures.ACCOUNT_SAMPLE
    assert message["payload"]["object"]["id"] == made["id"]
    assert headers["content-type"].startswith("application/json")


def test_numbers_are_numbers_or_strings_per_event(sim: Zoom, heard: Endpoint) -> None:
    hanako = sim.connect()
    made = hanako.create()
    hanako.call("PATCH", f"/meetings/{made['id']}", {"duration": 40})
    for action in ("start", "join", "end"):
        sim.control(f"meetings/{made['id']}/{action}", {})
    hanako.call("DELETE", f"/meetings/{made['id']}")
    sim.flush()

    kinds = {message["event"]: type(message["payload"]["object"]["id"]) for message in heard.messages}

    assert kinds.pop("meeting.created") is int
    assert kinds.pop("meeting.updated") is int
    assert kinds.pop("meeting.deleted") is int
    assert set(kinds.values()) == {str}
    assert "meeting.participant_joined_waiting_room" in kinds


def test_updated_carries_only_what_changed_and_nothing_is_no_event(sim: Zoom, heard: Endpoint) -> None:
    hanako = sim.connect()
    made = hanako.create()
    hanako.call("PATCH", f"/meetings/{made['id']}", {"topic": made["topic"], "duration": made["duration"]})
    hanako.call("PATCH", f"/meetings/{made['id']}", {"duration": 45, "settings": {"focus_mode": True}})
    sim.flush()

    assert heard.events == ["meeting.created", "meeting.updated"]
    payload = heard.last("meeting.updated")["payload"]
    ids = {"id": made["id"], "uuid": made["uuid"]}
    assert payload["object"] == ids | {"duration": 45, "settings": {"focus_mode": True}}
    assert payload["old_object"] == ids | {"duration": 30, "settings": {"focus_mode": False}}
    assert payload["operator"] == HANAKO


def test_an_app_hears_of_its_own_users_only(sim: Zoom, heard: Endpoint) -> None:
    kenji = sim.connect(KENJI)
    sim.control("uninstall", {"user": KENJI})
    sim.connect()
    host = sim.world.user(RECRUIT)
    assert host is not None
    sim.flush()
    heard.received.clear()

    sim.control(f"users/{KENJI}", {"type": 1})
    sim.control(f"users/{RECRUIT}", {"type": 1})
    sim.control(f"users/{HANAKO}", {"type": 1})
    sim.flush()

    assert kenji.call("GET", "/users/me").status_code == 401
    assert [message["payload"]["object"]["id"] for message in heard.messages] == ["h7Qm2tXcTq-Z0bN4uYpRkA"]


def test_participant_events_need_their_own_scope(sim: Zoom, heard: Endpoint) -> None:
    scopes = [scope for scope in fixtures.SCOPES if scope != "meeting:read:participant"]
    sim.control(APP, {"scopes": scopes})
    made = sim.connect().create()
    sim.control(f"meetings/{made['id']}/start", {})
    sim.flush()

    assert heard.events == ["meeting.created", "meeting.started"]


@pytest.mark.parametrize("status", [500, 401, 302])
def test_anything_but_200_and_204_is_tried_again_after_5_20_and_60_minutes(
    sim: Zoom, heard: Endpoint, status: int
) -> None:
    heard.status = status
    sim.connect().create()
    sim.flush()
    counts = [len(heard.received)]
    for minutes in (4, 2, 18, 3, 58, 3, 600):
        sim.advance(minutes * 60)
        sim.flush()
        counts.append(len(heard.received))

    assert counts == [1, 1, 2, 2, 3, 3, 4, 4]
    delivery = sim.control("deliveries")["deliveries"][0]
    assert (delivery["status"], delivery["attempt"]) == ("dropped", 4)
    assert [entry["status"] for entry in delivery["log"]] == [status] * 4
    assert len({body for _, body in heard.received}) == 1


def test_a_retry_that_succeeds_ends_it(sim: Zoom, heard: Endpoint) -> None:
    heard.status = 500
    sim.connect().create()
    sim.flush()
    heard.status = 200
    sim.advance(301)
    sim.flush()

    assert sim.control("deliveries")["deliveries"][0]["status"] == "delivered"
    assert sim.flush() == 0
    assert heard.is_signed()


def test_a_closed_port_counts_as_a_failed_attempt(sim: Zoom, endpoint: Endpoint) -> None:
    sim.control(APP, {"event_url": "http://127.0.0.1:9/none", "validate": False})
    sim.connect().create()
    sim.flush()

    entry = sim.control("deliveries")["deliveries"][0]["log"][0]
    assert (entry["status"], entry["reason"]) == (0, "ConnectionError")


def test_three_seconds_are_the_limit(sim: Zoom, heard: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    assert courier.PATIENCE_SECONDS == 3
    monkeypatch.setattr(courier, "PATIENCE_SECONDS", 0.2)  # the same rule, sooner
    heard.delay = 0.5
    create_and_flush(sim)

    entry = sim.control("deliveries")["deliveries"][0]["log"][0]
    assert (entry["status"], entry["reason"]) == (0, "timeout")


def test_saving_the_address_validates_it_first(sim: Zoom, endpoint: Endpoint) -> None:
    answer = sim.control(APP, {"event_url": endpoint.url})

    assert answer["validation"]["ok"] is True
    assert answer["app"]["event_url"] == endpoint.url
    message = json.loads(endpoint.received[0][1])
    assert message["event"] == "endpoint.url_validation"
    assert set(message) == {"event", "payload", "event_ts"}
    assert set(message["payload"]) == {"plainToken"}
    assert endpoint.is_signed()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"plainToken": "x", "encryptedToken": "y"}, "plainToken differs"),
        (None, "encryptedToken differs"),
    ],
)
def test_an_address_that_answers_wrongly_is_not_saved(
    sim: Zoom, endpoint: Endpoint, answer: dict[str, str] | None, reason: str
) -> None:
    endpoint.validate = lambda plain: answer or {"plainToken": plain, "encryptedToken": "0" * 64}

    result = sim.control(APP, {"event_url": endpoint.url}, expect=422)

    assert result["validation"]["reason"] == reason
    assert result["app"]["event_url"] == ""


def test_validation_comes_again_every_72_hours(sim: Zoom, heard: Endpoint) -> None:
    def validations() -> int:
        return sum(b"endpoint.url_validation" in body for _, body in heard.received)

    counts = []
    for hours in (71, 2, 71, 2):
        sim.advance(hours * 3600)
        sim.flush()
        counts.append(validations())

    assert counts == [0, 1, 1, 2]


def test_deauthorization_goes_to_its_own_address_only(sim: Zoom, endpoint: Endpoint) -> None:
    other = Endpoint()
    sim.control(APP, {"event_url": endpoint.url, "deauthorization_url": other.url})
    sim.connect()
    answer = sim.control("uninstall", {"user": HANAKO})
    sim.flush()
    other.close()

    assert answer == {"uninstalled": True}
    assert endpoint.events == []
    assert other.events == ["app_deauthorized"]
    payload = other.messages[0]["payload"]
    assert payload["client_id"] == fixtures.CLIENT_ID
    assert payload["user_id"] == "h7Qm2tXcTq-Z0bN4uYpRkA"
    assert payload["user_data_retention"] is None
    assert other.is_signed()


def test_the_signature_of_deauthorization_may_not_verify(sim: Zoom, heard: Endpoint) -> None:
    sim.control("modes", {"deauthorization_signature": "not_verifiable"})
    sim.connect()
    sim.control("uninstall", {"user": HANAKO})
    sim.flush()

    assert heard.events == ["app_deauthorized"]
    assert not heard.is_signed()


def create_and_flush(sim: Zoom, count: int = 1) -> None:
    hanako = sim.connect()
    for number in range(count):
        hanako.create(topic=f"T{number}")
    sim.flush()


def topics(heard: Endpoint) -> list[Any]:
    return [message["payload"]["object"]["topic"] for message in heard.messages]


def test_duplicates(sim: Zoom, heard: Endpoint) -> None:
    sim.fault("webhook_duplicate")
    create_and_flush(sim, 2)

    assert topics(heard) == ["T0", "T0", "T1"]
    assert heard.received[0][1] == heard.received[1][1]


def test_out_of_order(sim: Zoom, heard: Endpoint) -> None:
    sim.fault("webhook_out_of_order")
    create_and_flush(sim, 2)

    assert topics(heard) == ["T1", "T0"]


def test_delayed(sim: Zoom, heard: Endpoint) -> None:
    sim.fault("webhook_delay", seconds=600)
    create_and_flush(sim, 2)
    assert topics(heard) == ["T1"]

    sim.advance(601)
    sim.flush()

    assert topics(heard) == ["T1", "T0"]


def test_never(sim: Zoom, heard: Endpoint) -> None:
    sim.fault("webhook_never", times=2)
    create_and_flush(sim, 3)

    assert topics(heard) == ["T2"]


def test_bad_signature(sim: Zoom, heard: Endpoint) -> None:
    sim.fault("webhook_bad_signature")
    create_and_flush(sim, 2)

    assert (heard.is_signed(0), heard.is_signed(1)) == (False, True)


def test_deauthorization_never_sent(sim: Zoom, heard: Endpoint) -> None:
    sim.fault("deauthorized_never")
    hanako = sim.connect()
    hanako.create()
    sim.control("uninstall", {"user": HANAKO})
    sim.flush()

    assert heard.events == ["meeting.created"]
    assert hanako.call("GET", "/users/me").status_code == 401


def test_an_app_without_deauthorization_address_is_not_told(sim: Zoom, endpoint: Endpoint) -> None:
    sim.control(APP, {"event_url": endpoint.url})
    sim.connect()
    sim.control("uninstall", {"user": HANAKO})
    sim.flush()

    assert endpoint.events == []


@pytest.mark.parametrize("address", ["http://", "nonsense", "http://[", "http://a b/", "ftp://127.0.0.1/"])
def test_an_address_that_is_none_fails_without_stopping_the_courier(sim: Zoom, address: str) -> None:
    sim.control(APP, {"event_url": address, "validate": False})
    create_and_flush(sim)

    delivery = sim.control("deliveries")["deliveries"][0]
    assert (delivery["attempt"], delivery["status"]) == (1, "waiting")


def test_a_server_to_server_app_hears_of_its_whole_account_only(sim: Zoom) -> None:
    account = Endpoint(fixtures.S2S_SECRET_TOKEN)
    sim.control(f"apps/{fixtures.S2S_CLIENT_ID}", {"event_url": account.url})
    sim.control(f"users/{KENJI}", {"type": 1})
    sim.control("users/recruit@other.example.jp", {"type": 2})
    sim.flush()
    account.close()

    assert [message["payload"]["object"]["id"] for message in account.messages] == ["kEn9jIpLmKoNjIbHuVgYcF"]
    assert account.is_signed()
