"""Who is proposed for a letter that makes what people know true again."""

from datetime import timedelta

import pytest

from mensetsu.interviews import addressing, dispatching, ledger, scheduling
from mensetsu.interviews.models import Interview, Interviewer
from mensetsu.mail.models import Mail, Purpose, Receiver
from tests.interviews import automatic, holding, writing
from tests.interviews.automatic import NOW

pytestmark = pytest.mark.django_db

LEAVES = NOW + dispatching.UNDO
LATER = LEAVES + timedelta(minutes=5)


def test_a_replaced_interviewer_who_was_told_hears_of_the_change_and_the_successor_does_not(people) -> None:
    made = writing.ready(people, interviewers=(people.doi,))
    writing.send(made, people, "interviewer")
    Interviewer.objects.filter(interview=made).update(user=people.endo)

    moved = writing.moved(made)

    found = {one.name: one for one in addressing.recipients(moved, purpose=Purpose.CHANGE)}
    assert [name for name, one in found.items() if one.is_proposed] == [people.doi.name_in("ja")]
    assert found[people.doi.name_in("ja")].email == people.doi.email
    assert people.endo.name_in("ja") in found


@pytest.mark.parametrize("change", ["moved", "canceled"])
def test_a_released_interviewer_who_was_told_of_it_has_nothing_more_to_hear(
    people, monkeypatch, run_jobs, change: str
) -> None:
    holding.set_clock(monkeypatch, NOW)
    automatic.group(people)
    made = automatic.schedule(people, interviewers=[people.doi, people.endo])
    scheduling.change_interviewers(writing.again(made), [people.endo], by=people.baba, now=LEAVES)
    run_jobs(until=LEAVES + dispatching.UNDO)
    verbs = {
        "moved": lambda row: scheduling.reschedule(
            row, starts_at=row.starts_at + timedelta(days=1), minutes=60, by=people.baba, now=LATER
        ),
        "canceled": lambda row: scheduling.cancel(row, by=people.baba, now=LATER),
    }

    verbs[change](writing.again(made))
    run_jobs(until=LATER + dispatching.UNDO)

    after = writing.again(made)
    last = [one.mail for one in ledger.read(after) if one.mail.interviewer_id == people.doi.pk]
    assert [(letter.purpose, letter.state) for letter in last] == [("other", "sent")]
    assert ledger.outdated(after) == []


def test_a_letter_learns_of_the_people_of_its_interview_and_of_nobody_else(
    people, django_assert_num_queries
) -> None:
    made = Interview.objects.with_facts().get(pk=writing.ready(people, interviewers=(people.doi,)).pk)
    ours = Mail(candidate_id=made.candidate_id, receiver=Receiver.CANDIDATE, to_name="Misaki")
    theirs = Mail(interviewer_id=people.doi.pk, receiver=Receiver.INTERVIEWER, to_name="Doi")
    agencys = Mail(receiver=Receiver.AGENCY, to_name="鈴木 一郎")

    with django_assert_num_queries(0):
        addressing.acquaint([ours, theirs, agencys], made)
        names = [letter.to_name_in("ja") for letter in (ours, theirs, agencys)]

    assert names == [made.candidate.full_name, people.doi.full_name, "鈴木 一郎"]
    assert theirs.candidate_id is None
    nameless = Mail(receiver=Receiver.CANDIDATE, to_name="", to_email="a@example.com")
    assert nameless.to_name_in("en") == "a@example.com"
