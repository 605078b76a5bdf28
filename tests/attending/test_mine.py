"""The interviewer's page: what is on today, which button, which words, at every hour of the day."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from mensetsu.interviews import join_links
from mensetsu.interviews.models import Interview, JoinLink, Way
from mensetsu.mail.models import Receiver
from tests import story
from tests.interviews import holding
from tests.interviews.holding import at, set_clock

MINE = "/interviews/"


@pytest.fixture
def see(monkeypatch: Any, client_of: Any) -> Any:
    """`see(user, moment, query)`: the page's <main>."""

    def fetch(user: Any, moment: Any, query: str = "") -> BeautifulSoup:
        browser = client_of(user)
        set_clock(monkeypatch, moment)
        response = browser.get(MINE + query)
        assert response.status_code == 200
        return BeautifulSoup(response.content, "html.parser").main

    return fetch


def words(soup: Any) -> str:
    return re.sub(r"\s+", " ", soup.get_text(" ")).strip()


def start_button(soup: Any) -> Any:
    return soup.select_one('form[action$="/start/"] button')


@pytest.mark.parametrize(
    ("moment", "chip", "kind", "label"),
    [
        (at(9, 0), "日程確定", "outline", "WEB面接開始"),
        (at(13, 44), "日程確定", "outline", "WEB面接開始"),
        (at(13, 45), "まもなく開始", "primary", "WEB面接開始"),
        (at(14, 0), "進行中", "primary", "WEB面接開始"),
        (at(14, 59), "進行中", "primary", "WEB面接開始"),
        (at(15, 0), "終了予定を過ぎました", "outline", "もう一度開く"),
        (at(18, 0), "終了予定を過ぎました", "outline", "もう一度開く"),
    ],
)
def test_button_and_chip_follow_the_clock(
    people: SimpleNamespace, see: Any, moment: Any, chip: str, kind: str, label: str
) -> None:
    holding.facts(people)
    soup = see(people.doi, moment)
    button = start_button(soup)

    assert soup.select_one(".chip").get_text() == chip
    assert button["data-v"] == kind
    assert button.get_text().startswith(label)
    assert "佐藤 美咲 様、新しいタブで開きます" in button.find(class_="u-vh").get_text()


def test_the_press_is_a_post_into_a_new_tab(people: SimpleNamespace, see: Any) -> None:
    interview = holding.facts(people)
    form = start_button(see(people.doi, at(13, 50))).find_parent("form")

    assert form["method"] == "post"
    assert form["action"] == reverse("interviews:start", args=[interview.pk])
    assert (form["target"], form["rel"]) == ("_blank", "noopener")


@pytest.mark.parametrize(
    ("moment", "countdown"),
    [(at(13, 52), "あと8分"), (at(13, 0), "あと60分"), (at(12, 59), None), (at(14, 0), None)],
)
def test_the_last_hour_is_counted(
    people: SimpleNamespace, see: Any, moment: Any, countdown: str | None
) -> None:
    holding.facts(people)
    mark = see(people.doi, moment).select_one("[data-starts-at]")

    assert (mark.get_text() if mark else None) == countdown
    if mark:
        assert mark["data-starts-at"] == "2026-11-24T14:00+09:00"
        assert mark.find_parent(attrs={"role": "status"}) is None


def test_who_when_and_with_whom(people: SimpleNamespace, see: Any) -> None:
    holding.facts(people, interviewers=(people.doi, people.endo))
    soup = see(people.doi, at(13, 52))

    assert soup.h1.get_text() == "今日の面接"
    assert "2026年11月24日(火)・1件" in words(soup).replace(" ・", "・")
    assert "14:00〜15:00 佐藤 美咲 様" in words(soup)
    assert "営業・一次面接" in words(soup)
    assert "土井 大、遠藤 恵" in words(soup)


