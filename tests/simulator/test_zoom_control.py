"""The control API, the panel, and who may talk to a simulator without passwords."""

import json

import pytest

from simulator.zoom import fixtures
from tests.simulator.talking import BASE, HANAKO, KENJI, OSAMU, RECRUIT, Endpoint, Zoom

APP = f"apps/{fixtures.CLIENT_ID}"


def test_reset_brings_the_fixtures_back(sim: Zoom) -> None:
    before = sim.control("state")
    hanako = sim.connect()
    hanako.create()
    sim.fault("down")
    sim.control(f"users/{KENJI}", {"type": 1})
    sim.control("clock", {"advance": 1000})

    sim.control("reset", {})
    after = sim.control("state")

    for part in ("users", "apps", "authorizations", "tokens", "meetings", "deliveries", "faults", "modes"):
        assert after[part] == before[part]
    assert after["clock"]["offset"] == 0
    assert hanako.call("GET", "/users/me").status_code == 401


def test_the_documented_people_exist(sim: Zoom) -> None:
    users = {user["email"]: user for user in sim.control("state")["users"]}

    assert {email: users[email]["type"] for email in (RECRUIT, HANAKO, OSAMU)} == {
        RECRUIT: 2,
        HANAKO: 2,
        OSAMU: 1,
    }
    assert len(users) == 11
    accounts = {row["name"]: row for row in sim.world.store.all("SELECT * FROM account")}
    assert accounts["承認必須株式会社"]["preapproval_required"] == 1
    assert accounts["別の会社"]["plan"] == "free"
    assert accounts["株式会社サンプル"]["plan"] == "business"


def test_the_demo_seed_adds_meetings_nobody_issued(sim: Zoom) -> None:
    sim.control("reset", {"seed": "demo"})

    meetings = sim.control("state")["meetings"]

    assert len(meetings) == 3
    assert {meeting["creation_source"] for meeting in meetings} == {"web_portal"}


def test_the_clock_moves_and_returns(sim: Zoom) -> None:
    assert sim.control("clock", {"to": "2030-01-01T00:00:00Z"})["now"].startswith("2030-01-01T00:00:0")
    assert sim.control("clock", {"advance": 86400})["now"].startswith("2030-01-02T00:00:0")
    assert sim.control("clock", {"wall": True})["offset"] == 0
    assert "error" in sim.control("clock", {}, expect=400)
    assert "error" in sim.control("clock", {"to": "2030-01-01T00:00:00"}, expect=400)
    assert "error" in sim.control("clock", {"advance": "soon"}, expect=400)


def test_modes_refuse_unknown_words(sim: Zoom) -> None:
    assert "error" in sim.control("modes", {"decline": "maybe"}, expect=400)
    assert "error" in sim.control("modes", {"weather": "good"}, expect=400)


def test_scopes_of_a_connection_are_those_at_consent(sim: Zoom) -> None:
    before = sim.connect()
    sim.control(APP, {"scopes": ["user:read:user"]})

    assert before.call("POST", "/users/me/meetings", {"topic": "x"}).status_code == 201
    assert sim.connect().answer["scope"] == "user:read:user"


def test_app_settings_refuse_unknown_fields(sim: Zoom) -> None:
    assert "error" in sim.control(APP, {"colour": "red"}, expect=400)
    assert "error" in sim.control("apps/nobody", {"name": "x"}, expect=404)


def test_an_app_may_be_named_in_the_body_and_is_the_first_by_default(sim: Zoom) -> None:
    sim.control("app", {"client_id": fixtures.SECOND_CLIENT_ID, "name": "二つ目"})
    sim.control("app", {"name": "一つ目"})

    assert sim.control(f"apps/{fixtures.SECOND_CLIENT_ID}")["name"] == "二つ目"
    assert sim.control(APP)["name"] == "一つ目"


def test_a_new_secret_is_the_one_that_counts(sim: Zoom) -> None:
    sim.control(APP, {"client_secret": "another"})
    code = sim.code()

    assert sim.exchange(code).json["error"] == "invalid_client"
    assert sim.control(APP)["client_secret"] == "another"


def test_users_are_made_changed_and_deleted(sim: Zoom, heard: Endpoint) -> None:
    sim.control("users", {"email": "new@sample.example.jp", "type": 1, "last_name": "新", "first_name": "人"})
    new = sim.connect("new@sample.example.jp")
    made = new.create()
    sim.control("users/new@sample.example.jp", {"type": 2})
    assert new.call("GET", "/users/me").json["type"] == 2

    sim.app.test_client().delete("/sim/api/users/new@sample.example.jp", base_url=BASE)
    sim.flush()

    assert heard.events == ["meeting.created", "user.updated", "user.deleted"]
    payload = heard.last("user.updated")["payload"]
    assert (payload["object"]["type"], payload["old_object"]["type"]) == (2, 1)
    assert payload["operator"] == "admin@sample.example.jp"
    assert sim.connect().call("GET", f"/meetings/{made['id']}").json["code"] == 3001
    assert "error" in sim.control("users", {"email": HANAKO}, expect=400)
    assert "error" in sim.control(f"users/{HANAKO}", {"type": 3}, expect=400)
    assert "error" in sim.control("users/nobody@example.jp", {"type": 1}, expect=404)


