"""「自動で選ぶ」 for many interviews at once: a free account for each, chosen as for a single one."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.interviews import rehosting, scheduling
from mensetsu.interviews.models import Interview
from mensetsu.zoom import spending
from mensetsu.zoom.models import BASIC_PLAN, Connection, WriteBudget
from tests import story
from tests.interviews import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    """The team's account, which is left, one whose name comes first, and a third."""
    desk.furnish(people)
    people.third = desk.host(people.company, people.aoki, "龍サブ")
    return people


def moved_to(world: SimpleNamespace, interview: Interview) -> Connection:
    scheduling.change_host(interview, None, by=world.baba, now=timezone.now())
    interview.refresh_from_db()
    return (interview.next_meeting or interview.meeting).connection


def test_an_account_whose_day_at_zoom_is_used_up_comes_last(world: SimpleNamespace) -> None:
    today = spending.day_of(timezone.now())
    WriteBudget.objects.create(zoom_user_id=world.sub.zoom_user_id, on=today, spent=100)
    interview = desk.schedule(world)
    desk.issued(interview)

    assert moved_to(world, interview) == world.third


def test_a_free_plan_that_would_cut_it_off_comes_last(world: SimpleNamespace) -> None:
    Connection.objects.filter(pk=world.sub.pk).update(plan_type=BASIC_PLAN)

    assert moved_to(world, desk.schedule(world)) == world.third


def test_an_account_without_a_meeting_license_is_never_chosen(world: SimpleNamespace, client_of: Any) -> None:
    Connection.objects.filter(pk=world.sub.pk).update(plan_type=99)
    interview = desk.schedule(world)

    page = client_of(world.baba).get(f"/interviews/hosts/{world.team.pk}/")
    edit = client_of(world.baba).get(f"/interviews/{interview.pk}/change/")

    for answer in (page, edit):
        options = desk.soup(answer).find(id="id_host").find_all("option")
        assert options[-1].get_text().startswith("採用サブ（ミーティングのライセンスなし）")
    assert moved_to(world, interview) == world.third


def test_many_are_spread_over_the_accounts(world: SimpleNamespace) -> None:
    made = [desk.schedule(world, starts_at=story.tomorrow_at(hour), interviewers=[]) for hour in range(9, 17)]

    asked = rehosting.ask(world.team, interviews=made, to_host=None, by=world.baba, now=world.now)
    rehosting.rehost.call(rehosting_id=asked.pk)

    hosts = Counter(one.meeting.connection for one in Interview.objects.select_related("meeting__connection"))
    assert hosts == {world.sub: 4, world.third: 4}
