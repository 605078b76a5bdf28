"""Statements that are written once: they find and change what Django would, with whatever values."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy
from django_tasks_db.models import DBTaskResult

from mensetsu.accounts.models import User
from mensetsu.history.models import Entry
from mensetsu.jobs.models import Beat
from mensetsu.mail.models import Purpose
from mensetsu.statements import compiled

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


def entry(number: int, **facts: Any) -> Entry:
    return Entry(
        organization_id=1, at=NOW + timedelta(minutes=number), action=f"done {number}", subject="a",
        subject_id=number, thread="b", thread_id=1, facts=facts,
    )  # fmt: skip


@pytest.fixture
def entries() -> list[Entry]:
    made = [entry(number) for number in range(5)]
    compiled.insert(made)
    return made


SINCE = compiled.Read(
    lambda since, numbers: (
        Entry.objects.filter(at__gte=since, subject_id__in=numbers)
        .order_by("id")
        .values_list("at", "action", "facts")
    ),
    since=compiled.MOMENT, numbers=compiled.NUMBERS,
)  # fmt: skip


@pytest.mark.parametrize("numbers", [[], [3], [1, 2, 3], [0, 1, 2, 3, 4]])
def test_it_finds_what_django_finds(entries: list[Entry], numbers: list[int]) -> None:
    since = NOW + timedelta(minutes=2)

    found = SINCE.rows(since=since, numbers=numbers)

    by_django = Entry.objects.filter(at__gte=since, subject_id__in=numbers).order_by("id")
    assert found == list(by_django.values_list("at", "action", "facts"))


def test_a_number_that_no_column_can_hold_is_in_no_row(entries: list[Entry]) -> None:
    one = compiled.Read(lambda pk: Entry.objects.filter(pk=pk).values_list("action"), pk=compiled.NUMBER)

    assert one.rows(pk=10**30) == one.rows(pk=-(1 << 63) - 1) == []
    assert len(SINCE.rows(since=NOW, numbers=[3, 10**30])) == 1


def test_each_time_with_the_values_of_that_time(entries: list[Entry]) -> None:
    assert [len(SINCE.rows(since=NOW + timedelta(minutes=n), numbers=range(5))) for n in (0, 4, 9)] == [
        5,
        1,
        0,
    ]


def test_lists_of_three_and_four_are_the_same_statement(
    entries: list[Entry], django_assert_num_queries
) -> None:
    with django_assert_num_queries(2) as asked:
        SINCE.rows(since=NOW, numbers=[1, 2, 3])
        SINCE.rows(since=NOW, numbers=[1, 2, 3, 4])

    assert asked[0]["sql"].count("(") == asked[1]["sql"].count("(")


def test_models_are_made_with_those_they_point_to(people, django_assert_num_queries) -> None:
    of = compiled.Read(
        lambda user: (
            User.objects.select_related("organization")
            .annotate(links=Count("zoom_connections"))
            .filter(pk=user)
        ),
        user=compiled.NUMBER,
    )

    with django_assert_num_queries(1):
        [user] = of.objects(user=people.baba.pk)
        assert (user.organization.name, user.links) == (people.baba.organization.name, 0)
    assert user == people.baba
    assert {f.attname: getattr(user, f.attname) for f in User._meta.concrete_fields} == {
        f.attname: getattr(people.baba, f.attname) for f in User._meta.concrete_fields
    }


def test_two_queries_may_be_one(entries: list[Entry]) -> None:
    both = compiled.Read(
        lambda one, other: Entry.objects.filter(subject_id=one).values_list("action").union(
            Entry.objects.filter(subject_id=other).values_list("action"), all=True
        ).order_by("action"),
        one=compiled.NUMBER, other=compiled.NUMBER,
    )  # fmt: skip

    assert both.rows(one=3, other=1) == [("done 1",), ("done 3",)]


def test_a_key_and_a_day_and_a_text_are_values_too(people) -> None:
    key = uuid.uuid4()
    by_text = compiled.Read(
        lambda name, day: Entry.objects.filter(action=name, at__date=day).values_list("subject_id"),
        name=compiled.TEXT, day=compiled.DAY,
    )  # fmt: skip
    compiled.insert([entry(7)])

    assert by_text.rows(name="done 7", day=NOW.date()) == [(7,)]
    by_key = compiled.Read(
        lambda key: DBTaskResult.objects.filter(pk=key).values_list("pk"), key=compiled.KEY
    )
    assert by_key.rows(key=key) == []
    DBTaskResult.objects.create(id=key, args_kwargs={}, task_path="x", backend_name="default", run_after=NOW)
    assert by_key.rows(key=key) == [(key,)]


def test_a_change_answers_how_many_rows_it_changed(entries: list[Entry]) -> None:
    move = compiled.Change(
        lambda since, by: (Entry.objects.filter(at__gte=since), {"subject_id": F("subject_id") + by}),
        since=compiled.MOMENT, by=compiled.NUMBER,
    )  # fmt: skip

    assert move.run(since=NOW + timedelta(minutes=3), by=10) == 2
    assert list(Entry.objects.order_by("id").values_list("subject_id", flat=True)) == [0, 1, 2, 13, 14]


def test_what_can_find_nothing_asks_nobody(django_assert_num_queries) -> None:
    never = compiled.Change(
        lambda number: (Entry.objects.filter(Q(pk__in=[]), subject_id=number), {"subject_id": 1}),
        number=compiled.NUMBER,
    )

    with django_assert_num_queries(0):
        assert never.run(number=1) == 0


def test_new_rows_are_as_if_saved(entries: list[Entry], django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        compiled.insert(more := [entry(8, whom="髙橋"), entry(9)])

    assert [one.pk for one in more] == list(
        Entry.objects.filter(subject_id__in=(8, 9)).order_by("subject_id").values_list("pk", flat=True)
    )
    assert (more[0]._state.adding, more[0]._state.db) == (False, "default")
    read = Entry.objects.get(pk=more[0].pk)
    assert (read.at, read.facts, read.actor, read.actor_name) == (more[0].at, {"whom": "髙橋"}, None, "")


def test_whatever_a_column_is_given_is_stored_as_save_stores_it(people) -> None:
    def mixed() -> Entry:
        made = entry(7)
        made.action, made.subject, made.thread = Purpose.CONFIRMATION, gettext_lazy("Interview"), 12  # type: ignore[assignment]
        made.subject_id, made.actor_id, made.thread_id = "34", people.baba.pk, True  # type: ignore[assignment]
        return made

    ours, by_django = mixed(), mixed()
    compiled.insert([ours])
    by_django.save()

    stored = Entry.objects.filter(pk__in=[ours.pk, by_django.pk]).values()
    one, other = ({name: value for name, value in row.items() if name != "id"} for row in stored)
    assert one == other


def test_no_rows_are_no_statement(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        compiled.insert([])


def test_a_row_that_the_database_refuses_undoes_the_transaction() -> None:
    compiled.insert([Beat(name="twice", began_at=NOW)])
    with pytest.raises(IntegrityError), transaction.atomic():
        compiled.insert([Beat(name="twice", began_at=NOW)])

    assert Beat.objects.filter(name="twice").count() == 1


@pytest.mark.parametrize(
    ("build", "values", "why"),
    [
        (lambda number: Entry.objects.filter(pk=number), {"number": None}, "None makes another"),
        (lambda number: Entry.objects.filter(pk=number), {"nummer": 1}, "instead of"),
        (lambda number: Entry.objects.filter(pk=1), {"number": 1}, "not in the statement"),
        (lambda number: Entry.objects.filter(pk=number, subject=str(uuid.uuid4())), {"number": 1}, "not one of its"),
        (lambda number: Entry.objects.filter(pk=number).order_by("at" if number < 21_000 else "id"), {"number": 1},
         "different statements"),
    ],
)  # fmt: skip
def test_what_would_be_frozen_into_it_is_refused(build: Any, values: dict[str, Any], why: str) -> None:
    with pytest.raises(TypeError, match=why):
        compiled.Read(build, number=compiled.NUMBER).rows(**values)
