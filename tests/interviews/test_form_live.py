"""What stands beside the form: live checks by htmx, the letter as it would leave."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mensetsu.interviews.models import Interview
from mensetsu.mail import samples
from mensetsu.web import dates
from mensetsu.zoom.models import Meeting
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


def check_path(world: SimpleNamespace) -> str:
    return f"/candidates/{world.sato.pk}/interviews/check/"


def test_each_fragment_by_htmx_equals_the_same_part_of_the_page(world: SimpleNamespace, baba: Client) -> None:
    desk.schedule(world, candidate=world.ito, starts_at=story.tomorrow_at(13, 30), interviewers=[world.doi])
    values = desk.form(world, interviewers=[str(world.doi.pk)])

    page = soup(baba.post(path(world), {**values, "act": "show"}))
    news = soup(baba.post(check_path(world), values))

    for part in ("when-news", "people-news", "people-list", "way-news", "availability", "mail-preview"):
        fragment = news.find(id=part)
        assert fragment["hx-swap-oob"] == "true"
        del fragment["hx-swap-oob"]
        assert str(fragment) == str(page.find(id=part))


def test_a_tick_is_answered_without_the_list_so_that_the_next_tick_survives(
    world: SimpleNamespace, baba: Client
) -> None:
    news = soup(baba.post(check_path(world), {**desk.form(world), "part": "people"}))

    assert [news.find(id=part) is not None for part in ("people-news", "people-list", "way-news")] == [
        True, False, False,
    ]  # fmt: skip


def test_checking_writes_nothing(world: SimpleNamespace, baba: Client) -> None:
    answer = baba.post(check_path(world), desk.form(world))

    assert answer.status_code == 200
    assert (Interview.objects.count(), Meeting.objects.count()) == (0, 0)


def test_the_date_is_echoed_in_our_format_with_its_holiday(world: SimpleNamespace, baba: Client) -> None:
    days = [timezone.localdate() + timedelta(days=number) for number in range(1, 400)]
    on = next(day for day in days if dates.holiday_name(day) == "海の日")

    news = soup(baba.post(check_path(world), desk.form(world, date=on.isoformat(), start="14:00")))

    words = " ".join(news.find(id="when-news").get_text().split())
    assert f"{on.year}年7月{on.day}日(月・祝) 14:00〜15:00（日本時間）" in words
    assert f"7月{on.day}日(月)は祝日（海の日）です。" in words


def test_the_letter_is_shown_as_it_would_leave(world: SimpleNamespace, baba: Client) -> None:
    samples.install_samples(world.company, world.now)

    shown = soup(baba.post(path(world), {**desk.form(world), "act": "show"})).find(id="mail-preview")

    letter = " ".join(shown.get_text().split())
    assert "佐藤 美咲 様 <misaki@example.com>" in letter
    assert "14:00〜15:00" in letter
    assert "（登録後に発行）" in letter
    assert Interview.objects.count() == 0


def test_through_an_agency_the_letter_is_the_agencys(world: SimpleNamespace, baba: Client) -> None:
    samples.install_samples(world.company, world.now)
    world.sato.agency_contact = story.agency(world.company)
    world.sato.agency, world.sato.contact_route = world.sato.agency_contact.agency, "agency"
    world.sato.save()

    shown = soup(baba.post(path(world), {**desk.form(world), "act": "show"})).find(id="mail-preview")

    assert "鈴木 一郎 様 <suzuki@mirai.example.jp>" in " ".join(shown.get_text().split())


def test_before_there_is_a_time_the_letter_waits(world: SimpleNamespace, baba: Client) -> None:
    shown = soup(baba.get(path(world))).find(id="mail-preview")

    assert "日時を選ぶと、メールの内容が表示されます。" in shown.get_text()


def test_a_form_asks_for_the_same_number_of_rows_however_many_there_are(
    world: SimpleNamespace, baba: Client, django_assert_num_queries: Any
) -> None:
    def fill(count: int) -> None:
        for number in range(count):
            one = story.candidate(world.company, "応募", str(number), email=f"x{number}@example.com")
            desk.schedule(
                world, candidate=one, starts_at=story.tomorrow_at(9 + number), interviewers=[world.doi]
            )

    fill(1)
    baba.post(check_path(world), desk.form(world))
    with django_assert_num_queries(QUERIES_OF_CHECK):
        baba.post(check_path(world), desk.form(world))
    Interview.objects.all().delete()
    Meeting.objects.all().delete()
    fill(3)
    with django_assert_num_queries(QUERIES_OF_CHECK):
        baba.post(check_path(world), desk.form(world))


QUERIES_OF_CHECK = 26
