"""The pages of one applicant and what recruiters press on them."""

from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from mensetsu.candidates import models, registering
from mensetsu.candidates.models import Candidate
from tests import story

NOW = story.tomorrow_at(9, days=-1)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def register(people: SimpleNamespace, **values: Any) -> Candidate:
    values = {"family_name": "佐藤", "given_name": "美咲", "email": "misaki@example.com"} | values
    return registering.register(organization=people.company, values=values, by=people.baba, now=NOW)


def soup(answer: Any, status: int = 200) -> BeautifulSoup:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return BeautifulSoup(answer.content, "html.parser")


def typed(client: Client, path: str, **values: Any) -> Any:
    """Open the form, change what is given, press the button."""
    form = soup(client.get(path)).select_one("form[data-dirty-guard]")
    data = {one["name"]: one.get("value", "") for one in form.select("input[name]")}
    data |= {one["name"]: one.get_text() for one in form.select("textarea[name]")}
    for one in form.select("select[name]"):
        chosen = one.select_one("option[selected]")
        data[one["name"]] = chosen["value"] if chosen else one.select_one("option")["value"]
    return client.post(path, data | values)


def errors(page: BeautifulSoup) -> list[str]:
    return [one.get_text(strip=True) for one in page.select("#errors li")]


def test_an_applicant_is_added(people: SimpleNamespace, client_of: Any) -> None:
    client = client_of(people.baba)

    answer = typed(
        client, reverse("candidates:create"), family_name=" 髙橋 ", given_name="健太郎", family_kana="たかはし",
        given_kana="ｹﾝﾀﾛｰ", email="Ｋ＠Ｅｘａｍｐｌｅ．ｃｏｍ", phone="０９０ー１２３４ー５６７８", graduation="28卒",
    )  # fmt: skip

    one = Candidate.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        reverse("candidates:detail", args=[one.pk]),
    )
    assert (one.family_name, one.family_kana, one.given_kana) == ("髙橋", "タカハシ", "ケンタロー")
    assert (one.email, one.phone, one.phone_e164) == ("K@example.com", "090-1234-5678", "+819012345678")
    assert (one.graduation_year, one.owner, one.contact_route) == (2028, people.baba, "direct")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("family_name", "", "姓を入力してください。"),
        ("family_name", "あ" * 63, "姓は50文字以内で入力してください（現在63文字）。"),
        ("family_kana", "sato", "セイはひらがなまたはカタカナで入力してください。"),
        ("email", "taro", "メールアドレスの形を確認してください。例：taro@example.jp"),
        ("phone", "12", "電話番号を確認してください。例：090-1234-5678"),
        ("applied_on", "2026/11/31", "2026年11月31日はありません。日付を確認してください。"),
        ("graduation", "既卒", "卒業年を確認してください。例：2028"),
        ("contact_route", "agency", "連絡先の紹介会社担当者を選択してください。"),
    ],
)
def test_a_refused_form_says_what_to_do_and_keeps_what_was_typed(
    people: SimpleNamespace, client_of: Any, field: str, value: str, sentence: str
) -> None:
    answer = typed(
        client_of(people.baba),
        reverse("candidates:create"),
        **({"family_name": "佐藤", "romaji": "Sato"} | {field: value}),
    )

    page = soup(answer, 422)
    assert errors(page) == [sentence]
    assert page.title.get_text().startswith("エラー：")
    assert page.select_one("#id_romaji")["value"] == "Sato"
    assert Candidate.objects.count() == 0


