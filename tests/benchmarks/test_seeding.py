"""The benchmark's company: the same every time, like a real one, and findable as if people had typed it."""

from collections import Counter
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from benchmarks import names, seeding
from mensetsu.accounts.models import Organization, User
from mensetsu.candidates import listing
from mensetsu.candidates.models import Candidate
from mensetsu.history import recording
from mensetsu.history.models import Entry
from mensetsu.interviews.models import Interview
from mensetsu.zoom.models import Connection, Meeting

pytestmark = pytest.mark.django_db
AMOUNT = 300


def link(owners: list[User]) -> list[Connection]:
    return [
        Connection.objects.create(
            organization=owner.organization, owner=owner, zoom_user_id=f"u{owner.pk}", connected_at=timezone.now(),
            is_shared=True, plan_type=2,
        )
        for owner in owners
    ]  # fmt: skip


@pytest.fixture
def facts() -> dict[str, Any]:
    return seeding.seed(AMOUNT, now=timezone.now(), link_hosts=link)


def test_names_are_distributed_as_in_japan_and_the_same_on_every_run() -> None:
    people = [names.person(number) for number in range(20_000)]
    families = Counter(one.family for one in people)

    assert people[:500] == [names.person(number) for number in range(500)]
    assert families.most_common(1)[0][0] in ("佐藤", "鈴木")
    assert 4 * families["國分"] < families["佐藤"]
    assert families["國分"] > 0
    assert any(len(one.family) > 3 for one in people)
    assert len({names.email(one) for one in people}) == len(people)


def test_every_part_of_a_company_is_there(facts: dict[str, Any]) -> None:
    reader = User.objects.get(pk=facts["reader"])
    mine = Candidate.objects.visible_to(reader)

    assert mine.count() == AMOUNT
    # What must never be seen exists, or the border would not be measured.
    assert Candidate.objects.count() > AMOUNT
    assert {pk for pk, _stage in facts["idle"]} <= set(mine.values_list("pk", flat=True))
    assert mine.filter(next_interview_at__gt=timezone.now()).count() == AMOUNT // seeding.UPCOMING_EVERY
    assert Interview.objects.filter(organization=reader.organization, outcome="done").exists()
    assert mine.exclude(agency=None).exists()
    for pk in facts["long_stories"]:
        assert Entry.objects.of_thread("candidates.candidate", pk).count() == seeding.LONG_STORY


def test_the_hosts_of_what_is_to_come_are_never_asked_for_twice(facts: dict[str, Any]) -> None:
    coming = Interview.objects.filter(starts_at__gt=timezone.now(), meeting__isnull=False)
    taken = Counter(coming.values_list("meeting__connection", "starts_at"))

    assert set(taken.values()) == {1}
    assert all(
        one.url_state == "issued" for one in coming.select_related("meeting__connection", "next_meeting")
    )


@pytest.mark.parametrize("part", ["family_name", "family_kana", "email"])
def test_a_seeded_applicant_is_found_by_any_part_of_name_reading_or_address(
    facts: dict[str, Any], part: str
) -> None:
    reader = User.objects.get(pk=facts["reader"])
    one = Candidate.objects.visible_to(reader).exclude(**{part: ""}).first()
    query = getattr(one, part)[:2] if part != "email" else one.email[:12]

    found = listing.matching(reader, listing.Conditions(q=query), now=timezone.now())

    assert one in found
    assert not found.exclude(organization=reader.organization).exists()


def test_two_seedings_tell_the_same_story() -> None:
    now = timezone.now()
    seeding.seed(60, now=now, link_hosts=link)
    columns = ("external_id", "search_text", "sort_key", "status", "created_at")
    first = list(
        Candidate.objects.filter(organization__name="株式会社サンプル").order_by("id").values_list(*columns)
    )
    Organization.objects.filter(name="株式会社サンプル").update(name="前の会社")
    _rename_everybody()

    seeding.seed(60, now=now, link_hosts=link)

    again = (
        Candidate.objects.filter(organization__name="株式会社サンプル").order_by("id").values_list(*columns)
    )
    assert list(again) == first


def _rename_everybody() -> None:
    for user in User.objects.all():
        user.email = f"{user.pk}@former.example.jp"
        user.save(update_fields=["email"])


def test_rows_written_in_bulk_are_those_that_the_product_would_write(facts: dict[str, Any]) -> None:
    for model in (Candidate, Meeting, Interview, Entry):
        row = model.objects.order_by("pk").last()
        fields = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
        saved = model.objects.get(pk=row.pk)
        before = {name: getattr(saved, name) for name in fields}
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {model._meta.db_table} WHERE id = %s", [row.pk])
            as_loaded = cursor.fetchone()
            row.save()
            cursor.execute(f"SELECT * FROM {model._meta.db_table} WHERE id = %s", [row.pk])
            assert cursor.fetchone() == as_loaded
        assert {name: getattr(model.objects.get(pk=row.pk), name) for name in fields} == before


def test_a_seeded_entry_is_the_one_that_the_product_would_record(facts: dict[str, Any]) -> None:
    row, by, at = Candidate.objects.last(), User.objects.get(pk=facts["reader"]), timezone.now()
    told = {"starts_at": at, "minutes": 60}

    made = seeding.entry("interview.scheduled", row, by, at, told)

    usual = recording.entry(
        "interview.scheduled", subject=row, organization_id=row.organization_id, by=by, at=at, **told
    )
    for field in Entry._meta.concrete_fields:
        assert getattr(made, field.attname) == getattr(usual, field.attname), field.attname


def test_every_index_is_there_again_and_the_next_row_gets_a_key_of_its_own(facts: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        there = connection.introspection.get_constraints(cursor, Candidate._meta.db_table)
    reader = User.objects.get(pk=facts["reader"])

    made = Candidate.objects.create(
        organization=reader.organization,
        family_name="新",
        created_at=timezone.now(),
        updated_at=timezone.now(),
    )

    assert {index.name for index in Candidate._meta.indexes} <= set(there)
    assert made.pk == Candidate.objects.order_by("-pk")[1].pk + 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Candidate.objects.filter(pk=made.pk).update(external_id="A-0000001")
