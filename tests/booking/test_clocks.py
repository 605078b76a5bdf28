"""Dates, deadlines and slots typed by people whose clock is not the company's."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from mensetsu.booking import opening
from mensetsu.booking.models import Invitation
from mensetsu.interviews.models import Service, Way
from mensetsu.mail import samples
from tests import story
from tests.booking.offers import furnish, offer, slots
from tests.booking.test_offer_pages import form_of, typed
from tests.interviews import desk

pytestmark = pytest.mark.django_db

ELSEWHERE = ["Europe/London", "America/New_York", "Pacific/Honolulu", "Pacific/Kiritimati"]


@pytest.fixture
def world(people):
    world = furnish(people)
    samples.install_samples(world.company, world.now)
    return world


@pytest.fixture
def baba(world, client_of):
    return client_of(world.baba)


@pytest.fixture(params=ELSEWHERE)
def there(request, world) -> ZoneInfo:
    world.baba.time_zone = request.param
    world.baba.save()
    return ZoneInfo(request.param)


def on_clock(moment: datetime, zone: ZoneInfo, on: str, at: str) -> dict[str, str]:
    local = moment.astimezone(zone)
    return {on: f"{local:%Y-%m-%d}", at: f"{local:%H:%M}"}


def dates_of(world, zone: ZoneInfo, starts: list[datetime]) -> dict[str, Any]:
    values = typed(world)
    for number, start in enumerate(starts, start=1):
        values |= on_clock(start, zone, f"date_{number}", f"start_{number}")
    return values | on_clock(world.until, zone, "answer_on", "answer_at")


def test_dates_and_deadline_of_an_offer_lie_in_the_companys_day(world, baba, there) -> None:
    answer = baba.post(form_of(world), dates_of(world, there, world.starts))

    assert (answer.status_code, desk.errors(answer)) == (303, [])
    made = Invitation.objects.get()
    assert [slot.starts_at for slot in slots(made)] == world.starts
    assert made.answer_by == world.until


def test_the_usual_deadline_is_preselected_on_any_clock(world, baba, there) -> None:
    page = desk.soup(baba.get(form_of(world)))

    chosen = page.select_one("#id_answer_at option[selected]")["value"]
    read = datetime.fromisoformat(f"{page.select_one('#id_answer_on')['value']}T{chosen}").replace(
        tzinfo=there
    )
    assert f"{read.astimezone(story.JAPAN):%H:%M}" == "17:00"


def test_free_times_of_an_offer_are_hours_of_the_company(world, baba, there) -> None:
    page = desk.soup(baba.get(form_of(world)))

    assert "会社の8:00〜21:00（日本時間）は、あなたの時計では" in page.get_text()
    found = [datetime.fromisoformat(one["value"]) for one in page.select("button[name=add]")]
    assert len(found) == 6
    assert all(9 <= one.astimezone(story.JAPAN).hour < 18 for one in found)


def test_a_slot_of_the_companys_day_is_added_from_any_clock(world, baba, there) -> None:
    values = {
        "name": "一次面接",
        "stage": world.stage,
        "minutes": 60,
        "way": Way.WEB,
        "service": Service.ZOOM,
    }
    made = opening.open_page(organization=world.company, values=values, by=world.baba, now=world.now)

    data = on_clock(world.starts[0], there, "one-date", "one-start") | {"one-capacity": "1", "act": "one"}
    answer = baba.post(f"/booking/{made.pk}/slots/", data)

    assert answer.status_code == 303
    assert [slot.starts_at for slot in made.slots.all()] == [world.starts[0]]
    page = desk.text(baba.get(f"/booking/{made.pk}/slots/"))
    assert "この時刻は会社の時計（日本時間）です。" in page


def test_dates_in_a_repeated_hour_stay_when_others_are_typed(world, baba) -> None:
    world.baba.time_zone = "Europe/Berlin"
    world.baba.save()
    sundays = (story.tomorrow_at(10, days=days) for days in range(8, 400))
    second = next(one for one in sundays if (one.month, one.weekday()) == (10, 6) and one.day > 24)
    made = offer(world, starts=[second], answer_by=world.until)
    berlin, more = ZoneInfo("Europe/Berlin"), second + timedelta(days=1)
    values = dates_of(world, berlin, [second, more])
    values = {name: value for name, value in values.items() if not name.endswith("_3")}

    answer = baba.post(f"/booking/offers/{made.pk}/dates/", values)

    assert (answer.status_code, desk.errors(answer)) == (303, [])
    assert [slot.starts_at for slot in made.page.slots.open().order_by("starts_at")] == [second, more]
    assert timezone.now() < second
