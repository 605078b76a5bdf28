"""Files as people's programs really write them."""

import csv

import pytest

from mensetsu.candidates import csv_files
from mensetsu.candidates.csv_files import Unreadable

TEXT = "氏名,メールアドレス\r\n髙橋 健太郎,k@example.com\r\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode("utf-8"), "UTF-8"),
        (TEXT.encode("utf-8-sig"), "UTF-8"),
        (TEXT.encode("cp932"), "Shift_JIS (CP932)"),
        (TEXT.replace("\r\n", "\n").encode(), "UTF-8"),
        (TEXT.replace(",", "\t").encode("cp932"), "Shift_JIS (CP932)"),
    ],
)
def test_the_usual_encodings_are_read(data: bytes, encoding: str) -> None:
    table = csv_files.read(data)

    assert (table.encoding, table.headings, table.rows) == (
        encoding, ["氏名", "メールアドレス"], [(2, ["髙橋 健太郎", "k@example.com"])]
    )  # fmt: skip


def test_empty_rows_are_left_out_and_the_others_keep_their_numbers() -> None:
    table = csv_files.read("氏名\n佐藤\n\n,\n鈴木\n".encode())

    assert table.rows == [(2, ["佐藤"]), (5, ["鈴木"])]


def test_a_cell_may_have_line_breaks_and_commas() -> None:
    assert csv_files.read('氏名,メモ\n佐藤,"一行目\n二行目, 三"\n'.encode()).rows == [
        (2, ["佐藤", "一行目\n二行目, 三"])
    ]


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "empty", None),
        ("氏名\n".encode(), "no_rows", None),
        (TEXT.encode("utf-16"), "utf16", None),
        (b"name\nsato\x00\n", "nul", 2),
        ("氏名\n佐藤\n".encode() + b"\xe3\x81\n", "encoding", 3),
        ("氏名\n佐藤\n鈴木\n".encode("cp932") + b"\x82\xa0\x80\xff\n", "encoding", 4),
        ("氏名\n佐藤\n".encode("cp932") + b"\x81\n", "encoding", 3),
        ('氏名\n佐藤\n"鈴木\n'.encode(), "csv", 3),
        # Where the quotation mark opened, not where the reader stumbled over it.
        (b'name,memo\na,"open\nb,"closed"\n', "csv", 2),
        (b'name,memo\n"a ""b""\r\nc","d"\ne,"open\nf,g\nh,i\n', "csv", 4),
        (b'name\n"two\nlines"\n"in a row"x\n', "csv", 4),
        (b'name\n"' + b"a\n" * 6_000 + b'"\n', "csv", 2),
        (b"a" * (5 * 1024 * 1024 + 1), "too_big", None),
        (b"name\n" + b"a\n" * 20_001, "too_many_rows", None),
        (b"name\n" + b"a" * 10_001, "csv", 2),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(data: bytes, code: str, line: int | None) -> None:
    with pytest.raises(Unreadable) as refusal:
        csv_files.read(data)

    assert (refusal.value.code, refusal.value.line) == (code, line)


def test_twenty_thousand_rows_are_not_too_many() -> None:
    assert len(csv_files.read(b"name\n" + b"a\n" * 20_000).rows) == 20_000


@pytest.mark.parametrize("cell", ["=1+1", "+81 90", "-2", "@SUM(A1)", "＝1", '=HYPERLINK("http://x")'])
def test_formulas_leave_as_text_and_come_back_as_they_were(cell: str) -> None:
    line = csv_files.write_row([cell, "佐藤"])

    assert csv_files.read(f"a,b\r\n{line}".encode()).rows == [(2, [cell, "佐藤"])]
    assert next(csv.reader([line]))[0] == "'" + cell


def test_an_apostrophe_of_a_name_stays() -> None:
    assert csv_files.read(b"a\r\n'Arcy\r\n").rows == [(2, ["'Arcy"])]