@pytest.mark.parametrize(
    ("address", "stored", "sentence"),
    [
        (
            "a@gmail.con",
            "a@gmail.con",
            "a@gmail.com の誤りではありませんか。a@gmail.con で正しいときは「このアドレスで登録」を押してください。",
        ),
        (
            "abc..def@docomo.ne.jp",
            '"abc..def"@docomo.ne.jp',
            "このアドレスは、他社のメールが届かないことがある形式です。別のアドレスがあれば入力してください。",
        ),
    ],
)
def test_a_doubtful_address_is_asked_about_once_and_then_kept(
    people: SimpleNamespace, client_of: Any, address: str, stored: str, sentence: str
) -> None:
    client, path = client_of(people.baba), reverse("candidates:create")

    page = soup(typed(client, path, family_name="佐藤", email=address), 422)
    assert errors(page) == [sentence]
    button = page.select_one("button[name=accept_email]")
    assert button.get_text(strip=True) == "このアドレスで登録"
    typed(client, path, family_name="佐藤", email=address, accept_email=button["value"])

    one = Candidate.objects.get()
    assert one.email == stored
    edit = reverse("candidates:edit", args=[one.pk])
    assert typed(client, edit, given_name="花").status_code == 303  # a known address is not asked about again


def test_enter_in_a_field_saves_and_does_not_accept_a_doubtful_address(
    people: SimpleNamespace, client_of: Any
) -> None:
    page = soup(
        typed(client_of(people.baba), reverse("candidates:create"), family_name="佐藤", email="a@gmail.con"),
        422,
    )

    first = page.select_one("form[data-dirty-guard] button[type=submit]")

    assert first.get("name") is None


def test_step_and_contact_must_fit_job_and_agency(people: SimpleNamespace, client_of: Any) -> None:
    sales, engineers = story.job(people.company), story.job(people.company, "開発")
    contact = story.agency(people.company)
    other = models.Agency.objects.create(organization=people.company, name="別会社")

    page = soup(
        typed(
            client_of(people.baba), reverse("candidates:create"), family_name="佐藤", job=sales.pk,
            stage=engineers.stages.first().pk, agency=other.pk, agency_contact=contact.pk,
        ),
        422,
    )  # fmt: skip

    assert errors(page) == [
        "職種「営業」の選考ステップを選択してください。",
        "別会社の担当者を選択してください。",
    ]


def test_step_and_contact_alone_bring_their_job_and_agency(people: SimpleNamespace, client_of: Any) -> None:
    stage, contact = story.job(people.company).stages.first(), story.agency(people.company)

    typed(
        client_of(people.baba),
        reverse("candidates:create"),
        family_name="佐藤",
        stage=stage.pk,
        agency_contact=contact.pk,
    )

    one = Candidate.objects.get()
    assert (one.job, one.agency, one.contact_route) == (stage.job, contact.agency, "agency")


def test_a_form_offers_only_the_companys_own(people: SimpleNamespace, client_of: Any) -> None:
    strange = story.job(people.other, "よその職種")
    contact = story.agency(people.other, "よその会社")
    closed = story.job(people.company, "終わった職種")
    models.Job.objects.filter(pk=closed.pk).update(closed_at=NOW)
    client, path = client_of(people.baba), reverse("candidates:create")

    form = soup(client.get(path)).get_text()
    answer = typed(
        client, path, family_name="佐藤", job=strange.pk, stage=strange.stages.first().pk, agency=contact.agency_id,
        agency_contact=contact.pk, owner=people.chiba.pk,
    )  # fmt: skip

    assert [word in form for word in ("よその職種", "よその会社", "終わった職種", "千葉", "土井")] == [
        False
    ] * 5
    assert len(errors(soup(answer, 422))) == 5
    assert Candidate.objects.count() == 0


def test_a_number_in_use_names_its_owner(people: SimpleNamespace, client_of: Any) -> None:
    register(people, external_id="A-012")

    page = soup(
        typed(client_of(people.baba), reverse("candidates:create"), family_name="鈴木", external_id="A-012"),
        422,
    )

    assert errors(page) == ["応募者番号A-012は別の方（佐藤 美咲 様）の番号です。"]


