"""The state as tests and the panel read it: without tokens, codes and keys."""

from __future__ import annotations

from collections import Counter
from typing import Any

from . import faults, meetings
from .clock import iso
from .state import Row
from .world import World

TIMES = ("at", "created_at", "start_time", "issued_at", "expires_at", "died_at", "granted_at", "ended_at",
         "deleted_at", "last_used_at", "due_at", "requested_at", "decided_at")  # fmt: skip


def _dated(row: Row) -> Row:
    """Instants as text; what is not an instant as it is."""
    return {key: iso(value) if key in TIMES and value else value for key, value in row.items()}


def everything(world: World) -> dict[str, Any]:
    store = world.store
    return {
        "clock": {"now": iso(world.clock.now()), "offset": world.clock.offset},
        "modes": world.modes(),
        "faults": faults.armed(world),
        "users": [user(row) for row in store.all("SELECT * FROM user ORDER BY pmi")],
        "apps": [app(row) for row in store.all("SELECT * FROM app ORDER BY rowid")],
        "authorizations": [_dated(row) for row in store.all("SELECT * FROM authorization ORDER BY id")],
        "tokens": [_dated(row) for row in store.all(
            "SELECT t.id, t.kind, t.issued_at, t.expires_at, t.died_at, t.death, a.client_id, a.user_id "
            "FROM token t JOIN authorization a ON a.id = t.authorization_id ORDER BY t.id"
        )],
        "app_requests": [_dated(row) for row in store.all("SELECT * FROM app_request ORDER BY id")],
        "meetings": [meeting(row) | {"expired": meetings.expired(world, row)}
                     for row in store.all("SELECT * FROM meeting ORDER BY rowid")],
        "participants": store.all("SELECT * FROM participant ORDER BY id"),
        "deliveries": deliveries(world),
        "requests": requests(world),
    }  # fmt: skip


def user(row: Row) -> Row:
    return _dated({key: value for key, value in row.items() if key != "pmi_pwd"})


def app(row: Row) -> Row:
    return {key: value for key, value in row.items() if key not in ("client_secret", "secret_token")}


def meeting(row: Row) -> Row:
    return _dated(row)


def deliveries(world: World) -> list[Row]:
    return [_dated(row) for row in world.store.all("SELECT * FROM delivery ORDER BY id")]


def requests(world: World) -> dict[str, Any]:
    """The request log, newest last, and how often each operation was called since the reset."""
    rows = world.store.all("SELECT * FROM request ORDER BY id")
    counts = Counter(f"{row['method']} {row['rule'] or row['path']}" for row in rows)
    return {"log": [_dated(row) for row in rows], "counts": dict(counts)}
