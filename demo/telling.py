"""How far the story of this data directory was told. Plain files and SQL: it is asked before anything has started."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from demo.machine import NotPossible, Places

NOTHING, INTERRUPTED, UNFINISHED, TOLD = "nothing", "interrupted", "unfinished", "told"
IS_UNFINISHED = "  The story was interrupted once and is not complete; bin/demo --reset tells it anew."


def found(places: Places) -> str:
    """NOTHING: tell it. INTERRUPTED: the demo has never started with it, so it may be forgotten. UNFINISHED: it ends
    early, but has been started and may have been used. TOLD: all of it."""
    mark = _mark(places)
    if mark.exists() and mark.read_text() == INTERRUPTED:
        return INTERRUPTED
    if not _holds(places, "SELECT 1 FROM accounts_organization"):
        return NOTHING
    if mark.exists():
        return TOLD
    # Demos of before the mark. The offer of dates is the last act of the story, linking the first after the people:
    # without a link the demo could not start.
    if _holds(places, "SELECT 1 FROM booking_bookingpage WHERE kind = 'offer'"):
        return TOLD
    return UNFINISHED if _holds(places, "SELECT 1 FROM zoom_connection") else INTERRUPTED


def told(places: Places, tell: Callable[[], object]) -> None:
    """Have the story told, so that an end before its end is noticed at the next start."""
    _mark(places).write_text(INTERRUPTED)
    tell()
    note_told(places)


def note_told(places: Places) -> None:
    """From now on the mark says it, whatever happens to the offer."""
    _mark(places).write_text(TOLD)


def refuse_rest(*, is_empty: bool) -> None:
    """After an interrupted story was forgotten: what is still there lies in a database that is not ours to delete.
    NotPossible then."""
    if not is_empty:
        raise NotPossible(
            "The story was interrupted while it was told, and its database is not in the data directory: "
            "empty the database that DATABASE_URL names, or leave DATABASE_URL out, then run bin/demo again."
        )


def forget(places: Places) -> None:
    _mark(places).unlink(missing_ok=True)


def _mark(places: Places) -> Path:
    return places.data / "story"


def _holds(places: Places, question: str) -> bool:
    file = places.data / "mensetsu.sqlite3"
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(file)) as database:
            return database.execute(f"{question} LIMIT 1").fetchone() is not None
    except sqlite3.OperationalError:  # no such table: interrupted before the tables were made
        return False
