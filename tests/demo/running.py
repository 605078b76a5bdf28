"""`bin/demo` itself, started as a newcomer would, on free ports and an empty data directory."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from demo.machine import Places
from demo.ports import reserve_port
from tests import once
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

    def letter(self, to: str, subject: str, patience: float = 120) -> dict[str, Any]:
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


def environment(data: Path, ports: dict[str, int]) -> dict[str, str]:
    """The test's own environment without what was set for the tests' Django."""
    clean = {
        k: v for k, v in os.environ.items() if not k.startswith(("MENSETSU_", "DATABASE_URL", "PG", "ZOOM_"))
    }
    return clean | {"MENSETSU_DATA": str(data)} | {name: str(port) for name, port in ports.items()}


def free_ports() -> dict[str, int]:
    return {name: reserve_port() for name in PORTS}


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
        process.wait(60)


def story_into(data: Path) -> str:
    """A told story with databases, keys and static files, in that directory; answers what its first start said.

    It is told once in the run, by whoever asks first, and anew before an interview of its today begins: on a slow
    machine a walk would find that one running."""
    with once.alone("told") as kept:
        words = kept.with_suffix(".said")
        if not words.exists() or _begins_soon(kept):
            shutil.rmtree(kept, ignore_errors=True)
            with start(kept) as first:
                assert first.letters("baba@sample.example.jp")
            words.write_text(first.said)
        shutil.copytree(kept, data, dirs_exist_ok=True)
        return words.read_text()


def _begins_soon(data: Path) -> bool:
    with closing(sqlite3.connect(data / "mensetsu.sqlite3")) as database:
        (text,) = database.execute(
            "SELECT MIN(starts_at) FROM interviews_interview"
            " WHERE starts_at > (SELECT MIN(created_at) FROM accounts_organization)"
        ).fetchone()
    return datetime.fromisoformat(text).replace(tzinfo=UTC) < datetime.now(UTC) + timedelta(minutes=10)


def told_on(data: Path) -> date:
    """The day in Japan on which the story of that directory was told: its company was founded then."""
    with closing(sqlite3.connect(data / "mensetsu.sqlite3")) as database:
        (text,) = database.execute("SELECT MIN(created_at) FROM accounts_organization").fetchone()
    return datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(JAPAN).date()
