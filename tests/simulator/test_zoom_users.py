"""Users, settings, room keys, registrants and what was: the smaller operations."""

from typing import Any
from urllib.parse import quote

import pytest

from simulator.zoom import fixtures
from simulator.zoom.meetings import zak_owner
from tests.simulator.talking import HANAKO, OSAMU, RECRUIT, Connection, Zoom


@pytest.fixture
def hanako(sim: Zoom) -> Connection:
    sim.control(f"apps/{fixtures.CLIENT_ID}", {"scopes": fixtures.EVERY_SCOPE})
    return sim.connect()


def test_me_is_the_person_who_authorized(sim: Zoom, hanako: Connection) -> None:
    me = hanako.call("GET", "/users/me").json

    assert (me["email"], me["type"], me["account_id"]) == (HANAKO, 2, fixtures.ACCOUNT_SAMPLE)
    assert sim.connect(OSAMU).call("GET", "/users/me").json["type"] == 1


def test_a_pending_user_gets_1120(sim: Zoom, hanako: Connection) -> None:
    sim.control(f"users/{HANAKO}", {"status": "pending"})

    answer = hanako.call("GET", "/users/me")

    assert (answer.status_code, answer.json["code"]) == (400, 1120)


def test_settings_whole_or_by_group(hanako: Connection) -> None:
    whole = hanako.call("GET", "/users/me/settings").json
    part = hanako.call("GET", "/users/me/settings?custom_query_fields=in_meeting").json

    assert set(whole) == {"feature", "in_meeting", "schedule_meeting"}
    assert part == {"in_meeting": {"waiting_room": True}}


def test_schedulers_are_whom_i_schedule_for(sim: Zoom, hanako: Connection) -> None:
    schedulers = hanako.call("GET", "/users/me/schedulers").json["schedulers"]
    assistants = sim.connect(RECRUIT).call("GET", "/users/me/assistants").json["assistants"]

    assert schedulers == [{"id": "rC1tEaMaBcDeFgHiJkLmNo", "email": RECRUIT, "pmi": 4155550002}]
    assert assistants == [{"id": "h7Qm2tXcTq-Z0bN4uYpRkA", "email": HANAKO}]


def test_room_keys_live_as_long_as_they_say(sim: Zoom, hanako: Connection) -> None:
    long = hanako.call("GET", "/users/me/token?type=zak&ttl=7200").json["token"]
    short = hanako.call("GET", "/users/me/zak").json["token"]

    sim.advance(301)

    assert zak_owner(sim.world, long) == "h7Qm2tXcTq-Z0bN4uYpRkA"
    assert zak_owner(sim.world, short) is None
    assert hanako.call("GET", "/users/me/token?ttl=x").json["code"] == 300
    assert hanako.call("GET", "/users/me/token?type=odd").json["code"] == 2300


def held(sim: Zoom, hanako: Connection, minutes: int = 31) -> dict[str, Any]:
    """A meeting that one candidate attended."""
    made = hanako.create(settings={"waiting_room": False})
    sim.control(f"meetings/{made['id']}/start", {})
    sim.control(f"meetings/{made['id']}/join", {"name": "応募者A"})
    sim.advance(minutes * 60 - 30)
    sim.control(f"meetings/{made['id']}/end", {})
    return made


def test_a_past_meeting_and_its_people(sim: Zoom, hanako: Connection) -> None:
    made = held(sim, hanako)

    past = hanako.call("GET", f"/past_meetings/{made['id']}").json
    people = hanako.call("GET", f"/past_meetings/{made['id']}/participants").json

    assert (past["participants_count"], past["duration"], past["total_minutes"]) == (2, 31, 62)
    assert [(one["name"], one["id"], one["internal_user"]) for one in people["participants"]] == [
        ("山田 花子", "h7Qm2tXcTq-Z0bN4uYpRkA", True),
        ("応募者A", "", False),
    ]


def test_a_uuid_with_a_leading_slash_must_be_encoded_twice(sim: Zoom, hanako: Connection) -> None:
    made = held(sim, hanako)
    uuid = "/aB//cDeFgHiJkLmNoPqRs=="
    sim.world.store.change("instance", "meeting_id", made["id"], uuid=uuid)

    once = hanako.call("GET", f"/past_meetings/{quote(uuid, safe='')}")
    twice = hanako.call("GET", f"/past_meetings/{quote(quote(uuid, safe=''), safe='')}")

    assert once.status_code == 404
    assert twice.json["uuid"] == uuid


def test_instances_of_a_restarted_meeting_differ(sim: Zoom, hanako: Connection) -> None:
    made = held(sim, hanako)
    sim.control(f"meetings/{made['id']}/start", {})
    sim.control(f"meetings/{made['id']}/end", {})

    found = hanako.call("GET", f"/past_meetings/{made['id']}/instances").json["meetings"]

    assert len({one["uuid"] for one in found}) == 2
    assert found[0]["uuid"] == made["uuid"]


def test_past_meetings_need_a_plan_and_a_memory(sim: Zoom, hanako: Connection) -> None:
    osamu = sim.connect(OSAMU)
    basic = held(sim, osamu)
    assert osamu.call("GET", f"/past_meetings/{basic['id']}/participants").json["code"] == 200

    made = held(sim, hanako)
    later = sim.connect()
    assert later.call("GET", "/past_meetings/81111111111").json["code"] == 3001
    assert later.call("GET", "/nothing/here").json["code"] == 2300
    sim.advance(366 * 86_400)
    assert sim.connect().call("GET", f"/past_meetings/{made['id']}").json["code"] == 12702


def test_registrants_from_asking_to_approval(sim: Zoom, hanako: Connection) -> None:
    made = hanako.create(settings={"approval_type": 1})
    path = f"/meetings/{made['id']}/registrants"
    person = {"email": "a@example.jp", "first_name": "A"}

    added = hanako.call("POST", path, person)
    again = hanako.call("POST", path, person)
    pending = hanako.call("GET", path + "?status=pending").json["registrants"]
    approve = {"action": "approve", "registrants": [{"id": added.json["registrant_id"]}]}
    approved = hanako.call("PUT", path + "/status", approve)

    assert added.status_code == 201
    assert again.json["registrant_id"] == added.json["registrant_id"]
    assert [one["email"] for one in pending] == ["a@example.jp"]
    assert approved.status_code == 204
    assert hanako.call("GET", path).json["total_records"] == 1
    assert hanako.call("DELETE", f"{path}/{added.json['registrant_id']}").status_code == 204
    assert hanako.call("GET", path).json["total_records"] == 0


def test_registration_has_to_be_on_and_licensed(sim: Zoom, hanako: Connection) -> None:
    plain = hanako.create()
    answer = hanako.call(
        "POST", f"/meetings/{plain['id']}/registrants", {"email": "a@b.jp", "first_name": "A"}
    )
    basic = sim.connect(OSAMU).call("POST", "/users/me/meetings", {"settings": {"approval_type": 0}})

    assert answer.json["code"] == 3000
    assert basic.json["code"] == 3000
    registered = hanako.create(settings={"approval_type": 0})
    wrong = hanako.call(
        "POST", f"/meetings/{registered['id']}/registrants", {"email": "nope", "first_name": "A"}
    )
    assert wrong.json["errors"] == [{"field": "email", "message": "Invalid field."}]
