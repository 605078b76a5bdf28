"""The form for readers whose clock is not the company's, and on days when clocks change."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from mensetsu.interviews import availability, forms
from mensetsu.interviews.models import Interview
from mensetsu.interviews.planning import Plan
from mensetsu.web import dates, moments
from mensetsu.zoom.models import Connection
from tests import story
from tests.interviews import desk
from tests.interviews.desk import errors, path, soup, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Callable[[Any], Client]) -> Client:
    return client_of(world.baba)


def lives_in(world: SimpleNamespace, zone: str) -> ZoneInfo:
    world.baba.time_zone = zone
    world.baba.save()
    return ZoneInfo(zone)


def typed(starts_at: datetime, zone: ZoneInfo) -> dict[str, str]:
    local = starts_at.astimezone(zone)
    return {"date": f"{local:%Y-%m-%d}", "start": f"{local:%H:%M}"}


# --- a repeated hour ------------------------------------------------------------------------------------------------


def europe_goes_back() -> datetime:
    """The next 01:00 UTC that reads 2:00 in Berlin as the hour before it did."""
    sundays = (story.tomorrow_at(10, days=days) for days in range(2, 400))
    found = next(one for one in sundays if (one.month, one.weekday()) == (10, 6) and one.day > 24)
    return found.astimezone(UTC)


SECOND = europe_goes_back()
FIRST = SECOND - timedelta(hours=1)


@pytest.mark.parametrize("starts_at", [FIRST, SECOND], ids=["first", "second"])
def test_saving_the_note_of_an_interview_in_a_repeated_hour_leaves_its_time(
    world: SimpleNamespace, baba: Client, starts_at: datetime
) -> None:
    zone = lives_in(world, "Europe/Berlin")
    interview = desk.schedule(world, starts_at=starts_at)
    values = desk.form(world, **typed(starts_at, zone), memo="ひとこと", version="1")

    baba.post(f"/interviews/{interview.pk}/change/", values)

    interview.refresh_from_db()
    assert (interview.memo, interview.starts_at) == ("ひとこと", starts_at)


def test_another_time_of_that_day_is_taken_as_typed(world: SimpleNamespace, baba: Client) -> None:
    zone = lives_in(world, "Europe/Berlin")
    interview = desk.schedule(world, starts_at=SECOND)
    noon = SECOND + timedelta(hours=10)

    baba.post(f"/interviews/{interview.pk}/change/", desk.form(world, **typed(noon, zone), version="1"))

    interview.refresh_from_db()
    assert interview.starts_at == noon


# --- the company's day on another clock -----------------------------------------------------------------------------

ELSEWHERE = ["Europe/London", "America/New_York", "Pacific/Honolulu", "Pacific/Kiritimati", "Asia/Kathmandu"]


def offered(world: SimpleNamespace, zone: str, company: str = "Asia/Tokyo") -> list[str]:
    """The starts in the list of the form, as that reader sees it."""
    world.sato.organization.time_zone = company
    with timezone.override(zone):
        form = forms.InterviewForm(candidate=world.sato)
        return [value for value, _label in form.fields["start"].choices if value]


@pytest.mark.parametrize("zone", ELSEWHERE)
@pytest.mark.parametrize("hour", [8, 10, 14, 20])
def test_the_companys_hours_can_be_set_from_any_clock(
    world: SimpleNamespace, baba: Client, zone: str, hour: int
) -> None:
    starts_at = desk.workday_at(hour)
    there = lives_in(world, zone)

    answer = baba.post(path(world), desk.form(world, **typed(starts_at, there)))

    assert (answer.status_code, errors(answer)) == (303, [])
    assert Interview.objects.get().starts_at == starts_at


@pytest.mark.parametrize("zone", ELSEWHERE)
def test_the_list_has_the_companys_day_in_every_season_and_the_readers_own_hours(
    world: SimpleNamespace, zone: str
) -> None:
    seasons = [story.tomorrow_at(8, days=days) for days in range(0, 700, 14)]
    steps = [first + timedelta(minutes=15 * n) for first in seasons for n in range(53)]

    found = offered(world, zone)

    assert {f"{step.astimezone(ZoneInfo(zone)):%H:%M}" for step in steps} <= set(found)
    assert {"08:00", "14:15", "21:00"} <= set(found)
    assert found == sorted(set(found))


def test_the_list_of_a_reader_at_home_is_the_companys_day(world: SimpleNamespace) -> None:
    found = offered(world, "Asia/Tokyo")

    assert (found[0], found[-1], len(found)) == ("08:00", "21:00", 53)
    assert offered(world, "Asia/Seoul") == found


def test_a_reader_in_tokyo_sets_the_hours_of_a_company_whose_clock_changes(world: SimpleNamespace) -> None:
    """8:00 in London is 17:00 in Tokyo in winter and 16:00 in summer; its evening is the next day's small hours."""
    found = offered(world, "Asia/Tokyo", company="Europe/London")

    assert {"16:00", "17:00", "23:45", "00:00", "06:00"} <= set(found)
    assert "07:00" not in found


