"""What people and administrators do inside Zoom, behind the back of every app."""

from __future__ import annotations

from typing import Any

from . import events, fields, meetings, oauth, tokens
from .state import Row
from .world import World

CHANGEABLE = (
    "type",
    "status",
    "email",
    "first_name",
    "last_name",
    "display_name",
    "timezone",
    "language",
    "dept",
)
TOLD = ("type", "status", "email", "first_name", "last_name", "dept")
USER_TYPES = (1, 2, 4, 99)
STATUSES = ("active", "inactive", "pending")


def edit_meeting(world: World, meeting_id: int, changes: dict[str, Any]) -> Row:
    """The host changes the meeting in Zoom: topic, start_time, duration, password, settings, host.

    Takes the fields of PATCH /meetings/{id}, and `host` (e-mail) to hand it to a colleague. Refuses as Zoom does.
    """
    with world.store.transaction():
        meeting = meetings.load(world, meeting_id)
        host = _host(world, meeting)
        given = fields.read({name: value for name, value in changes.items() if name != "host"})
        after, old = meetings.update(world, meeting=meeting, host=host, given=given)
        events.meeting_updated(world, after, host, host, old)
        other = world.user(changes.get("host", ""))
        if other:
            world.store.change("meeting", "id", meeting_id, host_id=other["id"])
        return meetings.load(world, meeting_id)


def delete_meeting(world: World, meeting_id: int) -> None:
    """The host deletes the meeting in Zoom."""
    with world.store.transaction():
        meeting = meetings.load(world, meeting_id)
        host = _host(world, meeting)
        meetings.delete(world, meeting)
        events.meeting_deleted(world, meeting, host, host)


def convert_to_webinar(world: World, meeting_id: int) -> None:
    """The host turns the meeting into a webinar: the number stays, the meetings' API knows it no more."""
    with world.store.transaction():
        meeting = meetings.load(world, meeting_id)
        host = _host(world, meeting)
        world.store.change("meeting", "id", meeting_id, type=meetings.WEBINAR)
        events.meeting_converted(world, meeting, host)


def _host(world: World, meeting: Row) -> Row:
    host = world.user(meeting["host_id"])
    assert host is not None, "deleting a user deletes the user's meetings"
    return host


def change_user(world: World, user: Row, changes: dict[str, Any]) -> Row:
    """An administrator changes a user; apps hear user.updated. `settings` is merged group by group.

    Refuses (ValueError) unknown fields, types and statuses.
    """
    settings = changes.pop("settings", {})
    unknown = set(changes) - set(CHANGEABLE)
    if unknown:
        raise ValueError(
            f"cannot change {', '.join(sorted(unknown))}; known: {', '.join(CHANGEABLE)}, settings"
        )
    if changes.get("type", 1) not in USER_TYPES or changes.get("status", "active") not in STATUSES:
        raise ValueError(f"type is one of {USER_TYPES}, status one of {STATUSES}")
    merged = {name: group | settings.get(name, {}) for name, group in user["settings"].items()}
    with world.store.transaction():
        world.store.change("user", "id", user["id"], **changes, settings=merged)
        after = world.store.one("SELECT * FROM user WHERE id = ?", user["id"])
        assert after is not None
        old = {name: user[name] for name in TOLD if user[name] != after[name]}
        if old:
            events.user_updated(world, after, old, _administrator(world, user))
        return after


def delete_user(world: World, user: Row) -> None:
    """An administrator removes a user: apps hear user.deleted, tokens and meetings are gone."""
    with world.store.transaction():
        now = world.clock.now()
        events.user_deleted(world, user, _administrator(world, user))
        for row in tokens.live_authorizations(world, user_id=user["id"]):
            tokens.end_authorization(world, row["id"], "user_deleted")
        world.store.run(
            "UPDATE meeting SET deleted_at = ? WHERE host_id = ? AND deleted_at IS NULL", now, user["id"]
        )
        world.store.change("user", "id", user["id"], deleted_at=now)


def _administrator(world: World, user: Row) -> Row:
    found = world.store.one(
        "SELECT * FROM user WHERE account_id = ? AND role = 'admin' AND deleted_at IS NULL",
        user["account_id"],
    )
    return found or user


def set_event_url(world: World, app: Row, url: str, *, validate: bool = True) -> dict[str, Any] | None:
    """Save where events go. Zoom validates first and does not save what fails; returns the result.

    `validate=False` saves without asking, for an endpoint that is not up yet. An empty address ends delivery.
    """
    result = world.courier.validate(app, url) if url and validate else None
    if result is None or result["ok"]:
        world.store.change(
            "app",
            "client_id",
            app["client_id"],
            event_url=url,
            validated_at=world.clock.now(),
            validation=result,
        )
    else:
        world.store.change("app", "client_id", app["client_id"], validation=result)
    return result


def uninstall(world: World, app: Row, user: Row) -> bool:
    """The user removes the app in the Marketplace. False if it was not installed."""
    return oauth.uninstall(world, app, user["id"], "uninstalled")


def decide_request(world: World, request_id: int, account_id: str, *, approve: bool) -> bool:
    """The administrator answers an App Request of the own account. False if it is not open there."""
    with world.store.transaction():
        row = world.store.one(
            "SELECT * FROM app_request WHERE id = ? AND account_id = ? AND status = 'pending'",
            request_id,
            account_id,
        )
        app = world.app(row["client_id"]) if row else None
        user = world.user(row["user_id"]) if row else None
        if row is None or app is None or user is None:
            return False
        status = "approved" if approve else "rejected"
        world.store.change("app_request", "id", request_id, status=status, decided_at=world.clock.now())
        if approve:
            oauth.allow_user(world, app, user)
        return True
