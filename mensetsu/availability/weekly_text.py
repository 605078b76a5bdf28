"""The spans of one weekday as people type them: 「9:00〜12:00、13:00〜18:00」, any width, any dash. No Django."""

import re
from collections.abc import Iterable
from datetime import time
from itertools import pairwise

from mensetsu.web import typed

Times = tuple[time, time]

_SPAN = re.compile(
    r"(\d{1,2})(?:[:時](\d{2})?分?)?\s*(?:~|-|から|to)\s*(\d{1,2})(?:[:時](\d{2})?分?)?(?:まで)?"
)
_BETWEEN = re.compile(r"\s*(?:[,、・/;\n]|と|and)\s*")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−〜～ー－ｰ", "~"))


class NotUnderstood(ValueError):
    """A piece that is not a span of time."""

    def __init__(self, piece: str) -> None:
        super().__init__(piece)
        self.piece = piece


class Backwards(ValueError):
    """A span that does not end after it begins, on the same day."""

    def __init__(self, piece: str) -> None:
        super().__init__(piece)
        self.piece = piece


class Overlapping(ValueError):
    """Two spans of one day overlap."""


def read(text: str) -> list[Times]:
    """The spans in order; an empty text is a day without any. Spans that touch stay two.

    Refuses NotUnderstood, Backwards and Overlapping."""
    plain = typed.narrow(text.translate(_DASHES)).replace("時半", ":30")
    found = sorted(_span(piece) for piece in _BETWEEN.split(plain) if piece)
    if any(later[0] < earlier[1] for earlier, later in pairwise(found)):
        raise Overlapping
    return found


def write(spans: Iterable[Times], *, mark: str = "〜", between: str = "、") -> str:
    """9:00〜12:00、13:00〜18:00"""
    return between.join(f"{_clock(begins)}{mark}{_clock(ends)}" for begins, ends in sorted(spans))


def _span(piece: str) -> Times:
    found = _SPAN.fullmatch(piece.strip())
    if not found:
        raise NotUnderstood(piece)
    begin_hour, begin_minute, end_hour, end_minute = (int(figure or 0) for figure in found.groups())
    try:
        begins, ends = time(begin_hour, begin_minute), time(end_hour, end_minute)
    except ValueError:
        raise NotUnderstood(piece) from None
    if begins >= ends:
        raise Backwards(piece)
    return begins, ends


def _clock(at: time) -> str:
    return f"{at.hour}:{at.minute:02d}"
