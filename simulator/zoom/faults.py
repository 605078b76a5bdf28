"""Switches that make the simulator behave badly, on purpose and as often as asked.

A fault is armed with a kind, how many times it fires (`times`; none means until cleared), what it fires on
(`match`: method, path with * as wildcard, grant_type, event) and numbers of its own (`params`).
"""

from __future__ import annotations

import contextlib
import fnmatch
import socket
import time
from dataclasses import dataclass
from typing import Any

from flask import Response, g, request

from . import limits
from .errors import ApiError, alternative_host_refused, cannot_host, cannot_schedule_for
from .state import Row
from .world import World, answer_json

API = {"path": "/v2/*"}
TOKEN = {"method": "POST", "path": "/oauth/token"}
REFRESH = TOKEN | {"grant_type": "refresh_token"}
CREATE = {"method": "POST", "path": "/v2/users/*/meetings"}

# kind: what it fires on when nothing is said. The panel's words for each are in words.py under fault_<kind>.
KINDS: dict[str, dict[str, str]] = {
    "down": {"path": "*"},
    "latency": {"path": "*"},
    "rate_limit": API,
    "server_error": API,
    "drop": API,
    "timeout": API,
    "slow": API,
    "xml": API,
    "broken_json": API,
    "french": API,
    "not_allowed_to_host": CREATE,
    "schedule_for_refused": CREATE,
    "alternative_host_refused": CREATE,
    "invalid_access_token": API,
    "lose_refresh_response": REFRESH,
    "preapproval_withdrawn": REFRESH,
    "owner_gone": REFRESH,
    "app_disabled": TOKEN,
    "invalid_client": TOKEN,
    "webhook_duplicate": {},
    "webhook_out_of_order": {},
    "webhook_delay": {},
    "webhook_never": {},
    "webhook_bad_signature": {},
    "deauthorized_never": {"event": "app_deauthorized"},
}
WEBHOOK_KINDS = {kind for kind in KINDS if kind.startswith(("webhook_", "deauthorized_"))}
# Stays until it is switched off, unless a number of times is given.
LASTING = {"down", "latency"}
MOMENTS = ("before", "after")
XML = '<?xml version="1.0" encoding="UTF-8"?><Response><code>500</code><message>Internal error</message></Response>'


class Dropped(Exception):
    """The connection was cut instead of an answer."""


@dataclass(frozen=True)
class Fault:
    id: int
    kind: str
    params: dict[str, Any]

    def number(self, name: str, default: float) -> float:
        return float(self.params.get(name, default))

    @property
    def moment(self) -> str:
        """Whether it strikes before the state changes or after."""
        return str(self.params.get("commit", "before"))


def arm(
    world: World, kind: str, times: int | None = None, match: dict[str, str] | None = None, **params: Any
) -> int:
    """Arm a fault; returns its id. Refuses (ValueError) unknown kinds, moments and numbers."""
    if kind not in KINDS:
        raise ValueError(f"unknown fault {kind!r}; known: {', '.join(KINDS)}")
    if params.get("commit", "before") not in MOMENTS:
        raise ValueError("commit must be before or after")
    if times is not None and times < 1:
        raise ValueError("times must be 1 or more, or null for until cleared")
    if kind == "rate_limit":
        limits.too_many(params.get("which", "second"), "Light", 0.0)
    return world.store.insert("fault", kind=kind, times=times, matching=match or KINDS[kind], params=params)


def clear(world: World, fault_id: int | None = None) -> int:
    """Clear one fault, or all; returns how many were armed."""
    if fault_id is None:
        return world.store.run("DELETE FROM fault")
    return world.store.run("DELETE FROM fault WHERE id = ?", fault_id)


def armed(world: World) -> list[Row]:
    rows = world.store.all("SELECT * FROM fault WHERE times IS NULL OR times > 0 ORDER BY id")
    return [{"match" if key == "matching" else key: value for key, value in row.items()} for row in rows]


def claim(world: World, facts: dict[str, str], webhook: bool = False) -> list[Fault]:
    """The faults that fire on these facts; each of them is used up by one."""
    with world.store.transaction():
        fired = []
        for row in armed(world):
            if (row["kind"] in WEBHOOK_KINDS) == webhook and _matches(row["match"], facts):
                world.store.run(
                    "UPDATE fault SET times = times - 1, fired = fired + 1 WHERE id = ?", row["id"]
                )
                fired.append(Fault(row["id"], row["kind"], row["params"]))
        return fired


def _matches(match: dict[str, str], facts: dict[str, str]) -> bool:
    return all(fnmatch.fnmatchcase(facts.get(name, ""), pattern) for name, pattern in match.items())


