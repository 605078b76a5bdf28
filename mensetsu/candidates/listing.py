"""The applicants list: conditions from the address, an order, pages of 50. Built for 100,000 rows: every part of it
reads an index or stops early, and nothing is joined or computed per row."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.db.models import Q, QuerySet
from django.utils import timezone

from mensetsu.accounts import models as accounts
from mensetsu.candidates import finding, searching
from mensetsu.candidates.models import Candidate, Status

PAGE_SIZE = 50
# Counted exactly up to here; a list of more is narrowed down, not paged through.
COUNT_LIMIT = 10_000
# The tabs only hint at how much there is.
TAB_LIMIT = 1_000

VIEWS = ("all", "mine", "scheduling", "week", "waiting")
SORTS = ("next", "new", "old", "kana")
NOBODY = "none"


@dataclass(frozen=True)
class Conditions:
    """What the address asks for. Unknown or broken values mean "no condition", because addresses get old."""

    q: str = ""
    view: str = ""
    status: str = ""
    job: str = ""
    stage: str = ""
    agency: str = ""
    owner: str = ""
    year: str = ""
    sort: str = ""

    @classmethod
    def read(cls, query: Mapping[str, Any]) -> "Conditions":
        given = {f.name: str(query.get(f.name) or "").strip()[:100] for f in fields(cls)}
        for name in ("job", "stage", "agency", "year"):
            given[name] = _digits(given[name])
        given["owner"] = given["owner"] if given["owner"] == NOBODY else _digits(given["owner"])
        given["view"] = given["view"] if given["view"] in VIEWS[1:] else ""
        given["status"] = given["status"] if given["status"] in Status.values else ""
        given["sort"] = given["sort"] if given["sort"] in SORTS[1:] else ""
        return cls(**given)

    def query(self, **changes: Any) -> str:
        """The query string of these conditions; empty ones are left out. Two equal strings are the same list."""
        values = {f.name: getattr(self, f.name) for f in fields(self)} | changes
        return urlencode({name: value for name, value in values.items() if value})

    def without(self, *names: str) -> "Conditions":
        return replace(self, **dict.fromkeys(names, ""))


def _digits(text: str) -> str:
    return text if text.isascii() and text.isdigit() and len(text) < 19 else ""


def matching(user: accounts.User, conditions: Conditions, *, now: datetime) -> QuerySet[Candidate]:
    """The applicants of the reader's company that fulfil all conditions, in no order."""
    found = narrowed(user, conditions, compared(conditions, now))
    if terms := searching.terms(conditions.q):
        found = found.filter(search_text__holds=terms)
    return found


def compared(conditions: Conditions, now: datetime) -> dict[str, Any]:
    """What the columns are compared with, by the name of the condition."""
    monday = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    monday -= timedelta(days=monday.weekday())
    numbers = {name: getattr(conditions, name) for name in ("job", "stage", "agency", "owner")}
    return {name: int(value) for name, value in numbers.items() if value and value != NOBODY} | {
        "now": now,
        "monday": monday,
        "next_monday": monday + timedelta(days=7),
        "status": conditions.status,
        "year": min(int(conditions.year or 0), 32767),
    }


def narrowed(reader: Any, conditions: Conditions, values: Mapping[str, Any]) -> QuerySet[Candidate]:
    """All conditions but the search. Which of them are set shapes the query; the `values` only fill it."""
    found = Candidate.objects.visible_to(reader).filter(_of_view(conditions.view, reader, values))
    for name in ("job", "stage", "agency"):
        if getattr(conditions, name):
            found = found.filter(**{f"{name}_id": values[name]})
    if conditions.owner:
        found = found.filter(owner_id=None if conditions.owner == NOBODY else values["owner"])
    if conditions.status:
        found = found.filter(status=values["status"])
    if conditions.year:
        found = found.filter(graduation_year=values["year"])
    return found


def _of_view(view: str, reader: Any, values: Mapping[str, Any]) -> Q:
    nothing_to_come = Q(next_interview_at=None) | Q(next_interview_at__lte=values["now"])
    if view == "mine":
        return Q(owner_id=reader.pk)
    if view == "scheduling":
        return Q(status=Status.ACTIVE) & nothing_to_come
    if view == "week":
        return Q(next_interview_at__gte=values["monday"], next_interview_at__lt=values["next_monday"])
    if view == "waiting":
        # "None of the others" instead of "active": SQLite would read the index of the status, which is long, instead
        # of the short one of those who wait.
        others = [status for status in Status.values if status != Status.ACTIVE]
        return Q(awaiting_since__lte=values["now"]) & nothing_to_come & ~Q(status__in=others)
    return Q()


