"""Recruiters make pages, offer slots, ask applicants, and see how each request stands."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mensetsu.accounts import deactivating
from mensetsu.booking import choosing, inviting
from mensetsu.booking.models import BookingPage, Invitation, Series, Slot
from mensetsu.mail.models import Mail
from mensetsu.zoom.models import Connection
from tests import story
from tests.booking import office


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return office.furnish(people)


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Callable[[Any], Client]) -> Client:
    return client_of(world.baba)


def soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", soup(answer).main.get_text(" ")).strip()


def page_form(world: SimpleNamespace, **wished: Any) -> dict[str, Any]:
    return {
        "name": "最終面接", "stage": world.stage.pk, "minutes": "45", "way": "web", "service": "zoom",
        "host_mode": "pool", "host": "", "fixed": [world.doi.pk], "pool": [], "pick": "0", "horizon_days": "30",
        "notice_hours": "24", "answer_days": "5", "change_hours": "24", "max_changes": "1", "note": "",
        "custom_url": "", "place": "", "day_cap": "", "week_cap": "", **wished,
    }  # fmt: skip


def series_form(prefix: str = "many-", **wished: Any) -> dict[str, Any]:
    on = story.tomorrow_at(0, days=office.workday(3)).date()
    values = {
        "weekdays": [str(n) for n in range(7)], "first_on": f"{on:%Y-%m-%d}", "last_on": f"{on:%Y-%m-%d}",
        "begins": "10:00", "ends": "13:00", "interval": "60", "capacity": "1", "skips_holidays": "on", **wished,
    }  # fmt: skip
    return {prefix + name: value for name, value in values.items()}


# Pages


def test_a_page_is_made_and_leads_to_its_slots(world: SimpleNamespace, baba: Client) -> None:
    answer = baba.post("/booking/new/", page_form(world, pool=[world.endo.pk, world.aoki.pk], pick="1"))

    made = BookingPage.objects.latest("pk")
    assert answer.headers["Location"] == f"/booking/{made.pk}/slots/"
    assert (made.minutes, made.pick, made.max_changes, made.service) == (45, 1, 1, "zoom")
    people = {row.user: row.is_fixed for row in made.panelists.select_related("user")}
    assert people == {world.doi: True, world.aoki: False, world.endo: False}
    assert "最終面接" in text(baba.get("/booking/"))


@pytest.mark.parametrize(
    ("wished", "words"),
    [
        ({"name": ""}, "名前"),
        ({"fixed": []}, "面接官を1名以上選択してください。"),
        ({"pick": "2"}, "選べるのは0名までです。"),
        ({"host_mode": "fixed"}, "Zoomアカウントを選択してください。"),
        ({"service": "url"}, "面接用URLを入力してください。"),
        ({"minutes": "1"}, "5以上の数を入力してください。"),
    ],
)
def test_what_is_missing_is_said(world: SimpleNamespace, baba: Client, wished: dict, words: str) -> None:
    answer = baba.post("/booking/new/", page_form(world, **wished))

    assert answer.status_code == 422
    assert words in soup(answer).find(id="errors").get_text()
    assert BookingPage.objects.count() == 1


def test_a_page_is_changed_once_and_the_second_form_is_refused(world: SimpleNamespace, baba: Client) -> None:
    path = f"/booking/{world.page.pk}/change/"
    seen = soup(baba.get(path)).find(attrs={"name": "seen"})["value"]

    assert baba.post(path, page_form(world, seen=seen, minutes="30")).status_code == 303
    late = baba.post(path, page_form(world, seen=seen, minutes="90"))

    assert late.status_code == 422
    assert "ほかの担当者が変更しました" in text(late)
    assert BookingPage.objects.get(pk=world.page.pk).minutes == 30
    assert set(Slot.objects.values_list("minutes", flat=True)) == {30}


def test_a_changed_length_leaves_booked_slots_alone(world: SimpleNamespace, baba: Client) -> None:
    choosing.choose(invitation=world.invitation, slot=world.slots[0], now=world.now)

    baba.post(f"/booking/{world.page.pk}/change/", page_form(world, seen=world.page.version, minutes="30"))

    assert [Slot.objects.get(pk=slot.pk).minutes for slot in world.slots] == [60, 30, 30]


def test_a_page_is_closed_and_opened_again(world: SimpleNamespace, baba: Client) -> None:
    path = f"/booking/{world.page.pk}/"
    baba.post(path + "closing/")
    assert "このページは閉じています" in text(baba.get(path))
    baba.post(path + "closing/")
    assert BookingPage.objects.get(pk=world.page.pk).closed_at is None


# Slots


def test_one_slot_is_added_on_the_readers_clock(world: SimpleNamespace, baba: Client) -> None:
    on = story.tomorrow_at(0, days=9)
    data = {"act": "one", "one-date": f"{on:%Y-%m-%d}", "one-start": "11:00", "one-capacity": "3"}

    assert baba.post(f"/booking/{world.page.pk}/slots/", data).status_code == 303

    made = Slot.objects.latest("pk")
    assert (made.starts_at, made.capacity) == (story.tomorrow_at(11, days=9), 3)


def test_many_are_shown_first_then_added_and_never_twice(world: SimpleNamespace, baba: Client) -> None:
    path, data = f"/booking/{world.page.pk}/slots/", series_form()

    shown = baba.post(path, data | {"act": "preview"})
    assert "3枠が追加されます" in text(shown)
    assert Slot.objects.count() == 3

    baba.post(path, data | {"act": "bulk"})
    again = baba.post(path, data | {"act": "bulk"}, follow=True)
    assert "追加した枠はありません" in text(again)
    assert Slot.objects.count() == 6
    assert not Series.objects.exists()


def test_a_series_is_changed_and_ended_and_booked_slots_stay(world: SimpleNamespace, baba: Client) -> None:
    baba.post(f"/booking/{world.page.pk}/slots/", series_form() | {"act": "series"})
    series = Series.objects.get()
    first = series.slots.order_by("starts_at").first()
    choosing.choose(invitation=world.invitation, slot=first, now=world.now)

    answer = baba.post(
        f"/booking/series/{series.pk}/", series_form("", begins="11:00", ends="14:00"), follow=True
    )

    assert "繰り返しを変更しました（追加1枠、閉じた枠0枠）。" in text(answer)
    open_slots = series.slots.filter(closed_at=None)
    assert [f"{timezone.localtime(one.starts_at, story.JAPAN):%H}" for one in open_slots.order_by("starts_at")] == [
        "10", "11", "12", "13",
    ]  # fmt: skip
    baba.post(f"/booking/series/{series.pk}/", {"act": "end"})
    assert list(series.slots.filter(closed_at=None)) == [first]


def test_booked_slots_are_not_closed_and_named(world: SimpleNamespace, baba: Client) -> None:
    choosing.choose(invitation=world.invitation, slot=world.slots[0], now=world.now)

    answer = baba.post(
        f"/booking/{world.page.pk}/slots/closing/", {"slot": [slot.pk for slot in world.slots]}, follow=True
    )

    assert "2枠を閉じました。" in text(answer)
    assert "予約済みの1枠は閉じていません" in text(answer)


def test_slots_that_cannot_be_booked_are_warned_of(world: SimpleNamespace, baba: Client) -> None:
    Connection.objects.update(ended_at=world.now, end_reason="disconnected")
    answer = baba.get(f"/booking/{world.page.pk}/")
    assert "このままでは予約できない枠が3件あります。" in text(answer)
    assert text(answer).count("空いているZoom主催者なし") == 3

    deactivating.deactivate(world.doi, by=world.aoki, now=world.now)
    answer = baba.get(f"/booking/{world.page.pk}/")
    assert text(answer).count("面接官の予定あり 土井 大") == 3


def test_the_pages_need_the_same_queries_for_3_and_30_slots(world: SimpleNamespace, baba: Client) -> None:
    path = f"/booking/{world.page.pk}/"
    baba.get(path)
    with CaptureQueriesContext(
        connection,
    ) as few:
        baba.get(path)
    for days in range(10):
        office.offer(world, world.page, 9, 11, 15, days=10 + days)
    with CaptureQueriesContext(connection) as many:
        baba.get(path)
    assert len(many) == len(few)

    public = office.path(world.link)
    with CaptureQueriesContext(connection) as listed:
        Client().get(public)
    Slot.objects.filter(starts_at__gt=story.tomorrow_at(0, days=8)).delete()
    with CaptureQueriesContext(connection) as short:
        Client().get(public)
    assert len(listed) == len(short)
    assert len(listed) <= 25


# Asking


def invite(world: SimpleNamespace, client: Client, *people: Any, **wished: Any) -> Any:
    day = story.tomorrow_at(0, days=4)
    data = {"candidate": [one.pk for one in people], "date": f"{day:%Y-%m-%d}", "at": "17:00", **wished}
    return client.post(f"/booking/{world.page.pk}/invitations/", data, follow=True)


def test_each_applicant_gets_a_letter_with_their_own_address(
    world: SimpleNamespace, baba: Client, run_jobs: Any, mailoutbox: list
) -> None:
    answer = invite(world, baba, world.sato, world.ito)

    assert "2名に日程の選択を依頼しました。" in text(answer)
    assert Mail.objects.filter(sent_at=None).count() == 2
    run_jobs(until=timezone.now() + timedelta(minutes=1))
    letters = {one.to[0]: one for one in mailoutbox}
    assert len(letters) == 2
    for person in (world.sato, world.ito):
        invitation = Invitation.objects.get(candidate=person)
        letter = next(one for to, one in letters.items() if person.email in to)
        address = "http://testserver" + office.path(invitation.links.get())
        assert address.removeprefix("http://testserver") in letter.body
        assert "回答期限" in letter.body
        assert "{{" not in letter.body
        assert letter.subject.startswith("【株式会社サンプル】一次面接 日程のご相談")


def test_asking_again_renews_the_request_under_the_same_address(world: SimpleNamespace, baba: Client) -> None:
    Invitation.objects.update(answer_by=world.now - timedelta(days=1))

    invite(world, baba, world.sato)

    assert Invitation.objects.get().state(timezone.now()) == "waiting"
    assert Invitation.objects.get().links.get() == world.link


def test_who_has_chosen_is_not_asked_again(world: SimpleNamespace, baba: Client) -> None:
    choosing.choose(invitation=world.invitation, slot=world.slots[0], now=world.now)

    answer = invite(world, baba, world.sato, world.ito)

    assert "佐藤 美咲 様は、このページで日程を選択済みです。" in text(answer)
    assert "1名に日程の選択を依頼しました。" in text(answer)


def test_an_applicant_without_an_address_is_named(world: SimpleNamespace, baba: Client) -> None:
    world.ito.email = ""
    world.ito.save()

    answer = invite(world, baba, world.ito)

    assert "送信先のメールアドレスがありません。" in text(answer)
    assert not Invitation.objects.filter(candidate=world.ito).exists()


def test_nobody_selected_and_a_past_deadline_are_refused(world: SimpleNamespace, baba: Client) -> None:
    answer = invite(world, baba, date="2020-01-01")

    assert answer.status_code == 422
    words = soup(answer).find(id="errors").get_text()
    assert "応募者を1名以上選択してください。" in words
    assert "これからの日時を入力してください。" in words


def test_from_the_applicants_page(world: SimpleNamespace, baba: Client) -> None:
    day = story.tomorrow_at(0, days=4)
    path = f"/candidates/{world.ito.pk}/booking/"
    assert "一次面接の日程" in text(baba.get(path))

    answer = baba.post(path, {"page": world.page.pk, "date": f"{day:%Y-%m-%d}", "at": "12:00"})

    made = Invitation.objects.get(candidate=world.ito)
    assert answer.headers["Location"] == f"/booking/invitations/{made.pk}/"
    assert made.answer_by == story.tomorrow_at(12, days=4)


def test_an_agencys_applicant_is_asked_through_the_agency(world: SimpleNamespace, baba: Client) -> None:
    contact = story.agency(world.company)
    world.ito.agency_contact, world.ito.agency, world.ito.contact_route = contact, contact.agency, "agency"
    world.ito.save()

    invite(world, baba, world.ito)

    letter = Mail.objects.get(candidate=world.ito)
    assert (letter.receiver, letter.to_email) == ("agency", "suzuki@mirai.example.jp")
    link = Invitation.objects.get(candidate=world.ito).links.get()
    assert link.contact == contact
    assert office.path(link) in letter.body


# One request


def act(world: SimpleNamespace, client: Client, what: str, **data: Any) -> Any:
    return client.post(f"/booking/invitations/{world.invitation.pk}/{what}/", data, follow=True)


def test_wishes_are_shown_and_dealt_with(world: SimpleNamespace, baba: Client) -> None:
    choosing.give_up(invitation=world.invitation, wishes=["12/1 午前"], message="夜でも", now=world.now)

    page = text(baba.get(f"/booking/invitations/{world.invitation.pk}/"))
    assert "12/1 午前" in page
    assert "夜でも" in page
    act(world, baba, "handled")
    assert Invitation.objects.get().handled_by == world.baba


def test_the_deadline_is_moved_and_the_request_sent_again_or_taken_back(
    world: SimpleNamespace, baba: Client
) -> None:
    day = story.tomorrow_at(0, days=12)
    act(world, baba, "deadline", date=f"{day:%Y-%m-%d}", at="09:00")
    assert Invitation.objects.get().answer_by == story.tomorrow_at(9, days=12)

    act(world, baba, "letter")
    assert Mail.objects.count() == 1
    assert "メールの送信を取り消しました" in text(act(world, baba, "undo"))
    assert Mail.objects.get().canceled_at is not None

    assert "取り下げ済み" in text(act(world, baba, "closing"))
    assert inviting.close(Invitation.objects.get(), by=world.baba, now=world.now) is None


# The home page


def home(client: Client) -> list[str]:
    lines = soup(client.get("/")).select("li.attention")
    return [re.sub(r"\s+", " ", line.get_text(" ")).strip() for line in lines]


def test_the_home_page_names_wishes_silence_and_missing_hosts(world: SimpleNamespace, baba: Client) -> None:
    assert home(baba) == []
    choosing.give_up(invitation=world.invitation, wishes=["12/1"], message="", now=world.now)
    late = office.invite(world, world.page, world.ito)
    Invitation.objects.filter(pk=late.pk).update(answer_by=world.now - timedelta(hours=1))
    later = office.page(world, host_mode="later", fixed=[world.endo])
    slot = office.offer(world, later, 15)[0]
    third = story.candidate(world.company, "三番", "花", job=world.job, stage=world.stage)
    choosing.choose(invitation=office.invite(world, later, third), slot=slot, now=world.now)

    lines = home(baba)

    assert [line for line in lines if "合う日時がないと連絡がありました" in line and "佐藤 美咲" in line]
    assert [line for line in lines if "回答のないまま期限を過ぎました" in line and "伊藤 蓮" in line]
    assert [line for line in lines if "Zoom主催者を選んでください" in line and "三番 花" in line]
    inviting.mark_handled(world.invitation, by=world.baba, now=world.now)
    assert not [line for line in home(baba) if "合う日時がない" in line]


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "新田 望（招待中）"), ("en", "Nozomi Nitta (invited)")]
)
def test_who_holds_the_interviews_is_named_for_the_reader_and_who_has_not_joined_is_marked(
    world: SimpleNamespace, baba: Client, language: str, words: str
) -> None:
    world.baba.language = language
    world.baba.save()
    invited = story.user(
        world.company, "new@sample.example.jp", "新田", "望",
        romaji="Nozomi Nitta", invited_at=timezone.now(), joined_at=None,
    )  # fmt: skip

    page = soup(baba.get("/booking/new/"))

    for field in ("fixed", "pool"):
        box = page.find("input", attrs={"name": field, "value": str(invited.pk)})
        assert box.find_parent("label").get_text(strip=True) == words
