"""A story on a page: days with their lines, newest first, so many lines at a time, all or one group of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from mensetsu.history import wording
from mensetsu.history.models import Entry
from mensetsu.statements import kept

LINES = 50
MOST_LINES = 5000


@dataclass(frozen=True)
class Thread:
    """The whole story of one applicant, connection, …, of the organization it belongs to: read by a kept query."""

    organization_id: int
    thread: str
    thread_id: int


class Line(NamedTuple):
    """One entry as the reader sees it: `machine` and `clock` are its moment in the reader's time zone. `actor` is empty
    when the software acted by itself."""

    machine: str
    clock: str
    actor: str
    text: str


@dataclass(frozen=True)
class Filter:
    key: str
    label: str
    is_current: bool


@dataclass(frozen=True)
class Timeline:
    """What templates/history/_timeline.html shows. `older` is the number of lines to ask for next, or None."""

    days: list[tuple[date, list[Line]]]
    filters: list[Filter]
    group: str
    older: int | None


def read(
    entries: QuerySet[Entry] | Thread,
    *,
    when: Callable[[datetime], str],
    day: Callable[[date], str] = date.isoformat,
    people: Iterable[Any] = (),
    groups: Sequence[tuple[str, Any]] = (),
    group: str = "",
    lines: int | str = LINES,
) -> Timeline:
    """The newest `lines` of `entries` in the present reader's language and time zone. No writes; two queries at most.

    `entries` must already be one organization's (`Entry.objects.filter(organization_id=…)…`, or a Thread). `groups`
    are the filters to offer: pairs of the first part of an action ("interview") and its label; `group` and `lines`
    come as they are from the address, and nonsense there means all and the usual number. `people` are those whom the
    page has loaded: they and who acted are named in the reader's language."""
    offered = [key for key, _label in groups]
    group = group if group in offered else ""
    actions = tuple(wording.actions_of(group)) if group else ()
    count = _number(lines)
    found = _newest(entries, actions, count + 1)
    language, zone = translation.get_language() or "ja", timezone.get_current_timezone()
    actors = {entry.actor_id: entry.actor for entry in found if entry.actor_id}.values()
    names = {
        person.name_in(other): person.name_in(language)
        for person in [*actors, *people]
        for other in ("ja", "en")
    }
    days: list[tuple[date, list[Line]]] = []
    for entry in found[:count]:
        at = entry.at.astimezone(zone)
        if not days or days[-1][0] != at.date():
            days.append((at.date(), []))
        days[-1][1].append(
            Line(
                machine=at.isoformat(timespec="minutes"),
                clock=f"{at.hour}:{at.minute:02d}",
                actor=_actor(entry, language),
                text=wording.sentence(entry, when, day, names),
            )
        )
    filters = [Filter("", _("All"), not group)]
    filters += [Filter(key, str(label), key == group) for key, label in groups]
    return Timeline(
        days=days,
        filters=filters if groups else [],
        group=group,
        older=count + LINES if len(found) > count else None,
    )


def _number(lines: int | str) -> int:
    try:
        return min(max(int(lines), 1), MOST_LINES)
    except ValueError:
        return LINES


def _newest(entries: QuerySet[Entry] | Thread, actions: tuple[str, ...], many: int) -> list[Entry]:
    if isinstance(entries, Thread):
        return _kept(actions, many).instances(
            organization=entries.organization_id, thread=entries.thread, thread_id=entries.thread_id
        )
    if actions:
        entries = entries.filter(action__in=actions)
    return list(_shown(entries)[:many])


@lru_cache(maxsize=64)
def _kept(actions: tuple[str, ...], many: int) -> kept.Query:
    def build() -> QuerySet[Entry]:
        found = Entry.objects.filter(organization_id=kept.number("organization"))
        found = found.of_thread(kept.text("thread"), kept.number("thread_id"))
        return _shown(found.filter(action__in=actions) if actions else found)[:many]

    return kept.Query(build)


def _shown(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """In their order, with what a line is made of."""
    entries = entries.order_by("-at", "-id").select_related("actor")
    names = ("family_name", "given_name", "romaji")
    return entries.only("at", "actor_name", "action", "facts", *(f"actor__{name}" for name in names))


def _actor(entry: Entry, language: str) -> str:
    """The name at that time; in a reader's other script where the person still works here and has one."""
    if entry.actor is not None and not language.startswith("ja"):
        return entry.actor.name_in(language)
    return entry.actor_name