def test_two_who_edit_at_once_the_second_is_told_and_keeps_what_was_typed(
    people: SimpleNamespace, client_of: Any
) -> None:
    candidate = register(people)
    path = reverse("candidates:edit", args=[candidate.pk])
    second = client_of(people.baba)
    form = soup(second.get(path))
    version = form.select_one("[name=version]")["value"]
    typed(client_of(people.aoki), path, email="aoki@example.com")

    page = soup(typed(second, path, version=version, email="baba@example.com"), 422)

    told = errors(page)
    assert told[0].startswith("他の人（青木 葵さん、")
    assert told[0].endswith("）がこの応募者を変更しました。内容を確認して、もう一度登録してください。")
    assert told[1:] == ["入力した内容と現在の登録が異なる項目：メールアドレス"]
    assert page.select_one("#id_email")["value"] == "baba@example.com"
    assert Candidate.objects.get().email == "aoki@example.com"

    again = {one["name"]: one.get("value", "") for one in page.select("form[data-dirty-guard] input[name]")}
    assert typed(second, path, version=again["version"], email=again["email"]).status_code == 303
    assert Candidate.objects.get().email == "baba@example.com"


def test_who_was_faster_is_named_in_the_readers_letters(people: SimpleNamespace, client_of: Any) -> None:
    people.aoki.romaji, people.baba.language = "Aoi Aoki", "en"
    people.aoki.save()
    people.baba.save()
    path = reverse("candidates:edit", args=[register(people).pk])
    second = client_of(people.baba)
    version = soup(second.get(path)).select_one("[name=version]")["value"]
    typed(client_of(people.aoki), path, email="aoki@example.com")

    page = soup(typed(second, path, version=version, email="baba@example.com"), 422)

    assert errors(page)[0].startswith("Aoi Aoki changed this applicant at ")


def test_the_page_tells_everything_about_one_person(people: SimpleNamespace, client_of: Any) -> None:
    contact, job = story.agency(people.company), story.job(people.company)
    candidate = register(
        people, family_kana="サトウ", given_kana="ミサキ", phone="+81 90 1234 5678", phone_e164="+819012345678",
        job=job, stage=job.stages.first(), agency=contact.agency, agency_contact=contact, owner=people.baba,
        graduation_year=2028, graduation_month=9, note="メモの\n二行目",
    )  # fmt: skip

    page = soup(client_of(people.baba).get(reverse("candidates:detail", args=[candidate.pk])))

    text = page.get_text(" ", strip=True)
    assert page.h1.get_text(" ", strip=True) == "佐藤 美咲 サトウ ミサキ"
    assert page.select_one('.btn[data-v="primary"]').get_text(strip=True) == "面接を設定する"
    assert page.select_one('.btn[data-v="primary"]')["href"] == f"/candidates/{candidate.pk}/interviews/new/"
    for words in (
        "営業・一次面接",
        "2028年9月卒",
        "担当 馬場 文",
        "紹介会社経由",
        "鈴木 一郎 様",
        "090-1234-5678",
    ):
        assert words in text
    assert page.select_one("a.tel")["href"] == "tel:+819012345678"
    assert page.select_one(".timeline li").get_text(" ", strip=True).endswith("応募者を登録しました 馬場 文")


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_much_for_a_long_story_as_for_a_short_one(
    people: SimpleNamespace, client_of: Any, django_assert_max_num_queries: Any, count: int
) -> None:
    candidate = register(people, job=story.job(people.company), owner=people.baba)
    for number in range(count):
        registering.add_note(candidate, f"メモ{number}", by=people.baba, now=NOW)
    client = client_of(people.baba)
    path = reverse("candidates:detail", args=[candidate.pk])
    client.get(path)

    with django_assert_max_num_queries(7):
        client.get(path)


