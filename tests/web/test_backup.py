"""A backup is a whole database, or there is none."""

import sqlite3

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)
only_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="pg_dump does it for PostgreSQL")


@only_sqlite
def test_a_backup_holds_what_the_database_holds(people, tmp_path) -> None:
    call_command("backup", tmp_path / "copy.sqlite3", verbosity=0)

    copy = sqlite3.connect(tmp_path / "copy.sqlite3")
    assert copy.execute("SELECT count(*) FROM accounts_user").fetchone() == (5,)
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@only_sqlite
def test_an_earlier_backup_is_never_overwritten(tmp_path) -> None:
    (tmp_path / "copy.sqlite3").write_text("precious")

    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", tmp_path / "copy.sqlite3")

    assert (tmp_path / "copy.sqlite3").read_text() == "precious"


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has it")
def test_another_database_says_what_to_use(tmp_path) -> None:
    assert connection.vendor == "postgresql"
    with pytest.raises(CommandError, match="pg_dump"):
        call_command("backup", tmp_path / "copy.sqlite3")
