"""Zoom's own pages: installed apps, App Requests, App permissions, my meetings."""

from simulator.zoom import fixtures
from tests.simulator.talking import HANAKO, KENJI, SAIYO, ZOOM_ADMIN, Endpoint, Zoom

PERMISSIONS = f"/marketplace/apps/{fixtures.CLIENT_ID}/permissions"


def test_uninstall_kills_tokens_and_tells_the_app(sim: Zoom, heard: Endpoint) -> None:
    hanako = sim.connect()
    sim.sign_in(HANAKO)
    assert "Mensetsu" in sim.page("/user/installed").text

    sim.page(f"/user/installed/{fixtures.CLIENT_ID}/uninstall", go="1")
    sim.flush()

    assert "インストール済みのアプリはありません" in sim.page("/user/installed").text
    assert hanako.call("GET", "/users/me").json["code"] == 124
    assert sim.refresh(hanako.refresh_token).json["error"] == "invalid_grant"
    assert heard.events == ["app_deauthorized"]


def test_uninstalling_twice_tells_once(sim: Zoom, heard: Endpoint) -> None:
    sim.connect()
    sim.control("uninstall", {"user": HANAKO})

    assert sim.control("uninstall", {"user": HANAKO}) == {"uninstalled": False}
    sim.flush()
    assert heard.events == ["app_deauthorized"]


def test_members_do_not_see_app_requests(sim: Zoom) -> None:
    sim.sign_in(SAIYO)

    assert sim.page("/marketplace/requests").status_code == 403
    assert sim.page(PERMISSIONS).status_code == 403
    assert sim.page(PERMISSIONS, policy="all").status_code == 403


def test_app_permissions_for_all_open_the_door_beforehand(sim: Zoom) -> None:
    sim.sign_in(ZOOM_ADMIN)
    sim.page(PERMISSIONS, policy="all")

    sim.sign_in(SAIYO)

    assert "許可" in sim.page(sim.authorize_path()).text
    assert "code=" in sim.page(sim.authorize_path(), decision="authorize").location


def test_app_permissions_for_chosen_users(sim: Zoom) -> None:
    sim.sign_in(ZOOM_ADMIN)
    sim.page(PERMISSIONS, policy="users", user_ids="cAdMiNzYxWvUtSrQpOnMlK")
    sim.sign_in(SAIYO)
    assert "事前承認をとる" in sim.page(sim.authorize_path()).text

    sim.sign_in(ZOOM_ADMIN)
    sim.page(PERMISSIONS, policy="users", user_ids="cSaIyO9876543210zYxWvU")
    sim.sign_in(SAIYO)

    assert "事前承認をとる" not in sim.page(sim.authorize_path()).text


def test_an_administrator_cannot_choose_users_of_another_account(sim: Zoom) -> None:
    sim.sign_in(ZOOM_ADMIN)

    sim.page(PERMISSIONS, policy="users", user_ids="h7Qm2tXcTq-Z0bN4uYpRkA")

    row = sim.world.store.one("SELECT user_ids FROM permission")
    assert row == {"user_ids": []}


def test_the_hosts_own_zoom_lists_the_meeting(sim: Zoom) -> None:
    sim.connect().create(topic="一次面接 応募者A様")
    sim.sign_in(HANAKO)
    assert "一次面接 応募者A様" in sim.page("/meeting").text

    sim.sign_in(KENJI)

    assert "一次面接 応募者A様" not in sim.page("/meeting").text


def test_the_host_changes_and_deletes_in_zoom(sim: Zoom, heard: Endpoint) -> None:
    hanako = sim.connect()
    made = hanako.create()
    sim.sign_in(HANAKO)

    sim.page(f"/meeting/{made['id']}", decision="change", start="2099-12-01T14:00", duration="45")
    got = hanako.call("GET", f"/meetings/{made['id']}").json
    sim.page(f"/meeting/{made['id']}", decision="delete")
    sim.flush()

    assert (got["start_time"], got["duration"]) == ("2099-12-01T05:00:00Z", 45)
    assert heard.events == ["meeting.created", "meeting.updated", "meeting.deleted"]
    assert hanako.call("GET", f"/meetings/{made['id']}").json["code"] == 3001


def test_somebody_else_cannot(sim: Zoom) -> None:
    hanako = sim.connect()
    made = hanako.create()
    sim.sign_in(KENJI)

    sim.page(f"/meeting/{made['id']}", decision="delete")

    assert hanako.call("GET", f"/meetings/{made['id']}").status_code == 200


def test_a_wrong_time_is_refused_in_words_not_with_a_crash(sim: Zoom) -> None:
    made = sim.connect().create()
    sim.sign_in(HANAKO)

    answer = sim.page(f"/meeting/{made['id']}", decision="change", start="nonsense", duration="45")

    assert answer.status_code == 303
    assert "300: Validation Failed." in sim.page("/meeting").text


def test_sign_in_leads_only_to_the_simulator(sim: Zoom) -> None:
    for address in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        answer = sim.page("/signin", user_id="h7Qm2tXcTq-Z0bN4uYpRkA", next=address)
        assert answer.location == "/meeting"


def test_the_shared_access_tick_can_be_changed_later(sim: Zoom) -> None:
    hanako = sim.connect(HANAKO, shared_access=False)
    wanted = {"topic": "x", "schedule_for": "recruit@sample.example.jp"}
    assert hanako.call("POST", "/users/me/meetings", wanted).status_code == 403
    sim.sign_in(HANAKO)
    path = f"/user/installed/{fixtures.CLIENT_ID}/permissions"

    sim.page(path, shared_access="yes")
    allowed = hanako.call("POST", "/users/me/meetings", wanted).status_code
    sim.page(path, go="1")
    refused = hanako.call("POST", "/users/me/meetings", wanted).status_code

    assert (allowed, refused) == (201, 403)
