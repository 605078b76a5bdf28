"""Addresses and forms that no page of ours would send: wrong kinds, huge numbers, signs that databases refuse.

Each is answered by a page (or a refusal), never by a failure of ours."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from django.test import Client

from tests.house.world import Address, closed, furnished, path_of

pytestmark = pytest.mark.django_db

# Python reads no number of more than 4,300 digits, and calls ² a digit that is none.
ODD = ["\x00", "abc", "-1", "99999999999999999999999", "2026-02-30", "²", "9" * 5000]
TYPED = ["\x00", "abc", "99999999999999999999999", "²", "9" * 5000]
# What is asked for by scripts and stands in no link of a fresh page.
_ALSO = {
    "q",
    "page",
    "sort",
    "owner",
    "lang",
    "next",
    "template",
    "for",
    "purpose",
    "receiver",
    "from",
    "view",
    "day",
    "mails",
    "saved",
    "interview",
}


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return furnished(people)


def page_of(answer: Any) -> BeautifulSoup | None:
    is_page = answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("text/html")
    return BeautifulSoup(answer.content, "html.parser") if is_page else None


def names_in_addresses(page: BeautifulSoup, path: str) -> set[str]:
    """Names of the query that this page's own links and forms would send to it."""
    names = {c["name"] for f in page.find_all("form") if f.get("method", "get") == "get" for c in controls(f)}
    for link in page.find_all("a", href=True):
        parts = urlsplit(link["href"])
        if parts.path in ("", path):
            names |= {name for name, _value in parse_qsl(parts.query)}
    return names


def controls(form: Tag) -> list[Tag]:
    return [c for c in form.find_all(["input", "select", "textarea", "button"]) if c.get("name")]


def test_no_value_in_an_address_breaks_a_page(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    """Each page is asked for its names once, then for all of them with each odd value: looking changes nothing."""
    aoki = client_of(world.people.aoki)
    aoki.raise_request_exception = False
    broken, asked = [], 0
    for address in closed():
        path = path_of(address, world)
        page = page_of(aoki.get(path))
        names = sorted(names_in_addresses(page, path) | _ALSO) if page is not None else []
        for odd in ODD if names else []:
            asked += 1
            if aoki.get(path, dict.fromkeys(names, odd)).status_code >= 500:
                one_by_one = [n for n in names if aoki.get(path, {n: odd}).status_code >= 500]
                broken.append(f"{address.name} with {odd!r}: {one_by_one}")

    assert broken == []
    assert asked > 200


def test_no_value_in_a_form_breaks_its_answer(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    """Every control of every form in turn: chosen, ticked, hidden and typed ones."""
    aoki = client_of(world.people.aoki)
    aoki.raise_request_exception = False
    broken, sent = [], set()
    for address in closed():
        path = path_of(address, world)
        page = page_of(aoki.get(path))
        for form in page.find_all("form", method="post") if page else []:
            names = {c["name"] for c in controls(form)} - {"csrfmiddlewaretoken"}
            action = form.get("action") or path
            if not names or (action, *sorted(names)) in sent:
                continue
            sent.add((action, *sorted(names)))
            for odd in TYPED:
                if aoki.post(action, dict.fromkeys(names, odd)).status_code >= 500:
                    broken.append(f"{address.name} → {action} with {odd[:30]!r}: {sorted(names)}")

    assert broken == []
    assert len(sent) > 60


@pytest.mark.parametrize("number", ["0", "99999999999999999999999"])
def test_a_number_that_no_row_has_is_not_found(
    world: SimpleNamespace, client_of: Callable[[Any], Client], number: str
) -> None:
    aoki = client_of(world.people.aoki)
    aoki.raise_request_exception = False
    answers = {
        address.name: {aoki.get(path).status_code, aoki.post(path).status_code}
        for address, path in ((a, numbered(a, world, number)) for a in closed() if a.arguments)
        if path
    }

    assert {name: codes for name, codes in answers.items() if not codes <= {404, 405}} == {}


def numbered(address: Address, world: Any, number: str) -> str:
    """The path with its first number replaced."""
    path = path_of(address, world)
    first = next((part for part in path.split("/") if part.isdecimal()), None)
    return path.replace(f"/{first}/", f"/{number}/", 1) if first else ""


def test_a_link_to_be_continued_that_is_no_number_is_not_found(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    """The button that sends it is on the page of an ended link only."""
    baba = client_of(world.people.baba)

    codes = {
        odd: baba.post("/settings/zoom/authorization/", {"previous": odd}).status_code for odd in ("abc", "²")
    }

    assert codes == {"abc": 404, "²": 404}
