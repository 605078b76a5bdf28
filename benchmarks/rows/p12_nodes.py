"""P12: two web and four worker processes on PostgreSQL against one and one, on the same cores: people who open lists
and applicants and set interviews, without a pause. Both fleets in turn; afterwards every job must have run once.

More processes cannot do more than the cores: `possible` is all cores over those that the small fleet kept busy, the
simulated Zoom and the clients included, which share them."""

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

from django.db import connection
from django.utils import timezone

from benchmarks import traffic
from benchmarks.inbox import Inbox
from benchmarks.rows import clean
from benchmarks.scene import Result, Scene, interview_forms
from benchmarks.traffic import Browser, Times
from benchmarks.world import Server

SMALL, LARGE = (1, 1), (2, 4)
CLIENTS, SECONDS, ROUNDS = 8, 10.0, 2
WANTED = 1.7
PATIENCE = 60.0
# Each process compiles its pages once.
WARM_UP = ("/candidates/", "/candidates/", "/interviews/")
ENGINE = {"MENSETSU_JOBS": "distributed"}
# A job begins once; those that were begun again say so in their events.
_JOBS = (
    "SELECT count(*), count(*) FILTER (WHERE status = 'succeeded'), count(*) FILTER (WHERE status = 'failed'),"
    " count(*) FILTER (WHERE attempts > 1 OR 1 < (SELECT count(*) FROM procrastinate_events e"
    " WHERE e.job_id = j.id AND e.type = 'started')) FROM procrastinate_jobs j"
    " WHERE status <> 'todo' OR coalesce(scheduled_at, %s) <= %s"
)
_DUE = (
    "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
    " OR status = 'todo' AND coalesce(scheduled_at, %s) <= %s"
)


def measure(scene: Scene) -> list[Result]:
    if not scene.world.postgresql:
        return [Result("P12", "nodes", scene.world.amount, {"not measured": "needs --postgresql"}, "", None)]
    scene.world.manage("migrate", "--no-input", "-v0", **ENGINE)
    clean.forget(scene)  # what another row of today has set for the same people
    load = _load(scene)
    # Zoom is the simulator, the mail server is there too: nothing is tried twice because somebody outside is away.
    scene.exits.enter_context(Inbox(scene.smtp_port))
    rates: dict[tuple[int, int], list[float]] = {SMALL: [], LARGE: []}
    busy: dict[tuple[int, int], list[float]] = {SMALL: [], LARGE: []}
    times = {SMALL: Times(), LARGE: Times()}
    for _round in range(1 if scene.is_quick else ROUNDS):
        for fleet in (SMALL, LARGE):
            rate, cores, took = _drive(scene, fleet, load)
            rates[fleet].append(rate)
            busy[fleet].append(cores)
            times[fleet].values += took.values
    small, large = (statistics.mean(rates[fleet]) for fleet in (SMALL, LARGE))
    ratio, possible = round(large / small, 2), round(_cores() / statistics.mean(busy[SMALL]), 2)
    jobs, succeeded, failed, twice = _jobs()
    figures = {
        "per_s": round(large, 1), "small_per_s": round(small, 1), "ratio": ratio, "possible": possible,
        "cores_busy": round(statistics.mean(busy[LARGE]), 2),
        "small_cores_busy": round(statistics.mean(busy[SMALL]), 2),
        "p95_ms": times[LARGE].p95, "small_p95_ms": times[SMALL].p95,
    }  # fmt: skip
    return [
        Result("P12", "2 web + 4 workers against 1 + 1", scene.world.amount, figures,
               f"≥ {WANTED} × until the cores are full", ratio >= min(WANTED, 0.9 * possible)),
        Result("P12", "jobs of all nodes", scene.world.amount,
               {"jobs": jobs, "once": succeeded - twice, "twice": twice, "failed": failed}, "0 twice",
               jobs > 0 and succeeded == jobs and twice == 0),
    ]  # fmt: skip


def _load(scene: Scene) -> Iterator[tuple[str, dict | None]]:
    """What the next one asks for: two lists, an applicant, an interview that is set; again and again."""
    forms, stories = interview_forms(scene.facts), cycle(scene.facts["long_stories"])
    while True:
        yield "/candidates/", None
        yield f"/candidates/{next(stories)}/", None
        yield "/candidates/", None
        yield next(forms)


def _drive(
    scene: Scene, fleet: tuple[int, int], load: Iterator[tuple[str, dict | None]]
) -> tuple[float, float, Times]:
    """Requests a second of that fleet, how many cores were busy meanwhile, and the times. Ends with its jobs."""
    webs, workers = fleet
    seconds = 1.5 if scene.is_quick else SECONDS
    outside = {"zoom": scene.zoom.port, "smtp": scene.smtp_port}
    with ExitStack() as exits:
        servers = [
            exits.enter_context(Server.ours(scene.world, **outside, worker=False, **ENGINE))
            for _n in range(webs)
        ]
        for number in range(workers):
            exits.enter_context(Server.worker(scene.world, number, **outside, **ENGINE))
        _wait_for_jobs()
        for server in servers:
            browser = Browser(server.port, scene.facts["session"])
            for path in WARM_UP:
                browser.get(path)
        lock, before, began = threading.Lock(), _busy(), time.monotonic()

        def client(number: int) -> Callable[[], list[float]]:
            def run() -> list[float]:
                browser, took = Browser(servers[number % webs].port, scene.facts["session"]), []
                while time.monotonic() - began < seconds:
                    with lock:
                        path, form = next(load)
                    took.append(browser.get(path) if form is None else browser.post(path, form))
                return took

            return run

        times = traffic.crowd(client(number) for number in range(CLIENTS))
        passed = time.monotonic() - began
        cores = (_busy() - before) / passed
        _wait_for_jobs()
    return len(times.values) / passed, cores, times


def _wait_for_jobs() -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        now = timezone.now()
        with connection.cursor() as cursor:
            cursor.execute(_DUE, [now, now])
            left = cursor.fetchone()[0]
        connection.close()
        if not left:
            return
        time.sleep(0.2)


def _jobs() -> tuple[int, int, int, int]:
    """How many there were to do, how many succeeded, failed, and were begun more than once."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_JOBS, [now, now])
        found = cursor.fetchone()
    connection.close()
    return found  # type: ignore[no-any-return]


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _busy() -> float:
    """Seconds that all cores together have worked since the machine started, for whomever."""
    user, nice, system, _idle, _waiting, *more = map(
        int, Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    )
    return (user + nice + system + sum(more[:2])) / os.sysconf("SC_CLK_TCK")
