"""Claims are exclusive; what a dead process left is run again, and what kills every process is given up."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.history.models import Entry
from mensetsu.jobs import working
from tests import racing
from tests.jobs import sample_jobs


@pytest.mark.django_db(transaction=True)
def test_four_workers_run_sixty_jobs_exactly_once() -> None:
    for number in range(60):
        sample_jobs.note.enqueue(number=number)

    def work() -> int:
        done = 0
        while (row := working.claim(f"w{id(object())}", timezone.now())) is not None:
            working.run(row)
            done += 1
        return done

    counts = racing.together(4, work)

    assert sum(counts) == 60
    assert sorted(Entry.objects.values_list("subject_id", flat=True)) == list(range(60))


@pytest.mark.django_db
def test_a_job_of_a_worker_that_still_beats_is_left_alone() -> None:
    sample_jobs.note.enqueue(number=1)
    now = timezone.now()
    working.beat("alive", now)
    working.claim("alive", now)

    assert working.bring_home(now + timedelta(seconds=20)) == 0


@pytest.mark.django_db
def test_a_job_of_a_silent_worker_is_ready_again() -> None:
    sample_jobs.note.enqueue(number=1)
    now = timezone.now()
    working.beat("dead", now)
    working.claim("dead", now)

    assert working.bring_home(now + timedelta(seconds=31)) == 1
    assert DBTaskResult.objects.get().status == "READY"


@pytest.mark.django_db
def test_a_job_that_killed_five_workers_is_given_up() -> None:
    sample_jobs.note.enqueue(number=1)
    now = timezone.now()
    for number in range(working.MAX_CLAIMS):
        working.claim(f"dead{number}", now)
        working.bring_home(now)

    assert DBTaskResult.objects.get().status == "FAILED"


@pytest.mark.django_db
def test_finished_jobs_are_forgotten_after_a_week() -> None:
    sample_jobs.note.enqueue(number=1)
    now = timezone.now()
    working.run(working.claim("w", now))

    working.forget_finished(now + timedelta(days=6))
    assert DBTaskResult.objects.count() == 1
    working.forget_finished(now + timedelta(days=8))
    assert DBTaskResult.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_process_is_killed_in_the_middle_is_run_by_the_next_one() -> None:
    """The real worker process, really killed (by signal 9, in the middle of the job), on the real database."""
    sample_jobs.die_once.enqueue(number=7)
    connection.close()

    first = start_worker()
    assert first.wait(30) == -signal.SIGKILL
    assert actions() == ["begun"]
    working.Beat.objects.all().delete()  # instead of waiting until the dead worker's beat is stale
    second = start_worker()
    try:
        deadline = time.monotonic() + 30
        while "ended" not in actions() and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        second.terminate()
        assert second.wait(30) == 0

    assert actions() == ["begun", "begun", "ended"]
    assert DBTaskResult.objects.filter(task_path__endswith="die_once").get().status == "SUCCESSFUL"


def actions() -> list[str]:
    return list(Entry.objects.filter(subject_id=7).order_by("id").values_list("action", flat=True))


def start_worker() -> subprocess.Popen[bytes]:
    database = settings.DATABASES["default"]
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}" if connection.vendor == "sqlite" else f"postgres://{database['USER']}@/{name}"
    return subprocess.Popen(
        [sys.executable, "manage.py", "work", "--threads", "1"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url},
    )


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_for_a_moment_stops_no_worker(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "BEAT", timedelta(seconds=0.1))
    table = DBTaskResult._meta.db_table
    sample_jobs.note.enqueue(number=7)
    crew = working.Crew("crew", [], threads=1)

    rename(table, "away")
    try:
        crew.start()
        wait_until(lambda: {"worker_stumbled", "clock_stumbled"} <= {row.message for row in caplog.records})
    finally:
        rename("away", table)
    try:
        wait_until(lambda: actions() == ["noted"])
    finally:
        crew.stop()

    assert DBTaskResult.objects.get().status == "SUCCESSFUL"


def rename(old: str, new: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")


def wait_until(has_happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not has_happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


@pytest.mark.django_db
def test_the_operator_sees_what_failed_and_why(capsys) -> None:
    sample_jobs.give_up.enqueue(number=1)
    working.run(working.claim("w", timezone.now()))

    call_command("jobs")

    output = capsys.readouterr().out
    assert "1 failed" in output
    assert "sample_jobs.give_up  mensetsu.jobs.port.Permanent" in output
