"""A demo whose story was interrupted tells it anew; one that has been used loses nothing."""

import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from demo import machine, telling
from tests.demo import running


def database(data: Path) -> sqlite3.Connection:
    return sqlite3.connect(data / "mensetsu.sqlite3", timeout=20)


def counted(data: Path, table: str) -> int:
    try:
        with closing(database(data)) as found:
            return found.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
    except sqlite3.OperationalError:  # not made yet
        return 0


def test_a_demo_interrupted_in_its_story_tells_it_anew(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "demo"], cwd=settings.BASE_DIR,
        env=running.environment(tmp_path, running.free_ports()), stdout=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not counted(tmp_path, "accounts_organization"):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.terminate()
    process.wait(60)
    assert not counted(tmp_path, "booking_invitation")

    with running.start(tmp_path) as second:
        assert "The story anew (was interrupted)" in second.said
        assert second.letters("baba@sample.example.jp")
    assert counted(tmp_path, "accounts_organization") == 2


def test_a_demo_in_which_nobody_is_linked_any_more_starts_again(tmp_path: Path) -> None:
    running.story_into(tmp_path)
    with closing(database(tmp_path)) as stored, stored:
        stored.execute("UPDATE zoom_connection SET ended_at = connected_at, end_reason = 'disconnected'")

    with running.start(tmp_path) as again:
        assert "The story" not in again.said


# What was told before there was a mark


@pytest.fixture
def places(tmp_path: Path) -> machine.Places:
    return machine.Places(tmp_path, 1, 2, 3, 4)


def without_mark(places: machine.Places, *statements: str) -> machine.Places:
    running.story_into(places.data)
    (places.data / "story").unlink(missing_ok=True)
    with closing(database(places.data)) as stored, stored:
        for statement in statements:
            stored.execute(statement)
    return places


UNOFFERED = ("UPDATE booking_bookingpage SET kind = 'page'",)


@pytest.mark.parametrize(
    ("statements", "state"),
    [
        ((), telling.TOLD),
        # Interrupted before anybody was linked: such a demo has never started.
        (("PRAGMA foreign_keys = OFF", "DELETE FROM zoom_connection", *UNOFFERED), telling.INTERRUPTED),
        # Interrupted later: it did start, and may have been used since.
        (UNOFFERED, telling.UNFINISHED),
        (("PRAGMA foreign_keys = OFF", "DELETE FROM accounts_organization"), telling.NOTHING),
    ],
)
def test_a_demo_of_the_release_before_is_read(
    places: machine.Places, statements: tuple[str, ...], state: str
) -> None:
    assert telling.found(without_mark(places, *statements)) == state


def test_an_unfinished_one_goes_on_and_says_how_to_start_anew(tmp_path: Path, places: machine.Places) -> None:
    without_mark(places, *UNOFFERED)

    with running.start(tmp_path) as again:
        assert "The story" not in again.said.partition("Ready after")[0]
        assert telling.IS_UNFINISHED in again.said
    assert telling.found(places) == telling.UNFINISHED


@pytest.mark.parametrize("made", [False, True])
def test_nothing_is_told_in_an_empty_directory_or_database(places: machine.Places, made: bool) -> None:
    if made:
        database(places.data).close()

    assert telling.found(places) == telling.NOTHING


def test_the_mark_is_set_when_all_is_told_and_not_before(places: machine.Places) -> None:
    def breaks() -> None:
        assert telling.found(places) == telling.INTERRUPTED
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        telling.told(places, breaks)
    assert telling.found(places) == telling.INTERRUPTED

    telling.told(places, lambda: None)
    assert telling.found(places) == telling.NOTHING  # there is still no database
    running.story_into(places.data / "elsewhere")
    shutil.copy(places.data / "elsewhere" / "mensetsu.sqlite3", places.data)
    assert telling.found(places) == telling.TOLD


def test_a_database_elsewhere_that_was_interrupted_is_not_told_twice(
    places: machine.Places, monkeypatch: pytest.MonkeyPatch, db: Any
) -> None:
    """`forget` deletes our own file only; DATABASE_URL may name another database."""
    with pytest.raises(machine.NotPossible, match="DATABASE_URL"):
        telling.refuse_rest(is_empty=False)
    telling.refuse_rest(is_empty=True)
