"""The control panel in a browser: clock, faults, modes, apps, users, log. Everything here is also in control.py."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from . import dump, faults, meetings, zoom_side
from .clock import DAY
from .demo import tell_story
from .errors import ApiError
from .state import Row
from .words import t
from .world import MODES, World, here

blueprint = Blueprint("panel", __name__, url_prefix="/sim")

STEPS = {
    "5m": 300,
    "20m": 1200,
    "1h": 3600,
    "2h": 7200,
    "1d": DAY,
    "3d": 3 * DAY,
    "31d": 31 * DAY,
    "90d": 90 * DAY,
}
LOG_LINES = 100
# The number a fault may carry, as the panel asks for it: kind → (name, default).
NUMBERS = {
    "latency": ("ms", 300),
    "slow": ("seconds", 5),
    "timeout": ("seconds", 35),
    "server_error": ("status", 500),
    "webhook_delay": ("seconds", 60),
}
# What the panel's buttons do to a meeting's settings.
SETTINGS: dict[str, dict[str, Any]] = {
    "door_open": {"waiting_room": False, "join_before_host": True},
    "door_guarded": {"waiting_room": True},
    "sign_in": {"meeting_authentication": True},
    "no_sign_in": {"meeting_authentication": False},
}
HAS_MOMENT = ("server_error", "drop", "timeout", "slow", "xml")


@blueprint.get("/")
@blueprint.get("")
def index() -> str:
    world = here()
    apps = world.store.all("SELECT * FROM app ORDER BY rowid")
    return render_template(
        "panel.html",
        now=world.clock.now(),
        offset=world.clock.offset,
        steps=STEPS,
        armed=faults.armed(world),
        kinds=faults.KINDS,
        numbers=NUMBERS,
        has_moment=HAS_MOMENT,
        limits=("second", "user_day", "day", "concurrent"),
        choices=MODES,
        modes=world.modes(),
        apps=apps,
    )


@blueprint.get("/log")
def log() -> str:
    """The last webhook deliveries with each attempt, and the last requests."""
    world = here()
    deliveries = world.store.all("SELECT * FROM delivery ORDER BY id DESC LIMIT ?", LOG_LINES)
    requests = world.store.all("SELECT * FROM request ORDER BY id DESC LIMIT ?", LOG_LINES)
    return render_template("log.html", deliveries=deliveries, requests=requests)


@blueprint.get("/users")
def users() -> str:
    world = here()
    people = world.store.all(
        "SELECT u.*, a.name AS account_name FROM user u JOIN account a ON a.id = u.account_id "
        "WHERE u.deleted_at IS NULL ORDER BY a.number, u.pmi"
    )
    rows = world.store.all(
        "SELECT * FROM meeting WHERE deleted_at IS NULL ORDER BY start_time LIMIT ?", LOG_LINES
    )
    living = [
        dump.meeting(row) | {"start": row["start_time"]} for row in rows if not meetings.expired(world, row)
    ]
    names = {person["id"]: person["display_name"] for person in people}
    return render_template("users.html", people=people, meetings=living, names=names)


@blueprint.post("/panel/clock")
def set_clock() -> Any:
    world = here()
    step = request.form.get("step", "")
    if step == "wall":
        world.clock.set_to_wall()
    else:
        world.clock.advance(STEPS.get(step) or abort(400))
    world.windows.clear()
    world.courier.wake()
    return _back("clock_moved")


@blueprint.post("/panel/faults")
def arm() -> Any:
    """Arm one fault from the panel's small form; empty numbers take the default of the kind."""
    kind = request.form.get("kind", "")
    times = request.form.get("times", "")
    params: dict[str, Any] = {}
    if kind in NUMBERS:
        name, default = NUMBERS[kind]
        text = request.form.get("number", "")
        params[name] = int(text) if text.isdigit() else default
    if kind in HAS_MOMENT:
        params["commit"] = request.form.get("commit", "before")
    if kind == "rate_limit":
        params["which"] = request.form.get("which", "second")
    try:
        faults.arm(here(), kind, int(times) if times.isdigit() else None, None, **params)
    except ValueError:
        abort(400)
    return _back("fault_armed")


