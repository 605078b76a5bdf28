"""Who is signed in at the simulator: a chooser of the fixture users, no passwords."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for

from .state import Row
from .world import World, here

blueprint = Blueprint("people", __name__)


def signed_in(world: World) -> Row | None:
    """The Zoom user of this browser."""
    return world.user(session.get("user_id", ""))


def leave_for_sign_in() -> Any:
    """To the chooser, and back to this very address afterwards, if it is one that can be opened."""
    openable = current_app.url_map.bind("").test(request.path, "GET")
    following = request.full_path.rstrip("?") if openable else url_for("my_meetings.index")
    return redirect(url_for("people.sign_in", next=following), 303)


def local(address: str) -> str:
    """An address of the simulator itself; anything else becomes the list of meetings."""
    parts = urlsplit(address)
    safe = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if safe else url_for("my_meetings.index")


@blueprint.get("/signin")
def sign_in() -> str:
    world = here()
    users = world.store.all(
        "SELECT u.*, a.name AS account_name, a.plan FROM user u JOIN account a ON a.id = u.account_id "
        "WHERE u.deleted_at IS NULL ORDER BY a.number, u.pmi"
    )
    companies: dict[str, list[Row]] = {}
    for user in users:
        companies.setdefault(user["account_name"], []).append(user)
    return render_template(
        "signin.html", companies=companies, following=local(request.args.get("next", "/meeting"))
    )


@blueprint.post("/signin")
def choose() -> Any:
    user = here().user(request.form.get("user_id", ""))
    if user is None:
        abort(400)
    session["user_id"] = user["id"]
    return redirect(local(request.form.get("next", "/meeting")), 303)


@blueprint.post("/signout")
def sign_out() -> Any:
    session.pop("user_id", None)
    return redirect(url_for("people.sign_in"), 303)
