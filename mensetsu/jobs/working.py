"""Run what is ready: claim one job, run it, mark it; bring home what a dead worker left behind.

Works on SQLite and PostgreSQL alike, with any number of workers: a claim is a conditional UPDATE. A worker shows that
it lives by a beat every few seconds; a job that is running under a worker without a beat is an orphan and is run
again, at most MAX_CLAIMS times in all, so that a job which kills its process does not do so for ever."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import close_old_connections, connections
from django.db.models import Q
from django.utils import timezone
from django_tasks_db import utils
from django_tasks_db.models import DBTaskResult, get_date_max

from mensetsu.jobs import clock, outside, port
from mensetsu.jobs.models import Beat
from mensetsu.statements import compiled

logger = logging.getLogger(__name__)

POLL = 0.2  # seconds between looks at an empty queue, for jobs of other processes and for those whose hour has come
# Set when a job of this process has been committed.
_AWAKE = threading.Event()
BEAT = timedelta(seconds=5)
STALE = timedelta(seconds=30)
MAX_CLAIMS = 5
KEEP_FINISHED = timedelta(days=7)
_BEAT_PREFIX = "worker:"
# What the library's `ready` and `set_successful` ask; once or twice for every job.
_READY = compiled.Read(
    lambda now: DBTaskResult.objects.filter(
        Q(run_after=get_date_max()) | Q(run_after__lte=now), status="READY"
    )[:1],
    now=compiled.MOMENT,
)
_DONE = compiled.Change(
    lambda key, now: (
        DBTaskResult.objects.filter(pk=key),
        {
            "status": "SUCCESSFUL",
            "finished_at": now,
            "return_value": None,
            "exception_class_path": "",
            "traceback": "",
        },
    ),
    key=compiled.KEY,
    now=compiled.MOMENT,
)


class Abandoned(Exception):
    """The job was running in MAX_CLAIMS processes that all died."""


def wake() -> None:
    """There is a job: the crew of this process, if it has one, looks at once."""
    _AWAKE.set()


def claim(worker_id: str, now: datetime) -> DBTaskResult | None:
    """The next ready job, now ours; None when there is none. Losing a race means looking again."""
    while True:
        row = next(iter(_READY.objects(now=now)), None)
        if row is None:
            return None
        claimed = {"status": "RUNNING", "started_at": now, "worker_ids": [*row.worker_ids, worker_id]}
        if DBTaskResult.objects.filter(pk=row.pk, status="READY").update(**claimed):
            for name, value in claimed.items():
                setattr(row, name, value)
            return row


def run(row: DBTaskResult) -> None:
    """Run a claimed job. Its failure is written on its row and in the log, never raised; only a database that went away
    is: then the row stays as it is, and the job is brought home."""
    try:
        port.find(row.task_path).call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
    except Exception as problem:
        if outside.is_database_lost(problem):
            raise
        logger.exception("job_failed job=%s id=%s", row.task_path, row.pk)
        row.set_failed(problem)
    else:
        _note_done(row, timezone.now())


@utils.retry()
def _note_done(row: DBTaskResult, now: datetime) -> None:
    """As the library's set_successful, for a job that answers nothing."""
    _DONE.run(key=row.pk, now=now)


def beat(worker_id: str, now: datetime) -> None:
    Beat.objects.update_or_create(name=_BEAT_PREFIX + worker_id, defaults={"began_at": now})


