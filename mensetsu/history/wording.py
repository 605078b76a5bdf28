"""An entry in words. Each module says at start-up how its own actions read; nothing is stored in one language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import pgettext

if TYPE_CHECKING:  # this module is read while the apps are still being found, before any model may be
    from mensetsu.history.models import Entry

# Facts that name people.
_PEOPLE = frozenset({"to", "names"})
_SENTENCES: dict[str, Any] = {}
_WORDS: dict[str, Mapping[str, Mapping[Any, Any]]] = {}


def register(sentences: Mapping[str, Any], *, words: Mapping[str, Mapping[Any, Any]] | None = None) -> None:
    """`{"interview.scheduled": _("Set an interview: %(starts_at)s")}`: lazy msgids with the entry's facts.

    `words` turns a stored code into the reader's word: `{"role": {"admin": _("Administrator")}}`."""
    _SENTENCES.update(sentences)
    _WORDS.update(dict.fromkeys(sentences, words or {}))


def known_actions() -> frozenset[str]:
    return frozenset(_SENTENCES)


def actions_of(group: str) -> list[str]:
    """Every action whose first part is `group`: "interview" → interview.scheduled, interview.canceled, …"""
    return sorted(action for action in _SENTENCES if action.partition(".")[0] == group)


def sentence(
    entry: "Entry",
    when: Callable[[datetime], str],
    day: Callable[[date], str] = date.isoformat,
    people: Mapping[str, str] | None = None,
) -> str:
    """The entry for the present reader; `when` puts moments and `day` puts dates in their words, and `people` puts a
    name as it was written down as this reader knows it.

    An action that nobody words any more is shown by its name, and a fact that an older version did not write is
    left out: a page must never fail for its past."""
    template = _SENTENCES.get(entry.action)
    if template is None:
        return entry.action
    words = _WORDS.get(entry.action, {})
    names = people or {}
    facts = {
        key: _told(key, value, words.get(key) or (names if key in _PEOPLE else {}), when, day)
        for key, value in entry.facts.items()
    }
    return str(template) % _Facts(facts)


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _told(
    key: str,
    value: Any,
    words: Mapping[Any, Any],
    when: Callable[[datetime], str],
    day: Callable[[date], str],
) -> Any:
    if value is None:
        return ""
    if isinstance(value, list):
        mark = pgettext("between names", ", ")
        return mark.join(str(_told(key, one, words, when, day)) for one in value)
    if key.endswith("_at") and value:
        return when(datetime.fromisoformat(value))
    if key.endswith("_on") and value:
        return day(date.fromisoformat(value))
    return str(words.get(value, value))
