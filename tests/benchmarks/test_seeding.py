"""The benchmark's company: the same every time, like a real one, and findable as if people had typed it."""

from collections import Counter
from typing import Any

import pytest
from django.utils import timezone

from benchmarks import names, seeding
from mensetsu.accounts.models import Organization, User
from mensetsu.candidates import listing
from mensetsu.candidates.models import Candidate
from mensetsu.history.models import Entry
from mensetsu.interviews.models import Interview
from mensetsu.zoom.models import Connection

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
