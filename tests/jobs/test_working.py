"""Claims are exclusive; what a dead process left is run again, and what kills every process is given up."""

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection, connections, transaction
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


@pytest.mark.django_db(transaction=True)
def test_a_job_is_begun_when_it_is_committed_and_not_at_the_next_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(working, "POLL", 600.0)
    crew = working.Crew("awake", (), threads=2)
    crew.start()
    try:
        for number in range(3):
            with transaction.atomic():
                sample_jobs.note.enqueue(number=number)
            eventually(lambda number=number: Entry.objects.filter(subject_id=number).exists())
    finally:
        stopped = crew.stop(patience=60)

    assert stopped
    mine = connections["default"]
    others = [one for one in gc.get_objects() if type(one) is type(mine) and one is not mine]
    assert [one.connection for one in others if one.connection is not None] == []


def test_whoever_is_stopped_between_two_looks_does_not_sleep_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its wake-up came before it began to listen."""
    monkeypatch.setattr(working, "POLL", 600.0)
    crew = working.Crew("deaf", (), threads=1)

    def stopped_just_now() -> None:
        crew.stopping.set()
        working.wake()

    monkeypatch.setattr(working, "close_old_connections", stopped_just_now)
    worker = threading.Thread(target=crew._work, daemon=True)
    worker.start()
    worker.join(60)

    assert not worker.is_alive()


def eventually(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.django_db
def test_a_job_that_loses_the_database_stays_to_be_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sample_jobs.break_off.enqueue(number=1)
    now = timezone.now()
    row = working.claim("alive", now)
    assert row is not None
    monkeypatch.setattr(working.outside, "is_database_lost", lambda problem: True)

    with pytest.raises(OperationalError):
        working.run(row)

    assert DBTaskResult.objects.get(pk=row.pk).status == "RUNNING"
    assert working.bring_home(now + working.STALE, own="alive") == 1


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


@pytest.mark.django_db(transaction=True)
def test_a_stopping_worker_gives_a_long_job_back_at_once() -> None:
    """As the distributed engine does. Its lines are events where lines are collected."""
    sample_jobs.sleep.enqueue(number=7, seconds=120.0)
    connection.close()
    worker = start_worker(MENSETSU_STOP_PATIENCE="1", MENSETSU_LOG="json", MENSETSU_LOG_LEVEL="INFO")
    wait_until(lambda: actions() == ["begun"])

    began = time.monotonic()
    worker.terminate()
    written = worker.communicate(timeout=60)[1].decode()

    assert worker.returncode == 0
    assert time.monotonic() - began < 30
    # Nobody waits for a silence: the next look of any other worker takes it.
    assert working.bring_home(timezone.now()) == 1
    long_job = DBTaskResult.objects.get(task_path__endswith="sleep")
    assert (long_job.status, actions()) == ("READY", ["begun"])
    told = {line["event"]: line for line in map(json.loads, written.splitlines())}
    assert told["worker_started"]["threads"] == 1
    assert told["worker_stopped"]["given_back"] == 1


def start_worker(**environment: str) -> subprocess.Popen[bytes]:
    database = settings.DATABASES["default"]
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}" if connection.vendor == "sqlite" else f"postgres://{database['USER']}@/{name}"
    return subprocess.Popen(
        [sys.executable, "manage.py", "work", "--threads", "1"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url, **environment},
        stderr=subprocess.PIPE if environment else None,
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
    deadline = time.monotonic() + 60
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
