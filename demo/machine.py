"""The machine under the demo: ports, folders, secrets, child processes. Every refusal is one sentence that says
what to do."""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
# The app that the simulator knows from the start (simulator/zoom/README.md).
ZOOM_CLIENT_ID = "SimClientId0123456789AB"
ZOOM_CLIENT_SECRET = "SimClientSecret0123456789ABCDEFGH"
ZOOM_SECRET_TOKEN = "sim_secret_token_0001"


class NotPossible(Exception):
    """Why the demo cannot start, in one sentence that says what to do."""


@dataclass(frozen=True)
class Places:
    data: Path
    web: int
    zoom: int
    mailbox: int
    smtp: int

    @classmethod
    def from_environment(cls, root: Path) -> Self:
        def port(name: str, default: int) -> int:
            text = os.environ.get(name, "")
            if text and not (text.isdecimal() and 0 < int(text) < 65536):
                raise NotPossible(f"{name} is '{text}': give a port number between 1 and 65535.")
            return int(text or default)

        return cls(
            data=Path(os.environ.get("MENSETSU_DATA") or root / "var").resolve(),
            web=port("MENSETSU_PORT", 8000),
            zoom=port("SIMULATOR_ZOOM_PORT", 8010),
            mailbox=port("SIMULATOR_MAILBOX_PORT", 8020),
            smtp=port("SIMULATOR_SMTP_PORT", 8025),
        )

    @property
    def web_url(self) -> str:
        return f"http://{HOST}:{self.web}"

    @property
    def zoom_url(self) -> str:
        return f"http://{HOST}:{self.zoom}"

    @property
    def mailbox_url(self) -> str:
        return f"http://{HOST}:{self.mailbox}"


def check(places: Places) -> None:
    """Everything that can be known to fail before anything is started."""
    try:
        (places.data / "log").mkdir(parents=True, exist_ok=True)
        probe = places.data / ".probe"
        probe.write_text("")
        probe.unlink()
    except OSError as problem:
        raise NotPossible(
            f"The data directory {places.data} cannot be written ({problem.strerror}): "
            "make it writable, or name another one in MENSETSU_DATA."
        ) from problem
    for name, port in (
        ("MENSETSU_PORT", places.web),
        ("SIMULATOR_ZOOM_PORT", places.zoom),
        ("SIMULATOR_MAILBOX_PORT", places.mailbox),
        ("SIMULATOR_SMTP_PORT", places.smtp),
    ):
        with socket.socket() as probe_socket:
            probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe_socket.bind((HOST, port))
            except OSError as problem:
                raise NotPossible(
                    f"Port {port} is in use: stop the program that has it, or choose another one: "
                    f"{name}={port + 100} bin/demo"
                ) from problem


def set_environment(places: Places) -> None:
    """What the product reads as its settings; the children inherit it."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        MENSETSU_ENV_FILE="",
        MENSETSU_DATA=str(places.data),
        MENSETSU_PORT=str(places.web),
        MENSETSU_BASE_URL=places.web_url,
        MENSETSU_SMTP_HOST=HOST,
        MENSETSU_SMTP_PORT=str(places.smtp),
        MENSETSU_MAIL_FROM="Mensetsu <mensetsu@sample.example.jp>",
        MENSETSU_SECRET_KEY_FILE=str(_secret(places.data / "secret_key", secrets.token_urlsafe(48))),
        MENSETSU_TOKEN_KEYS_FILE=str(
            _secret(places.data / "token_keys", urlsafe_b64encode(secrets.token_bytes(32)).decode())
        ),
        ZOOM_OAUTH_BASE=places.zoom_url,
        ZOOM_API_BASE=places.zoom_url + "/v2",
        ZOOM_CLIENT_ID=ZOOM_CLIENT_ID,
        ZOOM_CLIENT_SECRET=ZOOM_CLIENT_SECRET,
        ZOOM_SECRET_TOKEN=ZOOM_SECRET_TOKEN,
        SIMULATOR_ZOOM_PORT=str(places.zoom),
        SIMULATOR_MAILBOX_PORT=str(places.mailbox),
        SIMULATOR_SMTP_PORT=str(places.smtp),
    )
    os.environ.setdefault("MENSETSU_LOG_LEVEL", "WARNING")
    if os.environ.get("MENSETSU_DEV"):
        os.environ["MENSETSU_DEBUG"] = "1"


def _secret(path: Path, value: str) -> Path:
    """A secret that is made once and readable by this user only."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(value)
    return path


def zoom_command(places: Places) -> list[str]:
    data = str(places.data / "simulator" / "zoom.sqlite3")
    return [
        sys.executable,
        "-m",
        "simulator.zoom",
        "--port",
        str(places.zoom),
        "--data",
        data,
        "--seed",
        "demo",
    ]


def mailbox_command(places: Places) -> list[str]:
    data = str(places.data / "simulator" / "mailbox.sqlite3")
    return [
        sys.executable, "-m", "simulator.mailbox", "--port", str(places.mailbox), "--smtp-port", str(places.smtp),
        "--data", data,
    ]  # fmt: skip


def web_command() -> list[str]:
    reload = ["--reload"] if os.environ.get("MENSETSU_DEV") else []
    return [sys.executable, "-m", "gunicorn", "-c", "config/server.py", *reload, "config.wsgi"]


class Children:
    """Child processes that end with us, each with a log file of its own."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()

    def start(self, name: str, command: list[str], until: str, patience: float = 60) -> None:
        """Start and wait until `until` answers; a child that dies before is told with the end of its log."""
        with (self.logs / f"{name}.log").open("wb") as log:
            # A group of its own: Ctrl-C reaches us, and we end the children in order.
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        self.processes[name] = process
        deadline = time.monotonic() + patience
        while not _answers(until):
            if process.poll() is not None:
                raise NotPossible(f"{name} ended at once; the end of its log:\n{self._tail(name)}")
            if time.monotonic() > deadline:
                raise NotPossible(f"{name} does not answer at {until}; see {self.logs / name}.log")
            time.sleep(0.05)

    def watch(self) -> None:
        """Until Ctrl-C, or until one of them ends."""
        while True:
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise NotPossible(f"{name} has ended; the end of its log:\n{self._tail(name)}")
            time.sleep(0.5)

    def _tail(self, name: str) -> str:
        return "\n".join((self.logs / f"{name}.log").read_text(errors="replace").splitlines()[-12:])


def _answers(address: str) -> bool:
    try:
        # No proxy: it is this machine that answers.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(address, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False
