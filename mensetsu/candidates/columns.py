"""Which column of a file is what: Japanese and English headings, and the words for them on screen and in exports."""

from collections.abc import Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from mensetsu.candidates import searching

# name → (label, further headings that are understood). The labels are also the headings of an export.
COLUMNS: dict[str, tuple[str, tuple[str, ...]]] = {
    "external_id": (_("Applicant number"), ("応募者番号", "応募者ID", "管理番号", "ID", "No", "番号", "external_id")),
    "full_name": (_("Full name"), ("氏名", "名前", "お名前", "応募者名", "name", "full_name")),
    "family_name": (_("Family name"), ("姓", "氏", "苗字", "last name", "surname", "family_name")),
    "given_name": (_("Given name"), ("名", "first name", "given_name")),
    "full_kana": (_("Reading"), ("フリガナ", "ふりがな", "カナ", "氏名カナ", "氏名（カナ）", "kana")),
    "family_kana": (_("Family name (reading)"), ("セイ", "せい", "姓カナ", "姓（カナ）", "family_kana")),
    "given_kana": (_("Given name (reading)"), ("メイ", "めい", "名カナ", "名（カナ）", "given_kana")),
    "romaji": (_("Name in Latin letters"), ("ローマ字", "英字氏名", "romaji")),
    "email": (_("Email address"), ("メールアドレス", "メール", "Eメール", "email", "e-mail", "mail")),
    "phone": (_("Phone number"), ("電話番号", "電話", "携帯電話", "携帯番号", "TEL", "phone", "mobile")),
    "job": (_("Job"), ("職種", "求人", "応募職種", "ポジション", "position", "job title")),
    "stage": (_("Stage"), ("選考ステップ", "選考段階", "ステップ", "step")),
    "status": (_("Status"), ("ステータス", "状況")),
    "agency": (_("Agency"), ("紹介会社", "人材紹介会社", "紹介元")),
    "contact_route": (_("Contact by"), ("連絡方法", "contact_route")),
    "owner": (_("Owner"), ("担当", "担当者", "採用担当", "採用担当者")),
    "source": (_("Source"), ("応募経路", "媒体", "経路", "応募媒体")),
    "graduation": (_("Graduation"), ("卒業年", "卒年", "卒業年月", "卒業予定年", "graduation year")),
    "applied_on": (_("Applied on"), ("応募日", "応募日時", "エントリー日", "applied_on", "application date")),
    "language": (_("Applicant's language"), ("言語", "language", "lang")),
    "note": (_("Note"), ("メモ", "備考", "note", "notes", "remarks")),
}  # fmt: skip


def _known() -> dict[str, str]:
    known: dict[str, str] = {}
    for name, (label, headings) in COLUMNS.items():
        for heading in (name, label, *headings):
            known.setdefault(searching.key(heading).replace("_", ""), name)
    return known


_HEADINGS = _known()


def match(headings: Sequence[str]) -> dict[int, str]:
    """Column number → name, for the headings that are understood; the first of two equal ones counts."""
    found: dict[int, str] = {}
    for place, heading in enumerate(headings):
        name = _HEADINGS.get(searching.key(heading).replace("_", ""))
        if name and name not in found.values():
            found[place] = name
    return found


def label(name: str) -> str:
    return gettext(COLUMNS[name][0])
