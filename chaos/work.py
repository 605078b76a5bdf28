"""What work is left, whichever engine runs the jobs: asked until a world is quiet."""

from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from chaos.world import World
from mensetsu.zoom import issuing
from mensetsu.zoom.models import Meeting, Problem

SILENT = 6  # beats; who lives is not silent so long


def ready() -> int:
    """Jobs that could run now."""
    waiting = DBTaskResult.objects.ready().count()
    if _is_distributed():
        waiting += _number("status = 'todo' AND coalesce(scheduled_at, %s) <= %s", _now(), _now())
    return waiting


def running() -> list[str]:
    """The jobs in somebody's hand, also in a dead one's."""
    found = [str(pk) for pk in DBTaskResult.objects.running().values_list("pk", flat=True)]
    return found + [str(pk) for (pk,) in _rows("SELECT id FROM procrastinate_jobs WHERE status = 'doing'")]


def next_moment(until: datetime) -> datetime | None:
    """When the next job is due that waits for its hour, if not later than `until`."""
    waiting = DBTaskResult.objects.filter(status="READY", run_after__lte=until)
    moments = list(waiting.values_list("run_after", flat=True))
    later = "SELECT scheduled_at FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at <= %s"
    moments += [moment for (moment,) in _rows(later, until)]
    return min(moments, default=None)


def held_until() -> datetime | None:
    """Until when the last of the meetings waits for which Zoom's daily limit was reached."""
    held = Meeting.objects.filter(problem=Problem.DAILY_LIMIT, due_at__gt=_now())
    return held.aggregate(last=Max("due_at"))["last"]


def is_create_under_way() -> bool:
    """Zoom may still be at work on one, also if whoever sent it is dead."""
    return Meeting.objects.filter(create_sent_at__gt=_now() - issuing.IN_FLIGHT).exists()


def is_orphaned(world: World) -> bool:
    """Some running job belongs to a worker that is none of the processes alive: it waits for that one's last beat."""
    alive = {str(process.pid) for process in world.processes.values() if process.poll() is None}
    alive |= {pid for parent in list(alive) for pid in _children(parent)}
    owners = [ids[-1] for ids in DBTaskResult.objects.running().values_list("worker_ids", flat=True) if ids]
    silent = (
        "SELECT j.id FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id"
        " WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => %s))"
    )
    return any(owner.rsplit("-", 2)[-2] not in alive for owner in owners) or bool(
        _rows(silent, SILENT * world.beat)
    )


def failed() -> list[str]:
    """Jobs that were given up: nobody will do them any more."""
    found = [f"{row.task_path} {row.pk}" for row in DBTaskResult.objects.failed()]
    rows = _rows("SELECT args ->> 'path', id FROM procrastinate_jobs WHERE status IN ('failed', 'aborted')")
    return found + [f"{path} {number}" for path, number in rows]


def names() -> list[str]:
    """A few of the jobs that are left, for a person to read."""
    rows = DBTaskResult.objects.exclude(status__in=("SUCCESSFUL", "FAILED")).filter(run_after__lte=_now())
    left = [f"{row.status} {row.task_path}" for row in rows[:8]]
    due = (
        "SELECT status || ' ' || (args ->> 'path') FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
        " AND coalesce(scheduled_at, %s) <= %s LIMIT 8"
    )
    return left + [text for (text,) in _rows(due, _now(), _now())]


def _is_distributed() -> bool:
    return str(settings.JOBS) == "distributed"


def _now() -> datetime:
    return timezone.now()


def _number(condition: str, *values: object) -> int:
    return int(_rows(f"SELECT count(*) FROM procrastinate_jobs WHERE {condition}", *values)[0][0])


def _rows(query: str, *values: object) -> list[tuple]:
    if not _is_distributed():
        return []
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def _children(pid: str) -> list[str]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return file.read().split()
    except OSError:
        return []
