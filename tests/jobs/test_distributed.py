"""The engine for several nodes, on a real PostgreSQL, with real worker processes that are really killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from procrastinate import exceptions

from mensetsu.jobs import distributed_crew, working
from mensetsu.statements import together
from tests import racing
from tests.jobs import sample_jobs
from tests.jobs.nodes import actions, rows, started, states, until, worker

pytestmark = [
    pytest.mark.skipif(os.environ.get("MENSETSU_TEST_DB") != "postgresql", reason="needs PostgreSQL"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def distributed(transactional_db: None, settings: Any) -> Iterator[Any]:
    """The engine's module, with its tables empty. The suite itself runs on the other engine."""
    from procrastinate import sql  # noqa: PLC0415

    from mensetsu.jobs import distributed  # noqa: PLC0415

    settings.JOBS_ENGINE = "mensetsu.jobs.distributed"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('procrastinate_jobs')")
        if cursor.fetchone()[0] is None:
            # The percent signs of the library's own script are escaped for a driver that fills in values.
            cursor.execute((sql_schema(sql)).replace("%%", "%"))
    _empty()
    yield distributed
    # Other tests ask this database who works on it, and only Django's own tables are emptied after each.
    _empty()


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_events CASCADE")


def sql_schema(sql: Any) -> str:
    from importlib import resources  # noqa: PLC0415

    return resources.files(sql).joinpath("schema.sql").read_text(encoding="utf-8")


@pytest.fixture
def enqueue(distributed: Any) -> Any:
    backend = distributed.ProcrastinateBackend("default", {"QUEUES": []})
    return lambda task, **arguments: backend.enqueue(task, (), arguments)


def test_a_job_lives_until_it_has_ended_also_in_the_table_of_the_other_engine(
    distributed: Any, enqueue: Any
) -> None:
    enqueue(sample_jobs.note, number=1)
    sample_jobs.note.enqueue(number=2)

    assert [distributed.lives(sample_jobs.note, number=number) for number in (1, 2, 3)] == [True, True, False]
    for status, lives in (("doing", True), ("succeeded", False), ("failed", False)):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = %s", [status])
        assert distributed.lives(sample_jobs.note, number=1) is lives