def test_a_meeting_changed_on_zooms_side(sim: Zoom, heard: Endpoint) -> None:
    hanako = sim.connect()
    made = hanako.create()

    sim.control(f"meetings/{made['id']}", {"start_time": "2099-01-01T00:00:00Z", "password": "Side99"})
    got = hanako.call("GET", f"/meetings/{made['id']}").json
    sim.control(f"meetings/{made['id']}", {"host": KENJI})
    moved = sim.connect(KENJI).call("GET", f"/meetings/{made['id']}").json
    refused = sim.control(f"meetings/{made['id']}", {"duration": 0}, expect=400)
    sim.flush()

    assert (got["start_time"], got["password"]) == ("2099-01-01T00:00:00Z", "Side99")
    assert got["join_url"] != made["join_url"]
    assert moved["host_email"] == KENJI
    assert refused["code"] == 300
    assert "meeting.updated" in heard.events


def test_a_meeting_deleted_on_zooms_side(sim: Zoom, heard: Endpoint) -> None:
    hanako = sim.connect()
    made = hanako.create()

    sim.app.test_client().delete(f"/sim/api/meetings/{made['id']}", base_url=BASE)
    sim.flush()

    assert hanako.call("GET", f"/meetings/{made['id']}").status_code == 404
    assert heard.events == ["meeting.created", "meeting.deleted"]


def test_a_meeting_that_became_a_webinar_is_no_meeting_any_more(sim: Zoom, heard: Endpoint) -> None:
    hanako = sim.connect()
    made = hanako.create()

    sim.control(f"meetings/{made['id']}/webinar", {})
    sim.flush()

    got = hanako.call("GET", f"/meetings/{made['id']}")
    assert (got.status_code, got.json["code"]) == (400, 3000)
    assert hanako.call("PATCH", f"/meetings/{made['id']}", {"topic": "x"}).json["code"] == 3000
    assert hanako.call("GET", "/users/me/meetings").json["meetings"] == []
    assert heard.events[-1] == "meeting.converted_to_webinar"


def test_an_accounts_policy_on_signing_in_wins_without_a_word(sim: Zoom) -> None:
    hanako = sim.connect()
    sim.control("modes", {"sign_in_policy": "locked"})

    made = hanako.create(settings={"meeting_authentication": False})
    changed = hanako.call("PATCH", f"/meetings/{made['id']}", {"settings": {"meeting_authentication": False}})

    assert (made["settings"]["meeting_authentication"], changed.status_code) == (True, 204)
    assert hanako.call("GET", f"/meetings/{made['id']}").json["settings"]["meeting_authentication"] is True


def test_the_panel_changes_a_meeting_behind_the_apps_backs(sim: Zoom) -> None:
    hanako = sim.connect()
    made = hanako.create()
    path = f"/sim/panel/meetings/{made['id']}/change"

    sim.page(path, decision="door_open")
    opened = hanako.call("GET", f"/meetings/{made['id']}").json["settings"]
    sim.page(path, decision="host", host=KENJI)
    refused = hanako.call("GET", f"/meetings/{made['id']}").json["code"]
    sim.page(path, decision="webinar")
    gone = sim.connect(KENJI).call("GET", f"/meetings/{made['id']}").json["code"]

    assert (opened["waiting_room"], opened["join_before_host"], refused, gone) == (False, True, 3003, 3000)


def test_authorize_by_control_respects_preapproval_and_redirects(sim: Zoom) -> None:
    asked = {
        "user": "saiyo@approval.example.jp",
        "redirect_uri": "http://127.0.0.1:1/x",
        "code_challenge": "c",
    }

    assert "pre-approval" in sim.control("authorize", asked, expect=403)["error"]
    wrong = sim.control("authorize", asked | {"redirect_uri": "http://localhost:1/x"}, expect=400)
    assert wrong["errorCode"] == 4700
    declined = sim.control("authorize", asked | {"user": HANAKO, "decision": "decline", "state": "s"})
    assert declined["location"] == "http://127.0.0.1:1/x?error=access_denied&state=s"


def test_the_state_names_tokens_without_showing_them(sim: Zoom) -> None:
    hanako = sim.connect()
    sim.refresh(hanako.refresh_token)

    state = sim.control("state")

    text = json.dumps(state)
    assert hanako.access_token not in text
    assert fixtures.CLIENT_SECRET not in text
    assert fixtures.SECRET_TOKEN not in text
    assert [(token["kind"], token["death"]) for token in state["tokens"]] == [
        ("access", None),
        ("refresh", "rotated"),
        ("access", None),
        ("refresh", None),
    ]


