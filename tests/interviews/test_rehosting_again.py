"""An account is to be left whose interviews wait for another host already: under way, or not come about."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from mensetsu.interviews import rehosting, scheduling
from mensetsu.interviews.models import Interview, Rehosting
from mensetsu.zoom import connecting
from mensetsu.zoom.models import Connection, Meeting, Problem
from tests import story, zoom_world
from tests.interviews import desk
from tests.interviews.writing import again
from tests.racing import meanwhile

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    desk.furnish(people)
    people.third = desk.host(people.company, people.aoki, "龍サブ")
    return people


@pytest.fixture
def waiting(world: SimpleNamespace) -> Interview:
    """The team's account has the meeting that people enter; one of the second account is awaited."""
    interview = desk.schedule(world)
    desk.issued(interview)
    scheduling.change_host(again(interview), world.sub, by=world.baba, now=timezone.now())
    return again(interview)


@pytest.fixture
def failed(waiting: Interview) -> Interview:
    Meeting.objects.filter(pk=waiting.next_meeting_id).update(
        failed_at=timezone.now(), problem=Problem.REFUSED
    )
    return again(waiting)


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Any) -> Client:
    return client_of(world.baba)


def move(world: SimpleNamespace, interview: Interview, to_host: Connection | None, away: Any = None) -> str:
    asked = rehosting.ask(
        away or world.team, interviews=[interview], to_host=to_host, by=world.baba, now=timezone.now()
    )
    rehosting.rehost.call(rehosting_id=asked.pk)
    asked.refresh_from_db()
    assert asked.finished_at is not None
    return asked.items.get().outcome


def path(host: Connection) -> str:
    return f"/interviews/hosts/{host.pk}/"


def test_a_change_that_has_not_come_about_is_made_to_another_host(
    world: SimpleNamespace, failed: Interview, baba: Client, client_of: Any
) -> None:
    refusal = desk.soup(client_of(world.aoki).get(f"/settings/zoom/connections/{world.team.pk}/end/"))
    sent = {"meeting": refusal.find("input", attrs={"name": "meeting"})["value"], "host": str(world.third.pk)}

    page = desk.text(baba.get(path(world.team)))
    answer = baba.post(path(world.team), sent)
    rehosting.rehost.call(rehosting_id=Rehosting.objects.get().pk)

    assert "採用サブへの主催者の変更は、できていません" in page
    assert answer.status_code == 303
    after = again(failed)
    assert (after.meeting, after.next_meeting.connection) == (failed.meeting, world.third)


@pytest.mark.parametrize("away", ["team", "sub"])
def test_a_free_one_is_neither_the_present_nor_the_one_that_failed(
    world: SimpleNamespace, failed: Interview, away: str
) -> None:
    assert move(world, failed, None, getattr(world, away)) == "moved"
    assert again(failed).next_meeting.connection == world.third


def test_the_one_that_failed_may_be_tried_once_more(world: SimpleNamespace, failed: Interview) -> None:
    assert move(world, failed, world.sub) == "moved"

    after = again(failed)
    assert (after.next_meeting, after.next_meeting.is_pending) == (failed.next_meeting, True)


def test_what_is_under_way_is_left_alone_and_the_page_says_so(
    world: SimpleNamespace, waiting: Interview, baba: Client
) -> None:
    page = desk.soup(baba.get(path(world.team)))
    answer = baba.post(path(world.team), {"meeting": str(waiting.meeting_id), "host": "auto"})

    box = page.find(id=f"i{waiting.pk}")
    assert (box.has_attr("disabled"), box.has_attr("checked")) == (True, False)
    row = box.find_parent(class_="row")
    assert "採用サブに変更しています" in row.get_text()
    assert row.find("a")["href"] == f"/interviews/{waiting.pk}/#link"
    assert answer.status_code == 422
    told = BeautifulSoup(answer.content, "html.parser").find(id="errors").get_text()
    assert "しばらくお待ちください" in told
    assert move(world, waiting, world.third) == "not_needed"
    assert again(waiting).next_meeting == waiting.next_meeting


def test_what_waits_long_for_its_new_host_may_get_another(world: SimpleNamespace, waiting: Interview) -> None:
    Meeting.objects.filter(pk=waiting.next_meeting_id).update(problem=Problem.DAILY_LIMIT)

    assert move(world, waiting, world.third) == "moved"
    assert again(waiting).next_meeting.connection == world.third


def test_a_lost_meeting_holds_no_account(world: SimpleNamespace, failed: Interview) -> None:
    Meeting.objects.filter(pk=failed.meeting_id).update(lost_at=timezone.now())

    with pytest.raises(rehosting.NothingToMove):
        move(world, failed, world.third)


def test_a_meeting_that_goes_at_that_very_moment_stops_nothing(
    world: SimpleNamespace, waiting: Interview
) -> None:
    other = desk.schedule(
        world, candidate=world.ito, host=world.sub, interviewers=[], starts_at=story.tomorrow_at(16)
    )
    Meeting.objects.filter(pk=waiting.meeting_id).update(topic="別の件名")  # so that going back moves it

    def gone() -> None:
        Meeting.objects.filter(pk=waiting.meeting_id).update(lost_at=timezone.now())

    asked = rehosting.ask(
        world.sub, interviews=[waiting, other], to_host=world.team, by=world.baba, now=timezone.now()
    )
    with meanwhile('UPDATE "zoom_meeting" SET', gone):
        rehosting.rehost.call(rehosting_id=asked.pk)

    asked.refresh_from_db()
    assert sorted(asked.items.values_list("outcome", flat=True)) == ["changed", "moved"]
    assert asked.finished_at is not None


def test_the_account_can_be_unlinked_in_the_end(
    people: SimpleNamespace, zoom: zoom_world.ZoomWorld, run_jobs: Callable[..., int]
) -> None:
    world = desk.furnish(people)
    Connection.objects.all().delete()
    world.team = zoom.connect(world.aoki, zoom_world.RECRUIT, is_shared=True)
    world.sub = zoom.connect(world.aoki, zoom_world.RECRUIT2, is_shared=True)
    interview = desk.schedule(world)
    run_jobs()
    scheduling.change_host(again(interview), world.sub, by=world.baba, now=timezone.now())
    Meeting.objects.filter(connection=world.sub).update(failed_at=timezone.now(), problem=Problem.REFUSED)

    rehosting.ask(
        world.team, interviews=[again(interview)], to_host=world.sub, by=world.aoki, now=timezone.now()
    )
    run_jobs()
    connecting.disconnect(world.team, by=world.aoki, now=timezone.now())

    assert (again(interview).url_state, again(interview).meeting.connection) == ("issued", world.sub)
