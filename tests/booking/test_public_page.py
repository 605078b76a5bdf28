"""The applicant's page as an applicant sees it: choose → check → done, every state, both languages."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from mensetsu.accounts import deactivating
from mensetsu.booking import choosing, opening
from mensetsu.booking.models import Invitation, Slot
from mensetsu.candidates import registering
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview
from mensetsu.web import dates
from mensetsu.zoom.models import Connection
from tests import story
from tests.booking import office


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    cache.clear()
    return office.furnish(people)


def soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", soup(answer).get_text(" ")).strip()


def open_page(world: SimpleNamespace, what: str = "", query: str = "") -> Any:
    return Client().get(office.path(world.link, what) + query)


def post(world: SimpleNamespace, what: str = "", query: str = "", **data: Any) -> Any:
    return Client().post(office.path(world.link, what) + query, data)


def confirm(world: SimpleNamespace, number: int = 0, **data: Any) -> Any:
    return post(world, slot=world.slots[number].pk, confirm="1", **data)


def span(slot: Any) -> str:
    return dates.span(slot.starts_at, slot.minutes, zone=story.JAPAN)


def radios(answer: Any) -> list[str]:
    return [one["value"] for one in soup(answer).select("input[type=radio]")]


def summary(answer: Any) -> str:
    found = soup(answer).find(id="errors")
    return " ".join(found.get_text(" ").split()) if found else ""


# Choose → check → done


def test_the_page_says_what_how_long_until_when_and_lists_the_times_by_day(world: SimpleNamespace) -> None:
    answer = open_page(world)

    page = soup(answer)
    assert page.h1.get_text() == "一次面接の日程を選んでください"
    assert page.title.get_text().startswith("株式会社サンプル｜")
    words = text(answer)
    for fact in ("WEB面接（Zoom）・60分", "面接官 1名", "回答期限", "日本時間", "合う日時がない"):
        assert fact in words
    local = world.slots[0].starts_at.astimezone(story.JAPAN).date()
    assert page.select_one("fieldset legend").get_text().startswith(dates.month_day(local, language="ja"))
    assert radios(answer) == [str(slot.pk) for slot in world.slots] + ["none"]
    assert page.select_one("button.btn").get_text() == "確認へ進む"


def test_choose_check_done(world: SimpleNamespace) -> None:
    check = post(world, slot=world.slots[1].pk, check="1")
    assert check.status_code == 200
    assert soup(check).h1.get_text() == "内容の確認"
    words = text(check)
    assert span(world.slots[1]) in words
    assert "佐藤 美咲 様" in words
    assert "mi***@example.com" in words
    assert "misaki@example.com" not in check.content.decode()
    assert not Interview.objects.exists()

    done = confirm(world, 1, phone="090-1111-2222", accommodation="字幕")
    assert (done.status_code, done.headers["Location"]) == (303, office.path(world.link))
    page = open_page(world)
    assert soup(page).h1.get_text() == "一次面接の日程が確定しました"
    assert "参加URLは準備中です" in text(page)
    address = soup(page).select_one("a.btn")["href"]
    assert "/j/" in address
    assert "一次面接（WEB）のご案内" in text(Client().get(address.replace("http://127.0.0.1:8000", "")))
    assert Invitation.objects.get().phone == "090-1111-2222"


def test_pressing_twice_books_once(world: SimpleNamespace) -> None:
    assert confirm(world).status_code == 303
    assert "一次面接の日程が確定しました" in text(confirm(world))
    assert Interview.objects.count() == 1


def test_nothing_chosen_is_said_above_the_list(world: SimpleNamespace) -> None:
    answer = post(world, check="1")

    assert answer.status_code == 422
    assert "日時を選んでください。" in summary(answer)
    assert soup(answer).title.get_text().startswith("エラー：")


def test_choosing_again_keeps_what_was_typed(world: SimpleNamespace) -> None:
    back = post(world, slot=world.slots[1].pk, back="1", phone="090", accommodation="字幕")

    page = soup(back)
    assert page.select_one("input[type=radio][checked]")["value"] == str(world.slots[1].pk)
    assert page.select_one("input[type=hidden][name=phone]")["value"] == "090"
    check = soup(post(world, slot=world.slots[0].pk, check="1", phone="090", accommodation="字幕"))
    assert check.select_one("#id_phone")["value"] == "090"
    assert check.select_one("#id_accommodation").get_text().strip() == "字幕"


def test_the_language_switch_keeps_the_input(world: SimpleNamespace) -> None:
    check = post(
        world, slot=world.slots[1].pk, step="check", switch="en", phone="090", accommodation="subtitles"
    )

    page = soup(check)
    assert page.html["lang"] == "en"
    assert page.h1.get_text() == "Check your choice"
    assert "JST" in text(check)
    assert page.select_one("#id_phone")["value"] == "090"
    assert page.form["action"].endswith("?lang=en")
    listed = soup(post(world, slot=world.slots[1].pk, switch="en"))
    assert listed.select_one("input[type=radio][checked]")["value"] == str(world.slots[1].pk)
    assert (
        post(world, query="?lang=en", slot=world.slots[1].pk, confirm="1")
        .headers["Location"]
        .endswith("?lang=en")
    )


# Somebody else was first, or something changed in between


def test_a_lost_race_leads_back_to_the_list_with_the_rest_kept(world: SimpleNamespace) -> None:
    other = office.invite(world, world.page, world.ito)
    choosing.choose(invitation=other, slot=world.slots[1], now=timezone.now())

    answer = confirm(world, 1, phone="090", accommodation="字幕")

    assert answer.status_code == 422
    assert f"{span(world.slots[1])}は、ほかの方の予約が先に入りました。別の日時を選んでください。" in summary(
        answer
    )
    assert radios(answer) == [str(world.slots[0].pk), str(world.slots[2].pk), "none"]
    assert soup(answer).select_one("input[name=accommodation]")["value"] == "字幕"
    assert Interview.objects.count() == 1


@pytest.mark.parametrize("others", [1, 8])
def test_the_list_after_a_lost_race_costs_the_same_for_few_and_many_dates(
    world: SimpleNamespace, others: int, django_assert_num_queries: Any
) -> None:
    office.offer(world, world.page, *range(1, 1 + others), days=office.workday(9))
    Slot.objects.filter(pk=world.slots[1].pk).update(taken=1)
    with django_assert_num_queries(12):
        answer = confirm(world, 1)
    assert len(radios(answer)) == 2 + others + 1


def close_slot(world: SimpleNamespace) -> None:
    opening.close_slot(world.slots[1], by=world.baba, now=world.now)


def unlink_host(world: SimpleNamespace) -> None:
    Connection.objects.update(ended_at=world.now, end_reason="disconnected")


def deactivate(world: SimpleNamespace) -> None:
    deactivating.deactivate(world.doi, by=world.aoki, now=world.now)


@pytest.mark.parametrize("meanwhile", [close_slot, unlink_host, deactivate])
def test_a_date_that_can_no_longer_be_had_is_named(world: SimpleNamespace, meanwhile: Any) -> None:
    meanwhile(world)

    answer = confirm(world, 1)

    assert answer.status_code == 422
    assert f"{span(world.slots[1])}は、選べなくなりました。別の日時を選んでください。" in text(answer)
    assert str(world.slots[1].pk) not in radios(answer)
    assert not Interview.objects.exists()


def test_when_nothing_is_left_the_form_for_wishes_stands_there(world: SimpleNamespace) -> None:
    unlink_host(world)

    answer = open_page(world)

    assert "ただいま選べる日時がありません" in text(answer)
    assert soup(answer).select_one("form#wishes")["action"] == office.path(world.link, "wishes/")


def withdraw(world: SimpleNamespace) -> None:
    registering.withdraw(world.sato, by=world.baba, now=world.now)


def move_on(world: SimpleNamespace) -> None:
    registering.move_to_stage(
        [world.sato], world.job.stages.get(name="最終面接"), by=world.baba, now=world.now
    )


def close_page(world: SimpleNamespace) -> None:
    opening.close_page(world.page, by=world.baba, now=world.now)


def take_back(world: SimpleNamespace) -> None:
    Invitation.objects.update(closed_at=world.now)


def expire(world: SimpleNamespace) -> None:
    Invitation.objects.update(answer_by=world.now - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("meanwhile", "words"),
    [
        (withdraw, "この選考は終了したため、日程を選べません。"),
        (move_on, "選考の段階が変わったため、このページでは日程を選べません。採用担当へご連絡ください。"),
        (close_page, "このページでの日程の受付は終了しました。採用担当へご連絡ください。"),
        (take_back, "このページでの日程の受付は終了しました。採用担当へご連絡ください。"),
        (expire, "を過ぎました。採用担当へご連絡ください。"),
    ],
)
def test_what_ended_the_choice_is_said_with_the_contact(
    world: SimpleNamespace, meanwhile: Any, words: str
) -> None:
    meanwhile(world)

    for answer in (open_page(world), confirm(world), open_page(world, "wishes/")):
        assert answer.status_code == 200
        assert words in text(answer)
        assert "03-1234-5000" in text(answer)
        assert not radios(answer)
    assert not Interview.objects.exists()


def test_the_deadline_passes_while_the_page_is_open(world: SimpleNamespace, monkeypatch: Any) -> None:
    """The page was read in time, the press came late: the verb decides by its own clock."""
    answer_by = timezone.now() + timedelta(hours=1)
    Invitation.objects.update(answer_by=answer_by)
    clock = SimpleNamespace(now=answer_by - timedelta(seconds=1))
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    assert radios(open_page(world))
    clock.now = answer_by
    late = confirm(world)

    assert "を過ぎました。採用担当へご連絡ください。" in text(late)
    assert not Interview.objects.exists()


# After the choice


def test_changing_shows_the_old_time_struck_through(world: SimpleNamespace) -> None:
    confirm(world)
    page = open_page(world, "change/")
    assert "変更前" in text(page)
    assert span(world.slots[0]) in soup(page).s.get_text()
    assert radios(page) == [str(world.slots[1].pk), str(world.slots[2].pk)]

    check = post(world, "change/", slot=world.slots[1].pk, check="1")
    assert "変更前" in text(check)
    done = post(world, "change/", slot=world.slots[1].pk, confirm="1")

    assert done.status_code == 303
    assert Interview.objects.get().starts_at == world.slots[1].starts_at
    assert span(world.slots[1]) in text(open_page(world))


def test_a_change_is_offered_only_while_it_is_possible(world: SimpleNamespace) -> None:
    confirm(world)
    Invitation.objects.update(changes=2)
    page = open_page(world)
    assert "上限の回数に達しました" in text(page)
    assert not [a for a in soup(page).find_all("a") if a["href"].endswith("/change/")]
    assert not radios(open_page(world, "change/"))

    Invitation.objects.update(change_hours=24 * 30)
    page = open_page(world)
    assert "で締め切りました。採用担当へご連絡ください。" in text(page)
    assert post(world, "cancellation/").status_code == 200
    assert Interview.objects.get().canceled_at is None


def test_canceling_asks_first_and_then_says_so(world: SimpleNamespace) -> None:
    confirm(world)
    assert "この面接は行われません" in text(open_page(world, "cancellation/"))
    assert Interview.objects.get().canceled_at is None

    assert post(world, "cancellation/", reason="体調不良").status_code == 303

    assert Interview.objects.get().cancel_reason == "体調不良"
    assert "日程のキャンセルを承りました。" in text(open_page(world))


def test_an_interview_canceled_by_the_company_says_so(world: SimpleNamespace) -> None:
    confirm(world)
    scheduling.cancel(Interview.objects.get(), by=world.baba, now=timezone.now())

    words = text(open_page(world))

    assert "この面接は中止になりました。" in words
    assert "株式会社サンプルの採用担当からご連絡します。" in words


def test_an_old_link_shows_the_time_as_it_is_today(world: SimpleNamespace) -> None:
    confirm(world)
    later = story.tomorrow_at(18, days=office.workday())
    scheduling.reschedule(
        Interview.objects.get(), starts_at=later, minutes=45, by=world.baba, now=timezone.now()
    )

    assert "18:00〜18:45" in text(open_page(world))


def test_no_date_fits(world: SimpleNamespace) -> None:
    moved = post(world, slot="none", check="1")
    assert moved.headers["Location"] == office.path(world.link, "wishes/")
    empty = post(world, "wishes/")
    assert empty.status_code == 422
    assert "希望の日付かメッセージを入力してください。" in summary(empty)

    day = f"{story.tomorrow_at(0, days=9):%Y-%m-%d}"
    assert post(world, "wishes/", day1=day, part1="morning", message="夜でも").status_code == 303

    invitation = Invitation.objects.get()
    assert len(invitation.wishes) == 1
    assert invitation.wishes[0].endswith("午前")
    page = open_page(world)
    assert "ご希望を受け取りました。" in text(page)
    assert radios(page)


# Other clocks, agencies


def test_another_zone_reads_both_clocks(world: SimpleNamespace) -> None:
    world.sato.time_zone, world.sato.language = "Europe/Berlin", "en"
    world.sato.save()

    page = open_page(world)

    words = text(page)
    berlin = world.slots[0].starts_at.astimezone(world.sato.zone)
    assert f"{berlin:%H:%M}–" in words
    assert "The company is on Japan time (JST)." in words
    assert "10:00–11:00" in words


def test_an_agency_chooses_for_the_applicant_in_its_own_name(world: SimpleNamespace) -> None:
    contact = story.agency(world.company)
    link = office.link(world.invitation, world.now, contact=contact)

    page = Client().get(office.path(link))
    assert "応募者：佐藤 美咲 様" in text(page)
    Client().post(office.path(link), {"slot": world.slots[0].pk, "confirm": "1"})

    from mensetsu.history.models import Entry  # noqa: PLC0415

    assert Entry.objects.get(action="booking.chosen").actor_name == "鈴木 一郎 (株式会社ミライ人材)"
    # The applicant's own link shows the same.
    assert "日程が確定しました" in text(open_page(world))


@pytest.mark.parametrize("how", ["canceled", "moved"])
def test_a_place_that_recruiters_take_back_is_free_for_others_at_once(
    world: SimpleNamespace, how: str
) -> None:
    other = office.invite(world, world.page, world.ito)
    interview = choosing.choose(invitation=other, slot=world.slots[0], now=world.now)
    taken = str(world.slots[0].pk)
    assert taken not in radios(open_page(world))

    if how == "canceled":
        scheduling.cancel(interview, by=world.baba, now=timezone.now())
    else:
        later = story.tomorrow_at(20, days=office.workday())
        scheduling.reschedule(interview, starts_at=later, minutes=60, by=world.baba, now=timezone.now())

    assert taken in radios(open_page(world))