# --- free times -----------------------------------------------------------------------------------------------------

LONG_AGO = datetime(2027, 1, 1, tzinfo=UTC)


def free(
    world: SimpleNamespace, on: date, zone: str, now: datetime = LONG_AGO, **choice: Any
) -> list[datetime]:
    """What is offered when that day is wished, as the reader reads it."""
    there = ZoneInfo(zone)
    wanted = Plan(candidate=world.sato, on=on, **{"host": world.team, **choice})
    calendar = availability.read(wanted, *availability.horizon(wanted, on, there), now=now)
    found = availability.free_times(wanted, calendar, on, there, now=now)
    return [one.astimezone(there) for one in found]


def test_no_time_is_offered_for_a_host_that_can_hold_no_meeting_unless_it_is_chosen(
    world: SimpleNamespace,
) -> None:
    Connection.objects.update(plan_type=99)
    world.team.refresh_from_db()
    day = date(2027, 6, 10)

    assert free(world, day, "Asia/Tokyo") != []
    assert free(world, day, "Asia/Tokyo", host=None) == []
    Connection.objects.update(plan_type=2)
    assert free(world, day, "Asia/Tokyo", host=None) != []


WISHED = [
    (zone, on)
    for zone in [*ELSEWHERE, "Europe/Berlin"]
    for on in (
        date(2027, 6, 10),  # a Thursday
        date(2027, 3, 14),  # clocks change in New York
        date(2027, 3, 28),  # … and in Europe
        date(2027, 10, 31),
        date(2027, 11, 7),
    )
]


@pytest.mark.parametrize(("zone", "on"), WISHED)
def test_free_times_are_hours_of_the_company_from_the_wished_day_of_the_reader_on(
    world: SimpleNamespace, zone: str, on: date
) -> None:
    found = free(world, on, zone)
    in_company = [one.astimezone(story.JAPAN) for one in found]

    assert len(found) == availability.OFFERED
    assert found[0].date() == on
    assert found == sorted(found)
    assert all(time(9) <= one.time() <= time(17) for one in in_company)
    assert all(dates.is_business_day(one.date()) for one, read in zip(in_company, found, strict=True)
               if read.date() != on)  # fmt: skip
    with timezone.override(zone):
        assert [dates.typed(one.date(), one.time()) for one in found] == [moments.utc(one) for one in found]


def test_the_companys_day_lies_on_two_dates_of_the_reader(world: SimpleNamespace) -> None:
    """9:00–18:00 in Tokyo begin at 20:00 of the day before in New York."""
    found = free(world, date(2027, 6, 10), "America/New_York")

    assert [f"{one:%m-%d %H:%M}" for one in found] == [
        "06-10 00:00", "06-10 00:30", "06-10 01:00", "06-10 20:00", "06-10 20:30", "06-10 21:00",
    ]  # fmt: skip


