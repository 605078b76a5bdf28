"""Pages of trouble: who reads which, and that the worst ones need no database."""

import errno
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.views.decorators.http import require_POST

from mensetsu.web import problems


class Trouble:
    """What the views below raise."""

    problem: Exception = RuntimeError("broken")


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    raise Trouble.problem


@login_not_required
@require_POST
def only_post(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


urlpatterns = [
    path("broken/", broken),
    path("j/broken/", broken),
    path("only-post/", only_post),
    path("", include("config.urls")),
]
handler400 = "mensetsu.web.problems.bad_request"
handler403 = "mensetsu.web.problems.forbidden"
handler404 = "mensetsu.web.problems.not_found"
handler500 = "mensetsu.web.problems.server_error"


@pytest.fixture
def breaks(settings: Any) -> Iterator[Callable[[Exception], None]]:
    settings.ROOT_URLCONF = "tests.web.test_problems"

    def with_problem(problem: Exception) -> None:
        Trouble.problem = problem

    yield with_problem
    Trouble.problem = RuntimeError("broken")


def _client(**kwargs: Any) -> Client:
    return Client(raise_request_exception=False, headers={"accept-language": "ja"}, **kwargs)


def _page(response: HttpResponse) -> BeautifulSoup:
    page = BeautifulSoup(response.content, "html.parser")
    assert len(page.select("h1")) == 1
    return page


def test_staff_read_page_not_found_with_a_way_home(
    people: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    response = client_of(people.baba).get("/nothing-here/")

    assert response.status_code == 404
    page = _page(response)
    assert page.h1.get_text() == "ページが見つかりません"
    assert page.main.select_one("a")["href"] == "/"


@pytest.mark.django_db
def test_applicants_read_what_to_do_with_the_link_and_no_way_to_the_login() -> None:
    response = _client().get("/j/broken-off/")

    assert response.status_code == 404
    page = _page(response)
    assert page.h1.get_text() == "このページは表示できません"
    assert "URLが途中で切れていないか、確認してください。" in page.main.get_text()
    assert not page.main.select("a")
    assert "login" not in response.content.decode()


@pytest.mark.django_db
def test_applicants_can_read_it_in_english() -> None:
    page = _page(_client().get("/j/broken-off/?lang=en"))
    assert page.html["lang"] == "en"
    assert page.h1.get_text() == "We can't show this page"


def test_forbidden_names_whom_to_ask(
    people: SimpleNamespace, client_of: Callable[[Any], Client], breaks: Callable[[Exception], None]
) -> None:
    breaks(PermissionDenied())
    response = client_of(people.doi).get("/broken/")
    assert response.status_code == 403
    assert "株式会社サンプルの管理者に連絡してください。" in _page(response).main.get_text()


@pytest.mark.django_db
def test_failure_of_ours_gives_a_reference_that_is_in_the_log(
    breaks: Callable[[Exception], None], caplog: pytest.LogCaptureFixture
) -> None:
    breaks(RuntimeError("secret of the program"))

    response = _client().get("/broken/")

    assert response.status_code == 500
    text = _page(response).main.get_text()
    reference = text.split("お問い合わせ番号：")[1][:5]
    assert f"reference={reference}" in caplog.text
    assert "secret of the program" not in text


def test_failure_pages_ask_no_database(breaks: Callable[[Exception], None]) -> None:
    # No django_db mark: any query fails this test.
    breaks(RuntimeError("broken"))
    staff, applicant = _client().get("/broken/"), _client().get("/j/broken/")
    assert (staff.status_code, applicant.status_code) == (500, 500)
    help_on_the_day = (
        "面接の時間が近い方は、メールに記載のZoomミーティングURL、または採用担当の電話をご利用ください。"
    )
    assert help_on_the_day in applicant.content.decode()
    assert help_on_the_day not in staff.content.decode()


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (OperationalError("database or disk is full"), "サーバーのディスクがいっぱいです。"),
        (
            DatabaseError('could not extend file "base/5/1": No space left on device'),
            "サーバーのディスクがいっぱいです。",
        ),
        (OSError(errno.ENOSPC, "No space left on device"), "サーバーのディスクがいっぱいです。"),
        (
            OperationalError("attempt to write a readonly database"),
            "サーバーのデータベースに書き込めません。",
        ),
        (
            DatabaseError("cannot execute INSERT in a read-only transaction"),
            "サーバーのデータベースに書き込めません。",
        ),
        (OSError(errno.EROFS, "Read-only file system"), "サーバーのデータベースに書き込めません。"),
    ],
)
def test_a_database_that_cannot_be_written_is_told_plainly(
    problem: Exception, words: str, breaks: Callable[[Exception], None]
) -> None:
    breaks(problem)
    response = _client().get("/broken/")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "600"
    text = _page(response).main.get_text()
    assert _page(response).h1.get_text() == "保存できませんでした"
    assert words in text


