"""While an interview is written nobody has heard of it: what is known is not asked. Afterwards it is as any other."""

import uuid
from types import SimpleNamespace
from typing import Any

import pytest

from tests.interviews import desk
from tests.interviews.desk import schedule

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


def test_what_was_known_while_it_was_written_is_read_anew_afterwards(world: SimpleNamespace) -> None:
    interview = schedule(world)
    interview.interviewers.create(user=world.endo, position=1)

    assert not interview.is_unheard
    assert [row.user for row in interview.interviewers.all()] == [world.doi, world.endo]


def test_setting_an_interview_asks_a_bounded_number_of_times(
    world: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(24):
        schedule(world, host=None, seen=frozenset(), form_key=uuid.uuid4())
