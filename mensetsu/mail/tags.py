"""The grammar of message tags (メッセージタグ): text in, text out.

    {{面接日時}}   {{ Interview time }}   <#面接日時#>   ｛｛面接日時｝｝   ＜＃面接日時＃＞

A tag is found by its brackets and looked up by its name; it is replaced by a value or left as it is written.
Nothing is evaluated, and values are never searched for tags again: one pass. Names are compared after NFKC,
without regard to case, spaces and underscores, so that half-width, full-width and `interview_time` all mean the
same tag.

Which tags exist and what they say is the business of whoever owns the facts; here a tag is a key with names."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

LONGEST_NAME = 80

_TAG = re.compile(
    rf"[{{｛]{{2}}(?P<braces>[^{{}}｛｝\r\n]{{0,{LONGEST_NAME}}})[}}｝]{{2}}"
    rf"|[<＜][#＃](?P<hash>[^<>＜＞#＃\r\n]{{0,{LONGEST_NAME}}})[#＃][>＞]"
)
# What remains of a tag that lost a bracket: {{面接日時} or 面接日時}} or <#面接日時>.
_STRAY = re.compile(
    r"[{｛]{2}[^\r\n{}｛｝]{0,20}|[^\r\n{}｛｝\s]{0,20}[}｝]{2}|[<＜][#＃][^\r\n<>＜＞]{0,20}"
)
_IGNORED_IN_NAMES = re.compile(r"[\s_]+")

Kind = Literal["text", "value", "missing", "unknown"]


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag as somebody wrote it: where it stands, the whole of it, and the name between its brackets."""

    start: int
    end: int
    written: str
    name: str
    is_hash: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a filled text. `text` is what the letter says there; `key` names the tag it came from."""

    kind: Kind
    text: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A tag that does not exist here, and the name that was probably meant ("" if none is near)."""

    tag: Tag
    suggestion: str


@dataclass(frozen=True, slots=True)
class Converted:
    """A text in our spelling: what was replaced (old, new), and what could not be."""

    text: str
    replaced: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]


@lru_cache(maxsize=1024)
def normal(name: str) -> str:
    """The form in which names are compared."""
    return _IGNORED_IN_NAMES.sub("", unicodedata.normalize("NFKC", name)).casefold()


class Names:
    """Which tags exist here: key → its names, the preferred one first. Two tags may not share a name."""

    def __init__(self, spellings: Mapping[str, Sequence[str]]) -> None:
        self._spellings = {key: tuple(names) for key, names in spellings.items()}
        self._keys: dict[str, str] = {}
        for key, names in self._spellings.items():
            for name in (*names, key):
                other = self._keys.setdefault(normal(name), key)
                if other != key:
                    raise ValueError(f"{name!r} names both {other} and {key}")

    def key_of(self, name: str) -> str | None:
        return self._keys.get(normal(name))

    def preferred(self, key: str) -> str:
        names = self._spellings[key]
        return names[0] if names else key

    def nearest(self, name: str) -> str:
        """The name most like it, as it should be written; "" when nothing is near.

        The one or two names that people see come before those that are only understood."""
        for count in (2, None):
            spelled = {normal(n): n for names in self._spellings.values() for n in reversed(names[:count])}
            near = difflib.get_close_matches(normal(name), spelled, n=1, cutoff=0.6)
            if near:
                return spelled[near[0]]
        return ""

    def only(self, keys: Iterable[str]) -> "Names":
        """The same names for fewer tags."""
        wanted = set(keys)
        return Names({key: names for key, names in self._spellings.items() if key in wanted})


def find(text: str) -> list[Tag]:
    """Every tag of the text in order, known or not."""
    return list(_found(text))


# A text of a group is read for one letter after another.
@lru_cache(maxsize=64)
def _found(text: str) -> tuple[Tag, ...]:
    found = []
    for match in _TAG.finditer(text):
        is_hash = match["hash"] is not None
        name = match["hash"] if is_hash else match["braces"]
        found.append(Tag(match.start(), match.end(), match.group(), name.strip(), is_hash))
    return tuple(found)


def segments(text: str, values: Mapping[str, str | None], names: Names) -> list[Segment]:
    """The text cut at its tags. What has no value, or does not exist, stands there as it was written."""
    pieces: list[Segment] = []
    position = 0
    for tag in find(text):
        if tag.start > position:
            pieces.append(Segment("text", text[position : tag.start]))
        pieces.append(_filled(tag, values, names))
        position = tag.end
    if position < len(text):
        pieces.append(Segment("text", text[position:]))
    return pieces


def _filled(tag: Tag, values: Mapping[str, str | None], names: Names) -> Segment:
    key = names.key_of(tag.name)
    if key is None:
        return Segment("unknown", tag.written)
    value = values.get(key)
    return Segment("missing", tag.written, key) if value is None else Segment("value", value, key)


def fill(text: str, values: Mapping[str, str | None], names: Names) -> str:
    """The text with every tag that has a value replaced by it."""
    return "".join(piece.text for piece in segments(text, values, names))


def missing(text: str, values: Mapping[str, str | None], names: Names) -> list[str]:
    """Keys of the tags that exist but have no value, each once, in order."""
    keys = [piece.key for piece in segments(text, values, names) if piece.kind == "missing"]
    return list(dict.fromkeys(keys))


def used(text: str, names: Names) -> list[str]:
    """Keys of all known tags of the text, each once, in order."""
    keys = [names.key_of(tag.name) for tag in find(text)]
    return list(dict.fromkeys(key for key in keys if key is not None))


def unknown(text: str, names: Names) -> list[Unknown]:
    """Tags that do not exist here, each spelling once, with the name that was probably meant."""
    strangers = {tag.written: tag for tag in find(text) if names.key_of(tag.name) is None}
    return [Unknown(tag, names.nearest(tag.name) if tag.name else "") for tag in strangers.values()]


def stray(text: str) -> list[str]:
    """Remains of tags that lost a bracket. They would reach the reader as they stand."""
    rest = _TAG.sub("\n", text)
    return [match.group().strip() for match in _STRAY.finditer(rest)]


def convert(text: str, names: Names) -> Converted:
    """Tags of the form <#…#> as {{…}} under their preferred names; those that do not exist here stay."""
    replaced: dict[str, str] = {}
    strangers: dict[str, None] = {}
    pieces: list[str] = []
    position = 0
    for tag in find(text):
        if not tag.is_hash:
            continue
        key = names.key_of(tag.name)
        if key is None:
            strangers[tag.written] = None
            continue
        replaced[tag.written] = "{{" + names.preferred(key) + "}}"
        pieces += [text[position : tag.start], replaced[tag.written]]
        position = tag.end
    pieces.append(text[position:])
    return Converted("".join(pieces), tuple(replaced.items()), tuple(strangers))
