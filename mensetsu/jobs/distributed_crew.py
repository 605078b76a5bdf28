"""The worker of the distributed engine: Procrastinate's loop in a thread of its own, and one that keeps the clock.

The library's worker ends when the database goes away; here it is started again until somebody stops us."""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import psycopg
from django.db import close_old_connections, connection, transaction
from django.utils import timezone
from procrastinate import exceptions, job_context, jobs, manager, retry
from procrastinate.contrib.django.db_cleanup import DjangoApp
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from mensetsu.jobs import clock, outside, port, working

logger = logging.getLogger(__name__)

TASK = "mensetsu.run"
POLL = 1.0  # seconds; what is due at once is told by NOTIFY, only what is due later is found by looking


class _WithoutArguments(logging.Filter):
    """The library writes a job's arguments into its lines. Ours about the same moments hold ids only."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not hasattr(record, "job")


logging.getLogger("procrastinate").setLevel(logging.WARNING)
logging.getLogger("procrastinate.worker").addFilter(_WithoutArguments())


class Unsettled(Exception):
    """The database went away in the middle of the job, which says nothing about the job: it is to run again."""


class DatabaseLost(retry.BaseRetryStrategy):
    """What the library asks when a job has failed: only what is Unsettled runs again, MAX_CLAIMS times in all."""

    def get_retry_decision(self, *, exception: BaseException, job: jobs.Job) -> retry.RetryDecision | None:
        if not isinstance(exception, Unsettled) or job.attempts + 1 >= working.MAX_CLAIMS:
            return None
        return retry.RetryDecision(retry_in={"seconds": 1})


class _Patient(manager.JobManager):
    """Writes down how a job ended also when the database is away just then: nobody else would, as long as its worker
    lives, and a job that has ended must not run again."""

    async def finish_job(self, job: jobs.Job, status: jobs.Status, delete_job: bool) -> None:
        await insist(lambda: super(_Patient, self).finish_job(job, status, delete_job))

    async def retry_job(self, job: jobs.Job, *arguments: Any, **more: Any) -> None:
        await insist(lambda: super(_Patient, self).retry_job(job, *arguments, **more))


async def insist(
    call: Callable[[], Awaitable[None]], pause: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Call until the database answers. What it refuses is raised."""
    while True:
        try:
            return await call()
        except exceptions.ConnectorException as problem:
            if not isinstance(problem.__cause__, psycopg.OperationalError):
                raise
            logger.warning("job_end_not_written why=%s", type(problem.__cause__).__name__)
        await pause(1)


class Crew:
    """Runs `threads` jobs at a time until stopped; beats, does the `chores` and strikes the clock every few seconds."""

    def __init__(
        self,
        rhythms: Sequence[clock.Rhythm],
        threads: int,
        chores: Sequence[Callable[[datetime], int]] = (),
    ) -> None:
        self.rhythms = rhythms
        self.count = threads
        self.chores = chores
        self.stopping = threading.Event()
        self.in_hand: set[int] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._living: asyncio.Task[None] | None = None
        self._worker = threading.Thread(target=self._work, name="jobs", daemon=True)
        self._clock = threading.Thread(target=self._keep_time, name="jobs-clock", daemon=True)

    def start(self) -> None:
        self._worker.start()
        self._clock.start()

    def stop(self, patience: float = 10.0) -> bool:
        """Take no more jobs and let those under way end, for `patience` seconds (less than STALE: a stopping worker
        has no heartbeat). What is left is given back to the other nodes; then the answer is False and the process must
        end."""
        end = time.monotonic() + patience
        self.stopping.set()
        loop, living = self._loop, self._living
        if loop is not None and living is not None:
            try:
                loop.call_soon_threadsafe(living.cancel)
            except RuntimeError:
                logger.debug("loop_already_closed")
        for thread in (self._worker, self._clock):
            thread.join(max(0.1, end - time.monotonic()))
        left = set(self.in_hand)
        if left:
            self._give_back(left)
        return not left

    def _give_back(self, left: set[int]) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM procrastinate_jobs WHERE id = ANY(%s) AND status = 'doing' FOR UPDATE",
                [sorted(left)],
            )
            given = [number for (number,) in cursor.fetchall()]
            for number in given:
                cursor.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [number])
        logger.warning("jobs_given_back count=%s", len(given))

    def run(self, context: job_context.JobContext, path: str, arguments: dict[str, Any]) -> None:
        """Run one job. Its failure is logged by its id; the library writes it on its row."""
        number = context.job.id
        self.in_hand.add(number)
        try:
            port.find(path).call(**arguments)
        except Exception as problem:
            if outside.is_database_lost(problem):
                logger.warning("job_unsettled job=%s id=%s", path, number)
                raise Unsettled from problem
            logger.exception("job_failed job=%s id=%s", path, number)
            raise
        finally:
            self.in_hand.discard(number)

    def _work(self) -> None:
        while not self.stopping.is_set():
            try:
                asyncio.run(self._live())
            except asyncio.CancelledError:
                return
            except Exception:
                # The database is away: say so once a second and go on; the work is still in its rows.
                logger.exception("worker_stumbled")
            self.stopping.wait(1)

    async def _live(self) -> None:
        self._loop, self._living = asyncio.get_running_loop(), asyncio.current_task()
        if self.stopping.is_set():
            return
        connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=3)
        app = DjangoApp(connector=connector)
        app.job_manager = _Patient(connector)
        app.task(name=TASK, pass_context=True, retry=DatabaseLost())(self.run)
        async with app.open_async():
            await app.run_worker_async(
                name=None,
                concurrency=self.count,
                fetch_job_polling_interval=POLL,
                update_heartbeat_interval=working.BEAT.total_seconds(),
                stalled_worker_timeout=working.STALE.total_seconds(),
                install_signal_handlers=False,
            )

    def _keep_time(self) -> None:
        while not self.stopping.is_set():
            try:
                close_old_connections()
                now = timezone.now()
                for chore in self.chores:
                    chore(now)
                clock.tick(self.rhythms, now)
            except Exception:
                logger.exception("clock_stumbled")
            self.stopping.wait(working.BEAT.total_seconds())
        connection.close()
