"""The applicant's page in every state: what it says, and that looking at it changes nothing."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from mensetsu.interviews.models import CandidateRequest, Interview, Way
from mensetsu.mail.models import Receiver
from tests import story
from tests.interviews import holding
from tests.interviews.holding import STARTS, at, page_of, set_clock


def text_of(response: Any) -> str:
    soup = BeautifulSoup(response.content, "html.parser")
    return re.sub(r"\s+", " ", soup.main.get_text(" ")).strip()


def look(monkeypatch: Any, interview: Interview, moment: Any, query: str = "") -> Any:
    set_clock(monkeypatch, moment)
    return Client().get(page_of(interview) + query)


# What it says


def test_a_day_before_it_says_when_how_and_whom_to_call(monkeypatch: Any, interview: Interview) -> None:
    response = look(monkeypatch, interview, at(10, day=22))
    text = text_of(response)

    assert response.status_code == 200
    assert BeautifulSoup(response.content, "html.parser").h1.get_text() == "一次面接（WEB）のご案内"
    for words in (
        "日程確定",
        "2026年11月24日(火) 14:00〜15:00",
        "日本時間（JST）・60分",
        "佐藤 美咲 様",
        "開始5分前になったら押してください。",
        "面接官が入室を許可するまで、そのままお待ちください。",
        "884 1234 5678",
        "Ab3kX9",
        holding.JOIN_URL,
        "03-1234-5678 （採用担当 山田 花子）",
        "土井 大",
    ):
        assert words in text
    assert "開始まであと" not in text
    assert text.index("前日までに") < text.index("つながらないとき")


def test_the_title_begins_with_the_company(monkeypatch: Any, interview: Interview) -> None:
    soup = BeautifulSoup(look(monkeypatch, interview, at(10, day=22)).content, "html.parser")

    assert soup.title.get_text().startswith("株式会社サンプル")
    assert [meta["content"] for meta in soup.find_all("meta", attrs={"name": "robots"})] == [
        "noindex, nofollow"
    ]


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at(13, 35), "開始まであと25分です。"),
        (at(13, 35, day=24) + timedelta(seconds=30), "開始まであと25分です。"),
        (at(10, 50), "開始まであと3時間10分です。"),
        (at(13, 59), "開始まであと1分です。"),
    ],
)
def test_on_the_day_it_counts_down(monkeypatch: Any, interview: Interview, moment: Any, words: str) -> None:
    text = text_of(look(monkeypatch, interview, moment))

    assert words in text
    assert text.index("つながらないとき") < text.index("前日までに")


def test_after_the_start_it_urges_and_shows_the_telephone_under_the_button(
    monkeypatch: Any, interview: Interview
) -> None:
    text = text_of(look(monkeypatch, interview, at(14, 5)))

    urge = "開始時刻を過ぎていますが、参加できます。すぐに参加してください。"
    assert f"Zoomで参加 {urge} 電話： 03-1234-5678" in text
    assert "開始5分前になったら" not in text


@pytest.mark.parametrize(
    "values",
    [
        {"issued_at": None, "zoom_id": "", "join_url": ""},
        {"issued_at": None, "zoom_id": "", "join_url": "", "failed_at": at(9, day=20)},
        {"lost_at": at(9, day=20)},
        {"canceled_at": at(9, day=20)},
    ],
    ids=["pending", "failed", "lost", "without host"],
)
def test_without_a_url_there_is_no_join_button(
    monkeypatch: Any, people: SimpleNamespace, values: dict[str, Any]
) -> None:
    interview = holding.facts(people, meeting_values=values)
    text = text_of(look(monkeypatch, interview, at(13, 50)))

    assert "参加URLは準備中です。準備ができしだいメールでお知らせします。 電話： 03-1234-5678" in text
    assert "採用担当に知らせる" in text
    assert "Zoomで参加" not in text
    assert "つながらないとき" not in text


def test_a_host_that_is_gone_is_no_way_in(monkeypatch: Any, people: SimpleNamespace) -> None:
    host = holding.connection(people.aoki)
    interview = holding.facts(people, host=host)
    host.ended_at, host.end_reason = at(9, day=20), "deauthorized"
    host.save()

    assert "参加URLは準備中です。" in text_of(look(monkeypatch, interview, at(13, 50)))


def test_a_changed_time_is_shown_old_to_new(monkeypatch: Any, interview: Interview) -> None:
    holding.told(interview, STARTS - timedelta(days=1))
    soup = BeautifulSoup(look(monkeypatch, interview, at(10, day=22)).content, "html.parser")
    banner = soup.select_one(".banner")

    assert banner["data-t"] == "warning"
    assert "日時が変更されました" in banner.get_text()
    assert banner.s.get_text() == "2026年11月23日(月・祝) 14:00〜15:00"
    assert "2026年11月24日(火) 14:00〜15:00" in banner.get_text()
    assert "新しいURLは必要ありません。" in banner.get_text()


def test_whoever_was_told_the_new_time_sees_the_change_without_alarm(
    monkeypatch: Any, interview: Interview
) -> None:
    holding.told(interview, STARTS - timedelta(days=1))
    holding.told(interview, STARTS, sent_at=at(9, day=20))
    soup = BeautifulSoup(look(monkeypatch, interview, at(10, day=22)).content, "html.parser")

    assert soup.select_one(".banner")["data-t"] == "info"


def test_a_mail_that_never_left_told_nothing(monkeypatch: Any, interview: Interview) -> None:
    holding.told(interview, STARTS - timedelta(days=1), sent_at=None)

    assert "変更されました" not in text_of(look(monkeypatch, interview, at(10, day=22)))


def test_canceled_without_the_internal_reason(monkeypatch: Any, people: SimpleNamespace) -> None:
    interview = holding.facts(people, canceled_at=at(9, day=20), cancel_reason="充足のため")
    text = text_of(look(monkeypatch, interview, at(10, day=22)))

    assert "この面接は中止になりました。" in text
    assert "株式会社サンプルの採用担当からご連絡します。" in text
    assert "03-1234-5678" in text
    for hidden in ("充足", "Zoomで参加", "Ab3kX9", "面接を辞退する"):
        assert hidden not in text


def test_withdrawn(monkeypatch: Any, people: SimpleNamespace) -> None:
    interview = holding.facts(people, withdrawn_at=at(9, day=20))
    text = text_of(look(monkeypatch, interview, at(10, day=22)))

    assert "辞退のご連絡を承りました。" in text
    assert "Zoomで参加" not in text


def test_a_withdrawal_that_was_sent_is_the_first_thing_it_says(
    monkeypatch: Any, interview: Interview
) -> None:
    now = at(10, day=22)
    CandidateRequest.objects.create(interview=interview, kind="withdrawal", receiver="candidate", made_at=now)

    text = text_of(look(monkeypatch, interview, now))

    assert "日程確定" not in text
    assert "辞退のご連絡を受付済み" in text
    received = text.index("辞退のご連絡を受け付けました")
    assert text.index("2026年11月24日(火) 14:00") < received < text.index("佐藤 美咲 様")


def test_after_the_end_the_fallback_is_hidden(monkeypatch: Any, interview: Interview) -> None:
    response = look(monkeypatch, interview, at(15, 0))
    text = text_of(response)

    assert "面接は終了しました。 ご参加ありがとうございました。" in text
    for hidden in ("Ab3kX9", "884 1234 5678", holding.JOIN_URL, "Zoomで参加"):
        assert hidden not in response.content.decode()


def test_while_zoom_says_it_runs_an_overrun_keeps_the_door_open(
    monkeypatch: Any, people: SimpleNamespace
) -> None:
    interview = holding.facts(people, meeting_values={"started_at": at(14, 1)})

    assert "Zoomで参加" in text_of(look(monkeypatch, interview, at(15, 20)))
    assert "Zoomで参加" not in text_of(look(monkeypatch, interview, at(17, 1)))


def test_nobody_is_thanked_for_an_interview_they_missed(monkeypatch: Any, people: SimpleNamespace) -> None:
    interview = holding.facts(people, outcome="no_show", outcome_at=at(14, 30))

    assert "ご参加ありがとう" not in text_of(look(monkeypatch, interview, at(15, 0)))


def test_seven_days_after_the_page_is_closed(monkeypatch: Any, interview: Interview) -> None:
    response = look(monkeypatch, interview, at(15, 0, day=24) + timedelta(days=7))
    text = text_of(response)

    assert response.status_code == 410
    assert "このページの公開は終了しました" in text
    assert "03-1234-5678" in text
    assert "佐藤" not in text


def test_in_person_it_names_the_place(monkeypatch: Any, people: SimpleNamespace) -> None:
    interview = holding.interview(people.company, place="東京都千代田区1-1 5階受付")
    response = look(monkeypatch, interview, at(10, day=22))
    text = text_of(response)

    assert BeautifulSoup(response.content, "html.parser").h1.get_text() == "一次面接（対面）のご案内"
    assert "場所 東京都千代田区1-1 5階受付" in text
    assert "Zoom" not in text


def test_by_phone_it_says_that_we_call(monkeypatch: Any, people: SimpleNamespace) -> None:
    interview = holding.interview(people.company, way=Way.PHONE)
    interview.candidate.phone = "090-1111-2222"
    interview.candidate.save()
    text = text_of(look(monkeypatch, interview, at(10, day=22)))

    assert "時間になりましたら、お電話します。" in text
    assert "090-1111-2222" not in text


def test_without_interviewers_the_line_is_left_out(monkeypatch: Any, people: SimpleNamespace) -> None:
    interview = holding.facts(people, interviewers=())

    assert "面接官 " not in text_of(look(monkeypatch, interview, at(10, day=22))).replace("面接官が", "")


def test_a_hosts_demand_to_sign_in_is_told(monkeypatch: Any, people: SimpleNamespace) -> None:
    interview = holding.facts(people, meeting_values={"requires_login": True})

    assert "このミーティングにはZoomのアカウントが必要です。" in text_of(
        look(monkeypatch, interview, at(10, day=22))
    )


# Languages and clocks


def test_the_page_speaks_the_recipients_language_and_both_clocks(
    monkeypatch: Any, people: SimpleNamespace
) -> None:
    people.company.name_en = "Sample Inc."
    people.company.save()
    candidate = story.candidate(
        people.company, "Smith", "Ann", romaji="Ann Smith", language="en", time_zone="Europe/Berlin"
    )
    interview = holding.facts(people, candidate=candidate)
    response = look(monkeypatch, interview, at(10, day=22))
    text = text_of(response)

    assert response.headers["Content-Language"] == "en"
    assert BeautifulSoup(response.content, "html.parser").html["lang"] == "en"
    assert "Tue, Nov 24, 2026 06:00–07:00" in text
    assert "Japan time (JST): Tue, Nov 24, 2026 14:00–15:00" in text
    assert "Join on Zoom" in text


def test_the_switch_keeps_the_page_and_needs_no_cookie(monkeypatch: Any, interview: Interview) -> None:
    set_clock(monkeypatch, at(10, day=22))
    browser = Client()
    japanese = browser.get(page_of(interview))
    switch = BeautifulSoup(japanese.content, "html.parser").find("a", hreflang="en")["href"]
    english = browser.get(page_of(interview) + switch)
    soup = BeautifulSoup(english.content, "html.parser")

    assert soup.html["lang"] == "en"
    assert {form["action"].split("?")[1] for form in soup.find_all("form")} == {"lang=en"}
    assert all(a["href"].endswith("?lang=en") for a in soup.select("#requests a"))
    assert not browser.cookies


def test_a_staff_members_own_language_does_not_change_the_page(
    monkeypatch: Any, people: SimpleNamespace, interview: Interview, client_of: Any
) -> None:
    people.baba.language = "en"
    people.baba.save()
    browser = client_of(people.baba)
    set_clock(monkeypatch, at(10, day=22))

    response = browser.get(page_of(interview))

    assert BeautifulSoup(response.content, "html.parser").html["lang"] == "ja"
    assert response.headers["Content-Language"] == "ja"


def test_an_agency_sees_the_same_interview_under_its_own_address(
    monkeypatch: Any, people: SimpleNamespace, interview: Interview
) -> None:
    contact = story.agency(people.company)
    set_clock(monkeypatch, at(10, day=22))
    text = text_of(Client().get(page_of(interview, Receiver.AGENCY, contact)))

    assert "応募者：佐藤 美咲 様" in text
    assert page_of(interview, Receiver.AGENCY, contact) != page_of(interview)
