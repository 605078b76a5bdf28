"""The log holds ids: no names, no addresses of people, nothing that opens a page."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.utils.module_loading import import_string

from mensetsu.web import log_lines

TOKEN = "abcdefghjkmnpqrs2345tuvwxyz6789abcdefgh234"


@login_not_required
def broken(request: HttpRequest, token: str) -> HttpResponse:
    try:
        raise ValueError("山田 花子 <hanako@example.com>")
    except ValueError as problem:
        raise RuntimeError(f"token {token}") from problem


@login_not_required
def form(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse("posted")


urlpatterns = [
    path("j/<str:token>/broken/", broken, name="broken"),
    path("j/<str:token>/form/", form, name="form"),
    path("", include("config.urls")),
]
handler404 = "mensetsu.web.problems.not_found"
handler500 = "mensetsu.web.problems.server_error"


class Lines(io.StringIO):
    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def of(self, event: str) -> dict[str, Any]:
        [line] = [line for line in self.all() if line["event"] == event]
        return line


@pytest.fixture
def lines(settings: Any) -> Iterator[Lines]:
    """Everything that is logged, as the setting json writes it."""
    settings.LOG_REQUESTS = True
    stream = Lines()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log_lines.JsonLines())
    handler.addFilter(log_lines.WithoutPaths())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def test_one_line_a_request_with_the_id_that_is_on_the_answer(
    people: SimpleNamespace, client_of: Callable[[Any], Client], lines: Lines
) -> None:
    response = client_of(people.baba).get("/candidates/")

    line = lines.of("request_answered")
    assert line["request"] == response.headers["X-Request-Id"]
    assert (line["route"], line["method"], line["status"]) == ("candidates:list", "GET", 200)
    assert line["user"] == people.baba.pk
    assert 0 < float(line["ms"]) < 60_000
    assert log_lines.request_id.get() == ""


@pytest.mark.django_db
def test_ids_differ_and_nobody_is_asked_who_is_unknown(lines: Lines, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        first, second = Client().get("/healthz"), Client().get("/healthz")

    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    assert [line["user"] for line in lines.all()] == ["-", "-"]


@pytest.mark.django_db
def test_no_line_holds_an_address_that_opens_a_page(lines: Lines, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.web.test_log_lines"
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)

    assert client.get(f"/j/{TOKEN}/").status_code == 404
    assert client.post(f"/j/{TOKEN}/form/").status_code == 403
    failed = client.get(f"/j/{TOKEN}/broken/")
    assert failed.status_code == 500

    text = lines.getvalue()
    assert TOKEN not in text
    assert "@" not in text
    assert "山田" not in text
    reference = failed.headers["X-Request-Id"]
    assert f"お問い合わせ番号：{reference}" in failed.content.decode()
    told = [line for line in lines.all() if line.get("request") == reference]
    assert {"page_failed", "request_refused", "request_answered"} <= {line["event"] for line in told}
    [failure] = [line for line in told if "error" in line]
    assert failure["error"] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert failure["where"][-1].endswith(" broken")


def test_lines_become_fields_and_what_looks_like_a_secret_is_masked(lines: Lines) -> None:
    log = logging.getLogger("mensetsu.somewhere")
    log.warning("mail_refused mail=%s to=%s", 12, "hanako@example.com")
    log.warning("thing_seen token=%s job=%s", TOKEN, "mensetsu.interviews.scheduling.issue_meeting")
    logging.getLogger("library").warning("User %s logged in from %s", "hanako@example.com", "山田")
    logging.getLogger("library").warning("to hanako@example.com with eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9")

    assert lines.of("mail_refused")["mail"] == 12
    assert lines.of("mail_refused")["to"] == "…"
    assert lines.of("thing_seen")["token"] == "…"
    assert lines.of("thing_seen")["job"] == "mensetsu.interviews.scheduling.issue_meeting"
    assert [line["event"] for line in lines.all()[2:]] == ["User %s logged in from %s", "to … with …"]


def test_a_walk_through_the_product_writes_no_person_into_the_log(
    people: SimpleNamespace, client_of: Callable[[Any], Client], lines: Lines
) -> None:
    client = client_of(people.baba)
    for page in ("/", "/candidates/?q=山田", "/profile/", "/settings/"):
        client.get(page)
    Client().post("/login/", {"login": people.baba.email, "password": "wrong-password-here"})

    text = lines.getvalue()
    assert len(lines.all()) >= 5
    for secret in (people.baba.email, str(people.baba), "山田", "wrong-password-here", "sessionid"):
        assert secret not in text


# --- for reading by eye ---------------------------------------------------------------------------------------------


@pytest.fixture
def read() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger, and what is written of it by the default setting."""
    form = dict(settings.LOGGING["formatters"]["line"])
    kind = import_string(form.pop("()", "logging.Formatter"))
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(kind(form.pop("format"), style=form.pop("style"), **form))
    log = logging.getLogger("mensetsu.somewhere")
    log.addHandler(handler)
    yield log, stream
    log.removeHandler(handler)


def test_the_words_of_an_exception_are_in_no_line(read: tuple[logging.Logger, io.StringIO]) -> None:
    log, stream = read
    try:
        try:
            raise ValueError("Key (email)=(hanako@example.com) already exists.")
        except ValueError as problem:
            raise RuntimeError("山田 花子") from problem
    except RuntimeError:
        log.exception("job_failed job=%s", 12)

    first, *others = stream.getvalue().splitlines()
    assert first.endswith("ERROR mensetsu.somewhere job_failed job=12")
    assert others[0] == "  builtins.RuntimeError, because of builtins.ValueError"
    assert others[1].startswith(f"    {__file__}:")
    assert others[1].endswith(" test_the_words_of_an_exception_are_in_no_line")
    assert len(others) == 2
    assert "hanako" not in stream.getvalue()
    assert "山田" not in stream.getvalue()


def test_nor_when_somebody_has_written_them_into_the_record_before(
    read: tuple[logging.Logger, io.StringIO],
) -> None:
    log, stream = read
    elsewhere = logging.StreamHandler(io.StringIO())
    elsewhere.setFormatter(logging.Formatter())
    log.handlers.insert(0, elsewhere)
    try:
        raise ValueError("hanako@example.com")
    except ValueError:
        log.exception("job_failed job=%s", 12)
    finally:
        log.removeHandler(elsewhere)

    assert "hanako" not in stream.getvalue()


def test_a_line_without_an_exception_is_as_it_was(read: tuple[logging.Logger, io.StringIO]) -> None:
    log, stream = read
    log.warning("mail_refused mail=%s", 12)
    log.error("job_failed", exc_info=True)  # where there is none

    assert [line.split(" ", 2)[2] for line in stream.getvalue().splitlines()] == [
        "WARNING mensetsu.somewhere mail_refused mail=12",
        "ERROR mensetsu.somewhere job_failed",
    ]
