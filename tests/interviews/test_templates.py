"""The pages on which a company's texts are prepared."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from mensetsu.candidates.models import ContactRoute
from mensetsu.interviews import announcing, tags, worst_case
from mensetsu.mail import samples
from mensetsu.mail.models import Purpose, Template
from tests.interviews import writing

pytestmark = pytest.mark.django_db


@pytest.fixture
def text(people: Any) -> Template:
    samples.install_samples(people.company, writing.NOW)
    return Template.objects.get(organization=people.company, sample="ja/confirmation.candidate.web")


@pytest.fixture
def admin(people: Any, client_of: Any) -> Any:
    return client_of(people.aoki)


def words(answer: Any) -> str:
    return BeautifulSoup(answer.content, "html.parser").get_text(" ", strip=True)


def page(template: Template) -> str:
    return reverse("interviews:template", args=[template.pk])


def filled(answer: Any, **changes: str) -> dict[str, str]:
    form = BeautifulSoup(answer.content, "html.parser").find("form", id="template-form")
    data = {one["name"]: one.get("value", "") for one in form.find_all("input") if one.get("name")}
    data |= {one["name"]: one.text.removeprefix("\n") for one in form.find_all("textarea")}
    for select in form.find_all("select"):
        chosen = select.find("option", selected=True) or select.find("option")
        data[select["name"]] = chosen.get("value", "")
    return {**data, **changes}


def test_the_table_shows_every_text_and_the_gaps(text, admin, people) -> None:
    Template.objects.filter(organization=people.company, sample="en/reminder.agency").update(
        retired_at=writing.NOW
    )

    answer = admin.get(reverse("mail:templates"))

    soup = BeautifulSoup(answer.content, "html.parser")
    assert soup.find("a", href=page(text)).text == "日程確定（応募者・WEB面接）"
    gaps = [chip.text for chip in soup.select(".chip")]
    assert gaps == ["文面なし（English）"]
    add = soup.find("a", string="追加")["href"]
    assert "purpose=reminder&receiver=agency&language=en" in add


def test_a_company_founded_a_moment_ago_finds_its_texts(admin, people) -> None:
    admin.get(reverse("mail:templates"))

    assert Template.objects.filter(organization=people.company).count() == len(samples.all_samples())
    assert Template.objects.filter(organization=people.other).count() == 0


def test_an_administrator_changes_a_text_and_the_old_one_stays(text, admin) -> None:
    old = text.body
    data = filled(admin.get(page(text)), body="{{応募者氏名}} 様\r\n{{応募者ページURL}}")

    answer = admin.post(page(text), data)

    assert answer.status_code == 303
    text.refresh_from_db()
    assert text.body == "{{応募者氏名}} 様\n{{応募者ページURL}}"
    assert [version.body for version in text.versions.all()] == [old]


def test_recruiters_read_and_do_not_change(text, people, client_of) -> None:
    baba = client_of(people.baba)

    answer = baba.get(page(text))
    baba.post(page(text), {"name": "x", "subject": "x", "body": "x"})

    assert answer.status_code == 200
    assert BeautifulSoup(answer.content, "html.parser").find("form", id="template-form") is None
    text.refresh_from_db()
    assert text.subject != "x"


def test_a_text_that_can_never_be_sent_is_not_kept(text, admin) -> None:
    answer = admin.post(
        page(text), filled(admin.get(page(text)), body="{{面接日字}} {{面接官マイページURL}}")
    )

    assert answer.status_code == 422
    assert "「{{面接日字}}」というタグはありません。「{{面接日時}}」ではありませんか。" in words(answer)
    assert "「{{面接官マイページURL}}」は、このメールでは使えません。" in words(answer)


def test_somebody_elses_change_is_named(text, admin, people) -> None:
    data = filled(admin.get(page(text)), body="青木の文面")
    people.aoki.given_name = "葵"
    admin.post(page(text), data)

    answer = admin.post(page(text), {**data, "body": "古い画面からの文面"})

    assert answer.status_code == 422
    assert "がこのテンプレートを変更しました。内容を確認して、もう一度保存してください。" in words(answer)
    text.refresh_from_db()
    assert text.body == "青木の文面"


def test_pasted_tags_of_another_service_are_offered_for_conversion(text, admin) -> None:
    data = filled(admin.get(page(text)), body="<#応募者名#> 様\r\n<#ZoomミーティングURL#>\r\n<#社内コード#>")

    offer = admin.post(page(text), {**data, "act": "preview"})
    converted = admin.post(page(text), {**data, "act": "convert"})

    heads = [cell.text for cell in BeautifulSoup(offer.content, "html.parser").select("table th")]
    assert heads == ["今のタグ", "置き換え後"]
    cells = [cell.text for cell in BeautifulSoup(offer.content, "html.parser").select("table td")]
    assert cells == [
        "<#応募者名#>",
        "{{応募者氏名}}",
        "<#ZoomミーティングURL#>",
        "{{ZoomミーティングURL}}",
    ]
    assert "次のタグは見つかりません：<#社内コード#>" in words(offer)
    assert filled(converted)["body"].replace("\r\n", "\n") == (
        "{{応募者氏名}} 様\n{{ZoomミーティングURL}}\n<#社内コード#>"
    )


def test_the_preview_has_made_up_values_and_the_worst_case(text, admin) -> None:
    usual = words(admin.get(page(text)))
    worst = words(admin.get(page(text) + "?sample=worst"))

    assert "佐藤 美咲 様" in usual
    assert "長曽我部 権左衛門之助髙﨑𠮷 様" in worst
    assert "値がありません：受付時間" in worst


def test_the_preview_fragment_escapes_what_was_typed(text, admin) -> None:
    data = filled(admin.get(page(text)), body="<script>alert(1)</script> {{応募者氏名}}")

    answer = admin.post(reverse("interviews:template_preview"), data)

    soup = BeautifulSoup(answer.content, "html.parser")
    assert soup.find("script") is None
    assert soup.select_one(".preview").text == "<script>alert(1)</script> 佐藤 美咲"


def test_the_initial_text_and_versions_come_back(text, admin) -> None:
    original = text.body
    admin.post(page(text), filled(admin.get(page(text)), body="変更後"))
    restore = reverse("interviews:template_restore", args=[text.pk])

    admin.post(restore)
    text.refresh_from_db()
    assert text.body == original

    changed = text.versions.get(body="変更後")
    admin.post(restore, {"version": changed.pk})
    text.refresh_from_db()
    assert text.body == "変更後"


def test_a_new_text_is_added_for_its_case(text, admin, people) -> None:
    address = reverse("interviews:template_add") + "?purpose=other&receiver=agency&language=ja"
    data = filled(
        admin.get(address),
        name="お礼",
        subject="お礼",
        body="{{紹介会社名}} 御中",
        purpose="other",
        receiver="agency",
    )

    answer = admin.post(address, data)

    assert answer.status_code == 303
    made = Template.objects.get(name="お礼")
    assert (made.organization, made.purpose, made.receiver, made.sample) == (
        people.company,
        "other",
        "agency",
        "",
    )


def test_removing_shows_what_it_means_first(text, admin) -> None:
    address = reverse("interviews:template_retire", args=[text.pk])

    asked = admin.get(address)
    answer = admin.post(address)

    assert "以下のテンプレートを削除しますか？" in words(asked)
    assert answer.status_code == 303
    assert admin.get(page(text)).status_code == 404


def test_the_list_of_tags_names_every_tag_in_both_languages(people, client_of) -> None:
    seen = words(client_of(people.baba).get(reverse("interviews:tags")))

    for tag in tags.CATALOGUE:
        assert "{{" + tag.ja + "}}" in seen
        assert "{{" + tag.en + "}}" in seen
        assert str(tag.meaning) in seen


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("receiver", ["candidate", "agency", "interviewer"])
def test_the_worst_case_speaks_of_existing_tags_only(receiver: str, language: str) -> None:
    usual = tags.samples(receiver=receiver, language=language)

    assert set(worst_case.values(receiver=receiver, language=language)) == set(usual)


def test_every_sample_belongs_to_a_case_that_can_be_chosen(people) -> None:
    made = writing.again(writing.with_agency(writing.ready(people), ContactRoute.BOTH))

    listed = {
        template.sample
        for purpose in Purpose.values
        for receiver in ("candidate", "agency", "interviewer")
        for template in announcing.templates(made, purpose=purpose, receiver=receiver, language="ja")
    }

    assert listed == {sample.key for sample in samples.all_samples()}
