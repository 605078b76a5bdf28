"""P4: an interview is set: form, host overlap check over all hosts, panel, history, job; one transaction.

Three loads: one client alone; eight people who press every now and then (the figure is for these: eight clients that
never pause only measure how long the queue is); eight clients without a pause, for the throughput."""

import random
import time
from collections.abc import Callable

from benchmarks import traffic
from benchmarks.rows import clean
from benchmarks.scene import Result, Scene, compare
from benchmarks.traffic import Browser, Times

CLIENTS = 8
PAUSE = 0.5  # seconds between two presses of one person, on average
P50, P95 = 15.0, 40.0

Press = Callable[[], float]


def measure(scene: Scene) -> list[Result]:
    clean.forget(scene)
    bare = Browser(scene.bare.port)
    alone = compare(
        scene.repeats(60),
        (scene.ours, presses(scene, scene.ours.port)),
        (scene.bare, lambda: bare.post("/insert/", {"text": "benchmark"})),
    )
    each = 1 if scene.is_quick else 40
    paced, sent = _crowd(scene, PAUSE, each)
    busy, rate = _crowd(scene, 0, each)
    clean.forget(scene)
    amount = scene.world.amount
    figures = {"p50_ms": paced.p50, "p95_ms": paced.p95, "per_s": sent}
    return [
        Result("P4", "set an interview, one client", amount, alone.figures(), "", None),
        Result("P4", f"set an interview, {CLIENTS} people", amount, figures,
               f"p50 ≤ {P50:.0f} ms, p95 ≤ {P95:.0f} ms", paced.p50 <= P50 and paced.p95 <= P95),
        Result("P4", f"set an interview, {CLIENTS} without pause", amount,
               {"p50_ms": busy.p50, "p95_ms": busy.p95, "per_s": rate}, "", None),
    ]  # fmt: skip


def presses(scene: Scene, port: int) -> Press:
    browser = Browser(port, scene.facts["session"])

    def press() -> float:
        address, form = scene.next_form()
        return browser.post(address, form)

    return press


def _crowd(scene: Scene, pause: float, each: int) -> tuple[Times, float]:
    """Eight browsers that send `each` forms; and how many a second that made."""
    work = [[scene.next_form() for _n in range(each)] for _client in range(CLIENTS)]

    def client(number: int) -> Callable[[], list[float]]:
        dice = random.Random(number)
        browser = Browser(scene.ours.port, scene.facts["session"])

        def run() -> list[float]:
            took = []
            for address, form in work[number]:
                time.sleep(dice.uniform(0, 2 * pause))
                took.append(browser.post(address, form))
            return took

        return run

    began = time.monotonic()
    times = traffic.crowd(client(number) for number in range(CLIENTS))
    return times, round(len(times.values) / (time.monotonic() - began), 1)
