"""`bin/demo` itself, started as a newcomer would, on free ports and an empty data directory."""

import fcntl
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from demo.machine import Places
from tests.story import JAPAN

PORTS = ("MENSETSU_PORT", "SIMULATOR_ZOOM_PORT", "SIMULATOR_MAILBOX_PORT", "SIMULATOR_SMTP_PORT")


@dataclass(frozen=True)
class Running:
    """The demo's addresses, what it said while starting, and its mailbox and Zoom as JSON."""

    places: Places
    process: subprocess.Popen[str]
    said: str
    # The day of the story: what it set is counted from there, also when midnight has passed since.
    told_on: date

    @property
    def url(self) -> str:
        return self.places.web_url

    @property
    def zoom_url(self) -> str:
        return self.places.zoom_url

    def letters(self, to: str) -> list[dict[str, Any]]:
        """Mails to that address, newest first."""
        return ask(f"{self.places.mailbox_url}/api/letters?to={to}")

    def letter(self, to: str, subject: str, patience: float = 45) -> dict[str, Any]:
        """The newest mail to that address whose subject has these words; waits until it has come."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            for letter in self.letters(to):
                if subject in letter["subject"]:
                    return letter
            time.sleep(0.2)
        subjects = [letter["subject"] for letter in self.letters(to)]
        raise AssertionError(f"no mail to {to} with '{subject}' in its subject; there are: {subjects}")

    def zoom(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return ask(f"{self.zoom_url}/sim/api/{path}", body)


def ask(address: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        return json.load(answer)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def environment(data: Path, ports: dict[str, int]) -> dict[str, str]:
    """The test's own environment without what was set for the tests' Django."""
    clean = {
        k: v for k, v in os.environ.items() if not k.startswith(("MENSETSU_", "DATABASE_URL", "PG", "ZOOM_"))
    }
    return clean | {"MENSETSU_DATA": str(data)} | {name: str(port) for name, port in ports.items()}


def free_ports() -> dict[str, int]:
    return {name: free_port() for name in PORTS}


@contextmanager
def start(data: Path, *arguments: str) -> Iterator[Running]:
    ports = free_ports()
    process = subprocess.Popen(
        [sys.executable, "-m", "demo", *arguments], cwd=settings.BASE_DIR, env=environment(data, ports),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        said = []
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C ends everything" in line:
                break
        else:
            raise AssertionError("the demo did not start:\n" + "".join(said))
        web, zoom, mailbox, smtp = ports.values()
        places = Places(data=data, web=web, zoom=zoom, mailbox=mailbox, smtp=smtp)
        yield Running(places, process, "".join(said), told_on(data))
    finally:
        process.terminate()
        process.wait(30)


def told(shared: Path) -> Path:
    """A data directory in which the story has been told, made by whoever asks first; all workers share it."""
    data, done = shared / "told", shared / "told" / ".done"
    with (shared / "told.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            with start(data):
                pass
            done.touch()
    return data


def copy_of(story: Path, data: Path) -> Path:
    """The same story for a demo of its own: databases, keys and static files as they are."""
    return shutil.copytree(story, data, dirs_exist_ok=True)


def told_on(data: Path) -> date:
    """The day in Japan on which the story of that directory was told: its company was founded then."""
    with closing(sqlite3.connect(data / "mensetsu.sqlite3")) as database:
        (text,) = database.execute("SELECT MIN(created_at) FROM accounts_organization").fetchone()
    return datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(JAPAN).date()