def caused(problem: Exception, *causes: Exception) -> Exception:
    for one in causes:
        problem.__cause__, problem = one, one
    return problem


def lost(kind: type[Exception], state: str | None, *between: Exception) -> Exception:
    """A failure of Django's whose cause (perhaps a few steps on) is one of the driver with this code."""
    driver = Exception("driver")
    driver.sqlstate = state  # type: ignore[attr-defined]
    problem = kind("x")
    caused(problem, *between, driver)
    return problem


@pytest.mark.parametrize(
    "problem",
    [
        lost(OperationalError, None),
        lost(InterfaceError, None),
        lost(OperationalError, "57P01"),
        lost(OperationalError, "08006"),
        lost(OperationalError, None, RuntimeError("the job engine's own")),
    ],
)
def test_a_database_that_does_not_answer_is_told_plainly(
    problem: Exception, breaks: Callable[[Exception], None]
) -> None:
    breaks(problem)
    response = _client().get("/broken/")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "10"
    text = _page(response).main.get_text()
    assert "サーバーのデータベースにつながりません" in text
    assert "もう一度入力する前に" in text


@pytest.mark.parametrize(
    "problem",
    [
        None,
        OperationalError("x"),
        lost(OperationalError, "40P01"),
        lost(DatabaseError, None),
        ValueError("x"),
    ],
)
def test_other_failures_are_not_called_a_silent_database(problem: Exception | None) -> None:
    assert problems.away_problem(problem) is None


@pytest.mark.parametrize(
    "problem",
    [None, OperationalError("database is locked"), ValueError("disk is full"), OSError(errno.EPIPE, "x")],
)
def test_other_failures_are_not_called_a_full_disk(problem: Exception | None) -> None:
    assert problems.storage_problem(problem) is None


@pytest.mark.django_db
def test_bad_request_has_a_page(breaks: Callable[[Exception], None]) -> None:
    breaks(SuspiciousOperation("odd"))
    response = _client().get("/broken/")
    assert response.status_code == 400
    assert "odd" not in _page(response).get_text()


@pytest.mark.django_db
def test_opening_an_address_of_a_button_has_a_page(breaks: Callable[[Exception], None]) -> None:
    response = _client().get("/only-post/")
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"
    assert _page(response).h1


@pytest.mark.django_db
def test_an_expired_form_says_so(breaks: Callable[[Exception], None]) -> None:
    response = _client(enforce_csrf_checks=True).post("/only-post/")
    assert response.status_code == 403
    assert _page(response).h1.get_text() == "画面の有効期限が切れました"


def test_a_page_that_cannot_even_be_drawn_still_answers(
    breaks: Callable[[Exception], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_templates(*args: Any, **kwargs: Any) -> str:
        raise RuntimeError("no templates")

    monkeypatch.setattr(problems, "render_to_string", no_templates)
    response = _client().get("/broken/")
    assert response.status_code == 500
    assert "ページを表示できませんでした" in response.content.decode()
