"""The form for an interview that exists: 面接の変更."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview
from mensetsu.zoom.models import Meeting
from tests import story
from tests.interviews import desk
from tests.interviews.desk import errors, soup, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Callable[[Any], Client]) -> Client:
    return client_of(world.baba)


def edit_path(interview: Interview) -> str:
    return f"/interviews/{interview.pk}/change/"


def test_the_form_of_a_change_begins_with_what_is(world: SimpleNamespace, baba: Client) -> None:
    interview = desk.schedule(world, minutes=50, memo="前回の続き")

    page = soup(baba.get(edit_path(interview)))

    assert page.h1.get_text() == "面接の変更"
    assert page.find(id="id_start").find("option", selected=True)["value"] == "14:00"
    assert page.find(id="id_minutes").find("option", selected=True)["value"] == "other"
    assert page.find(id="id_other_minutes")["value"] == "50"
    assert page.find(id="id_host").find("option", selected=True).get_text() == "採用チーム用Zoom（空き）"
    assert page.find(id="errors") is None


def test_a_change_after_a_letter_leads_to_who_must_be_told(world: SimpleNamespace, baba: Client) -> None:
    interview = desk.schedule(world)
    desk.tell(world, interview)
    moved = desk.form(world, story.tomorrow_at(16), version="1")

    answer = baba.post(edit_path(interview), moved)
    page = baba.get(answer.headers["Location"])

    assert answer.headers["Location"] == f"/interviews/{interview.pk}/told/"
    assert "次の相手には、変更前の内容を案内しています。" in text(page)
    assert "佐藤 美咲" in soup(page).find("ul", class_="list--plain").get_text()


def test_a_change_nobody_was_told_of_leads_back(world: SimpleNamespace, baba: Client) -> None:
    interview = desk.schedule(world)

    answer = baba.post(edit_path(interview), desk.form(world, story.tomorrow_at(16), version="1"))

    assert answer.headers["Location"] == f"/interviews/{interview.pk}/"


def test_an_older_form_is_refused_by_name_and_its_second_press_counts(
    world: SimpleNamespace, baba: Client
) -> None:
    interview = desk.schedule(world)
    at = timezone.localtime(world.now)
    scheduling.reschedule(interview, starts_at=story.tomorrow_at(9), minutes=30, by=world.aoki, now=world.now)
    values = desk.form(world, story.tomorrow_at(16), version="1")

    refused = baba.post(edit_path(interview), values)
    version = soup(refused).find("input", {"name": "version"})["value"]
    again = baba.post(edit_path(interview), {**values, "version": version})

    assert refused.status_code == 422
    assert errors(refused) == [
        f"他の人（青木 葵さん、{at.hour}:{at.minute:02d}）がこの面接を変更しました。"
        "内容を確認して、もう一度登録してください。"
    ]
    assert again.status_code == 303
    assert Interview.objects.get().starts_at == story.tomorrow_at(16)


def test_a_running_interview_can_be_changed_where_it_is(world: SimpleNamespace, baba: Client) -> None:
    """Its start is past; only moving it into the past is refused."""
    interview = desk.schedule(world)
    began = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=10)
    Interview.objects.update(starts_at=began, ends_at=began + timedelta(hours=1))
    Meeting.objects.update(starts_at=began, ends_at=began + timedelta(hours=1))
    local = timezone.localtime(began, story.JAPAN)
    values = desk.form(
        world, began, memo="始まりました", version="1", date=f"{local:%Y-%m-%d}", start=f"{local:%H:%M}"
    )

    answer = baba.post(edit_path(interview), values)

    assert answer.status_code == 303
    assert Interview.objects.get().memo == "始まりました"
