"""What a row gets to measure with, and what it gives back."""

import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks import traffic
from benchmarks.traffic import Browser, Times
from benchmarks.world import Server, World
from demo.ports import reserve_port

JAPAN = ZoneInfo("Asia/Tokyo")
# The benchmark itself sets interviews from this day on: what is seeded ends before.
FREE_AFTER_DAYS = 150
CATCHING_UP = 120.0  # seconds at most


@dataclass
class Result:
    """One line of the table. `is_reached` is None where the figure says nothing about this size or database."""

    row: str
    what: str
    amount: int
    figures: dict[str, Any]
    goal: str
    is_reached: bool | None = None
    database: str = ""


@dataclass
class Scene:
    """The world of one size, and its servers, started when first asked for."""

    world: World
    exits: ExitStack
    is_quick: bool = False
    with_clone: bool = False
    smaller: World | None = None  # the size to compare growth with
    facts: dict[str, Any] = field(default_factory=dict)
    # Where the product thinks its mail server is; nobody is there until a row listens.
    smtp_port: int = field(default_factory=reserve_port)
    # Where the simulated Zoom will be, if a row needs it.
    zoom_port: int = field(default_factory=reserve_port)

    def repeats(self, many: int) -> int:
        return max(3, many // 20) if self.is_quick else many

    @cached_property
    def zoom(self) -> Server:
        return self.exits.enter_context(Server.zoom(self.world, self.zoom_port))

    @cached_property
    def ours(self) -> Server:
        """The whole default product: web and worker in one process, Zoom simulated."""
        server = self.exits.enter_context(Server.ours(self.world, zoom=self.zoom.port, smtp=self.smtp_port))
        if not self.is_quick:
            _let_it_catch_up()
        return server

    @cached_property
    def bare(self) -> Server:
        return self.exits.enter_context(Server.bare(self.world))

    def reader(self) -> Browser:
        """A browser in which a recruiter is logged in."""
        return Browser(self.ours.port, self.facts["session"])

    @cached_property
    def _forms(self) -> Iterator[tuple[str, dict[str, Any]]]:
        return interview_forms(self.facts)

    def next_form(self) -> tuple[str, dict[str, Any]]:
        """The address and the fields of an interview that nobody has set yet. Call it in one thread."""
        return next(self._forms)


def _let_it_catch_up() -> None:
    """A worker that begins after a pause looks at every coming meeting: no row is about that, and its processor time
    would be counted as the pages'."""
    # Need the settings.
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from mensetsu.jobs import engine  # noqa: PLC0415

    end, quiet = time.monotonic() + CATCHING_UP, 0
    while quiet < 3 and time.monotonic() < end:
        load = engine.chosen().load(timezone.now())
        quiet = 0 if load.waiting or load.running else quiet + 1
        time.sleep(1)
    connection.close()


def interview_forms(facts: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """〔面接を設定する〕 for one applicant after another, at times at which people and hosts are free.

    自動で選ぶ: every host's time is looked at."""
    hosts, people, idle = len(facts["hosts"]), facts["interviewers"], facts["idle"]
    first = datetime.now(JAPAN) + timedelta(days=FREE_AFTER_DAYS)
    for turn in range(hosts * 8 * 365):
        candidate, stage = idle[turn % len(idle)]
        on = first + timedelta(days=turn // (hosts * 8))
        yield (
            f"/candidates/{candidate}/interviews/new/",
            {
                "date": f"{on:%Y-%m-%d}", "start": f"{9 + turn // hosts % 8:02d}:00", "minutes": "60", "stage": stage,
                "interviewers": [people[turn % len(people)]], "way": "web", "service": "zoom", "host": "auto",
                "writes_mail": "on", "memo": "benchmark", "form_key": str(uuid.uuid4()),
            },
        )  # fmt: skip


def cost(server: Server, before: float, requests: int) -> float:
    """CPU milliseconds of the server a request, since `before` (traffic.cpu_seconds of its pids)."""
    return round((traffic.cpu_seconds(server.pids) - before) * 1000 / requests, 2)


@dataclass
class Compared:
    """Ours and limits, asked in turn."""

    times: list[Times]
    cpu: list[float]

    @property
    def ratio(self) -> float:
        return round(self.times[0].p50 / self.times[1].p50, 2)

    @property
    def cpu_ratio(self) -> float:
        return round(self.cpu[0] / self.cpu[1], 2) if self.cpu[1] else 0.0

    def figures(self) -> dict[str, Any]:
        ours, bare = self.times[0], self.times[1]
        return {"p50_ms": ours.p50, "p95_ms": ours.p95, "limit_p50_ms": bare.p50, "ratio": self.ratio,
                "cpu_ms": self.cpu[0], "limit_cpu_ms": self.cpu[1], "cpu_ratio": self.cpu_ratio}  # fmt: skip


def compare(repeats: int, *sides: tuple[Server, Any]) -> Compared:
    """Alternate the sides (server, call) and take both wall and CPU time."""
    servers, calls = zip(*sides, strict=True)
    for call in calls:
        for _n in range(3):
            call()
    before = [traffic.cpu_seconds(server.pids) for server in servers]
    times = traffic.alternate(repeats, *calls, warm_up=0)
    spent = [cost(server, began, repeats) for server, began in zip(servers, before, strict=True)]
    return Compared(times, spent)
