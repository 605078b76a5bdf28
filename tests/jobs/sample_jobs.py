"""Jobs for the tests of the engine. They leave marks in the history table, which every process can read."""

import os
import time

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from mensetsu.history.models import Entry
from mensetsu.jobs import port


class Later(Exception):
    retry_after = 7.0


class Soon(Exception):
    retry_after = 1.0


class NotMyTurn(Later):
    was_tried = False


def mark(action: str, number: int) -> None:
    Entry.objects.create(
        organization_id=1,
        at=timezone.now(),
        action=action,
        subject="job",
        subject_id=number,
        thread="job",
        thread_id=1,
    )


@port.job()
def note(*, number: int) -> None:
    mark("noted", number)


@port.job(known_as="tests.jobs.before.note")
def note_after_move(*, number: int) -> None:
    """Stood in another module once."""
    mark("noted", number)


@port.job(max_attempts=3)
def fail(*, number: int) -> None:
    mark("tried", number)
    raise RuntimeError("no luck")


@port.job(max_attempts=3)
def postpone(*, number: int) -> None:
    mark("tried", number)
    raise Later


@port.job(max_attempts=1)
def wait_turn(*, number: int) -> None:
    """Has its turn at the third time of asking."""
    if Entry.objects.filter(subject_id=number).count() < 2:
        mark("waited", number)
        raise NotMyTurn
    mark("ended", number)


@port.job()
def look_around(*, number: int) -> None:
    mark(f"is_job {port.is_job()}", number)


@port.job()
def give_up(*, number: int) -> None:
    mark("tried", number)
    raise port.Permanent


@port.job()
def die_once(*, number: int) -> None:
    """Kills its process the first time, as a power cut would."""
    first = not Entry.objects.filter(action="begun", subject_id=number).exists()
    mark("begun", number)
    if first:
        time.sleep(0.2)
        os.kill(os.getpid(), 9)
    mark("ended", number)


@port.job()
def lose_database(*, number: int) -> None:
    """The database ends our connection the first time, as when it is restarted."""
    first = not Entry.objects.filter(action="begun", subject_id=number).exists()
    mark("begun", number)
    if first:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    mark("ended", number)


@port.job(max_attempts=1)
def break_off(*, number: int) -> None:
    raise OperationalError(f"of job {number}")


@port.job(max_attempts=3)
def retry_soon(*, number: int) -> None:
    """Works at the second attempt, a second after the first."""
    first = not Entry.objects.filter(action="tried", subject_id=number).exists()
    mark("tried", number)
    if first:
        raise Soon
    mark("ended", number)


@port.job()
def enqueue_and_break(*, number: int) -> None:
    """Inside a transaction that ends badly."""
    with transaction.atomic():
        note.enqueue(number=number)
        raise port.Permanent


@port.job()
def sleep(*, number: int, seconds: float) -> None:
    mark("begun", number)
    time.sleep(seconds)
    mark("ended", number)


@port.job()
def strike() -> None:
    mark("struck", 0)
