"""Pieces of pages that are drawn once for the same facts."""

from collections.abc import Iterator

import pytest

from mensetsu.web import drawn


@pytest.fixture(autouse=True)
def _nothing_drawn() -> Iterator[None]:
    drawn._drawn.clear()
    yield
    drawn._drawn.clear()


class Pen:
    def __init__(self) -> None:
        self.strokes = 0

    def __call__(self) -> str:
        self.strokes += 1
        return f"<p>{self.strokes}</p>"


def test_the_same_facts_are_drawn_once_and_others_anew() -> None:
    pen = Pen()

    assert [drawn.drawn_once(facts, pen) for facts in (("ja", 1), ("ja", 1), ("en", 1))] == [
        "<p>1</p>",
        "<p>1</p>",
        "<p>2</p>",
    ]


def test_what_cannot_be_named_is_drawn_each_time() -> None:
    pen = Pen()

    assert [drawn.drawn_once((), pen), drawn.drawn_once((), pen)] == ["<p>1</p>", "<p>2</p>"]


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "MOST", 2)
    pen = Pen()

    for number in range(3):
        drawn.drawn_once(("ja", number), pen)

    assert drawn.drawn_once(("ja", 2), pen) == "<p>3</p>"
    assert drawn.drawn_once(("ja", 0), pen) == "<p>4</p>"
