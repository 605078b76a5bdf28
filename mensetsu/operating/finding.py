"""What the doctor finds."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """ERROR: something does not work now. WARNING: it works, but not as it should. NOTE: good to know."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """One sentence about one thing (`check`), and what to do next where something is to be done."""

    check: str
    state: State
    sentence: str
    next: str = ""


def ok(check: str, sentence: str) -> Finding:
    return Finding(check, State.OK, sentence)


def note(check: str, sentence: str) -> Finding:
    return Finding(check, State.NOTE, sentence)


def warning(check: str, sentence: str, next_: str) -> Finding:
    return Finding(check, State.WARNING, sentence, next_)


def error(check: str, sentence: str, next_: str) -> Finding:
    return Finding(check, State.ERROR, sentence, next_)
