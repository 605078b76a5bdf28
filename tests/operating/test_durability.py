"""What a person saw confirmed is on the disk: how SQLite is opened when nobody says otherwise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ASK = (
    "import django; django.setup(); from django.db import connection; "
    "print(connection.cursor().execute('PRAGMA synchronous').fetchone()[0], "
    "connection.cursor().execute('PRAGMA journal_mode').fetchone()[0])"
)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "2 wal"),  # https://sqlite.org/pragma.html#pragma_synchronous: 2 is FULL
        ("NORMAL", "1 wal"),
        ("OFF", "MENSETSU_SQLITE_SYNCHRONOUS is 'OFF'; it may be FULL or NORMAL."),
    ],
)
def test_a_commit_waits_for_the_disk_unless_the_operator_says_otherwise(
    tmp_path: Path, value: str | None, words: str
) -> None:
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    environment.pop("MENSETSU_SQLITE_SYNCHRONOUS")
    ended = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=settings.BASE_DIR,
        env=environment | ({"MENSETSU_SQLITE_SYNCHRONOUS": value} if value else {}),
        capture_output=True,
        text=True,
    )
    assert words in ended.stdout + ended.stderr
