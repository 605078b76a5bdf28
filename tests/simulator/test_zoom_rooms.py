"""The rooms: who may start, who waits where, and what apps hear of it."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.simulator.talking import HANAKO, KENJI, OSAMU, Connection, Endpoint, Zoom


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


@pytest.fixture
def hanako(sim: Zoom, heard: Endpoint) -> Connection:
    return sim.connect()


def state(sim: Zoom, meeting: dict[str, Any]) -> str:
    row = sim.world.store.one("SELECT status FROM meeting WHERE id = ?", meeting["id"])
    assert row is not None
    return str(row["status"])


def enter(sim: Zoom, meeting: dict[str, Any], name: str = "応募者A") -> str:
    """Join by the link in a browser; returns the address of the seat."""
    answer = sim.page(path_of(meeting["join_url"]), uname=name)
    assert answer.status_code == 303
    return str(answer.location)


def told(sim: Zoom, heard: Endpoint) -> list[str]:
    """The events since the creation, without their prefix."""
    sim.flush()
    return [event.removeprefix("meeting.") for event in heard.events if event != "meeting.created"]


def test_the_start_link_starts_once_the_host_is_signed_in(
    sim: Zoom, hanako: Connection, heard: Endpoint
) -> None:
    made = hanako.create()
    start = path_of(made["start_url"])

    asked = sim.page(start)
    assert (asked.status_code, urlsplit(asked.location).path) == (303, "/signin")
    assert state(sim, made) == "waiting"
    sim.sign_in(HANAKO)
    entered = sim.page(start)

    assert entered.status_code == 303
    assert "zak" not in entered.location
    assert state(sim, made) == "started"
    assert "山田 花子" in sim.page(entered.location).text
    assert told(sim, heard) == ["started", "participant_joined"]
    person = heard.last("meeting.participant_joined")["payload"]["object"]["participant"]
    assert (person["email"], person["id"]) == (HANAKO, "h7Qm2tXcTq-Z0bN4uYpRkA")
    sim.page(start)
    assert told(sim, heard) == ["started", "participant_joined"]


def test_a_stale_or_foreign_key_does_not_start(sim: Zoom, hanako: Connection) -> None:
    made = hanako.create()
    other = sim.connect(KENJI).create()
    sim.sign_in(HANAKO)
    zak_of_kenji = other["start_url"].split("zak=")[1]

    foreign = sim.page(f"/s/{made['id']}?zak={zak_of_kenji}")
    sim.advance(7201)
    stale = sim.page(path_of(made["start_url"]))

    assert (foreign.status_code, stale.status_code) == (403, 403)
    assert state(sim, made) == "waiting"


def test_somebody_else_with_the_start_link_is_not_the_host(sim: Zoom, hanako: Connection) -> None:
    made = hanako.create()
    sim.sign_in(KENJI)

    answer = sim.page(path_of(made["start_url"]))

    assert answer.status_code == 403
    assert "ホストとしてサインインしてください" in answer.text
    assert state(sim, made) == "waiting"


def test_a_candidate_waits_for_the_host_then_in_the_waiting_room_then_is_in(
    sim: Zoom, hanako: Connection, heard: Endpoint
) -> None:
    made = hanako.create(settings={"waiting_room": True})
    seat = enter(sim, made)
    assert "ホストがミーティングを開始するのをお待ちください" in sim.page(seat).text
    assert 'http-equiv="refresh"' in sim.page(seat).text
    sim.advance(29)
    assert told(sim, heard) == []
    sim.advance(2)
    assert told(sim, heard) == ["participant_jbh_waiting"]

    sim.sign_in(HANAKO)
    room = sim.page(path_of(made["start_url"])).location
    assert "ホストが入室を許可するまでお待ちください" in sim.page(seat).text
    assert "応募者A" in sim.page(room).text
    sim.page(room, decision="admit", participant=seat.rsplit("/", 1)[1])

    assert "ミーティングに参加しています" in sim.page(seat).text
    assert told(sim, heard) == [
        "participant_jbh_waiting",
        "started",
        "participant_joined",
        "participant_jbh_waiting_left",
        "participant_joined_waiting_room",
        "participant_admitted",
        "participant_joined",
    ]
    person = heard.last("meeting.participant_joined")["payload"]["object"]["participant"]
    assert (person["user_name"], person["id"], person["email"]) == ("応募者A", "", "")


def test_without_waiting_room_a_candidate_walks_in_and_out(
    sim: Zoom, hanako: Connection, heard: Endpoint
) -> None:
    made = hanako.create(settings={"waiting_room": False})
    sim.control(f"meetings/{made['id']}/start", {})
    seat = enter(sim, made)

    sim.page(seat, leave="1")

    assert "ミーティングから退出しました" in sim.page(seat).text
    assert told(sim, heard) == ["started", "participant_joined", "participant_joined", "participant_left"]
    person = heard.last("meeting.participant_left")["payload"]["object"]["participant"]
    assert person["leave_reason"] == "応募者A left the meeting."


def test_join_before_host_opens_the_room(sim: Zoom, hanako: Connection, heard: Endpoint) -> None:
    made = hanako.create(settings={"waiting_room": False, "join_before_host": True})

    seat = enter(sim, made)

    assert "ミーティングに参加しています" in sim.page(seat).text
    assert told(sim, heard) == ["started", "participant_jbh_joined", "participant_joined"]


def test_join_before_host_by_minutes_is_closed_until_then(sim: Zoom, hanako: Connection) -> None:
    made = hanako.create(settings={"waiting_room": False, "join_before_host": True, "jbh_time": 10})
    early = enter(sim, made)
    assert "お待ちください" in sim.page(early).text
    sim.control("clock", {"to": made["start_time"]})
    sim.advance(-9 * 60)

    late = enter(sim, made, "応募者B")

    assert "ミーティングに参加しています" in sim.page(late).text


def test_giving_up_before_the_door_or_in_the_waiting_room(
    sim: Zoom, hanako: Connection, heard: Endpoint
) -> None:
    made = hanako.create(settings={"waiting_room": True})
    short = enter(sim, made, "短気")
    sim.page(short, leave="1")
    patient = enter(sim, made, "気長")
    sim.advance(31)
    sim.flush()
    sim.page(patient, leave="1")
    sim.control(f"meetings/{made['id']}/start", {})
    third = enter(sim, made, "三人目")
    sim.page(third, leave="1")

    assert told(sim, heard) == [
        "participant_jbh_waiting",
        "participant_jbh_waiting_left",
        "started",
        "participant_joined",
        "participant_joined_waiting_room",
        "participant_left_waiting_room",
    ]


def test_end_for_all_sends_everybody_out_and_the_number_still_works(
    sim: Zoom, hanako: Connection, heard: Endpoint
) -> None:
    made = hanako.create(settings={"waiting_room": False})
    sim.sign_in(HANAKO)
    room = sim.page(path_of(made["start_url"])).location
    seat = enter(sim, made)

    sim.page(room, decision="end")

    assert "退出しました" in sim.page(seat).text
    assert told(sim, heard)[-3:] == ["participant_left", "participant_left", "ended"]
    reasons = [
        message["payload"]["object"]["participant"].get("leave_reason")
        for message in heard.messages
        if message["event"] == "meeting.participant_left"
    ]
    assert reasons == ["Host ended the meeting."] * 2
    assert "end_time" in heard.last("meeting.ended")["payload"]["object"]
    assert hanako.call("GET", f"/meetings/{made['id']}").json["status"] == "waiting"


def test_a_restart_is_another_instance(sim: Zoom, hanako: Connection, heard: Endpoint) -> None:
    made = hanako.create()
    for _ in range(2):
        sim.control(f"meetings/{made['id']}/start", {})
        sim.control(f"meetings/{made['id']}/end", {})
    sim.flush()

    uuids = [
        message["payload"]["object"]["uuid"]
        for message in heard.messages
        if message["event"] == "meeting.started"
    ]
    assert uuids[0] == made["uuid"]
    assert uuids[1] != uuids[0]


def test_a_licensed_host_of_a_business_runs_two_and_is_asked_at_the_third(
    sim: Zoom, hanako: Connection
) -> None:
    meetings = [hanako.create(topic=f"T{number}") for number in range(3)]
    sim.sign_in(HANAKO)
    for meeting in meetings[:2]:
        assert sim.page(path_of(meeting["start_url"])).status_code == 303

    asked = sim.page(path_of(meetings[2]["start_url"]))
    assert asked.status_code == 409
    assert "ほかのミーティングが開催中です" in asked.text
    replaced = sim.page(f"/room/{meetings[2]['id']}", decision="replace", other=meetings[0]["id"])

    assert replaced.status_code == 303
    assert [state(sim, meeting) for meeting in meetings] == ["waiting", "started", "started"]


def test_a_basic_host_runs_one(sim: Zoom) -> None:
    osamu = sim.connect(OSAMU)
    first, second = osamu.create(), osamu.create()
    sim.control(f"meetings/{first['id']}/start", {})

    sim.control(f"meetings/{second['id']}/start", {}, expect=409)


def test_a_basic_hosts_meeting_is_cut_after_forty_minutes(sim: Zoom, heard: Endpoint) -> None:
    made = sim.connect(OSAMU).create()
    sim.control(f"meetings/{made['id']}/start", {})
    sim.advance(39 * 60)
    sim.flush()
    assert state(sim, made) == "started"

    sim.advance(61)

    assert told(sim, heard)[-2:] == ["participant_left", "ended"]
    person = heard.last("meeting.participant_left")["payload"]["object"]["participant"]
    assert person["leave_reason"] == "Exceeded free meeting minutes limit."


def test_without_pwd_the_passcode_is_asked(sim: Zoom, hanako: Connection) -> None:
    made = hanako.create()
    door = f"/j/{made['id']}"
    assert "パスコードを入力" in sim.page(door).text
    assert sim.page(door, uname="x").status_code == 403
    assert "パスコードが違います" in sim.page(door, passcode="wrong").text
    assert "パスコードが違います" in sim.page(door + "?pwd=wrong").text

    sim.page(door, passcode=made["password"])

    assert "表示名" in sim.page(door).text
    assert sim.page(door, uname="応募者A").status_code == 303


def test_the_link_itself_carries_the_passcode_and_a_name_may_be_prefilled(
    sim: Zoom, hanako: Connection
) -> None:
    made = hanako.create()

    page = sim.page(path_of(made["join_url"]) + "&uname=Taro")

    assert 'value="Taro"' in page.text
    assert sim.page(path_of(made["join_url"]), uname="  ").status_code == 400


def test_authentication_required_asks_outsiders_to_sign_in(sim: Zoom, hanako: Connection) -> None:
    made = hanako.create(settings={"meeting_authentication": True})

    answer = sim.page(path_of(made["join_url"]))

    assert (answer.status_code, urlsplit(answer.location).path) == (303, "/signin")


def test_a_deleted_meeting_has_no_door(sim: Zoom, hanako: Connection) -> None:
    made = hanako.create()
    hanako.call("DELETE", f"/meetings/{made['id']}")

    answer = sim.page(path_of(made["join_url"]))

    assert answer.status_code == 404
    assert "このミーティング ID は無効です" in answer.text


def test_only_the_host_can_admit(sim: Zoom, hanako: Connection) -> None:
    made = hanako.create(settings={"waiting_room": True})
    sim.control(f"meetings/{made['id']}/start", {})
    seat = enter(sim, made)
    sim.sign_in(KENJI)

    sim.page(f"/room/{made['id']}", decision="admit_all")

    assert "ホストが入室を許可するまで" in sim.page(seat).text


def test_the_personal_room_leads_to_the_meeting_that_uses_it(sim: Zoom, hanako: Connection) -> None:
    made = hanako.create(settings={"use_pmi": True}, topic="個人ルーム")

    assert "個人ルーム" in sim.page(path_of(made["join_url"])).text
    assert sim.page("/j/4155550002").status_code == 404


def test_a_signed_in_browser_joins_as_guest_unless_it_says_otherwise(
    sim: Zoom, hanako: Connection, heard: Endpoint
) -> None:
    made = hanako.create(settings={"waiting_room": False})
    sim.control(f"meetings/{made['id']}/start", {})
    sim.sign_in(KENJI)

    enter(sim, made, "応募者A")
    sim.page(path_of(made["join_url"]), uname="", as_me="yes")
    sim.flush()

    people = [
        message["payload"]["object"]["participant"]
        for message in heard.messages
        if message["event"] == "meeting.participant_joined"
    ]
    assert [(one["user_name"], one["email"]) for one in people] == [
        ("山田 花子", HANAKO),
        ("応募者A", ""),
        ("鈴木 健二", KENJI),
    ]


def test_the_host_who_joins_as_the_host_starts(sim: Zoom, hanako: Connection) -> None:
    made = hanako.create()
    sim.sign_in(HANAKO)

    sim.page(path_of(made["join_url"]), uname="", as_me="yes")

    assert state(sim, made) == "started"