def bring_home(now: datetime, *, own: str = "", in_hand: Collection[Any] = ()) -> int:
    """Make jobs of workers without a recent beat ready again, and those of worker `own` that it has no more in hand:
    their end could not be written down (disk full, database away). Returns how many."""
    alive = set(
        Beat.objects.filter(name__startswith=_BEAT_PREFIX, began_at__gt=now - STALE).values_list(
            "name", flat=True
        )
    )
    brought = 0
    for row in DBTaskResult.objects.running():
        worker = row.worker_ids[-1] if row.worker_ids else ""
        # Between its claim and its first line a job is in nobody's hand for a moment.
        is_dropped = worker == own and row.pk not in in_hand and row.started_at <= now - STALE
        if _BEAT_PREFIX + worker in alive and not is_dropped:
            continue
        if len(row.worker_ids) >= MAX_CLAIMS:
            row.set_failed(Abandoned(f"claimed {len(row.worker_ids)} times"))
            logger.error("job_abandoned job=%s id=%s", row.task_path, row.pk)
            continue
        # The same worker list as we saw: if another worker brought it home meanwhile, leave it.
        brought += DBTaskResult.objects.filter(pk=row.pk, status="RUNNING", worker_ids=row.worker_ids).update(
            status="READY"
        )
    if brought:
        logger.warning("jobs_brought_home count=%s", brought)
    return brought


def forget_finished(now: datetime) -> None:
    """Delete the rows of jobs that ended a week ago, and the beats of workers long gone."""
    DBTaskResult.objects.finished().filter(finished_at__lt=now - KEEP_FINISHED).delete()
    Beat.objects.filter(name__startswith=_BEAT_PREFIX, began_at__lt=now - KEEP_FINISHED).delete()


class Crew:
    """Threads of one process: some that run jobs, one that beats, brings orphans home and keeps the clock."""

    def __init__(self, name: str, rhythms: Sequence[clock.Rhythm], threads: int) -> None:
        self.name = name
        self.rhythms = rhythms
        self.stopping = threading.Event()
        self.in_hand: set[Any] = set()
        self.threads = [self._thread(f"jobs-{n}", self._work) for n in range(threads)]
        self.threads.append(self._thread("jobs-clock", self._keep_time))

    def _thread(self, name: str, target: Callable[[], None]) -> threading.Thread:
        return threading.Thread(target=target, name=name, daemon=True)

    def start(self) -> None:
        beat(self.name, timezone.now())
        for thread in self.threads:
            thread.start()

    def stop(self, patience: float = 10.0) -> bool:
        """Take no more jobs and let those under way end, for `patience` seconds in all. What is left is brought home by
        the other workers or the next start; then the answer is False and the process must end."""
        end = time.monotonic() + patience
        self.stopping.set()
        wake()
        for thread in self.threads:
            thread.join(max(0.1, end - time.monotonic()))
        Beat.objects.filter(name=_BEAT_PREFIX + self.name).delete()
        return not self.in_hand

    def carry_out(self, row: DBTaskResult) -> None:
        """Run a claimed job, and know which ones are under way. Raises when its end could not be written down."""
        self.in_hand.add(row.pk)
        try:
            run(row)
        finally:
            self.in_hand.discard(row.pk)

    def bring_home(self, now: datetime) -> int:
        """Orphans of dead workers, and what our own threads could not finish. Returns how many."""
        return bring_home(now, own=self.name, in_hand=self.in_hand.copy())

    def _work(self) -> None:
        while not self.stopping.is_set():
            try:
                close_old_connections()
                # Before the look: what is committed after it wakes us again.
                _AWAKE.clear()
                if self.stopping.is_set():
                    # Who stops us woke us, too, and that is forgotten now.
                    break
                row = claim(self.name, timezone.now())
                if row is not None:
                    self.carry_out(row)
                    continue
            except Exception:
                # The database is away or full: say so once a second and go on; the work is still in its rows.
                logger.exception("worker_stumbled")
                self.stopping.wait(1)
            _AWAKE.wait(POLL)
        # Kept ones too: a thread that has ended holds no database.
        connections.close_all()

    def _keep_time(self) -> None:
        while not self.stopping.is_set():
            try:
                close_old_connections()
                now = timezone.now()
                beat(self.name, now)
                self.bring_home(now)
                clock.tick(self.rhythms, now)
            except Exception:
                logger.exception("clock_stumbled")
            self.stopping.wait(BEAT.total_seconds())
        connections.close_all()
