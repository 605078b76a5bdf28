"""What an operator is told of the default engine's queue."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.candidates import importing
from mensetsu.jobs import embedded, engine

pytestmark = pytest.mark.django_db


def test_the_load_tells_due_jobs_from_those_that_wait_for_their_hour() -> None:
    now = timezone.now()
    for hours in (-2, 3):
        importing.forget_files.using(run_after=now + timedelta(hours=hours)).enqueue()
    importing.forget_files.enqueue()
    # The first was enqueued three hours ago for an hour later: it is late by two hours.
    early = DBTaskResult.objects.filter(run_after__lt=now)
    early.update(enqueued_at=now - timedelta(hours=3))

    assert embedded.load(now + timedelta(seconds=1)) == engine.Load(
        waiting=2, scheduled=1, running=0, failed=0, oldest=7201.0
    )


def test_an_empty_queue_is_no_load() -> None:
    assert embedded.load(timezone.now()) == engine.Load(
        waiting=0, scheduled=0, running=0, failed=0, oldest=0.0
    )


@pytest.mark.parametrize(
    ("status", "lives"), [("READY", True), ("RUNNING", True), ("SUCCESSFUL", False), ("FAILED", False)]
)
def test_a_job_lives_until_it_has_ended(status: str, lives: bool) -> None:
    importing.run_import.enqueue(import_id=1, by_id=2)
    DBTaskResult.objects.update(status=status)

    assert embedded.lives(importing.run_import, import_id=1) is lives
    assert embedded.lives(importing.run_import, import_id=1, by_id=2) is lives
    assert not embedded.lives(importing.run_import, import_id=2)
    assert not embedded.lives(importing.forget_files)
