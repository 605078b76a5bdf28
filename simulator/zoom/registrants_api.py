"""People who register for a meeting; only meetings with approval_type 0 or 1 have them.

https://developers.zoom.us/docs/api/meetings/
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import request

from . import meetings
from .api import Caller, body, operation, reach_meeting
from .clock import iso
from .errors import ApiError, invalid_fields
from .paging import page
from .state import Row
from .world import World

STATUS_AFTER = {"approve": "approved", "cancel": "canceled", "deny": "denied"}
DETAILS = ("address", "city", "country", "zip", "state", "phone", "industry", "org", "job_title", "comments")


@operation("POST", "/meetings/<meeting_id>/registrants", scope="meeting:write:registrant")
def add(world: World, caller: Caller, meeting_id: str) -> tuple[dict[str, Any], int]:
    meeting, host = reach_meeting(world, caller, meeting_id)
    given = body()
    approval = meeting["settings"]["approval_type"]
    if approval == 2:
        raise ApiError(400, 3000, "Registration has not been enabled for this meeting.")
    wrong = [
        name for name in ("email", "first_name") if not isinstance(given.get(name), str) or not given[name]
    ]
    if wrong or "@" not in given["email"]:
        raise invalid_fields(*(wrong or ["email"]))
    with world.store.transaction():
        row = _find(world, meeting, given["email"]) or _insert(world, meeting, given, approval)
    answer = {
        "id": meeting["id"],
        "registrant_id": row["id"],
        "topic": meeting["topic"],
        "join_url": _link(world, meeting, host, row),
        "participant_pin_code": 380_303,
    }
    if meeting["start_time"]:
        answer["start_time"] = iso(meeting["start_time"])
    return answer, 201


def _find(world: World, meeting: Row, email: str) -> Row | None:
    return world.store.one(
        "SELECT * FROM registrant WHERE meeting_id = ? AND lower(email) = lower(?)", meeting["id"], email
    )


def _insert(world: World, meeting: Row, given: dict[str, Any], approval: int) -> Row:
    world.store.insert(
        "registrant",
        id=secrets.token_urlsafe(16),
        meeting_id=meeting["id"],
        email=given["email"],
        first_name=given["first_name"],
        last_name=_text(given.get("last_name")),
        details={name: _text(given.get(name)) for name in DETAILS},
        status="approved" if approval == 0 else "pending",
        created_at=world.clock.now(),
    )
    row = _find(world, meeting, given["email"])
    assert row is not None
    return row


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _link(world: World, meeting: Row, host: Row, row: Row) -> str:
    address = meetings.join_url(world, meeting, host)
    return f"{address}{'&' if '?' in address else '?'}tk={row['id']}"


@operation("GET", "/meetings/<meeting_id>/registrants", scope="meeting:read:list_registrants", label="Medium")
def list_all(world: World, caller: Caller, meeting_id: str) -> dict[str, Any]:
    meeting, host = reach_meeting(world, caller, meeting_id)
    status = request.args.get("status", "approved")
    if status not in ("pending", "approved", "denied"):
        raise invalid_fields("status")
    rows = world.store.all(
        "SELECT * FROM registrant WHERE meeting_id = ? AND status = ? ORDER BY created_at, id",
        meeting["id"],
        status,
    )
    return page(world, "registrants", [_shown(world, meeting, host, row) for row in rows])


def _shown(world: World, meeting: Row, host: Row, row: Row) -> dict[str, Any]:
    person: dict[str, Any] = {
        name: row[name] for name in ("id", "email", "first_name", "last_name", "status")
    }
    extra = {"create_time": iso(row["created_at"]), "join_url": _link(world, meeting, host, row)}
    details: dict[str, Any] = row["details"]
    return person | details | extra


@operation(
    "PUT",
    "/meetings/<meeting_id>/registrants/status",
    scope="meeting:update:registrant_status",
    label="Medium",
)
def set_status(world: World, caller: Caller, meeting_id: str) -> None:
    meeting, _ = reach_meeting(world, caller, meeting_id)
    given = body()
    chosen = given.get("registrants", [])
    if given.get("action") not in list(STATUS_AFTER):
        raise invalid_fields("action")
    if not isinstance(chosen, list) or len(chosen) > 30 or not all(map(_named, chosen)):
        raise invalid_fields("registrants")
    with world.store.transaction():
        for one in chosen:
            world.store.run(
                "UPDATE registrant SET status = ? WHERE meeting_id = ? AND (id = ? OR lower(email) = lower(?))",
                STATUS_AFTER[given["action"]],
                meeting["id"],
                one.get("id") or "",
                one.get("email") or "",
            )


def _named(one: Any) -> bool:
    """A registrant by id, by e-mail address or by both."""
    return isinstance(one, dict) and all(isinstance(one.get(name) or "", str) for name in ("id", "email"))


@operation("DELETE", "/meetings/<meeting_id>/registrants/<registrant_id>", scope="meeting:delete:registrant")
def delete(world: World, caller: Caller, meeting_id: str, registrant_id: str) -> None:
    meeting, _ = reach_meeting(world, caller, meeting_id)
    gone = world.store.run(
        "DELETE FROM registrant WHERE meeting_id = ? AND id = ?", meeting["id"], registrant_id
    )
    if not gone:
        raise ApiError(404, 1001, "Registrant does not exist.")
