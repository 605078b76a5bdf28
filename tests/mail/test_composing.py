"""The letter as it would leave, and what it can be asked before it leaves."""

import pytest

from mensetsu.mail import composing, tags

NAMES = tags.Names({"place": ("面接場所",), "note": ("備考",)})
VALUES = {"place": " \t", "note": None}


def preview(subject: str, body: str) -> composing.Letter:
    return composing.preview(subject=subject, body=body, values=VALUES, names=NAMES)


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("場所: {{面接場所}}\n以上", "場所:\n以上"),
        ("  {{面接場所}}\n以上", "\n以上"),
        ("以上\n{{面接場所}}  ", "以上\n"),
        ("{{面接場所}}{{面接場所}}", ""),
        ("", ""),
    ],
)
def test_spaces_at_the_ends_of_lines_go_also_where_a_tag_left_them(written: str, left: str) -> None:
    assert preview("件名", written).body == left


def test_a_letter_knows_what_it_lacks() -> None:
    whole, lacking, strange = (
        preview("件名", body) for body in ("場所: {{面接場所}}", "{{備考}} {{備考}}", "{{面接塲所}}")
    )

    assert [one.is_whole for one in (whole, lacking, strange)] == [True, False, False]
    assert [one.missing for one in (whole, lacking, strange)] == [[], ["note"], []]


def test_nothing_can_begin_a_line_of_its_own_in_the_subject() -> None:
    assert preview("件名\r\nBcc: x@example.com\x00", "本文").subject == "件名 Bcc: x@example.com"
