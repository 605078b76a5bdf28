"""The JSON control API for tests and for bin/demo, under /sim/api; README.md has the list.

Faults are also reachable at /sim/faults. Nothing here exists at the real Zoom.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.exceptions import HTTPException

from . import dump, faults, fixtures, meetings, oauth, rooms, tokens, zoom_side
from .clock import iso, parse_iso
from .demo import tell_story
from .errors import ApiError
from .state import Row
from .world import World, answer_json, here

blueprint = Blueprint("control", __name__, url_prefix="/sim")

APP_FIELDS = ("name", "developer", "distribution", "scopes", "redirects", "secret_token", "client_secret", "events",
              "deauthorization_url", "disabled")  # fmt: skip


class Unusable(Exception):
    """The control request names something that is not there, or makes no sense."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@blueprint.errorhandler(Unusable)
def unusable(error: Unusable) -> Any:
    return answer_json({"error": str(error)}, error.status)


@blueprint.errorhandler(TypeError)
@blueprint.errorhandler(ValueError)
def wrong_value(error: Exception) -> Any:
    return answer_json({"error": str(error)}, 400)


@blueprint.errorhandler(ApiError)
def as_zoom_refuses(error: ApiError) -> Any:
    return answer_json(error.body(), error.status)


@blueprint.errorhandler(oauth.PageRefusal)
def as_authorize_refuses(error: oauth.PageRefusal) -> Any:
    return answer_json({"error": error.words, "errorCode": error.number}, 400)


def given() -> dict[str, Any]:
    """The JSON object of the request; an empty body is an empty object."""
    if not request.get_data():
        return {}
    try:
        value = request.get_json(force=True)
    except HTTPException:
        raise Unusable("the body is not JSON") from None
    if not isinstance(value, dict):
        raise Unusable("the body must be a JSON object")
    return value


def need_user(world: World, name: Any) -> Row:
    user = world.user(str(name or ""))
    if user is None:
        raise Unusable(f"no user {name!r}: give an e-mail address or id", 404)
    return user


def need_app(world: World, client_id: Any) -> Row:
    app = world.app(str(client_id or fixtures.CLIENT_ID))
    if app is None:
        raise Unusable(f"no app {client_id!r}", 404)
    return app


@blueprint.post("/api/reset")
def reset() -> Any:
    world = here()
    seed = given().get("seed", "fixtures")
    world.reset()
    if seed == "demo":
        tell_story(world)
    return answer_json({"reset": seed})


@blueprint.get("/api/state")
def state() -> Any:
    return answer_json(dump.everything(here()))


@blueprint.get("/api/requests")
def requests_log() -> Any:
    return answer_json(dump.requests(here()))


@blueprint.get("/api/deliveries")
def deliveries() -> Any:
    return answer_json({"deliveries": dump.deliveries(here())})


@blueprint.post("/api/deliveries/flush")
def flush() -> Any:
    """Carry everything that is due before answering."""
    world = here()
    attempts = world.courier.flush()
    return answer_json({"attempts": attempts, "deliveries": dump.deliveries(world)})


@blueprint.get("/api/clock")
def clock() -> Any:
    world = here()
    return answer_json(
        {"now": iso(world.clock.now()), "epoch": world.clock.now(), "offset": world.clock.offset}
    )


@blueprint.post("/api/clock")
def set_clock() -> Any:
    """{"advance": seconds} · {"to": "2026-12-01T05:00:00Z"} · {"wall": true}; then the courier wakes."""
    world = here()
    wanted = given()
    if "advance" in wanted:
        world.clock.advance(float(wanted["advance"]))
    elif "to" in wanted:
        world.clock.set_to(parse_iso(wanted["to"]))
    elif wanted.get("wall"):
        world.clock.set_to_wall()
    else:
        raise Unusable("give advance (seconds), to (ISO instant) or wall (true)")
    world.windows.clear()
    world.courier.wake()
    return clock()


@blueprint.get("/api/faults")
@blueprint.get("/faults")
def list_faults() -> Any:
    return answer_json({"faults": faults.armed(here()), "kinds": list(faults.KINDS)})


