"""Requests over real sockets to 127.0.0.1, and what they cost: wall time at the client, CPU time of the server."""

import http.client
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

HOST = "127.0.0.1"
CSRF = "b" * 32
_TICKS = os.sysconf("SC_CLK_TCK")


class Unexpected(Exception):
    """A server answered something that the row cannot be measured with."""


@dataclass
class Times:
    """Milliseconds, as they came."""

    values: list[float] = field(default_factory=list)

    def at(self, percent: int) -> float:
        """The percentile; the nearest rank, so that it is a time that really happened."""
        ranked = sorted(self.values)
        return round(ranked[max(0, -(-len(ranked) * percent // 100) - 1)], 2)

    @property
    def p50(self) -> float:
        return round(statistics.median(self.values), 2)

    @property
    def p95(self) -> float:
        return self.at(95)


class Browser:
    """One client that keeps its connection, as browsers do."""

    def __init__(self, port: int, session: str = "") -> None:
        self.port, self.line = port, http.client.HTTPConnection(HOST, port, timeout=60)
        self.cookies = f"sessionid={session}; csrftoken={CSRF}" if session else ""

    def get(self, path: str, expect: int = 200) -> float:
        return self._ask("GET", path, None, {}, expect)

    def post(self, path: str, form: Mapping[str, Any], expect: int = 303) -> float:
        body = urlencode({**form, "csrfmiddlewaretoken": CSRF}, doseq=True).encode()
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"}, expect)

    def submit(self, path: str, form: Mapping[str, Any], headers: Mapping[str, str]) -> float:
        """A form on a page that needs no login. Any answer will do: `status` and `text` say which it was."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self._ask("POST", path, urlencode(form, doseq=True).encode(), headers, None)

    def send(self, path: str, body: bytes, headers: Mapping[str, str], expect: int) -> float:
        return self._ask("POST", path, body, headers, expect)

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], expect: int | None
    ) -> float:
        """Milliseconds until the whole answer was here; Unexpected when it is another one than expected."""
        headers = {**headers, "Cookie": self.cookies} if self.cookies else dict(headers)
        began = time.perf_counter()
        try:
            self.line.request(method, path, body, headers)
            answer = self.line.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # The server has ended an idle connection, as servers do; the next one is new.
            self.line.close()
            self.line.request(method, path, body, headers)
            answer = self.line.getresponse()
        text = answer.read()
        took = (time.perf_counter() - began) * 1000
        self.status, self.text = answer.status, text
        if expect is not None and answer.status != expect:
            raise Unexpected(
                f"{method} {path}: {answer.status} instead of {expect}\n{text.decode(errors='replace')[:2000]}"
            )
        self.location = answer.headers.get("Location", "")
        return took


def alternate(repeats: int, *calls: Callable[[], float], warm_up: int = 3) -> list[Times]:
    """A B C A B C …: whatever else the machine does at that moment hits all of them."""
    for _n in range(warm_up):
        for call in calls:
            call()
    times = [Times() for _call in calls]
    for _n in range(repeats):
        for call, into in zip(calls, times, strict=True):
            into.values.append(call())
    return times


def crowd(clients: Iterable[Callable[[], list[float]]]) -> Times:
    """All of them at once, each in a thread of its own; their times together. The first failure is raised."""
    times, problems, lock = Times(), [], threading.Lock()

    def run(client: Callable[[], list[float]]) -> None:
        try:
            took = client()
        except Exception as problem:
            problems.append(problem)
        else:
            with lock:
                times.values.extend(took)

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return times


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of these processes up to now."""
    total = 0
    for pid in pids:
        # After the command's name, which may contain spaces: utime and stime are the 14th and 15th field.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def resident_mb(pids: Iterable[int]) -> tuple[float, float]:
    """Memory of these processes: what each has resident (RSS), added up; and with shared pages counted once (PSS)."""
    found = {"Rss:": 0, "Pss:": 0}
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, *rest = line.split()
            if name in found:
                found[name] += int(rest[0])
    return round(found["Rss:"] / 1024, 1), round(found["Pss:"] / 1024, 1)
