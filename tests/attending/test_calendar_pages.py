"""The recruiters' calendar: the right interviews on the right day of the right grid, and never a query more."""

import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from mensetsu.attending import calendar_page
from mensetsu.interviews.models import DayReport, Interview
from mensetsu.mail.models import Receiver
from tests import story
from tests.interviews import holding
from tests.interviews.holding import at, set_clock

CALENDAR = "/interviews/calendar/"


@pytest.fixture
def see(monkeypatch: Any, client_of: Any, people: SimpleNamespace) -> Any:
    """`see("?view=week")`: the page's <main> as Baba sees it on Tuesday the 24th at ten."""

    def fetch(query: str = "", user: Any = None) -> BeautifulSoup:
        browser = client_of(user or people.baba)
        set_clock(monkeypatch, at(10))
        response = browser.get(CALENDAR + query)
        assert response.status_code == 200
        return BeautifulSoup(response.content, "html.parser").main

    return fetch


def words(part: Any) -> str:
    return re.sub(r"\s+", " ", part.get_text(" ")).strip()


def cell(soup: Any, on: str) -> Any:
    return soup.select_one(f'.cal__day time[datetime="{on}"]').find_parent("td")


def names(soup: Any) -> list[str]:
    """Applicants of all lines, in the order of the page."""
    links = soup.select('a[href^="/interviews/"]:not([href*="calendar"])')
    return [words(link).split(" ")[-3] for link in links]


def interview_of(people: SimpleNamespace, family: str, moment: Any, **values: Any) -> Interview:
    candidate = story.candidate(people.company, family, "太郎", job=people.company.jobs.first())
    return holding.interview(people.company, candidate=candidate, starts_at=moment, **values)


# The grid


def test_a_month_begins_on_sunday_and_fills_whole_weeks(see: Any) -> None:
    soup = see()
    days = [time["datetime"] for time in soup.select(".cal__day time")]

    assert soup.h1.get_text() == "2026年11月"
    assert [th.get_text() for th in soup.select(".cal th")] == list("日月火水木金土")
    assert {th["scope"] for th in soup.select(".cal th")} == {"col"}
    assert (days[0], days[-1], len(days)) == ("2026-11-01", "2026-12-05", 35)
    assert [one["datetime"] for one in soup.select("td[data-outside] time")] == [
        f"2026-12-0{day}" for day in range(1, 6)
    ]


def test_a_week_begins_on_sunday_whatever_day_is_asked_for(see: Any) -> None:
    for on in ("2026-11-22", "2026-11-24", "2026-11-28"):
        soup = see(f"?view=week&on={on}")
        days = [time["datetime"] for time in soup.select(".cal__day time")]

        assert (days[0], days[-1], len(days)) == ("2026-11-22", "2026-11-28", 7)
        assert soup.h1.get_text() == "2026年11月22日(日)〜11月28日(土)"


def test_today_is_marked_in_words(see: Any) -> None:
    soup = see()

    assert [td.select_one("time")["datetime"] for td in soup.select("td[data-today]")] == ["2026-11-24"]
    assert "今日" in words(cell(soup, "2026-11-24"))
    assert soup.select_one('a[aria-current="date"]').time["datetime"] == "2026-11-24"


@pytest.mark.parametrize(
    ("on", "name", "kind"),
    [
        ("2026-11-22", "", "sunday"),
        ("2026-11-23", "勤労感謝の日", "holiday"),
        ("2026-11-24", "", None),
        ("2026-11-27", "創立記念日", "holiday"),
        ("2026-11-28", "", "saturday"),
    ],
)
def test_holidays_have_their_names(
    people: SimpleNamespace, see: Any, on: str, name: str, kind: str | None
) -> None:
    people.company.company_holidays.create(on=date(2026, 11, 27), name="創立記念日")
    people.other.company_holidays.create(on=date(2026, 11, 24), name="隣の休業日")
    day = cell(see(), on)

    assert day.select_one(".cal__day").get("data-day") == kind
    assert name in words(day)
    assert "隣の休業日" not in words(day)


