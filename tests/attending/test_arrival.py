"""Who counts as arrived, and how long somebody counts as waiting: decided from the present state, told once."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from bs4 import BeautifulSoup
from django.test import Client

from mensetsu.attending import same_day
from mensetsu.interviews import join_links
from mensetsu.interviews.models import Interview, JoinLink
from mensetsu.mail.models import Receiver
from tests.interviews.holding import at, page_of, set_clock


def soup_of(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser").main


def text_of(part: Any) -> str:
    return " ".join(part.get_text(" ").split())


def arrive(monkeypatch: Any, interview: Interview, moment: datetime) -> None:
    set_clock(monkeypatch, moment)
    assert Client().post(page_of(interview) + "join/").status_code == 303


def test_trying_the_button_out_the_day_before_is_no_arrival(
    monkeypatch: Any, interview: Interview, mails: Any
) -> None:
    arrive(monkeypatch, interview, at(20, day=23))
    set_clock(monkeypatch, at(14, 10))

    assert mails() == {}


def test_who_tried_it_out_and_comes_is_waited_for(monkeypatch: Any, interview: Interview, mails: Any) -> None:
    arrive(monkeypatch, interview, at(20, day=23))
    arrive(monkeypatch, interview, at(13, 57))
    set_clock(monkeypatch, at(14, 2))

    assert JoinLink.objects.get().joined_at == at(13, 57)
    assert mails() == {"【待機中】佐藤 美咲 様が待っています（面接は未開始）": 1}


def test_who_came_for_the_old_time_is_not_forgotten_after_a_move(
    monkeypatch: Any, interview: Interview, mails: Any
) -> None:
    arrive(monkeypatch, interview, at(13, 56))
    interview.starts_at = at(14, 30)
    interview.save()
    set_clock(monkeypatch, at(14, 6))
    before_the_new_start = mails()
    set_clock(monkeypatch, at(14, 31))
    panel = mails()
    set_clock(monkeypatch, at(14, 36))

    assert before_the_new_start == {}
    assert sum(panel.values()) == 1
    assert sum(mails().values()) == 1


def test_who_came_and_then_had_to_leave_does_not_wait(
    monkeypatch: Any, interview: Interview, mails: Any
) -> None:
    arrive(monkeypatch, interview, at(13, 56))
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=at(9))
    same_day.report(link, kind="absent", now=at(13, 59))
    mails()
    set_clock(monkeypatch, at(14, 6))

    assert mails() == {}


def test_the_recruiter_sees_at_home_who_waits_until_it_is_started(
    monkeypatch: Any, people: SimpleNamespace, interview: Interview, client_of: Any
) -> None:
    browser = client_of(people.baba)

    def today(moment: datetime) -> str:
        set_clock(monkeypatch, moment)
        return text_of(soup_of(browser.get("/")).find(id="today"))

    arrive(monkeypatch, interview, at(13, 56))
    early, waiting = today(at(13, 58)), today(at(14, 3))
    Interview.objects.filter(pk=interview.pk).update(started_at=at(14, 4))

    assert "待機中" not in early
    assert "応募者が待機中（13:56から）" in waiting
    assert "待機中" not in today(at(14, 5))


def test_started_in_time_alarms_nobody_and_the_page_says_no_more(
    monkeypatch: Any, people: SimpleNamespace, interview: Interview, mails: Any, client_of: Any
) -> None:
    browser = client_of(people.doi)
    arrive(monkeypatch, interview, at(13, 56))
    set_clock(monkeypatch, at(14, 0))
    waiting = text_of(soup_of(browser.get("/interviews/")).find(id="today"))
    Interview.objects.filter(pk=interview.pk).update(started_at=at(14) + timedelta(seconds=30))
    set_clock(monkeypatch, at(14, 6))

    assert "応募者が13:56から待っています。" in waiting
    assert "待っています" not in text_of(soup_of(browser.get("/interviews/")).find(id="today"))
    assert mails() == {}
