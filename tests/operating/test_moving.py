"""From SQLite to PostgreSQL: every row, or none."""

import re
import runpy
import sqlite3
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from mensetsu.candidates.models import Candidate
from mensetsu.jobs import working
from mensetsu.operating import console, moving
from mensetsu.operating.refusal import Refused
from mensetsu.zoom import tokens

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="moves away from SQLite"),
]


def test_everything_is_there_afterwards_and_the_keys_still_open_it(
    office: SimpleNamespace, new_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = console.main(["move-to-postgresql", new_database])

    said = capsys.readouterr().out
    assert code == 0, said
    told = {line.split()[2]: int(line.split()[0]) for line in said.splitlines() if re.match(r" +\d", line)}
    with psycopg.connect(new_database) as there, connection.cursor() as here:
        for model in moving.ours():
            table = model._meta.db_table
            here.execute(f'SELECT count(*) FROM "{table}"')
            count = here.fetchone()[0]
            assert there.execute(f'SELECT count(*) FROM "{table}"').fetchone() == (count,), table
            assert told[table] == count
        assert sum(1 for count in told.values() if count) > 25  # or nothing was proved
        query = "SELECT refresh_token_sealed FROM zoom_connection WHERE id = %s"
        sealed = there.execute(query, [office.link.pk]).fetchone()[0]
        assert tokens.unseal(sealed) == tokens.unseal(office.link.refresh_token_sealed)
        name = there.execute(
            "SELECT family_name FROM candidates_candidate WHERE id = %s", [office.candidate.pk]
        )
        assert name.fetchone() == ("秘匿",)
        # The next row gets a number that nobody has.
        following = there.execute(
            "SELECT nextval(pg_get_serial_sequence('candidates_candidate', 'id'))"
        ).fetchone()[0]
        assert following == Candidate.objects.order_by("-pk").first().pk + 1
        kinds = there.execute("SELECT id, app_label, model FROM django_content_type").fetchall()
        assert set(kinds) == set(ContentType.objects.values_list("id", "app_label", "model"))


def test_a_database_with_companies_is_not_written_over(people: Any, new_database: str) -> None:
    moving.move(new_database, now=timezone.now(), told=lambda table, found: None)

    with pytest.raises(Refused, match="companies in the new database"):
        moving.move(new_database, now=timezone.now(), told=lambda table, found: None)


def test_a_row_that_postgresql_does_not_take_stops_it_all_and_it_can_be_started_anew(
    people: Any, new_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """SQLite does not count characters; PostgreSQL does."""
    Candidate.objects.create(
        organization=people.company, family_name="長" * 500, given_name="", created_at=timezone.now(),
        updated_at=timezone.now(),
    )  # fmt: skip

    assert console.main(["move-to-postgresql", new_database]) == 1

    complaint = capsys.readouterr().err
    assert "too long" in complaint
    assert "candidates_candidate" in complaint
    assert "Nothing was moved" in complaint
    with psycopg.connect(new_database) as there:
        assert there.execute("SELECT count(*) FROM accounts_user").fetchone() == (0,)
    Candidate.objects.update(family_name="長")
    assert console.main(["move-to-postgresql", new_database]) == 0


def test_a_difference_is_found(people: Any, new_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something on the way changes one letter."""
    with psycopg.connect(new_database, autocommit=True) as there:
        there.execute("CREATE TABLE candidates_decoy (id int)")
    field = apps.get_model("accounts", "User")._meta.get_field("family_name")
    monkeypatch.setattr(field, "get_db_prep_save", lambda value, connection: value.replace("青", "赤"))

    with pytest.raises(Refused, match="accounts_user differs after the copy"):
        moving.move(new_database, now=timezone.now(), told=lambda table, found: None)

    with psycopg.connect(new_database) as there:
        assert there.execute("SELECT count(*) FROM accounts_organization").fetchone() == (0,)


def test_while_a_worker_writes_nothing_is_moved(people: Any, new_database: str) -> None:
    working.beat("somebody", timezone.now())

    with pytest.raises(Refused, match="stop web and worker"):
        moving.move(new_database, now=timezone.now(), told=lambda table, found: None)


def test_lost_keys_are_noticed_before_anything_is_committed(
    office: SimpleNamespace, new_database: str, settings: Any
) -> None:
    settings.TOKEN_KEYS = ["AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="]

    with pytest.raises(Refused, match="MENSETSU_TOKEN_KEYS"):
        moving.move(new_database, now=timezone.now(), told=lambda table, found: None)

    with psycopg.connect(new_database) as there:
        assert there.execute("SELECT count(*) FROM accounts_user").fetchone() == (0,)


def test_tables_that_nobody_knows_are_not_left_behind_in_silence(people: Any, new_database: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plugin_rows (id integer)")
    try:
        with pytest.raises(Refused, match="plugin_rows"):
            moving.move(new_database, now=timezone.now(), told=lambda table, found: None)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE plugin_rows")


@pytest.mark.parametrize("url", ["sqlite:///other.sqlite3", "postgres", "mysql://root@/x"])
def test_only_postgresql_can_be_moved_to(db: None, url: str) -> None:
    with pytest.raises(Refused, match="postgres://"):
        moving.move(url, now=timezone.now(), told=lambda table, found: None)


def test_an_address_where_nobody_answers_is_named(db: None) -> None:
    with pytest.raises(Refused, match="PostgreSQL: connection"):
        moving.move("postgres://x@127.0.0.1:9/x", now=timezone.now(), told=lambda table, found: None)


def test_without_an_address_it_says_how_to_name_one(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NEW_DATABASE_URL", raising=False)

    assert console.main(["move-to-postgresql"]) == 1
    assert "postgres://user:password@host/name" in capsys.readouterr().err


def test_what_is_not_sqlite_has_nothing_to_move(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "postgresql")

    with pytest.raises(Refused, match="nothing to move from"):
        moving.move("postgres://x@127.0.0.1:9/x", now=timezone.now(), told=lambda table, found: None)


def test_a_database_that_is_not_up_to_date_is_brought_so_first(db: None) -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("jobs", "0001_initial")
    try:
        with pytest.raises(Refused, match="not up to date"):
            moving.move("postgres://x@127.0.0.1:9/x", now=timezone.now(), told=lambda table, found: None)
    finally:
        recorder.record_applied("jobs", "0001_initial")


def test_while_pages_are_served_nothing_is_moved(people: Any, new_database: str) -> None:
    """A web process without a worker shows no sign of life but that it has the file open."""
    other = sqlite3.connect(connection.settings_dict["NAME"])
    other.execute("SELECT count(*) FROM accounts_user").fetchone()
    try:
        with pytest.raises(Refused, match="is in use"):
            moving.move(new_database, now=timezone.now(), told=lambda table, found: None)
    finally:
        other.close()

    moving.move(new_database, now=timezone.now(), told=lambda table, found: None)


def test_a_web_process_has_the_file_open_before_anybody_asks_for_a_page(
    db: None, settings: Any, new_database: str
) -> None:
    settings.WORKER_IN_WEB = False
    server = runpy.run_path(str(Path(settings.BASE_DIR) / "config" / "server.py"))
    connection.close()
    serving = threading.Event()
    asked = threading.Event()

    def serve() -> None:
        server["post_worker_init"](None)
        serving.set()
        asked.wait(30)
        connection.close()

    web = threading.Thread(target=serve)
    web.start()
    try:
        assert serving.wait(30)
        with pytest.raises(Refused, match="is in use"):
            moving.move(new_database, now=timezone.now(), told=lambda table, found: None)
    finally:
        asked.set()
        web.join()
