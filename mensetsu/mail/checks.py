"""What is wrong with a text before it leaves, as far as the text alone can tell. What the interview says against it
is found by interviews.letter_checks; both answer `Finding`s."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from mensetsu.mail import tags
from mensetsu.mail.composing import Letter

BLOCK, WARN, INFO = "block", "warn", "info"
# In full-width signs; longer subjects are cut on telephones.
COMFORTABLE_SUBJECT = 40

# Zoom's way in for the host: /s/<meeting number>, or any address with the host's key.
_START_URL = re.compile(r"https?://[^\s<>]+/s/\d{9,12}\b|https?://[^\s<>]+[?&]zak=", re.ASCII)
_DOUBLED = re.compile(r"様[ \u3000]*様")
_EVERYBODY = re.compile(r"各位[ \u3000]*様|様[ \u3000]*各位")


@dataclass(frozen=True)
class Finding:
    """One thing to look at. `block` prevents sending, `warn` asks for a second look, `info` is good to know."""

    code: str
    level: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    place: str = "body"


def has_blocks(findings: list[Finding]) -> bool:
    return any(finding.level == BLOCK for finding in findings)


def has_warnings(findings: list[Finding]) -> bool:
    return any(finding.level == WARN for finding in findings)


def of_source(*, subject: str, body: str, names: tags.Names, everywhere: tags.Names) -> list[Finding]:
    """Tags that do not exist, do not exist here, or lost a bracket. `everywhere` knows the tags of all letters."""
    return list(_of_source(subject, body, names, everywhere))


# A text of a group is judged for one letter after another.
@lru_cache(maxsize=64)
def _of_source(subject: str, body: str, names: tags.Names, everywhere: tags.Names) -> tuple[Finding, ...]:
    findings: list[Finding] = []
    for place, text in (("subject", subject), ("body", body)):
        if not text.strip():
            findings.append(Finding(f"empty_{place}", BLOCK, place=place))
        for stranger in tags.unknown(text, names):
            findings.append(_stranger(stranger, everywhere, place))
        findings += [Finding("stray", BLOCK, {"text": rest}, place) for rest in tags.stray(text)]
    return tuple(findings)


def _stranger(stranger: tags.Unknown, everywhere: tags.Names, place: str) -> Finding:
    facts = {"tag": stranger.tag.written, "suggestion": stranger.suggestion}
    if everywhere.key_of(stranger.tag.name) is not None:
        return Finding("tag_not_here", BLOCK, facts, place)
    return Finding("unknown_tag" if stranger.suggestion else "unknown_tag_alone", BLOCK, facts, place)


def of_letter(letter: Letter, *, language: str, people: frozenset[str]) -> list[Finding]:
    """The finished text: addresses that must not leave, honorifics, length. `people` are keys of tags that print a
    person's name and need an honorific after them."""
    findings = []
    if _START_URL.search(letter.subject + "\n" + letter.body):
        findings.append(Finding("start_url", BLOCK))
    if language == "ja":
        findings += _honorifics(letter, people)
        if (length := _full_width(letter.subject)) > COMFORTABLE_SUBJECT:
            facts = {"length": length, "limit": COMFORTABLE_SUBJECT}
            findings.append(Finding("long_subject", INFO, facts, "subject"))
    return findings


def _full_width(text: str) -> int:
    """How many full-width signs take the same room."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text) // 2


def _honorifics(letter: Letter, people: frozenset[str]) -> list[Finding]:
    text = letter.subject + "\n" + letter.body
    findings = []
    if _DOUBLED.search(text):
        findings.append(Finding("doubled_honorific", WARN))
    if _EVERYBODY.search(text):
        findings.append(Finding("everybody_honorific", WARN))
    address = letter.body.split("\n\n", 1)[0]
    if "御中" in address and "様" in address:
        findings.append(Finding("onchu_and_sama", WARN))
    findings += [Finding("bare_name", WARN, {"name": name}) for name in _bare_names(letter, people)]
    return findings


def _bare_names(letter: Letter, people: frozenset[str]) -> list[str]:
    """Names that stand alone on their line."""
    bare = []
    parts = letter.body_parts
    for index, part in enumerate(parts):
        before = parts[index - 1].text if index else "\n"
        after = parts[index + 1].text if index + 1 < len(parts) else "\n"
        is_person = part.kind == "value" and part.key in people
        if is_person and before.endswith("\n") and after.startswith("\n"):
            bare.append(part.text.splitlines()[-1])
    return bare
