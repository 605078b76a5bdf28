"""What Zoom tells apps, and in which shape.

The envelope is {"event", "event_ts", "payload"}. The meeting's id is a number in created/updated/deleted and a
string in all events of a running meeting; that is Zoom's doing and clients must cope.
https://developers.zoom.us/docs/api/meetings/events/
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from . import meetings, tokens
from .clock import iso, iso_ms, milliseconds
from .faults import claim
from .state import Row
from .world import World

NEEDED_SCOPE = {
    "meeting.participant": "meeting:read:participant",
    "meeting": "meeting:read:meeting",
    "user": "user:read:user",
}
SAFE_SETTINGS = ("use_pmi", "alternative_hosts", "join_before_host", "jbh_time", "meeting_invitees")


def announce(world: World, event: str, user: Row, payload: dict[str, Any], after: float = 0) -> None:
    """Queue the event for every app that subscribed to it and covers this user."""
    for app in world.store.all("SELECT * FROM app WHERE event_url != '' AND disabled = 0"):
        if event in app["events"] and _may_hear(app, event) and _covers(world, app, user):
            enqueue(world, app, app["event_url"], event, user["account_id"], payload, after)


def _may_hear(app: Row, event: str) -> bool:
    prefix = "meeting.participant" if event.startswith("meeting.participant") else event.split(".")[0]
    scope = NEEDED_SCOPE[prefix]
    return scope in app["scopes"] or f"{scope}:admin" in app["scopes"]


def _covers(world: World, app: Row, user: Row) -> bool:
    """A user-managed app hears of users who installed it, a server-to-server app of its whole account."""
    if app["kind"] == "s2s":
        return bool(app["account_id"] == user["account_id"])
    return bool(tokens.live_authorizations(world, client_id=app["client_id"], user_id=user["id"]))


def enqueue(
    world: World, app: Row, url: str, event: str, account_id: str, payload: dict[str, Any], after: float = 0
) -> None:
    """Write the delivery down; the courier carries it. Faults about webhooks strike here."""
    now = world.clock.now()
    fired = claim(world, {"event": event, "client_id": app["client_id"]}, webhook=True)
    kinds = {fault.kind for fault in fired}
    if kinds & {"webhook_never", "deauthorized_never"}:
        return
    after += sum(fault.number("seconds", 60) for fault in fired if fault.kind == "webhook_delay")
    body = {"event": event, "event_ts": milliseconds(now), "payload": {"account_id": account_id} | payload}
    unverifiable = event == "app_deauthorized" and world.mode("deauthorization_signature") == "not_verifiable"
    for _ in range(2 if "webhook_duplicate" in kinds else 1):
        world.store.insert(
            "delivery",
            client_id=app["client_id"],
            url=url,
            event=event,
            body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
            # A held event leaves only after the next one has been carried.
            status="held" if "webhook_out_of_order" in kinds else "waiting",
            due_at=now + after,
            created_at=now,
            bad_signature=int("webhook_bad_signature" in kinds or unverifiable),
            log=[],
        )
    world.courier.wake()


def _operator(by: Row) -> dict[str, Any]:
    return {"operator": by["email"], "operator_id": by["id"]}


def meeting_created(world: World, meeting: Row, host: Row, by: Row) -> None:
    full = meetings.shown(world, meeting, host)
    subject = _subject(full) | {"join_url": full["join_url"], "password": meeting["password"]}
    subject["settings"] = {name: meeting["settings"][name] for name in SAFE_SETTINGS}
    announce(world, "meeting.created", host, _operator(by) | {"operation": "single", "object": subject})


def meeting_deleted(world: World, meeting: Row, host: Row, by: Row) -> None:
    subject = _subject(meetings.shown(world, meeting, host))
    announce(world, "meeting.deleted", host, _operator(by) | {"operation": "single", "object": subject})


def meeting_converted(world: World, meeting: Row, host: Row) -> None:
    subject = _subject(meetings.shown(world, meeting, host))
    payload = _operator(host) | {"operation": "single", "object": subject}
    announce(world, "meeting.converted_to_webinar", host, payload)


def _subject(full: dict[str, Any]) -> dict[str, Any]:
    names = ("uuid", "id", "host_id", "topic", "type", "start_time", "duration", "timezone")
    return {name: full[name] for name in names if name in full}


def meeting_updated(world: World, meeting: Row, host: Row, by: Row, old: dict[str, Any]) -> None:
    """Carries the ids and only what changed; says nothing when nothing did."""
    if not old:
        return
    now = world.clock.now()
    new = {name: meeting[name] for name in old}
    payload = _operator(by) | {
        "scope": "single",
        "time_stamp": milliseconds(now),
        "object": _difference(meeting, new, old),
        "old_object": _difference(meeting, old, new),
    }
    announce(world, "meeting.updated", host, payload)


def _difference(meeting: Row, mine: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    shown = {"id": meeting["id"], "uuid": meeting["uuid"]}
    for name, value in mine.items():
        if name == "start_time":
            shown[name] = iso(value) if value else ""
        elif name == "settings":
            shown[name] = {key: value[key] for key in value if value.get(key) != other[name].get(key)}
        elif name not in ("pwd", "numeric_pwd"):
            shown[name] = value
    return shown


def session_object(meeting: Row, started_at: float | None) -> dict[str, Any]:
    """The object of events of a running meeting: the id is a string here."""
    start = started_at or meeting["start_time"] or meeting["created_at"]
    return {
        "id": str(meeting["id"]),
        "uuid": meeting["uuid"],
        "host_id": meeting["host_id"],
        "topic": meeting["topic"],
        "type": meeting["type"],
        "start_time": iso(start),
        "timezone": meeting["timezone"],
        "duration": meeting["duration"],
    }


def meeting_started(world: World, meeting: Row, host: Row, at: float) -> None:
    announce(world, "meeting.started", host, {"object": session_object(meeting, at)})


def meeting_ended(world: World, meeting: Row, host: Row, started_at: float, ended_at: float) -> None:
    subject = session_object(meeting, started_at) | {"end_time": iso(ended_at)}
    announce(world, "meeting.ended", host, {"object": subject})


def participant(
    world: World, event: str, meeting: Row, host: Row, person: Row, started_at: float | None, **more: Any
) -> None:
    """One of meeting.participant_*; `event` is what follows the underscore, such as joined or admitted."""
    if event.startswith("jbh_"):
        about = {"id": person["user_id"], "user_name": person["name"], "customer_key": ""}
    else:
        about = {
            "user_id": str(16_778_240 + person["id"] * 1024),
            "user_name": person["name"],
            "id": person["user_id"],
            "participant_uuid": person["participant_uuid"],
            "participant_user_id": person["user_id"],
            "email": person["email"],
            "registrant_id": person["registrant_id"],
            "customer_key": "",
            "phone_number": "",
        }
    subject = session_object(meeting, started_at) | {"participant": about | more}
    announce(world, f"meeting.participant_{event}", host, {"object": subject})


def user_updated(world: World, user: Row, old: dict[str, Any], by: Row) -> None:
    payload = _operator(by) | {
        "time_stamp": milliseconds(world.clock.now()),
        "object": {"id": user["id"]} | {name: user[name] for name in old},
        "old_object": {"id": user["id"]} | old,
    }
    announce(world, "user.updated", user, payload)


def user_deleted(world: World, user: Row, by: Row) -> None:
    """Announce before the authorizations of this user end, or nobody covers the user any more."""
    names = ("id", "email", "first_name", "last_name", "type")
    payload = _operator(by) | {"object": {name: user[name] for name in names}}
    announce(world, "user.deleted", user, payload)


def app_deauthorized(world: World, app: Row, user: Row) -> None:
    """Goes to the app's deauthorization address, if it has one, whatever it subscribed to."""
    if not app["deauthorization_url"]:
        return
    now = world.clock.now()
    payload = {
        "user_id": user["id"],
        "signature": secrets.token_hex(32),
        "deauthorization_time": iso_ms(now),
        "client_id": app["client_id"],
        "user_data_retention": None,
    }
    enqueue(world, app, app["deauthorization_url"], "app_deauthorized", user["account_id"], payload)
