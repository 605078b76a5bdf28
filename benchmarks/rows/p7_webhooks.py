"""P7: Zoom's messages come in. Most of what an account's app hears is about meetings that are not ours; so are these.

Three parts: as many as eight senders can send; 400 a second for some seconds; and the server killed in the middle of
it, after which every message that was answered with 204 must be stored and understood."""

import contextlib
import http.client
import json
import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

from django.db import connection
from django.utils import timezone

from benchmarks import traffic
from benchmarks.rows import clean
from benchmarks.scene import Result, Scene
from benchmarks.traffic import Browser, Times
from benchmarks.world import Server
from demo import machine
from mensetsu.accounts.models import Organization
from mensetsu.zoom import setting_up, signature
from mensetsu.zoom.models import WebhookEvent

SENDERS = 8
RATE, P99_MS = 400, 200.0
SECONDS = 5.0
PATIENCE = 120.0


def measure(scene: Scene) -> list[Result]:
    clean.forget(scene)
    company = Organization.objects.get(pk=scene.facts["organization"])
    address = f"/webhooks/zoom/{setting_up.app_of(company, now=timezone.now()).key}/"
    with Server.ours(scene.world) as ours, Server.bare_socket(scene.world) as socket:
        seconds = 0.5 if scene.is_quick else SECONDS
        _ceiling, most = _flood(socket.port, "/", seconds)
        open_, reached = _flood(ours.port, address, seconds)
        paced, sustained = _flood(ours.port, address, seconds, RATE)
        answered = _killed(ours, address, seconds, 1.5 if scene.is_quick else 3.0)
        lost = _lost(answered)
        unhandled = _unhandled()
    clean.forget(scene)
    figures = {"per_s": sustained, "p50_ms": paced.p50, "p99_ms": paced.at(99), "most_per_s": reached,
               "most_p99_ms": open_.at(99), "limit_per_s": most}  # fmt: skip
    return [
        Result("P7", f"webhooks in, {RATE}/s wanted", scene.world.amount, figures, f"≥ {RATE}/s, p99 ≤ {P99_MS:.0f} ms",
               sustained >= RATE * 0.99 and paced.at(99) <= P99_MS),
        Result("P7", "killed in the middle", scene.world.amount,
               {"answered": len(answered), "lost": lost, "not_understood": unhandled}, "nothing lost",
               bool(answered) and lost == 0 and unhandled == 0),
    ]  # fmt: skip


def _message(sender: int, number: int) -> tuple[bytes, dict[str, str]]:
    stamp = int(time.time() * 1000)
    about = {"id": f"8{sender:03d}{number:07d}", "uuid": f"{sender}-{number}==", "host_id": "nobody-we-know",
             "topic": "定例会議",
             "participant": {"user_name": "田中 修", "join_time": datetime.now(UTC).isoformat()}}  # fmt: skip
    body = json.dumps({"event": "meeting.participant_joined", "event_ts": stamp,
                       "payload": {"account_id": "aC9vLk31QyyM5sWd0ePxGg", "object": about}}).encode()  # fmt: skip
    at = str(stamp // 1000)
    headers = {"Content-Type": "application/json", "x-zm-request-timestamp": at,
               "x-zm-signature": signature.sign(body, at, machine.ZOOM_SECRET_TOKEN)}  # fmt: skip
    return body, headers


def _flood(port: int, address: str, seconds: float, rate: float | None = None) -> tuple[Times, float]:
    """All senders for that long, together `rate` a second or as fast as they can. The times, and the rate reached."""

    def sender(number: int) -> Callable[[], list[float]]:
        def run() -> list[float]:
            browser, took, began = Browser(port), [], time.monotonic()
            while (passed := time.monotonic() - began) < seconds:
                if rate and passed < (due := len(took) * SENDERS / rate):
                    time.sleep(due - passed)
                body, headers = _message(number, len(took))
                took.append(browser.send(address, body, headers, 204))
            return took

        return run

    began = time.monotonic()
    times = traffic.crowd(sender(number) for number in range(SENDERS))
    return times, round(len(times.values) / (time.monotonic() - began), 1)


def _killed(ours: Server, address: str, seconds: float, after: float) -> set[str]:
    """The keys of the messages that were answered while the web process was killed once, and for `after` seconds
    longer. A message without an answer is Zoom's to repeat; here it is dropped."""
    answered: set[str] = set()
    began = time.monotonic()
    victim = ours.workers[0]

    def sender(number: int) -> Callable[[], list[float]]:
        def run() -> list[float]:
            count = 0
            while time.monotonic() - began < seconds + after:
                with contextlib.suppress(OSError, http.client.HTTPException, traffic.Unexpected):
                    browser = Browser(ours.port)
                    while time.monotonic() - began < seconds + after:
                        count += 1
                        body, headers = _message(100 + number, count)
                        browser.send(address, body, headers, 204)
                        answered.add(sha256(body).hexdigest())
                time.sleep(0.05)
            return []

        return run

    def killer() -> list[float]:
        time.sleep(seconds / 2)
        os.kill(victim, signal.SIGKILL)
        return []

    traffic.crowd([*[sender(number) for number in range(SENDERS // 2)], killer])
    return answered


def _lost(answered: set[str]) -> int:
    stored = set(WebhookEvent.objects.values_list("dedupe_key", flat=True))
    connection.close()
    return len(answered - stored)


def _unhandled() -> int:
    """How many messages were not understood in the end; the server that started again has time for it."""
    deadline = time.monotonic() + PATIENCE
    while (left := WebhookEvent.objects.filter(handled_at=None).count()) and time.monotonic() < deadline:
        connection.close()
        time.sleep(0.25)
    connection.close()
    return left
