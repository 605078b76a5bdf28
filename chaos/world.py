"""One world of a campaign: a data folder, its database, and the processes that play in it, each of which may be
killed and started again at any moment."""

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo import machine

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
# Only for people who are made up, and the same in every run, so that the tokens of the first world can be read.
KEYS = {"MENSETSU_SECRET_KEY": "only-for-chaos-" + "0123456789" * 5,
        "MENSETSU_TOKEN_KEYS": "tSV7gVvQBWIJS0WmC9bGy6IbyqC4OwvU4C5e2rzTq4w="}  # fmt: skip


class NotPossible(Exception):
    """A world could not be made; this says nothing about the product's promises."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@dataclass
class World:
    """SQLite: one web process with the worker inside, as small installations run it. PostgreSQL: two web and two
    worker processes, as larger ones do."""

    folder: Path
    postgresql: str = ""  # the folder of its socket; empty: SQLite
    name: str = "chaos_base"  # of the PostgreSQL database
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def webs(self) -> list[str]:
        return ["web-1", "web-2"] if self.postgresql else ["web-1"]

    @property
    def workers(self) -> list[str]:
        return ["worker-1", "worker-2"] if self.postgresql else []

    def url(self, name: str) -> str:
        return f"http://{HOST}:{self.ports[name]}"

    def choose_ports(self) -> None:
        self.ports = {name: free_port() for name in ("zoom", "mailbox", "smtp", *self.webs)}

    def environment(self) -> dict[str, str]:
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("MENSETSU_", "ZOOM_", "DATABASE_", "PG"))
        }
        web, zoom = self.ports.get("web-1", 8000), self.ports.get("zoom", 9)
        env = kept | KEYS | {
            "DJANGO_SETTINGS_MODULE": "chaos.settings",
            "CHAOS_CLOCK": str(self.folder / "clock"),
            "MENSETSU_ENV_FILE": "",
            "MENSETSU_DATA": str(self.folder),
            "MENSETSU_BASE_URL": f"http://{HOST}:{web}",
            "MENSETSU_ALLOWED_HOSTS": HOST,
            "MENSETSU_SMTP_PORT": str(self.ports.get("smtp", 9)),
            "MENSETSU_SMTP_TIMEOUT": "5",
            "MENSETSU_LOG_LEVEL": "INFO",
            "MENSETSU_WORKER_IN_WEB": "0" if self.workers else "1",
            "ZOOM_OAUTH_BASE": f"http://{HOST}:{zoom}",
            "ZOOM_API_BASE": f"http://{HOST}:{zoom}/v2",
            "ZOOM_CLIENT_ID": machine.ZOOM_CLIENT_ID,
            "ZOOM_CLIENT_SECRET": machine.ZOOM_CLIENT_SECRET,
            "ZOOM_SECRET_TOKEN": machine.ZOOM_SECRET_TOKEN,
        }  # fmt: skip
        if self.postgresql:
            # A socket path in the address is not understood by every parser: the host travels in PGHOST.
            env |= {"PGHOST": self.postgresql, "DATABASE_URL": f"postgres://postgres@/{self.name}"}
        return env

    def set_clock(self, seconds: float = 0.0) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "clock").write_bytes(struct.pack("d", seconds))

    # --- a world like another --------------------------------------------------------------------------------------

    def copy_to(self, folder: Path, name: str) -> "World":
        """The same rows, in files (or a database) of their own. Nobody may be using this one."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in self.folder.iterdir():
            if file.is_file() and not file.name.endswith(".log"):
                shutil.copy(file, folder / file.name)
        made = World(folder, self.postgresql, name)
        if self.postgresql:
            made.create_database(template=self.name)
        made.set_clock()
        return made

    def create_database(self, template: str = "template0") -> None:
        self._administrate(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)",
                           f"CREATE DATABASE {self.name} TEMPLATE {template} ENCODING 'UTF8'")  # fmt: skip

    def drop_database(self) -> None:
        if self.postgresql:
            self._administrate(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def _administrate(self, *commands: str) -> None:
        import psycopg  # noqa: PLC0415 - not needed on SQLite

        with psycopg.connect(
            host=self.postgresql, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            for command in commands:
                connection.execute(command)

    # --- processes -------------------------------------------------------------------------------------------------

    def command(self, name: str) -> list[str]:
        if name == "zoom":
            return [
                "-m",
                "simulator.zoom",
                "--port",
                str(self.ports["zoom"]),
                "--data",
                str(self.folder / "zoom.db"),
            ]
        if name == "mailbox":
            return ["-m", "simulator.mailbox", "--port", str(self.ports["mailbox"]), "--smtp-port",
                    str(self.ports["smtp"]), "--data", str(self.folder / "mailbox.db")]  # fmt: skip
        if name in self.workers:
            return ["manage.py", "work"]
        return ["-m", "gunicorn", "-c", "config/server.py", "config.wsgi"]

    def launch(self, name: str) -> None:
        """Start it; does not wait until it answers."""
        env = self.environment() | ({"MENSETSU_PORT": str(self.ports[name])} if name in self.webs else {})
        with (self.folder / f"{name}.log").open("ab") as log:
            # A group of its own, so that a kill takes a server together with its children.
            self.processes[name] = subprocess.Popen(
                [sys.executable, *self.command(name)], cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    def await_answer(self, name: str, patience: float = 90) -> None:
        path = {"zoom": "/sim/api/clock", "mailbox": "/api/letters?to=nobody"}.get(name, "/readyz")
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self.processes[name].poll() is not None:
                break
            try:
                ask(self.url(name) + path)
            except OSError:
                time.sleep(0.05)
            else:
                return
        tail = (self.folder / f"{name}.log").read_text(errors="replace")[-2000:]
        raise NotPossible(f"{name} does not answer; the end of its log:\n{tail}")

    def is_up(self, name: str) -> bool:
        return name in self.processes and self.processes[name].poll() is None

    def kill(self, name: str) -> None:
        """kill -9, children included: nothing is finished, nothing is said."""
        if self.is_up(name):
            os.killpg(self.processes[name].pid, signal.SIGKILL)
            self.processes[name].wait(30)

    def start_all(self) -> None:
        names = ["zoom", "mailbox", *self.webs, *self.workers]
        missing = [name for name in names if not self.is_up(name)]
        for name in missing:
            self.launch(name)
        for name in missing:
            if name not in self.workers:
                self.await_answer(name)

    def stop(self) -> None:
        for name in list(self.processes):
            self.kill(name)
        self.processes.clear()

    # --- the simulated outside -------------------------------------------------------------------------------------

    def zoom(self, path: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
        """Zoom's control interface."""
        return ask(f"{self.url('zoom')}/sim/api/{path}", body, method)

    def smtp_rules(self, **rules: Any) -> None:
        ask(f"{self.url('mailbox')}/api/rules", rules)


def ask(address: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)
    # No proxy: it is this machine that answers.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text.startswith((b"{", b"[")) else None
