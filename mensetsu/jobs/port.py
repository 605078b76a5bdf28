"""The one way to say that a verb may run later, and again: Django's Tasks API plus retry.

    @port.job(max_attempts=6)
    def issue_meeting(*, interview_id: int) -> None: ...

    issue_meeting.enqueue(interview_id=34)                      # in the caller's transaction
    issue_meeting.using(run_after=moment).enqueue(interview_id=34)
    issue_meeting.call(interview_id=34)                         # now, here (tests, other jobs)

Arguments are keyword-only and plain JSON (ids). Every engine delivers at least once, so every job is idempotent.
An exception that carries `retry_after` (seconds or None) is retried by that; any other by the backoff below."""

import inspect
import logging
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django_tasks import task
from django_tasks.base import Task

logger = logging.getLogger(__name__)

BACKOFF = (30, 120, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600)  # seconds before attempt 2, 3, …


class Permanent(Exception):
    """Raise (or inherit) it when trying again cannot help."""


def job(
    *, max_attempts: int = 5, queue: str = "default", priority: int = 0
) -> Callable[[Callable[..., None]], Task[..., None]]:
    """Make a function a job under its own name."""

    def decorate(verb: Callable[..., None]) -> Task[..., None]:
        for parameter in inspect.signature(verb).parameters.values():
            if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
                raise TypeError(f"{verb.__qualname__}: arguments of a job are keyword-only")

        def run(*, _attempt: int = 1, **arguments: Any) -> None:
            try:
                verb(**arguments)
            except Permanent:
                raise
            except Exception as problem:
                if _attempt >= max_attempts:
                    raise
                wait = _wait(problem, _attempt)
                logger.warning("job_postponed job=%s attempt=%s wait=%ss why=%s", verb.__qualname__, _attempt, wait,
                               type(problem).__name__)  # fmt: skip
                me = decorated.using(run_after=timezone.now() + timedelta(seconds=wait))
                me.enqueue(_attempt=_attempt + 1, **arguments)

        # The engine finds the job again by this path.
        run.__module__, run.__qualname__, run.__name__ = verb.__module__, verb.__qualname__, verb.__name__
        run.__doc__ = verb.__doc__
        decorated = task(queue_name=queue, priority=priority)(run)
        return decorated

    return decorate


def _wait(problem: Exception, attempt: int) -> float:
    asked = getattr(problem, "retry_after", None)
    if asked is not None:
        return max(1.0, float(asked))
    planned = BACKOFF[min(attempt, len(BACKOFF)) - 1]
    return planned * random.uniform(0.9, 1.1)  # noqa: S311 - spreads retries, guards nothing
