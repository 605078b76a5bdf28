"""P9: two hundred calls at once on one link whose access token has expired. Zoom's token works once: exactly one may
renew, and nobody should wait longer than that one renewal."""

import threading
import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from benchmarks import traffic
from benchmarks.scene import Result, Scene
from benchmarks.traffic import Times
from mensetsu.zoom import tokens
from mensetsu.zoom.models import Connection

CALLS = 200
ZOOM_MS = 200  # what Zoom takes for an answer, roughly


def measure(scene: Scene) -> list[Result]:
    link = Connection.objects.select_related("organization").get(pk=scene.facts["hosts"][0])
    fault = scene.zoom.control(
        "faults", {"kind": "latency", "ms": ZOOM_MS, "match": {"path": "/oauth/token"}}
    )["id"]
    try:
        refresh = _renewal(link)
        young = _at_once(scene, link)
        before = _renewals(scene)
        Connection.objects.filter(pk=link.pk).update(access_expires_at=timezone.now() - timedelta(seconds=1))
        expired = _at_once(scene, link)
        renewed = _renewals(scene) - before
    finally:
        scene.zoom.forget_fault(fault)
        connection.close()
    added = round(expired.p95 - young.p95, 1)
    figures = {
        "calls": len(expired.values),
        "refreshes": renewed,
        "added_p95_ms": added,
        "refresh_ms": round(refresh, 1),
    }
    return [Result("P9", "calls at once on an expired link", scene.world.amount, figures,
                   "1 refresh; added p95 ≤ one refresh", renewed == 1 and added <= refresh)]  # fmt: skip


def _renewal(link: Connection) -> float:
    """How long one renewal takes, milliseconds; the median of three."""
    times = Times()
    for _n in range(3):
        began = time.perf_counter()
        tokens.renew(link, now=timezone.now())
        times.values.append((time.perf_counter() - began) * 1000)
    return times.p50


def _at_once(scene: Scene, link: Connection) -> Times:
    """What everybody waits for a token that is good; without the call to Zoom itself, which queues at the simulator."""
    calls = max(4, CALLS // (20 if scene.is_quick else 1))
    barrier = threading.Barrier(calls)

    def call() -> list[float]:
        connection.ensure_connection()
        barrier.wait(60)
        began = time.perf_counter()
        tokens.fresh(link, now=timezone.now())
        took = (time.perf_counter() - began) * 1000
        connection.close()
        return [took]

    return traffic.crowd([call] * calls)


def _renewals(scene: Scene) -> int:
    log = scene.zoom.ask("requests")["log"]
    return sum(row["method"] == "POST" and row["path"] == "/oauth/token" for row in log)
