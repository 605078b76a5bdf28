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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import django

from chaos import front, postgresql
from demo import machine
from demo.ports import reserve_port

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
# Only for people who are made up, and the same in every run, so that the tokens of the first world can be read.
KEYS = {"MENSETSU_SECRET_KEY": "only-for-chaos-" + "0123456789" * 5,
        "MENSETSU_TOKEN_KEYS": "tSV7gVvQBWIJS0WmC9bGy6IbyqC4OwvU4C5e2rzTq4w="}  # fmt: skip


class NotPossible(Exception):
    """A world could not be made; this says nothing about the product's promises."""


@dataclass
class World:
    """SQLite: one web process with the worker inside, as small installations run it. PostgreSQL: two web processes
    and `crew` workers, as larger ones do."""

    folder: Path
    postgresql: str = ""  # the folder of its socket; empty: SQLite
    name: str = "chaos_base"  # of the PostgreSQL database
    engine: str = "embedded"  # or distributed: behind everything that runs later
    crew: int = 2
    front: str = ""  # nginx or caddy before the web processes; empty: people reach these themselves
    beat: float = (
        0.5  # seconds between two signs of life of a worker; short where time leaps (the product's own: 5)
    )
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder = Path(self.folder)

    @property
    def webs(self) -> list[str]:
        return ["web-1", "web-2"] if self.postgresql else ["web-1"]

    @property
    def workers(self) -> list[str]:
        return [f"worker-{number}" for number in range(1, self.crew + 1)] if self.postgresql else []

    @property
    def doors(self) -> list[str]:
        """Where people come in."""
        return [self.url("front")] if self.front else [self.url(name) for name in self.webs]

    @property
    def ear(self) -> str:
        """Where Zoom's news come in."""
        return self.url("ear" if self.front else "web-1")

    @property
    def trusted(self) -> str:
        """The file of the front door's own key."""
        return str(self.folder / "front" / "front.pem") if self.front else ""

    def url(self, name: str) -> str:
        return f"{'https' if name == 'front' else 'http'}://{HOST}:{self.ports[name]}"

    def choose_ports(self) -> None:
        more = ("front", "ear") if self.front else ()
        self.ports = {name: reserve_port() for name in ("zoom", "mailbox", "smtp", *more, *self.webs)}

    def environment(self) -> dict[str, str]:
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("MENSETSU_", "ZOOM_", "DATABASE_", "PG"))
        }
        zoom = self.ports.get("zoom", 9)
        env = kept | KEYS | {
            "DJANGO_SETTINGS_MODULE": "chaos.settings",
            "CHAOS_CLOCK": str(self.folder / "clock"),
            "CHAOS_BEAT": str(self.beat),
            "MENSETSU_ENV_FILE": "",
            "MENSETSU_DATA": str(self.folder),
            "MENSETSU_BASE_URL": self.doors[0] if self.ports.get("web-1") else f"http://{HOST}:8000",
            "MENSETSU_BEHIND_PROXY": "1" if self.front else "0",
            "MENSETSU_JOBS": self.engine,
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
            env |= {"PGHOST": self.postgresql, "DATABASE_URL": f"postgres://postgres@/{self.name}",
                    "PGOPTIONS": postgresql.SEARCH}  # fmt: skip
        return env

    def told(self) -> dict[str, Any]:
        """What another process needs to know to make the same world: World(**told)."""
        return {"folder": str(self.folder), "postgresql": self.postgresql, "name": self.name,
                "engine": self.engine, "crew": self.crew, "front": self.front}  # fmt: skip

    def set_clock(self, seconds: float = 0.0) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "clock").write_bytes(struct.pack("d", seconds))

    def set_database_clock(self, seconds: float) -> None:
        if self.postgresql:
            postgresql.set_clock(self.postgresql, self.name, seconds)

    # --- a world like another --------------------------------------------------------------------------------------

    def copy_to(self, folder: Path, name: str) -> "World":
        """The same rows, in files (or a database) of their own. Nobody may be using this one."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in self.folder.iterdir():
            if file.is_file() and not file.name.endswith(".log"):
                shutil.copy(file, folder / file.name)
        made = replace(self, folder=folder, name=name, ports={}, processes={})
        if self.postgresql:
            postgresql.create(self.postgresql, name, template=self.name)
        made.set_clock()
        return made

    def create_database(self) -> None:
        postgresql.create(self.postgresql, self.name)

    def drop_database(self) -> None:
        if self.postgresql:
            postgresql.drop(self.postgresql, self.name)

    # --- processes -------------------------------------------------------------------------------------------------

    def command(self, name: str) -> list[str]:
        python, kept = sys.executable, str(self.folder / f"{name}.db")
        if name == "front":
            nodes = [self.ports[web] for web in self.webs]
            return front.command(
                self.front, self.folder / "front", self.ports["front"], self.ports["ear"], nodes
            )
        if name in ("zoom", "mailbox"):
            smtp = ["--smtp-port", str(self.ports["smtp"])] if name == "mailbox" else []
            return [python, "-m", f"simulator.{name}", "--port", str(self.ports[name]), *smtp, "--data", kept]
        if name in self.workers:
            return [python, "-m", "mensetsu.operating", "worker"]
        return [python, "-m", "gunicorn", "-c", "config/server.py", "config.wsgi"]

    def launch(self, name: str) -> None:
        """Start it; does not wait until it answers."""
        env = self.environment() | ({"MENSETSU_PORT": str(self.ports[name])} if name in self.webs else {})
        with (self.folder / f"{name}.log").open("ab") as log:
            # A group of its own, so that a kill takes a server together with its children.
            self.processes[name] = subprocess.Popen(
                self.command(name),
                cwd=ROOT,
                env=env,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def await_answer(self, name: str, patience: float = 90) -> None:
        path = {"zoom": "/sim/api/clock", "mailbox": "/api/letters?to=nobody"}.get(name, "/readyz")
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self.processes[name].poll() is not None:
                break
            try:
                if name == "front":  # asks nobody but the nodes
                    socket.create_connection((HOST, self.ports[name]), 1).close()
                else:
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
        names = ["zoom", "mailbox", *self.webs, *self.workers, *(["front"] if self.front else [])]
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


@contextmanager
def running(wish: dict[str, Any]) -> Iterator[World]:
    """That world with everything started, and this process at home in it; stopped in any case, also by SIGTERM."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    world = World(**wish)
    world.choose_ports()
    os.environ.update(world.environment())
    try:
        world.start_all()
        django.setup()
        yield world
    finally:
        world.stop()