@blueprint.post("/panel/faults/clear")
def clear() -> Any:
    chosen = request.form.get("id", "")
    faults.clear(here(), int(chosen) if chosen.isdigit() else None)
    return _back("fault_cleared")


@blueprint.post("/panel/modes")
def set_modes() -> Any:
    world = here()
    for name in MODES:
        if request.form.get(name) in MODES[name]:
            world.set_mode(name, request.form[name])
    return _back("saved")


@blueprint.post("/panel/apps/<client_id>")
def save_app(client_id: str) -> Any:
    """Addresses of an app. The event address is validated, as Zoom does; the result is shown."""
    world = here()
    app = _app(world, client_id)
    form = request.form
    redirects = [line.strip() for line in form.get("redirects", "").splitlines() if line.strip()]
    scopes = form.get("scopes", "").split()
    world.store.change(
        "app",
        "client_id",
        client_id,
        redirects=redirects,
        scopes=scopes,
        deauthorization_url=form.get("deauthorization_url", "").strip(),
        disabled=int("disabled" in form),
    )
    result = zoom_side.set_event_url(world, app, form.get("event_url", "").strip())
    if result is not None and not result["ok"]:
        flash(t("validation_failed").format(reason=result["reason"], status=result["status"]))
        return redirect(url_for("panel.index"), 303)
    return _back("validation_ok" if result else "saved")


def _app(world: World, client_id: str) -> Row:
    app = world.app(client_id)
    if app is None:
        abort(404)
    return app


@blueprint.post("/panel/users/<user_id>")
def change_user(user_id: str) -> Any:
    """Licensed, Basic, active, inactive, or deleted."""
    world = here()
    user = world.user(user_id) or abort(404)
    decision = request.form.get("decision", "")
    changes: dict[str, dict[str, Any]] = {
        "basic": {"type": 1},
        "licensed": {"type": 2},
        "inactive": {"status": "inactive"},
        "active": {"status": "active"},
    }
    if decision == "delete":
        zoom_side.delete_user(world, user)
    elif decision in changes:
        zoom_side.change_user(world, user, dict(changes[decision]))
    flash(t("saved"))
    return redirect(url_for("panel.users"), 303)


@blueprint.post("/panel/meetings/<int:meeting_id>/delete")
def delete_meeting(meeting_id: int) -> Any:
    try:
        zoom_side.delete_meeting(here(), meeting_id)
        flash(t("meeting_deleted"))
    except ApiError as error:
        flash(f"{error.code}: {error.message}")
    return redirect(url_for("panel.users"), 303)


@blueprint.post("/panel/meetings/<int:meeting_id>/change")
def change_meeting(meeting_id: int) -> Any:
    """What people and administrators do to a meeting behind the apps' backs: another host, settings, a webinar."""
    decision = request.form.get("decision", "")
    try:
        if decision == "webinar":
            zoom_side.convert_to_webinar(here(), meeting_id)
        elif decision == "host":
            zoom_side.edit_meeting(here(), meeting_id, {"host": request.form.get("host", "")})
        elif decision in SETTINGS:
            zoom_side.edit_meeting(here(), meeting_id, {"settings": SETTINGS[decision]})
        flash(t("meeting_changed"))
    except ApiError as error:
        flash(f"{error.code}: {error.message}")
    return redirect(url_for("panel.users"), 303)


@blueprint.post("/panel/flush")
def flush() -> Any:
    here().courier.flush()
    flash(t("flushed"))
    return redirect(url_for("panel.log"), 303)


@blueprint.post("/panel/reset")
def reset() -> Any:
    """Everything goes, the apps' addresses included."""
    world = here()
    world.reset()
    if request.form.get("seed") == "demo":
        tell_story(world)
    return _back("was_reset")


def _back(word: str) -> Any:
    flash(t(word))
    return redirect(url_for("panel.index"), 303)
