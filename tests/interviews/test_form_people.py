"""What the form shows beside its fields: from which day on it offers times, and everybody in the reader's language."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from mensetsu.accounts.models import CompanyHoliday
from mensetsu.interviews import availability, form_page
from mensetsu.interviews.planning import Plan
from mensetsu.web import dates
from mensetsu.zoom import ending, pacing, spending
from mensetsu.zoom.models import Connection, EndReason
from tests import story
from tests.interviews import desk
from tests.interviews.desk import path, soup

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Callable[[Any], Client]) -> Client:
    return client_of(world.baba)


def plan(world: SimpleNamespace, **values: Any) -> Plan:
    return Plan(candidate=world.sato, interviewers=[world.doi], **values)


# --- from which day on ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2027, 6, 10), date(2027, 6, 10)),  # a Thursday
        (date(2027, 6, 13), date(2027, 6, 14)),  # a Sunday
        (date(2027, 7, 17), date(2027, 7, 20)),  # a Saturday before a public holiday
        (date(2027, 8, 12), date(2027, 8, 16)),  # closed by the company, before a weekend
    ],
)
def test_without_a_date_times_begin_on_a_day_on_which_the_company_works(
    world: SimpleNamespace, today: date, first: date
) -> None:
    for day in (12, 13):
        CompanyHoliday.objects.create(organization=world.company, on=date(2027, 8, day), name="夏季休業")

    assert availability.first_day(plan(world), today) == first


def test_a_typed_day_is_offered_whatever_day_it_is(world: SimpleNamespace) -> None:
    sunday, today = date(2027, 6, 13), date(2027, 6, 10)

    assert availability.first_day(plan(world, on=sunday), today) == sunday
    assert availability.first_day(plan(world, on=today - timedelta(days=3)), today) == today


def test_the_pages_first_free_time_is_on_a_business_day(world: SimpleNamespace, baba: Client) -> None:
    slots = soup(baba.get(path(world))).select('button[name="slot"]')

    assert slots
    assert all(dates.is_business_day(date.fromisoformat(one["value"][:10])) for one in slots)


# --- in the reader's language ---------------------------------------------------------------------------------------


@pytest.fixture
def own(world: SimpleNamespace) -> Connection:
    """Doi's own account, which is only called as he is."""
    world.doi.romaji = "Dai Doi"
    world.doi.save()
    return desk.host(world.company, world.doi, "土井 大", is_shared=False)


def test_the_days_table_names_everybody_in_the_readers_language(
    world: SimpleNamespace, own: Connection
) -> None:
    on = timezone.localdate() + timedelta(days=3)
    calendar = availability.Calendar({}, [], {}, [own, world.team], {})
    shown = {}

    for language in ("ja", "en"):
        with translation.override(language):
            rows = availability.rows(plan(world), calendar, on, story.JAPAN)
            shown[language] = [row.name for row in rows]

    assert shown == {
        "ja": ["土井 大", "土井 大", "採用チーム用Zoom"],
        "en": ["Dai Doi", "Dai Doi", "採用チーム用Zoom"],
    }


def test_an_english_reader_meets_no_japanese_owner_where_a_host_is_chosen(
    world: SimpleNamespace, own: Connection, baba: Client
) -> None:
    world.baba.language = "en"
    world.baba.save()
    interview = desk.schedule(world)

    lists = {
        "form": (path(world), "#id_host"),
        "calendar": ("/interviews/calendar/", "#host"),
        "re-host": (reverse("interviews:rehost", args=[world.team.pk]), "#id_host"),
        "adoption": (f"/interviews/{interview.pk}/adoption/", "#id_host"),
        "booking page": ("/booking/new/", "#id_host"),
    }

    for name, (address, place) in lists.items():
        words = soup(baba.get(address)).select_one(place).get_text()
        assert ("Dai Doi" in words, "土井" in words) == (True, False), name


# --- an account that Zoom holds -------------------------------------------------------------------------------------


def options(world: SimpleNamespace, **values: Any) -> list[str]:
    wanted = plan(world, **values)
    return [one.text for one in form_page.host_options(wanted, wanted.host_choices(timezone.now()))]


def test_an_account_that_zoom_holds_is_not_called_free(world: SimpleNamespace) -> None:
    until = timezone.now() + timedelta(hours=2)
    Connection.objects.filter(pk=world.sub.pk).update(zoom_account_id="account-of-sub")
    world.sub.refresh_from_db()
    for link in (world.team, world.sub):
        pacing.hold(link, label="light", until=until - timedelta(hours=1), why="asked")
    pacing.hold(world.sub, label="", until=until, why="asked")
    other = desk.host(world.company, world.aoki, "三つ目")

    found = options(world, starts_at=story.tomorrow_at(14, days=3))

    assert any(one.startswith("採用サブ　") and dates.short(until) in one for one in found)
    assert f"{other}（空き）" in found
    assert not any("空き" in one for one in found if one.startswith(("採用サブ", "採用チーム用Zoom")))


def test_an_account_whose_day_is_used_up_is_not_called_free(world: SimpleNamespace) -> None:
    spending.exhaust(world.team, now=timezone.now())

    [team] = [
        one for one in options(world, starts_at=story.tomorrow_at(14, days=3)) if "採用チーム用Zoom" in one
    ]

    assert "空き" not in team
    assert "上限" in team


def test_an_account_that_ended_is_named_until_it_is_forgotten_whose_it_was(world: SimpleNamespace) -> None:
    ending.end(world.team, reason=EndReason.REVOKED, now=timezone.now() - timedelta(days=11))
    assert any(one.startswith("採用チーム用Zoom") for one in options(world))

    ending.forget_identities.call()

    assert not any(one.startswith("採用チーム用Zoom") for one in options(world))


# --- who has not joined yet -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "words"), [("ja", "招待中"), ("en", "Invited")])
def test_who_was_only_invited_is_offered_and_marked(
    world: SimpleNamespace, baba: Client, language: str, words: str
) -> None:
    world.baba.language = language
    world.baba.save()
    invited = story.user(
        world.company, "new@sample.example.jp", "新田", "望", invited_at=timezone.now(), joined_at=None
    )

    page = soup(baba.get(path(world)))

    marked = [one.find_parent("label")["for"] for one in page.find_all("small", string=words)]
    assert marked == [f"person-{invited.pk}"]
