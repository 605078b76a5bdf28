"""How an applicant is found."""

import pytest

from mensetsu.candidates import searching


def stored(**values: str) -> str:
    return searching.search_text(
        names=[values.get("family", "佐藤"), values.get("given", "美咲")],
        readings=[values.get("family_kana", "サトウ"), values.get("given_kana", "ミサキ")],
        romaji=values.get("romaji", ""),
        email=values.get("email", ""),
        phone=values.get("phone", ""),
        number=values.get("number", ""),
    )


def finds(query: str, text: str) -> bool:
    return all(term in text for term in searching.terms(query))


@pytest.mark.parametrize(
    "query",
    [
        "さとう",
        "サトウ",
        "ｻﾄｳ",
        "sato",
        "SATOU",
        "ｓａｔｏ",
        "佐藤",
        "佐 藤",
        "佐藤　美咲",
        "美咲 佐藤",
        "さとうみさき",
        "satou misaki",
    ],
)
def test_she_is_found_however_the_name_is_typed(query: str) -> None:
    assert finds(query, stored())


@pytest.mark.parametrize("query", ["さいとう", "鈴木", "佐藤 花子", "藤佐"])
def test_others_are_not(query: str) -> None:
    assert not finds(query, stored())


@pytest.mark.parametrize(
    ("query", "family"),
    [
        ("高橋", "髙橋"), ("髙橋", "高橋"), ("山崎", "山﨑"), ("渡辺", "渡邊"), ("渡邉", "渡辺"), ("渡邊", "渡邉"),
        ("浜田", "濵田"), ("濱田", "浜田"), ("沢村", "澤村"), ("斉藤", "齋藤"), ("齊藤", "斎藤"), ("広瀬", "廣瀬"),
        ("真田", "眞田"), ("国分", "國分"), ("吉村", "𠮷村"), ("神田", "神\ufe00田"), ("神田", "\ufa19田"),
    ],
)  # fmt: skip
def test_variants_of_a_character_are_one(query: str, family: str) -> None:
    assert finds(query, stored(family=family))


@pytest.mark.parametrize("query", ["nguyen", "Nguyễn", "van an", "NGUYỄN VĂN"])
def test_latin_names_are_found_without_their_marks(query: str) -> None:
    assert finds(query, stored(family="Nguyễn", given="Văn An", family_kana="", given_kana=""))


@pytest.mark.parametrize(
    "query",
    [
        "090-1234-5678",
        "09012345678",
        "０９０ー１２３４ー５６７８",
        "090 1234 5678",
        "+81 90-1234-5678",
        "1234",
    ],
)
def test_a_phone_number_is_found_in_every_notation(query: str) -> None:
    assert finds(query, stored(phone="+819012345678"))


def test_a_mail_address_is_found_by_any_part() -> None:
    assert finds("Misaki-S@example", stored(email="misaki-s@example.com"))


def test_no_match_runs_from_one_field_into_the_next() -> None:
    assert not finds("美咲さとう", stored())


def test_long_marks_do_not_count() -> None:
    assert finds("マシュ", stored(given_kana="マシュー"))
    assert finds("マシュー", stored(given_kana="マシュ"))


def test_nothing_typed_is_no_condition() -> None:
    assert searching.terms("　 ") == []


def test_the_order_is_by_reading_and_by_name_where_there_is_none() -> None:
    assert searching.sort_key(["佐藤", "美咲"], ["サトウ", "ミサキ"]) == "さとうみさき"
    assert searching.sort_key(["Smith", ""], ["", ""]) == "smith"
