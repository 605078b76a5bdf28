"""The frame of staff pages and of public pages."""

from types import SimpleNamespace

from bs4 import BeautifulSoup
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.template import engines
from django.test import RequestFactory

from mensetsu.web import csrf

PAGE = (
    '{% extends frame %}{% set width = "form" %}{% block title %}面接の設定{% endblock %}'
    "{% block main %}<p>本文</p>{% endblock %}"
)


def _request(rf: RequestFactory, path: str, user: object) -> HttpRequest:
    request = rf.get(path)
    request.user = user
    request.session = SessionStore()
    request._messages = FallbackStorage(request)
    return request


def _render(request: HttpRequest | None, frame: str = "base.html", **context: object) -> BeautifulSoup:
    html = engines["jinja2"].from_string(PAGE).render({"frame": frame, **context}, request)
    return BeautifulSoup(html, "html.parser")


def test_frame_names_the_page_once_and_marks_the_menu(rf: RequestFactory, people: SimpleNamespace) -> None:
    page = _render(_request(rf, "/settings/staff/", people.aoki))
    assert page.title.get_text() == "面接の設定｜Mensetsu"
    assert [h.get_text() for h in page.select("h1")] == ["面接の設定"]
    assert page.html["lang"] == "ja"
    assert "page--form" in page.main["class"]
    assert page.select_one("a.skip")["href"] == "#main"


def test_title_says_error_first(rf: RequestFactory, people: SimpleNamespace) -> None:
    page = _render(_request(rf, "/", people.aoki), has_errors=True)
    assert page.title.get_text() != "面接の設定｜Mensetsu"
    assert page.title.get_text().endswith("面接の設定｜Mensetsu")


def test_theme_can_be_fixed_to_light(rf: RequestFactory, people: SimpleNamespace) -> None:
    assert "data-theme" not in _render(_request(rf, "/", people.aoki)).html.attrs
    people.aoki.theme = "light"
    assert _render(_request(rf, "/", people.aoki)).html["data-theme"] == "light"


def test_frame_stands_without_a_user_and_without_a_request(rf: RequestFactory) -> None:
    assert not _render(_request(rf, "/", AnonymousUser())).select("header nav")
    assert _render(None).main


def test_public_frame_shows_the_company_and_no_product_menu(
    rf: RequestFactory, people: SimpleNamespace
) -> None:
    page = _render(_request(rf, "/j/x/?a=1", AnonymousUser()), "public.html", organization=people.company)
    assert page.title.get_text() == "株式会社サンプル｜面接の設定"
    assert page.select_one("meta[name=referrer]")["content"] == "no-referrer"
    assert not page.select("nav, form")
    assert [a["href"] for a in page.select(".lang a")] == ["?a=1&lang=ja", "?a=1&lang=en"]


def test_the_forms_of_a_page_carry_one_token_and_a_login_changes_it() -> None:
    request = RequestFactory().get("/")
    first = csrf.token(request)
    assert csrf.token(request) == first
    assert first in csrf.context(request)["csrf_input"]
    rotate_token(request)
    assert csrf.token(request) != first
    assert csrf.token(RequestFactory().get("/")) != first
