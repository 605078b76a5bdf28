"""The list as a file, and back."""

from types import SimpleNamespace

from django.utils import timezone

from mensetsu.candidates import exporting, importing
from mensetsu.candidates.models import Candidate
from mensetsu.history.models import Entry
from tests import story
from tests.candidates.taking import NOW, outcomes, register

NASTY = '=HYPERLINK("http://evil")'


def test_an_export_can_be_taken_in_again_without_a_change(people: SimpleNamespace) -> None:
    job, contact = story.job(people.company), story.agency(people.company)
    register(
        people, external_id="A-1", family_kana="サトウ", romaji="Misaki Sato", phone="+81 90 1234 5678",
        phone_e164="+819012345678", job=job, stage=job.stages.first(), agency=contact.agency, owner=people.aoki,
        contact_route="both", status="offered", source=NASTY, graduation_year=2028, graduation_month=9,
        applied_on=timezone.localdate(NOW), note="一行目\n二行目,\"引用\"",
    )  # fmt: skip
    register(people, family_name="Nguyen Van", given_name="", email="@例", external_id="-1")

    text = "".join(exporting.export(Candidate.objects.filter(external_id="A-1"), by=people.baba, now=NOW))
    again = importing.upload(data=text.encode(), file_name="x.csv", by=people.baba, now=NOW)

    assert text.startswith("\ufeff応募者番号,姓,名,セイ,メイ,ローマ字,メールアドレス,電話番号,")
    assert "'=HYPERLINK" in text
    assert "2026/11/25" in text
    assert outcomes(again) == [("same", [])]
    assert again.trial["lines"][0]["changes"] == []


def test_an_export_names_an_owner_who_has_left_and_still_can_be_taken_in(people: SimpleNamespace) -> None:
    register(people, external_id="A-1", owner=people.aoki)
    register(people, external_id="A-2", family_name="鈴木", email="i@example.com", owner=people.baba)
    people.aoki.deactivated_at = NOW
    people.aoki.save()

    text = "".join(exporting.export(Candidate.objects.all(), by=people.baba, now=NOW))
    again = importing.upload(data=text.encode(), file_name="x.csv", by=people.baba, now=NOW)

    assert people.aoki.email in text
    assert outcomes(again) == [("same", []), ("same", [])]


def test_who_has_left_becomes_nobody_elses_owner(people: SimpleNamespace) -> None:
    register(people, external_id="A-1", owner=people.baba)
    people.aoki.deactivated_at = NOW
    people.aoki.save()
    text = f"応募者番号,氏名,担当\nA-1,佐藤 美咲,{people.aoki.email}\nA-2,田中 修,{people.aoki.full_name}\n"

    again = importing.upload(data=text.encode(), file_name="x.csv", by=people.baba, now=NOW)

    assert outcomes(again) == [
        ("refused", [f"担当「{people.aoki.email}」は登録されていません。"]),
        ("refused", [f"担当「{people.aoki.full_name}」は登録されていません。"]),
    ]


def test_the_present_owner_may_have_a_namesake(people: SimpleNamespace) -> None:
    story.user(people.company, "baba2@sample.example.jp", "馬場", "文")
    register(people, external_id="A-1", owner=people.baba)

    again = importing.upload(
        data="応募者番号,氏名,担当\nA-1,佐藤 美咲,馬場 文\n".encode(),
        file_name="x.csv",
        by=people.baba,
        now=NOW,
    )

    assert outcomes(again) == [("same", [])]


def test_an_export_is_noted_in_the_history_of_who_took_it(people: SimpleNamespace) -> None:
    register(people)

    list(exporting.export(Candidate.objects.all(), by=people.baba, now=NOW))

    entry = Entry.objects.get(action="user.exported_candidates")
    assert (entry.subject_id, entry.actor, entry.facts) == (people.baba.pk, people.baba, {"count": 1})
