"""Language belongs to the reader: a cookie before login, the person afterwards, never the browser against them."""

from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.test import Client

from tests.story import PASSWORD


def heading(response: Any) -> str:
    return BeautifulSoup(response.content, "html.parser").h1.get_text()


def language_of(person: Any) -> str:
    person.refresh_from_db()
    return person.language


def test_before_login_a_cookie_decides_over_the_browser(client: Client, db: None) -> None:
    answer = client.post("/language/", {"language": "en", "next": "/login/"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login/")
    assert heading(client.get("/login/", headers={"accept-language": "ja"})) == "Log in"


def test_at_login_the_choice_becomes_the_persons_own(client: Client, people: SimpleNamespace) -> None:
    cache.clear()
    people.aoki.set_password(PASSWORD)
    people.aoki.save()
    client.post("/language/", {"language": "en", "next": "/login/"})

    client.post("/login/", {"login": people.aoki.email, "password": PASSWORD})

    assert language_of(people.aoki) == "en"
    assert client.cookies["django_language"].value == ""


def test_without_a_choice_the_person_keeps_their_language(client: Client, people: SimpleNamespace) -> None:
    cache.clear()
    people.aoki.set_password(PASSWORD)
    people.aoki.save()

    client.post(
        "/login/", {"login": people.aoki.email, "password": PASSWORD}, headers={"accept-language": "en"}
    )

    assert language_of(people.aoki) == "ja"
    assert heading(client.get("/profile/", headers={"accept-language": "en"})) == "プロフィール"


def test_inside_the_switch_is_remembered_on_the_person(people: SimpleNamespace, client_of: Any) -> None:
    browser = client_of(people.aoki)

    browser.post("/language/", {"language": "en", "next": "/profile/"})

    assert language_of(people.aoki) == "en"
    assert heading(browser.get("/profile/")) == "Profile"


@pytest.mark.parametrize("wish", ["https://evil.example/", "//evil.example", "javascript:x", "", r"\\evil"])
def test_the_way_back_is_a_page_of_ours(client: Client, db: None, wish: str) -> None:
    assert client.post("/language/", {"language": "en", "next": wish}).headers["Location"] == "/"


def test_an_unknown_language_changes_nothing(people: SimpleNamespace, client_of: Any) -> None:
    client_of(people.aoki).post("/language/", {"language": "fr", "next": "/"})

    assert language_of(people.aoki) == "ja"


def test_a_link_cannot_change_it(client: Client, db: None) -> None:
    assert client.get("/language/?language=en").status_code == 405
