"""Fixtures of the whole suite: the story's people, jobs run by hand, the simulated Zoom."""

import itertools
import os
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connections
from django.template import engines
from django.test import Client, TransactionTestCase
from django.urls import get_script_prefix
from django.utils import timezone, translation
from django_tasks_db.models import DBTaskResult
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from jinja2 import FileSystemBytecodeCache

from mensetsu.accounts.models import Role
from mensetsu.jobs import port
from mensetsu.zoom import receiving
from tests import databases, once, story
from tests.zoom_world import zoom, zoom_server  # noqa: F401 - fixtures

# The same examples in every run: a change is judged by what it changes. HYPOTHESIS_PROFILE=default looks for new ones.
# How long an example takes says how busy the machine is, and nothing about the product.
hypothesis_settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

_numbers = itertools.count(time.time_ns() << 32)


def _next_key() -> uuid.UUID:
    return uuid.UUID(int=next(_numbers))


# Where a test's clock stands still, jobs run in the order in which they were written, too. What the field's migration
# says of it stays as it is.
DBTaskResult._meta.get_field("id").__dict__["_get_default"] = _next_key


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[None]:
    """In place of pytest-django's own: migrations run once in a run, not once for each worker.

    Nothing is dropped at the end: the folder of the run goes with everything in it."""
    with django_db_blocker.unblock():
        databases.prepared()
    TransactionTestCase._fixture_teardown = lambda _case: databases.emptied()
    yield
    with django_db_blocker.unblock():
        connections.close_all()


class _PerLanguage(FileSystemBytecodeCache):
    """What is compiled holds the words of one language, and addresses under one prefix (web.compiling)."""

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        key = super().get_cache_key(name, filename)
        return f"{key}-{translation.get_language()}-{get_script_prefix().replace('/', '_')}"


@pytest.fixture(scope="session", autouse=True)
def _templates_are_compiled_once() -> None:
    """All workers read what one of them has compiled; a template that changes is compiled anew."""
    compiled = once.folder() / "templates"
    compiled.mkdir(exist_ok=True)
    engines["jinja2"].env.bytecode_cache = _PerLanguage(str(compiled))


@pytest.fixture(autouse=True)
def _japanese_reader() -> Iterator[None]:
    """A test that overrides the language must not change the next one's."""
    with translation.override("ja"):
        yield


@pytest.fixture(autouse=True)
def _one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story.Today, "began_at", datetime.now(story.JAPAN))


@pytest.fixture(autouse=True)
def _nobody_asked_before() -> None:
    """Each test begins a minute of its own for the limit on pages behind a token."""
    caches["memory"].clear()


@pytest.fixture(autouse=True)
def _messages_come_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are run by hand: no test waits for a moment to come, unless it is about the stream itself."""
    monkeypatch.setattr(receiving._READINGS, "every", timedelta(0))
    receiving._READINGS.forget()


@pytest.fixture
def people(db: None) -> SimpleNamespace:
    """`people.aoki` administers, `.baba` recruits, `.doi` and `.endo` interview; `.chiba` is another company's."""
    company = story.organization()
    other = story.organization("株式会社となり")
    return SimpleNamespace(
        company=company,
        other=other,
        aoki=story.user(company, "aoki@sample.example.jp", "青木", "葵", Role.ADMIN),
        baba=story.user(company, "baba@sample.example.jp", "馬場", "文", Role.RECRUITER),
        doi=story.user(company, "doi@sample.example.jp", "土井", "大", Role.INTERVIEWER),
        endo=story.user(company, "endo@sample.example.jp", "遠藤", "恵", Role.INTERVIEWER),
        chiba=story.user(other, "chiba@tonari.example.jp", "千葉", "千", Role.ADMIN),
    )


@pytest.fixture
def client_of() -> Callable[[Any], Client]:
    """`client_of(people.baba)`: a browser in which that person is logged in."""

    def log_in(user: Any) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return log_in


@pytest.fixture
def run_jobs(db: None) -> Callable[..., int]:
    """Run what is due now (or by `until`), in order, until nothing is left.

    A job that fails for good fails the test, unless `failing=True`."""

    def run(*, until: datetime | None = None, failing: bool = False) -> int:
        count = 0
        while True:
            moment = until or timezone.now()
            ready = DBTaskResult.objects.filter(status="READY")
            row = next((r for r in ready.order_by("enqueued_at", "id") if _is_due(r, moment)), None)
            if row is None:
                return count
            count += 1
            assert count < 500, "jobs enqueue each other without end"
            row.claim("by-hand")
            kwargs = row.args_kwargs["kwargs"]
            try:
                port.find(row.task_path).call(*row.args_kwargs["args"], **kwargs)
            except Exception as problem:
                row.set_failed(problem)
                if not failing:
                    raise
            else:
                row.set_successful(None)

    return run


def _is_due(row: DBTaskResult, moment: datetime) -> bool:
    return row.run_after is None or row.run_after.year == 9999 or row.run_after <= moment
