"""Puts the simulator together."""

from __future__ import annotations

import ipaddress
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, render_template, request, session
from werkzeug.exceptions import HTTPException

from . import (  # noqa: F401 – the *_api modules hang their operations on api.blueprint when imported
    api,
    control,
    faults,
    marketplace,
    meetings_api,
    my_meetings,
    oauth,
    panel,
    past_api,
    people,
    registrants_api,
    room_pages,
    rooms,
    users_api,
    words,
)
from .clock import Clock
from .courier import Courier
from .demo import tell_story
from .state import Store
from .world import World, answer_json, here

OWN_PATHS = ("/sim", "/static")
# No form-action: browsers apply it to the redirect after 〔許可〕 too, which leads to the app.
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
REQUESTS_KEPT = 5000


def create_app(data: str = ":memory:", base_url: str = "", seed: str = "fixtures") -> Flask:
    """A simulator whose memory is the file `data` (or :memory:) and whose own address is `base_url`.

    An empty memory is filled with the fixtures; `seed="demo"` adds a few meetings of the users' own.
    The courier is made but not started: `app.extensions["zoom_simulator"].courier.start()`.
    """
    app = Flask(__name__)
    store = Store(data)
    world = World(store=store, clock=Clock(store), base_url=base_url)
    world.courier = Courier(world, [rooms.announce_long_waits, rooms.end_free_meetings])
    if not store.get("seeded"):
        world.reset()
        if seed == "demo":
            tell_story(world)
    app.extensions["zoom_simulator"] = world
    app.config.update(
        SECRET_KEY=world.cookie_key(),
        # Cookies do not know ports: a name of its own keeps it apart from the product on the same host.
        SESSION_COOKIE_NAME="zoom_simulator",
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=1_000_000,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    for part in (api, oauth, people, marketplace, my_meetings, room_pages, panel, control):
        app.register_blueprint(part.blueprint)
    app.before_request(keep_strangers_out)
    app.before_request(strike_before)
    # Flask runs these from the last to the first: the headers are on before a fault spoils the answer.
    app.after_request(faults.cut)
    app.after_request(remember_request)
    app.after_request(strike_after)
    app.after_request(add_headers)
    app.register_error_handler(HTTPException, show_error)
    app.context_processor(words.for_templates)
    app.add_template_filter(words.moment, "moment")
    return app


def show_error(error: HTTPException) -> Any:
    """Errors as the reader expects them: the API's JSON, the control API's JSON, or a page in words."""
    status = error.code or 500
    if status < 400:
        return error
    if request.path.startswith("/v2/") and status in (404, 405):
        return api.unknown()
    if request.path.startswith(("/v2/", "/sim/api/", "/sim/faults")):
        return answer_json({"error": error.name}, status)
    title = f"error_{status}" if status in (403, 404) else "error_other"
    return render_template("message.html", title=title, text=f"{title}_text"), status


def keep_strangers_out() -> None:
    """Only this machine's browsers and programs may talk to a simulator without passwords.

    The Host header must name the loopback address (a rebound DNS name does not), and a page of another origin
    must not post forms here.
    """
    host = urlsplit(f"//{request.host}").hostname or ""
    if not is_loopback(host):
        abort(403)
    origin = request.headers.get("Origin")
    if request.method != "GET" and origin and urlsplit(origin).netloc != request.host:
        abort(403)


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_zoom() -> bool:
    """Whether the request is for what plays Zoom, not for the simulator's own switches."""
    return not any(request.path == own or request.path.startswith(own + "/") for own in OWN_PATHS)


def strike_before() -> Any:
    g.began = time.monotonic()
    if request.args.get("lang") in words.LANGUAGES:
        session["lang"] = request.args["lang"]
    return faults.before(here()) if is_zoom() else None


def strike_after(response: Response) -> Response:
    return faults.after(response) if is_zoom() else response


def add_headers(response: Response) -> Response:
    if request.path.startswith(("/v2/", "/oauth/")):
        g.tracking_id = f"v=2.0;clid=us06;rid=WEB_{secrets.token_hex(16)}"
        response.headers["x-zm-trackingid"] = g.tracking_id
    if not request.path.startswith("/static/"):
        response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = CONTENT_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def remember_request(response: Response) -> Response:
    """The request log: no query, no header, no body, so no token and no secret."""
    if not is_zoom():
        return response
    world = here()
    caller = g.get("caller")
    world.store.insert(
        "request",
        at=world.clock.now(),
        method=request.method,
        path=request.path,
        rule=request.url_rule.rule if request.url_rule else "",
        status=0 if g.get("dropped") else response.status_code,
        client_id=caller.app["client_id"] if caller else "",
        user_id=caller.user["id"] if caller else "",
        tracking_id=g.get("tracking_id", ""),
        faults=[fault.kind for fault in g.get("faults", [])],
        milliseconds=round((time.monotonic() - g.began) * 1000, 1) if "began" in g else 0,
    )
    world.store.run("DELETE FROM request WHERE id <= (SELECT max(id) FROM request) - ?", REQUESTS_KEPT)
    return response
