"""An interview to come, and the letters that leave about it."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache

from mensetsu.interviews.models import Interview
from tests.interviews import holding


@pytest.fixture(autouse=True)
def _empty_cache(db: None) -> None:
    cache.clear()


@pytest.fixture
def interview(people: SimpleNamespace) -> Interview:
    return holding.facts(people)


@pytest.fixture
def mails(run_jobs: Any, mailoutbox: list[Any]) -> Any:
    """Subjects of the mails since the last call, each with how many people got it."""

    def fetch() -> dict[str, int]:
        run_jobs()
        subjects = [letter.subject for letter in mailoutbox]
        mailoutbox.clear()
        return {subject: subjects.count(subject) for subject in subjects}

    return fetch
