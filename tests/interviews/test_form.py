"""The form 面接の設定: works without JavaScript, refuses with what was typed, says the same by htmx."""

import uuid
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mensetsu.interviews.models import Interview
from mensetsu.zoom.models import Meeting
from tests import story
from tests.interviews import desk
from tests.interviews.desk import errors, path, soup

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Callable[[Any], Client]) -> Client:
    return client_of(world.baba)


def test_the_page_asks_in_the_order_of_the_work(world: SimpleNamespace, baba: Client) -> None:
    answer = baba.get(path(world))

    page = soup(answer)
    assert answer.status_code == 200
    assert page.h1.get_text() == "面接の設定"
    assert page.title.get_text() == "面接の設定｜佐藤 美咲｜Mensetsu"
    form = page.find(id="interview-form")
    words = " ".join(form.get_text().split())
    order = [
        "日時",
        "選考ステップ",
        "面接官",
        "面接方法",
        "サービス",
        "Zoom主催者",
        "連絡",
        "社内メモ",
        "面接設定完了",
    ]
    assert [words.index(word) for word in order] == sorted(words.index(word) for word in order)
    hosts = [option.get_text() for option in page.find(id="id_host").find_all("option")]
    assert hosts[0] == "自動で選ぶ"
    assert sorted(hosts[1:]) == ["採用サブ", "採用チーム用Zoom"]
    assert page.find(id="id_stage").find("option", selected=True).get_text() == "一次面接"


def test_done_is_a_page_of_its_own_with_the_mail_next(world: SimpleNamespace, baba: Client) -> None:
    answer = baba.post(path(world), desk.form(world))

    interview = Interview.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/interviews/{interview.pk}/saved/")
    assert interview.starts_at == story.tomorrow_at(14)
    assert (interview.stage, interview.created_by) == (world.stage, world.baba)
    assert [row.user for row in interview.interviewers.all()] == [world.doi]
    assert interview.meeting.connection == world.team


def test_without_the_tick_the_mail_is_remembered_for_later_and_the_interview_is_shown(
    world: SimpleNamespace, baba: Client
) -> None:
    values = desk.form(world)
    del values["writes_mail"]

    answer = baba.post(path(world), values)

    assert answer.headers["Location"] == f"/interviews/{Interview.objects.get().pk}/"


def test_the_same_form_sent_twice_leads_to_the_same_page(world: SimpleNamespace, baba: Client) -> None:
    values = desk.form(world)

    first, second = baba.post(path(world), values), baba.post(path(world), values)

    assert first.headers["Location"] == second.headers["Location"]
    assert Interview.objects.count() == 1


def test_an_empty_form_is_refused_field_by_field(world: SimpleNamespace, baba: Client) -> None:
    answer = baba.post(path(world), {"form_key": str(uuid.uuid4()), "way": "web"})

    assert answer.status_code == 422
    assert errors(answer) == [
        "日付を入力してください。",
        "開始を選択してください。",
        "所要時間を選択してください。",
        "選考ステップを選択してください。",
        "面接官を選択してください。",
    ]
    assert soup(answer).title.get_text().startswith("エラー：面接の設定")


def test_what_was_typed_is_kept(world: SimpleNamespace, baba: Client) -> None:
    values = desk.form(world, stage="", memo="英語で <b>お願いします</b>", host=str(world.sub.pk))

    page = soup(baba.post(path(world), values))

    assert page.find(id="id_memo").get_text().strip() == "英語で <b>お願いします</b>"
    assert page.find(id="id_host").find("option", selected=True)["value"] == str(world.sub.pk)
    assert page.find("input", {"name": "interviewers", "checked": True})["value"] == str(world.doi.pk)
    assert page.find("input", {"name": "form_key"})["value"] == values["form_key"]


def test_a_taken_host_is_refused_with_the_free_one_to_choose(world: SimpleNamespace, baba: Client) -> None:
    desk.schedule(world, candidate=world.ito, starts_at=story.tomorrow_at(14, 30), interviewers=[world.endo])

    answer = baba.post(path(world), desk.form(world))

    assert answer.status_code == 422
    assert errors(answer) == [
        "採用チーム用Zoomは14:30〜15:30に別の面接の主催者です。同じ主催者は、同時に複数のミーティングを開始できません。"
        "空いている主催者：採用サブ"
    ]
    button = soup(answer).find("button", {"name": "pick_host"})
    assert (button["value"], button.get_text()) == (str(world.sub.pk), "採用サブを選ぶ")
    assert Interview.objects.filter(candidate=world.sato).count() == 0


