"""What a file would do to each person, and never to the wrong one."""

from types import SimpleNamespace

import pytest

from mensetsu.candidates import columns, importing, labels
from mensetsu.candidates.models import Candidate
from mensetsu.history.models import Entry
from tests import story
from tests.candidates.taking import NOW, outcomes, register, stored, upload


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("応募者番号", "external_id"),
        ("氏名", "full_name"),
        ("氏 名", "full_name"),
        ("Name", "full_name"),
        ("姓", "family_name"),
        ("Last name", "family_name"),
        ("フリガナ", "full_kana"),
        ("ふりがな", "full_kana"),
        ("ﾌﾘｶﾞﾅ", "full_kana"),
        ("E-Mail", "email"),
        ("メール", "email"),
        ("ＴＥＬ", "phone"),
        ("電話番号", "phone"),
        ("卒業年", "graduation"),
        ("applied_on", "applied_on"),
        ("担当者", "owner"),
    ],
)
def test_headings_are_understood_in_both_languages(heading: str, field: str) -> None:
    assert columns.match([heading]) == {0: field}


def test_an_unknown_heading_is_left_out_and_a_second_one_too() -> None:
    assert columns.match(["好きな色", "氏名", "名前"]) == {1: "full_name"}


def test_a_trial_writes_nothing_about_people(people: SimpleNamespace) -> None:
    file = upload(people, "A-1,佐藤 美咲,misaki@example.com,\n")

    assert outcomes(file) == [("new", [])]
    assert Candidate.objects.count() == 0


def test_new_people_are_registered_with_everything_in_the_row(people: SimpleNamespace) -> None:
    job = story.job(people.company)
    contact = story.agency(people.company)
    cells = {
        "氏名": "髙橋　健太郎", "フリガナ": "たかはし　ｹﾝﾀﾛｳ", "ローマ字": "Kentaro Takahashi",
        "メール": "Ｋ＠Ｅｘａｍｐｌｅ．ｃｏｍ", "電話": "０９０－１２３４－５６７８", "職種": "営業",
        "選考ステップ": "最終面接",
        "紹介会社": "株式会社ミライ人材", "担当": "馬場 文", "ステータス": "内定", "卒業年": "28卒",
        "応募日": "2026年11月1日", "言語": "英語", "応募経路": "求人広告", "メモ": '"一行目\n二行目"',
    }  # fmt: skip
    head, row = ",".join(cells) + "\n", ",".join(cells.values()) + "\n"

    file = upload(people, row, head)
    importing.take(file, by=people.baba, now=NOW)

    one = Candidate.objects.get()
    assert (one.family_name, one.given_name, one.family_kana, one.given_kana) == (
        "髙橋",
        "健太郎",
        "タカハシ",
        "ケンタロウ",
    )
    assert (one.email, one.phone_e164, one.job, one.stage.name) == (
        "K@example.com",
        "+819012345678",
        job,
        "最終面接",
    )
    assert (one.agency, one.owner, one.status, one.graduation_year) == (
        contact.agency,
        people.baba,
        "offered",
        2028,
    )
    assert (one.applied_on.isoformat(), one.language, one.source, one.note) == (
        "2026-11-01", "en", "求人広告", "一行目\n二行目"
    )  # fmt: skip
    assert "高橋健太郎" in one.search_text
    assert Entry.objects.get(action="candidate.imported").facts == {"file": "応募者.csv"}


def test_a_wrong_number_never_overwrites_another_person(people: SimpleNamespace) -> None:
    register(people, external_id="A-012")

    file = upload(people, "A-012,鈴木 一郎,ichiro@example.com,\nA-013,田中 修,osamu@example.com,\n")
    importing.take(file, by=people.baba, now=NOW)

    assert outcomes(file)[0] == ("refused", ["応募者番号A-012は別の方（佐藤 美咲 様）の番号です。"])
    assert stored() == [("A-012", "佐藤", "misaki@example.com"), ("A-013", "田中", "osamu@example.com")]


@pytest.mark.parametrize(
    ("row", "changed"),
    [
        ("A-1,佐藤 美咲,new@example.com,", ["email"]),  # number and name
        ("A-1,田中 美咲,misaki@example.com,", ["family_name"]),  # number and mail: a new family name
        (",佐藤 美咲,misaki@example.com,090-1234-5678", ["phone", "phone_e164"]),  # mail and name
        (",佐藤美咲,MISAKI@example.com,", ["email"]),  # written together, other case: still she
    ],
)
def test_a_known_person_is_changed(people: SimpleNamespace, row: str, changed: list[str]) -> None:
    candidate = register(people, external_id="A-1")

    file = upload(people, row + "\n")
    importing.take(file, by=people.baba, now=NOW)

    (line,) = file.trial["lines"]
    assert (line["outcome"], line["id"], [name for name, *_ in line["changes"]]) == (
        "changed",
        candidate.pk,
        changed,
    )
    assert Candidate.objects.count() == 1
    assert Entry.objects.get(action="candidate.edited").facts == {"fields": changed}


def test_empty_cells_change_nothing(people: SimpleNamespace) -> None:
    register(people, external_id="A-1", phone="090-1234-5678", phone_e164="+819012345678")

    assert outcomes(upload(people, "A-1,佐藤 美咲,,\n")) == [("same", [])]


