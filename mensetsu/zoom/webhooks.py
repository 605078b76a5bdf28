"""What Zoom tells us, understood: every message was stored whole before (receiving), and is routed to a verb here.

Messages are hints: they come late, twice, out of order, or never, and our own changes come back as echoes. So most of
them only make us look (zoom.checking). Signed and understood, a removal of the app is the exception: it ends the link.
https://developers.zoom.us/docs/api/webhooks/"""

import json
import logging
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from mensetsu.jobs import port
from mensetsu.statements import compiled, together
from mensetsu.web import moments
from mensetsu.zoom import checking, client, connecting, signals
from mensetsu.zoom.models import Connection, Meeting, Problem, WebhookEvent

DEAUTHORIZED = "app_deauthorized"
MEETINGS = "meeting."
PARTICIPANTS = "meeting.participant_"
KEEP = timedelta(days=30)
# Zoom may speak of a meeting before the transaction that knows it is committed.
PARKED = 60.0

# So many are taken up in one transaction; and of those that somebody must understand so many are one job, which may ask
# Zoom about each of them and must end when its worker does.
AT_ONCE, TOGETHER = 200, 20

Payload = dict[str, Any]
logger = logging.getLogger(__name__)

_UNREAD = compiled.Read(
    lambda: (
        WebhookEvent.objects.filter(unread_since__isnull=False)
        .order_by("unread_since")
        .select_related("app")[:AT_ONCE]
    )
)
_TAKE = compiled.Change(
    lambda ids: (
        WebhookEvent.objects.filter(pk__in=ids, unread_since__isnull=False),
        {"unread_since": None},
    ),
    ids=compiled.NUMBERS,
)
_NOTE = compiled.Change(
    lambda ids, now, outcome: (
        WebhookEvent.objects.filter(pk__in=ids),
        {"handled_at": now, "outcome": outcome},
    ),
    ids=compiled.NUMBERS, now=compiled.MOMENT, outcome=compiled.TEXT,
)  # fmt: skip
_NOTE_AND_FORGET = compiled.Change(
    lambda ids, now, outcome: (
        WebhookEvent.objects.filter(pk__in=ids),
        {"handled_at": now, "outcome": outcome, "body": ""},
    ),
    ids=compiled.NUMBERS, now=compiled.MOMENT, outcome=compiled.TEXT,
)  # fmt: skip


