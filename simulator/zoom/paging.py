"""Lists in pieces, by next_page_token (which lives 15 minutes) or by the older page_number."""

from __future__ import annotations

import math
import secrets
from typing import Any

from flask import request

from .errors import ApiError, invalid_fields
from .world import World

TOKEN_SECONDS = 15 * 60
LARGEST_PAGE = 300


def page(world: World, name: str, items: list[Any], *, numbered: bool = True) -> dict[str, Any]:
    """The asked-for piece of `items` under `name`, with Zoom's counters. Refuses wrong sizes and dead tokens."""
    size = _number("page_size", 30)
    if not 1 <= size <= LARGEST_PAGE:
        raise invalid_fields("page_size")
    number = _number("page_number", 1)
    start = _start(world, (max(number, 1) - 1) * size)
    following = start + size
    answer: dict[str, Any] = {
        "page_size": size,
        "total_records": len(items),
        "next_page_token": _new_token(world, following) if following < len(items) else "",
        "page_count": math.ceil(len(items) / size),
    }
    if numbered:
        answer["page_number"] = start // size + 1
    return answer | {name: items[start:following]}


def _number(name: str, default: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise invalid_fields(name)
    return int(text)


def _start(world: World, default: int) -> int:
    token = request.args.get("next_page_token", "")
    if not token:
        return default
    row = world.store.one("SELECT * FROM page_token WHERE token = ?", token)
    if row is None or row["expires_at"] <= world.clock.now():
        raise ApiError(400, 300, "The next page token is invalid or expired.")
    return int(row["place"])


def _new_token(world: World, place: int) -> str:
    token = secrets.token_urlsafe(24)
    world.store.insert("page_token", token=token, place=place, expires_at=world.clock.now() + TOKEN_SECONDS)
    return token
