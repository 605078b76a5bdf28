"""Rows that are written together: in order, once, and not at all where the block is left by a refusal."""

from datetime import UTC, datetime

import pytest
from django_tasks_db.models import DBTaskResult

from mensetsu.history import recording
from mensetsu.history.models import Entry
from mensetsu.statements import together
from tests.jobs import sample_jobs

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


def record(people, action: str) -> None:
    recording.record(action, subject=people.baba, organization_id=1, by=None, at=NOW)


def test_jobs_and_history_are_a_statement_each(people, django_assert_num_queries) -> None:
    with django_assert_num_queries(2), together.gathered():
        record(people, "first")
        sample_jobs.note.enqueue(number=1)
        record(people, "second")
        sample_jobs.note.enqueue(number=2)

    assert list(Entry.objects.order_by("id").values_list("action", flat=True)) == ["first", "second"]
    assert sorted(row.args_kwargs["kwargs"]["number"] for row in DBTaskResult.objects.all()) == [1, 2]


def test_a_block_within_a_block_is_part_of_it(people, django_assert_num_queries) -> None:
    with django_assert_num_queries(1), together.gathered():
        with together.gathered():
            record(people, "inside")
        record(people, "outside")

    assert Entry.objects.count() == 2


def test_a_refusal_leaves_nothing_and_the_next_row_is_written_at_once(people) -> None:
    with pytest.raises(ZeroDivisionError), together.gathered():
        record(people, "never")
        raise ZeroDivisionError

    record(people, "at once")

    assert [one.action for one in Entry.objects.all()] == ["at once"]


def test_nothing_to_write_is_no_statement(django_assert_num_queries) -> None:
    with django_assert_num_queries(0), together.gathered():
        pass
