"""The doctor about this machine: each fault is named in words, with what to do next."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.jobs import working
from mensetsu.notices.models import OutgoingNotice
from mensetsu.operating import checks_here, keyring, looking
from tests.operating.asking import only, states
from tests.zoom_world import ZoomWorld

pytestmark = pytest.mark.django_db
SITE = "https://mensetsu.sample.example.jp"


# --- settings ---------------------------------------------------------------------------------------------------------


def test_keys_of_the_right_form_are_well(settings: Any) -> None:
    assert states(checks_here.secret_keys()) == ["ok"]


@pytest.mark.parametrize("secret", ["short", "a" * 60])
def test_a_secret_key_that_can_be_guessed_is_an_error(settings: Any, secret: str) -> None:
    settings.SECRET_KEY = secret

    assert "too easy to guess" in only(checks_here.secret_keys()).sentence


def test_a_token_key_with_a_cut_character_is_named_by_its_place(settings: Any) -> None:
    settings.TOKEN_KEYS = [settings.TOKEN_KEYS[0], settings.TOKEN_KEYS[0][:-3]]

    assert "Key 2 of MENSETSU_TOKEN_KEYS" in only(checks_here.secret_keys()).sentence


def test_a_key_file_that_everybody_can_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret"
    file.write_text("x")
    monkeypatch.setenv(f"{keyring.SECRET_KEY}_FILE", str(file))

    file.chmod(0o640)
    assert states(checks_here.secret_keys()) == ["ok"]
    file.chmod(0o644)
    finding = only(checks_here.secret_keys())
    assert (str(finding.state), finding.next) == ("warning", f"chmod o-rwx {file}")


@pytest.mark.parametrize(
    ("url", "hosts", "said"),
    [
        ("mensetsu.example.jp", ["*.example.jp"], "not the address of a site"),
        (f"{SITE}/desk", [".example.jp"], "not the address of a site"),
        ("http://mensetsu.sample.example.jp", [".example.jp"], "is not https"),
        (SITE, ["other.example.jp"], "not in MENSETSU_ALLOWED_HOSTS"),
        (SITE, ["*"], "allows every name"),
    ],
)
def test_an_address_that_does_not_work_is_named(settings: Any, url: str, hosts: list[str], said: str) -> None:
    settings.BASE_URL, settings.ALLOWED_HOSTS = url, hosts

    assert said in only(checks_here.address()).sentence


def test_debugging_before_the_world_is_an_error(settings: Any) -> None:
    settings.BASE_URL, settings.ALLOWED_HOSTS, settings.DEBUG = SITE, [".example.jp"], True

    assert "MENSETSU_DEBUG" in only(checks_here.address()).sentence


@pytest.mark.parametrize("url", [SITE, "http://127.0.0.1:8000"])
def test_an_address_that_works_is_well(settings: Any, url: str) -> None:
    settings.BASE_URL, settings.ALLOWED_HOSTS = url, [".example.jp", "127.0.0.1"]

    assert states(checks_here.address()) == ["ok"]


def test_settings_that_do_not_fit_together_are_errors(settings: Any) -> None:
    assert states(checks_here.program()) == ["ok"]

    settings.STATICFILES_DIRS = [settings.STATIC_ROOT]

    assert "error" in states(checks_here.program())


# --- database and files -----------------------------------------------------------------------------------------------


def test_a_database_that_answers_is_well_and_nothing_is_left_in_it(people: Any) -> None:
    assert states(checks_here.database(timezone.now())) == ["ok"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM jobs_beat WHERE name LIKE 'doctor:%'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_nothing_is_an_error() -> None:
    read_only = {"sqlite": "PRAGMA query_only = ON", "postgresql": "SET default_transaction_read_only = on"}
    with connection.cursor() as cursor:
        cursor.execute(read_only[connection.vendor])
    try:
        finding = only(checks_here.database(timezone.now()))
    finally:
        connection.close()

    assert "takes nothing" in finding.sentence
    assert "DATABASE_URL" in finding.next


def test_what_is_odd_about_a_database_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENSETSU_WEB_PROCESSES", "2")

    assert states(checks_here._of_sqlite("delete")) == ["warning", "warning"]
    assert "too old" in only(checks_here._of_postgresql(13)).sentence
    assert checks_here._of_postgresql(14) == []


def test_missing_migrations_are_counted_and_named(settings: Any) -> None:
    assert states(checks_here.migrations()) == ["ok"]
    applied = [name for app, name in MigrationRecorder(connection).applied_migrations() if app == "booking"]
    for name in applied:
        MigrationRecorder(connection).record_unapplied("booking", name)

    finding = only(checks_here.migrations())

    assert finding.sentence.startswith(f"{len(applied)} migrations are not applied (booking.")
    assert "bin/mensetsu web" in finding.next


def test_a_database_of_a_newer_version_is_an_error() -> None:
    MigrationRecorder(connection).record_applied("zoom", "9999_future")

    assert "zoom.9999_future is unknown here" in only(checks_here.migrations()).sentence


def test_a_missing_cache_is_an_error(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": settings.CACHES["default"]["BACKEND"], "LOCATION": "no_table"}}

    assert "cache" in only(checks_here.migrations()).sentence


def test_static_files_and_translations_must_be_made(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT, settings.LOCALE_PATHS = tmp_path, [tmp_path / "locale"]
    assert "Static files are missing" in only(checks_here.files()).sentence
    (tmp_path / "staticfiles.json").touch()
    assert states(checks_here.files()) == ["ok"]
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale" / "django.po").touch()
    assert "1 of 1 translations" in only(checks_here.files()).sentence


def test_a_disk_is_full_or_tight_or_well(settings: Any, tmp_path: Path) -> None:
    assert str(checks_here.room(tmp_path, 100 * 1024**2, 0).state) == "error"
    assert str(checks_here.room(tmp_path, 1024**3, 0).state) == "warning"
    assert str(checks_here.room(tmp_path, 10 * 1024**3, 0).state) == "ok"
    assert str(checks_here.room(tmp_path, 10 * 1024**3, 8 * 1024**3).state) == "warning"
    assert only(checks_here.disk()).check == "disk"
    settings.DATA_DIR = tmp_path / "gone"
    assert "MENSETSU_DATA" in only(checks_here.disk()).sentence


# --- worker and keys --------------------------------------------------------------------------------------------------


def job(**values: Any) -> DBTaskResult:
    values = {
        "args_kwargs": {"args": [], "kwargs": {}},
        "task_path": "x.y",
        "backend_name": "default",
    } | values
    row = DBTaskResult.objects.create(**values)
    if "enqueued_at" in values:
        DBTaskResult.objects.filter(pk=row.pk).update(enqueued_at=values["enqueued_at"])
    return row


def test_without_a_worker_nothing_happens_and_that_is_an_error() -> None:
    now = timezone.now()
    job()

    finding = only(checks_here.worker(now))
    assert (str(finding.state), "1 jobs wait" in finding.sentence) == ("error", True)

    working.beat("somebody", now - timedelta(minutes=1))
    assert states(checks_here.worker(now)) == ["error"]
    working.beat("somebody", now)
    assert states(checks_here.worker(now)) == ["ok"]


def test_jobs_that_wait_long_or_have_failed_are_told() -> None:
    now = timezone.now()
    working.beat("somebody", now)
    job(enqueued_at=now - timedelta(minutes=9))
    job(enqueued_at=now - timedelta(days=1), run_after=now - timedelta(minutes=1))
    job(enqueued_at=now - timedelta(days=1), run_after=now + timedelta(days=1))
    assert states(checks_here.worker(now)) == ["ok"]
    job(enqueued_at=now - timedelta(minutes=20))
    job(status="FAILED", finished_at=now)

    late, failed = checks_here.worker(now)

    assert late.sentence.startswith("Jobs have been waiting for 20 minutes though 1 workers")
    assert failed.sentence.startswith("1 jobs have failed")


def test_notices_that_did_not_leave_are_told() -> None:
    now = timezone.now()
    assert checks_here.notices(now) == []
    values = {"name": "interview_moved", "created_at": now, "due_at": now, "problem": "bad_recipient"}
    OutgoingNotice.objects.create(**values, failed_at=now)
    OutgoingNotice.objects.create(**values, failed_at=now - timedelta(days=8))

    told = only(checks_here.notices(now))

    assert str(told.state) == "warning"
    assert told.sentence.startswith("1 notices to our own users did not leave")
    assert "bad_recipient" in told.sentence


def test_workers_of_the_other_engine_count_too() -> None:
    """Its table as far as it is asked for: the library makes it only where it is chosen."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE procrastinate_workers (last_heartbeat timestamptz)")
        cursor.execute(
            "INSERT INTO procrastinate_workers VALUES (%s), (%s)", [now, now - timedelta(minutes=5)]
        )

    assert looking.workers_alive(now) == 1


def test_keys_that_do_not_open_what_is_stored_are_an_error(
    zoom: ZoomWorld, people: Any, settings: Any
) -> None:
    zoom.app(people.company)
    old = settings.TOKEN_KEYS[0]
    assert states(checks_here.sealed_secrets()) == ["ok"]
    settings.TOKEN_KEYS = [old, Fernet.generate_key().decode()]
    assert states(checks_here.sealed_secrets()) == ["note"]
    settings.TOKEN_KEYS = [Fernet.generate_key().decode(), old]
    assert "2 stored Zoom secrets still need an older key" in only(checks_here.sealed_secrets()).sentence
    settings.TOKEN_KEYS = [Fernet.generate_key().decode()]
    assert states(checks_here.sealed_secrets()) == ["error"]
    settings.TOKEN_KEYS = ["cut"]
    assert "could not be tried" in only(checks_here.sealed_secrets()).sentence
