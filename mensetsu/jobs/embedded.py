"""The default engine: the crew lives in the web process, so that a small server runs one command."""

import os
import secrets
import socket
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Count, Min, Q, When
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks.base import Task, TaskResult
from django_tasks.utils import normalize_json
from django_tasks_db import DatabaseBackend
from django_tasks_db.models import DBTaskResult, get_date_max

from mensetsu.jobs import engine, port, working
from mensetsu.jobs.models import Beat
from mensetsu.statements import compiled, together


class TableBackend(DatabaseBackend):
    """The library's table, written by us: jobs that are gathered become rows with one statement."""

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:
        """Part of the caller's transaction: rolled back, there is no job."""
        self.validate_task(task)
        row = DBTaskResult(
            args_kwargs=normalize_json({"args": list(args), "kwargs": kwargs}),
            priority=task.priority,
            task_path=task.module_path,
            queue_name=task.queue_name,
            run_after=task.run_after or get_date_max(),
            backend_name=self.alias,
        )
        together.write(_write, row)
        if task.run_after is None:
            transaction.on_commit(working.wake)
        return port.enqueued(task, str(row.pk), args, kwargs)


def _write(rows: list[DBTaskResult]) -> None:
    compiled.insert(rows)


def new_crew(threads: int) -> working.Crew:
    name = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
    return working.Crew(name, import_string(settings.CLOCK), threads)


def start(threads: int, *, alone: bool) -> working.Crew:
    """Start the crew of this process. `alone`: there is no other, so every job found running is an orphan and need
    not wait until its worker's last beat is stale."""
    now = timezone.now()
    if alone and DBTaskResult.objects.running().exists():
        Beat.objects.filter(name__startswith="worker:").delete()
        working.bring_home(now)
    crew = new_crew(threads)
    crew.start()
    return crew


def is_later(row: DBTaskResult, now: datetime) -> bool:
    """Does the job wait for its hour? (The library writes the year 9999 for "at once".)"""
    return row.run_after is not None and row.run_after > now and row.run_after.year < 9999


def lives(task: Task, **arguments: Any) -> bool:
    """Whether such a job, with these among its arguments, waits or runs: its end is still to come."""
    wanted = {f"args_kwargs__kwargs__{name}": value for name, value in arguments.items()}
    jobs = DBTaskResult.objects.filter(task_path=task.module_path, status__in=("READY", "RUNNING"), **wanted)
    return jobs.exists()


def forget_finished(now: datetime) -> None:
    """Delete the rows of jobs that ended a week ago, and the beats of workers long gone."""
    working.forget_finished(now)


def load(now: datetime) -> engine.Load:
    """How much there is to do, over all processes. Counted by the database: the queue is longest when it is asked."""
    ready = DBTaskResult.objects.filter(status="READY")
    is_timed = ~Q(run_after=get_date_max())
    later = ready.filter(is_timed, run_after__gt=now).count()
    due_since = Case(When(is_timed, then=Greatest("run_after", "enqueued_at")), default="enqueued_at")
    due = ready.exclude(is_timed, run_after__gt=now).aggregate(count=Count("pk"), oldest=Min(due_since))
    return engine.Load(
        waiting=due["count"],
        scheduled=later,
        running=DBTaskResult.objects.running().count(),
        failed=DBTaskResult.objects.failed().count(),
        oldest=max(0.0, (now - due["oldest"]).total_seconds()) if due["oldest"] else 0.0,
    )


def take_back(paths: Collection[str], until: datetime) -> list[engine.TakenBack]:
    """Delete the jobs under these paths that would run until then, and those that ran when the database was copied;
    answers what they were. Only while no worker lives."""
    rows = DBTaskResult.objects.filter(task_path__in=paths, status__in=("READY", "RUNNING"))
    soon = Q(run_after=get_date_max()) | Q(run_after__lte=until)
    found = [row for row in rows.filter(soon) if row.delete()]
    return [engine.TakenBack(row.task_path, row.args_kwargs["kwargs"]) for row in found]


def shown(state: str, limit: int) -> list[engine.Shown]:
    """The newest jobs that are `waiting`, `running` or `failed`, and why one failed."""
    status = {"waiting": "READY", "running": "RUNNING", "failed": "FAILED"}[state]
    rows = DBTaskResult.objects.filter(status=status).order_by("-enqueued_at")[:limit]
    return [engine.Shown(row.enqueued_at, row.task_path, _why(row)) for row in rows]


def _why(row: DBTaskResult) -> str:
    return row.traceback.strip().splitlines()[-1][:100] if row.traceback else ""
