"""The meeting operations, with the numbers, texts and silences of Zoom."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from simulator.zoom import fixtures, presets
from simulator.zoom.clock import parse_iso
from simulator.zoom.meetings import zak_owner
from tests.simulator.talking import (
    BASE,
    HANAKO,
    RECRUIT,
    Connection,
    Zoom,
    stamp,
)


@pytest.fixture
def hanako(sim: Zoom) -> Connection:
    sim.control(f"apps/{fixtures.CLIENT_ID}", {"scopes": fixtures.EVERY_SCOPE})
    return sim.connect()


def in_days(sim: Zoom, days: float) -> str:
    return stamp(sim.world.clock.now() + days * 86_400)


def pwd(meeting: dict[str, Any]) -> str:
    return str(parse_qs(urlsplit(meeting["join_url"]).query)["pwd"][0])


def test_create_answers_201_with_a_waiting_meeting_at_the_simulator(hanako: Connection) -> None:
    made = hanako.create(topic="一次面接 応募者A様", agenda="30分", timezone="Asia/Tokyo")

    assert isinstance(made["id"], int)
    assert len(str(made["id"])) == 11
    assert made["status"] == "waiting"
    assert made["topic"] == "一次面接 応募者A様"
    assert made["host_email"] == HANAKO
    assert made["join_url"].startswith(f"{BASE}/j/{made['id']}?pwd=")
    assert made["start_url"].startswith(f"{BASE}/s/{made['id']}?zak=")
    assert made["encrypted_password"] == pwd(made)
    assert 6 <= len(made["password"]) <= 10


def test_answers_carry_a_tracking_id_and_utf8(hanako: Connection) -> None:
    answer = hanako.call("GET", "/users/me")

    assert answer.headers["x-zm-trackingid"].startswith("v=2.0;clid=us06;rid=WEB_")
    assert "山田 花子".encode() in answer.data


def test_a_start_with_z_is_gmt_and_without_z_local(sim: Zoom, hanako: Connection) -> None:
    day = in_days(sim, 5)[:10]

    gmt = hanako.create(start_time=f"{day}T05:00:00Z", timezone="Asia/Tokyo")
    local = hanako.create(start_time=f"{day}T14:00:00", timezone="Asia/Tokyo")

    assert gmt["start_time"] == local["start_time"] == f"{day}T05:00:00Z"


@pytest.mark.parametrize("start", [None, "2020-01-01T00:00:00Z"])
def test_a_missing_or_past_start_becomes_now(sim: Zoom, hanako: Connection, start: str | None) -> None:
    now = sim.world.clock.now()

    made = hanako.create(start_time=start)

    assert abs(parse_iso(made["start_time"]) - now) < 5


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"topic": "あ" * 201}, ["topic"]),
        ({"agenda": "あ" * 2001}, ["agenda"]),
        ({"duration": 0}, ["duration"]),
        ({"duration": 1441}, ["duration"]),
        ({"duration": "30"}, ["duration"]),
        ({"duration": True}, ["duration"]),
        ({"type": 7}, ["type"]),
        ({"timezone": "Mars/Olympus"}, ["timezone"]),
        ({"start_time": "tomorrow"}, ["start_time"]),
        ({"start_time": "2026-13-01T00:00:00Z"}, ["start_time"]),
        ({"start_time": "2026-12-01T00:00:00+09:00"}, ["start_time"]),
        ({"password": "longer-than-10"}, ["password"]),
        ({"password": "日本"}, ["password"]),
        ({"settings": {"jbh_time": 7}}, ["settings.jbh_time"]),
        ({"settings": {"waiting_room": "yes"}}, ["settings.waiting_room"]),
        ({"settings": {"audio": "loud", "approval_type": 9}}, ["settings.audio", "settings.approval_type"]),
        ({"settings": []}, ["settings"]),
    ],
)
def test_invalid_fields_are_named(hanako: Connection, changes: dict[str, Any], fields: list[str]) -> None:
    answer = hanako.call("POST", "/users/me/meetings", {"topic": "x", "type": 2} | changes)

    assert answer.status_code == 400
    assert answer.json["code"] == 300
    assert answer.json["message"] == "Validation Failed."
    assert answer.json["errors"] == [{"field": name, "message": "Invalid field."} for name in fields]


@pytest.mark.parametrize(("duration", "topic"), [(1, "あ" * 200), (1440, "x")])
def test_the_limits_themselves_are_allowed(hanako: Connection, duration: int, topic: str) -> None:
    made = hanako.create(duration=duration, topic=topic, agenda="あ" * 2000)

    assert (made["duration"], made["topic"]) == (duration, topic)


@pytest.mark.parametrize("data", [b"{not json", b"[]", b""])
def test_a_body_that_is_no_object_is_refused(hanako: Connection, data: bytes) -> None:
    answer = hanako.call("POST", "/users/me/meetings", data=data, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json == {"code": 300, "message": "Request Body should be a valid JSON object."}


def test_the_waiting_room_switches_join_before_host_off(hanako: Connection) -> None:
    both = hanako.create(settings={"waiting_room": True, "join_before_host": True})
    early = hanako.create(settings={"waiting_room": False, "join_before_host": True, "jbh_time": 10})

    assert both["settings"]["join_before_host"] is False
    assert (early["settings"]["join_before_host"], early["settings"]["jbh_time"]) == (True, 10)


def test_no_passcode_means_no_passcode_keys(hanako: Connection) -> None:
    made = hanako.create(default_password=False)

    assert not {"password", "h323_password", "pstn_password", "encrypted_password"} & set(made)
    assert "?" not in made["join_url"]


def test_a_given_passcode_is_kept_and_embedding_can_be_off(sim: Zoom, hanako: Connection) -> None:
    sim.control(f"users/{HANAKO}", {"settings": {"schedule_meeting": {"embed_password_in_join_link": False}}})

    made = hanako.create(password="abc123")

    assert made["password"] == "abc123"
    assert "pwd" not in made["join_url"]


def test_passcode_rules_of_the_account_are_kept(sim: Zoom, hanako: Connection) -> None:
    rule = dict(presets.USER_SETTINGS["schedule_meeting"]["meeting_password_requirement"])
    rule |= {"length": 8, "have_special_character": True, "have_number": True}
    sim.control(f"users/{HANAKO}", {"settings": {"schedule_meeting": {"meeting_password_requirement": rule}}})

    refused = hanako.call("POST", "/users/me/meetings", {"topic": "x", "password": "abcdefgh"})
    generated = hanako.create()["password"]

    assert refused.json["errors"] == [{"field": "password", "message": "Invalid field."}]
    assert len(generated) == 8
    assert "!" in generated


def test_use_pmi_shares_the_personal_number(sim: Zoom, hanako: Connection) -> None:
    own = hanako.create(settings={"use_pmi": True})
    sim.control(
        f"users/{HANAKO}", {"settings": {"schedule_meeting": {"use_pmi_for_scheduled_meetings": True}}}
    )
    by_setting = hanako.create()
    told_not_to = hanako.create(settings={"use_pmi": False})

    assert own["join_url"].split("?")[0] == by_setting["join_url"].split("?")[0] == f"{BASE}/j/4155551234"
    assert own["pmi"] == "4155551234"
    assert told_not_to["join_url"].startswith(f"{BASE}/j/{told_not_to['id']}")


def test_each_get_has_a_fresh_start_url_that_lives_two_hours(sim: Zoom, hanako: Connection) -> None:
    made = hanako.create()

    got = hanako.call("GET", f"/meetings/{made['id']}").json

    assert got["start_url"] != made["start_url"]
    assert {**got, "start_url": ""} == {**made, "start_url": ""}
    zak = parse_qs(urlsplit(got["start_url"]).query)["zak"][0]
    assert zak_owner(sim.world, zak) == got["host_id"]
    assert zak_owner(sim.world, zak[:-3] + "AAA") is None
    sim.advance(7201)
    assert zak_owner(sim.world, zak) is None


def test_patch_changes_silently_and_keeps_the_address(sim: Zoom, hanako: Connection) -> None:
    made = hanako.create()
    start = in_days(sim, 12)

    answer = hanako.call("PATCH", f"/meetings/{made['id']}", {"start_time": start, "duration": 45})

    assert (answer.status_code, answer.data) == (204, b"")
    got = hanako.call("GET", f"/meetings/{made['id']}").json
    assert (got["start_time"], got["duration"], got["topic"]) == (start, 45, made["topic"])
    assert got["join_url"] == made["join_url"]


def test_a_past_start_in_patch_is_ignored_without_a_word(hanako: Connection) -> None:
    made = hanako.create()

    answer = hanako.call("PATCH", f"/meetings/{made['id']}", {"start_time": "2020-01-01T00:00:00Z"})

    assert answer.status_code == 204
    assert hanako.call("GET", f"/meetings/{made['id']}").json["start_time"] == made["start_time"]


def test_a_new_passcode_changes_the_address(hanako: Connection) -> None:
    made = hanako.create()

    hanako.call("PATCH", f"/meetings/{made['id']}", {"password": "New123"})

    got = hanako.call("GET", f"/meetings/{made['id']}").json
    assert got["password"] == "New123"
    assert pwd(got) != pwd(made)


def test_patch_cannot_change_the_host(hanako: Connection) -> None:
    made = hanako.create()

    answer = hanako.call("PATCH", f"/meetings/{made['id']}", {"schedule_for": RECRUIT})

    assert (answer.status_code, answer.json["code"]) == (400, 3000)


def test_a_deleted_meeting_is_gone(hanako: Connection) -> None:
    made = hanako.create()

    answer = hanako.call("DELETE", f"/meetings/{made['id']}")

    assert (answer.status_code, answer.data) == (204, b"")
    for method, body in (("GET", None), ("PATCH", {"topic": "x"}), ("DELETE", None)):
        gone = hanako.call(method, f"/meetings/{made['id']}", body)
        assert gone.status_code == 404
        assert gone.json == {"code": 3001, "message": f"Meeting does not exist: {made['id']}."}
    assert hanako.call("GET", "/users/me/meetings").json["meetings"] == []


def test_a_deleted_meeting_can_be_recovered_for_a_week(sim: Zoom, hanako: Connection) -> None:
    made = hanako.create()
    hanako.call("DELETE", f"/meetings/{made['id']}")

    assert hanako.call("PUT", f"/meetings/{made['id']}/status", {"action": "recover"}).status_code == 204
    assert hanako.call("GET", f"/meetings/{made['id']}").status_code == 200
    hanako.call("DELETE", f"/meetings/{made['id']}")
    sim.advance(8 * 86_400)
    later = sim.connect()
    answer = later.call("PUT", f"/meetings/{made['id']}/status", {"action": "recover"})
    assert answer.json["code"] == 3001


@pytest.mark.parametrize(("days", "status"), [(39, 200), (41, 404)])
def test_a_number_expires_thirty_days_after_the_slot(
    sim: Zoom, hanako: Connection, days: int, status: int
) -> None:
    made = hanako.create(start_time=in_days(sim, 10))
    sim.advance(days * 86_400)

    assert sim.connect().call("GET", f"/meetings/{made['id']}").status_code == status


def test_a_running_meeting_cannot_be_deleted_and_can_be_ended(sim: Zoom, hanako: Connection) -> None:
    made = hanako.create()
    sim.control(f"meetings/{made['id']}/start", {})
    assert hanako.call("GET", f"/meetings/{made['id']}").json["status"] == "started"

    assert hanako.call("DELETE", f"/meetings/{made['id']}").json["code"] == 3002
    assert hanako.call("PUT", f"/meetings/{made['id']}/status", {"action": "end"}).status_code == 204
    assert hanako.call("GET", f"/meetings/{made['id']}").json["status"] == "waiting"
    assert hanako.call("PUT", f"/meetings/{made['id']}/status", {"action": "end"}).json["code"] == 3000


def test_the_personal_room_cannot_be_deleted(hanako: Connection) -> None:
    assert hanako.call("DELETE", "/meetings/4155551234").json["code"] == 3018


def test_list_items_lack_passcode_start_url_and_settings(hanako: Connection) -> None:
    hanako.create(agenda="あ" * 400)

    item = hanako.call("GET", "/users/me/meetings").json["meetings"][0]

    assert not {"password", "start_url", "settings"} & set(item)
    assert len(item["agenda"]) == 250


def test_lists_come_in_pages_whose_tokens_die(sim: Zoom, hanako: Connection) -> None:
    for hour in range(5):
        hanako.create(start_time=in_days(sim, 3 + hour), topic=f"T{hour}")

    first = hanako.call("GET", "/users/me/meetings?page_size=2").json
    token = first["next_page_token"]
    second = hanako.call("GET", f"/users/me/meetings?page_size=2&next_page_token={token}").json
    third = hanako.call("GET", "/users/me/meetings?page_size=2&page_number=3").json

    assert (first["total_records"], first["page_count"], first["page_number"]) == (5, 3, 1)
    topics = [item["topic"] for page in (first, second, third) for item in page["meetings"]]
    assert topics == ["T0", "T1", "T2", "T3", "T4"]
    assert third["next_page_token"] == ""
    sim.advance(16 * 60)
    assert hanako.call("GET", f"/users/me/meetings?next_page_token={token}").json["code"] == 300
    assert hanako.call("GET", "/users/me/meetings?page_size=301").json["code"] == 300


def test_list_types(sim: Zoom, hanako: Connection) -> None:
    soon = hanako.create(topic="past")
    sim.advance(0)
    hanako.call("PATCH", f"/meetings/{soon['id']}", {"start_time": stamp(sim.world.clock.now() + 7200)})
    hanako.create(topic="future")
    hanako.create(topic="instant", type=1)
    sim.advance(2 * 86_400)
    later = sim.connect()

    def topics(kind: str) -> list[str]:
        answer = later.call("GET", f"/users/me/meetings?type={kind}").json
        return [item["topic"] for item in answer["meetings"]]

    assert topics("scheduled") == ["past", "future"]
    assert topics("upcoming") == ["future"]
    assert topics("previous_meetings") == ["past"]
    assert topics("live") == []
    assert later.call("GET", "/users/me/meetings?type=odd").json["code"] == 300
