"""A story on a page: days with their lines, newest first, so many lines at a time, all or one group of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from mensetsu.history import wording
from mensetsu.history.models import Entry

LINES = 50
MOST_LINES = 5000


@dataclass(frozen=True)
class Line:
    """One entry as the reader sees it. `actor` is empty when the software acted by itself."""

    entry: Entry
    at: datetime
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
    entries: QuerySet[Entry],
    *,
    when: Callable[[datetime], str],
    day: Callable[[date], str] = date.isoformat,
    groups: Sequence[tuple[str, Any]] = (),
    group: str = "",
    lines: int | str = LINES,
) -> Timeline:
    """The newest `lines` of `entries` in the present reader's language and time zone. No writes; two queries at most.

    `entries` must already be one organization's (`Entry.objects.filter(organization_id=…).of_thread(…)`). `groups`
    are the filters to offer: pairs of the first part of an action ("interview") and its label; `group` and `lines`
    come as they are from the address, and nonsense there means all and the usual number."""
    offered = [key for key, _label in groups]
    group = group if group in offered else ""
    if group:
        entries = entries.filter(action__in=wording.actions_of(group))
    count = _number(lines)
    found = list(entries.order_by("-at", "-id").select_related("actor")[: count + 1])
    shown = [_line(entry, when, day) for entry in found[:count]]
    days = [(on, list(of_day)) for on, of_day in groupby(shown, key=lambda line: timezone.localdate(line.at))]
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


def _line(entry: Entry, when: Callable[[datetime], str], day: Callable[[date], str]) -> Line:
    local = timezone.localtime(entry.at)
    return Line(
        entry=entry,
        at=entry.at,
        clock=f"{local.hour}:{local.minute:02d}",
        actor=_actor(entry),
        text=wording.sentence(entry, when, day),
    )


def _actor(entry: Entry) -> str:
    """The name at that time; in a reader's other script where the person still works here and has one."""
    language = translation.get_language() or "ja"
    if entry.actor is not None and not language.startswith("ja"):
        return entry.actor.name_in(language)
    return entry.actor_name
