"""People's own spelling is never touched; readings and login names are made uniform."""

import pytest

from mensetsu.accounts import names


@pytest.mark.parametrize(
    "name", ["神", "塚", "髙橋", "﨑太郎", "𠮷野", "㈱サンプル", "Nguyễn Văn An", "葛\U000e0100城", "ﾊﾝｶｸ"]
)
def test_a_name_keeps_every_sign(name: str) -> None:
    assert names.spaced(f"  {name}　") == name


def test_spaces_inside_become_one() -> None:
    assert names.spaced("山田　　 花子") == "山田 花子"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("やまだ", "ヤマダ"),
        ("ﾔﾏﾀﾞ", "ヤマダ"),
        ("サトー", "サトー"),
        ("サト-", "サトー"),
        ("サト－", "サトー"),
        ("ﾏｼｭｰ", "マシュー"),
        ("ヴァン", "ヴァン"),
        ("ノ・ト", "ノ・ト"),
        ("やまだ　はなこ", "ヤマダ ハナコ"),
        ("", ""),
        ("山田", None),
        ("Yamada", None),
        ("-ヤマダ", None),
    ],
)
def test_a_reading_is_stored_in_full_width_katakana(typed: str, stored: str | None) -> None:
    assert names.kana(typed) == stored


@pytest.mark.parametrize("typed", ["Aoki@Example.JP", " ａｏｋｉ＠ｅｘａｍｐｌｅ．ｊｐ　", "aoki@example.jp"])
def test_a_login_name_has_one_form(typed: str) -> None:
    assert names.login(typed) == "aoki@example.jp"


@pytest.mark.parametrize(
    ("family", "given", "language", "full"),
    [
        ("Miller", "Anna", "en", "Anna Miller"),
        ("Müller-Lüdenscheidt", "", "en", "Müller-Lüdenscheidt"),
        ("Miller", "Anna", "ja", "Miller Anna"),
        ("鈴木", "一郎", "en", "鈴木 一郎"),
        ("長曽我部", "Anna", "en", "長曽我部 Anna"),
    ],
)
def test_a_full_name_stands_as_its_owner_writes_it(family: str, given: str, language: str, full: str) -> None:
    assert names.full(family, given, language=language) == full
