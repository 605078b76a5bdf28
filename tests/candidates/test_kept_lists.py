"""Lists without a search have the same rows and counts as Django's own queries say."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from mensetsu.candidates import kept_lists, lines, listing, models
from tests import story
from tests.candidates.test_list import NOW, person


@pytest.fixture
def crowd(people: SimpleNamespace) -> list[models.Candidate]:
    job, contact = story.job(people.company), story.agency(people.company)
    stage = job.stages.first()
    made = [
        person(people, "全部", job=job, stage=stage, agency=contact.agency, owner=people.baba, graduation_year=2027),
        person(people, "誰も"),
        person(people, "内定", job=job, status=models.Status.OFFERED),
        person(people, "今週", owner=people.baba),
        person(people, "来週", owner=people.aoki),
        person(people, "結果"),
    ]  # fmt: skip
    for one, at in zip(made[3:], (NOW + timedelta(hours=3), NOW + timedelta(days=8), None), strict=True):
        models.Candidate.objects.filter(pk=one.pk).update(next_interview_at=at)
    models.Candidate.objects.filter(pk=made[5].pk).update(awaiting_since=NOW - timedelta(days=1))
    return made


def conditions(people: SimpleNamespace, crowd: list[models.Candidate]) -> list[dict[str, Any]]:
    whole = crowd[0]
    return [
        *({"view": view} for view in listing.VIEWS),
        *({"sort": sort} for sort in listing.SORTS),
        {"job": whole.job_id}, {"stage": whole.stage_id}, {"agency": whole.agency_id}, {"owner": "none"},
        {"owner": people.aoki.pk}, {"owner": people.baba.pk}, {"status": "offered"}, {"status": "active"},
        {"year": "2027"}, {"year": "9" * 15}, {"job": "9" * 18}, {"view": "mine", "job": whole.job_id, "sort": "kana"},
    ]  # fmt: skip


def test_the_same_rows_in_the_same_order(people: SimpleNamespace, crowd: list[models.Candidate]) -> None:
    for query in conditions(people, crowd):
        asked = listing.Conditions.read(query)
        found = listing.matching(people.baba, asked, now=NOW)
        django = listing.Ordered(found, asked.sort, now=NOW, columns=lines.COLUMNS)
        kept = kept_lists.Kept(people.baba, asked, now=NOW, columns=lines.COLUMNS)

        assert kept.count() == django.count(), query
        for start, stop in ((0, 50), (0, 2), (1, 3), (3, 5), (5, 55)):
            assert kept[start:stop] == django[start:stop], (query, start)


def test_another_company_is_never_seen(people: SimpleNamespace, crowd: list[models.Candidate]) -> None:
    kept_lists.Kept(people.baba, listing.Conditions(), now=NOW, columns=("id",)).count()
    stranger = kept_lists.Kept(people.chiba, listing.Conditions(), now=NOW, columns=("id",))

    assert (stranger.count(), stranger[0:50]) == (0, [])
    assert set(kept_lists.counts(people.chiba, listing.VIEWS, now=NOW).values()) == {0}


@pytest.mark.parametrize("now", [NOW, NOW + timedelta(days=7), NOW - timedelta(days=30)])
def test_the_views_are_counted_in_one_statement(
    people: SimpleNamespace, crowd: list[models.Candidate], now: datetime, django_assert_num_queries: Any
) -> None:
    views = ("", *listing.VIEWS[1:])
    with django_assert_num_queries(1):
        counted = kept_lists.counts(people.baba, views, now=now)

    assert counted == {
        view: listing.matching(people.baba, listing.Conditions(view=view), now=now).count() for view in views
    }
    assert kept_lists.counts(people.baba, [], now=now) == {}


def test_counting_stops(people: SimpleNamespace, crowd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "TAB_LIMIT", 2)
    assert kept_lists.counts(people.baba, [""], now=NOW) == {"": 3}


def test_more_interviews_than_one_statement_asks_for(
    people: SimpleNamespace, crowd: list[models.Candidate], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [crowd[0].pk] * 60 + [crowd[1].pk] * 3

    assert lines._upcoming(ids, NOW) == {}