def test_id_passcode_browser_link_and_the_recruiters_telephone_help_when_zoom_does_not_open(
    people: SimpleNamespace, see: Any
) -> None:
    people.baba.extension = "4021"
    people.baba.save()
    interview = holding.facts(people)
    interview.candidate.owner = people.baba
    interview.candidate.save()
    details = see(people.doi, at(13, 52)).find("details")

    assert details.summary.get_text() == "Zoomが開かないとき"
    for part in ("884 1234 5678", "Ab3kX9", "馬場 文（内線 4021）", "03-1234-5678"):
        assert part in words(details)
    assert (
        details.find("a", target="_blank")["href"]
        == "https://us06web.zoom.us/wc/join/88412345678?pwd=fHWdk3.1"
    )


def test_an_address_of_another_form_promises_no_way_in_by_the_browser(
    people: SimpleNamespace, see: Any
) -> None:
    holding.facts(people, meeting_values={"join_url": "https://zoom.us/my/sample.room"})
    details = see(people.doi, at(13, 52)).find("details")

    assert "884 1234 5678" in words(details)
    assert details.find("a", target="_blank") is None


# Which role, said before the press


def test_on_a_shared_account_the_interviewer_is_host(people: SimpleNamespace, see: Any) -> None:
    holding.facts(people)
    text = words(see(people.doi, at(13, 52)))

    assert "主催者として開始します（共有のZoomアカウント：採用チーム用Zoom1）。" in text
    assert "参加者として入る" in text


def test_on_a_colleagues_own_account_the_interviewer_is_participant(
    people: SimpleNamespace, see: Any
) -> None:
    holding.facts(people, host=holding.connection(people.endo, is_shared=False), interviewers=(people.doi,))
    soup = see(people.doi, at(13, 52))

    assert "参加者として入ります。主催者は遠藤 恵さんです。" in words(soup)
    assert start_button(soup).get_text().startswith("参加")


def test_the_owner_of_a_personal_account_hosts_even_without_being_assigned(
    people: SimpleNamespace, see: Any
) -> None:
    holding.facts(people, host=holding.connection(people.endo, is_shared=False), interviewers=(people.doi,))

    assert "主催者として開始します（ご自分のZoomアカウント）。" in words(see(people.endo, at(13, 52)))


def test_whoever_comes_second_joins_and_reads_who_started(people: SimpleNamespace, see: Any) -> None:
    holding.facts(
        people, interviewers=(people.doi, people.endo), started_at=at(14, 1), started_by=people.endo
    )
    soup = see(people.doi, at(14, 3))

    assert "遠藤 恵さんが14:01に開始しました。参加者として入ります。" in words(soup)
    assert start_button(soup).get_text().startswith("参加（")
    assert "主催者として入る" in words(soup)
    assert "主催者として開始します" in words(see(people.endo, at(14, 3)))


def test_a_press_of_the_day_before_is_no_start(people: SimpleNamespace, see: Any) -> None:
    holding.facts(
        people, interviewers=(people.doi, people.endo), started_at=at(14, 1, day=23), started_by=people.endo
    )

    assert "主催者として開始します" in words(see(people.doi, at(13, 52)))


def test_a_meeting_that_has_ended_is_started_again(people: SimpleNamespace, see: Any) -> None:
    holding.facts(
        people,
        interviewers=(people.doi, people.endo),
        started_at=at(14, 1),
        started_by=people.endo,
        meeting_values={"started_at": at(14, 2), "finished_at": at(14, 10)},
    )

    assert "主催者として開始します" in words(see(people.doi, at(14, 12)))


def test_an_account_that_is_still_in_another_meeting_is_named_with_its_time_only(
    people: SimpleNamespace, see: Any
) -> None:
    host = holding.connection(people.aoki)
    other = story.candidate(people.company, "髙橋", "健太郎")
    holding.interview(
        people.company,
        host=host,
        starts_at=at(13, 0),
        candidate=other,
        meeting_values={"started_at": at(13, 1)},
    )
    holding.facts(people, host=host)
    text = words(see(people.doi, at(13, 58)))

    assert "このZoomアカウントは別の面接（13:00〜）を終了していません。先に終了してください。" in text
    assert "髙橋" not in text


