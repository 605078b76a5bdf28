"""P6: 5,000 applicants press for 2,000 dates of twenty interviewers and hosts as fast as the servers answer: 2,000
get their date, 3,000 the list of what is left. Afterwards every answer is compared with the rows.

The workers rest: Zoom, simulated on the same cores, would be measured instead."""

import itertools
import re
import threading
import time
from collections import Counter
from collections.abc import Callable

from django.db import connection
from django.utils import timezone

from benchmarks import answers_and_rows, crowding, traffic
from benchmarks.crowding import Press
from benchmarks.scene import Result, Scene
from benchmarks.traffic import Browser, Times
from benchmarks.world import Server
from mensetsu.accounts.models import Organization, User

APPLICANTS, DATES_EACH = 5_000, 100
QUICK = (50, 10, 2)
CLIENTS = 16
FIGURES = {"SQLite": 60.0, "PostgreSQL": 150.0}
PROCESSES = {"SQLite": "1", "PostgreSQL": "2"}
# Whoever has not been asked by then is not asked any more; the figures say how many were.
PATIENCE = 120.0
BOOKED, REFUSED = 303, 422
_OTHER_DATE = re.compile(rb'name="slot" value="\d+"')

Answers = dict[Press, int]


def measure(scene: Scene) -> list[Result]:
    company = Organization.objects.get(pk=scene.facts["organization"])
    people = list(User.objects.filter(pk__in=scene.facts["interviewers"]).order_by("pk"))
    applicants, panels, each = QUICK if scene.is_quick else (APPLICANTS, crowding.HOSTS, DATES_EACH)
    presses = crowding.gather(
        company=company, by=User.objects.get(pk=scene.facts["reader"]), interviewers=people[:panels],
        applicants=applicants, each=each, now=timezone.now(),
    )  # fmt: skip
    connection.close()
    more = {"MENSETSU_WEB_PROCESSES": PROCESSES[scene.world.database], "MENSETSU_BEHIND_PROXY": "1"}
    with Server.ours(scene.world, worker=False, **more) as ours:
        answers, times, seconds, with_dates = _rush(ours.port, presses)
    with Server.bare(scene.world, **more) as bare:
        most = _bare_rate(bare.port, 0.5 if scene.is_quick else 4.0)
    kinds = Counter(answers.values())
    if kinds.keys() - {BOOKED, REFUSED}:
        print(f"    neither booked nor refused: {dict(kinds)}")
    rate = round(kinds[BOOKED] / seconds, 1)
    goal = FIGURES[scene.world.database]
    double, lost = answers_and_rows.double(presses), answers_and_rows.lost(answers, booked=BOOKED)
    figures = {
        "pressed": len(answers), "booked": kinds[BOOKED], "refused": kinds[REFUSED], "with_other_dates": with_dates,
        "neither": len(answers) - kinds[BOOKED] - kinds[REFUSED], "bookings_per_s": rate,
        "answers_per_s": round(len(answers) / seconds, 1), "p50_ms": times.p50, "p95_ms": times.p95,
        "limit_per_s": most,
    }  # fmt: skip
    return [
        Result("P6", "dates chosen at once", scene.world.amount, figures, f"≥ {goal:.0f} bookings/s", rate >= goal),
        Result("P6", "answers against rows", scene.world.amount,
               {"answers": len(answers), "double": double, "lost": lost}, "0 double, 0 lost",
               kinds[BOOKED] > 0 and figures["neither"] == double == lost == 0),
    ]  # fmt: skip


def _rush(port: int, presses: list[Press]) -> tuple[Answers, Times, float, int]:
    """Everybody presses once; whoever is free takes the next one. The answers, their times, how long it took, and how
    many of the refused were shown another date."""
    answers: Answers = {}
    shown, lock, queue = itertools.count(), threading.Lock(), iter(presses)
    began = time.monotonic()

    def client() -> list[float]:
        browser, took = Browser(port), []
        while time.monotonic() - began < PATIENCE:
            with lock:
                press = next(queue, None)
            if press is None:
                break
            form = {"slot": press.slot, "phone": "090-0000-0000", "confirm": "1"}
            took.append(browser.submit(press.address, form, {"X-Forwarded-For": press.visitor}))
            answers[press] = browser.status
            if browser.status == REFUSED and _OTHER_DATE.search(browser.text):
                next(shown)
        return took

    times = traffic.crowd([client] * CLIENTS)
    return answers, times, time.monotonic() - began, next(shown)


def _bare_rate(port: int, seconds: float) -> float:
    """Inserts a second of the bare view, by as many clients."""
    began = time.monotonic()

    def client() -> list[float]:
        browser, took = Browser(port), []
        while time.monotonic() - began < seconds:
            took.append(browser.post("/insert/", {"text": "benchmark"}))
        return took

    clients: list[Callable[[], list[float]]] = [client] * CLIENTS
    times = traffic.crowd(clients)
    return round(len(times.values) / (time.monotonic() - began), 1)
