"""What Zoom tells us, received: checked, stored whole, answered. It is understood later (webhooks)."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import IntegrityError

from mensetsu.jobs import rounds
from mensetsu.statements import compiled
from mensetsu.zoom import gathering, signature, tokens, webhooks
from mensetsu.zoom.models import App, Connection, WebhookEvent

VALIDATION = "endpoint.url_validation"
# Anybody can write an unsigned message; it makes us look at a link at most this often.
PROBE_EVERY = timedelta(minutes=10)
# When Zoom was last heard is told in minutes; writing it with each of many messages would cost as much as storing them.
HEARD_EVERY = timedelta(minutes=1)
# A message that comes alone is understood at once. In a stream, a job for each would cost several times what storing it
# costs: four times a second one job reads whatever has come.
_READINGS = rounds.Rounds(webhooks.read, every=timedelta(seconds=0.25))


class NotZoom(Exception):
    """The signature is missing, wrong or too old, and nothing else makes the message worth a look."""


class NotUnderstood(Exception):
    """Signed, but not a JSON object with an event."""


def receive(*, app: App, body: bytes, timestamp: str, signed: str, now: datetime) -> dict[str, str] | None:
    """Take one message in. Returns the answer to a validation call, None for everything else.

    Refuses NotZoom and NotUnderstood. The same message again changes nothing."""
    secret = tokens.secret_token(app)
    is_verified = signature.verify(body, timestamp, signed, secret, now)
    message = webhooks.parsed(body)
    if not is_verified and not _is_worth_a_look(app, message, now):
        App.objects.filter(pk=app.pk).update(misheard_at=now)
        raise NotZoom
    if message is None:
        raise NotUnderstood
    if is_verified:
        _note_heard(app, now)
        if message["event"] == VALIDATION:
            return signature.validation_answer(str(message["payload"].get("plainToken", "")), secret)
    _store(app, body, message["event"], is_verified, now)
    return None


def _note_heard(app: App, now: datetime) -> None:
    is_stale = app.heard_at is None or now - app.heard_at >= HEARD_EVERY
    # The newest of the two tells an administrator whether the secret is right.
    if is_stale or (app.misheard_at is not None and app.misheard_at > app.heard_at):
        App.objects.filter(pk=app.pk).update(heard_at=now)


def _is_worth_a_look(app: App, message: webhooks.Payload | None, now: datetime) -> bool:
    """A removal that we cannot verify (some are not signed with the app's secret): it names our app and a living link.

    It never ends the link by itself; Zoom is asked. https://devforum.zoom.us/t/133778"""
    if message is None or message["event"] != webhooks.DEAUTHORIZED:
        return False
    payload = message["payload"]
    ours = tokens.client_id_of(app)
    if not ours or payload.get("client_id") != ours:
        return False
    links = Connection.objects.live().of_app(app).filter(zoom_user_id=str(payload.get("user_id", "")))
    lately = WebhookEvent.objects.filter(
        app=app, event=webhooks.DEAUTHORIZED, is_verified=False, received_at__gt=now - PROBE_EVERY
    )
    return bool(payload.get("user_id")) and links.exists() and not lately.exists()


def _store(app: App, body: bytes, event: str, is_verified: bool, now: datetime) -> None:
    # Zoom repeats a message byte by byte; the event's own time inside makes different ones differ.
    key = hashlib.sha256(body).hexdigest()
    text = body.decode(errors="replace")
    with suppress(IntegrityError):
        _STORING.put(
            WebhookEvent(
                app=app, dedupe_key=key, event=event, body=text, is_verified=is_verified, received_at=now
            )
        )


def _store_all(rows: Sequence[WebhookEvent]) -> None:
    """Durable: some of them belong to other requests, which answer Zoom as soon as this returns."""
    with _READINGS.turn() as is_alone:
        if not is_alone:
            for row in rows:
                row.unread_since = row.received_at
        compiled.insert(rows)
        if is_alone:
            webhooks.enqueue([row.pk for row in rows])


_STORING = gathering.Gathering(_store_all)