def test_requests_are_counted_without_query_or_secret(sim: Zoom) -> None:
    hanako = sim.connect()
    hanako.call("GET", "/users/me?page=secret-word")
    hanako.call("GET", "/users/me")

    found = sim.control("requests")

    assert found["counts"]["GET /v2/users/<user_id>"] == 2
    assert "secret-word" not in json.dumps(found)
    assert found["log"][-1]["client_id"] == fixtures.CLIENT_ID
    assert found["log"][-1]["tracking_id"].startswith("v=2.0")


@pytest.mark.parametrize(
    ("headers", "base", "status"),
    [
        ({}, "http://evil.example:8010", 403),
        ({"Origin": "https://evil.example"}, BASE, 403),
        ({"Origin": BASE}, BASE, 200),
        ({}, "http://localhost:8010", 200),
    ],
)
def test_strangers_are_kept_out(sim: Zoom, headers: dict[str, str], base: str, status: int) -> None:
    answer = sim.app.test_client().post("/sim/api/reset", json={}, base_url=base, headers=headers)

    assert answer.status_code == status


def test_bad_control_bodies_are_refused_in_a_sentence(sim: Zoom) -> None:
    client = sim.app.test_client()
    for data in ("{", "[]"):
        answer = client.post("/sim/api/clock", data=data, base_url=BASE)
        assert (answer.status_code, list(answer.json or [])) == (400, ["error"])
    assert sim.control("meetings/1/end", {}, expect=404)["code"] == 3001
    assert sim.control("faults", {"kind": "drop", "times": "x"}, expect=400)["error"]
    made = sim.connect().create()
    assert "dance" in sim.control(f"meetings/{made['id']}/dance", {}, expect=404)["error"]
    assert "nobody" in sim.control(f"meetings/{made['id']}/admit", {"name": "x"}, expect=404)["error"]


def test_the_panel_does_what_its_buttons_say(sim: Zoom, endpoint: Endpoint) -> None:
    sim.page("/sim/panel/clock", step="1d")
    assert 86_000 < sim.control("clock")["offset"] < 87_000
    sim.page("/sim/panel/clock", step="wall")
    assert sim.control("clock")["offset"] == 0

    sim.page("/sim/panel/faults", kind="server_error", times="", number="503", commit="after")
    fault = sim.control("faults")["faults"][0]
    assert (fault["times"], fault["params"]) == (None, {"status": 503, "commit": "after"})
    assert "5xx エラー" in sim.page("/sim").text
    sim.page("/sim/panel/faults/clear", id=str(fault["id"]))
    assert sim.control("faults")["faults"] == []
    assert sim.page("/sim/panel/faults", kind="nonsense").status_code == 400

    sim.page("/sim/panel/modes", decline="stay", limits="off")
    assert sim.control("modes")["decline"] == "stay"

    form = {
        "event_url": endpoint.url,
        "deauthorization_url": endpoint.url,
        "redirects": "https://a.example/x\n",
    }
    sim.page(f"/sim/panel/{APP}", **form, scopes="user:read:user")
    app = sim.control(APP)
    assert (app["event_url"], app["redirects"], app["scopes"]) == (
        endpoint.url,
        ["https://a.example/x"],
        ["user:read:user"],
    )
    sim.page(f"/sim/panel/{APP}", **form | {"event_url": "http://127.0.0.1:9/"}, scopes="user:read:user")
    assert "検証に失敗しました" in sim.page("/sim").text
    assert sim.control(APP)["event_url"] == endpoint.url

    sim.page("/sim/panel/reset", seed="demo")
    assert sim.control(APP)["event_url"] == ""


def test_the_panel_shows_deliveries_requests_and_users(sim: Zoom, heard: Endpoint) -> None:
    heard.status = 500
    made = sim.connect().create(topic="一次面接の札")
    sim.page("/sim/panel/flush", go="1")

    log = sim.page("/sim/log").text
    assert "meeting.created" in log
    assert "次の試行" in log
    assert "POST /v2/users/me/meetings" in log
    assert "一次面接の札" in sim.page("/sim/users").text

    sim.page(f"/sim/panel/meetings/{made['id']}/delete", go="1")
    sim.page("/sim/panel/users/h7Qm2tXcTq-Z0bN4uYpRkA", decision="basic")
    assert "一次面接の札" not in sim.page("/sim/users").text
    user = sim.world.user(HANAKO)
    assert user is not None
    assert user["type"] == 1
    sim.page("/sim/panel/users/h7Qm2tXcTq-Z0bN4uYpRkA", decision="delete")
    assert sim.world.user(HANAKO) is None