def test_an_account_that_may_hold_two_meetings_is_not_in_the_way(people: SimpleNamespace, see: Any) -> None:
    host = holding.connection(people.aoki, capacity=2)
    holding.meeting(host, at(13, 0), started_at=at(13, 1))
    holding.facts(people, host=host)

    assert "終了していません" not in words(see(people.doi, at(13, 58)))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"issued_at": None, "zoom_id": "", "join_url": ""}, "参加URLは発行待ちです。"),
        (
            {"issued_at": None, "zoom_id": "", "join_url": "", "failed_at": at(9)},
            "参加URLを発行できていません。",
        ),
        ({"lost_at": at(9)}, "Zoom側でミーティングが削除されています。"),
    ],
)
def test_without_a_meeting_there_is_no_button_but_a_cause(
    people: SimpleNamespace, see: Any, values: dict[str, Any], sentence: str
) -> None:
    holding.facts(people, meeting_values=values)
    soup = see(people.doi, at(13, 52))

    assert sentence in words(soup)
    assert start_button(soup) is None


def test_in_person_has_its_place_and_no_button(people: SimpleNamespace, see: Any) -> None:
    holding.interview(people.company, interviewers=(people.doi,), way=Way.IN_PERSON, place="5階 会議室A")
    soup = see(people.doi, at(13, 52))

    assert "5階 会議室A" in words(soup)
    assert start_button(soup) is None


# The applicant has come


def test_the_applicants_arrival_is_shown(people: SimpleNamespace, see: Any) -> None:
    interview = holding.facts(people)
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=at(9))
    JoinLink.objects.filter(pk=link.pk).update(joined_at=at(13, 56))

    assert "応募者が13:56から待っています。" in words(see(people.doi, at(13, 58)))


def test_whoever_waits_in_zooms_waiting_room_is_shown(people: SimpleNamespace, see: Any) -> None:
    holding.facts(people, meeting_values={"waiting_since": at(13, 57)})

    assert "応募者が13:57から待っています。" in words(see(people.doi, at(13, 58)))


# Sections, days, rights


def test_today_comes_first_then_open_answers_then_what_comes_and_what_was(
    people: SimpleNamespace, see: Any
) -> None:
    names = {
        "今日": at(14),
        "昨日": at(14, day=23),
        "明日": at(14, day=25),
        "先月": at(14, day=1) - timedelta(days=40),
    }
    for name, moment in names.items():
        candidate = story.candidate(people.company, name, "太郎")
        holding.interview(people.company, starts_at=moment, candidate=candidate, interviewers=(people.doi,))
    soup = see(people.doi, at(10))

    assert "今日 太郎 様" in words(soup.find(id="today"))
    assert "昨日 太郎 様" in words(soup.find(id="unanswered"))
    assert "明日 太郎 様" in words(soup.find(id="later"))
    assert "先月 太郎 様" in words(soup.find(id="past"))
    assert [len(soup.select(f"#{part} p.row")) for part in ("unanswered", "later", "past")] == [1, 1, 1]


def test_what_comes_leads_to_its_day_where_it_can_be_opened_early(people: SimpleNamespace, see: Any) -> None:
    interview = holding.facts(people, starts_at=at(14, day=25))
    link = see(people.doi, at(10)).select_one("#later a")
    day = see(people.doi, at(10), "?" + link["href"].split("?")[1].split("#")[0])

    assert link["href"] == f"/interviews/?day=2026-11-25#interview-{interview.pk}"
    assert start_button(day.find(id=f"interview-{interview.pk}")).get_text().startswith("WEB面接開始")


