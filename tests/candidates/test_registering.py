"""What may happen to an applicant, and what must not."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from mensetsu.candidates import models, registering
from mensetsu.history.models import Entry
from tests import story

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=story.JAPAN)
LATER = NOW + timedelta(hours=1)


def register(people: SimpleNamespace, **values: Any) -> models.Candidate:
    values = {"family_name": "佐藤", "given_name": "美咲"} | values
    return registering.register(organization=people.company, values=values, by=people.baba, now=NOW)


def actions(candidate: models.Candidate) -> list[str]:
    story_of = Entry.objects.of_thread("candidates.candidate", candidate.pk)
    return [entry.action for entry in story_of.order_by("id")]


def test_a_registered_applicant_can_be_found_and_their_story_begins(people: SimpleNamespace) -> None:
    candidate = register(
        people, family_kana="サトウ", email="misaki@example.com", phone="090-1", phone_e164="+81901"
    )

    candidate.refresh_from_db()
    assert candidate.search_text.split("\n") == [
        "佐藤美咲",
        "さとう",
        "satou",
        "sato",
        "misaki@example.com",
        "0901",
    ]
    assert candidate.sort_key == "さとう"
    assert actions(candidate) == ["candidate.registered"]


def test_registered_characters_of_a_name_are_never_changed(people: SimpleNamespace) -> None:
    candidate = register(people, family_name="\ufa19\ufa10", given_name="𠮷")

    candidate.refresh_from_db()
    assert candidate.full_name == "\ufa19\ufa10 𠮷"


def test_only_what_people_type_can_be_set(people: SimpleNamespace) -> None:
    with pytest.raises(TypeError):
        register(people, search_text="x")


@pytest.mark.parametrize(
    ("with_contact", "chosen", "route"),
    [(True, "", "agency"), (False, "", "direct"), (True, "direct", "direct"), (True, "both", "both")],
)
def test_those_with_an_agency_contact_are_written_to_through_it(
    people: SimpleNamespace, with_contact: bool, chosen: str, route: str
) -> None:
    contact = story.agency(people.company)

    candidate = register(people, agency_contact=contact if with_contact else None, contact_route=chosen)

    assert candidate.contact_route == route


def test_a_number_belongs_to_one_applicant_of_a_company(people: SimpleNamespace) -> None:
    first = register(people, external_id="A-1")

    with pytest.raises(registering.NumberTaken) as refusal:
        register(people, family_name="鈴木", external_id="A-1")

    assert refusal.value.candidate == first
    assert models.Candidate.objects.count() == 1


def test_the_same_number_in_another_company_is_another_persons(people: SimpleNamespace) -> None:
    register(people, external_id="A-1")

    registering.register(
        organization=people.other,
        values={"family_name": "千葉", "external_id": "A-1"},
        by=people.chiba,
        now=NOW,
    )

    assert models.Candidate.objects.filter(external_id="A-1").count() == 2


def test_a_change_is_stored_searched_and_told_by_its_fields(people: SimpleNamespace) -> None:
    candidate = register(people)

    registering.edit(
        candidate,
        {"email": "new@example.com", "given_name": "美咲"},
        seen_version=1,
        by=people.aoki,
        now=LATER,
    )

    stored = models.Candidate.objects.get()
    assert (stored.email, stored.version, stored.updated_at) == ("new@example.com", 2, LATER)
    assert "new@example.com" in stored.search_text
    entry = Entry.objects.get(action="candidate.edited")
    assert (entry.actor, entry.facts) == (people.aoki, {"fields": ["email"]})


def test_saving_without_a_difference_writes_nothing(people: SimpleNamespace) -> None:
    candidate = register(people)

    registering.edit(candidate, {"family_name": "佐藤"}, seen_version=1, by=people.baba, now=LATER)

    assert models.Candidate.objects.get().version == 1
    assert actions(candidate) == ["candidate.registered"]


def test_a_form_opened_before_the_last_change_is_refused_and_names_who_changed(
    people: SimpleNamespace,
) -> None:
    candidate = register(people)
    mine = models.Candidate.objects.get()
    registering.edit(candidate, {"email": "a@example.com"}, seen_version=1, by=people.aoki, now=LATER)

    with pytest.raises(registering.ChangedMeanwhile) as refusal:
        registering.edit(mine, {"email": "b@example.com"}, seen_version=1, by=people.baba, now=LATER)

    assert (refusal.value.by, refusal.value.at) == ("青木 葵", LATER)
    assert models.Candidate.objects.get().email == "a@example.com"
    assert Entry.objects.filter(action="candidate.edited").count() == 1


def test_even_an_unchanged_form_is_refused_when_it_is_old(people: SimpleNamespace) -> None:
    candidate = register(people)
    registering.edit(candidate, {"email": "a@example.com"}, seen_version=1, by=people.aoki, now=LATER)

    with pytest.raises(registering.ChangedMeanwhile):
        registering.edit(models.Candidate.objects.get(), {}, seen_version=1, by=people.baba, now=LATER)


def test_an_edit_cannot_take_anothers_number(people: SimpleNamespace) -> None:
    register(people, external_id="A-1")
    other = register(people, family_name="鈴木")

    with pytest.raises(registering.NumberTaken):
        registering.edit(other, {"external_id": "A-1"}, seen_version=1, by=people.baba, now=LATER)

    assert models.Candidate.objects.get(family_name="鈴木").external_id == ""


def test_applicants_are_handed_over_and_those_of_that_owner_stay_untouched(people: SimpleNamespace) -> None:
    hers, free = register(people, owner=people.aoki), register(people)

    moved = registering.assign_owner([hers, free], people.aoki, by=people.baba, now=LATER)

    assert moved.was == {free.pk: None}
    assert set(models.Candidate.objects.values_list("owner_id", flat=True)) == {people.aoki.pk}
    assert (actions(hers), actions(free)) == (
        ["candidate.registered"], ["candidate.registered", "candidate.owner_changed"]
    )  # fmt: skip


def test_a_handed_over_applicant_counts_as_changed_for_open_forms(people: SimpleNamespace) -> None:
    candidate = register(people)
    registering.assign_owner([candidate], people.aoki, by=people.aoki, now=LATER)

    with pytest.raises(registering.ChangedMeanwhile):
        registering.edit(candidate, {"email": "x@example.com"}, seen_version=1, by=people.baba, now=LATER)


def test_a_step_is_only_for_applicants_of_its_job(people: SimpleNamespace) -> None:
    sales, engineers = story.job(people.company), story.job(people.company, "開発")
    final = sales.stages.get(name="最終面接")
    right, none, other = register(people, job=sales), register(people), register(people, job=engineers)

    moved = registering.move_to_stage([right, none, other], final, by=people.baba, now=LATER)

    assert (moved.was, moved.skipped) == ({right.pk: None, none.pk: None}, [other])
    assert list(models.Candidate.objects.order_by("id").values_list("stage", "job")) == [
        (final.pk, sales.pk), (final.pk, sales.pk), (None, engineers.pk)
    ]  # fmt: skip


def test_whoever_is_at_that_step_already_stays_untouched(people: SimpleNamespace) -> None:
    stage = story.job(people.company).stages.first()
    candidate = register(people)
    registering.move_to_stage([candidate], stage, by=people.baba, now=NOW)
    candidate.refresh_from_db()

    moved = registering.move_to_stage([candidate], stage, by=people.baba, now=LATER)

    assert (moved.was, moved.skipped) == ({}, [])
    assert actions(candidate).count("candidate.stage_changed") == 1


def test_a_withdrawal_is_noted_once_and_can_be_taken_back(people: SimpleNamespace) -> None:
    candidate = register(people)

    assert registering.withdraw(candidate, by=None, now=NOW, actor_name="佐藤 美咲") is True
    assert registering.withdraw(candidate, by=people.baba, now=LATER) is False
    assert (candidate.status, candidate.withdrawn_at) == ("withdrawn", NOW)
    assert Entry.objects.get(action="candidate.withdrawn").actor_name == "佐藤 美咲"

    assert registering.reinstate(candidate, by=people.baba, now=LATER) is True
    assert registering.reinstate(candidate, by=people.baba, now=LATER) is False
    assert (candidate.status, candidate.withdrawn_at) == ("active", None)


def test_the_status_and_the_moment_of_a_withdrawal_go_together(people: SimpleNamespace) -> None:
    candidate = register(people, status="withdrawn")
    assert candidate.withdrawn_at == NOW

    registering.edit(candidate, {"status": "active"}, seen_version=1, by=people.baba, now=LATER)

    assert models.Candidate.objects.get().withdrawn_at is None


def test_a_memo_belongs_to_the_story(people: SimpleNamespace) -> None:
    candidate = register(people)

    registering.add_note(candidate, "折り返し電話", by=people.baba, now=LATER)

    assert Entry.objects.get(action="candidate.noted").facts == {"text": "折り返し電話"}


def test_the_same_next_interview_is_not_written_twice(
    people: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    candidate = register(people)
    registering.note_next_interview(candidate.pk, LATER, now=NOW)

    with django_assert_num_queries(1):
        registering.note_next_interview(candidate.pk, LATER, now=LATER + timedelta(hours=2))

    candidate.refresh_from_db()
    assert (candidate.next_interview_at, candidate.awaiting_since) == (LATER, LATER)
