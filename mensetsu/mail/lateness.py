"""Letters that leave later than they were meant to: the server did not take them at first, or nobody ran jobs for a
while. What they say may not be so any more. Calls go down, so the rooms above register what they know of their
letters."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from mensetsu.mail.models import Mail

LATE = timedelta(minutes=5)
# `source(letters, now=…)`: by the letter's number why it must not leave any more (a Problem); the others are not in it.
Source = Callable[..., dict[int, str]]
_SOURCES: list[Source] = []


def register(source: Source) -> None:
    _SOURCES.append(source)


def is_late(mail: Mail, now: datetime) -> bool:
    return mail.attempts > 0 or mail.due_at is None or now - mail.due_at > LATE


def meant_at(mail: Mail) -> datetime:
    """The moment for which it was worded."""
    return mail.meant_at or mail.due_at or mail.created_at


def untrue(letters: Sequence[Mail], *, now: datetime) -> dict[int, str]:
    """Of these letters those that are late and must not leave any more, each with its Problem. Reads only."""
    late = [mail for mail in letters if is_late(mail, now)]
    found: dict[int, str] = {}
    if late:
        for source in _SOURCES:
            found |= source(late, now=now)
    return found
