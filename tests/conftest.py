"""Fixtures of the whole suite: the story's people, jobs run by hand, the simulated Zoom."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from django_tasks_db.models import DBTaskResult
from hypothesis import settings as hypothesis_settings

from mensetsu.accounts.models import Role
from tests import story
from tests.zoom_world import zoom, zoom_server  # noqa: F401 - fixtures

# The same examples in every run: a change is judged by what it changes. HYPOTHESIS_PROFILE=default looks for new ones.
hypothesis_settings.register_profile("steady", derandomize=True)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(autouse=True)
def _japanese_reader() -> Iterator[None]:
    """A test that overrides the language must not change the next one's."""
    with translation.override("ja"):
        yield


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
                row.task.call(*row.args_kwargs["args"], **kwargs)
            except Exception as problem:
                row.set_failed(problem)
                if not failing:
                    raise
            else:
                row.set_successful(None)

    return run


def _is_due(row: DBTaskResult, moment: datetime) -> bool:
    return row.run_after is None or row.run_after.year == 9999 or row.run_after <= moment
