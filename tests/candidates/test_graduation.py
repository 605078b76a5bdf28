"""卒業年 in the ways people write it."""

import pytest

from mensetsu.candidates import graduation


@pytest.mark.parametrize(
    ("typed", "read", "written"),
    [
        ("2028", (2028, None), "2028"),
        ("28卒", (2028, None), "2028"),
        ("２０２８年卒", (2028, None), "2028"),
        ("2028年9月卒", (2028, 9), "2028/09"),
        ("2028/9", (2028, 9), "2028/09"),
        ("2028年3月卒業予定", (2028, None), "2028"),
    ],
)
def test_a_year_is_read(typed: str, read: tuple[int, int | None], written: str) -> None:
    assert graduation.read(typed) == read
    assert graduation.write(*read) == written
    assert graduation.read(written) == read


@pytest.mark.parametrize("typed", ["", "既卒", "2028年13月", "1900", "令和10年"])
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        graduation.read(typed)


def test_no_year_is_written_as_nothing() -> None:
    assert graduation.write(None, None) == ""