def parsed(body: bytes) -> Payload | None:
    """What a body says, if it is an object with an event and a payload."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):  # the latter: brackets within brackets without end
        return None
    if not isinstance(message, dict) or not isinstance(message.get("payload"), dict):
        return None
    message["event"] = str(message.get("event", ""))[:80]
    return message


@port.job(max_attempts=3)
def read() -> None:
    """Take up what came in a stream and waits: note what nothing follows from, give the rest to jobs of their own. Of
    two readings at once each message is taken up by one."""
    while not _take_up(timezone.now()):
        continue


def _take_up(now: datetime) -> bool:
    """Some of those that wait, in one transaction; False, and nothing done, when another reading took one of them."""
    waiting = _UNREAD.objects()
    if not waiting:
        return True
    settled = _settled(waiting)
    rest = sorted({event.pk for event in waiting} - {event.pk for some in settled.values() for event in some})
    with transaction.atomic(), together.gathered():
        if _TAKE.run(ids=[event.pk for event in waiting]) < len(waiting):
            transaction.set_rollback(True)
            return False
        for outcome, events in settled.items():
            _note_handled(events, outcome, now)
        for first in range(0, len(rest), TOGETHER):
            enqueue(rest[first : first + TOGETHER])
        if len(waiting) == AT_ONCE:
            read.enqueue()
    return True


def enqueue(event_ids: Sequence[int]) -> None:
    """Let a job understand these messages, which wait for nobody else."""
    if len(event_ids) == 1:
        handle.enqueue(event_id=event_ids[0])
    else:
        handle_all.enqueue(event_ids=list(event_ids))


@port.job(max_attempts=6)
def handle(*, event_id: int) -> None:
    """Understand one stored message and do what follows from it."""
    event = WebhookEvent.objects.select_related("app").filter(pk=event_id, handled_at=None).first()
    if event is not None:
        _understand(event, timezone.now())


@port.job(max_attempts=6)
def handle_all(*, event_ids: list[int]) -> None:
    """The same for messages that came in together."""
    events = WebhookEvent.objects.filter(pk__in=event_ids, handled_at=None).order_by("id")
    waiting = list(events.select_related("app"))
    settled = _settled(waiting)
    for outcome, some in settled.items():
        _note_handled(some, outcome, timezone.now())
        waiting = [event for event in waiting if event not in some]
    for event in waiting:
        try:
            _understand(event, timezone.now())
        except Exception:
            # It is tried again with a patience of its own.
            handle.enqueue(event_id=event.pk)


def _settled(events: Sequence[WebhookEvent]) -> dict[str, set[WebhookEvent]]:
    """By outcome, those from which nothing follows. Most of what an account's app hears is about meetings that are not
    ours: those are told apart with a few queries, however many they are."""
    try:
        return {
            "ignored": {event for event in events if event.event not in HANDLERS},
            "not ours": _not_ours(events),
        }
    except Exception:
        # One that cannot be judged must hold up nobody: each is understood, or fails, by itself.
        logger.exception("messages_not_judged count=%s", len(events))
        return {}


def _not_ours(events: Sequence[WebhookEvent]) -> set[WebhookEvent]:
    """Those about meetings of which we know nothing and cannot be about to hear, as `_meeting` finds one by one."""
    found = set()
    for app in {event.app for event in events}:
        about = {
            event: _object(_message(event))
            for event in events
            if event.app_id == app.pk and event.event.startswith(MEETINGS) and event.event in HANDLERS
        }
        ids = {event: _zoom_id(facts) for event, facts in about.items()}
        links = Connection.objects.of_app(app)
        # Who makes a meeting is asked before its id is: one that is made meanwhile is found by one of the two.
        coming = Meeting.objects.filter(connection__in=links, zoom_id="", create_sent_at__isnull=False)
        hosts = set(coming.values_list("connection__zoom_user_id", flat=True))
        ours = Meeting.objects.filter(connection__in=links, zoom_id__in=set(ids.values()) - {None})
        known = set(ours.values_list("zoom_id", flat=True))
        found |= {
            event
            for event, facts in about.items()
            if ids[event] not in known and str(facts.get("host_id", "-")) not in hosts
        }
    return found


def _understand(event: WebhookEvent, now: datetime) -> None:
    work = HANDLERS.get(event.event)
    outcome = work(event, _message(event), now) if work else "ignored"
    _note_handled([event], outcome, now)


def _message(event: WebhookEvent) -> Payload:
    return parsed(event.body.encode()) or {"event": "", "payload": {}}


def _note_handled(events: Collection[WebhookEvent], outcome: str, now: datetime) -> None:
    # Whoever removed the app asked to be forgotten, and who came when is nobody's business later: these go at once.
    personal = {
        event.pk for event in events if event.event == DEAUTHORIZED or event.event.startswith(PARTICIPANTS)
    }
    plain = {event.pk for event in events} - personal
    if personal:
        _NOTE_AND_FORGET.run(ids=sorted(personal), now=now, outcome=outcome)
    if plain:
        _NOTE.run(ids=sorted(plain), now=now, outcome=outcome)


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
        if link.check_problem not in ("", Problem.INACTIVE):
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
    zoom_id = _zoom_id(about)
    if zoom_id is None:
        return None
    links = Connection.objects.of_app(event.app)
    found = Meeting.objects.filter(zoom_id=zoom_id, connection__in=links).select_related("connection")
    meeting = found.order_by("-requested_at").first()
    if meeting is not None:
        return meeting
    if _may_come_yet(event, about, now):
        raise client.TryLater("busy", PARKED)
    # It may have come between the two looks.
    return found.order_by("-requested_at").first()


def _zoom_id(about: Payload) -> str | None:
    try:
        return client.decimal(about.get("id", ""))
    except ValueError:
        return None


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
    return moments.utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
