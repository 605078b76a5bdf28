"""Starting the simulator: where it listens, what it refuses, and that webhooks leave by themselves."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
import requests

from simulator.zoom import fixtures
from simulator.zoom.app import is_loopback
from simulator.zoom.serving import NotLoopback, PortTaken, prepare, serve_in_thread
from tests.simulator.talking import HANAKO, Endpoint

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "simulator.zoom", "--data", ":memory:", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.jp"])
def test_only_loopback_addresses_are_bound(host: str) -> None:
    with pytest.raises(NotLoopback):
        prepare(host=host)


@pytest.mark.parametrize(
    ("host", "right"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback(host: str, right: bool) -> None:
    assert is_loopback(host) is right


def test_the_command_says_what_to_do_instead() -> None:
    result = run("--host", "0.0.0.0")

    assert result.returncode == 2
    assert "use --host 127.0.0.1 instead of 0.0.0.0" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_taken_port_is_named() -> None:
    handle = serve_in_thread()
    port = handle.url.rsplit(":", 1)[1]
    try:
        with pytest.raises(PortTaken):
            prepare(port=int(port))
        result = run("--port", port)
    finally:
        handle.stop()

    assert result.returncode == 3
    assert f"Port {port} is in use" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "zoom.sqlite3"
    command = [sys.executable, "-m", "simulator.zoom", "--data", str(data), "--seed", "demo"]
    environment = os.environ | {"SIMULATOR_ZOOM_PORT": "0"}
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.strip().rsplit(" ", 1)[1].removesuffix("/sim")
        state = requests.get(f"{url}/sim/api/state", timeout=10).json()
    finally:
        process.terminate()
        code = process.wait(timeout=20)

    assert "not the real Zoom" in line
    assert len(state["meetings"]) == 3
    assert code == 0
    assert data.exists()


def test_memory_in_a_file_survives_a_restart(tmp_path: Path) -> None:
    data = str(tmp_path / "zoom.sqlite3")
    first = serve_in_thread(data=data)
    requests.post(f"{first.url}/sim/api/users/{HANAKO}", json={"type": 1}, timeout=10)
    first.stop()

    second = serve_in_thread(data=data)
    users = requests.get(f"{second.url}/sim/api/state", timeout=10).json()["users"]
    second.stop()

    assert [user["type"] for user in users if user["email"] == HANAKO] == [1]


def test_webhooks_leave_without_being_flushed() -> None:
    endpoint, handle = Endpoint(), serve_in_thread()
    try:
        app = f"{handle.url}/sim/api/apps/{fixtures.CLIENT_ID}"
        requests.post(app, json={"deauthorization_url": endpoint.url}, timeout=10)
        asked = {"user": HANAKO, "redirect_uri": "http://127.0.0.1:1/x", "code_challenge": "c"}
        location = requests.post(f"{handle.url}/sim/api/authorize", json=asked, timeout=10).json()["location"]
        form = {
            "grant_type": "authorization_code",
            "code": location.split("code=")[1],
            "redirect_uri": asked["redirect_uri"],
            "code_verifier": "c",
        }
        basic = (fixtures.CLIENT_ID, fixtures.CLIENT_SECRET)
        token = requests.post(f"{handle.url}/oauth/token", data=form, auth=basic, timeout=10)
        requests.post(f"{handle.url}/sim/api/uninstall", json={"user": HANAKO}, timeout=10)
        limit = time.monotonic() + 30
        while not endpoint.events and time.monotonic() < limit:
            time.sleep(0.01)
    finally:
        handle.stop()
        endpoint.close()

    assert token.json()["api_url"] == handle.url
    assert endpoint.events == ["app_deauthorized"]


def test_a_memory_of_another_version_starts_over(tmp_path: Path) -> None:
    data = tmp_path / "zoom.sqlite3"
    with closing(sqlite3.connect(data)) as old:
        old.execute("CREATE TABLE user (id TEXT, shoe_size INTEGER)")
        old.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT)")
        old.execute("INSERT INTO meta VALUES ('seeded', 'true')")
        old.commit()

    handle = serve_in_thread(data=str(data))
    users = requests.get(f"{handle.url}/sim/api/state", timeout=10).json()["users"]
    handle.stop()

    assert len(users) == 11
