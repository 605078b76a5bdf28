"""Carries webhooks: signs, delivers within 3 seconds, tries again after 5, 20 and 60 minutes, validates addresses.

https://developers.zoom.us/docs/api/webhooks/ · https://developers.zoom.us/blog/webhook-delays.md
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

import requests

from .clock import milliseconds
from .state import Row
from .world import World

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 3
RETRY_AFTER_SECONDS = (300, 1200, 3600)
VALIDATE_EVERY_SECONDS = 72 * 3600
SUCCESS = (200, 204)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The value of x-zm-signature for these exact bytes."""
    message = f"v0:{timestamp}:".encode() + body
    return "v0=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def encrypted_token(secret: str, plain: str) -> str:
    """What an endpoint must answer to endpoint.url_validation."""
    return hmac.new(secret.encode(), plain.encode(), hashlib.sha256).hexdigest()


class Courier:
    """A thread that carries what is due. `chores` are done each round: things that happen because time passed."""

    def __init__(self, world: World, chores: list[Callable[[World], None]]) -> None:
        self._world = world
        self._chores = chores
        self._bell = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._round = threading.Lock()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="zoom-simulator-courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._bell.set()
        if self._thread:
            self._thread.join(timeout=2 * PATIENCE_SECONDS)

    def wake(self) -> None:
        self._bell.set()

    def _work(self) -> None:
        while not self._stopping:
            self._bell.wait(0.5)
            self._bell.clear()
            if not self._stopping:
                self._flush_and_live_on()

    def _flush_and_live_on(self) -> None:
        try:
            self.flush()
        except Exception:  # a thread that dies in silence would deliver nothing more
            log.exception("webhook_round_failed")

    def flush(self) -> int:
        """Carry everything that is due now, in order, and return how many attempts were made."""
        with self._round:
            for chore in self._chores:
                chore(self._world)
            self._validate_again()
            attempts = 0
            while not self._stopping and (delivery := self._next()):
                self._carry(delivery)
                self._release_held(delivery)
                attempts += 1
            return attempts

    def _next(self) -> Row | None:
        return self._world.store.one(
            "SELECT * FROM delivery WHERE status = 'waiting' AND due_at <= ? ORDER BY due_at, id LIMIT 1",
            self._world.clock.now(),
        )

    def _release_held(self, carried: Row) -> None:
        self._world.store.run(
            "UPDATE delivery SET status = 'waiting', due_at = ? WHERE status = 'held' AND client_id = ? AND id < ?",
            self._world.clock.now(),
            carried["client_id"],
            carried["id"],
        )

    def _carry(self, delivery: Row) -> None:
        world = self._world
        app = world.app(delivery["client_id"])
        secret = app["secret_token"] if app else ""
        if delivery["bad_signature"]:
            secret = "not-" + secret
        status, reason, _ = self._post(delivery["url"], secret, delivery["body"].encode())
        attempt = delivery["attempt"] + 1
        now = world.clock.now()
        entry = {"attempt": attempt, "at": now, "status": status, "reason": reason}
        outcome: dict[str, Any] = {"attempt": attempt, "log": [*delivery["log"], entry]}
        if status in SUCCESS:
            outcome["status"] = "delivered"
        elif attempt > len(RETRY_AFTER_SECONDS):
            outcome["status"] = "dropped"
        else:
            outcome["due_at"] = now + RETRY_AFTER_SECONDS[attempt - 1]
        world.store.change("delivery", "id", delivery["id"], **outcome)

    def _post(self, url: str, secret: str, body: bytes) -> tuple[int, str, bytes]:
        """One signed POST: (HTTP status or 0, why it failed, answer). A redirect is not followed and not success."""
        timestamp = str(int(self._world.clock.now()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Zoom Marketplace/1.0a (simulator)",
            "x-zm-request-timestamp": timestamp,
            "x-zm-signature": sign(secret, timestamp, body),
        }
        began = time.monotonic()
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.post(
                    url, data=body, headers=headers, timeout=PATIENCE_SECONDS, allow_redirects=False
                )
        except requests.Timeout:
            return 0, "timeout", b""
        except (requests.RequestException, ValueError) as error:  # ValueError: an address that is none
            return 0, type(error).__name__, b""
        if time.monotonic() - began > PATIENCE_SECONDS:
            return 0, "timeout", b""
        return answer.status_code, "" if answer.status_code in SUCCESS else "status", answer.content[:4096]

    def validate(self, app: Row, url: str) -> dict[str, Any]:
        """Send endpoint.url_validation and judge the answer: {"ok", "status", "reason", "url", "at"}."""
        plain = secrets.token_urlsafe(16)
        now = self._world.clock.now()
        message = {
            "event": "endpoint.url_validation",
            "payload": {"plainToken": plain},
            "event_ts": milliseconds(now),
        }
        body = json.dumps(message, separators=(",", ":")).encode()
        status, reason, content = self._post(url, app["secret_token"], body)
        if status == 200:
            reason = _judge(content, plain, app["secret_token"])
        elif not reason:
            reason = "status"
        return {"ok": not reason, "status": status, "reason": reason, "url": url, "at": now}

    def _validate_again(self) -> None:
        """Zoom repeats the validation every 72 hours."""
        due = self._world.clock.now() - VALIDATE_EVERY_SECONDS
        for app in self._world.store.all(
            "SELECT * FROM app WHERE event_url != '' AND validated_at <= ?", due
        ):
            self.remember(app, self.validate(app, app["event_url"]))

    def remember(self, app: Row, result: dict[str, Any]) -> None:
        """Keep the result of a validation with the app; the next one is due 72 hours later."""
        self._world.store.change(
            "app", "client_id", app["client_id"], validated_at=self._world.clock.now(), validation=result
        )


def _judge(content: bytes, plain: str, secret: str) -> str:
    """What is wrong with an answer to the validation, or nothing."""
    try:
        answer = json.loads(content)
    except ValueError:
        return "not JSON"
    if not isinstance(answer, dict) or answer.get("plainToken") != plain:
        return "plainToken differs"
    if answer.get("encryptedToken") != encrypted_token(secret, plain):
        return "encryptedToken differs"
    return ""
