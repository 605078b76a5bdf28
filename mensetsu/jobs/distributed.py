"""The engine for several nodes: Procrastinate on PostgreSQL, behind the same port.

What is kept from the port and not left to the library: retry (jobs/port.py enqueues again), the rhythms (one
conditional UPDATE decides over all nodes, jobs/clock.py), and the rescue of jobs whose worker died, at most MAX_CLAIMS
runs in all.

A job is enqueued over Django's own connection, in the caller's transaction, also inside a worker: its own connections,
with which it fetches and finishes jobs, know nothing of our transactions."""

import json
import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult
from django_tasks.utils import normalize_json
from django_tasks_db.models import DBTaskResult
from procrastinate import exceptions, jobs, manager
from procrastinate.contrib.django.django_connector import DjangoConnector

from mensetsu.jobs import distributed_crew, embedded, engine, port, working
from mensetsu.statements import together

logger = logging.getLogger(__name__)

RESCUE_LOCK = 0x6D656E73  # any number that nobody else locks in this database
_ENDED = "('succeeded', 'failed', 'cancelled', 'aborted')"
# Procrastinate tells in its table of events when a job was enqueued.
_ENQUEUED = "(SELECT min(at) FROM procrastinate_events e WHERE e.job_id = j.id AND e.type = 'deferred')"

_DUE = "status = 'todo' AND coalesce(scheduled_at, %(now)s) <= %(now)s"
_LOAD = (
    f"SELECT count(*) FILTER (WHERE {_DUE}), count(*) FILTER (WHERE status = 'todo' AND scheduled_at > %(now)s),"  # noqa: S608
    " count(*) FILTER (WHERE status = 'doing'), count(*) FILTER (WHERE status = 'failed'),"
    f" min(greatest(scheduled_at, {_ENQUEUED})) FILTER (WHERE {_DUE}) FROM procrastinate_jobs j"
)


class ProcrastinateBackend(BaseTaskBackend):
    """Django's Tasks API over Procrastinate's table."""

    supports_defer = True
    supports_priority = True

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:
        """Part of the caller's transaction: rolled back, there is no job. Raises OperationalError as a table would."""
        self.validate_task(task)
        job = _job(task.module_path, kwargs, task.queue_name, task.priority, task.run_after)
        together.write(_defer, job)
        # Its number is the database's, and nobody asks for it.
        return port.enqueued(task, "", args, kwargs)


def _job(path: str, arguments: Any, queue: str, priority: int, run_after: datetime | None) -> jobs.Job:
    return jobs.Job(
        id=None,
        queue=queue,
        priority=priority,
        lock=None,
        queueing_lock=None,
        task_name=distributed_crew.TASK,
        task_kwargs=normalize_json({"path": path, "arguments": arguments}),
        scheduled_at=run_after,
    )


def _defer(wanted: list[jobs.Job]) -> None:
    try:
        manager.JobManager(DjangoConnector()).batch_defer_jobs(wanted)
    except exceptions.ConnectorException as problem:
        raise OperationalError("the job could not be enqueued") from problem


def new_crew(threads: int) -> distributed_crew.Crew:
    """A crew of this process that runs `threads` jobs at a time; not started yet."""
    return distributed_crew.Crew(import_string(settings.CLOCK), threads, chores=(rescue, adopt))


def start(threads: int, *, alone: bool) -> distributed_crew.Crew:
    """Start the crew of this process. `alone` is for the embedded engine only: here others may always live."""
    del alone
    crew = new_crew(threads)
    crew.start()
    return crew


def rescue(now: datetime) -> int:
    """Make jobs of workers without a heartbeat ready again; give up those that ran MAX_CLAIMS times. Returns how many
    are ready again.

    One node at a time, under a lock of the database until the end of the transaction: two that had both seen the same
    orphan would free it twice, the second time out of the hands of its new worker."""
    del now  # the database's clock counts: the heartbeats are written by it
    brought = 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [RESCUE_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            "SELECT j.id, j.args ->> 'path', j.attempts FROM procrastinate_jobs j"
            " LEFT JOIN procrastinate_workers w ON w.id = j.worker_id WHERE j.status = 'doing'"
            " AND (w.id IS NULL OR w.last_heartbeat < now() - %s) FOR UPDATE OF j",
            [working.STALE],
        )
        for number, path, attempts in cursor.fetchall():
            if attempts + 1 >= working.MAX_CLAIMS:
                cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", [number])
                logger.error("job_abandoned job=%s id=%s", path, number)
                continue
            cursor.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [number])
            brought += 1
    if brought:
        logger.warning("jobs_brought_home count=%s", brought)
    return brought


def adopt(now: datetime) -> int:
    """Take over jobs that wait in the table of the embedded engine: from before the change of engines, or from a node
    that has not been changed yet. Returns how many."""
    working.bring_home(now)
    adopted = 0
    for row in DBTaskResult.objects.filter(status="READY")[:500]:
        with transaction.atomic():
            ours = DBTaskResult.objects.filter(pk=row.pk, status="READY").delete()[0]
            if not ours:
                continue
            later = row.run_after if embedded.is_later(row, now) else None
            _defer([_job(row.task_path, row.args_kwargs["kwargs"], row.queue_name, row.priority, later)])
            adopted += 1
    if adopted:
        logger.warning("jobs_adopted count=%s", adopted)
    return adopted


def lives(task: Task, **arguments: Any) -> bool:
    """Whether such a job, with these among its arguments, waits or runs, here or in the table from which we adopt."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
            " AND args ->> 'path' = %s AND args -> 'arguments' @> %s::jsonb)",
            [task.module_path, json.dumps(arguments)],
        )
        return bool(cursor.fetchone()[0]) or embedded.lives(task, **arguments)


def forget_finished(now: datetime) -> None:
    """Delete the rows of jobs that ended a week ago (and what the embedded engine left)."""
    embedded.forget_finished(now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM procrastinate_jobs j WHERE j.status IN {_ENDED} AND NOT EXISTS (SELECT 1 FROM"  # noqa: S608
            " procrastinate_events e WHERE e.job_id = j.id AND e.at > %s)",
            [now - working.KEEP_FINISHED],
        )


def load(now: datetime) -> engine.Load:
    """How much there is to do, over all nodes."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LOAD,
            {"now": now},
        )
        *counts, oldest = cursor.fetchone()
    return engine.Load(*counts, oldest=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)


def take_back(paths: Collection[str], until: datetime) -> list[engine.TakenBack]:
    """Delete the jobs under these paths that would run until then, and those that ran when the database was copied (and
    what the embedded engine left); answers what they were. Only while no worker lives."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND args ->> 'path' = ANY(%s)"
            " AND (scheduled_at IS NULL OR scheduled_at <= %s) RETURNING args ->> 'path', args -> 'arguments'",
            [list(paths), until],
        )
        found = cursor.fetchall()
    ours = [
        engine.TakenBack(path, json.loads(said) if isinstance(said, str) else said) for path, said in found
    ]
    return [*ours, *embedded.take_back(paths, until)]


def shown(state: str, limit: int) -> list[engine.Shown]:
    """The newest jobs that are `waiting`, `running` or `failed`; why one failed is in the log under its id."""
    status = {"waiting": "todo", "running": "doing", "failed": "failed"}[state]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_ENQUEUED}, j.args ->> 'path', 'id=' || j.id FROM procrastinate_jobs j"  # noqa: S608
            " WHERE j.status = %s ORDER BY j.id DESC LIMIT %s",
            [status, limit],
        )
        return [engine.Shown(*row) for row in cursor.fetchall()]
