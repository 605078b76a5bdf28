"""The applicant's page gives away nothing: private headers, a limit, no change by looking, no weight."""

import gzip
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders
from django.core.serializers import serialize
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mensetsu.history.models import Entry
from mensetsu.interviews.models import CandidateRequest, Interview, JoinLink
from tests import story
from tests.interviews import holding
from tests.interviews.holding import STARTS, at, page_of, set_clock


def text_of(response: Any) -> str:
    soup = BeautifulSoup(response.content, "html.parser")
    return re.sub(r"\s+", " ", soup.main.get_text(" ")).strip()


def look(monkeypatch: Any, interview: Interview, moment: Any, query: str = "") -> Any:
    set_clock(monkeypatch, moment)
    return Client().get(page_of(interview) + query)


def test_the_page_tells_nothing_it_need_not(monkeypatch: Any, people: SimpleNamespace) -> None:
    interview = holding.facts(people, memo="前職の年収を確認")
    interview.candidate.note = "転職3回"
    interview.candidate.phone = "090-1111-2222"
    interview.candidate.save()
    html = look(monkeypatch, interview, at(13, 50)).content.decode()

    for secret in ("misaki@example.com", "年収", "転職3回", "090-1111-2222", "doi@sample", "zoom1@sample"):
        assert secret not in html


def test_headers_keep_the_address_private(monkeypatch: Any, interview: Interview) -> None:
    headers = look(monkeypatch, interview, at(13, 50)).headers

    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in headers["Cache-Control"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers


def everything() -> str:
    return "".join(
        serialize("json", model.objects.all()) for model in (Interview, JoinLink, CandidateRequest, Entry)
    )


@pytest.mark.parametrize("path", ["", "join/", "invite.ics", "requests/change/", "requests/withdrawal/"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(monkeypatch: Any, interview: Interview, path: str, method: str) -> None:
    address = page_of(interview)
    set_clock(monkeypatch, at(13, 55))
    before = everything()

    response = getattr(Client(), method)(address + path)

    assert response.status_code == 200
    assert everything() == before


def test_a_wrong_token_is_not_found(interview: Interview) -> None:
    address = page_of(interview)

    for path in (address[:-2] + "/", address[:-3] + "22/", "/j/x/", "/j/x/join/", "/j/x/invite.ics"):
        assert Client().get(path).status_code == 404
    assert Client().post("/j/x/join/").status_code == 404


def test_an_address_that_asks_too_often_is_told_to_wait(monkeypatch: Any, interview: Interview) -> None:
    set_clock(monkeypatch, at(13, 50))
    browser = Client()
    address = page_of(interview)

    answers = [browser.get(address).status_code for _ in range(61)]
    limited = browser.get(address)

    assert answers == [200] * 60 + [429]
    assert limited.headers["Retry-After"] == "60"
    assert "1分ほど待ってから" in limited.content.decode()
    assert Client(REMOTE_ADDR="203.0.113.9").get(address).status_code == 200
    set_clock(monkeypatch, at(13, 51))
    assert browser.get(address).status_code == 200


def test_behind_a_proxy_each_visitor_counts_alone(
    monkeypatch: Any, interview: Interview, settings: Any
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    set_clock(monkeypatch, at(13, 50))
    address = page_of(interview)

    def visit(forwarded: str) -> int:
        return Client(headers={"X-Forwarded-For": forwarded}).get(address).status_code

    # Whatever a visitor puts in front, the proxy's own entry is the last.
    answers = [visit(f"198.51.100.{number}, 203.0.113.7") for number in range(61)]
    assert answers[-1] == 429
    assert visit("198.51.100.1, 203.0.113.8") == 200


def test_page_and_styles_weigh_under_20_kilobytes_and_need_no_script(
    monkeypatch: Any, interview: Interview
) -> None:
    holding.told(interview, STARTS - timedelta(days=1))
    html = look(monkeypatch, interview, at(13, 50)).content
    soup = BeautifulSoup(html, "html.parser")
    sheets = [link["href"].split("/static/")[1] for link in soup.find_all("link", rel="stylesheet")]
    scripts = [script["src"].split("/static/")[1] for script in soup.find_all("script")]

    def weight(name: str) -> int:
        with open(finders.find(name), "rb") as file:
            return len(gzip.compress(file.read()))

    assert len(gzip.compress(html)) + sum(weight(name) for name in sheets + scripts) <= 20 * 1024
    assert not soup.find_all(style=True)
    assert not [script for script in soup.find_all("script") if script.string]
    assert not soup.find_all("img")
    assert all(button["type"] == "submit" for button in soup.select("form button"))


def test_nobody_elses_interview_is_mentioned(
    monkeypatch: Any, people: SimpleNamespace, interview: Interview
) -> None:
    other = story.candidate(people.company, "髙橋", "健太郎")
    holding.interview(people.company, candidate=other, interviewers=(people.doi,))

    assert "髙橋" not in look(monkeypatch, interview, at(13, 50)).content.decode()


def test_looking_costs_the_same_with_many_mails_and_interviewers(
    monkeypatch: Any, people: SimpleNamespace
) -> None:
    interview = holding.facts(people, interviewers=(people.doi, people.endo, people.baba))
    for days in range(3):
        holding.told(interview, STARTS - timedelta(days=days))
    address = page_of(interview)
    set_clock(monkeypatch, at(13, 50))

    with CaptureQueriesContext(connection) as capture:
        Client().get(address)

    # The link with its interview, the notices, the requests, the interviewers, the reports of the day.
    # The count of visits is the cache's.
    own = [query["sql"] for query in capture.captured_queries if "mensetsu_cache" not in query["sql"]]
    assert len([sql for sql in own if sql.startswith("SELECT")]) == 5
