"""The Marketplace as people and administrators see it: installed apps, App Requests, App permissions.

https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0060124
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from . import oauth, tokens, zoom_side
from .people import leave_for_sign_in, signed_in
from .state import Row
from .words import t
from .world import World, here

blueprint = Blueprint("marketplace", __name__)


def administrator(world: World) -> Row | None:
    """The signed-in administrator. Members get 403: they lack the privilege Marketplace: Edit."""
    user = signed_in(world)
    if user and user["role"] != "admin":
        abort(403)
    return user


@blueprint.get("/user/installed")
@blueprint.get("/marketplace/installed")
def installed() -> Any:
    world = here()
    user = signed_in(world)
    if user is None:
        return leave_for_sign_in()
    found = []
    for row in tokens.live_authorizations(world, user_id=user["id"]):
        app = world.app(row["client_id"])
        if app and app["kind"] == "user":
            found.append({"app": app, "since": row["granted_at"], "shared_access": row["shared_access"]})
    return render_template("installed.html", installed=found, user=user)


@blueprint.post("/user/installed/<client_id>/uninstall")
def uninstall(client_id: str) -> Any:
    world = here()
    user = signed_in(world)
    app = world.app(client_id)
    if user is None or app is None:
        return leave_for_sign_in()
    if zoom_side.uninstall(world, app, user):
        flash(t("uninstalled").format(app=app["name"]))
    return redirect(url_for("marketplace.installed"), 303)


@blueprint.post("/user/installed/<client_id>/permissions")
def update_permissions(client_id: str) -> Any:
    """Give or take back the shared-access tick later; the app is not told."""
    world = here()
    user = signed_in(world)
    if user is None:
        return leave_for_sign_in()
    for row in tokens.live_authorizations(world, client_id=client_id, user_id=user["id"]):
        shared = int("shared_access" in request.form)
        world.store.change("authorization", "id", row["id"], shared_access=shared)
        flash(t("saved"))
    return redirect(url_for("marketplace.installed"), 303)


@blueprint.get("/marketplace/requests")
def requests_page() -> Any:
    world = here()
    admin = administrator(world)
    if admin is None:
        return leave_for_sign_in()
    rows = world.store.all(
        "SELECT r.*, u.display_name, u.email, a.name AS app_name FROM app_request r "
        "JOIN user u ON u.id = r.user_id JOIN app a ON a.client_id = r.client_id "
        "WHERE r.account_id = ? ORDER BY r.status != 'pending', r.id DESC",
        admin["account_id"],
    )
    apps = world.store.all("SELECT * FROM app WHERE kind = 'user' ORDER BY rowid")
    return render_template("requests.html", rows=rows, apps=apps, user=admin)


@blueprint.post("/marketplace/requests/<int:request_id>")
def decide(request_id: int) -> Any:
    """〔Pre Approve〕 or 〔Reject〕; only requests of the administrator's own account."""
    world = here()
    admin = administrator(world)
    if admin is None:
        return leave_for_sign_in()
    approve = request.form.get("decision") == "approve"
    if zoom_side.decide_request(world, request_id, admin["account_id"], approve=approve):
        flash(t("request_approved" if approve else "request_rejected"))
    return redirect(url_for("marketplace.requests_page"), 303)


@blueprint.get("/marketplace/apps/<client_id>/permissions")
def permissions(client_id: str) -> Any:
    world = here()
    admin = administrator(world)
    if admin is None:
        return leave_for_sign_in()
    app = world.app(client_id) or abort(404)
    row = world.store.one(
        "SELECT * FROM permission WHERE account_id = ? AND client_id = ?", admin["account_id"], client_id
    )
    users = world.store.all(
        "SELECT * FROM user WHERE account_id = ? AND deleted_at IS NULL ORDER BY pmi", admin["account_id"]
    )
    permission = row or {"policy": "off", "user_ids": []}
    account = world.account_of(admin)
    return render_template("permissions.html", app=app, users=users, permission=permission, account=account)


@blueprint.post("/marketplace/apps/<client_id>/permissions")
def set_permissions(client_id: str) -> Any:
    world = here()
    admin = administrator(world)
    if admin is None:
        return leave_for_sign_in()
    app = world.app(client_id) or abort(404)
    policy = request.form.get("policy", "off")
    if policy not in ("off", "all", "users"):
        abort(400)
    ids = [user_id for user_id in request.form.getlist("user_ids") if _colleague(world, admin, user_id)]
    oauth.set_permission(
        world, admin["account_id"], app["client_id"], policy, ids if policy == "users" else []
    )
    flash(t("saved"))
    return redirect(url_for("marketplace.permissions", client_id=client_id), 303)


def _colleague(world: World, admin: Row, user_id: str) -> bool:
    user = world.user(user_id)
    return bool(user and user["account_id"] == admin["account_id"])
