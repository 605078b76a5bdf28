"""Retry: what is tried again, when, and when it ends."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.history.models import Entry
from mensetsu.jobs import port
from tests.jobs import sample_jobs

pytestmark = pytest.mark.django_db


def waiting() -> list[DBTaskResult]:
    return list(DBTaskResult.objects.filter(status="READY"))


def seconds_until(row: DBTaskResult) -> float:
    return (row.run_after - timezone.now()).total_seconds()


def test_a_failing_job_is_tried_again_after_the_planned_wait(run_jobs) -> None:
    sample_jobs.fail.enqueue(number=1)

    run_jobs()

    assert Entry.objects.count() == 1
    [row] = waiting()
    assert 20 < seconds_until(row) < 35


def test_an_exception_with_retry_after_sets_the_wait(run_jobs) -> None:
    sample_jobs.postpone.enqueue(number=1)

    run_jobs()

    [row] = waiting()
    assert 5 < seconds_until(row) <= 7


def test_waiting_for_ones_turn_costs_no_attempt(run_jobs) -> None:
    sample_jobs.wait_turn.enqueue(number=1)

    run_jobs()
    [row] = waiting()
    assert 5 < seconds_until(row) <= 7
    run_jobs(until=timezone.now() + timedelta(hours=1))

    # It has one attempt, and has not used it up after two turns.
    assert list(Entry.objects.order_by("id").values_list("action", flat=True)) == [
        "waited",
        "waited",
        "ended",
    ]
    assert waiting() == []


def test_a_job_that_moved_is_enqueued_and_found_under_its_old_path(run_jobs) -> None:
    """Servers restart one after the other: each release runs the other's jobs."""
    sample_jobs.note_after_move.enqueue(number=1)
    assert [row.task_path for row in waiting()] == ["tests.jobs.before.note"]

    run_jobs()

    assert list(Entry.objects.values_list("action", "subject_id")) == [("noted", 1)]
    assert waiting() == []


def test_a_path_to_something_else_is_no_job() -> None:
    assert port.find("tests.jobs.sample_jobs.note") is sample_jobs.note
    with pytest.raises(TypeError, match=r"sample_jobs\.mark is not a job"):
        port.find("tests.jobs.sample_jobs.mark")


def test_a_job_knows_that_it_is_one(run_jobs) -> None:
    assert not port.is_job()
    sample_jobs.look_around.enqueue(number=1)

    run_jobs()

    assert Entry.objects.get().action == "is_job True"
    assert not port.is_job()


def test_after_the_last_attempt_the_job_has_failed_and_nothing_waits(run_jobs) -> None:
    sample_jobs.fail.enqueue(number=1)

    run_jobs(until=timezone.now() + timedelta(days=3), failing=True)

    assert Entry.objects.count() == 3
    assert waiting() == []
    assert DBTaskResult.objects.failed().count() == 1


def test_a_permanent_failure_is_not_tried_again(run_jobs) -> None:
    sample_jobs.give_up.enqueue(number=1)

    run_jobs(failing=True)

    assert Entry.objects.count() == 1
    assert waiting() == []


def test_a_rolled_back_transaction_leaves_no_job() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        sample_jobs.note.enqueue(number=1)
        raise RuntimeError

    assert waiting() == []


def test_positional_arguments_are_refused_when_the_job_is_defined() -> None:
    with pytest.raises(TypeError, match="keyword-only"):

        @port.job()
        def wrong(number: int) -> None: ...


def test_jobs_of_one_moment_are_run_in_these_tests_as_they_were_written(
    run_jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: moment)
    for number in range(8):
        sample_jobs.note.enqueue(number=number)

    run_jobs()

    assert [entry.subject_id for entry in Entry.objects.order_by("pk")] == list(range(8))
