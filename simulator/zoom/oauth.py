"""OAuth as Zoom does it: the pages a person sees, and the endpoints an app calls.

https://developers.zoom.us/docs/integrations/  An app never learns that a person was sent to the administrator: the
pre-approval pages redirect nowhere.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, redirect, render_template, request

from . import events, redirects, tokens
from .people import leave_for_sign_in, signed_in
from .state import Row
from .tokens import OAuthRefusal
from .world import World, answer_json, here

blueprint = Blueprint("oauth", __name__)


class Asked(NamedTuple):
    """A checked authorization request."""

    app: Row
    redirect_uri: str
    state: str | None
    challenge: str
    method: str


class PageRefusal(Exception):
    """An authorization request Zoom does not send back: the browser stays on a page with a number."""

    def __init__(self, number: int, words: str, uri: str = "") -> None:
        super().__init__(words)
        self.number = number
        self.words = words
        self.uri = uri


def check(world: World, given: dict[str, str]) -> Asked:
    """Refuses (PageRefusal) an unknown or disabled app, a wrong redirect, any `scope`, a wrong response type."""
    app = world.app(given.get("client_id", ""))
    if app is None or app["kind"] != "user":
        raise PageRefusal(4702, "Invalid client_id")
    if app["disabled"]:
        raise PageRefusal(4717, "The app has been disabled")
    uri = given.get("redirect_uri", "")
    challenge = given.get("code_challenge", "")
    if not redirects.allowed(uri, app["redirects"], pkce=bool(challenge)):
        raise PageRefusal(4700, "Invalid redirect url", uri)
    if "scope" in given:
        raise PageRefusal(4711, "Invalid scope")
    if given.get("response_type") != "code":
        raise PageRefusal(4705, "Unsupported response type")
    # https://developers.zoom.us/docs/integrations/oauth/  `plain` is the default, not S256.
    method = given.get("code_challenge_method") or "plain"
    if method not in ("S256", "plain"):
        raise PageRefusal(4700, "Invalid code challenge method")
    return Asked(app, uri, given.get("state"), challenge, method)


@blueprint.errorhandler(PageRefusal)
def stay(refusal: PageRefusal) -> tuple[Any, int]:
    body = {"status": False, "errorCode": refusal.number, "errorMessage": refusal.words, "result": None}
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return answer_json(body), 400
    return render_template("refusal.html", refusal=refusal, body=body), 400


@blueprint.get("/oauth/authorize")
def authorize() -> Any:
    """The consent page, or the pre-approval page, or the sign-in chooser before either."""
    world = here()
    asked = check(world, request.args.to_dict())
    user = signed_in(world)
    if user is None:
        return leave_for_sign_in()
    if asked.app["distribution"] == "private" and asked.app["account_id"] != user["account_id"]:
        raise PageRefusal(4700, "You cannot authorize this app: it is private to another account")
    if not tokens.may_install(world, asked.app, user):
        return render_template(
            "preapproval.html", asked=asked, user=user, request_row=pending(world, asked.app, user)
        )
    return render_template("consent.html", asked=asked, user=user, rights=grouped(asked.app["scopes"]))


def grouped(scopes: list[str]) -> dict[str, list[str]]:
    """The scopes under what the person reads: View … and Manage …."""
    groups: dict[str, list[str]] = {"view": [], "manage": []}
    for scope in scopes:
        groups["view" if ":read:" in scope else "manage"].append(scope)
    return {name: found for name, found in groups.items() if found}


def pending(world: World, app: Row, user: Row) -> Row | None:
    """This user's open request to the administrator."""
    return world.store.one(
        "SELECT * FROM app_request WHERE client_id = ? AND user_id = ? AND status = 'pending'",
        app["client_id"],
        user["id"],
    )


@blueprint.post("/oauth/authorize")
def decide() -> Any:
    """〔許可〕, 〔拒否〕, 〔事前承認をとる〕 and, for administrators, 〔事前承認する〕. The query is checked anew."""
    world = here()
    asked = check(world, request.args.to_dict())
    user = signed_in(world)
    if user is None:
        return leave_for_sign_in()
    decision = request.form.get("decision", "")
    if decision == "request":
        ask_administrator(world, asked.app, user)
    elif decision == "approve" and user["role"] == "admin":
        allow_user(world, asked.app, user)
    elif decision == "decline":
        return decline(world, asked, user)
    elif decision == "authorize" and tokens.may_install(world, asked.app, user):
        return redirect(grant(world, asked, user, shared_access="shared_access" in request.form), 302)
    return redirect(request.full_path, 303)


def decline(world: World, asked: Asked, user: Row) -> Any:
    """Zoom does not document what follows; the simulator does either, by mode."""
    if world.mode("decline") == "stay":
        return render_template("declined.html", asked=asked, user=user)
    return redirect(returning(asked, {"error": "access_denied"}), 302)


