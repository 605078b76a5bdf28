"""What Zoom tells us: received once, stored whole, understood later, routed to a verb.

Messages are hints: they come late, twice, out of order, or never, and our own changes come back as echoes. So most of
them only make us look (zoom.checking). Signed and understood, a removal of the app is the exception: it ends the link.
https://developers.zoom.us/docs/api/webhooks/"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from mensetsu.jobs import port
from mensetsu.zoom import checking, client, connecting, signals, signature, tokens
from mensetsu.zoom.models import App, Connection, Meeting, WebhookEvent

DEAUTHORIZED = "app_deauthorized"
VALIDATION = "endpoint.url_validation"
PARTICIPANTS = "meeting.participant_"
KEEP = timedelta(days=30)
# Anybody can write an unsigned message; it makes us look at a link at most this often.
PROBE_EVERY = timedelta(minutes=10)
# When Zoom was last heard is told in minutes; writing it with each of many messages would cost as much as storing them.
HEARD_EVERY = timedelta(minutes=1)
# Zoom may speak of a meeting before the transaction that knows it is committed.
PARKED = 60.0

Payload = dict[str, Any]


class NotZoom(Exception):
    """The signature is missing, wrong or too old, and nothing else makes the message worth a look."""


class NotUnderstood(Exception):
    """Signed, but not a JSON object with an event."""


# --- receive --------------------------------------------------------------------------------------------------------


def receive(*, app: App, body: bytes, timestamp: str, signed: str, now: datetime) -> dict[str, str] | None:
    """Take one message in. Returns the answer to a validation call, None for everything else.

    Refuses NotZoom and NotUnderstood. The same message again changes nothing."""
    secret = tokens.secret_token(app)
    is_verified = signature.verify(body, timestamp, signed, secret, now)
    message = _read(body)
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


def _read(body: bytes) -> Payload | None:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):  # the latter: brackets within brackets without end
        return None
    if not isinstance(message, dict) or not isinstance(message.get("payload"), dict):
        return None
    message["event"] = str(message.get("event", ""))[:80]
    return message


def _is_worth_a_look(app: App, message: Payload | None, now: datetime) -> bool:
    """A removal that we cannot verify (some are not signed with the app's secret): it names our app and a living link.

    It never ends the link by itself; Zoom is asked. https://devforum.zoom.us/t/133778"""
    if message is None or message["event"] != DEAUTHORIZED:
        return False
    payload = message["payload"]
    ours = tokens.client_id_of(app)
    if not ours or payload.get("client_id") != ours:
        return False
    links = Connection.objects.live().of_app(app).filter(zoom_user_id=str(payload.get("user_id", "")))
    lately = WebhookEvent.objects.filter(
        app=app, event=DEAUTHORIZED, is_verified=False, received_at__gt=now - PROBE_EVERY
    )
    return bool(payload.get("user_id")) and links.exists() and not lately.exists()


def _store(app: App, body: bytes, event: str, is_verified: bool, now: datetime) -> None:
    # Zoom repeats a message byte by byte; the event's own time inside makes different ones differ.
    key = hashlib.sha256(body).hexdigest()
    try:
        with transaction.atomic():
            row = WebhookEvent.objects.create(
                app=app,
                dedupe_key=key,
                event=event,
                body=body.decode(errors="replace"),
                is_verified=is_verified,
                received_at=now,
            )
            handle.enqueue(event_id=row.pk)
    except IntegrityError:
        return


# --- understand -----------------------------------------------------------------------------------------------------


@port.job(max_attempts=6)
def handle(*, event_id: int) -> None:
    """Understand one stored message and do what follows from it."""
    event = WebhookEvent.objects.select_related("app").filter(pk=event_id, handled_at=None).first()
    if event is None:
        return
    now = timezone.now()
    message = _read(event.body.encode()) or {"event": "", "payload": {}}
    work = HANDLERS.get(event.event)
    outcome = work(event, message, now) if work else "ignored"
    # Whoever removed the app asked to be forgotten, and who came when is nobody's business later: these go at once.
    is_personal = event.event == DEAUTHORIZED or event.event.startswith(PARTICIPANTS)
    body = "" if is_personal else event.body
    WebhookEvent.objects.filter(pk=event.pk).update(handled_at=now, outcome=outcome, body=body)


@port.job(max_attempts=1)
def purge_events() -> None:
    """Daily: messages hold names and addresses; after 30 days they are of no use."""
    WebhookEvent.objects.filter(received_at__lt=timezone.now() - KEEP).delete()


def _deauthorized(event: WebhookEvent, message: Payload, now: datetime) -> str:
    payload = message["payload"]
    zoom_user_id = str(payload.get("user_id", ""))
    links = Connection.objects.live().of_app(event.app).filter(zoom_user_id=zoom_user_id)
    if not zoom_user_id or not links.exists():
        return "no such link"
    if not event.is_verified:
        return _probed(links, now)
    at = _moment(payload.get("deauthorization_time")) or _event_time(message) or event.received_at
    ended = connecting.deauthorize(app=event.app, zoom_user_id=zoom_user_id, at=at, now=now)
    return f"ended {ended}" if ended else "of an earlier link"


def _user_changed(event: WebhookEvent, message: Payload, now: datetime) -> str:
    zoom_user_id = str(_object(message).get("id", ""))
    links = Connection.objects.live().of_app(event.app).filter(zoom_user_id=zoom_user_id)
    return _probed(links, now) if zoom_user_id else "no user"


def _probed(links: Any, now: datetime) -> str:
    """Ask Zoom; whatever is true then stands on the links."""
    for link in links:
        checking.check_link(link, now=now)
        if link.check_problem:
            raise client.TryLater
    return "asked Zoom"


def _meeting_looked_at(event: WebhookEvent, message: Payload, now: datetime) -> str:
    """Deleted, changed or turned into something else at Zoom, or the echo of what we did ourselves: look."""
    meeting = _meeting(event, message, now)
    if meeting is None or not meeting.is_issued:
        return "not ours" if meeting is None else "echo"
    checking.check(meeting, now=now)
    return "lost" if meeting.lost_at else "looked at"


def _meeting_started(event: WebhookEvent, message: Payload, now: datetime) -> str:
    meeting, at = _meeting(event, message, now), _event_time(message) or now
    if meeting is None:
        return "not ours"
    Meeting.objects.filter(pk=meeting.pk, started_at=None).update(started_at=at)
    # Started again after its end; an end that is younger than this message stays.
    Meeting.objects.filter(pk=meeting.pk, finished_at__lt=at).update(finished_at=None)
    return _announced(meeting, "started", at, now)


def _meeting_ended(event: WebhookEvent, message: Payload, now: datetime) -> str:
    meeting, at = _meeting(event, message, now), _event_time(message) or now
    if meeting is None:
        return "not ours"
    Meeting.objects.filter(Q(finished_at=None) | Q(finished_at__lt=at), pk=meeting.pk).update(
        finished_at=at, waiting_since=None
    )
    return _announced(meeting, "ended", at, now)


def _waiting(event: WebhookEvent, message: Payload, now: datetime) -> str:
    meeting, at = _meeting(event, message, now), _event_time(message) or now
    if meeting is None:
        return "not ours"
    Meeting.objects.filter(pk=meeting.pk, waiting_since=None).update(waiting_since=at)
    return _announced(meeting, "waiting", at, now)


def _no_longer_waiting(kind: str) -> Callable[[WebhookEvent, Payload, datetime], str]:
    def work(event: WebhookEvent, message: Payload, now: datetime) -> str:
        meeting, at = _meeting(event, message, now), _event_time(message) or now
        if meeting is None:
            return "not ours"
        Meeting.objects.filter(pk=meeting.pk, waiting_since__lte=at).update(waiting_since=None)
        return _announced(meeting, kind, at, now)

    return work


def _participant(kind: str) -> Callable[[WebhookEvent, Payload, datetime], str]:
    def work(event: WebhookEvent, message: Payload, now: datetime) -> str:
        meeting, at = _meeting(event, message, now), _event_time(message) or now
        if meeting is None:
            return "not ours"
        # The host coming in is the start, not an arrival.
        person = _object(message).get("participant")
        is_host = isinstance(person, dict) and person.get("id") == meeting.connection.zoom_user_id
        return "host" if is_host and person.get("id") else _announced(meeting, kind, at, now)

    return work


HANDLERS: dict[str, Callable[[WebhookEvent, Payload, datetime], str]] = {
    DEAUTHORIZED: _deauthorized,
    "user.updated": _user_changed,
    "user.deleted": _user_changed,
    "user.deactivated": _user_changed,
    "user.disassociated": _user_changed,
    "meeting.updated": _meeting_looked_at,
    "meeting.deleted": _meeting_looked_at,
    "meeting.permanently_deleted": _meeting_looked_at,
    "meeting.converted_to_webinar": _meeting_looked_at,
    "meeting.started": _meeting_started,
    "meeting.ended": _meeting_ended,
    "meeting.participant_joined_waiting_room": _waiting,
    "meeting.participant_jbh_waiting": _waiting,
    "meeting.participant_admitted": _no_longer_waiting("admitted"),
    "meeting.participant_jbh_joined": _no_longer_waiting("admitted"),
    "meeting.participant_left_waiting_room": _no_longer_waiting("left"),
    "meeting.participant_jbh_waiting_left": _no_longer_waiting("left"),
    "meeting.participant_joined": _participant("joined"),
    "meeting.participant_left": _participant("left"),
}


def _announced(meeting: Meeting, kind: str, at: datetime, now: datetime) -> str:
    meeting.refresh_from_db()
    with transaction.atomic():
        signals.meeting_news.send(sender=Meeting, meeting=meeting, kind=kind, at=at, now=now)
    return kind


def _object(message: Payload) -> Payload:
    found = message["payload"].get("object")
    return found if isinstance(found, dict) else {}


def _meeting(event: WebhookEvent, message: Payload, now: datetime) -> Meeting | None:
    """Our meeting of that id, if it hangs on a link of this very app."""
    about = _object(message)
    try:
        zoom_id = client.decimal(about.get("id", ""))
    except ValueError:
        return None
    links = Connection.objects.of_app(event.app)
    found = Meeting.objects.filter(zoom_id=zoom_id, connection__in=links).select_related("connection")
    meeting = found.order_by("-requested_at").first()
    if meeting is None and _may_come_yet(event, about, now):
        raise client.TryLater("busy", PARKED)
    return meeting


def _may_come_yet(event: WebhookEvent, about: Payload, now: datetime) -> bool:
    """This host has a meeting under way whose id we have not been told yet."""
    if now - event.received_at > timedelta(minutes=5):
        return False
    hosts = Connection.objects.live().of_app(event.app).filter(zoom_user_id=str(about.get("host_id", "-")))
    return Meeting.objects.filter(connection__in=hosts, zoom_id="", create_sent_at__isnull=False).exists()


def _event_time(message: Payload) -> datetime | None:
    stamp = message.get("event_ts")
    if not isinstance(stamp, int) or not 0 < stamp < 10**14:
        return None
    return datetime.fromtimestamp(stamp / 1000, tz=UTC)


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
