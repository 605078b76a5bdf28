"""What a change of somebody's time means for interviews that are set already."""

from datetime import datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from mensetsu.accounts.models import CompanyHoliday
from mensetsu.availability import asking
from mensetsu.availability.models import BusyBlock, TimeOff, WorkingHours
from mensetsu.interviews import fitting, scheduling
from mensetsu.web import dates
from tests import story
from tests.interviews import desk


def working_day(hour: int) -> datetime:
    moment = story.tomorrow_at(hour, days=3)
    while not dates.is_business_day(moment.date()):
        moment += timedelta(days=1)
    return moment


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    world = desk.furnish(people)
    world.starts_at = working_day(14)
    world.interview = desk.schedule(world, starts_at=world.starts_at)
    return world


def kinds(world: SimpleNamespace, user: Any = None) -> list[list[str]]:
    return [
        [one.kind for one in line.reasons] for line in fitting.unfitting(user or world.doi, now=world.now)
    ]


def test_what_fits_is_not_listed(world) -> None:
    assert kinds(world) == []


def test_a_day_off_new_hours_and_a_busy_time_are_named(world) -> None:
    on = world.starts_at.date()
    TimeOff.objects.create(user=world.doi, first_on=on, last_on=on)
    assert kinds(world) == [[asking.TIME_OFF]]

    WorkingHours.objects.create(user=world.doi, weekday=on.weekday(), begins=time(9), ends=time(14, 30))
    assert kinds(world) == [[asking.OUTSIDE_HOURS, asking.TIME_OFF]]

    TimeOff.objects.all().delete()
    WorkingHours.objects.all().delete()
    BusyBlock.objects.create(
        user=world.doi, weekly=True, starts_at=world.starts_at - timedelta(days=7),
        ends_at=world.starts_at - timedelta(days=6, hours=23),
    )  # fmt: skip
    assert kinds(world) == [[asking.BUSY]]


def test_hours_that_nobody_said_are_not_held_against_an_interview(world) -> None:
    evening = desk.schedule(world, candidate=world.ito, starts_at=working_day(20), host=None)
    assert kinds(world) == []

    WorkingHours.objects.create(
        user=world.doi, weekday=world.starts_at.weekday(), begins=time(9), ends=time(18)
    )

    assert [line.interview for line in fitting.unfitting(world.doi, now=world.now)] == [evening]


def test_a_busy_time_that_touches_is_not_in_the_way(world) -> None:
    BusyBlock.objects.create(
        user=world.doi, starts_at=world.starts_at - timedelta(hours=1), ends_at=world.starts_at
    )

    assert kinds(world) == []


def test_only_own_standing_and_coming_interviews_count(world) -> None:
    on = world.starts_at.date()
    for user in (world.doi, world.endo):
        TimeOff.objects.create(user=user, first_on=on, last_on=on)

    assert kinds(world, world.endo) == []
    assert fitting.unfitting(world.doi, now=world.interview.ends_at) == []
    scheduling.cancel(world.interview, by=world.baba, now=timezone.now())
    assert kinds(world) == []


def test_a_hold_does_not_stand_against_an_interview(world) -> None:
    asking.hold(
        users=[world.doi], starts_at=world.starts_at, ends_at=world.interview.ends_at,
        until=world.starts_at, key="offer-1", now=world.now,
    )  # fmt: skip

    assert kinds(world) == []


def test_the_page_says_what_and_why(world, client_of) -> None:
    CompanyHoliday.objects.create(organization=world.company, on=world.starts_at.date(), name="創立記念日")

    answer = client_of(world.doi).get(f"/availability/{world.doi.pk}/interviews/")

    page = BeautifulSoup(answer.content, "html.parser")
    assert page.select_one(".banner .banner__h").get_text() == "1件の面接がこの予定と合いません"
    assert "佐藤 美咲" in page.select_one(".banner li a").get_text()
    assert "創立記念日" in page.select_one(".banner li").get_text()


def test_the_fragment_is_a_part_of_the_page(world, client_of) -> None:
    client, path = client_of(world.doi), f"/availability/{world.doi.pk}/interviews/"

    fragment = client.get(path, headers={"hx-request": "true"}).content.decode().strip()

    assert fragment.startswith("<p>")
    assert fragment in client.get(path).content.decode()
    assert f'hx-get="{path}"' in client.get("/availability/").content.decode()


def test_a_colleague_may_not_look_but_a_recruiter_may(world, client_of) -> None:
    path = f"/availability/{world.doi.pk}/interviews/"

    assert client_of(world.endo).get(path).status_code == 404
    assert client_of(world.baba).get(path).status_code == 200
    assert client_of(world.chiba).get(path).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(world, count: int, django_assert_num_queries) -> None:
    for number in range(count - 1):
        desk.schedule(world, candidate=story.candidate(world.company, "応募", str(number), job=world.job),
                      starts_at=world.starts_at + timedelta(hours=1 + number), host=None,
                      interviewers=[world.doi])  # fmt: skip

    with django_assert_num_queries(5):
        assert fitting.unfitting(world.doi, now=world.now) == []
