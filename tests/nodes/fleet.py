"""Real web and worker processes on one database, and what stands before them: a balancer as nginx is one."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from mensetsu.zoom import signature

LOOK = 0.2  # seconds between two looks of the balancer at /readyz
DRAINED = 2.0  # seconds for what the balancer had sent before it looked


@dataclass
class Node:
    """One process, web when it has a port, with a data directory of its own, as on a host of its own."""

    name: str
    environment: dict[str, str]
    data: Path
    port: int = 0
    is_ready: bool = False
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.data.mkdir(exist_ok=True)
        web = ["-m", "gunicorn", "-c", "config/server.py", "config.wsgi"]
        arguments = web if self.port else ["manage.py", "work", "--threads", "2"]
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env={**self.environment, "MENSETSU_DATA": str(self.data), "MENSETSU_PORT": str(self.port)},
        )

    def stop(self, signal_number: int = signal.SIGTERM) -> float:
        """End the process; returns after how many seconds it was gone."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal_number)
        self.process.wait(40)
        return time.monotonic() - began

    def restart(self) -> float:
        """As docs/growth.md says: out of the balancer, stop, start, wait until it is ready."""
        if not self.port:
            seconds = self.stop()
            self.start()
            return seconds
        (self.data / "draining").touch()
        wait(lambda: not self.is_ready)
        time.sleep(DRAINED)
        seconds = self.stop()
        self.start()
        wait(lambda: self.is_ready)
        return seconds


def wait(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def ask(port: int, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body or None, {**(headers or {}), "Connection": "close"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@dataclass
class Balancer:
    """Sends each request to the next node that is ready; to another one only when the connection was refused, so that
    nothing is ever sent twice."""

    nodes: list[Node]
    turn: int = 0
    refused: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        while not self.ended.wait(LOOK):
            for node in self.nodes:
                try:
                    node.is_ready = ask(node.port, "GET", "/readyz") == 200
                except OSError:
                    node.is_ready = False

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> int:
        for _attempt in range(20):
            self.turn += 1
            ready = [node for node in self.nodes if node.is_ready]
            if ready:
                try:
                    return ask(ready[self.turn % len(ready)].port, method, path, body, headers)
                except ConnectionRefusedError:
                    self.refused += 1
            time.sleep(0.1)
        raise ConnectionRefusedError("no node was ready for two seconds")


@dataclass
class Crowd:
    """People who never pause: each opens a page, and each message of Zoom's is a row and a job."""

    balancer: Balancer
    secret: str
    webhook: str
    answers: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def walk(self, person: int) -> None:
        number = 0
        while not self.ended.is_set():
            number += 1
            self._one("page", lambda: self.balancer.ask("GET", "/login/"))
            self._one("message", lambda n=number: self._send(f"{person}-{n}"))

    def _send(self, unique: str) -> int:
        body = json.dumps(
            {"event": "user.of_the_test", "event_ts": unique, "payload": {"object": {}}}
        ).encode()
        stamp = str(int(timezone.now().timestamp()))
        signed = signature.sign(body, stamp, self.secret)
        headers = {
            "Content-Type": "application/json",
            "x-zm-request-timestamp": stamp,
            "x-zm-signature": signed,
        }
        return self.balancer.ask("POST", self.webhook, body, headers)

    def _one(self, kind: str, call: Callable[[], int]) -> None:
        began = time.monotonic()
        try:
            outcome = str(call())
        except Exception as problem:
            outcome = type(problem).__name__
        self.answers[f"{kind} {outcome}"] += 1
        self.seconds.append(time.monotonic() - began)


def environment(database: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database,
        "MENSETSU_JOBS": "distributed",
        "MENSETSU_WORKER_IN_WEB": "0",
        "MENSETSU_BASE_URL": "http://127.0.0.1",
    }
