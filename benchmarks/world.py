"""Where a measurement takes place: a data folder per size, its environment, and the processes that serve it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks import traffic
from demo import machine
from demo.ports import reserve_port

ROOT = Path(__file__).resolve().parent.parent
# Only for data that is made up: the same in every run, so that sealed tokens of the last one can be read.
_KEYS = {"MENSETSU_SECRET_KEY": "only-for-benchmarks-" + "0123456789" * 5,
         "MENSETSU_TOKEN_KEYS": "tSV7gVvQBWIJS0WmC9bGy6IbyqC4OwvU4C5e2rzTq4w="}  # fmt: skip


def _digest(files: list[Path]) -> str:
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


@dataclass(frozen=True)
class World:
    """The company of one size in one kind of database."""

    data: Path
    amount: int
    postgresql: str = ""  # the folder of its socket; empty: SQLite
    is_spare: bool = False  # a copy, for rows that leave it another than they found it

    @property
    def database(self) -> str:
        return "PostgreSQL" if self.postgresql else "SQLite"

    @property
    def folder(self) -> Path:
        return self.data / f"{self.database.lower()}-{self.amount}{'-spare' if self.is_spare else ''}"

    @property
    def name(self) -> str:
        return f"bench_{self.amount}{'_spare' if self.is_spare else ''}"

    @property
    def tables(self) -> str:
        """What the tables depend on."""
        return _digest(sorted(ROOT.glob("mensetsu/*/migrations/*.py")))

    @property
    def stamp(self) -> str:
        """What the rows depend on: the tables, how they are seeded, and the day (lists know "this week")."""
        seeds = [ROOT / "benchmarks" / f"{name}.py" for name in ("loading", "names", "preparing", "seeding")]
        return f"{self.tables} {_digest(seeds)} {datetime.now().astimezone():%Y-%m-%d}"

    def facts(self) -> dict[str, Any]:
        return json.loads((self.folder / "facts.json").read_text())

    def environment(
        self, *, port: int = 0, zoom: int = 9, smtp: int = 9, worker: bool = True, **more: str
    ) -> dict[str, str]:
        """Production settings, and `more` of them. Port 9 (discard) is nobody: what is not part of a row cannot be
        reached."""
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MENSETSU_", "ZOOM_", "DATABASE_"))
        }
        env |= _KEYS | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "MENSETSU_ENV_FILE": "",
            "MENSETSU_DATA": str(self.folder),
            "MENSETSU_PORT": str(port),
            "MENSETSU_BASE_URL": f"http://{traffic.HOST}:{port}",
            "MENSETSU_ALLOWED_HOSTS": "127.0.0.1",
            "MENSETSU_SMTP_PORT": str(smtp),
            "MENSETSU_LOG_LEVEL": "ERROR",
            "MENSETSU_WORKER_IN_WEB": "1" if worker else "0",
            "ZOOM_OAUTH_BASE": f"http://{traffic.HOST}:{zoom}",
            "ZOOM_API_BASE": f"http://{traffic.HOST}:{zoom}/v2",
            "ZOOM_CLIENT_ID": machine.ZOOM_CLIENT_ID,
            "ZOOM_CLIENT_SECRET": machine.ZOOM_CLIENT_SECRET,
            "ZOOM_SECRET_TOKEN": machine.ZOOM_SECRET_TOKEN,
        }
        if self.postgresql:
            # A socket path in the address is not understood by every parser: the host travels in PGHOST.
            env |= {"PGHOST": self.postgresql, "DATABASE_URL": f"postgres://postgres@/{self.name}"}
        return env | more

    def manage(self, *arguments: str, **more: str) -> None:
        """A command of manage.py on this world's database."""
        env = self.environment(**more)
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, check=True)


def enter(env: dict[str, str]) -> None:
    """Make it this process's environment, so that nothing of the caller's own settings is left."""
    os.environ.clear()
    os.environ.update(env)


class _End:
    """Asked to end while a process is being started, it waits until somebody knows that process."""

    is_starting = is_asked = False

    def ask(self, *_signal: object) -> None:
        self.is_asked = True
        if not self.is_starting:
            sys.exit(143)


_END = _End()


def end_in_order() -> None:
    """A polite end (SIGTERM) unwinds like Ctrl-C, so that every server that was started is ended too."""
    signal.signal(signal.SIGTERM, _END.ask)