def test_hostile_text_is_shown_as_text_wherever_it_appears(people: SimpleNamespace, client_of: Any) -> None:
    agency = models.Agency.objects.create(
        organization=people.company, name=HOSTILE, note=HOSTILE, phone=HOSTILE[:40]
    )
    contact = models.AgencyContact.objects.create(
        agency=agency,
        family_name=HOSTILE[:50],
        given_name=HOSTILE[:50],
        email=HOSTILE,
        department=HOSTILE,
        title=HOSTILE[:40],
    )
    job = story.job(people.company, HOSTILE, stages=(HOSTILE[:60],))
    text = dict.fromkeys(("romaji", "email", "note", "external_id"), HOSTILE)
    short = dict.fromkeys(("family_name", "given_name", "family_kana", "given_kana", "source"), HOSTILE[:50])
    candidate = register(
        people, **text, **short, phone=HOSTILE[:40], job=job, stage=job.stages.first(), agency=agency,
        agency_contact=contact, owner=people.baba,
    )  # fmt: skip
    registering.add_note(candidate, HOSTILE, by=people.baba, now=NOW)
    view = models.SavedView.objects.create(
        organization=people.company, owner=people.aoki, name=HOSTILE[:40], query="q=a"
    )
    client = client_of(people.aoki)

    for path in (
        reverse("candidates:list"),
        reverse("candidates:list") + f"?q={'%3Cscript%3E'}&saved={view.pk}&owner=none&job={job.pk}",
        reverse("candidates:detail", args=[candidate.pk]),
        reverse("candidates:edit", args=[candidate.pk]),
        reverse("candidates:agency", args=[agency.pk]),
        reverse("candidates:agencies"),
        reverse("candidates:contact_edit", args=[contact.pk]),
        reverse("candidates:jobs"),
        reverse("candidates:job", args=[job.pk]),
        reverse("candidates:stage_edit", args=[job.stages.first().pk]),
        reverse("candidates:view_create") + "?q=%22%3E%3Cscript%3E",
    ):
        page = soup(client.get(path))
        assert page.select("[onerror], [src=x], script:not([src])") == [], path


def test_a_memo_is_added_to_the_story(people: SimpleNamespace, client_of: Any) -> None:
    candidate = register(people)
    client = client_of(people.baba)
    path = reverse("candidates:add_note", args=[candidate.pk])

    assert client.post(path, {"text": "折り返し電話"}).status_code == 303
    refused = soup(client.post(path, {"text": " "}), 422)

    page = soup(client.get(reverse("candidates:detail", args=[candidate.pk])))
    assert "メモ：折り返し電話" in page.select_one(".timeline").get_text()
    assert errors(refused) == ["メモを入力してください。"]


def test_somebody_who_withdrew_is_not_offered_an_interview_until_they_are_back(
    people: SimpleNamespace, client_of: Any
) -> None:
    candidate = register(people)
    client, path = client_of(people.baba), reverse("candidates:detail", args=[candidate.pk])

    client.post(reverse("candidates:withdraw", args=[candidate.pk]))
    withdrawn = soup(client.get(path))
    client.post(reverse("candidates:reinstate", args=[candidate.pk]))
    back = soup(client.get(path))

    assert "に辞退されました" in withdrawn.get_text()
    assert [page.find("a", string="面接を設定する") is None for page in (withdrawn, back)] == [True, False]


def test_an_interviewer_does_not_enter(people: SimpleNamespace, client_of: Any) -> None:
    candidate = register(people)
    client = client_of(people.doi)

    for path in (
        reverse("candidates:list"),
        reverse("candidates:detail", args=[candidate.pk]),
        reverse("candidates:export"),
    ):
        assert client.get(path).status_code == 403


@pytest.mark.parametrize(
    ("romaji", "heading"),
    [
        ("Misaki Sato", "Misaki Sato 佐藤 美咲 サトウ ミサキ"),
        ("", "佐藤 美咲 サトウ ミサキ"),
    ],
)
def test_an_english_reader_sees_the_kanji_beside_the_romaji(
    people: SimpleNamespace, client_of: Any, romaji: str, heading: str
) -> None:
    candidate = register(people, family_kana="サトウ", given_kana="ミサキ", romaji=romaji)
    baba = client_of(people.baba)
    type(people.baba).objects.filter(pk=people.baba.pk).update(language="en")

    page = soup(baba.get(reverse("candidates:detail", args=[candidate.pk])))
    form = soup(baba.get(reverse("interviews:create", args=[candidate.pk])))

    assert page.h1.get_text(" ", strip=True) == heading
    assert form.select_one("dl dd").get_text(" ", strip=True) == heading
