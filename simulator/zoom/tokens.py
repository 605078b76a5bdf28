"""Codes, authorizations and tokens: how they are born, rotate and die.

https://developers.zoom.us/docs/integrations/  A (user, app) pair has one living family of tokens; a refresh token
works once; authorizing again kills the older family. Only digests are stored, as in any decent token server.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from .clock import DAY
from .state import Row
from .world import World

CODE_SECONDS = 300
ACCESS_SECONDS = 3600
REFRESH_SECONDS = 90 * DAY


class OAuthRefusal(Exception):
    """A refusal of the token endpoint: HTTP 400 with `error` and `reason`."""

    def __init__(self, error: str, reason: str, error_code: int | None = None) -> None:
        super().__init__(f"{error}: {reason}")
        self.error = error
        self.reason = reason
        self.error_code = error_code

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"reason": self.reason, "error": self.error}
        if self.error_code:
            body["errorCode"] = self.error_code
        return body


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def issue_code(
    world: World,
    *,
    app: Row,
    user: Row,
    redirect_uri: str,
    challenge: str = "",
    method: str = "plain",
    shared_access: bool = False,
) -> str:
    """A code that lives 300 s and can be exchanged once."""
    code = secrets.token_urlsafe(24)
    world.store.insert(
        "code",
        digest=digest(code),
        client_id=app["client_id"],
        user_id=user["id"],
        redirect_uri=redirect_uri,
        challenge=challenge,
        method=method,
        shared_access=int(shared_access),
        expires_at=world.clock.now() + CODE_SECONDS,
    )
    return code


def redeem_code(world: World, *, app: Row, code: str, redirect_uri: str, verifier: str) -> dict[str, Any]:
    """Exchange a code for the first pair of tokens of a new family; the older family of this user dies.

    Refuses a code that is unknown, used, expired or another app's, a different redirect, a wrong verifier.
    """
    with world.store.transaction():
        now = world.clock.now()
        row = world.store.one("SELECT * FROM code WHERE digest = ?", digest(code))
        if not row or row["client_id"] != app["client_id"] or row["used_at"] or row["expires_at"] <= now:
            raise OAuthRefusal("invalid_grant", f"Invalid authorization code {code}")
        if row["redirect_uri"] != redirect_uri:
            raise OAuthRefusal("invalid_request", "Redirect URI mismatch.")
        if row["challenge"] and not _verifies(row["challenge"], row["method"], verifier):
            raise OAuthRefusal("invalid_grant", "Invalid code verifier.")
        world.store.change("code", "digest", row["digest"], used_at=now)
        for older in live_authorizations(world, client_id=app["client_id"], user_id=row["user_id"]):
            end_authorization(world, older["id"], "reauthorized")
        authorization = begin_authorization(world, app, row["user_id"], bool(row["shared_access"]))
        return issue_pair(world, app, authorization)


def _verifies(challenge: str, method: str, verifier: str) -> bool:
    if method == "S256":
        hashed = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
    return hmac.compare_digest(challenge.encode(), verifier.encode())


def begin_authorization(world: World, app: Row, user_id: str, shared_access: bool) -> Row:
    identity = world.store.insert(
        "authorization",
        client_id=app["client_id"],
        user_id=user_id,
        scopes=app["scopes"],
        shared_access=int(shared_access),
        granted_at=world.clock.now(),
    )
    row = world.store.one("SELECT * FROM authorization WHERE id = ?", identity)
    assert row is not None
    return row


def live_authorizations(
    world: World, *, client_id: str | None = None, user_id: str | None = None
) -> list[Row]:
    """The living authorizations of this app, this user, or both."""
    return world.store.all(
        "SELECT * FROM authorization WHERE ended_at IS NULL AND client_id = coalesce(?, client_id) "
        "AND user_id = coalesce(?, user_id) ORDER BY id",
        client_id,
        user_id,
    )


def end_authorization(world: World, authorization_id: int, reason: str) -> None:
    """The app is no longer installed for this user: every token of the family dies."""
    with world.store.transaction():
        now = world.clock.now()
        world.store.change("authorization", "id", authorization_id, ended_at=now, end_reason=reason)
        kill_tokens(world, authorization_id, reason)


def kill_tokens(world: World, authorization_id: int, reason: str) -> None:
    world.store.run(
        "UPDATE token SET died_at = ?, death = ? WHERE authorization_id = ? AND died_at IS NULL",
        world.clock.now(),
        reason,
        authorization_id,
    )


def issue_pair(world: World, app: Row, authorization: Row) -> dict[str, Any]:
    """A new access token, and a new refresh token unless the app is server-to-server; the token answer."""
    answer = {
        "access_token": _issue(world, authorization, "access", ACCESS_SECONDS),
        "token_type": "bearer",
    }
    if app["kind"] == "user":
        answer["refresh_token"] = _issue(world, authorization, "refresh", REFRESH_SECONDS)
    # Zoom says 3599 of 3600: the first second is already spent.
    extra = {
        "expires_in": ACCESS_SECONDS - 1,
        "scope": " ".join(authorization["scopes"]),
        "api_url": world.url(""),
    }
    return answer | extra


def _issue(world: World, authorization: Row, kind: str, seconds: int) -> str:
    now = world.clock.now()
    secret = _token_text(authorization, kind, now, seconds)
    world.store.insert(
        "token",
        authorization_id=authorization["id"],
        kind=kind,
        digest=digest(secret),
        issued_at=now,
        expires_at=now + seconds,
    )
    return secret


def _token_text(authorization: Row, kind: str, now: float, seconds: int) -> str:
    """More than 600 characters in the shape of a JWT, as Zoom's are; nobody may parse it."""
    header = {"sv": "000001", "alg": "HS512", "v": "2.0", "kid": secrets.token_hex(16)}
    claims = {
        "ver": 9,
        "auid": secrets.token_hex(32),
        "code": secrets.token_urlsafe(48),
        "iss": f"zm:cid:{authorization['client_id']}",
        "gno": 0,
        "type": 0 if kind == "access" else 1,
        "tid": 0,
        "aud": "simulator",
        "uid": authorization["user_id"],
        "nbf": int(now),
        "exp": int(now + seconds),
        "iat": int(now),
        "jti": secrets.token_hex(80),
    }
    return ".".join([_part(header), _part(claims), secrets.token_urlsafe(64)])


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def refresh(world: World, *, app: Row, refresh_token: str) -> dict[str, Any]:
    """Rotate: a new pair, and the used refresh token is dead before the answer leaves.

    Refuses a token that was used, revoked, replaced by a newer authorization, or is older than 90 days.
    """
    with world.store.transaction():
        row = find(world, refresh_token, "refresh")
        if row and row["client_id"] == app["client_id"]:
            _refuse_by_number(world, app, row)
        stale = not row or row["died_at"] or row["client_id"] != app["client_id"]
        if stale or not row or row["expires_at"] <= world.clock.now():
            raise OAuthRefusal("invalid_grant", "Invalid Token!")
        world.store.change("token", "id", row["id"], died_at=world.clock.now(), death="rotated")
        authorization = world.store.one("SELECT * FROM authorization WHERE id = ?", row["authorization_id"])
        assert authorization is not None
        return issue_pair(world, app, authorization)