class Server:
    """A process of ours that answers HTTP; ended by its own id when the block ends."""

    def __init__(
        self,
        name: str,
        command: list[str],
        world: World,
        port: int,
        env: dict[str, str],
        until: str = "/healthz",
    ) -> None:
        """`port` 0: it answers nobody, so nobody waits for it."""
        self.port, self.log = port, world.folder / f"{name}.log"
        _END.is_starting = True
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            _END.is_starting = False
            if _END.is_asked:
                sys.exit(143)
            if port:
                self._wait(f"http://{traffic.HOST}:{port}{until}")
        except BaseException:
            # Ended while it was starting: no `with` knows of it yet.
            self.stop()
            raise

    @classmethod
    def ours(cls, world: World, *, zoom: int = 9, smtp: int = 9, worker: bool = True, **more: str) -> Self:
        """The product as bin/demo and bin/serve start it."""
        port = reserve_port()
        env = world.environment(port=port, zoom=zoom, smtp=smtp, worker=worker, **more)
        return cls(
            f"web-{port}",
            [sys.executable, "-m", "gunicorn", "-c", "config/server.py", "config.wsgi"],
            world,
            port,
            env,
        )

    @classmethod
    def worker(cls, world: World, number: int, *, zoom: int = 9, smtp: int = 9, **more: str) -> Self:
        """A worker process of its own."""
        env = world.environment(zoom=zoom, smtp=smtp, PYTHONUNBUFFERED="1", **more)
        made = cls(f"worker-{number}", [sys.executable, "manage.py", "work"], world, 0, env)
        try:
            made._wait_for_word("is running")
        except BaseException:
            made.stop()
            raise
        return made

    @classmethod
    def bare(cls, world: World, **more: str) -> Self:
        """The least programs, on the same server with the same threads and the same database."""
        port = reserve_port()
        env = world.environment(port=port, worker=False, **more)
        env["DJANGO_SETTINGS_MODULE"] = "benchmarks.limits.settings"
        command = [sys.executable, "-m", "gunicorn", "-c", "config/server.py", "benchmarks.limits.wsgi"]
        return cls(f"limits-{port}", command, world, port, env)

    @classmethod
    def bare_socket(cls, world: World) -> Self:
        port = reserve_port()
        command = [sys.executable, "-m", "benchmarks.limits.socket_server", str(port)]
        return cls(f"socket-{port}", command, world, port, dict(os.environ))

    @classmethod
    def zoom(cls, world: World, port: int) -> Self:
        """The simulated Zoom; what it knows is kept beside the database, because links belong to both."""
        data = str(world.folder / "zoom.sqlite3")
        command = [sys.executable, "-m", "simulator.zoom", "--port", str(port), "--data", data]
        made = cls(f"zoom-{port}", command, world, port, dict(os.environ), until="/sim")
        # Limits are Zoom's, not ours: 100 creates a day and host would end a row after five seconds.
        try:
            made.control("modes", {"limits": "off"})
        except BaseException:
            made.stop()
            raise
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def workers(self) -> list[int]:
        return traffic.children_of(self.process.pid)

    @property
    def pids(self) -> list[int]:
        return [self.process.pid, *self.workers]

    def control(self, path: str, body: dict[str, Any]) -> Any:
        """The simulator's control interface."""
        request = urllib.request.Request(
            f"http://{traffic.HOST}:{self.port}/sim/api/{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        return _open(request)

    def ask(self, path: str) -> Any:
        return _open(f"http://{traffic.HOST}:{self.port}/sim/api/{path}")

    def forget_fault(self, number: int) -> None:
        address = f"http://{traffic.HOST}:{self.port}/sim/api/faults/{number}"
        _open(urllib.request.Request(address, method="DELETE"))

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def _wait(self, address: str) -> None:
        def answers() -> bool:
            try:
                _opener().open(address, timeout=5).close()
            except OSError:
                return False
            return True

        self._wait_until(answers)

    def _wait_for_word(self, word: str) -> None:
        self._wait_until(lambda: word in self.log.read_text(errors="replace"))

    def _wait_until(self, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            if is_ready():
                return
            time.sleep(0.05)
        raise machine.NotPossible(
            f"{self.log.stem} does not answer; the end of its log:\n{self.log.read_text()[-2000:]}"
        )


def _opener() -> urllib.request.OpenerDirector:
    # No proxy: it is this machine that answers.
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _open(request: urllib.request.Request | str) -> Any:
    with _opener().open(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None