def test_a_job_that_moved_is_enqueued_and_found_under_its_old_path(enqueue: Any) -> None:
    enqueue(sample_jobs.note_after_move, number=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, args FROM procrastinate_jobs")
        [(number, asked)] = cursor.fetchall()
    asked = json.loads(asked) if isinstance(asked, str) else asked
    assert asked["path"] == "tests.jobs.before.note"

    context = SimpleNamespace(job=SimpleNamespace(id=number))
    distributed_crew.Crew((), threads=1).run(context, asked["path"], asked["arguments"])  # type: ignore[arg-type]

    assert actions() == ["noted"]


def test_a_job_is_part_of_the_transaction_that_enqueues_it(enqueue: Any) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue(sample_jobs.note, number=1)
        raise RuntimeError
    assert states() == []

    with transaction.atomic():
        enqueue(sample_jobs.note, number=2)
    assert states() == ["todo"]


def test_jobs_that_are_gathered_are_deferred_together(enqueue: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1), together.gathered():
        enqueue(sample_jobs.note, number=1)
        enqueue(sample_jobs.note, number=2)

    assert states() == ["todo", "todo"]


def test_one_worker_runs_what_is_due_tries_again_and_keeps_what_is_later(enqueue: Any) -> None:
    now = timezone.now()
    enqueue(sample_jobs.note, number=1)
    enqueue(sample_jobs.note.using(run_after=now + timedelta(hours=1)), number=2)
    soon = now + timedelta(seconds=2)
    enqueue(sample_jobs.note.using(run_after=soon), number=3)
    enqueue(sample_jobs.retry_soon, number=4)
    enqueue(sample_jobs.give_up, number=5)
    enqueue(sample_jobs.enqueue_and_break, number=6)

    with worker() as process:
        until(lambda: actions(3) == ["noted"] and actions(4) == ["tried", "tried", "ended"])
        until(lambda: states().count("failed") == 2)
        assert timezone.now() >= soon
        process.terminate()
        output = process.communicate(timeout=60)[0]
        assert process.returncode == 0

    assert (actions(1), actions(2), actions(5), actions(6)) == (["noted"], [], ["tried"], [])
    assert sorted(states()) == [
        "failed",
        "failed",
        "succeeded",
        "succeeded",
        "succeeded",
        "succeeded",
        "todo",
    ]
    assert "job_failed job=tests.jobs.sample_jobs.give_up" in output
    # The library would write the arguments too; they may hold addresses.
    assert "arguments=" not in output
    assert "'number'" not in output


def test_a_job_whose_worker_is_killed_is_run_by_another(enqueue: Any, distributed: Any) -> None:
    enqueue(sample_jobs.die_once, number=7)
    with worker() as first:
        assert first.wait(30) == -signal.SIGKILL
    assert (actions(7), states()) == (["begun"], ["doing"])
    assert distributed.rescue(timezone.now()) == 0, "a worker that beat a moment ago is left alone"
    rows("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '31 seconds'")

    with worker() as second:
        until(lambda: states() == ["succeeded"])
        second.terminate()
        second.wait(60)

    assert actions(7) == ["begun", "begun", "ended"]


def test_a_job_that_kills_every_worker_is_given_up(enqueue: Any, distributed: Any) -> None:
    enqueue(sample_jobs.note, number=1)
    for _worker in range(working.MAX_CLAIMS - 1):
        rows("UPDATE procrastinate_jobs SET status = 'doing'")
        assert distributed.rescue(timezone.now()) == 1
    rows("UPDATE procrastinate_jobs SET status = 'doing'")

    assert distributed.rescue(timezone.now()) == 0
    assert states() == ["failed"]


def test_two_rescuers_free_an_orphan_once(enqueue: Any, distributed: Any) -> None:
    enqueue(sample_jobs.note, number=1)
    rows("UPDATE procrastinate_jobs SET status = 'doing'")

    freed = racing.together(6, lambda: distributed.rescue(timezone.now()))

    assert sum(freed) == 1
    assert rows("SELECT attempts FROM procrastinate_jobs") == [(1,)]


def test_two_workers_share_the_work_and_the_clock_strikes_once(enqueue: Any) -> None:
    with worker(STRIKE="1") as one, worker(STRIKE="1") as other:
        until(lambda: rows("SELECT count(*) FROM procrastinate_workers") == [(2,)])
        for number in range(1, 41):
            enqueue(sample_jobs.sleep, number=number, seconds=0.05)
        until(lambda: states().count("succeeded") == 41)
        used = rows("SELECT count(DISTINCT worker_id) FROM procrastinate_jobs")
        for process in (one, other):
            process.terminate()
            assert process.wait(40) == 0

    assert sorted(set(map(len, (actions(number) for number in range(1, 41))))) == [2]
    assert actions(0) == ["struck"]
    assert used == [(2,)]


def test_stopping_lets_a_short_job_end_and_gives_a_long_one_back(enqueue: Any) -> None:
    enqueue(sample_jobs.sleep, number=1, seconds=1.0)
    with worker(MENSETSU_STOP_PATIENCE="10") as patient:
        until(lambda: actions(1) == ["begun"])
        patient.terminate()
        assert patient.wait(40) == 0
    assert (actions(1), states()) == (["begun", "ended"], ["succeeded"])

    enqueue(sample_jobs.sleep, number=2, seconds=60.0)
    with worker(MENSETSU_STOP_PATIENCE="1") as hasty:
        until(lambda: actions(2) == ["begun"])
        began = time.monotonic()
        hasty.terminate()
        assert hasty.wait(40) == 0
        assert time.monotonic() - began < 20
    assert states() == ["succeeded", "todo"]


def test_a_worker_outlives_its_connections_to_the_database(enqueue: Any) -> None:
    with worker() as process:
        started(process)
        until(lambda: bool(rows("SELECT 1 FROM procrastinate_workers")))
        rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        enqueue(sample_jobs.note, number=1)
        until(lambda: actions(1) == ["noted"])


def test_a_job_that_loses_the_database_is_not_given_up(enqueue: Any) -> None:
    enqueue(sample_jobs.lose_database, number=1)

    with worker() as process:
        until(lambda: states() == ["succeeded"])
        process.terminate()
        process.wait(60)

    assert actions(1) == ["begun", "begun", "ended"]


def test_a_job_that_never_keeps_its_connection_is_given_up_in_the_end(distributed: Any) -> None:
    strategy = distributed.distributed_crew.DatabaseLost()
    lost = distributed.distributed_crew.Unsettled()

    def decided(problem: Exception, attempts: int) -> bool:
        job = SimpleNamespace(attempts=attempts)
        return strategy.get_retry_decision(exception=problem, job=job) is not None

    assert decided(lost, 0)
    assert decided(lost, working.MAX_CLAIMS - 2)
    assert not decided(lost, working.MAX_CLAIMS - 1)
    assert not decided(ValueError(), 0)


def test_how_a_job_ended_is_written_down_as_soon_as_the_database_takes_it(distributed: Any) -> None:
    away, refused = (exceptions.ConnectorException() for _n in range(2))
    away.__cause__, refused.__cause__ = (
        psycopg.OperationalError("away"),
        psycopg.ProgrammingError("not doing"),
    )
    crew, answers = distributed.distributed_crew, iter([away, away, None, refused])
    waits: list[float] = []

    async def call() -> None:
        if (problem := next(answers)) is not None:
            raise problem

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    asyncio.run(crew.insist(call, pause=pause))
    assert waits == [1, 1]
    with pytest.raises(exceptions.ConnectorException):
        asyncio.run(crew.insist(call, pause=pause))


def test_jobs_of_the_embedded_engine_are_taken_over_with_their_hour(distributed: Any) -> None:
    now = timezone.now()
    sample_jobs.note.enqueue(number=1)
    sample_jobs.note.using(run_after=now + timedelta(hours=1)).enqueue(number=2)

    racing.together(4, lambda: distributed.adopt(timezone.now()))

    assert DBTaskResult.objects.count() == 0
    times = rows("SELECT args -> 'arguments' ->> 'number', scheduled_at FROM procrastinate_jobs")
    assert sorted(times) == [("1", None), ("2", now + timedelta(hours=1))]


def test_the_operator_sees_the_load_and_old_jobs_are_forgotten(
    enqueue: Any, distributed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    now = timezone.now()
    enqueue(sample_jobs.note, number=1)
    enqueue(sample_jobs.give_up, number=2)
    enqueue(sample_jobs.note.using(run_after=now + timedelta(hours=1)), number=3)
    rows("UPDATE procrastinate_jobs SET status = 'failed' WHERE args ->> 'path' LIKE '%%give_up'")

    load = distributed.load(now + timedelta(minutes=5))
    assert (load.waiting, load.scheduled, load.running, load.failed) == (1, 1, 0, 1)
    assert 295 < load.oldest <= 300
    call_command("jobs")
    output = capsys.readouterr().out
    assert "2 waiting" in output
    assert "1 failed" in output
    assert "tests.jobs.sample_jobs.give_up  id=" in output

    distributed.forget_finished(now + timedelta(days=6))
    assert len(states()) == 3
    distributed.forget_finished(now + timedelta(days=8))
    assert states() == ["todo", "todo"]


def test_the_setting_is_refused_in_words_without_postgresql() -> None:
    for value, url, words in (
        (
            "distributed",
            "sqlite:///x.sqlite3",
            "MENSETSU_JOBS=distributed needs PostgreSQL: set DATABASE_URL",
        ),
        ("celery", "", "MENSETSU_JOBS is 'celery'; it may be embedded or distributed."),
    ):
        ended = subprocess.run(
            [sys.executable, "manage.py", "check"],
            cwd=django_settings.BASE_DIR,
            env={**os.environ, "MENSETSU_JOBS": value, **({"DATABASE_URL": url} if url else {})},
            capture_output=True,
            text=True,
        )
        assert ended.returncode != 0
        assert words in ended.stderr


def test_jobs_that_shall_not_run_after_all_are_taken_back(distributed: Any, enqueue: Any) -> None:
    now = timezone.now()
    path = sample_jobs.note.module_path
    enqueue(sample_jobs.note, number=1)
    enqueue(sample_jobs.note.using(run_after=now + timedelta(minutes=1)), number=2)
    enqueue(sample_jobs.note.using(run_after=now + timedelta(hours=1)), number=3)
    enqueue(sample_jobs.note_after_move, number=4)
    sample_jobs.note.enqueue(number=5)  # in the embedded engine's table

    back = distributed.take_back([path], now + timedelta(minutes=2))

    assert {(one.path, one.arguments["number"]) for one in back} == {(path, 1), (path, 2), (path, 5)}
    assert len(states()) == 2
    assert not DBTaskResult.objects.exists()