def test_a_number_can_be_given_to_somebody_who_had_none(people: SimpleNamespace) -> None:
    register(people)

    importing.take(upload(people, "A-9,佐藤 美咲,misaki@example.com,\n"), by=people.baba, now=NOW)

    assert stored() == [("A-9", "佐藤", "misaki@example.com")]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (
            ",鈴木 一郎,misaki@example.com,",
            "メールアドレスmisaki@example.comは別の方（佐藤 美咲 様）のアドレスです。",
        ),
        ("A-2,佐藤 美咲,misaki@example.com,", "佐藤 美咲 様は応募者番号A-1で登録されています。"),
        ("A-2,,x@example.com,", "氏名を入力してください。"),
        (",鈴木 一郎,,", "応募者番号、メールアドレス、電話番号のどれかを入力してください。"),
        (",鈴木 一郎,ichiro,", "メールアドレスの形を確認してください：ichiro"),
        (",鈴木 一郎,,12", "電話番号を確認してください：12"),
        (
            "A-2,鈴木 一郎,x@example.com,,余分",
            "見出しより列が多くなっています。余分なカンマがないか確認してください。",
        ),
        (f"A-2,{'あ' * 51},x@example.com,", "姓は50文字以内で入力してください（現在51文字）。"),
        (
            "A-3,田中 修,misaki@example.com,",
            "メールアドレスmisaki@example.comは別の方（佐藤 美咲 様）のアドレスです。",
        ),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(people: SimpleNamespace, row: str, why: str) -> None:
    register(people, external_id="A-1")

    assert outcomes(upload(people, row + "\n")) == [("refused", [why])]


def test_a_known_person_does_not_get_anothers_address(people: SimpleNamespace) -> None:
    register(people, external_id="A-1")
    register(people, family_name="鈴木", given_name="一郎", email="ichiro@example.com", external_id="A-2")

    assert outcomes(upload(people, "A-1,佐藤 美咲,ichiro@example.com,\n")) == [
        ("refused", ["メールアドレスichiro@example.comは別の方（鈴木 一郎 様）のアドレスです。"])
    ]


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        ("職種", "広報", "職種「広報」は登録されていません。"),
        ("選考ステップ", "一次面接", "選考ステップ「一次面接」には職種が必要です。"),
        ("紹介会社", "知らない会社", "紹介会社「知らない会社」は登録されていません。"),
        ("担当", "いない 人", "担当「いない 人」は登録されていません。"),
        (
            "ステータス",
            "保留",
            "ステータスの「保留」は使えません。次のどれかにしてください：選考中、内定、採用、不採用、辞退",
        ),
        ("応募日", "2026/11/31", "2026年11月31日はありません。日付を確認してください。"),
        ("応募日", "先週", "日付を確認してください：先週　例：2026/11/24"),
        ("卒業年", "既卒", "卒業年を確認してください：既卒　例：2028"),
        ("セイ", "sato", "フリガナはひらがなまたはカタカナで入力してください：sato"),
    ],
)
def test_a_cell_that_means_nothing_says_so(people: SimpleNamespace, column: str, cell: str, why: str) -> None:
    file = upload(people, f"佐藤 美咲,misaki@example.com,{cell}\n", f"氏名,メール,{column}\n")

    assert outcomes(file) == [("refused", [why])]


def test_two_colleagues_of_one_name_are_asked_apart_by_mail(people: SimpleNamespace) -> None:
    story.user(people.company, "baba2@sample.example.jp", "馬場", "文")
    head = "氏名,メール,担当\n"

    assert outcomes(upload(people, "佐藤 美咲,m@example.com,馬場 文\n", head)) == [
        ("refused", ["担当「馬場 文」が複数います。メールアドレスで指定してください。"])
    ]
    assert outcomes(upload(people, "佐藤 美咲,m@example.com,baba2@sample.example.jp\n", head)) == [
        ("new", [])
    ]


def test_the_same_person_twice_in_a_file_is_taken_once(people: SimpleNamespace) -> None:
    file = upload(
        people, "A-1,佐藤 美咲,m@example.com,\n,佐藤 美咲,M@example.com,\nA-1,佐藤 花,x@example.com,\n"
    )

    assert outcomes(file) == [
        ("new", []),
        ("refused", ["2行目と同じ方です。"]),
        ("refused", ["2行目と同じ方です。"]),
    ]


def test_several_people_of_one_name_and_mail_are_left_to_a_person(people: SimpleNamespace) -> None:
    register(people)
    register(people)

    assert outcomes(upload(people, ",佐藤 美咲,misaki@example.com,\n")) == [
        ("refused", ["佐藤 美咲 様に当てはまる応募者が複数います。応募者番号を追加してください。"])
    ]


def test_without_number_and_mail_a_person_is_known_by_phone_and_name(people: SimpleNamespace) -> None:
    text = ",佐藤 美咲,,090-1234-5678\n,佐藤 花,,090-1234-5678\n"
    importing.take(upload(people, text), by=people.baba, now=NOW)

    assert outcomes(upload(people, text)) == [("same", []), ("same", [])]


def test_a_probable_slip_is_taken_with_a_remark(people: SimpleNamespace) -> None:
    (line,) = upload(people, ",佐藤 美咲,misaki@gmail.con,\n").trial["lines"]

    assert line["outcome"] == "new"
    assert [labels.sentence(note) for note in line["notes"]] == [
        "misaki@gmail.con：misaki@gmail.com の誤りではありませんか。"
    ]


def test_people_of_another_company_are_neither_known_nor_named(people: SimpleNamespace) -> None:
    story.candidate(people.other, "千葉", "千", email="misaki@example.com", external_id="A-1")

    file = upload(people, "A-1,佐藤 美咲,misaki@example.com,\n")
    importing.take(file, by=people.baba, now=NOW)

    assert outcomes(file) == [("new", [])]
    assert Candidate.objects.get(organization=people.other).family_name == "千葉"