def test_a_friday_of_the_reader_whose_evening_is_the_companys_saturday_offers_its_friday_only(
    world: SimpleNamespace,
) -> None:
    found = free(world, date(2027, 6, 11), "America/New_York")

    assert [f"{one:%m-%d %H:%M}" for one in found][:4] == [
        "06-11 00:00", "06-11 00:30", "06-11 01:00", "06-13 20:00",
    ]  # fmt: skip


def test_the_last_day_of_the_calendar_offers_what_there_is(world: SimpleNamespace) -> None:
    assert len(free(world, date.max, "Asia/Tokyo")) == availability.OFFERED_A_DAY
    assert free(world, date.max, "Pacific/Honolulu") == []


@pytest.mark.parametrize(
    ("zone", "now", "first"),
    [
        ("Asia/Tokyo", "2027-06-13T00:00", date(2027, 6, 14)),  # a Sunday
        ("Asia/Tokyo", "2027-06-14T09:00", date(2027, 6, 14)),
        (
            "Pacific/Honolulu",
            "2027-06-13T20:00",
            date(2027, 6, 13),
        ),  # Sunday there, Monday's morning comes in Tokyo
        ("Pacific/Honolulu", "2027-06-14T02:00", date(2027, 6, 13)),  # … and has come
        ("Pacific/Kiritimati", "2027-06-11T12:00", date(2027, 6, 12)),  # late on Friday in Tokyo
    ],
)
def test_without_a_wished_day_times_begin_with_the_companys_next_day_at_work(
    world: SimpleNamespace, zone: str, now: str, first: date
) -> None:
    wanted = Plan(candidate=world.sato)
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert availability.first_shown(wanted, ZoneInfo(zone), now=moment) == first


# --- what the page says ---------------------------------------------------------------------------------------------


def test_the_page_says_the_companys_time_beside_the_readers(world: SimpleNamespace, baba: Client) -> None:
    there = lives_in(world, "Europe/London")
    starts_at = desk.workday_at(10)
    shown = dates.day(starts_at.date())

    before = text(baba.get(path(world)))
    page = text(baba.post(path(world), {**desk.form(world, **typed(starts_at, there)), "act": "show"}))

    assert "会社の8:00〜21:00（日本時間）は、あなたの時計では" in before
    assert f"会社の時計（日本時間）では{shown} 10:00〜11:00です。" in page


def test_a_reader_at_home_is_told_one_time(world: SimpleNamespace, baba: Client) -> None:
    assert "会社の時計" not in text(baba.post(path(world), {**desk.form(world), "act": "show"}))
    assert "あなたの時計" not in text(baba.get(path(world)))


def test_hours_outside_the_companys_day_warn_with_its_clock(world: SimpleNamespace, baba: Client) -> None:
    there = lives_in(world, "Europe/London")
    evening = desk.workday_at(23)

    page = text(baba.post(path(world), {**desk.form(world, **typed(evening, there)), "act": "show"}))
    saved = baba.post(path(world), desk.form(world, **typed(evening, there)))

    assert "会社の時計（日本時間）では8:00〜21:00の時間外です。" in page
    assert saved.status_code == 303


def test_free_times_of_the_page_fill_in_the_readers_clock(world: SimpleNamespace, baba: Client) -> None:
    there = lives_in(world, "America/New_York")
    pressed = soup(baba.get(path(world))).select_one('button[name="slot"]')["value"]
    local = datetime.fromisoformat(pressed).astimezone(there)

    page = soup(baba.post(path(world), {**desk.form(world), "slot": pressed}))

    assert page.find(id="id_start").find("option", selected=True)["value"] == f"{local:%H:%M}"
    assert page.find(id="id_date")["value"] == f"{local:%Y-%m-%d}"