def grant(world: World, asked: Asked, user: Row, *, shared_access: bool) -> str:
    """Where the browser goes with a fresh code. Refuses nothing: ask tokens.may_install first."""
    code = tokens.issue_code(
        world,
        app=asked.app,
        user=user,
        redirect_uri=asked.redirect_uri,
        challenge=asked.challenge,
        method=asked.method,
        shared_access=shared_access,
    )
    return returning(asked, {"code": code})


def returning(asked: Asked, answer: dict[str, str]) -> str:
    if asked.state is not None:
        answer["state"] = asked.state
    parts = urlsplit(asked.redirect_uri)
    query = "&".join(filter(None, [parts.query, urlencode(answer)]))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def ask_administrator(world: World, app: Row, user: Row) -> None:
    """One open request per person and app."""
    with world.store.transaction():
        if pending(world, app, user):
            return
        world.store.insert(
            "app_request",
            account_id=user["account_id"],
            client_id=app["client_id"],
            user_id=user["id"],
            status="pending",
            requested_at=world.clock.now(),
        )


def allow_user(world: World, app: Row, user: Row) -> None:
    """Pre-approve the app for one user, beside whoever has it already."""
    with world.store.transaction():
        row = world.store.one(
            "SELECT * FROM permission WHERE account_id = ? AND client_id = ?",
            user["account_id"],
            app["client_id"],
        )
        if row and row["policy"] == "all":
            return
        chosen = row["user_ids"] if row and row["policy"] == "users" else []
        set_permission(world, user["account_id"], app["client_id"], "users", sorted({*chosen, user["id"]}))


def set_permission(world: World, account_id: str, client_id: str, policy: str, user_ids: list[str]) -> None:
    """Who of an account may install an app: `off`, `all` or `users`. Refuses (ValueError) other words."""
    if policy not in ("off", "all", "users"):
        raise ValueError("policy must be off, all or users")
    with world.store.transaction():
        world.store.run(
            "DELETE FROM permission WHERE account_id = ? AND client_id = ?", account_id, client_id
        )
        world.store.insert(
            "permission", account_id=account_id, client_id=client_id, policy=policy, user_ids=user_ids
        )


@blueprint.errorhandler(OAuthRefusal)
def refuse(refusal: OAuthRefusal) -> Response:
    response: Response = answer_json(refusal.body(), 400)
    return response


def authenticated_app(world: World) -> Row:
    """The app by HTTP Basic or by client_id and client_secret in the form. Refuses with invalid_client."""
    client_id, secret = _basic() or (
        request.values.get("client_id", ""),
        request.values.get("client_secret", ""),
    )
    app = world.app(client_id)
    if app is None or not hmac.compare_digest(app["client_secret"].encode(), secret.encode()):
        raise OAuthRefusal("invalid_client", "Invalid client_id or client_secret")
    return app


def _basic() -> tuple[str, str] | None:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret


@blueprint.post("/oauth/token")
def token() -> Any:
    world = here()
    app = authenticated_app(world)
    given = request.values
    grant_type = given.get("grant_type", "")
    if grant_type == "authorization_code" and app["kind"] == "user":
        answer = tokens.redeem_code(
            world,
            app=app,
            code=given.get("code", ""),
            redirect_uri=given.get("redirect_uri", ""),
            verifier=given.get("code_verifier", ""),
        )
    elif grant_type == "refresh_token" and app["kind"] == "user":
        answer = tokens.refresh(world, app=app, refresh_token=given.get("refresh_token", ""))
    elif grant_type == "account_credentials":
        answer = tokens.server_to_server(world, app=app, account_id=given.get("account_id", ""))
    else:
        raise OAuthRefusal("unsupported_grant_type", "unsupported grant type")
    return answer_json(answer)


@blueprint.post("/oauth/revoke")
def revoke() -> Any:
    """Kills the family of this token; by mode it also uninstalls the app and sends app_deauthorized."""
    world = here()
    app = authenticated_app(world)
    row = tokens.find(world, request.values.get("token", ""))
    if row is None or row["died_at"] or row["client_id"] != app["client_id"]:
        raise OAuthRefusal("invalid_grant", "Invalid Token!")
    if world.mode("revoke_deauthorizes") == "yes" and app["kind"] == "user":
        uninstall(world, app, row["user_id"], "revoked")
    else:
        tokens.kill_tokens(world, row["authorization_id"], "revoked")
    return answer_json({"status": "success"})


def uninstall(world: World, app: Row, user_id: str, reason: str) -> bool:
    """Remove the app from a user: every token dies and app_deauthorized leaves. False if it was not installed."""
    with world.store.transaction():
        living = tokens.live_authorizations(world, client_id=app["client_id"], user_id=user_id)
        user = world.store.one("SELECT * FROM user WHERE id = ?", user_id)
        for row in living:
            tokens.end_authorization(world, row["id"], reason)
        if living and user:
            events.app_deauthorized(world, app, user)
        return bool(living)
