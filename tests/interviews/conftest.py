"""What several files about interviews whose meeting exists at the simulated Zoom start from."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail as outbox
from django.utils import timezone

from mensetsu.interviews import preflighting
from mensetsu.interviews.models import Interview, Preflight
from mensetsu.zoom.models import Connection
from tests import story
from tests.interviews import desk, holding, nearing, writing
from tests.zoom_world import RECRUIT, ZoomWorld


@pytest.fixture
def world(zoom: ZoomWorld, people: SimpleNamespace) -> SimpleNamespace:
    """As at the desk, with one host, who exists at the simulated Zoom."""
    desk.furnish(people)
    Connection.objects.all().delete()
    people.team = zoom.connect(people.aoki, RECRUIT, is_shared=True)
    people.zoom = zoom
    return people


@pytest.fixture
def interview(world: SimpleNamespace, run_jobs: Callable[..., int]) -> Interview:
    """In three days at two, its meeting issued."""
    made = desk.schedule(world, starts_at=story.tomorrow_at(14, days=3))
    run_jobs()
    return writing.again(made)


@pytest.fixture
def office(zoom: ZoomWorld, people: SimpleNamespace) -> SimpleNamespace:
    """The desk, and `.recruit`: a shared account that is linked to the simulated Zoom."""
    desk.furnish(people)
    people.recruit = zoom.connect(people.aoki, RECRUIT, is_shared=True)
    return people


@pytest.fixture
def coming(office: SimpleNamespace, run_jobs: Callable[..., int]) -> Callable[..., Interview]:
    """An interview that begins in so long, set an hour ago, its meeting issued and the applicant told."""

    def make(begins_in: timedelta = nearing.AT["day"], *, is_told: bool = True, **wished: Any) -> Interview:
        wished = {"host": office.recruit} | wished
        interview = desk.schedule(office, starts_at=timezone.now() + begins_in, **wished)
        run_jobs()
        Interview.objects.update(changed_at=timezone.now() - timedelta(hours=1))
        interview.refresh_from_db()
        outbox.outbox.clear()  # the interviewer was told
        if is_told:
            desk.tell(office, interview, url=interview.join_url)
        return interview

    return make


@pytest.fixture
def look(run_jobs: Callable[..., int]) -> Callable[[], Preflight | None]:
    """One minute's round with its jobs; the latest check."""

    def run() -> Preflight | None:
        preflighting.look_ahead.call()
        run_jobs()
        return Preflight.objects.last()

    return run


@pytest.fixture
def made(people: Any, monkeypatch: pytest.MonkeyPatch) -> Interview:
    """An interview that is to be told, on the letters' desk and its day."""
    holding.set_clock(monkeypatch, writing.NOW)
    return writing.ready(people)


@pytest.fixture
def recruiter(people: Any, client_of: Any) -> Any:
    return client_of(people.baba)