@blueprint.post("/api/faults")
@blueprint.post("/faults")
def arm() -> Any:
    """{"kind", "times", "match", "params": {…} or the numbers at the top level}. `times` defaults to once."""
    wanted = given()
    kind = str(wanted.pop("kind", ""))
    times = wanted.pop("times", None if kind in faults.LASTING else 1)
    match = wanted.pop("match", None)
    params = wanted.pop("params", {}) | wanted
    return answer_json({"id": faults.arm(here(), kind, times, match, **params)}, 201)


@blueprint.delete("/api/faults")
@blueprint.delete("/faults")
def clear_faults() -> Any:
    return answer_json({"cleared": faults.clear(here())})


@blueprint.delete("/api/faults/<int:fault_id>")
@blueprint.delete("/faults/<int:fault_id>")
def clear_fault(fault_id: int) -> Any:
    return answer_json({"cleared": faults.clear(here(), fault_id)})


@blueprint.get("/api/modes")
def modes() -> Any:
    return answer_json(here().modes())


@blueprint.post("/api/modes")
def set_modes() -> Any:
    world = here()
    for name, value in given().items():
        world.set_mode(name, str(value))
    return modes()


@blueprint.get("/api/apps/<client_id>")
def show_app(client_id: str) -> Any:
    """Everything of an app, its secrets included: a test may need them."""
    return answer_json(need_app(here(), client_id))


@blueprint.post("/api/app")
@blueprint.post("/api/apps/<client_id>")
def change_app(client_id: str = "") -> Any:
    """Change fields of an app, named in the address or by `client_id` in the body.

    `event_url` is validated first unless "validate" is false; the answer is 422 if that fails.
    """
    world = here()
    wanted = given()
    app = need_app(world, client_id or wanted.pop("client_id", None))
    client_id = app["client_id"]
    validate = wanted.pop("validate", True)
    url = wanted.pop("event_url", None)
    unknown = set(wanted) - set(APP_FIELDS)
    if unknown:
        raise Unusable(
            f"cannot change {', '.join(sorted(unknown))}; known: event_url, {', '.join(APP_FIELDS)}"
        )
    if wanted:
        world.store.change("app", "client_id", client_id, **wanted)
    app = need_app(world, client_id)
    result = zoom_side.set_event_url(world, app, url, validate=bool(validate)) if url is not None else None
    failed = result is not None and not result["ok"]
    return answer_json(
        {"app": need_app(world, app["client_id"]), "validation": result}, 422 if failed else 200
    )


@blueprint.post("/api/authorize")
def authorize() -> Any:
    """Consent without a browser: the request of /oauth/authorize plus `user` (and `shared_access`, `decision`).

    Answers {"location"}: where the browser would be sent. Refuses what the pages refuse, pre-approval included (403).
    """
    world = here()
    wanted = given()
    user = need_user(world, wanted.pop("user", None))
    shared_access = bool(wanted.pop("shared_access", True))
    decision = wanted.pop("decision", "authorize")
    query = {"response_type": "code", "client_id": fixtures.CLIENT_ID}
    query |= {name: str(value) for name, value in wanted.items() if value is not None}
    asked = oauth.check(world, query)
    if decision == "decline":
        return answer_json({"location": oauth.returning(asked, {"error": "access_denied"})})
    if not tokens.may_install(world, asked.app, user):
        raise Unusable("this account requires pre-approval of the app", 403)
    return answer_json({"location": oauth.grant(world, asked, user, shared_access=shared_access)})


@blueprint.post("/api/uninstall")
def uninstall() -> Any:
    world = here()
    wanted = given()
    user = need_user(world, wanted.get("user"))
    removed = zoom_side.uninstall(world, need_app(world, wanted.get("client_id")), user)
    return answer_json({"uninstalled": removed})


@blueprint.post("/api/permissions")
def permissions() -> Any:
    """{"account": id or any user's e-mail, "policy": "off"|"all"|"users", "users": [e-mails]}: App permissions."""
    world = here()
    wanted = given()
    user = world.user(str(wanted.get("account")))
    account_id = str(user["account_id"] if user else wanted.get("account"))
    if not world.store.one("SELECT 1 AS yes FROM account WHERE id = ?", account_id):
        raise Unusable("no such account", 404)
    ids = [need_user(world, name)["id"] for name in wanted.get("users", [])]
    app = need_app(world, wanted.get("client_id"))
    oauth.set_permission(world, account_id, app["client_id"], str(wanted.get("policy")), ids)
    return answer_json({"policy": wanted["policy"], "users": ids})