def test_everything_that_blocks_is_told_at_once(world: SimpleNamespace, baba: Client) -> None:
    desk.schedule(world, interviewers=[world.endo])

    answer = baba.post(path(world), desk.form(world))

    assert [line[:12] for line in errors(answer)] == ["佐藤 美咲 様は同じ時間", "採用チーム用Zoomは1"]


def test_a_free_time_fills_the_form_without_saving(world: SimpleNamespace, baba: Client) -> None:
    values = desk.form(world, memo="残る")
    first = soup(baba.post(path(world), {**values, "act": "show"}))
    slot = first.find_all("button", {"name": "slot"})[1]

    answer = baba.post(path(world), {**values, "slot": slot["value"]})

    page = soup(answer)
    assert answer.status_code == 200
    assert page.find(id="errors") is None
    chosen = page.find(id="id_start").find("option", selected=True)["value"]
    assert slot["value"] == datetime.fromisoformat(slot["value"]).isoformat()
    assert slot.get_text().endswith(chosen)
    assert page.find(id="id_memo").get_text().strip() == "残る"
    assert Interview.objects.count() == 0


def test_offered_times_are_free_for_everybody(world: SimpleNamespace, baba: Client) -> None:
    day = desk.workday_at(9)
    desk.schedule(world, candidate=world.ito, starts_at=day, minutes=240, host=world.sub)

    page = soup(baba.post(path(world), {**desk.form(world, day), "act": "show"}))

    offered = [datetime.fromisoformat(b["value"]) for b in page.find_all("button", {"name": "slot"})]
    of_day = [moment for moment in offered if moment.date() == day.date()]
    assert of_day[0] == desk.workday_at(13)
    assert len(offered) == 6


def test_a_host_is_picked_by_a_button(world: SimpleNamespace, baba: Client) -> None:
    page = soup(baba.post(path(world), {**desk.form(world), "pick_host": str(world.sub.pk)}))

    assert page.find(id="id_host").find("option", selected=True)["value"] == str(world.sub.pk)


def test_a_person_is_removed_by_a_button(world: SimpleNamespace, baba: Client) -> None:
    values = desk.form(world, interviewers=[str(world.doi.pk), str(world.endo.pk)])
    before = soup(baba.post(path(world), {**values, "act": "find"}))

    after = soup(baba.post(path(world), {**values, "drop": str(world.doi.pk)}))

    chips = [button.find(class_="u-vh").get_text() for button in before.find_all("button", {"name": "drop"})]
    assert chips == ["土井 大さんを外す", "遠藤 恵さんを外す"]
    assert [b["value"] for b in after.find_all("button", {"name": "drop"})] == [str(world.endo.pk)]


@pytest.mark.parametrize("query", ["えんどう", "エンドウ", "ｴﾝﾄﾞｳ", "遠藤", "endo@"])
def test_interviewers_are_found_by_name_and_reading_in_any_kana(
    world: SimpleNamespace, baba: Client, query: str
) -> None:
    world.endo.family_kana = "エンドウ"
    world.endo.save()

    page = soup(baba.post(path(world), {**desk.form(world, interviewers=[]), "q": query, "act": "find"}))

    found = [box["value"] for box in page.find_all("input", {"name": "interviewers"})]
    assert found == [str(world.endo.pk)]


def test_the_chosen_stay_when_others_are_looked_for(world: SimpleNamespace, baba: Client) -> None:
    page = soup(baba.post(path(world), {**desk.form(world), "q": "遠藤", "act": "find"}))

    boxes = [
        (box["value"], box.has_attr("checked")) for box in page.find_all("input", {"name": "interviewers"})
    ]
    assert boxes == [(str(world.doi.pk), True), (str(world.endo.pk), False)]


def test_who_is_busy_is_said_before_the_choice(world: SimpleNamespace, baba: Client) -> None:
    desk.schedule(world, candidate=world.ito, interviewers=[world.endo], host=world.sub)

    page = soup(baba.post(path(world), {**desk.form(world), "act": "show"}))

    line = page.find("label", {"for": f"person-{world.endo.pk}"}).get_text()
    assert "その時間は別の面接があります" in line
    assert "別の面接" not in page.find("label", {"for": f"person-{world.doi.pk}"}).get_text()


