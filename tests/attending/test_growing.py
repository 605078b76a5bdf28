"""The pages of the day cost what is on and what comes, however many interviews a company has behind it."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import plans
from tests.interviews import holding
from tests.interviews.holding import at, set_clock

pytestmark = pytest.mark.django_db
# Found by their company alone, or not found at all but looked through.
ALL_OF_A_COMPANY = re.compile(
    r"SCAN interviews_interview( |$)"
    r"|INDEX (interview_of_day|interview_ahead|interviews_interview_organization_id\w*) \(organization_id=\?\)"
)


@plans.on_sqlite
@pytest.mark.parametrize("who", ["baba", "doi"])
@pytest.mark.parametrize(
    "address",
    ["/", "/interviews/", "/interviews/?all=1", "/interviews/calendar/", "/interviews/calendar/?view=week",
     "/interviews/today/", "/interviews/{}/", "/interviews/{}/change/", "/candidates/{}/"],
)  # fmt: skip
def test_no_page_looks_through_all_interviews_of_a_company(
    people: SimpleNamespace, client_of: Any, monkeypatch: Any, who: str, address: str
) -> None:
    interview = holding.facts(people)
    browser = client_of(getattr(people, who))
    set_clock(monkeypatch, at(10))
    number = interview.candidate_id if "candidates" in address else interview.pk
    with CaptureQueriesContext(connection) as queries:
        browser.get(address.format(number))

    through_all = [step for step in plans.steps(queries) if ALL_OF_A_COMPANY.search(step)]
    assert queries.captured_queries
    assert through_all == []


def test_the_page_that_asks_again_is_given_the_cards_of_today_alone(
    people: SimpleNamespace, client_of: Any, monkeypatch: Any
) -> None:
    holding.facts(people)
    browser = client_of(people.doi)
    set_clock(monkeypatch, at(10))

    def sections(**headers: str) -> list[str]:
        soup = BeautifulSoup(browser.get("/interviews/", headers=headers).content, "html.parser")
        return [part["id"] for part in soup.select("#today, #later, #past")]

    assert sections() == ["today", "later", "past"]
    assert sections(**{"HX-Request": "true", "HX-Target": "today"}) == ["today"]
