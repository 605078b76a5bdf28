"""Zoom's daily limit where a recruiter meets it: on the interview and on the home page, with the moment it ends."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django_tasks_db.models import DBTaskResult

from mensetsu.interviews.models import Interview
from mensetsu.web import dates
from mensetsu.zoom import meetings
from mensetsu.zoom.models import Meeting, Problem
from tests import story
from tests.interviews import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Any) -> Client:
    return client_of(world.baba)


def limited(world: SimpleNamespace, due_at: datetime) -> Interview:
    interview = desk.schedule(world, starts_at=story.tomorrow_at(14, days=3))
    Meeting.objects.update(problem=Problem.DAILY_LIMIT, due_at=due_at)
    return interview


def test_the_moment_at_which_it_goes_on_is_told_and_nothing_is_to_press(
    world: SimpleNamespace, baba: Client
) -> None:
    due_at = story.tomorrow_at(9)
    interview = limited(world, due_at)

    page = desk.soup(baba.get(f"/interviews/{interview.pk}/")).find(id="url-state")
    home = desk.soup(baba.get("/")).find(class_="attention")

    told = f"{dates.short(due_at, language='ja', zone=story.JAPAN)}に自動で再開します。"
    assert told in page.get_text()
    assert "もう一度発行" not in page.get_text()
    assert f"Zoomの1日の上限に達しました。 {told}" in " ".join(home.get_text().split())
    assert [link.get_text() for link in home.select(".attention__do *")] == ["開く"]


def test_an_interview_before_that_needs_another_host(world: SimpleNamespace, baba: Client) -> None:
    interview = limited(world, story.tomorrow_at(9, days=4))

    page = desk.soup(baba.get(f"/interviews/{interview.pk}/")).find(id="url-state")
    home = desk.soup(baba.get("/")).find(class_="attention")

    assert "面接の開始に間に合いません。主催者を変更してください。" in page.get_text()
    [link] = home.select(".attention__do a")
    assert (link.get_text(), link["href"]) == ("主催者を変更", f"/interviews/{interview.pk}/change/#id_host")


@pytest.mark.parametrize("problem", [Problem.REFUSED, Problem.NOT_TAKEN, Problem.AWAY])
def test_what_zoom_refused_for_good_is_asked_again_only_when_it_changes(
    world: SimpleNamespace, problem: Problem
) -> None:
    meeting = desk.issued(desk.schedule(world))
    DBTaskResult.objects.all().delete()
    Meeting.objects.update(problem=problem, synced_minutes=30)
    same = {"starts_at": meeting.starts_at, "minutes": meeting.minutes, "topic": meeting.topic}

    meetings.move(meeting, **same, now=world.now)
    repeated = DBTaskResult.objects.count()
    meetings.move(meeting, **same | {"starts_at": meeting.starts_at + timedelta(hours=1)}, now=world.now)

    assert (repeated, DBTaskResult.objects.count() - repeated) == (1 if problem == Problem.AWAY else 0, 1)