def test_holidays_of_later_years_are_provisional(see: Any) -> None:
    assert "春分の日（予定）" in words(see("?on=2030-03-01"))
    assert "（予定）" not in words(see("?on=2027-03-01"))


@pytest.mark.parametrize(
    ("query", "before", "after"),
    [
        ("?on=2026-12-31", "view=month&on=2026-11-01", "view=month&on=2027-01-01"),
        ("?on=2026-01-31", "view=month&on=2025-12-01", "view=month&on=2026-02-01"),
        ("?view=week&on=2026-12-31", "view=week&on=2026-12-24", "view=week&on=2027-01-07"),
        ("?view=day&on=2028-02-29", "view=day&on=2028-02-28", "view=day&on=2028-03-01"),
    ],
)
def test_one_step_back_and_one_on(see: Any, query: str, before: str, after: str) -> None:
    links = [a["href"] for a in see(query).select("nav")[0].select("a")]

    assert [link.split("?")[1] for link in (links[0], links[2])] == [before, after]
    assert links[1].endswith("on=2026-11-24")


@pytest.mark.parametrize(
    "query", ["?on=yesterday", "?on=0001-01-01", "?on=9999-12-31", "?view=decade", "?on=2026-13-01&view=", "?person=x"]
)  # fmt: skip
def test_an_address_typed_wrongly_shows_this_month(see: Any, query: str) -> None:
    assert see(query).h1.get_text() == "2026年11月"


# What stands in it


def test_an_interview_stands_on_its_day_in_order_of_time(people: SimpleNamespace, see: Any) -> None:
    story.job(people.company)
    second = interview_of(people, "伊藤", at(16))
    first = interview_of(people, "阿部", at(9))
    interview_of(people, "上田", at(9, day=25))
    soup = see()

    assert [a["href"] for a in cell(soup, "2026-11-24").select("li a")] == [
        reverse("interviews:detail", args=[made.pk]) for made in (first, second)
    ]
    assert words(cell(soup, "2026-11-24").li) == "09:00 阿部 太郎 様"
    assert "上田" in words(cell(soup, "2026-11-25"))
    assert "3件" in words(soup)


def test_days_around_the_month_are_shown_but_not_counted(people: SimpleNamespace, see: Any) -> None:
    story.job(people.company)
    interview_of(people, "阿部", at(9))
    interview_of(people, "伊藤", at(9) + timedelta(days=8))
    soup = see()

    assert "伊藤" in words(cell(soup, "2026-12-02"))
    assert "1件" in words(soup)


def test_what_does_not_take_place_is_not_there(people: SimpleNamespace, see: Any) -> None:
    story.job(people.company)
    interview_of(people, "中止", at(9), canceled_at=at(8))
    interview_of(people, "辞退", at(10), withdrawn_at=at(8))
    text = words(see())

    assert "中止" not in text
    assert "辞退" not in text


def test_the_day_is_the_readers_own(people: SimpleNamespace, see: Any) -> None:
    story.job(people.company)
    interview_of(people, "阿部", at(0, 30, day=25))
    people.baba.time_zone = "Europe/Berlin"
    people.baba.save()
    soup = see()

    assert words(cell(soup, "2026-11-24").li) == "16:30 阿部 太郎 様"
    assert cell(soup, "2026-11-25").li is None


@pytest.mark.parametrize("view", ["month", "week"])
def test_a_full_day_leads_to_all_of_it(people: SimpleNamespace, see: Any, view: str) -> None:
    story.job(people.company)
    room = calendar_page.SHOWN[view]
    for number in range(room + 3):
        interview_of(people, f"応募{number}", at(9, number * 15))
    page = see(f"?view={view}")
    full = cell(page, "2026-11-24")
    more = full.select("li a")[-1]
    day = see(more["href"].removeprefix(CALENDAR))

    assert names(full)[:2] == ["応募0", "応募1"]
    assert len(full.select("li")) == room + 1
    assert words(more) == "ほか3件 （11/24(火)）"
    assert f"{room + 3}件" in words(page)
    assert len(day.select("tbody tr")) == room + 3


