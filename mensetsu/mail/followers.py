"""How much of what is planned follows a template group. Calls go down, so the room above this one (interviews)
registers at start-up what it can count."""

from collections.abc import Callable
from datetime import datetime

from mensetsu.mail.models import TemplateGroup

# `source(group, now=…)`: how many coming interviews go by that group's reminder rules. Reads only.
Source = Callable[..., int]
_SOURCES: list[Source] = []


def register(source: Source) -> None:
    _SOURCES.append(source)


def count(group: TemplateGroup, *, now: datetime) -> int:
    """How many coming interviews a change of this group's reminders concerns."""
    return sum(source(group, now=now) for source in _SOURCES)
