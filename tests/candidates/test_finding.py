"""The index of pairs finds what reading every text would find, whoever wrote the row."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mensetsu.candidates import finding
from mensetsu.candidates.models import Candidate
from tests import story

TEXTS = [
    "佐藤美咲\nさとうみさき\nsatomisaki", "林\nはやし", "佐々木\nささき", "佐佐木", "a_b@example.com", "a%b!c", "𠮷田",
    "x", "",
]  # fmt: skip


@pytest.fixture
def rows(people: SimpleNamespace) -> list[Candidate]:
    return [story.candidate(people.company, search_text=text) for text in TEXTS]


def found(*parts: str) -> list[str]:
    return [
        one.search_text for one in Candidate.objects.filter(search_text__holds=list(parts)).order_by("id")
    ]


PARTS = [
    "佐", "佐藤", "藤佐", "美咲", "咲さ", "林", "し", "佐々木", "佐佐木", "佐佐", "_", "%", "!", "a_b", "b!", "𠮷",
    "𠮷田", "x", "sato", "example.com", "いない", '"', "*", "OR", "'",
]  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_it_finds_exactly_the_texts_that_hold_the_part(rows: list[Candidate], part: str) -> None:
    expected = [text for text in TEXTS if part in text]
    assert found(part) == expected

    everybody = Candidate.objects.filter(organization_id=rows[0].organization_id)
    hits = finding.hits(everybody, [part], 100)
    assert [one.search_text for one in Candidate.objects.filter(pk__among=hits).order_by("id")] == expected
    assert [one.search_text for one in everybody.filter(search_text__says=[part]).order_by("id")] == expected


def test_all_parts_must_be_held(rows: list[Candidate]) -> None:
    assert found("佐", "木") == ["佐々木\nささき", "佐佐木"]
    assert found("佐藤", "みさ", "sato") == [TEXTS[0]]
    assert found("佐藤", "木") == []


def test_it_follows_every_change_of_a_row(rows: list[Candidate]) -> None:
    Candidate.objects.filter(pk=rows[0].pk).update(search_text="鈴木")
    assert [found("佐藤"), found("鈴木")] == [[], ["鈴木"]]

    rows[0].delete()
    Candidate.objects.bulk_create([Candidate(**_like(rows[1]), search_text="鈴木二")])
    assert found("鈴木") == ["鈴木二"]


def _like(row: Candidate) -> dict[str, object]:
    return {"organization": row.organization, "created_at": row.created_at, "updated_at": row.updated_at}


def test_it_is_made_again_from_all_rows_when_something_is_missing(rows: list[Candidate]) -> None:
    breaks = {
        "sqlite": f"DROP TRIGGER {finding.INDEX}_changed",
        # Outside a test nothing is pending when the index is made.
        "postgresql": f"SET CONSTRAINTS ALL IMMEDIATE; DROP INDEX {finding.INDEX}",
    }
    with connection.cursor() as cursor:
        cursor.execute(breaks[connection.vendor])
    Candidate.objects.filter(pk=rows[0].pk).update(search_text="鈴木")

    finding.ensure()

    assert [found("佐藤"), found("鈴木"), found("林")] == [[], ["鈴木"], [TEXTS[1]]]


def test_nothing_is_made_again_when_nothing_is_missing(rows: list[Candidate]) -> None:
    with CaptureQueriesContext(connection) as queries:
        finding.ensure()

    made = [query["sql"] for query in queries if "CREATE VIRTUAL" in query["sql"] or "DROP" in query["sql"]]
    assert (made, found("佐藤")) == ([], [TEXTS[0]])


def test_before_there_are_applicants_there_is_no_index(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right after the first tables of an empty database were made, and those of other modules are still to come."""
    monkeypatch.setattr(finding, "TABLE", "not_made_yet")

    with CaptureQueriesContext(connection) as sent:
        finding.ensure()

    assert not any("CREATE" in one["sql"] for one in sent)


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_hits_are_found_no_further_than_asked_and_known_again(rows: list[Candidate], limit: int) -> None:
    everybody = Candidate.objects.filter(organization_id=rows[0].organization_id)
    expected = list(everybody.filter(search_text__holds=["a"]).order_by("pk"))

    hits = finding.hits(everybody, ["a"], limit)
    again = list(Candidate.objects.filter(pk__among=hits).order_by("pk"))

    assert hits.count == len(again) == min(limit, len(expected))
    assert set(again) <= set(expected)
    assert finding.hits(everybody.filter(organization_id=0), ["a"], limit).count == 0
    assert list(everybody.filter(search_text__says=["a"]).order_by("pk")) == expected


def test_nothing_found_is_nobody(rows: list[Candidate]) -> None:
    hits = finding.hits(Candidate.objects.filter(organization_id=rows[0].organization_id), ["誰でもない"], 5)

    assert (hits.count, list(Candidate.objects.filter(pk__among=hits))) == (0, [])
