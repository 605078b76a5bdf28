"""What the tests of the distributed engine share: its tables, its backend, real worker processes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection

from mensetsu.history.models import Entry


def rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else []


def states() -> list[str]:
    """The states of all jobs, oldest first."""
    return [state for (state,) in rows("SELECT status::text FROM procrastinate_jobs ORDER BY id")]


def actions(number: int | None = None) -> list[str]:
    """What the sample jobs have marked, in order."""
    found = Entry.objects.order_by("id")
    if number is not None:
        found = found.filter(subject_id=number)
    return list(found.values_list("action", flat=True))


def until(condition: Callable[[], bool], seconds: float = 90.0) -> None:
    """Wait until it holds; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@contextmanager
def worker(**environment: str) -> Iterator[subprocess.Popen[str]]:
    """A real worker process on the test's database; killed at the end if it still runs."""
    name = connection.settings_dict["NAME"]
    url = f"postgres://{settings.DATABASES['default']['USER']}@/{name}"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.quiet_worker", "work", "--threads", "1"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url, "MENSETSU_JOBS": "distributed", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    except AssertionError:
        process.kill()
        print(process.communicate()[0])  # noqa: T201 - pytest shows it with the failure
        raise
    finally:
        process.kill()
        process.wait(10)


def started(process: subprocess.Popen[str]) -> None:
    """Wait until it says that it runs."""
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        if "is running" in line:
            return
    raise AssertionError("".join(lines))
