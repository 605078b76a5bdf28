"""Who am I, what are my settings, whom may I schedule for, and the key to my room.

https://developers.zoom.us/docs/api/users/
"""

from __future__ import annotations

from typing import Any

from flask import request

from . import meetings
from .api import Caller, operation, reach_user
from .clock import iso
from .errors import ApiError, invalid_fields
from .paging import page
from .state import Row
from .world import World

ZAK_PATH_SECONDS = 300
LONGEST_ZAK_SECONDS = 7_776_000


def shown(world: World, user: Row) -> dict[str, Any]:
    """A user as GET /users/me answers it."""
    account = world.account_of(user)
    created = iso(user["created_at"])
    return {
        "id": user["id"],
        "first_name": user["first_name"],
        "last_name": user["last_name"],
        "display_name": user["display_name"],
        "email": user["email"],
        "type": user["type"],
        "role_name": "Admin" if user["role"] == "admin" else "Member",
        "role_id": "1" if user["role"] == "admin" else "2",
        "pmi": user["pmi"],
        "use_pmi": user["settings"]["schedule_meeting"]["use_pmi_for_scheduled_meetings"],
        "personal_meeting_url": world.url(f"/j/{user['pmi']}?pwd={user['pmi_pwd']}"),
        "timezone": user["timezone"],
        "verified": 1,
        "dept": user["dept"],
        "created_at": created,
        "last_login_time": iso(world.clock.now()),
        "last_client_version": "6.6.0.1000(win)",
        "language": user["language"],
        "phone_number": "",
        "status": user["status"],
        "account_id": user["account_id"],
        "account_number": account["number"],
        "login_types": [100],
        "user_created_at": created,
        "cluster": "us06",
        "group_ids": [],
        "im_group_ids": [],
        "jid": f"{user['id'].lower()}@xmpp.zoom.us",
    }


@operation("GET", "/users", scope="user:read:list_users", label="Medium")
def list_users(world: World, caller: Caller) -> dict[str, Any]:
    status = request.args.get("status", "active")
    users = world.store.all(
        "SELECT * FROM user WHERE account_id = ? AND status = ? AND deleted_at IS NULL ORDER BY email",
        caller.user["account_id"],
        status,
    )
    return page(world, "users", [shown(world, user) for user in users])


@operation("GET", "/users/<user_id>", scope="user:read:user")
def get_user(world: World, caller: Caller, user_id: str) -> dict[str, Any]:
    user = reach_user(world, caller, user_id, "user:read:user")
    if user["status"] == "pending":
        raise ApiError(400, 1120, "The invitation has expired.")
    return shown(world, user)


@operation("GET", "/users/<user_id>/settings", scope="user:read:settings", label="Medium")
def get_settings(world: World, caller: Caller, user_id: str) -> dict[str, Any]:
    user = reach_user(world, caller, user_id, "user:read:settings")
    if request.args.get("option") == "meeting_security" and world.account_of(user)["plan"] == "free":
        raise ApiError(400, 200, "Only available for paid account.")
    wanted = [name for name in request.args.get("custom_query_fields", "").split(",") if name]
    settings: dict[str, Any] = user["settings"]
    return {name: settings[name] for name in wanted if name in settings} if wanted else settings


@operation("GET", "/users/<user_id>/schedulers", scope="user:read:list_schedulers", label="Medium")
def list_schedulers(world: World, caller: Caller, user_id: str) -> dict[str, Any]:
    user = reach_user(world, caller, user_id, "user:read:list_schedulers")
    hosts = world.store.all(
        "SELECT u.* FROM delegation d JOIN user u ON u.id = d.user_id "
        "WHERE d.assistant_id = ? AND u.deleted_at IS NULL ORDER BY u.email",
        user["id"],
    )
    return {"schedulers": [{"id": host["id"], "email": host["email"], "pmi": host["pmi"]} for host in hosts]}


@operation("GET", "/users/<user_id>/assistants", scope="user:read:list_assistants", label="Medium")
def list_assistants(world: World, caller: Caller, user_id: str) -> dict[str, Any]:
    user = reach_user(world, caller, user_id, "user:read:list_assistants")
    people = world.store.all(
        "SELECT u.* FROM delegation d JOIN user u ON u.id = d.assistant_id "
        "WHERE d.user_id = ? AND u.deleted_at IS NULL ORDER BY u.email",
        user["id"],
    )
    return {"assistants": [{"id": person["id"], "email": person["email"]} for person in people]}


@operation("GET", "/users/<user_id>/token", scope="user:read:token")
def get_token(world: World, caller: Caller, user_id: str) -> dict[str, Any]:
    user = reach_user(world, caller, user_id, "user:read:token")
    ttl = request.args.get("ttl", str(meetings.ZAK_SECONDS))
    if not meetings.is_number(ttl) or int(ttl) > LONGEST_ZAK_SECONDS:
        raise invalid_fields("ttl")
    if request.args.get("type", "token") not in ("token", "zak"):
        raise ApiError(400, 2300, "This API endpoint is not recognized.")
    return {"token": meetings.new_zak(world, user, int(ttl) or meetings.ZAK_SECONDS)}


@operation("GET", "/users/<user_id>/zak", scope="user:read:zak")
def get_zak(world: World, caller: Caller, user_id: str) -> dict[str, Any]:
    user = reach_user(world, caller, user_id, "user:read:zak")
    return {"token": meetings.new_zak(world, user, ZAK_PATH_SECONDS)}
