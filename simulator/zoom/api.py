"""The door of the REST API: who calls, may they, how often, and how refusals look.

Operations live in users_api.py, meetings_api.py, registrants_api.py and past_api.py and hang themselves here.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, request

from . import faults, fields, limits, meetings, tokens
from .errors import (
    EXPIRED_TOKEN,
    INVALID_TOKEN,
    NOT_PERMITTED,
    QUERY_TOKEN,
    ApiError,
    meeting_gone,
    missing_scopes,
    no_such_user,
    not_json,
)
from .state import Row
from .world import World, answer_json, here

blueprint = Blueprint("api", __name__, url_prefix="/v2")


@dataclass(frozen=True)
class Caller:
    """Whose token this is and what it may do."""

    app: Row
    user: Row
    scopes: list[str]
    shared_access: bool

    @property
    def is_admin(self) -> bool:
        """A server-to-server app acts for its whole account."""
        return bool(self.app["kind"] == "s2s")

    @property
    def operator(self) -> Row:
        return self.user


def operation(method: str, rule: str, *, scope: str, label: str = "Light") -> Callable[..., Any]:
    """Register an operation of the API. The function gets the world, the caller and the parts of the path.

    It answers a JSON value (200), a (value, status) pair, or None for 204 with an empty body.
    """

    def register(work: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(work)
        def view(**parts: Any) -> Any:
            world = here()
            caller = authenticate(world)
            g.label = label
            g.limit_headers = limits.check(world, world.account_of(caller.user), label)
            demand_scope(world, caller, scope)
            result = work(world, caller, **parts)
            if result is None:
                return Response("", 204)
            value, status = result if isinstance(result, tuple) else (result, 200)
            return answer_json(value, status)

        blueprint.add_url_rule(rule, f"{method} {rule}", view, methods=[method])
        return work

    return register


def authenticate(world: World) -> Caller:
    """The caller named by the bearer token. Refuses with 401/124 in Zoom's words."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret:
        in_query = "access_token" in request.args
        raise ApiError(401, 124, QUERY_TOKEN if in_query else INVALID_TOKEN)
    token = tokens.find(world, secret.strip(), "access")
    if token is None or token["died_at"]:
        raise ApiError(401, 124, INVALID_TOKEN)
    app = world.app(token["client_id"])
    user = world.user(token["user_id"])
    if app is None or app["disabled"] or user is None:
        raise ApiError(401, 124, INVALID_TOKEN)
    if token["expires_at"] <= world.clock.now():
        raise ApiError(401, 124, EXPIRED_TOKEN)
    caller = Caller(app, user, token["scopes"], bool(token["shared_access"]))
    g.caller = caller
    return caller


def demand_scope(world: World, caller: Caller, scope: str) -> None:
    """Refuses with 4711 and the names of the scopes that would do."""
    if not {scope, f"{scope}:admin"} & set(caller.scopes):
        raise missing_scopes([scope, f"{scope}:admin"], status=int(world.mode("scope_error_status")))


def reach_user(world: World, caller: Caller, name: str, scope: str) -> Row:
    """The user meant by {userId}: `me` for user-managed apps, anybody of the account for server-to-server ones.

    A user-managed app reaches another user only by Zoom's scheduling privilege and the shared-access tick.
    """
    if name == "me":
        return caller.user
    user = world.user(name)
    if caller.is_admin:
        if user is None or user["account_id"] != caller.app["account_id"]:
            raise no_such_user(name)
        return user
    if user and user["id"] != caller.user["id"] and fields.may_schedule_for(world, caller.user, user):
        if not caller.shared_access:
            raise ApiError(403, 200, NOT_PERMITTED)
        return user
    # Zoom wants the word `me` here, even for one's own id, and says so by asking for the admin scope.
    raise missing_scopes([f"{scope}:admin"], status=int(world.mode("scope_error_status")))


def reach_meeting(
    world: World, caller: Caller, meeting_id: str, *, row: Row | None = None
) -> tuple[Row, Row]:
    """The meeting of this number and its host. Refuses with 404/3001 what is gone or of another account."""
    meeting = row or meetings.load(world, meeting_id)
    host = world.user(meeting["host_id"])
    if host is None or host["account_id"] != caller.user["account_id"]:
        raise meeting_gone(meeting_id)
    if caller.is_admin or host["id"] == caller.user["id"]:
        return _no_webinar(meeting), host
    if fields.may_schedule_for(world, caller.user, host):
        if not caller.shared_access:
            raise ApiError(403, 200, NOT_PERMITTED)
        return _no_webinar(meeting), host
    raise ApiError(400, 3003, "You are not the meeting host.")


def _no_webinar(meeting: Row) -> Row:
    """What was turned into a webinar keeps its number and is no meeting any more."""
    if meeting["type"] == meetings.WEBINAR:
        raise ApiError(400, 3000, "This operation is not allowed: the id is the id of a webinar.")
    return meeting


def body() -> dict[str, Any]:
    """The JSON object of the request. Refuses (400/300) anything else."""
    try:
        value = json.loads(request.get_data())
    except ValueError:
        raise not_json() from None
    if not isinstance(value, dict):
        raise not_json()
    return value


@blueprint.errorhandler(ApiError)
def refuse(error: ApiError) -> Response:
    response: Response = answer_json(error.body(french=faults.is_armed("french")), error.status)
    response.headers.update(error.headers)
    return response


@blueprint.after_request
def name_the_limits(response: Response) -> Response:
    for name, value in g.get("limit_headers", {}).items():
        response.headers.setdefault(name, value)
    return response


def unknown() -> Response:
    """The answer about an operation that does not exist."""
    response: Response = answer_json({"code": 2300, "message": "This API endpoint is not recognized."}, 404)
    return response