def _refuse_by_number(world: World, app: Row, token: Row) -> None:
    """The refusals that have a number of their own in Zoom's table of OAuth errors."""
    user = world.user(token["user_id"])
    if user is None:
        raise OAuthRefusal("invalid_grant", "The owner of the token does not exist.", 4735)
    if app["disabled"]:
        raise OAuthRefusal("invalid_request", "The app has been disabled.", 4717)
    if not token["died_at"] and not may_install(world, app, user):
        raise OAuthRefusal("invalid_grant", "The token has been disabled by the account admin.", 4738)


def may_install(world: World, app: Row, user: Row) -> bool:
    """Whether the administrator of this user's account lets the user have this app."""
    if not world.account_of(user)["preapproval_required"]:
        return True
    row = world.store.one(
        "SELECT * FROM permission WHERE account_id = ? AND client_id = ?",
        user["account_id"],
        app["client_id"],
    )
    if not row:
        return False
    return bool(row["policy"] == "all" or (row["policy"] == "users" and user["id"] in row["user_ids"]))


def find(world: World, secret: str, kind: str | None = None) -> Row | None:
    """The token with its authorization's app, user and rights, dead or alive."""
    return world.store.one(
        "SELECT token.*, a.client_id, a.user_id, a.scopes, a.shared_access FROM token "
        "JOIN authorization a ON a.id = token.authorization_id "
        "WHERE token.digest = ? AND token.kind = coalesce(?, token.kind)",
        digest(secret),
        kind,
    )


def server_to_server(world: World, *, app: Row, account_id: str) -> dict[str, Any]:
    """A token of a server-to-server app; it acts for the account and has no refresh token."""
    if app["kind"] != "s2s" or account_id != app["account_id"]:
        raise OAuthRefusal("invalid_request", "Bad Request")
    with world.store.transaction():
        admin = world.store.one(
            "SELECT * FROM user WHERE account_id = ? AND role = 'admin' AND deleted_at IS NULL", account_id
        )
        if admin is None:
            raise OAuthRefusal("invalid_grant", "The owner of the token does not exist.", 4735)
        living = live_authorizations(world, client_id=app["client_id"])
        authorization = living[0] if living else begin_authorization(world, app, admin["id"], True)
        return issue_pair(world, app, authorization)
