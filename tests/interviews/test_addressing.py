"""Who is proposed for a letter that makes what people know true again."""

import pytest

from mensetsu.interviews import addressing
from mensetsu.interviews.models import Interviewer
from mensetsu.mail.models import Purpose
from tests.interviews import writing

pytestmark = pytest.mark.django_db


def test_a_replaced_interviewer_who_was_told_hears_of_the_change_and_the_successor_does_not(people) -> None:
    made = writing.ready(people, interviewers=(people.doi,))
    writing.send(made, people, "interviewer")
    Interviewer.objects.filter(interview=made).update(user=people.endo)

    moved = writing.moved(made)

    found = {one.name: one for one in addressing.recipients(moved, purpose=Purpose.CHANGE)}
    assert [name for name, one in found.items() if one.is_proposed] == [people.doi.name_in("ja")]
    assert found[people.doi.name_in("ja")].email == people.doi.email
    assert people.endo.name_in("ja") in found
