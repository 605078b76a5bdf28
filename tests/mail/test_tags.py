"""The grammar of message tags, as tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensetsu.mail import tags

NAMES = tags.Names(
    {
        "interview.when": ("面接日時", "Interview time", "面接日程"),
        "interview.when_short": ("面接日時短", "Interview time (short)"),
        "meeting.url": ("ZoomミーティングURL", "Zoom meeting URL"),
        "applicant.name": ("応募者氏名", "Applicant name"),
    }
)
VALUES = {
    "interview.when": "2026年11月24日(火) 14:00〜15:00",
    "meeting.url": "https://example.zoom.us/j/1",
    "applicant.name": "佐藤 美咲",
}


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ("{{応募者氏名}}", "佐藤 美咲"),
        ("{{ 応募者氏名 }}", "佐藤 美咲"),
        ("{{応募者 氏名}}", "佐藤 美咲"),
        ("{{Applicant name}}", "佐藤 美咲"),
        ("{{APPLICANT_NAME}}", "佐藤 美咲"),
        ("{{applicant.name}}", "佐藤 美咲"),
        ("｛｛応募者氏名｝｝", "佐藤 美咲"),
        ("<#応募者氏名#>", "佐藤 美咲"),
        ("<# 応募者氏名 #>", "佐藤 美咲"),
        ("＜＃応募者氏名＃＞", "佐藤 美咲"),
        ("{{ＺｏｏｍミーティングＵＲＬ}}", "https://example.zoom.us/j/1"),
        ("{{ZoomﾐｰﾃｨﾝｸﾞURL}}", "https://example.zoom.us/j/1"),
        ("{{zoom meeting url}}", "https://example.zoom.us/j/1"),
        ("<#ZoomミーティングURL#>", "https://example.zoom.us/j/1"),
        ("{{面接日程}}", "2026年11月24日(火) 14:00〜15:00"),
        ("{{応募者氏名}}{{応募者氏名}}", "佐藤 美咲佐藤 美咲"),
        ("前{{応募者氏名}}後", "前佐藤 美咲後"),
    ],
)
def test_a_tag_is_replaced_however_it_is_spelled(written: str, filled: str) -> None:
    assert tags.fill(written, VALUES, NAMES) == filled


@pytest.mark.parametrize(
    "text",
    [
        "{{settings.SECRET_KEY}}",
        "{{ 7 * 7 }}",
        "{% for x in y %}{% endfor %}",
        "{{ ''.__class__ }}",
        "<script>alert(1)</script>",
        "%(applicant)s {0} ${name}",
        "{{面接日時短}}",  # exists, has no value
        "{{}}",
        "{応募者氏名}",
        "<応募者氏名>",
        "{{応募者\n氏名}}",
        "{{" + "応" * 81 + "}}",
    ],
)
def test_what_is_no_tag_with_a_value_stays_as_it_is_written(text: str) -> None:
    assert tags.fill(text, VALUES, NAMES) == text


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{{応募者氏名}}}", "{佐藤 美咲}"),
        ("{{{{応募者氏名}}}}", "{{佐藤 美咲}}"),
        ("{{ {{応募者氏名}} }}", "{{ 佐藤 美咲 }}"),
        ("{{<#応募者氏名#>}}", "{{<#応募者氏名#>}}"),
    ],
)
def test_nested_brackets_are_replaced_once_from_inside(text: str, filled: str) -> None:
    assert tags.fill(text, VALUES, NAMES) == filled


def test_a_value_that_looks_like_a_tag_is_not_filled_again() -> None:
    values = {**VALUES, "applicant.name": "{{ZoomミーティングURL}}"}

    assert tags.fill("{{応募者氏名}} / <#応募者氏名#>", values, NAMES) == (
        "{{ZoomミーティングURL}} / {{ZoomミーティングURL}}"
    )


def test_two_values_cannot_join_into_a_tag() -> None:
    values = {"applicant.name": "{{", "meeting.url": "応募者氏名}}"}

    assert tags.fill("{{応募者氏名}}{{ZoomミーティングURL}}", values, NAMES) == "{{応募者氏名}}"


def test_segments_joined_are_the_filled_text() -> None:
    text = "{{応募者氏名}} 様\n{{面接日時短}} {{知らない}} <#面接日時#>"

    pieces = tags.segments(text, VALUES, NAMES)

    assert "".join(piece.text for piece in pieces) == tags.fill(text, VALUES, NAMES)
    assert [piece.kind for piece in pieces] == [
        "value",
        "text",
        "missing",
        "text",
        "unknown",
        "text",
        "value",
    ]


def test_missing_names_each_tag_without_a_value_once() -> None:
    assert tags.missing("{{面接日時短}} {{Interview time (short)}} {{応募者氏名}}", VALUES, NAMES) == [
        "interview.when_short"
    ]


def test_an_empty_value_is_not_missing() -> None:
    assert tags.missing("{{応募者氏名}}", {"applicant.name": ""}, NAMES) == []


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        ("{{面接日字}}", "面接日時"),
        ("{{応募者指名}}", "応募者氏名"),
        ("{{zom meeting url}}", "Zoom meeting URL"),
        ("<#ZoomミーティングのURL#>", "ZoomミーティングURL"),
        ("{{給与}}", ""),
        ("{{}}", ""),
    ],
)
def test_an_unknown_tag_comes_with_the_name_that_was_probably_meant(written: str, suggestion: str) -> None:
    (found,) = tags.unknown(written, NAMES)

    assert (found.tag.written, found.suggestion) == (written, suggestion)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("{{面接日時} です", ["{{面接日時"]),
        ("面接日時}}", ["面接日時}}"]),
        ("<#面接日時> です", ["<#面接日時"]),
        ("{{応募者氏名}} 様", []),
        ("金額 {100} と <b>", []),
    ],
)
def test_remains_of_a_broken_tag_are_noticed(text: str, rest: list[str]) -> None:
    assert tags.stray(text) == rest


def test_convert_turns_hash_tags_into_ours_and_lists_the_unknown() -> None:
    text = "<#応募者氏名#> 様\n<#面接日程#>\n<#ZoomミーティングURL#>\n<#社内コード#>\n{{応募者氏名}}"

    converted = tags.convert(text, NAMES)

    assert (
        converted.text
        == "{{応募者氏名}} 様\n{{面接日時}}\n{{ZoomミーティングURL}}\n<#社内コード#>\n{{応募者氏名}}"
    )
    assert converted.replaced == (
        ("<#応募者氏名#>", "{{応募者氏名}}"),
        ("<#面接日程#>", "{{面接日時}}"),
        ("<#ZoomミーティングURL#>", "{{ZoomミーティングURL}}"),
    )
    assert converted.unknown == ("<#社内コード#>",)


def test_two_tags_may_not_share_a_name() -> None:
    with pytest.raises(ValueError, match="names both"):
        tags.Names({"a": ("面接日時",), "b": ("面接 日時",)})


def test_only_leaves_the_rest_unknown() -> None:
    few = NAMES.only({"applicant.name"})

    assert tags.fill("{{応募者氏名}} {{面接日時}}", VALUES, few) == "佐藤 美咲 {{面接日時}}"
    assert few.nearest("面接日字") == ""


TEXTS = st.text(alphabet="{}｛｝<>#＜＞＃ 応募者氏名面接日時Zoom\n", max_size=60)


@given(TEXTS, TEXTS, TEXTS)
def test_filling_is_one_pass_whatever_text_and_values_are(text: str, first: str, second: str) -> None:
    values = {"applicant.name": first, "interview.when": second}

    pieces = tags.segments(text, values, NAMES)

    # What is not a value stands there untouched, and every value stands there as it is.
    assert "".join(p.text for p in pieces if p.kind != "value") == "".join(
        text[a:b] for a, b in _outside(text, values)
    )
    assert all(piece.text in (first, second) for piece in pieces if piece.kind == "value")


def _outside(text: str, values: dict[str, str]) -> list[tuple[int, int]]:
    """The stretches of the text that no filled tag covers."""
    edges = [0]
    for tag in tags.find(text):
        if NAMES.key_of(tag.name) in values:
            edges += [tag.start, tag.end]
    return list(zip(edges[::2], [*edges[1::2], len(text)], strict=True))


@given(TEXTS)
def test_converting_twice_changes_nothing_more(text: str) -> None:
    once = tags.convert(text, NAMES)

    assert tags.convert(once.text, NAMES).text == once.text or once.replaced == ()
