"""One running simulator: its memory, its clock, its modes, and where it is reached."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from flask import current_app, request

from . import fixtures
from .clock import Clock
from .state import Row, Store

# Where nobody outside Zoom knows what Zoom does, the simulator can do either; the first value is the default.
MODES: dict[str, list[str]] = {
    "decline": ["access_denied", "stay"],
    "scope_error_status": ["400", "401"],
    "revoke_deauthorizes": ["yes", "no"],
    "deauthorization_signature": ["valid", "not_verifiable"],
    "limits": ["on", "off"],
    "sign_in_policy": ["free", "locked"],
}


class Messenger(Protocol):
    """Whoever carries the webhooks. The world is what he reads; he is put into it when the simulator is made."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def wake(self) -> None: ...

    def flush(self) -> int: ...

    def validate(self, app: Row, url: str) -> dict[str, Any]: ...


@dataclass
class World:
    """What every part of the simulator shares. `courier` delivers webhooks; `windows` counts calls per second."""

    store: Store
    clock: Clock
    base_url: str = ""
    courier: Messenger = field(init=False)
    windows: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

    def url(self, path: str) -> str:
        """An address of the simulator itself, which plays zoom.us, api.zoom.us and marketplace.zoom.us at once."""
        return (self.base_url or request.host_url).rstrip("/") + path

    def mode(self, name: str) -> str:
        return str(self.store.get(f"mode:{name}", MODES[name][0]))

    def set_mode(self, name: str, value: str) -> None:
        """Refuses (ValueError) an unknown mode or value."""
        if value not in MODES.get(name, []):
            raise ValueError(f"{name} must be one of {MODES.get(name, 'the known modes')}")
        self.store.put(f"mode:{name}", value)

    def modes(self) -> dict[str, str]:
        return {name: self.mode(name) for name in MODES}

    def reset(self) -> None:
        """Back to the fixture state, on the wall clock."""
        with self.store.transaction():
            self.store.clear()
            fixtures.install(self.store)
        self.windows.clear()

    def cookie_key(self) -> str:
        """The key that signs this simulator's cookies and ZAKs; made once and kept across resets."""
        key = self.store.get("cookie_key")
        if not key:
            key = secrets.token_hex(32)
            self.store.put("cookie_key", key)
        return str(key)

    def user(self, user_id: str) -> Row | None:
        """A living user by id or, whatever its case, by e-mail address."""
        return self.store.one(
            "SELECT * FROM user WHERE (id = ? OR lower(email) = lower(?)) AND deleted_at IS NULL",
            user_id,
            user_id,
        )

    def account_of(self, user: Row) -> Row:
        return cast(Row, self.store.one("SELECT * FROM account WHERE id = ?", user["account_id"]))

    def app(self, client_id: str) -> Row | None:
        return self.store.one("SELECT * FROM app WHERE client_id = ?", client_id)


def here() -> World:
    """The world of the request being answered."""
    return cast(World, current_app.extensions["zoom_simulator"])


def answer_json(value: Any, status: int = 200) -> Any:
    """Zoom writes Japanese as UTF-8, not as escapes."""
    response = current_app.json.response(value)
    response.status_code = status
    return response
