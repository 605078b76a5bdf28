"""A backup is a whole database or there is none; and what was lost comes back from it."""

import os
import re
import shutil
import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from mensetsu.candidates.models import Candidate
from mensetsu.jobs import working
from mensetsu.jobs.models import Beat
from mensetsu.operating import console, looking, postgresql_programs, restoring, saving
from mensetsu.operating.refusal import Refused
from mensetsu.zoom import tokens
from tests.story import PASSWORD
from tests.zoom_world import RECRUIT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("programs")]
only_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="about SQLite's file")
only_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="about PostgreSQL")
MOMENT = datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC)
OTHER_KEY = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="


@pytest.fixture(autouse=True)
def _left_as_found() -> Any:
    """The database of the run is put back in place: a test loses it on purpose."""
    yield
    connection.close()


def lose() -> None:
    """The disk is gone, or somebody dropped everything."""
    if connection.vendor == "sqlite":
        connection.close()
        for ending in ("", "-wal", "-shm"):
            Path(connection.settings_dict["NAME"] + ending).unlink(missing_ok=True)
    else:
        with connection.cursor() as cursor:
            cursor.execute(postgresql_programs.WIPE)
        connection.close()


def test_a_lost_database_comes_back_with_its_logins_and_its_zoom_links(
    office: SimpleNamespace, tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    office.people.aoki.set_password(PASSWORD)
    office.people.aoki.save()
    before = {row.pk: row.search_text for row in Candidate.objects.all()}
    assert console.main(["backup", str(tmp_path)]) == 0
    (file,) = tmp_path.iterdir()
    said = capsys.readouterr().out
    assert str(file) in said
    assert "The keys are not in it" in said

    lose()
    assert not looking.table_names() - {"pg_stat_statements"}
    connection.close()
    assert console.main(["restore", str(file)]) == 0

    client = Client()
    answer = client.post("/login/", {"login": "aoki@sample.example.jp", "password": PASSWORD})
    assert answer.status_code == 302
    assert client.get("/profile/").status_code == 200
    assert tokens.call(office.link, lambda zoom: zoom.me(), now=timezone.now()).email == RECRUIT
    assert {row.pk: row.search_text for row in Candidate.objects.all()} == before
    # What is written next is a row like any other: numbers and the search index go on.
    page = client.get("/candidates/", {"q": "秘匿"})
    assert "秘匿" in page.content.decode()
    assert Candidate.objects.create(
        organization=office.people.company, family_name="新", created_at=MOMENT, updated_at=MOMENT
    ).pk not in before  # fmt: skip


def test_a_backup_is_readable_for_its_owner_only_and_named_by_its_moment(people: Any, tmp_path: Path) -> None:
    file = saving.backup(tmp_path, now=MOMENT)

    assert re.fullmatch(r"mensetsu-20261120-030405\.(sqlite3|dump)", file.name)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_an_earlier_backup_is_never_overwritten(db: None, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("precious")

    with pytest.raises(Refused, match="exists already"):
        saving.backup(tmp_path / "copy", now=MOMENT)

    assert (tmp_path / "copy").read_text() == "precious"


def test_where_nothing_can_be_written_there_is_no_backup_and_no_half_of_one(db: None, tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()

    with pytest.raises(Refused, match="was not made"):
        saving.backup(tmp_path / "a-file" / "copy", now=MOMENT)

    assert [path.name for path in tmp_path.iterdir()] == ["a-file"]


def test_a_database_with_companies_is_replaced_only_when_told_so(
    people: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = saving.backup(tmp_path, now=MOMENT)
    type(people.aoki).objects.filter(pk=people.aoki.pk).update(family_name="今")

    with pytest.raises(Refused, match="--replace"):
        restoring.restore(file, replace=False, now=MOMENT)

    people.aoki.refresh_from_db()
    assert people.aoki.family_name == "今"
    assert console.main(["restore", str(file), "--replace"]) == 0
    people.aoki.refresh_from_db()
    assert people.aoki.family_name != "今"
    kept = re.search(r"kept as (\S+)\.$", capsys.readouterr().out, re.MULTILINE)
    assert bool(kept) == (connection.vendor == "sqlite")
    if kept:
        with sqlite3.connect(kept.group(1)) as former:
            query = "SELECT family_name FROM accounts_user WHERE id = ?"
            assert former.execute(query, [people.aoki.pk]).fetchone() == ("今",)
        os.unlink(kept.group(1))


def test_with_other_keys_nothing_is_touched(office: SimpleNamespace, tmp_path: Path, settings: Any) -> None:
    file = saving.backup(tmp_path, now=MOMENT)
    Candidate.objects.create(
        organization=office.people.company, family_name="後", created_at=MOMENT, updated_at=MOMENT
    )
    count = Candidate.objects.count()
    settings.TOKEN_KEYS = [OTHER_KEY]

    with pytest.raises(Refused, match="MENSETSU_TOKEN_KEYS does not open"):
        restoring.restore(file, replace=True, now=MOMENT)

    assert Candidate.objects.count() == count


def test_while_a_worker_lives_nothing_is_replaced(people: Any, tmp_path: Path) -> None:
    file = saving.backup(tmp_path, now=MOMENT)
    working.beat("somebody", MOMENT)

    with pytest.raises(Refused, match="1 workers are using"):
        restoring.restore(file, replace=True, now=MOMENT)

    Beat.objects.update(began_at=MOMENT - timedelta(minutes=5))
    kept = restoring.restore(file, replace=True, now=MOMENT).kept
    if kept:
        kept.unlink()


@pytest.mark.parametrize("where", [0.3, 0.6, 0.95])
def test_a_damaged_backup_is_refused(office: SimpleNamespace, tmp_path: Path, where: float) -> None:
    file = saving.backup(tmp_path / "copy", now=MOMENT)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * where)])

    with pytest.raises(Refused, match="is damaged"):
        restoring.restore(file, replace=True, now=MOMENT)

    assert Candidate.objects.exists()


def test_what_is_no_backup_is_refused(db: None, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear all")

    with pytest.raises(Refused, match="not a backup"):
        restoring.restore(tmp_path / "letter.txt", replace=True, now=MOMENT)
    with pytest.raises(Refused, match="No such file"):
        restoring.restore(tmp_path / "nowhere", replace=True, now=MOMENT)


def test_a_backup_of_the_other_kind_says_where_it_belongs(db: None, tmp_path: Path) -> None:
    heads = {"sqlite": b"PGDMP rest", "postgresql": b"SQLite format 3\x00 rest"}
    (tmp_path / "other").write_bytes(heads[connection.vendor])

    with pytest.raises(Refused, match="is a backup of"):
        restoring.restore(tmp_path / "other", replace=True, now=MOMENT)


def test_a_backup_of_a_newer_version_is_refused(people: Any, tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('zoom', '9999_future', '2030-01-01')"
        )
    try:
        file = saving.backup(tmp_path, now=MOMENT)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_future'")

    with pytest.raises(Refused, match=r"newer version \(it knows zoom.9999_future\)"):
        restoring.restore(file, replace=True, now=MOMENT)


@only_sqlite
def test_an_open_sqlite_database_is_not_pulled_away(people: Any, tmp_path: Path) -> None:
    file = saving.backup(tmp_path, now=MOMENT)
    other = sqlite3.connect(connection.settings_dict["NAME"])
    other.execute("SELECT count(*) FROM accounts_user").fetchone()
    try:
        with pytest.raises(Refused, match="is in use"):
            restoring.restore(file, replace=True, now=MOMENT)
    finally:
        other.close()


@only_sqlite
def test_a_database_that_cannot_be_read_any_more_is_replaced_and_kept(people: Any, tmp_path: Path) -> None:
    file = saving.backup(tmp_path, now=MOMENT)
    connection.close()
    database = Path(connection.settings_dict["NAME"])
    for ending in ("-wal", "-shm"):
        Path(f"{database}{ending}").unlink(missing_ok=True)
    database.write_bytes(b"scratched" * 1000)

    with pytest.raises(Refused, match="cannot be read"):
        restoring.restore(file, replace=False, now=MOMENT)
    connection.close()
    kept = restoring.restore(file, replace=True, now=MOMENT).kept

    assert kept is not None
    assert kept.read_bytes().startswith(b"scratched")
    kept.unlink()
    assert type(people.aoki).objects.count() == 5


@only_sqlite
def test_a_copy_that_points_nowhere_is_no_backup(people: Any, tmp_path: Path) -> None:
    file = saving.backup(tmp_path, now=MOMENT)
    with sqlite3.connect(file) as copy:
        copy.execute("DELETE FROM accounts_organization")

    with pytest.raises(Refused, match="points to a missing accounts_organization"):
        restoring.restore(file, replace=True, now=MOMENT)


@only_postgresql
def test_types_of_its_own_come_back_too(people: Any, tmp_path: Path) -> None:
    """Procrastinate brings a composite type, an enumeration and functions that use both."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TYPE public.pair AS (first int, second text)")
        cursor.execute("CREATE TYPE public.mood AS ENUM ('glad', 'sad')")
        cursor.execute(
            "CREATE FUNCTION public.swap(public.pair[]) RETURNS public.mood"
            " AS $$ SELECT 'glad'::public.mood $$ LANGUAGE sql"
        )
    file = saving.backup(tmp_path, now=MOMENT)

    restoring.restore(file, replace=True, now=MOMENT)

    with connection.cursor() as cursor:
        cursor.execute("SELECT public.swap(ARRAY[ROW(1, 'a')::public.pair])::text")
        assert cursor.fetchone() == ("glad",)
        cursor.execute("DROP TYPE public.pair CASCADE; DROP TYPE public.mood CASCADE")


@pytest.fixture
def reader_ends(tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """The program that reads the backup does this instead, and ends with an error."""

    def ends(script: str) -> None:
        shams = tmp_path / "bin"
        shams.mkdir()
        sham = shams / "pg_restore"
        sham.write_text(
            f'#!/bin/sh\nREAL={programs}/pg_restore\ncase "$*" in\n*--no-owner*) {script}; exit 1;;\nesac\n'
            'exec $REAL "$@"\n'
        )
        sham.chmod(0o700)
        monkeypatch.setenv("PATH", f"{shams}{os.pathsep}{os.environ['PATH']}")

    return ends


@only_postgresql
@pytest.mark.parametrize("read", ['$REAL "$@" | head -n 400', ": nothing at all"])
def test_a_restore_that_dies_halfway_changes_nothing(
    people: Any, tmp_path: Path, reader_ends: Callable[[str], None], read: str
) -> None:
    file = saving.backup(tmp_path / "copy", now=MOMENT)
    reader_ends(read)

    with pytest.raises(Refused, match="pg_restore ended with 1"):
        restoring.restore(file, replace=True, now=MOMENT)

    assert type(people.aoki).objects.count() == 5


@only_postgresql
def test_a_restore_that_was_refused_holds_no_locks(
    people: Any, tmp_path: Path, reader_ends: Callable[[str], None]
) -> None:
    """The server works on a statement that its psql, killed meanwhile, cannot wait for any more."""
    file = saving.backup(tmp_path / "copy", now=MOMENT)
    enough_to_be_sent = "head -c 20000 /dev/zero | tr '\\0' ' '"
    reader_ends(f"echo 'SELECT pg_sleep(60);'; {enough_to_be_sent}; exec >&-; sleep 2")

    with pytest.raises(Refused, match="pg_restore ended with 1"):
        restoring.restore(file, replace=True, now=MOMENT)

    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1ms'")
        cursor.execute("SELECT count(*) FROM accounts_organization")
        cursor.execute("RESET lock_timeout")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name LIKE 'mensetsu restore%' AND datname = current_database()"
        )
        assert cursor.fetchone() == (0,)


@only_postgresql
def test_without_postgresqls_programs_it_says_which_package_has_them(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("pg_dump") is None

    with pytest.raises(Refused, match="postgresql-client"):
        saving.backup(tmp_path / "copy", now=MOMENT)

    assert list(tmp_path.iterdir()) == []
