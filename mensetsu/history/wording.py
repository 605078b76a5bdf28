"""An entry in words. Each module says at start-up how its own actions read; nothing is stored in one language."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from mensetsu.history.models import Entry

_SENTENCES: dict[str, Any] = {}


def register(sentences: Mapping[str, Any]) -> None:
    """`{"interview.scheduled": _("Set an interview: %(starts_at)s")}`: lazy msgids with the entry's facts."""
    _SENTENCES.update(sentences)


def known_actions() -> frozenset[str]:
    return frozenset(_SENTENCES)


def sentence(entry: Entry, when: Callable[[datetime], str]) -> str:
    """The entry for the present reader; `when` puts moments in their words."""
    facts = {
        key: when(datetime.fromisoformat(value)) if key.endswith("_at") and value else value
        for key, value in entry.facts.items()
    }
    template = _SENTENCES.get(entry.action)
    return entry.action if template is None else str(template) % facts