def test_the_day_is_the_readers_own(people: SimpleNamespace, see: Any) -> None:
    """00:30 in Japan on the 25th is still the 24th in Berlin."""
    people.doi.time_zone = "Europe/Berlin"
    people.doi.save()
    holding.facts(people, starts_at=at(0, 30, day=25), interviewers=(people.doi, people.endo))

    assert "16:30〜17:30 佐藤 美咲 様" in words(see(people.doi, at(21)).find(id="today"))
    assert "今日の面接はありません。" in words(see(people.endo, at(21)).find(id="today"))


def test_an_interview_over_midnight_stays_on_the_page(people: SimpleNamespace, see: Any) -> None:
    holding.facts(people, starts_at=at(23, 30, day=24))

    assert "23:30〜00:30 佐藤 美咲 様" in words(see(people.doi, at(0, 10, day=25)).find(id="today"))


def test_interviewers_see_only_their_own(people: SimpleNamespace, see: Any) -> None:
    holding.facts(people, interviewers=(people.endo,))

    for query in ("", "?all=1"):
        assert "佐藤" not in words(see(people.doi, at(13, 52), query))


def test_recruiters_see_everybodys_day_on_request(people: SimpleNamespace, see: Any) -> None:
    holding.facts(people, interviewers=(people.endo,))

    own = see(people.baba, at(13, 52))
    everybody = see(people.baba, at(13, 52), "?all=1")
    another_day = see(people.baba, at(13, 52, day=20), "?all=1&day=2026-11-24")

    assert "佐藤" not in words(own)
    assert own.find("a", string="この日のすべての面接")["href"] == "/interviews/?all=1"
    assert "佐藤 美咲 様" in words(everybody)
    assert "佐藤 美咲 様" in words(another_day)
    assert another_day.h1.get_text() == "11/24(火)の面接"


def test_another_company_sees_nothing(people: SimpleNamespace, see: Any) -> None:
    holding.facts(people)

    assert "佐藤" not in words(see(people.chiba, at(13, 52), "?all=1"))


def test_canceled_ones_stay_on_the_day_with_the_word(people: SimpleNamespace, see: Any) -> None:
    holding.facts(people, canceled_at=at(9))
    soup = see(people.doi, at(13, 52))

    assert soup.select_one(".chip").get_text() == "中止"
    assert start_button(soup) is None


def test_english_reader(people: SimpleNamespace, see: Any) -> None:
    people.doi.language = "en"
    people.doi.save()
    holding.facts(people)
    soup = see(people.doi, at(13, 52))

    assert soup.h1.get_text() == "Today's interviews"
    assert start_button(soup).get_text().startswith("Start the online interview")


def test_no_start_link_stands_in_the_page(people: SimpleNamespace, see: Any) -> None:
    holding.facts(people)
    html = str(see(people.doi, at(13, 52)))

    assert "zak=" not in html
    assert "/s/88412345678" not in html


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    people: SimpleNamespace, monkeypatch: Any, client_of: Any, count: int, django_assert_num_queries: Any
) -> None:
    host = holding.connection(people.aoki)
    for number in range(count):
        candidate = story.candidate(people.company, "応募", str(number))
        for day in (2, 23, 24, 25):
            made = holding.facts(
                people, host=host, starts_at=at(9 + number, day=day), candidate=candidate,
                interviewers=(people.doi, people.endo),
            )  # fmt: skip
            join_links.link_for(made, receiver=Receiver.CANDIDATE, now=at(8, day=1))
    Interview.objects.filter(starts_at__lt=at(0, day=10)).update(outcome="done", outcome_at=at(12, day=2))
    browser = client_of(people.doi)
    set_clock(monkeypatch, at(8))
    browser.get(MINE)

    # Session and reader; today's with interviewers, their names, links, reports of the day and running meetings;
    # three lists; a count.
    with django_assert_num_queries(2 + 6 + 3 + 1):
        browser.get(MINE)
