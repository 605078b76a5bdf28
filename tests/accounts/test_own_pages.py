"""プロフィール and 会社情報: what is typed is kept as typed, saved at once, refused with the field named."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from mensetsu.accounts.models import CompanyHoliday

PROFILE = {
    "family_name": "髙橋",
    "given_name": "﨑太郎",
    "family_kana": "たかはし",
    "given_kana": "ｻｷﾀﾛｰ",
    "romaji": "Sakitaro Takahashi",
    "extension": "内線 12",
    "language": "ja",
    "time_zone": "Europe/London",
    "theme": "light",
    "has_shortcuts": "on",
}
COMPANY = {
    "name": "株式会社サンプル",
    "name_en": "Sample Inc.",
    "department": "人事部",
    "phone": "03-1234-5000",
    "office_hours": "平日 9:00〜18:00",
    "contact_name": "山田 花子",
    "contact_phone": "03-1234-5678",
    "mail_from": "ｓａｉｙｏ＠Sample.example.jp",
    "mail_reply_to": "",
    "language": "ja",
    "time_zone": "Asia/Tokyo",
    "self_reference": "弊社",
    "colleague_honorific": "様",
    "fiscal_year_first_month": "10",
}


def soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def errors(answer: Any) -> list[str]:
    return [li.get_text() for li in soup(answer).select("#errors li")]


@pytest.fixture
def aoki(people: SimpleNamespace, client_of: Any) -> Client:
    return client_of(people.aoki)


def test_the_profile_is_saved_as_typed_and_readings_in_katakana(
    people: SimpleNamespace, aoki: Client
) -> None:
    answer = aoki.post("/profile/", PROFILE)

    people.aoki.refresh_from_db()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/profile/")
    assert people.aoki.full_name == "髙橋 﨑太郎"
    assert (people.aoki.family_kana, people.aoki.given_kana) == ("タカハシ", "サキタロー")
    assert (people.aoki.time_zone, people.aoki.theme, people.aoki.has_shortcuts) == (
        "Europe/London",
        "light",
        True,
    )
    assert people.aoki.name_in("en") == "Sakitaro Takahashi"


def test_shortcuts_can_be_switched_off_and_on(people: SimpleNamespace, aoki: Client) -> None:
    without = {key: value for key, value in PROFILE.items() if key != "has_shortcuts"}
    aoki.post("/profile/", without)
    people.aoki.refresh_from_db()
    off_at = people.aoki.shortcuts_off_at
    aoki.post("/profile/", without)
    people.aoki.refresh_from_db()

    assert off_at is not None
    assert people.aoki.shortcuts_off_at == off_at
    aoki.post("/profile/", PROFILE)
    people.aoki.refresh_from_db()
    assert people.aoki.has_shortcuts


def test_a_refused_profile_keeps_what_was_typed_and_changes_nothing(
    people: SimpleNamespace, aoki: Client
) -> None:
    answer = aoki.post(
        "/profile/", {**PROFILE, "family_name": "", "given_kana": "太郎", "time_zone": "Mars/X"}
    )

    page = soup(answer)
    assert answer.status_code == 422
    assert errors(answer) == [
        "姓を入力してください。",
        "メイはひらがなまたはカタカナで入力してください。",
        "タイムゾーンを一覧から選択してください。",
    ]
    assert page.select_one("#id_given_kana")["value"] == "太郎"
    assert page.select_one("header summary").get_text() == "青木 葵"
    people.aoki.refresh_from_db()
    assert people.aoki.full_name == "青木 葵"


def test_too_long_says_the_limit_and_the_present_length(aoki: Client) -> None:
    answer = aoki.post("/profile/", {**PROFILE, "family_name": "長" * 51})

    assert errors(answer) == ["姓は50文字以内で入力してください（現在51文字）。"]


def test_nobody_can_raise_their_own_role_here(people: SimpleNamespace, client_of: Any) -> None:
    client_of(people.doi).post(
        "/profile/", {**PROFILE, "role": "admin", "email": "x@y.example", "organization": "2"}
    )

    people.doi.refresh_from_db()
    assert (people.doi.role, people.doi.email, people.doi.organization) == (
        "interviewer",
        "doi@sample.example.jp",
        people.company,
    )


def test_changing_the_language_answers_in_the_new_one(aoki: Client) -> None:
    page = aoki.post("/profile/", {**PROFILE, "language": "en"}, follow=True)

    assert "Your profile is saved." in soup(page).select_one("#flash").get_text()
    assert soup(page).h1.get_text() == "Profile"


def test_the_company_is_saved(people: SimpleNamespace, aoki: Client) -> None:
    answer = aoki.post("/settings/organization/", COMPANY)

    people.company.refresh_from_db()
    assert answer.status_code == 303
    assert (people.company.mail_from, people.company.self_reference) == ("saiyo@sample.example.jp", "弊社")
    assert people.company.fiscal_year_first_month == 10


def test_a_company_without_name_is_refused(people: SimpleNamespace, aoki: Client) -> None:
    answer = aoki.post("/settings/organization/", {**COMPANY, "name": " ", "mail_reply_to": "x"})

    assert answer.status_code == 422
    assert errors(answer) == [
        "会社名を入力してください。",
        "メールアドレスの形を確認してください。例：taro@example.jp",
    ]
    people.company.refresh_from_db()
    assert people.company.name == "株式会社サンプル"


def test_holidays_are_added_and_removed(people: SimpleNamespace, aoki: Client) -> None:
    added = aoki.post(
        "/settings/organization/holidays/", {"on": "２０２６／１２／３０", "name": "年末年始"}, follow=True
    )
    holiday = CompanyHoliday.objects.get()
    removed = aoki.post(f"/settings/organization/holidays/{holiday.pk}/removal/", follow=True)

    assert holiday.on == date(2026, 12, 30)
    assert "2026年12月30日(水) 年末年始" in soup(added).select_one("#holidays").get_text(" ", strip=True)
    assert "2026年12月30日(水)を会社の休日から外しました。" in soup(removed).select_one("#flash").get_text()
    assert not CompanyHoliday.objects.exists()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"on": "2026-11-31", "name": "休"}, ["2026年11月31日はありません。日付を確認してください。"]),
        ({"on": "", "name": ""}, ["日付を入力してください。", "名前を入力してください。"]),
        (
            {"on": "2026-12-29", "name": "別名"},
            ["2026年12月29日(火)は、すでに登録されています（仕事納め）。"],
        ),
    ],
)
def test_a_refused_holiday_says_why_next_to_the_list(
    people: SimpleNamespace, aoki: Client, form: dict, said: list[str]
) -> None:
    CompanyHoliday.objects.create(organization=people.company, on=date(2026, 12, 29), name="仕事納め")

    answer = aoki.post("/settings/organization/holidays/", form)

    assert answer.status_code == 422
    assert errors(answer) == said
    assert soup(answer).select_one("#holidays #errors") is not None
    assert CompanyHoliday.objects.count() == 1


@pytest.mark.parametrize("path", ["/profile/", "/settings/organization/", "/settings/staff/new/"])
def test_every_control_has_one_label_and_no_id_stands_twice(aoki: Client, path: str) -> None:
    page = soup(aoki.get(path))

    ids = [tag["id"] for tag in page.select("[id]")]
    controls = [
        tag for tag in page.select("main input, main select, main textarea") if tag.get("type") != "hidden"
    ]
    assert sorted(ids) == sorted(set(ids))
    assert [tag["name"] for tag in controls if not page.select(f'label[for="{tag["id"]}"]')] == []
