"""Create, read, change, delete, list and end meetings; the invitation text and personal links.

https://developers.zoom.us/docs/api/meetings/
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, request

from . import events, fields, limits, meetings, rooms
from .api import Caller, body, operation, reach_meeting, reach_user
from .errors import ApiError, cannot_host, invalid_fields
from .paging import page
from .state import Row
from .world import World

WRITE = "meeting:write:meeting"
LIST_TYPES = ("scheduled", "live", "upcoming", "upcoming_meetings", "previous_meetings")
HOUR = 3600


@operation("POST", "/users/<user_id>/meetings", scope=WRITE)
def create(world: World, caller: Caller, user_id: str) -> tuple[dict[str, Any], int]:
    host = reach_user(world, caller, user_id, WRITE)
    given = fields.read(body())
    with world.store.transaction():
        if given.get("schedule_for"):
            host = _scheduled_for(world, caller, host, given)
        if host["status"] != "active" or host["type"] not in (1, 2):
            raise cannot_host()
        if given["settings"].get("approval_type", 2) != 2 and host["type"] == 1:
            raise ApiError(400, 3000, "Registration is available to licensed users only.")
        limits.check_host(world, host, g.label)
        meeting = meetings.create(
            world,
            host=host,
            assistant=host if caller.is_admin else caller.user,
            given=given,
            source=caller.app["name"],
            via="open_api",
        )
        events.meeting_created(world, meeting, host, caller.operator)
    return meetings.shown(world, meeting, host), 201


def _scheduled_for(world: World, caller: Caller, assistant: Row, given: dict[str, Any]) -> Row:
    host = fields.check_schedule_for(world, assistant, given["schedule_for"], given.get("type", 2))
    if host["id"] != assistant["id"] and not caller.shared_access:
        raise ApiError(403, 200, "Authenticated user has not permitted access to the targeted resource.")
    return host


@operation("GET", "/meetings/<meeting_id>", scope="meeting:read:meeting")
def get(world: World, caller: Caller, meeting_id: str) -> dict[str, Any]:
    meeting, host = reach_meeting(world, caller, meeting_id)
    return meetings.shown(world, meeting, host)


@operation("PATCH", "/meetings/<meeting_id>", scope="meeting:update:meeting")
def change(world: World, caller: Caller, meeting_id: str) -> None:
    meeting, host = reach_meeting(world, caller, meeting_id)
    given = fields.read(body())
    wanted = given.get("schedule_for")
    if wanted and wanted.lower() not in (host["id"].lower(), host["email"].lower()):
        # The host of a meeting cannot be changed this way, privilege or not.
        raise ApiError(400, 3000, f"You cannot schedule a meeting for {wanted}.")
    with world.store.transaction():
        limits.check_host(world, host, g.label)
        meeting, old = meetings.update(world, meeting=meeting, host=host, given=given)
        events.meeting_updated(world, meeting, host, caller.operator, old)


@operation("DELETE", "/meetings/<meeting_id>", scope="meeting:delete:meeting")
def delete(world: World, caller: Caller, meeting_id: str) -> None:
    if meeting_id == str(caller.user["pmi"]):
        raise ApiError(400, 3018, "Not allowed to delete PMI.")
    meeting, host = reach_meeting(world, caller, meeting_id)
    with world.store.transaction():
        meetings.delete(world, meeting)
        events.meeting_deleted(world, meeting, host, caller.operator)


@operation("PUT", "/meetings/<meeting_id>/status", scope="meeting:update:status")
def set_status(world: World, caller: Caller, meeting_id: str) -> None:
    action = body().get("action")
    if action == "recover":
        row = world.store.one("SELECT * FROM meeting WHERE id = ?", meeting_id)
        reach_meeting(world, caller, meeting_id, row=row)
        with world.store.transaction():
            meetings.recover(world, int(meeting_id))
    elif action == "end":
        meeting, _ = reach_meeting(world, caller, meeting_id)
        if meeting["status"] != "started":
            raise ApiError(400, 3000, "The meeting is not in progress.")
        rooms.end(world, meeting)
    else:
        raise invalid_fields("action")


@operation("GET", "/users/<user_id>/meetings", scope="meeting:read:list_meetings", label="Medium")
def list_of_user(world: World, caller: Caller, user_id: str) -> dict[str, Any]:
    host = reach_user(world, caller, user_id, "meeting:read:list_meetings")
    kind = request.args.get("type", "scheduled")
    if kind not in LIST_TYPES:
        raise invalid_fields("type")
    found = [meeting for meeting in of_host(world, host) if _belongs(world, meeting, kind)]
    return page(world, "meetings", [meetings.listed(world, meeting, host) for meeting in found])


def of_host(world: World, host: Row) -> list[Row]:
    """The unexpired, undeleted meetings of a host, soonest first. Instant ones appear while they run."""
    rows = world.store.all(
        "SELECT * FROM meeting WHERE host_id = ? AND deleted_at IS NULL ORDER BY coalesce(start_time, created_at), id",
        host["id"],
    )
    return [row for row in rows if row["type"] != meetings.WEBINAR and not meetings.expired(world, row)]


def _belongs(world: World, meeting: Row, kind: str) -> bool:
    live = bool(meeting["status"] == "started")
    if kind == "live":
        return live
    if meeting["type"] == 1:
        return live and kind in ("upcoming", "upcoming_meetings")
    now = world.clock.now()
    over = meeting["start_time"] is not None and meeting["start_time"] + meeting["duration"] * 60 <= now
    if kind == "previous_meetings":
        return over and not live
    return bool(kind == "scheduled" or live or not over)


@operation("GET", "/meetings/<meeting_id>/invitation", scope="meeting:read:invitation")
def invitation(world: World, caller: Caller, meeting_id: str) -> dict[str, Any]:
    meeting, host = reach_meeting(world, caller, meeting_id)
    lines = [
        f"{host['display_name']}さんがあなたを予約されたZoomミーティングに招待しています。",
        "",
        f"トピック: {meeting['topic']}",
        f"時刻: {_spoken(meeting)}",
        "参加 Zoom ミーティング",
        meetings.join_url(world, meeting, host),
        "",
        f"ミーティング ID: {spaced(meetings.number(meeting, host))}",
    ]
    if meeting["password"]:
        lines.append(f"パスコード: {meeting['password']}")
    return {"invitation": "\r\n".join([*lines, ""]), "sip_links": []}


def _spoken(meeting: Row) -> str:
    start = meeting["start_time"] or meeting["created_at"]
    local = datetime.fromtimestamp(start, ZoneInfo(meeting["timezone"]))
    place = "大阪、札幌、東京" if meeting["timezone"] == "Asia/Tokyo" else meeting["timezone"]
    return f"{local.year}年{local.month}月{local.day}日 {local:%I:%M %p} {place}"


def spaced(number: int) -> str:
    """88412345678 as people read it: 884 1234 5678."""
    text = str(number)
    head = 3
    return f"{text[:head]} {text[head : head + len(text[head:]) // 2]} {text[head + len(text[head:]) // 2 :]}"


@operation("POST", "/meetings/<meeting_id>/invite_links", scope="meeting:write:invite_links")
def invite_links(world: World, caller: Caller, meeting_id: str) -> tuple[dict[str, Any], int]:
    meeting, host = reach_meeting(world, caller, meeting_id)
    given = body()
    attendees = given.get("attendees", [])
    ttl = given.get("ttl", 2 * HOUR)
    wrong = []
    if not isinstance(attendees, list) or len(attendees) > 500 or not all(map(_named, attendees)):
        wrong.append("attendees")
    if not isinstance(ttl, int) or isinstance(ttl, bool) or not 0 <= ttl <= 7_776_000:
        wrong.append("ttl")
    if wrong:
        raise invalid_fields(*wrong)
    address = meetings.join_url(world, meeting, host)
    glue = "&" if "?" in address else "?"
    made = [
        {"name": person["name"], "join_url": f"{address}{glue}tk={secrets.token_urlsafe(32)}"}
        for person in attendees
    ]
    return {"attendees": made}, 201


def _named(person: Any) -> bool:
    return isinstance(person, dict) and isinstance(person.get("name"), str) and 0 < len(person["name"]) <= 64