@blueprint.post("/api/users")
def create_user() -> Any:
    """{"email", "account": id, …} with any of type, first_name, last_name, display_name, role, timezone."""
    world = here()
    wanted = given()
    account = wanted.pop("account", fixtures.ACCOUNT_SAMPLE)
    email = str(wanted.pop("email", ""))
    if "@" not in email or world.store.one("SELECT 1 AS yes FROM user WHERE lower(email) = lower(?)", email):
        raise Unusable("give an e-mail address nobody has")
    unknown = set(wanted) - {*zoom_side.CHANGEABLE, "role"}
    if unknown:
        raise Unusable(f"unknown: {', '.join(sorted(unknown))}")
    fixtures.add_user(world.store, account_id=account, email=email, created_at=world.clock.now(), **wanted)
    return answer_json(dump.user(need_user(world, email)), 201)


@blueprint.post("/api/users/<name>")
def change_user(name: str) -> Any:
    world = here()
    return answer_json(dump.user(zoom_side.change_user(world, need_user(world, name), given())))


@blueprint.delete("/api/users/<name>")
def delete_user(name: str) -> Any:
    world = here()
    zoom_side.delete_user(world, need_user(world, name))
    return answer_json({"deleted": name})


@blueprint.post("/api/meetings/<int:meeting_id>")
def edit_meeting(meeting_id: int) -> Any:
    """Change a meeting on Zoom's side; the fields of PATCH, and `host` (e-mail) to hand it to a colleague."""
    return answer_json(dump.meeting(zoom_side.edit_meeting(here(), meeting_id, given())))


@blueprint.delete("/api/meetings/<int:meeting_id>")
def delete_meeting(meeting_id: int) -> Any:
    zoom_side.delete_meeting(here(), meeting_id)
    return answer_json({"deleted": meeting_id})


@blueprint.post("/api/meetings/<int:meeting_id>/recover")
def recover_meeting(meeting_id: int) -> Any:
    """The host takes it back from the recently deleted ones; apps hear nothing."""
    return answer_json(dump.meeting(meetings.recover(here(), meeting_id)))


@blueprint.post("/api/meetings/<int:meeting_id>/<action>")
def room(meeting_id: int, action: str) -> Any:
    """start · join {"name", "user"} · admit, leave {"participant": key, or name} · end · webinar (turn it into one)."""
    world = here()
    meeting = meetings.load(world, meeting_id)
    host = need_user(world, meeting["host_id"])
    wanted = given()
    person: Row | None = None
    if action == "start":
        try:
            rooms.start(world, meeting, host)
        except rooms.HostBusy as busy:
            raise Unusable(f"the host already runs {[row['id'] for row in busy.running]}", 409) from None
    elif action == "join":
        user = need_user(world, wanted["user"]) if wanted.get("user") else None
        name = str(wanted.get("name") or (user["display_name"] if user else "応募者"))
        person = rooms.join(world, meeting, host, name, user)
    elif action in ("admit", "leave"):
        person = _participant(world, meeting, wanted)
        (rooms.admit if action == "admit" else rooms.leave)(world, meeting, host, person)
        person = rooms.person(world, person["key"])
    elif action == "end":
        rooms.end(world, meeting)
    elif action == "webinar":
        zoom_side.convert_to_webinar(world, meeting_id)
    else:
        raise Unusable(f"unknown action {action!r}", 404)
    answer = {"meeting": dump.meeting(meetings.load(world, meeting_id))}
    return answer_json(answer | ({"participant": person} if person else {}))


def _participant(world: World, meeting: Row, wanted: dict[str, Any]) -> Row:
    found = world.store.one(
        "SELECT * FROM participant WHERE meeting_id = ? AND state != 'left' AND (key = ? OR name = ?) ORDER BY id DESC",
        meeting["id"],
        wanted.get("participant", ""),
        wanted.get("name", ""),
    )
    if found is None:
        raise Unusable("nobody of that key or name is there", 404)
    return found
