"""The one way to say that a verb may run later, and again: Django's Tasks API plus retry.

    @port.job(max_attempts=6)
    def issue_meeting(*, interview_id: int) -> None: ...

    issue_meeting.enqueue(interview_id=34)                      # in the caller's transaction
    issue_meeting.using(run_after=moment).enqueue(interview_id=34)
    issue_meeting.call(interview_id=34)                         # now, here (tests, other jobs)

Arguments are keyword-only and plain JSON (ids). Every engine delivers at least once, so every job is idempotent.
An exception that carries `retry_after` (seconds or None) is retried by that; any other by the backoff below. One that
says `was_tried = False` costs no attempt: the job has waited for its turn, not failed."""

import inspect
import logging
import random
from collections.abc import Callable
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task
from django_tasks.base import Task, TaskResult, TaskResultStatus

logger = logging.getLogger(__name__)

# Jobs that were given another module since: the path under which they are enqueued, and what runs.
_MOVED: dict[str, Task[..., None]] = {}

# What nobody waits for runs after what somebody does (`job.using(priority=…)`); the higher of two goes first.
SOON, WHEN_IDLE = -10, -20

BACKOFF = (30, 120, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600)  # seconds before attempt 2, 3, …


_in_job: ContextVar[bool] = ContextVar("in_job", default=False)


def is_job() -> bool:
    """This code runs as a job: nobody sits before a page and waits for it."""
    return _in_job.get()


def enqueued(task: Task[..., None], number: str, args: Any, kwargs: Any) -> TaskResult[None]:
    """What a backend answers whoever enqueues."""
    return TaskResult(
        task=task,
        id=number,
        status=TaskResultStatus.READY,  # type: ignore[arg-type]
        enqueued_at=timezone.now(),
        started_at=None,
        last_attempted_at=None,
        finished_at=None,
        args=list(args),
        kwargs=kwargs,
        backend=task.backend,
        errors=[],
        worker_ids=[],
    )


class Permanent(Exception):
    """Raise (or inherit) it when trying again cannot help."""


def find(path: str) -> Task[..., None]:
    """The job that was enqueued under that path."""
    found = _MOVED.get(path) or import_string(path)
    if not isinstance(found, Task):
        raise TypeError(f"{path} is not a job")
    return found


def job(
    *, max_attempts: int = 5, queue: str = "default", priority: int = 0, known_as: str = ""
) -> Callable[[Callable[..., None]], Task[..., None]]:
    """Make a function a job under its own path.

    One that moves to another module stays `known_as` its old path: while servers restart one after the other, workers
    of the release before and of the one after run each other's jobs."""

    def decorate(verb: Callable[..., None]) -> Task[..., None]:
        for parameter in inspect.signature(verb).parameters.values():
            if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
                raise TypeError(f"{verb.__qualname__}: arguments of a job are keyword-only")

        def run(*, _attempt: int = 1, **arguments: Any) -> None:
            token = _in_job.set(True)
            try:
                verb(**arguments)
            except Permanent:
                raise
            except Exception as problem:
                cost = 1 if getattr(problem, "was_tried", True) else 0
                if cost and _attempt >= max_attempts:
                    raise
                wait = _wait(problem, _attempt)
                logger.warning("job_postponed job=%s attempt=%s wait=%ss why=%s", verb.__qualname__, _attempt, wait,
                               type(problem).__name__)  # fmt: skip
                me = decorated.using(run_after=timezone.now() + timedelta(seconds=wait))
                me.enqueue(_attempt=_attempt + cost, **arguments)
            finally:
                _in_job.reset(token)

        # The engine finds the job again by this path.
        run.__module__, run.__qualname__, run.__name__ = verb.__module__, verb.__qualname__, verb.__name__
        run.__doc__ = verb.__doc__
        if known_as:
            run.__module__, run.__qualname__ = known_as.rsplit(".", 1)
        decorated = task(queue_name=queue, priority=priority)(run)
        if known_as:
            _MOVED[known_as] = decorated
        return decorated

    return decorate


def _wait(problem: Exception, attempt: int) -> float:
    asked = getattr(problem, "retry_after", None)
    if asked is not None:
        return max(1.0, float(asked))
    planned = BACKOFF[min(attempt, len(BACKOFF)) - 1]
    return planned * random.uniform(0.9, 1.1)  # noqa: S311 - spreads retries, guards nothing
