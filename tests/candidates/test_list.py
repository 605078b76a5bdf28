"""The applicants list: found, filtered, sorted, paged; and fast by the number of its queries."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mensetsu.candidates import listing, models, registering
from mensetsu.interviews import models as interviews
from mensetsu.web import dates
from mensetsu.zoom import models as zoom
from tests import story

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=story.JAPAN)  # a Wednesday


def person(people: SimpleNamespace, family: str, given: str = "一", **values: Any) -> models.Candidate:
    now = values.pop("now", NOW)
    values = {"family_name": family, "given_name": given} | values
    return registering.register(organization=people.company, values=values, by=people.baba, now=now)


def names(people: SimpleNamespace, query: dict[str, Any], now: datetime = NOW) -> list[str]:
    conditions = listing.Conditions.read(query)
    return [one.family_name for one in listing.listed(people.baba, conditions, now=now)[0:50]]


def meets(candidate: models.Candidate, at: datetime, **values: Any) -> interviews.Interview:
    """An interview as the module above makes it, with the note it leaves here."""
    made = interviews.Interview.objects.create(
        organization=candidate.organization, candidate=candidate, starts_at=at, minutes=60, way="in_person",
        created_at=NOW, changed_at=NOW, **values,
    )  # fmt: skip
    registering.note_next_interview(candidate.pk, at, now=NOW)
    return made


def page(client: Client, **query: Any) -> BeautifulSoup:
    answer = client.get(reverse("candidates:list"), query)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def shown(soup: BeautifulSoup) -> list[str]:
    return [link.get_text() for link in soup.select("th[scope=row] a")]


def test_every_filter_keeps_exactly_its_own(people: SimpleNamespace) -> None:
    job, other_job = story.job(people.company), story.job(people.company, "開発")
    contact = story.agency(people.company)
    stage = job.stages.get(name="最終面接")
    person(people, "職種", job=job)
    person(people, "ステップ", job=job, stage=stage)
    person(people, "紹介", agency=contact.agency, job=other_job)
    person(people, "担当", owner=people.aoki)
    person(people, "卒業", graduation_year=2028)
    person(people, "内定", status="offered")

    assert set(names(people, {"job": job.pk})) == {"職種", "ステップ"}
    assert names(people, {"stage": stage.pk}) == ["ステップ"]
    assert names(people, {"agency": contact.agency_id}) == ["紹介"]
    assert names(people, {"owner": people.aoki.pk}) == ["担当"]
    assert set(names(people, {"owner": "none"})) == {"職種", "ステップ", "紹介", "卒業", "内定"}
    assert names(people, {"year": "2028"}) == ["卒業"]
    assert names(people, {"status": "offered"}) == ["内定"]
    assert names(people, {"job": job.pk, "q": "すてっぷ"}) == ["ステップ"]


def test_broken_conditions_are_no_conditions(people: SimpleNamespace) -> None:
    person(people, "佐藤")

    query = {
        "job": "x",
        "owner": "１",
        "status": "nobody",
        "view": "secret",
        "sort": "id;--",
        "year": "9" * 30,
    }

    assert listing.Conditions.read(query) == listing.Conditions()
    assert names(people, query) == ["佐藤"]


def test_search_wildcards_are_letters(people: SimpleNamespace) -> None:
    person(people, "佐藤", email="a_b@example.com")
    person(people, "鈴木", email="axb@example.com")

    assert names(people, {"q": "a_b"}) == ["佐藤"]
    assert names(people, {"q": "%"}) == []


def test_the_five_views(people: SimpleNamespace) -> None:
    waiting = person(people, "待つ", owner=people.baba)
    meets(waiting, NOW - timedelta(hours=3))
    this_week = person(people, "今週")
    meets(this_week, NOW + timedelta(days=4))  # Sunday
    next_week = person(people, "来週")
    meets(next_week, NOW + timedelta(days=5))
    person(people, "調整")
    person(people, "辞退", status="withdrawn")

    assert set(names(people, {})) == {"待つ", "今週", "来週", "調整", "辞退"}
    assert names(people, {"view": "mine"}) == ["待つ"]
    assert set(names(people, {"view": "scheduling"})) == {"調整", "待つ"}
    assert set(names(people, {"view": "week"})) == {"待つ", "今週"}
    assert names(people, {"view": "waiting"}) == ["待つ"]


def test_awaiting_the_result_ends_with_the_next_step(people: SimpleNamespace) -> None:
    job = story.job(people.company)
    first, final = job.stages.all()
    candidate = person(people, "佐藤", job=job, stage=first)
    meets(candidate, NOW - timedelta(hours=3))
    assert names(people, {"view": "waiting"}) == ["佐藤"]

    registering.move_to_stage([candidate], final, by=people.baba, now=NOW)

    assert names(people, {"view": "waiting"}) == []
    assert names(people, {"view": "scheduling"}) == ["佐藤"]


def test_a_next_interview_that_is_left_behind_makes_them_wait(people: SimpleNamespace) -> None:
    candidate = person(people, "佐藤")
    past = NOW - timedelta(hours=3)
    registering.note_next_interview(candidate.pk, past, now=NOW - timedelta(days=1))

    registering.note_next_interview(candidate.pk, None, now=NOW)

    candidate.refresh_from_db()
    assert (candidate.next_interview_at, candidate.awaiting_since) == (None, past)
    assert names(people, {"view": "waiting"}) == ["佐藤"]


def test_a_canceled_interview_to_come_makes_nobody_wait(people: SimpleNamespace) -> None:
    candidate = person(people, "佐藤")
    registering.note_next_interview(candidate.pk, NOW + timedelta(days=1), now=NOW)

    registering.note_next_interview(candidate.pk, None, now=NOW)

    assert names(people, {"view": "waiting"}) == []


def test_the_orders(people: SimpleNamespace) -> None:
    person(people, "古", family_kana="ワ", now=NOW - timedelta(days=2))
    soon = person(people, "近", family_kana="カ", now=NOW - timedelta(days=1))
    later = person(people, "遠", family_kana="ア", now=NOW - timedelta(days=3))
    person(people, "新", now=NOW)
    meets(later, NOW + timedelta(days=9))
    meets(soon, NOW + timedelta(days=1))

    assert names(people, {}) == ["近", "遠", "新", "古"]
    assert names(people, {"sort": "new"}) == ["新", "近", "古", "遠"]
    assert names(people, {"sort": "old"}) == ["遠", "古", "近", "新"]
    assert names(people, {"sort": "kana"}) == ["遠", "近", "古", "新"]


@pytest.mark.parametrize("query", [{}, {"q": "例"}])
def test_pages_follow_each_other_across_the_two_parts_of_the_order(
    people: SimpleNamespace, query: dict[str, str]
) -> None:
    models.Candidate.objects.bulk_create(
        [
            models.Candidate(
                organization=people.company, family_name=f"{n}", created_at=NOW, updated_at=NOW, search_text="例",
                next_interview_at=NOW + timedelta(days=n) if n <= 60 else None,
            )
            for n in range(1, 131)
        ]
    )  # fmt: skip
    conditions = listing.Conditions.read(query)
    pages = listing.Pages(listing.listed(people.baba, conditions, now=NOW))

    shown = [[int(one.family_name) for one in pages.page(number).object_list] for number in (1, 2, 3)]

    assert shown == [[*range(1, 51)], [*range(51, 61), *range(130, 90, -1)], [*range(90, 60, -1)]]
    assert (pages.count, pages.num_pages) == (130, 3)


def test_a_page_number_that_does_not_exist_is_the_nearest(people: SimpleNamespace) -> None:
    person(people, "佐藤")
    pages = listing.Pages(listing.Ordered(models.Candidate.objects.all(), "", now=NOW))

    assert [pages.nearest(number).number for number in ("x", "0", "-3", "99", "")] == [1, 1, 1, 1, 1]


def test_counting_stops_at_the_limit(people: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "COUNT_LIMIT", 2)
    for name in ("一", "二", "三"):
        person(people, name)
    ordered = listing.Ordered(models.Candidate.objects.all(), "new", now=NOW)

    pages = listing.Pages(ordered)

    assert (listing.count(models.Candidate.objects.all(), 2), pages.count, pages.is_more) == (3, 2, True)


def test_a_common_name_is_found_without_reading_all_of_them(
    people: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNT_LIMIT", 2)
    for name in ("佐藤一", "佐藤二", "佐藤三"):
        person(people, name)

    person(people, "鈴木")

    assert names(people, {"q": "佐藤", "sort": "old"}) == ["佐藤一", "佐藤二", "佐藤三"]
    assert names(people, {"q": "佐藤 いち", "sort": "old"}) == []
    conditions = listing.Conditions.read({"q": "佐藤"})
    assert listing.Pages(listing.listed(people.baba, conditions, now=NOW)).is_more
    assert listing.matching(people.baba, conditions, now=NOW).count() == 3


def test_whoever_has_left_the_list_has_no_neighbors_in_it(people: SimpleNamespace) -> None:
    rows = [person(people, name, now=NOW - timedelta(hours=n)) for n, name in enumerate(("一", "二", "三"))]

    def around(place: int, candidate: models.Candidate) -> list[models.Candidate | None]:
        conditions = listing.Conditions.read({})
        return list(listing.neighbors(people.baba, conditions, place, candidate, now=NOW))

    assert [around(n, row) for n, row in enumerate(rows)] == [
        [None, rows[1]],
        [rows[0], rows[2]],
        [rows[1], None],
    ]
    assert around(0, rows[2]) == [None, None]


def test_another_company_sees_nothing_of_it(people: SimpleNamespace) -> None:
    person(people, "秘匿")
    story.candidate(people.other, "千葉")

    found = listing.matching(people.chiba, listing.Conditions(), now=NOW)

    assert [one.family_name for one in found] == ["千葉"]


def test_the_page_shows_what_a_row_needs(people: SimpleNamespace, client_of: Any) -> None:
    job, contact = story.job(people.company), story.agency(people.company)
    candidate = person(
        people, "佐藤", "美咲", family_kana="サトウ", given_kana="ミサキ", job=job, agency=contact.agency,
        owner=people.baba,
    )  # fmt: skip
    at = story.tomorrow_at(14)
    meets(candidate, at)

    soup = page(client_of(people.baba))

    row = soup.select_one("tbody tr")
    cells = [" ".join(cell.get_text(" ", strip=True).split()) for cell in row.find_all(["th", "td"])[1:]]
    assert cells == [
        "佐藤 美咲 サトウ ミサキ", "営業", "株式会社ミライ人材", "面接予定",
        dates.short(at, language="ja", zone=story.JAPAN), "馬場 文",
    ]  # fmt: skip
    assert soup.select_one("#found").get_text(strip=True) == "1〜1件／全1件"
    assert soup.select_one("h1").get_text(strip=True) == "応募者"


@pytest.mark.parametrize(("count"), [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    people: SimpleNamespace, client_of: Any, django_assert_num_queries: Any, count: int
) -> None:
    job, contact = story.job(people.company), story.agency(people.company)
    for number in range(count):
        candidate = person(people, f"佐藤{number}", job=job, agency=contact.agency, owner=people.baba)
        meets(candidate, story.tomorrow_at(9 + number))
    client = client_of(people.baba)
    page(client)

    with django_assert_num_queries(11):
        page(client)


def through_zoom(people: SimpleNamespace, family: str, **meeting: Any) -> None:
    """An applicant with an interview tomorrow whose Zoom meeting is in a certain state."""
    ended = meeting.pop("ended", {})
    host = zoom.Connection.objects.create(
        organization=people.company,
        owner=people.aoki,
        zoom_user_id=family,
        connected_at=NOW,
        is_shared=True,
        **ended,
    )
    at = story.tomorrow_at(14)
    made = zoom.Meeting.objects.create(
        organization=people.company,
        connection=host,
        starts_at=at,
        minutes=60,
        topic="面接",
        requested_at=NOW,
        **meeting,
    )
    candidate = person(people, family)
    interviews.Interview.objects.create(
        organization=people.company, candidate=candidate, starts_at=at, minutes=60, way="web", service="zoom",
        created_at=NOW, changed_at=NOW, meeting=made,
    )  # fmt: skip
    registering.note_next_interview(candidate.pk, at, now=NOW)


def test_the_state_says_what_is_stuck_without_a_query_for_each(
    people: SimpleNamespace, client_of: Any, django_assert_num_queries: Any
) -> None:
    through_zoom(people, "発行", issued_at=NOW, zoom_id="1", join_url="https://zoom.example/j/1")
    through_zoom(people, "待ち")
    through_zoom(people, "失敗", failed_at=NOW)
    through_zoom(people, "消失", lost_at=NOW)
    through_zoom(people, "解除", ended={"ended_at": NOW, "end_reason": "revoked"})
    client = client_of(people.baba)
    page(client)

    with django_assert_num_queries(11):
        soup = page(client)

    states = {row.a.get_text(): row.select_one(".chip").get_text() for row in soup.select("tbody tr")}
    assert states == {
        "発行 一": "面接予定", "待ち 一": "面接予定", "失敗 一": "URL発行失敗", "消失 一": "URL発行失敗",
        "解除 一": "主催者なし",
    }  # fmt: skip


def test_live_search_swaps_in_what_the_full_page_would_show(people: SimpleNamespace, client_of: Any) -> None:
    person(people, "佐藤", owner=people.baba)
    person(people, "鈴木")
    client = client_of(people.baba)

    part = client.get(
        reverse("candidates:list"), {"q": "すずき", "sort": "new"} | {"q": "鈴木"},
        headers={"HX-Request": "true", "HX-Target": "results"},
    )  # fmt: skip

    full = page(client, q="鈴木", sort="new")
    fragment = BeautifulSoup(part.content, "html.parser")
    found = fragment.select_one("[hx-swap-oob]").extract()
    assert found.get_text(strip=True) == full.select_one("#found").get_text(strip=True) == "1〜1件／全1件"
    for one in (fragment, full):
        for token in one.select("[name=csrfmiddlewaretoken]"):
            token.decompose()
    assert fragment.get_text(" ", strip=True) == full.select_one("#results").get_text(" ", strip=True)
    assert [str(a) for a in fragment.select("a")] == [str(a) for a in full.select("#results a")]


def test_nothing_yet_and_nothing_found_are_two_things(people: SimpleNamespace, client_of: Any) -> None:
    client = client_of(people.baba)
    assert "応募者はまだいません。" in page(client).get_text()

    person(people, "佐藤")

    none = page(client, q="いない")
    assert "条件に合う応募者はいません。条件を変えてください。" in none.get_text()
    assert none.select_one("#q")["value"] == "いない"


def test_the_tabs_count_with_the_same_conditions(people: SimpleNamespace, client_of: Any) -> None:
    person(people, "佐藤", owner=people.baba, now=timezone.now())
    person(people, "鈴木", status="rejected", now=timezone.now())

    tabs = [one.get_text(strip=True) for one in page(client_of(people.baba)).select("nav li a.btn")]

    assert tabs == [
        "すべて（2）", "自分の担当（1）", "日程調整中（1）", "今週面接（0）", "結果待ち（0）", "表示条件を保存"
    ]  # fmt: skip


def test_the_reader_comes_back_to_the_same_place(people: SimpleNamespace, client_of: Any) -> None:
    for number in range(3):
        person(people, f"佐藤{number}", now=NOW + timedelta(minutes=number))
    client = client_of(people.baba)
    row = page(client, q="佐藤", sort="old").select("th[scope=row] a")[1]

    detail = BeautifulSoup(client.get(row["href"]).content, "html.parser")

    back = detail.find("a", string="応募者一覧に戻る")["href"]
    assert back == f"/candidates/?q=%E4%BD%90%E8%97%A4&sort=old#{row['id']}"
    before = client.get(detail.find("a", rel="prev")["href"])
    after = client.get(detail.find("a", rel="next")["href"])
    assert ["佐藤0" in before.content.decode(), "佐藤2" in after.content.decode()] == [True, True]
    assert BeautifulSoup(before.content, "html.parser").find("a", rel="prev") is None


def test_an_english_reader_gets_latin_names(people: SimpleNamespace, client_of: Any) -> None:
    people.baba.language = "en"
    people.baba.save()
    person(people, "佐藤", "美咲", romaji="Misaki Sato")

    soup = page(client_of(people.baba))

    assert soup.select_one("th[scope=row]").get_text(" ", strip=True) == "Misaki Sato 佐藤 美咲"
    assert soup.select_one("h1").get_text(strip=True) == "Applicants"