def before(world: World) -> Any:
    """Strike before the request is understood; returns the answer that replaces the real one, or nothing."""
    facts = {
        "method": request.method,
        "path": request.path,
        "grant_type": request.values.get("grant_type", ""),
        "client_id": request.values.get("client_id", ""),
    }
    g.faults = claim(world, facts)
    for fault in g.faults:
        answer = _strike_before(world, fault)
        if answer is not None:
            return answer
    return None


def _strike_before(world: World, fault: Fault) -> Any:
    if fault.kind == "latency":
        time.sleep(fault.number("ms", 50) / 1000)
    elif fault.kind == "down":
        return Response("Service Unavailable", 503, content_type="text/plain")
    elif fault.kind == "slow" and fault.moment == "before":
        time.sleep(fault.number("seconds", 5))
    elif fault.kind in ("server_error", "drop", "timeout", "xml") and fault.moment == "before":
        return _failure(fault)
    elif fault.kind in REFUSALS:
        return _refusal(world, fault)
    elif fault.kind in TOKEN_REFUSALS:
        return answer_json(TOKEN_REFUSALS[fault.kind], 400)
    return None


def after(response: Response) -> Response:
    """Strike after the state has changed: the client never learns, or learns it badly."""
    for fault in g.get("faults", []):
        if fault.kind == "slow" and fault.moment == "after":
            time.sleep(fault.number("seconds", 5))
        elif fault.kind in ("server_error", "drop", "timeout", "xml") and fault.moment == "after":
            return _failure(fault)
        elif fault.kind == "lose_refresh_response" and response.status_code == 200:
            return _without_answer()
        elif fault.kind == "broken_json" and response.data:
            response.data = response.data[: max(1, len(response.data) // 2)]
    return response


def is_armed(kind: str) -> bool:
    """Whether a fault of this kind fires on the request being answered."""
    return any(fault.kind == kind for fault in g.get("faults", []))


def _failure(fault: Fault) -> Response:
    if fault.kind == "drop":
        return _without_answer()
    if fault.kind == "timeout":
        time.sleep(fault.number("seconds", 35))
        return _without_answer()
    if fault.kind == "xml":
        return Response(XML, int(fault.number("status", 500)), content_type="application/xml;charset=UTF-8")
    status = int(fault.number("status", 500))
    return Response("Internal Server Error", status, content_type="text/plain")


def _without_answer() -> Response:
    g.dropped = True
    return Response("", 502)


def cut(response: Response) -> Response:
    """Close the socket under an answer that shall not arrive: what the client sees is a connection that ended without
    one. Runs when all is written down: whoever sees it end may ask what happened."""
    connection = request.environ.get("werkzeug.socket") if g.get("dropped") else None
    if connection is not None:
        with contextlib.suppress(OSError):  # the client was faster
            connection.shutdown(socket.SHUT_RDWR)
    return response


def _refusal(world: World, fault: Fault) -> Response:
    body = request.get_json(silent=True) or {}
    given = body if isinstance(body, dict) else {}
    error = REFUSALS[fault.kind](world, fault, given)
    response: Response = answer_json(error.body(french=is_armed("french")), error.status)
    response.headers.update(error.headers)
    return response


def _alternative(_world: World, fault: Fault, body: dict[str, Any]) -> ApiError:
    settings = body.get("settings") or {}
    return alternative_host_refused(
        fault.params.get("email") or settings.get("alternative_hosts") or "this user"
    )


REFUSALS = {
    "rate_limit": lambda world, fault, _: limits.too_many(
        fault.params.get("which", "second"), "Light", world.clock.now(), 80
    ),
    "not_allowed_to_host": lambda *_: cannot_host(),
    "schedule_for_refused": lambda _w, _f, body: cannot_schedule_for(body.get("schedule_for", "this user")),
    "alternative_host_refused": _alternative,
    "invalid_access_token": lambda *_: ApiError(401, 124, "Invalid access token."),
}

# Zoom's numbers for these are documented, their place in the body is not: a client should look at `error`.
TOKEN_REFUSALS: dict[str, dict[str, Any]] = {
    "preapproval_withdrawn": {
        "errorCode": 4738,
        "reason": "The token has been disabled by the account admin.",
        "error": "invalid_grant",
    },
    "owner_gone": {
        "errorCode": 4735,
        "reason": "The owner of the token does not exist.",
        "error": "invalid_grant",
    },
    "app_disabled": {"errorCode": 4717, "reason": "The app has been disabled.", "error": "invalid_request"},
    "invalid_client": {"reason": "Invalid client_id or client_secret", "error": "invalid_client"},
}
