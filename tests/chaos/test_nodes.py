"""What is asked after nodes have died finds what is planted, and says nothing where all is well."""

import hashlib
from collections import deque
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from chaos import load, work
from chaos.journal import Journal
from chaos.nodes import Siege
from chaos.world import World
from mensetsu.zoom.models import App, WebhookEvent
from tests.interviews import holding
from tests.jobs import sample_jobs

TEXT = b"news"
KEY = hashlib.sha256(TEXT).hexdigest()


@pytest.fixture
def siege(people: SimpleNamespace, tmp_path: Path) -> Siege:
    world = World(tmp_path)
    journal = Journal()
    play = SimpleNamespace(journal=journal, problems=[], happened={})
    return Siege(world, play, load.Load(world, {}, journal, seed=1))


def heard(people: SimpleNamespace, **values: Any) -> None:
    app = App.objects.create(organization=people.company, updated_at=timezone.now())
    WebhookEvent.objects.create(
        app=app, dedupe_key=KEY, event="user.of_the_campaign", body="{}",
        is_verified=True, received_at=timezone.now(), **values,
    )  # fmt: skip


def test_news_that_were_taken_in_are_there_and_understood(siege: Siege, people: SimpleNamespace) -> None:
    siege.load.thanked.add(KEY)
    heard(people, handled_at=timezone.now())

    assert siege._news_kept() == []


def test_news_that_were_thanked_for_and_lost(siege: Siege) -> None:
    siege.load.thanked.add(KEY)

    assert siege._news_kept() == ["1 news were answered with success and are not there"]


def test_news_that_nobody_understands(siege: Siege, people: SimpleNamespace) -> None:
    heard(people)

    assert siege._news_kept() == ["1 news are never understood"]


@pytest.mark.django_db
def test_a_job_that_was_given_up() -> None:
    sample_jobs.note.enqueue(number=1)
    assert work.failed() == []

    DBTaskResult.objects.update(status="FAILED")

    (problem,) = work.failed()
    assert problem.startswith("tests.jobs.sample_jobs.note")


@pytest.mark.django_db
def test_what_is_ready_running_and_later() -> None:
    now = timezone.now()
    later = now + timedelta(hours=1)
    sample_jobs.note.enqueue(number=1)
    sample_jobs.note.using(run_after=later).enqueue(number=2)
    assert (work.ready(), work.running(), work.next_moment(later)) == (1, [], later)

    DBTaskResult.objects.filter(run_after__gt=later).update(status="RUNNING", worker_ids=["host-4711-x"])
    assert len(work.running()) == 1
    assert work.is_orphaned(World(Path("."))), "no process of this world has that number"


@pytest.mark.django_db
def test_until_when_zooms_day_is_waited_for(people: SimpleNamespace) -> None:
    assert work.held_until() is None
    host = holding.connection(people.aoki)
    ends = timezone.now() + timedelta(hours=23)
    for problem, hours in (("daily_limit", -1), ("daily_limit", 0), ("away", 1)):
        holding.meeting(host, problem=problem, due_at=ends + timedelta(hours=hours))

    assert work.held_until() == ends


@pytest.mark.django_db
def test_whether_zoom_may_be_at_work_on_a_create(people: SimpleNamespace) -> None:
    host, now = holding.connection(people.aoki), timezone.now()
    holding.meeting(host)
    holding.meeting(host, create_sent_at=now - timedelta(minutes=2))
    assert not work.is_create_under_way()

    holding.meeting(host, create_sent_at=now)
    assert work.is_create_under_way()


def test_of_what_people_saw_the_last_pages_are_kept(siege: Siege) -> None:
    assert isinstance(siege.load.seen, deque)
    assert siege.load.seen.maxlen == load.KEPT_PAGES


def test_a_process_that_ended_by_itself_and_a_person_who_could_not_go_on_are_told(
    siege: Siege, monkeypatch: pytest.MonkeyPatch
) -> None:
    siege.play.crowd, siege.play.settle = SimpleNamespace(start_links=[], seen=[]), lambda: None
    siege.load.problems.append("GET / answered 500")
    monkeypatch.setattr(siege, "_news_kept", list)
    monkeypatch.setattr(work, "failed", lambda: ["a.job 7"])

    siege._look()

    assert siege.play.problems == ["web-1 ended by itself", "GET / answered 500", "job a.job 7 was given up"]
