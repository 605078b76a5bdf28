"""What is a key, and what only looks like one."""

import pytest

from mensetsu.web import numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("", None),
        ("-1", None),
        ("1.0", None),
        ("②", None),
    ],
)
def test_only_digits_that_fit_a_row_are_a_key(text: str, number: int | None) -> None:
    assert numbers.key(text) == number


def test_what_is_no_key_is_left_out_of_many() -> None:
    assert numbers.keys(["3", "x", "", "1"]) == [3, 1]
