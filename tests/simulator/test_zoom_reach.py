"""Whose meetings an app reaches, for whom it may schedule, who may host; invitation and personal links."""

import pytest

from simulator.zoom import fixtures
from tests.simulator.talking import HANAKO, KENJI, OSAMU, OTHER, RECRUIT, Connection, Zoom


@pytest.fixture
def hanako(sim: Zoom) -> Connection:
    sim.control(f"apps/{fixtures.CLIENT_ID}", {"scopes": fixtures.EVERY_SCOPE})
    return sim.connect()


def test_user_level_apps_must_say_me(sim: Zoom, hanako: Connection) -> None:
    own_id = hanako.call("GET", "/users/me").json["id"]

    for name in (own_id, HANAKO, OTHER, "nobody"):
        answer = hanako.call("POST", f"/users/{name}/meetings", {"topic": "x"})
        assert (answer.status_code, answer.json["code"]) == (400, 4711)


def test_a_missing_scope_is_4711_with_either_status(sim: Zoom) -> None:
    sim.control(f"apps/{fixtures.CLIENT_ID}", {"scopes": ["user:read:user"]})
    poor = sim.connect()

    first = poor.call("POST", "/users/me/meetings", {"topic": "x"})
    sim.control("modes", {"scope_error_status": "401"})
    second = poor.call("POST", "/users/me/meetings", {"topic": "x"})

    assert (first.status_code, second.status_code) == (400, 401)
    assert first.json == {
        "code": 4711,
        "message": "Invalid access token, does not contain scopes:"
        "[meeting:write:meeting, meeting:write:meeting:admin].",
    }


def test_meetings_of_others_are_out_of_reach(sim: Zoom, hanako: Connection) -> None:
    made = sim.connect(KENJI).create()

    assert hanako.call("GET", f"/meetings/{made['id']}").json["code"] == 3003
    assert sim.connect(OTHER).call("GET", f"/meetings/{made['id']}").json["code"] == 3001
    assert hanako.call("GET", "/meetings/notanumber").json["code"] == 3001


def test_scheduling_for_another_needs_privilege_and_the_tick(sim: Zoom, hanako: Connection) -> None:
    allowed = hanako.create(schedule_for=RECRUIT)
    refused = hanako.call("POST", "/users/me/meetings", {"topic": "x", "schedule_for": KENJI})
    instant = hanako.call("POST", "/users/me/meetings", {"topic": "x", "type": 1, "schedule_for": RECRUIT})
    without_tick = sim.connect(HANAKO, shared_access=False)
    forbidden = without_tick.call("POST", "/users/me/meetings", {"topic": "x", "schedule_for": RECRUIT})

    assert allowed["host_email"] == RECRUIT
    assert allowed["assistant_id"] == "h7Qm2tXcTq-Z0bN4uYpRkA"
    assert (refused.status_code, refused.json["code"]) == (400, 3000)
    assert instant.json["code"] == 3000
    assert forbidden.status_code == 403
    assert without_tick.call("GET", f"/meetings/{allowed['id']}").status_code == 403


@pytest.mark.parametrize("hosts", [OSAMU, OTHER, "nobody@example.jp", f"{KENJI};{OSAMU}"])
def test_alternative_hosts_must_be_licensed_colleagues(hanako: Connection, hosts: str) -> None:
    answer = hanako.call(
        "POST", "/users/me/meetings", {"topic": "x", "settings": {"alternative_hosts": hosts}}
    )

    assert answer.status_code == 400
    assert hanako.call("GET", "/users/me/meetings").json["total_records"] == 0


def test_a_licensed_colleague_may_be_alternative_host(hanako: Connection) -> None:
    assert hanako.create(settings={"alternative_hosts": KENJI})["settings"]["alternative_hosts"] == KENJI


def test_an_inactive_user_may_not_host(sim: Zoom, hanako: Connection) -> None:
    sim.control(f"users/{HANAKO}", {"status": "inactive"})

    assert hanako.call("POST", "/users/me/meetings", {"topic": "x"}).json["code"] == 3161


def test_invitation_and_personal_links(hanako: Connection) -> None:
    made = hanako.create(start_time="2099-12-01T05:00:00Z", timezone="Asia/Tokyo")

    text = hanako.call("GET", f"/meetings/{made['id']}/invitation").json["invitation"]
    links = hanako.call("POST", f"/meetings/{made['id']}/invite_links", {"attendees": [{"name": "応募者A"}]})
    wrong = hanako.call("POST", f"/meetings/{made['id']}/invite_links", {"attendees": [{}], "ttl": -1})

    assert f"パスコード: {made['password']}" in text
    assert "2099年12月1日 02:00 PM 大阪、札幌、東京" in text
    assert made["join_url"] in text
    assert links.status_code == 201
    assert links.json["attendees"][0]["name"] == "応募者A"
    assert [error["field"] for error in wrong.json["errors"]] == ["attendees", "ttl"]
