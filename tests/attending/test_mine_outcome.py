"""「実施しましたか？」: who may answer, when, and that the answer can be taken back. The calendar file for staff."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from mensetsu.history.models import Entry
from mensetsu.interviews.models import Interview, Interviewer
from tests.interviews import holding
from tests.interviews.holding import STARTS, at, set_clock

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


def answer(client_of: Any, user: Any, interview: Interview, outcome: str) -> Any:
    return client_of(user).post(reverse("interviews:outcome", args=[interview.pk]), {"outcome": outcome})


def test_after_the_end_the_page_asks_how_it_went(people: SimpleNamespace, see: Any) -> None:
    interview = holding.facts(people)
    form = see(people.doi, at(15, 5)).select_one('form[action$="/outcome/"]')

    assert form["action"] == reverse("interviews:outcome", args=[interview.pk])
    assert [button.get_text() for button in form.find_all("button")] == ["実施済み", "欠席"]
    assert "中止になった場合は、採用担当に連絡してください。" in words(form)
    assert see(people.doi, at(14, 5)).select_one('form[action$="/outcome/"]') is None


def test_recruiters_can_also_cancel_from_there(people: SimpleNamespace, see: Any) -> None:
    interview = holding.facts(people, interviewers=(people.baba,))
    form = see(people.baba, at(15, 5)).select_one('form[action$="/outcome/"]')

    assert form.find("a", string="中止")["href"] == reverse("interviews:cancel", args=[interview.pk])


def test_the_page_of_an_interview_asks_too_and_returns_there(
    people: SimpleNamespace, monkeypatch: Any, client_of: Any
) -> None:
    interview = holding.facts(people)
    browser, page = client_of(people.baba), reverse("interviews:detail", args=[interview.pk])
    set_clock(monkeypatch, at(14, 5))
    assert BeautifulSoup(browser.get(page).content, "html.parser").find(id="outcome") is None

    set_clock(monkeypatch, at(15, 5))
    form = BeautifulSoup(browser.get(page).content, "html.parser").find(id="outcome").form
    hidden = {field["name"]: field["value"] for field in form.select('input[name="back"]')}
    response = browser.post(form["action"], hidden | {"outcome": "done"})

    assert (response.status_code, response.headers["Location"]) == (303, page)
    after = BeautifulSoup(browser.get(page).content, "html.parser")
    assert after.find(id="outcome") is None
    assert after.h1.select_one(".chip").get_text() == "実施済み"


@pytest.mark.parametrize(("outcome", "word"), [("done", "実施済み"), ("no_show", "欠席")])
def test_the_answer_is_kept_with_its_author_and_can_be_taken_back(
    people: SimpleNamespace, monkeypatch: Any, client_of: Any, outcome: str, word: str
) -> None:
    interview = holding.facts(people)
    set_clock(monkeypatch, at(15, 5))

    response = answer(client_of, people.doi, interview, outcome)
    answer(client_of, people.doi, interview, outcome)
    interview.refresh_from_db()

    assert (response.status_code, response.headers["Location"]) == (303, MINE)
    assert (interview.outcome, interview.outcome_at) == (outcome, at(15, 5))
    entries = Entry.objects.filter(action=f"interview.outcome_{outcome}")
    assert [(entry.actor, entry.at) for entry in entries] == [(people.doi, at(15, 5))]

    browser = client_of(people.doi)
    soup = BeautifulSoup(browser.get(MINE).content, "html.parser")
    assert soup.select_one("#today .chip").get_text() == word
    answer(client_of, people.doi, interview, "")
    interview.refresh_from_db()
    assert (interview.outcome, interview.outcome_at) == ("", None)


def test_nothing_is_answered_before_the_start_or_after_a_cancellation(
    people: SimpleNamespace, monkeypatch: Any, client_of: Any
) -> None:
    early, canceled = (
        holding.facts(people),
        holding.facts(people, host=holding.connection(people.aoki), canceled_at=at(9)),
    )
    set_clock(monkeypatch, STARTS - timedelta(minutes=1))
    answer(client_of, people.doi, early, "done")
    set_clock(monkeypatch, at(15, 5))
    answer(client_of, people.doi, canceled, "no_show")

    assert set(Interview.objects.values_list("outcome", flat=True)) == {""}
    assert answer(client_of, people.doi, early, "invented").status_code == 400


def test_strangers_can_answer_nothing(people: SimpleNamespace, client_of: Any) -> None:
    interview = holding.facts(people, interviewers=(people.doi,))

    for stranger in (people.endo, people.chiba):
        assert answer(client_of, stranger, interview, "done").status_code == 404
        assert client_of(stranger).get(reverse("interviews:calendar", args=[interview.pk])).status_code == 404
        assert client_of(stranger).post(reverse("interviews:start", args=[interview.pk])).status_code == 404
    assert Interviewer.objects.count() == 1


def test_the_calendar_file_is_behind_the_login(people: SimpleNamespace, client_of: Any, client: Any) -> None:
    interview = holding.facts(people)
    path = reverse("interviews:calendar", args=[interview.pk])
    response = client_of(people.doi).get(path)

    assert response.headers["Content-Type"].startswith("text/calendar")
    assert "佐藤 美咲" in response.content.decode().replace("\r\n ", "")
    assert client.get(path).status_code == 302


def test_a_recruiter_starts_and_saves_the_date_from_the_interviews_own_page(
    people: SimpleNamespace, monkeypatch: Any, client_of: Any
) -> None:
    interview = holding.facts(people, host=holding.connection(people.endo, is_shared=False))
    browser = client_of(people.baba)
    set_clock(monkeypatch, at(13, 50))
    soup = BeautifulSoup(
        browser.get(reverse("interviews:detail", args=[interview.pk])).content, "html.parser"
    )

    form = soup.find("form", action=reverse("interviews:start", args=[interview.pk]))
    assert form.button.get_text().startswith("参加")
    assert "参加者として入ります。主催者は遠藤 恵さんです。" in words(soup)
    assert soup.find("a", href=reverse("interviews:calendar", args=[interview.pk])) is not None