@pytest.mark.parametrize("view", ["month", "week"])
def test_one_more_than_fits_is_shown_instead_of_counted(people: SimpleNamespace, see: Any, view: str) -> None:
    story.job(people.company)
    for number in range(calendar_page.SHOWN[view] + 1):
        interview_of(people, f"応募{number}", at(9, number * 15))

    assert "ほか" not in words(cell(see(f"?view={view}"), "2026-11-24"))


def test_the_days_list_says_everything_that_paper_must_say(people: SimpleNamespace, see: Any) -> None:
    interview = holding.facts(people, interviewers=(people.doi, people.endo))
    interview.candidate.family_kana, interview.candidate.given_kana = "サトウ", "ミサキ"
    interview.candidate.job = people.company.jobs.get()
    interview.candidate.save()
    soup = see("?view=day&on=2026-11-24")
    row = soup.select_one("tbody tr")

    assert soup.h1.get_text() == "2026年11月24日(火)"
    assert row.th["scope"] == "row"
    assert words(row).startswith(
        "14:00〜15:00 佐藤 美咲 様 サトウ ミサキ 営業・一次面接 土井 大、遠藤 恵 WEB面接"
    )
    assert "採用チーム用Zoom1" in words(row)
    assert "日程確定" in words(row)
    assert [td["data-l"] for td in row.select("td")] == [
        "応募者", "職種・選考ステップ", "面接官", "方法・場所", "状況",
    ]  # fmt: skip
    assert soup.select_one("[data-print]").has_attr("hidden")


def test_a_broken_link_and_a_word_of_the_applicant_stand_beside_it(people: SimpleNamespace, see: Any) -> None:
    interview = holding.facts(people, meeting_values={"lost_at": at(9)})
    DayReport.objects.create(
        interview=interview, kind="late", minutes=10, receiver=Receiver.CANDIDATE, starts_at=at(14), made_at=at(13)
    )  # fmt: skip

    for query in ("", "?view=week", "?view=day"):
        text = words(see(query))
        assert "Zoomで削除済み" in text
        assert "10分遅れ" in text


def test_an_empty_day_says_so(see: Any) -> None:
    assert "この日の面接はありません。" in words(see("?view=day&on=2026-11-24"))
    assert "勤労感謝の日" in see("?view=day&on=2026-11-23").h1.get_text()


# Filters


@pytest.fixture
def three(people: SimpleNamespace) -> SimpleNamespace:
    """阿部 with Doi on one host, 伊藤 with Endo on the other, 上田 with both in person at the last step."""
    people.job = story.job(people.company)
    people.one, people.two = holding.connection(people.aoki), holding.connection(people.endo)
    interview_of(people, "阿部", at(9), host=people.one, interviewers=(people.doi,))
    interview_of(people, "伊藤", at(11), host=people.two, interviewers=(people.endo,))
    last = interview_of(people, "上田", at(13), interviewers=(people.doi, people.endo))
    last.stage = people.job.stages.last()
    last.save()
    return people


@pytest.mark.parametrize("view", ["month", "week", "day"])
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("person", "doi", ["阿部", "上田"]),
        ("person", "endo", ["伊藤", "上田"]),
        ("host", "two", ["伊藤"]),
        ("stage", "last", ["上田"]),
    ],
)
def test_by_person_host_and_step(
    three: SimpleNamespace, see: Any, view: str, name: str, value: str, expected: list[str]
) -> None:
    three.last = three.job.stages.last()
    pk = getattr(three, value).pk
    soup = see(f"?view={view}&on=2026-11-24&{name}={pk}")

    assert names(soup) == expected
    assert soup.select_one(f"select[name={name}] option[selected]")["value"] == str(pk)
    assert f"{len(expected)}件" in words(soup)


def test_filters_go_with_every_step_and_can_be_cleared(three: SimpleNamespace, see: Any) -> None:
    soup = see(f"?view=week&on=2026-11-24&person={three.doi.pk}&host={three.one.pk}")
    steps = [a["href"] for nav in soup.select("nav") for a in nav.select("a")]
    days = [a["href"] for a in soup.select(".cal__day a")]

    assert names(soup) == ["阿部"]
    assert all(f"person={three.doi.pk}&host={three.one.pk}" in href for href in steps + days)
    clear = next(a for a in soup.select("form a") if words(a) == "条件をすべて外す")
    assert names(see(clear["href"].removeprefix(CALENDAR))) == ["阿部", "伊藤", "上田"]


