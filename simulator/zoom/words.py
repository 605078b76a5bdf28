"""The two languages of the simulator's pages, and the few things templates need besides."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import request, session

from .dictionary import WORDS
from .people import signed_in
from .world import here

LANGUAGES = ("ja", "en")
TOKYO = ZoneInfo("Asia/Tokyo")


def language() -> str:
    """The language of this browser: chosen by ?lang= and remembered, Japanese at first."""
    chosen = session.get("lang", LANGUAGES[0])
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def t(key: str) -> str:
    """The words of a key. A missing key is a bug and raises KeyError."""
    return WORDS[key][LANGUAGES.index(language())]


def moment(instant: float | None) -> str:
    """An instant as the fixture people read it: Tokyo time, the zone said."""
    if not instant:
        return "–"
    return datetime.fromtimestamp(instant, TOKYO).strftime("%Y-%m-%d %H:%M:%S JST")


def language_url(code: str) -> str:
    """This page in that language; after a form was posted, the list of meetings."""
    if request.method != "GET":
        return f"/meeting?lang={code}"
    return f"{request.path}?{urlencode({**request.args.to_dict(), 'lang': code})}"


def for_templates() -> dict[str, Any]:
    return {
        "t": t,
        "lang": language(),
        "languages": LANGUAGES,
        "language_url": language_url,
        "me": signed_in(here()),
    }
