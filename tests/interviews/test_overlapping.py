"""An interviewer in two interviews at once: meant after it was shown, told when it came a moment ago."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from mensetsu.interviews import overlapping, scheduling
from mensetsu.interviews.models import Interview
from tests import story
from tests.interviews import desk
from tests.interviews.desk import errors, path, soup

pytestmark = pytest.mark.django_db
TOLD = [
    "土井 大さんは14:00〜15:00に別の面接があります。",
    "重ねて設定する場合は、もう一度保存してください。",
]


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Any) -> Client:
    return client_of(world.baba)


def by_phone(world: SimpleNamespace, **wished: Any) -> Interview:
    return desk.schedule(world, **{"way": "phone", "service": "", "host": None, **wished})


def form(world: SimpleNamespace, **wished: Any) -> dict[str, Any]:
    return desk.form(world, **{"way": "phone", "service": "", "host": "", **wished})


def shown(answer: Any) -> str:
    return soup(answer).find("input", attrs={"name": "overlaps"})["value"]


# The verbs


def test_an_overlap_that_nobody_was_shown_is_refused_with_who_and_where(world) -> None:
    other = by_phone(world, candidate=world.ito)

    with pytest.raises(scheduling.PeopleBusy) as refusal:
        by_phone(world, seen=frozenset())

    assert refusal.value.clashes == [(world.doi, other)]
    assert Interview.objects.get() == other


def test_one_that_began_the_day_before_and_nobody_at_all(world) -> None:
    other = by_phone(world, candidate=world.ito)
    begin, end = other.starts_at, other.ends_at
    Interview.objects.update(starts_at=begin - timedelta(hours=40))

    assert overlapping.clashes([world.doi], begin, end) == [(world.doi, other)]
    assert overlapping.clashes([], begin, end) == []
    overlapping.refuse_unseen([], begin, 60, seen=frozenset())


def test_an_overlap_that_was_shown_is_meant(world) -> None:
    other = by_phone(world, candidate=world.ito)

    made = by_phone(world, seen={(world.doi.pk, other.pk)})

    assert made.starts_at == other.starts_at


def test_of_two_overlaps_only_the_one_that_was_not_shown_is_told(world) -> None:
    other = by_phone(world, candidate=world.ito)
    third = by_phone(world, candidate=story.candidate(world.company, "三"), interviewers=[world.endo])

    with pytest.raises(scheduling.PeopleBusy) as refusal:
        by_phone(world, interviewers=[world.doi, world.endo], seen={(world.doi.pk, other.pk)})

    assert refusal.value.clashes == [(world.endo, third)]


def test_back_to_back_is_no_overlap(world) -> None:
    by_phone(world, candidate=world.ito, starts_at=story.tomorrow_at(13))

    assert by_phone(world, seen=frozenset()).pk


def test_whoever_has_looked_at_the_people_asks_for_no_second_look(world) -> None:
    by_phone(world, candidate=world.ito)

    assert by_phone(world, seen=None).pk


def test_a_move_onto_another_interview_is_told(world) -> None:
    other = by_phone(world, candidate=world.ito)
    made = by_phone(world, starts_at=story.tomorrow_at(17))
    how = {"starts_at": other.starts_at, "minutes": 60, "by": world.baba, "now": world.now}

    with pytest.raises(scheduling.PeopleBusy):
        scheduling.reschedule(made, **how, seen=frozenset())
    made.refresh_from_db()
    assert made.starts_at == story.tomorrow_at(17)

    scheduling.reschedule(made, **how, seen={(world.doi.pk, other.pk)})
    assert made.starts_at == other.starts_at


def test_a_second_length_of_the_same_interview_does_not_overlap_itself(world) -> None:
    made = by_phone(world)

    scheduling.reschedule(
        made, starts_at=made.starts_at, minutes=90, by=world.baba, now=world.now, seen=frozenset()
    )

    assert made.minutes == 90


def test_somebody_who_comes_in_with_an_overlap_is_told(world) -> None:
    other = by_phone(world, candidate=world.ito, interviewers=[world.endo])
    made = by_phone(world)

    with pytest.raises(scheduling.PeopleBusy) as refusal:
        scheduling.change_interviewers(
            made, [world.doi, world.endo], by=world.baba, now=world.now, seen=frozenset()
        )

    assert refusal.value.clashes == [(world.endo, other)]
    assert [row.user for row in made.interviewers.all()] == [world.doi]


@pytest.mark.parametrize("junk", ["", "x", "1", "1-2-3", "a-b", "1-", "-", "１-²", "9" * 4400 + "-1"])
def test_what_a_form_carries_is_read_and_anything_else_is_nothing(junk: str) -> None:
    pairs = {(3, 17), (1, 2)}

    assert overlapping.written(pairs) == "1-2 3-17"
    assert overlapping.read(f"1-2 {junk} 3-17") == pairs


# The form


def test_what_the_page_has_shown_goes_through_at_the_first_press(world, baba) -> None:
    by_phone(world, candidate=world.ito)
    seen = shown(baba.post(f"/candidates/{world.sato.pk}/interviews/check/", form(world)))

    answer = baba.post(path(world), form(world, overlaps=seen))

    assert answer.status_code == 303


def test_what_came_a_moment_ago_is_told_the_form_is_kept_and_the_second_press_means_it(world, baba) -> None:
    seen = shown(baba.post(f"/candidates/{world.sato.pk}/interviews/check/", form(world)))
    by_phone(world, candidate=world.ito)
    values = form(world, overlaps=seen, memo="重要")

    told = baba.post(path(world), values)

    assert (told.status_code, errors(told)) == (422, TOLD)
    assert soup(told).find(id="id_memo").get_text().strip() == "重要"
    assert Interview.objects.filter(candidate=world.sato).count() == 0

    again = baba.post(path(world), {**values, "overlaps": shown(told)})
    assert again.status_code == 303
    assert Interview.objects.filter(candidate=world.sato).count() == 1


def change(world: Any, baba: Client, made: Interview, **wished: Any) -> Any:
    made.refresh_from_db()
    return baba.post(f"/interviews/{made.pk}/change/", form(world, version=str(made.version), **wished))


def test_a_change_of_time_is_asked_the_same(world, baba) -> None:
    made = by_phone(world, starts_at=story.tomorrow_at(17))
    by_phone(world, candidate=world.ito)

    told = change(world, baba, made)

    assert (told.status_code, errors(told)) == (422, TOLD)
    assert change(world, baba, made, overlaps=shown(told)).status_code == 303


def test_a_change_of_people_is_asked_the_same(world, baba) -> None:
    made = by_phone(world, interviewers=[world.endo])
    by_phone(world, candidate=world.ito)

    told = change(world, baba, made)

    assert (told.status_code, errors(told)) == (422, TOLD)


def test_a_change_of_something_else_asks_nothing(world, baba) -> None:
    made = by_phone(world)
    by_phone(world, candidate=world.ito)

    assert change(world, baba, made, memo="英語で").status_code == 303


def test_what_blocks_is_told_first(world, baba) -> None:
    by_phone(world)
    by_phone(world, candidate=world.ito)

    assert errors(baba.post(path(world), form(world))) == ["佐藤 美咲 様は同じ時間に別の面接があります。"]
