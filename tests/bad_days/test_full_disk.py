"""The disk is full: a real SQLite file that may not grow. Nothing is half saved, people are told, work goes on."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.candidates.models import Candidate
from mensetsu.jobs import port, working
from tests.interviews import desk

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor != 'sqlite'", reason="PostgreSQL's own words are tested in tests/web"
    ),
]


@pytest.fixture
def full_disk() -> Iterator[Callable[[], None]]:
    """Call it: from then on the file cannot grow by a single page."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count")
        (usual,) = cursor.fetchone()

    def fill() -> None:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")  # no free page is left inside
            cursor.execute("PRAGMA max_page_count = 1")  # SQLite takes the present size instead

    yield fill
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA max_page_count = {usual}")


def test_a_form_that_could_not_be_saved_says_so_and_saves_nothing(
    people: SimpleNamespace, client_of: Callable[[Any], Client], full_disk: Callable[[], None]
) -> None:
    browser = client_of(people.baba)
    browser.raise_request_exception = False
    values = {"family_name": "佐藤", "given_name": "美咲", "contact_route": "direct", "language": "ja",
              "time_zone": "Asia/Tokyo", "note": "長い話" * 3000, "status": "active"}  # fmt: skip
    full_disk()

    answer = browser.post("/candidates/new/", values)

    page = BeautifulSoup(answer.content, "html.parser")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "600")
    assert page.h1.get_text() == "保存できませんでした"
    assert "サーバーのディスクがいっぱいです。" in page.get_text()
    assert not Candidate.objects.exists()
    connection.cursor().execute("PRAGMA max_page_count = 1000000")
    assert browser.post("/candidates/new/", values).status_code == 303


def test_reading_goes_on_while_the_disk_is_full(
    people: SimpleNamespace, client_of: Callable[[Any], Client], full_disk: Callable[[], None]
) -> None:
    world = desk.furnish(people)
    interview = desk.schedule(world)
    browser = client_of(people.baba)
    full_disk()

    assert browser.get(f"/interviews/{interview.pk}/").status_code == 200
    assert browser.get("/candidates/?q=佐藤").status_code == 200


@port.job()
def _grow(*, label: str) -> None:
    """A job that needs room."""
    Candidate.objects.update(note=label * 30000)


def test_a_job_that_found_no_room_is_run_again_when_there_is(
    people: SimpleNamespace, full_disk: Callable[[], None]
) -> None:
    """Its failure cannot be written down either; the worker lives on, so nobody else would bring it home."""
    desk.furnish(people)
    _grow.enqueue(label="長")
    crew = working.Crew("full-disk", [], threads=0)
    now = timezone.now()
    row = working.claim(crew.name, now)
    assert row is not None
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(working._DONE, "run", _no_room)
        broken.setattr(DBTaskResult, "set_failed", _no_room)
        with pytest.raises(OperationalError):
            crew.carry_out(row)
    working.beat(crew.name, now + timedelta(minutes=1))

    crew.bring_home(now + timedelta(minutes=1))

    again = working.claim(crew.name, now + timedelta(minutes=1))
    assert again is not None
    assert again.pk == row.pk


def test_a_job_that_is_still_being_carried_out_is_not_taken_from_its_thread(people: SimpleNamespace) -> None:
    _grow.enqueue(label="長")
    crew = working.Crew("busy", [], threads=0)
    now = timezone.now()
    row = working.claim(crew.name, now)
    assert row is not None
    crew.in_hand.add(row.pk)
    working.beat(crew.name, now + timedelta(minutes=10))

    crew.bring_home(now + timedelta(minutes=10))

    assert working.claim(str(uuid.uuid4()), now) is None


def _no_room(*_args: Any, **_how: Any) -> None:
    raise OperationalError("database or disk is full")
