"""Every key of the published example bodies exists in the simulator's answers, with the same JSON type."""

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.zoom import fixtures
from tests.simulator.talking import HANAKO, Connection, Endpoint, Zoom

EXAMPLES = Path(__file__).parent / "examples"


def example(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def differences(wanted: Any, found: Any, where: str = "") -> list[str]:
    """Keys that are missing, and values of another JSON type; lists by their first item."""
    if type(wanted) is not type(found):
        return [f"{where}: {type(found).__name__} instead of {type(wanted).__name__}"]
    if isinstance(wanted, dict):
        missing = [f"{where}.{key} is missing" for key in wanted if key not in found]
        shared = [key for key in wanted if key in found]
        return missing + [
            line for key in shared for line in differences(wanted[key], found[key], f"{where}.{key}")
        ]
    if isinstance(wanted, list) and wanted:
        return differences(wanted[0], found[0], f"{where}[0]") if found else [f"{where} is empty"]
    return []


def test_differences_are_found() -> None:
    assert differences({"a": 1, "b": [{"c": ""}]}, {"a": "1", "b": [{}]}) == [
        ".a: str instead of int",
        ".b[0].c is missing",
    ]


@pytest.fixture
def hanako(sim: Zoom) -> Connection:
    sim.control(f"apps/{fixtures.CLIENT_ID}", {"scopes": fixtures.EVERY_SCOPE})
    return sim.connect()


def test_create_and_get(sim: Zoom, hanako: Connection) -> None:
    sim.control("clock", {"to": "2026-11-24T01:12:09Z"})
    request = example("create_request")

    made = sim.connect().call("POST", "/users/me/meetings", request).json

    wanted = example("meeting_201")
    assert differences(wanted, made) == []
    same = ("topic", "type", "status", "start_time", "duration", "timezone", "agenda", "pre_schedule")
    assert {name: made[name] for name in same} == {name: wanted[name] for name in same}
    theirs = wanted["settings"] | {
        "contact_name": "山田 花子",
        "contact_email": HANAKO,
        # The request asks for false; the example shows what another account made of it.
        "email_notification": False,
    }
    assert made["settings"] == theirs


def test_me_settings_list_and_invitation(hanako: Connection) -> None:
    made = hanako.create()

    assert differences(example("me_200"), hanako.call("GET", "/users/me").json) == []
    assert differences(example("settings_200"), hanako.call("GET", "/users/me/settings").json) == []
    assert differences(example("list_200"), hanako.call("GET", "/users/me/meetings").json) == []
    assert (
        differences(example("invitation_200"), hanako.call("GET", f"/meetings/{made['id']}/invitation").json)
        == []
    )


def test_past_meeting_and_participants(sim: Zoom, hanako: Connection) -> None:
    made = hanako.create()
    sim.control(f"meetings/{made['id']}/start", {})
    sim.control(f"meetings/{made['id']}/end", {})

    past = hanako.call("GET", f"/past_meetings/{made['id']}").json
    people = hanako.call("GET", f"/past_meetings/{made['id']}/participants").json

    assert differences(example("past_200"), past) == []
    assert differences(example("past_participants_200"), people) == []


def test_every_webhook(sim: Zoom, hanako: Connection, heard: Endpoint) -> None:
    made = hanako.create(settings={"waiting_room": True})
    hanako.call("PATCH", f"/meetings/{made['id']}", {"start_time": "2099-12-02T05:00:00Z"})
    path = f"meetings/{made['id']}"
    waiting = sim.control(f"{path}/join", {"name": "応募者A"})["participant"]["key"]
    sim.advance(31)
    sim.flush()
    sim.control(f"{path}/start", {})
    sim.control(f"{path}/admit", {"participant": waiting})
    sim.control(f"{path}/leave", {"participant": waiting})
    sim.control(f"{path}/end", {})
    hanako.call("DELETE", f"/meetings/{made['id']}")
    sim.control(f"users/{HANAKO}", {"type": 1})
    sim.control("uninstall", {"user": HANAKO})
    sim.connect()
    sim.app.test_client().delete(f"/sim/api/users/{HANAKO}", base_url="http://127.0.0.1:8010")
    sim.flush()

    names = sorted(path.stem.removeprefix("webhook_") for path in EXAMPLES.glob("webhook_*.json"))
    assert len(names) == 13
    for name in names:
        assert differences(example(f"webhook_{name}"), heard.last(name)) == [], name