def test_a_colleague_of_another_company_is_no_choice(world: SimpleNamespace, baba: Client) -> None:
    answer = baba.post(path(world), desk.form(world, interviewers=[str(world.chiba.pk)]))

    assert answer.status_code == 422
    assert errors(answer) == ["面接官を一覧から選択してください。"]


def test_a_host_of_another_company_is_no_choice(world: SimpleNamespace, baba: Client) -> None:
    theirs = desk.host(world.other, world.chiba)

    answer = baba.post(path(world), desk.form(world, host=str(theirs.pk)))

    assert errors(answer) == ["Zoom主催者を一覧から選択してください。"]
    assert Meeting.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("meet.example.jp/abc", "https://meet.example.jp/abc"),
        ("ｈｔｔｐｓ：／／ｍｅｅｔ．ｅｘａｍｐｌｅ．ｊｐ／ａ", "https://meet.example.jp/a"),
    ],
)
def test_another_service_takes_its_url_in_any_width(
    world: SimpleNamespace, baba: Client, typed: str, stored: str
) -> None:
    baba.post(path(world), desk.form(world, service="url", custom_url=typed))

    interview = Interview.objects.get()
    assert (interview.custom_url, interview.meeting, interview.url_state) == (stored, None, "issued")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "面接用URLを入力してください。"),
        ("javascript:alert(1)", "URLの形を確認してください。例：https://example.jp/meeting"),
        ("https://us02web.zoom.us/s/8841?zak=eyJ", "主催者用のURLです。参加者用のURLを入力してください。"),
    ],
)
def test_urls_that_cannot_be_handed_out_are_refused(
    world: SimpleNamespace, baba: Client, typed: str, message: str
) -> None:
    answer = baba.post(path(world), desk.form(world, service="url", custom_url=typed))

    assert errors(answer) == [message]


def test_in_person_asks_for_the_place_and_for_no_host(world: SimpleNamespace, baba: Client) -> None:
    shown = soup(baba.post(path(world), {**desk.form(world, way="in_person"), "act": "show"}))
    baba.post(path(world), desk.form(world, way="in_person", place="本社 3階"))

    assert shown.find(id="id_place") is not None
    assert shown.find(id="id_host") is None
    assert Interview.objects.get().place == "本社 3階"


def test_without_any_host_the_ways_out_are_named(world: SimpleNamespace, baba: Client) -> None:
    world.company.zoom_connections.update(ended_at=timezone.now(), end_reason="disconnected")
    page = soup(baba.get(path(world)))

    answer = baba.post(path(world), desk.form(world, host="auto"))
    way_out = soup(baba.post(path(world), {**desk.form(world, host="auto"), "use_url": "1"}))

    assert "連携済みのZoomアカウントがありません。" in page.find(id="id_host").get_text()
    assert errors(answer) == ["連携済みのZoomアカウントがありません。"]
    assert way_out.find(id="id_custom_url") is not None


def test_an_odd_length_can_be_typed(world: SimpleNamespace, baba: Client) -> None:
    asked = baba.post(path(world), desk.form(world, minutes="other"))
    baba.post(path(world), desk.form(world, minutes="other", other_minutes="７５"))

    assert errors(asked) == ["所要時間（分）を入力してください。"]
    assert soup(asked).find(id="id_other_minutes") is not None
    assert Interview.objects.get().minutes == 75


def test_the_time_is_typed_on_the_readers_clock(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    world.baba.time_zone = "Europe/London"
    world.baba.save()
    day = story.tomorrow_at(12, days=2)

    answer = client_of(world.baba).post(path(world), desk.form(world, day, start="09:00"))

    interview = Interview.objects.get()
    assert answer.status_code == 303
    assert timezone.localtime(interview.starts_at, world.baba.zone).hour == 9


def test_a_day_that_does_not_exist_is_named(world: SimpleNamespace, baba: Client) -> None:
    answer = baba.post(path(world), desk.form(world, date="2031-11-31"))

    assert "2031年11月31日はありません。日付を確認してください。" in errors(answer)


def test_nobody_is_set_for_an_applicant_who_has_left(world: SimpleNamespace, baba: Client) -> None:
    world.sato.status = "withdrawn"
    world.sato.save()

    answer = baba.post(path(world), desk.form(world))

    assert answer.headers["Location"] == f"/candidates/{world.sato.pk}/"
    assert Interview.objects.count() == 0