def count(found: QuerySet[Candidate], limit: int = COUNT_LIMIT) -> int:
    """Exact up to `limit`; `limit` + 1 means that there are more."""
    return found.order_by().values("pk")[: limit + 1].count()


def in_order(found: QuerySet, sort: str, now: Any) -> list[QuerySet]:
    """One list, or two that stand behind one another."""
    if sort == "new":
        return [found.order_by("-created_at", "-id")]
    if sort == "old":
        return [found.order_by("created_at", "id")]
    if sort == "kana":
        return [found.order_by("sort_key", "id")]
    to_come = Q(next_interview_at__gt=now)
    # "Not to come" instead of "none or past", which SQLite would look up in the index of the next interviews and then
    # sort, although the index of the newest has the order.
    return [
        found.filter(to_come).order_by("next_interview_at", "id"),
        found.filter(~to_come).order_by("-created_at", "-id"),
    ]


class Ordered:
    """Matching applicants in an order, sliced like a list without reading more than the slice.

    「次の面接が近い順」 is two lists behind one another: those with an interview to come, soonest first (a partial
    index), then everybody else, newest first. Sorting them as one would read all rows."""

    def __init__(
        self, found: QuerySet[Candidate], sort: str, *, now: datetime, columns: tuple[str, ...] = ()
    ) -> None:
        """`columns`: the rows are dicts of these instead of applicants."""
        self._count: int | None = None
        self._found = found
        self._parts: list[Any] = in_order(found.values(*columns) if columns else found, sort, now)

    def count(self) -> int:
        if self._count is None:
            self._count = self._counted()
        return self._count

    def _counted(self) -> int:
        return count(self._found)

    def _length(self, part: Any) -> int:
        return count(part)

    def __getitem__(self, wanted: slice) -> list[Candidate]:
        start, stop = wanted.start or 0, wanted.stop
        first, *rest = self._parts
        rows = list(first[start:stop])
        if rest and len(rows) < stop - start:
            # The slice reaches beyond the first part: its length says where in the second it goes on.
            length = start + len(rows) if rows or not start else self._length(first)
            rows += rest[0][max(0, start - length) : stop - length]
        return rows


class Found(Ordered):
    """What a search finds. It is asked once, for as many as are counted: these are then known by number, and sorted.

    Where there are more, fifty of them are never far apart, so the list is walked in its order until they are found."""

    def __init__(
        self, user: accounts.User, conditions: Conditions, *, now: datetime, columns: tuple[str, ...] = ()
    ) -> None:
        everybody = narrowed(user, conditions, compared(conditions, now))
        terms = searching.terms(conditions.q)
        hits = finding.hits(everybody, terms, COUNT_LIMIT + 1)
        if hits.count <= COUNT_LIMIT:
            found = Candidate.objects.filter(pk__among=hits)
        else:
            found = everybody.filter(search_text__says=terms)
        super().__init__(found, conditions.sort, now=now, columns=columns)
        self._count = hits.count


def listed(user: accounts.User, conditions: Conditions, *, now: datetime) -> Ordered:
    """The list that the conditions describe."""
    if searching.terms(conditions.q):
        return Found(user, conditions, now=now)
    return Ordered(matching(user, conditions, now=now), conditions.sort, now=now)


class Pages(Paginator):
    """Pages of 50; a page number that does not exist is the nearest one that does."""

    def __init__(self, ordered: Ordered) -> None:
        super().__init__(ordered, PAGE_SIZE)

    @property
    def count(self) -> int:
        return min(self.object_list.count(), COUNT_LIMIT)

    @property
    def is_more(self) -> bool:
        """There are more than could be counted."""
        return self.object_list.count() > COUNT_LIMIT

    def nearest(self, number: Any) -> Any:
        try:
            return self.page(number)
        except PageNotAnInteger:
            return self.page(1)
        except EmptyPage:
            return self.page(self.num_pages if _digits(str(number)) else 1)


def neighbors(
    user: accounts.User, conditions: Conditions, place: int, candidate: Candidate, *, now: datetime
) -> tuple[Candidate | None, Candidate | None]:
    """The applicants before and after the `place`th of a list (from 0); none when the list has changed since."""
    around = listed(user, conditions, now=now)[max(0, place - 1) : place + 2]
    here = next((i for i, one in enumerate(around) if one.pk == candidate.pk), None)
    if here is None:
        return None, None
    return around[here - 1] if here else None, around[here + 1] if here + 1 < len(around) else None
