"""The buttons of the day: who is told what, how often, and what everybody sees then."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from mensetsu.attending import same_day
from mensetsu.history import wording
from mensetsu.history.models import Entry
from mensetsu.interviews import join_links
from mensetsu.interviews.models import DayReport, Interview, Way
from mensetsu.mail.models import Receiver
from mensetsu.web import dates
from tests import story
from tests.interviews import holding
from tests.interviews.holding import at, page_of, set_clock
from tests.web.test_weight import LIMIT_PUBLIC
from tests.web.test_weight import _weight as weight

EVERYBODY = {"baba@sample.example.jp", "doi@sample.example.jp"}


@pytest.fixture
def press(monkeypatch: Any, interview: Interview) -> Any:
    """`press(moment, "late-5")`: the answer of the applicant's page."""

    def send(moment: datetime, what: str, made: Interview | None = None) -> Any:
        set_clock(monkeypatch, moment)
        return Client().post(page_of(made or interview) + "day/", {"what": what})

    return send


def soup_of(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser").main


def text_of(part: Any) -> str:
    return " ".join(part.get_text(" ").split())


def values(soup: BeautifulSoup) -> list[str]:
    return [button["value"] for button in soup.select("#day form button")]


@pytest.mark.parametrize("minutes", ["9" * 5000, "²", "40000"], ids=["many", "odd", "late"])
def test_a_delay_that_stands_on_no_button_is_not_told(press: Any, interview: Interview, minutes: str) -> None:
    response = press(at(13, 50), f"late-{minutes}", interview)

    assert response.status_code == 200
    assert not DayReport.objects.exists()


# When they stand there


@pytest.mark.parametrize(
    ("moment", "offered"),
    [
        (at(12, 59), []),
        (at(13, 0), ["late-5", "late-10", "late-15", "no_connection", "absent"]),
        (at(14, 4), ["late-5", "late-10", "late-15", "no_connection", "absent"]),
        (at(14, 5), ["late-10", "late-15", "no_connection", "absent"]),
        (at(14, 15), ["no_connection", "absent"]),
        (at(14, 59), ["no_connection", "absent"]),
        (at(15, 0), []),
    ],
)
def test_the_buttons_follow_the_clock(
    monkeypatch: Any, interview: Interview, moment: datetime, offered: list[str]
) -> None:
    set_clock(monkeypatch, moment)

    assert values(soup_of(Client().get(page_of(interview)))) == offered


def test_in_person_nobody_connects(monkeypatch: Any, people: SimpleNamespace) -> None:
    interview = holding.interview(people.company, way=Way.IN_PERSON, minutes=10)
    set_clock(monkeypatch, at(13, 30))

    # And whoever comes ten minutes late to ten minutes does not come.
    assert values(soup_of(Client().get(page_of(interview)))) == ["late-5", "absent"]


@pytest.mark.parametrize("state", [{"canceled_at": at(9)}, {"withdrawn_at": at(9)}])
def test_what_does_not_take_place_has_no_buttons(
    people: SimpleNamespace, press: Any, mails: Any, state: dict[str, Any]
) -> None:
    interview = holding.facts(people, **state)
    response = press(at(13, 50), "late-5", interview)

    assert values(soup_of(response)) == []
    assert DayReport.objects.count() == 0
    assert mails() == {}


# One press


def test_one_press_tells_recruiter_and_interviewers_at_once(
    people: SimpleNamespace, interview: Interview, press: Any, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    response = press(at(13, 52), "late-10")
    run_jobs()

    assert (response.status_code, response.headers["Location"]) == (303, page_of(interview) + "#day")
    assert set(holding.receivers(mailoutbox)) == EVERYBODY
    assert {letter.subject for letter in mailoutbox} == {"【10分遅れ】佐藤 美咲 様（11/24(火) 14:00）"}
    body = mailoutbox[0].body
    assert "佐藤 美咲 様から、11/24(火) 13:52に「10分遅れます」と連絡がありました。" in body
    assert "到着は11/24(火) 14:10ごろの見込みです。" in body
    assert f"http://testserver/interviews/{interview.pk}/" in body


def test_who_is_both_recruiter_and_interviewer_gets_one_mail(
    people: SimpleNamespace, press: Any, mails: Any
) -> None:
    interview = holding.facts(people, interviewers=(people.baba, people.doi))
    press(at(13, 52), "absent", interview)

    assert mails() == {"【参加できない】佐藤 美咲 様（11/24(火) 14:00）": 2}


def test_each_reader_is_told_in_their_language_and_on_their_clock(
    people: SimpleNamespace, press: Any, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    people.doi.language, people.doi.time_zone = "en", "Europe/Berlin"
    people.doi.save()
    press(at(13, 52), "no_connection")
    run_jobs()

    letter = next(one for one in mailoutbox if "doi@" in one.to[0])
    assert letter.subject.startswith("[Cannot connect]")
    assert "Nov 24 (Tue) 05:52" in letter.body


def test_a_deactivated_interviewer_is_not_told(people: SimpleNamespace, press: Any, mails: Any) -> None:
    people.doi.deactivated_at = at(9)
    people.doi.save()
    press(at(13, 52), "late-5")

    assert mails() == {"【5分遅れ】佐藤 美咲 様（11/24(火) 14:00）": 1}


def test_the_agency_may_tell_it_too_and_the_history_says_who(
    monkeypatch: Any, people: SimpleNamespace, interview: Interview, mails: Any
) -> None:
    contact = story.agency(people.company)
    set_clock(monkeypatch, at(13, 52))
    Client().post(page_of(interview, Receiver.AGENCY, contact) + "day/", {"what": "absent"})

    entry = Entry.objects.get(action="interview.day_absent")
    assert (entry.actor_name, entry.actor) == ("鈴木 一郎", None)
    assert sum(mails().values()) == 2


@pytest.mark.parametrize(
    ("kind", "minutes", "sentence"),
    [
        ("late", 15, "当日の連絡：15分遅れます"),
        ("no_connection", 0, "当日の連絡：接続できません"),
        ("absent", 0, "当日の連絡：参加できません"),
    ],
)
def test_the_history_tells_it(interview: Interview, kind: str, minutes: int, sentence: str) -> None:
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=at(9))
    same_day.report(link, kind=kind, minutes=minutes, now=at(13, 30))

    assert wording.sentence(Entry.objects.get(), dates.short) == sentence


# Again, worse, better


def test_the_same_button_twice_is_one_report_and_one_mail_each(press: Any, mails: Any) -> None:
    for _press in range(3):
        press(at(13, 52), "late-5")

    assert DayReport.objects.count() == 1
    assert mails() == {"【5分遅れ】佐藤 美咲 様（11/24(火) 14:00）": 2}


def test_what_is_worse_is_told_again_what_is_milder_is_only_shown(press: Any, mails: Any) -> None:
    told = []
    for what in ("late-10", "late-5", "late-10", "late-15", "no_connection", "absent"):
        press(at(13, 52), what)
        told.append("".join(subject.split("】")[0].lstrip("【") for subject in mails()))

    assert told == ["10分遅れ", "", "", "15分遅れ", "接続できない", "参加できない"]
    assert [one.told_at is not None for one in DayReport.objects.all()] == [
        True, False, False, True, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        ("absent", "late-5", True),
        ("no_connection", "on_time", True),
        ("late-15", "on_time", True),
        ("late-15", "late-10", False),
    ],
)
def test_what_takes_back_a_report_is_told(press: Any, mails: Any, first: str, then: str, told: bool) -> None:
    press(at(13, 50), first)
    mails()
    press(at(13, 52), then)

    assert bool(mails()) is told


def test_nobody_comes_as_agreed_who_never_said_otherwise(press: Any, mails: Any) -> None:
    response = press(at(13, 52), "on_time")

    assert "この連絡は送れませんでした" in text_of(soup_of(response))
    assert mails() == {}


@pytest.mark.parametrize("what", ["", "late", "late-7", "late-0", "late--5", "late-5x", "drunk", "absent-5"])
def test_what_no_button_says_tells_nobody(press: Any, mails: Any, what: str) -> None:
    response = press(at(13, 52), what)

    assert response.status_code == 200
    assert DayReport.objects.count() == 0
    assert mails() == {}


def test_five_minutes_late_cannot_be_told_six_minutes_after_the_start(press: Any, mails: Any) -> None:
    response = press(at(14, 6), "late-5")

    assert "この連絡は送れませんでした" in text_of(soup_of(response))
    assert "03-1234-5678" in text_of(soup_of(response).select_one("[role=alert]"))
    assert mails() == {}


def test_a_joker_fills_no_mailbox(press: Any, mails: Any) -> None:
    for number in range(21):
        response = press(at(13, 52), ("absent", "on_time")[number % 2])

    assert sum(mails().values()) == same_day.MAILS_AT_MOST * 2
    assert "この連絡は送れませんでした" in text_of(soup_of(response))


def test_opening_the_address_tells_nobody(monkeypatch: Any, interview: Interview, mails: Any) -> None:
    """Mail scanners follow links."""
    set_clock(monkeypatch, at(13, 52))
    for method in ("get", "head"):
        assert getattr(Client(), method)(page_of(interview) + "day/?what=absent").status_code == 200

    assert DayReport.objects.count() == 0
    assert mails() == {}


def test_after_a_move_nobody_is_late_any_more(
    monkeypatch: Any, people: SimpleNamespace, interview: Interview, press: Any, mails: Any, client_of: Any
) -> None:
    press(at(13, 52), "late-15")
    mails()
    interview.starts_at = at(16)
    interview.save()
    browser = client_of(people.doi)
    set_clock(monkeypatch, at(15, 30))

    assert "遅れます" not in text_of(soup_of(browser.get("/interviews/")).find(id="today"))
    press(at(15, 30), "late-15")
    assert mails() == {"【15分遅れ】佐藤 美咲 様（11/24(火) 16:00）": 2}


# What everybody sees


def test_the_applicant_sees_what_was_told_when_and_the_telephone(
    monkeypatch: Any, interview: Interview, press: Any
) -> None:
    press(at(13, 52), "late-5")
    set_clock(monkeypatch, at(13, 54))
    day = soup_of(Client().get(page_of(interview))).find(id="day")

    assert "ご連絡の内容：5分遅れます" in text_of(day)
    assert "13:52に、採用担当と面接官に伝えました。" in text_of(day)
    assert "03-1234-5678" in text_of(day)
    assert values(day.parent) == ["on_time", "late-10", "late-15", "no_connection", "absent"]


def test_in_english_too(monkeypatch: Any, interview: Interview, press: Any) -> None:
    press(at(13, 52), "absent")
    set_clock(monkeypatch, at(13, 54))
    day = soup_of(Client().get(page_of(interview) + "?lang=en")).find(id="day")

    assert "You told us: I cannot take part" in text_of(day)
    assert day.form["action"].endswith("/day/?lang=en")


def test_a_milder_report_does_not_claim_a_mail(monkeypatch: Any, interview: Interview, press: Any) -> None:
    press(at(13, 52), "late-15")
    press(at(13, 53), "late-5")
    set_clock(monkeypatch, at(13, 54))
    day = soup_of(Client().get(page_of(interview))).find(id="day")

    assert "13:53から、採用担当と面接官の画面に表示しています。" in text_of(day)


def test_the_interviewer_sees_it_with_its_time(
    monkeypatch: Any, people: SimpleNamespace, press: Any, client_of: Any
) -> None:
    browser = client_of(people.doi)
    press(at(13, 52), "late-10")
    set_clock(monkeypatch, at(13, 55))

    today = soup_of(browser.get("/interviews/")).find(id="today")
    assert "13:52 応募者からの連絡：10分遅れます（14:10ごろ）" in text_of(today)


def test_the_recruiter_sees_it_at_home_and_on_the_interviews_page_with_the_telephone(
    monkeypatch: Any, people: SimpleNamespace, interview: Interview, press: Any, client_of: Any
) -> None:
    candidate = interview.candidate
    candidate.phone, candidate.phone_e164 = "090-1234-5678", "+819012345678"
    candidate.save()
    browser = client_of(people.baba)
    press(at(13, 52), "absent")
    set_clock(monkeypatch, at(13, 55))
    home = soup_of(browser.get("/"))
    page = soup_of(browser.get(f"/interviews/{interview.pk}/")).find(id="day")

    assert "13:52 参加できないとの連絡があります。" in text_of(home.find(id="attention"))
    assert "参加できない" in text_of(home.find(id="today"))
    assert "13:52 応募者からの連絡：参加できません" in text_of(page)
    assert page.select_one("a.tel")["href"] == "tel:+819012345678"
    assert page.select_one(f'a[href="/interviews/{interview.pk}/change/"]')


def test_once_it_is_known_how_it_went_the_page_says_no_more(
    monkeypatch: Any, people: SimpleNamespace, interview: Interview, press: Any, client_of: Any
) -> None:
    browser = client_of(people.baba)
    press(at(13, 52), "late-5")
    Interview.objects.filter(pk=interview.pk).update(outcome="done", outcome_at=at(15))
    set_clock(monkeypatch, at(15, 5))

    assert soup_of(browser.get(f"/interviews/{interview.pk}/")).find(id="day") is None
    assert "遅れ" not in text_of(soup_of(browser.get("/")).find(id="today"))


def test_home_leads_to_the_days_of_the_calendar(people: SimpleNamespace, client_of: Any) -> None:
    days = soup_of(client_of(people.baba).get("/")).find(id="days_h").parent
    links = [a["href"] for a in days.select("li a")]

    assert len(links) == 5
    assert links[0] == f"/interviews/calendar/?view=day&on={days.select_one('time')['datetime']}"
    assert days.select("a")[-1]["href"] == "/interviews/calendar/"


def test_the_page_counts_the_last_minutes_by_itself(monkeypatch: Any, interview: Interview) -> None:
    set_clock(monkeypatch, at(13, 35))
    mark = soup_of(Client().get(page_of(interview))).select_one("[data-starts-at]")

    assert (mark["data-starts-at"], mark["data-text"]) == ("2026-11-24T14:00+09:00", "開始まであと{}分です。")
    assert mark.get_text() == "開始まであと25分です。"


def test_with_everything_on_it_the_page_opens_on_a_weak_network(
    monkeypatch: Any, people: SimpleNamespace, interview: Interview, press: Any
) -> None:
    holding.told(interview, at(10))
    press(at(13, 50), "late-15")
    set_clock(monkeypatch, at(13, 52))
    html = Client().get(page_of(interview)).content

    assert b'id="day"' in html
    assert weight(html) < LIMIT_PUBLIC
