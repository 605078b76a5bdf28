"""What was: ended meetings and who took part.

https://developers.zoom.us/docs/api/meetings/  A uuid in the path must be encoded twice when it begins with / or
contains //; the framework has undone the first encoding when these functions see it.
"""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import unquote

from . import meetings
from .api import Caller, operation, reach_meeting
from .clock import DAY, iso
from .errors import ApiError, meeting_gone
from .paging import page
from .state import Row
from .world import World

OLDEST = 365 * DAY


@operation(
    "GET",
    "/past_meetings/<path:ref>/participants",
    scope="meeting:read:list_past_participants",
    label="Medium",
)
def participants(world: World, caller: Caller, ref: str) -> dict[str, Any]:
    session, _meeting, host = _ended(world, caller, ref)
    if host["type"] == 1:
        raise ApiError(400, 200, "Only available for Paid account.")
    people = [_shown_person(host, row) for row in _people(world, session)]
    return page(world, "participants", people, numbered=False)


@operation(
    "GET", "/past_meetings/<path:ref>/instances", scope="meeting:read:list_past_instances", label="Medium"
)
def instances(world: World, caller: Caller, ref: str) -> dict[str, Any]:
    meeting, _ = _meeting_of_caller(world, caller, ref)
    rows = world.store.all(
        "SELECT * FROM instance WHERE meeting_id = ? AND ended_at IS NOT NULL ORDER BY started_at",
        meeting["id"],
    )
    return {"meetings": [{"uuid": row["uuid"], "start_time": iso(row["started_at"])} for row in rows]}


@operation("GET", "/past_meetings/<path:ref>", scope="meeting:read:past_meeting")
def past_meeting(world: World, caller: Caller, ref: str) -> dict[str, Any]:
    session, meeting, host = _ended(world, caller, ref)
    people = _people(world, session)
    return {
        "id": meeting["id"],
        "uuid": session["uuid"],
        "host_id": host["id"],
        "type": meeting["type"],
        "topic": meeting["topic"],
        "user_name": host["display_name"],
        "user_email": host["email"],
        "start_time": iso(session["started_at"]),
        "end_time": iso(session["ended_at"]),
        "duration": math.ceil((session["ended_at"] - session["started_at"]) / 60),
        "total_minutes": sum(math.ceil((row["left_at"] - row["joined_at"]) / 60) for row in people),
        "participants_count": len(people),
        "dept": host["dept"],
        "source": meeting["source"],
        "has_meeting_summary": False,
    }


def _ended(world: World, caller: Caller, ref: str) -> tuple[Row, Row, Row]:
    """The asked-for instance, or the last one of a meeting number. Refuses what is unknown or older than a year."""
    meeting, host = _meeting_of_caller(world, caller, ref)
    session = world.store.one(
        "SELECT * FROM instance WHERE ended_at IS NOT NULL AND (uuid = ? OR (? AND meeting_id = ?)) "
        "ORDER BY ended_at DESC LIMIT 1",
        unquote(ref),
        meetings.is_number(ref),
        meeting["id"],
    )
    if session is None:
        raise meeting_gone(ref)
    if session["ended_at"] < world.clock.now() - OLDEST:
        raise ApiError(400, 12702, "Can not access a meeting a year ago.")
    return session, meeting, host


def _meeting_of_caller(world: World, caller: Caller, ref: str) -> tuple[Row, Row]:
    if ref.startswith("/") or "//" in ref:
        raise meeting_gone(ref)  # encoded once only: Zoom reads it as another path
    identity = ref if meetings.is_number(ref) else None
    row = world.store.one(
        "SELECT * FROM meeting WHERE id = coalesce(?, (SELECT meeting_id FROM instance WHERE uuid = ?))",
        identity,
        unquote(ref),
    )
    if row is None:
        raise meeting_gone(ref)
    return reach_meeting(world, caller, str(row["id"]), row=row)


def _people(world: World, session: Row) -> list[Row]:
    return world.store.all(
        "SELECT * FROM participant WHERE instance_uuid = ? AND joined_at IS NOT NULL AND left_at IS NOT NULL "
        "ORDER BY id",
        session["uuid"],
    )


def _shown_person(host: Row, row: Row) -> dict[str, Any]:
    return {
        "id": row["user_id"],
        "name": row["name"],
        "user_id": str(16_778_240 + row["id"] * 1024),
        "registrant_id": row["registrant_id"],
        "user_email": row["email"],
        "join_time": iso(row["joined_at"]),
        "leave_time": iso(row["left_at"]),
        "duration": int(row["left_at"]) - int(row["joined_at"]),
        "failover": False,
        "status": "in_meeting",
        "internal_user": bool(row["user_id"]),
    }