def test_the_form_keeps_the_place(three: SimpleNamespace, see: Any) -> None:
    form = see("?view=week&on=2026-11-10").select_one("form[role=search]")

    assert form["method"] == "get"
    assert {i["name"]: i["value"] for i in form.select("input")} == {"view": "week", "on": "2026-11-10"}


def test_an_interview_that_moves_to_another_host_stands_with_the_new_one(
    three: SimpleNamespace, see: Any
) -> None:
    moving = Interview.objects.get(candidate__family_name="阿部")
    moving.next_meeting = holding.meeting(three.two, at(9))
    moving.save()

    assert names(see(f"?host={three.two.pk}")) == ["阿部", "伊藤"]
    assert names(see(f"?host={three.one.pk}")) == []


def test_what_may_be_chosen_is_the_companys_own(three: SimpleNamespace, see: Any) -> None:
    story.job(three.other, "隣の職種")
    three.endo.deactivated_at = at(9)
    three.endo.save()
    soup = see(f"?person={three.chiba.pk}")
    options = [words(option) for option in soup.select("select option")]

    assert "千葉 千" not in options
    assert "遠藤 恵" not in options
    assert not [text for text in options if "隣の" in text]
    assert "営業・最終面接" in options
    # A stranger's id is no filter.
    assert names(soup) == ["阿部", "伊藤", "上田"]


def test_nobody_sees_another_companys_interviews(three: SimpleNamespace, see: Any) -> None:
    assert names(see("?view=day&on=2026-11-24", user=three.chiba)) == []


def test_interviewers_have_their_own_page_instead(people: SimpleNamespace, client_of: Any) -> None:
    assert client_of(people.doi).get(CALENDAR).status_code == 403


def test_in_english(people: SimpleNamespace, see: Any) -> None:
    people.baba.language = "en"
    people.baba.save()
    holding.facts(people)

    assert see().h1.get_text() == "November 2026"
    assert words(see().select_one(".cal thead")) == "Sun Mon Tue Wed Thu Fri Sat"
    assert see("?view=week").h1.get_text() == "Sun, Nov 22 – Sat, Nov 28, 2026"
    assert "1 interview" in words(see("?view=day"))


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("view", ["month", "week", "day"])
def test_the_number_of_queries_does_not_grow(
    people: SimpleNamespace,
    monkeypatch: Any,
    client_of: Any,
    view: str,
    count: int,
    django_assert_num_queries: Any,
) -> None:
    host = holding.connection(people.aoki)
    job = story.job(people.company)
    for number in range(count):
        made = interview_of(
            people, f"応募{number}", at(9 + number), host=host, interviewers=(people.doi, people.endo)
        )
        DayReport.objects.create(
            interview=made, kind="absent", receiver=Receiver.CANDIDATE, starts_at=made.starts_at, made_at=at(8)
        )  # fmt: skip
    browser = client_of(people.baba)
    set_clock(monkeypatch, at(8))
    address = f"{CALENDAR}?view={view}&person={people.doi.pk}&host={host.pk}&stage={job.stages.first().pk}"
    browser.get(address)

    # Session and reader; people, hosts, steps; which interviews, and those that find room with interviewers, their
    # names and reports; holidays.
    with django_assert_num_queries(2 + 3 + 1 + 4 + 1 + 1):
        soup = BeautifulSoup(browser.get(address).content, "html.parser")
    assert len(names(soup.main)) == count


def test_the_interviews_page_leads_here(people: SimpleNamespace, client_of: Any) -> None:
    def links(user: Any, query: str = "") -> list[str]:
        soup = BeautifulSoup(client_of(user).get("/interviews/" + query).content, "html.parser")
        return [a["href"] for a in soup.select(f'main a[href^="{CALENDAR}"]')]

    assert links(people.baba) == [CALENDAR]
    assert links(people.baba, "?day=2026-11-25") == [f"{CALENDAR}?view=day&on=2026-11-25"]
    assert links(people.doi) == []
