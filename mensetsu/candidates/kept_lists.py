"""Lists without a search, as every login opens them: the same rows as listing.Ordered has, by queries that are kept for
each combination of conditions (statements.kept)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from mensetsu.accounts import models as accounts
from mensetsu.candidates import listing
from mensetsu.statements import kept

# Stands where listing.narrowed and listing.in_order expect values.
_PLACES: dict[str, Any] = {
    **{name: kept.number(name) for name in ("job", "stage", "agency", "owner", "year")},
    **{name: kept.moment(name) for name in ("now", "monday", "next_monday")},
    "status": kept.text("status"),
}


class Kept(listing.Ordered):
    """The reader's applicants that fulfil the conditions, as dicts of `columns`."""

    def __init__(
        self, user: accounts.User, conditions: listing.Conditions, *, now: datetime, columns: tuple[str, ...]
    ) -> None:
        shape, self._count = _shape(conditions), None
        self._all, self._values = _all(shape), kept.of(user) | listing.compared(conditions, now)
        self._parts = [
            _Part(query, self._values, columns) for query in _in_order(shape, conditions.sort, columns)
        ]

    def _counted(self) -> int:
        return kept.counts([(self._all, listing.COUNT_LIMIT + 1)], **self._values)[0]

    def _length(self, part: Any) -> int:
        return kept.counts([(part.query, listing.COUNT_LIMIT + 1)], **self._values)[0]


def counts(user: accounts.User, views: Iterable[str], *, now: datetime) -> dict[str, int]:
    """How many applicants each view has, exact up to TAB_LIMIT, in one statement."""
    views = list(views)
    values = kept.of(user) | listing.compared(listing.Conditions(), now)
    asked = [(_all(listing.Conditions(view=view)), listing.TAB_LIMIT + 1) for view in views]
    return dict(zip(views, kept.counts(asked, **values), strict=True)) if views else {}


@dataclass(frozen=True)
class _Part:
    """Sliced like a queryset."""

    query: kept.Query
    values: dict[str, Any]
    columns: tuple[str, ...]

    def __getitem__(self, wanted: slice) -> list[dict[str, Any]]:
        rows = self.query.rows((wanted.start, wanted.stop), **self.values)
        return [dict(zip(self.columns, row, strict=True)) for row in rows]


def _shape(conditions: listing.Conditions) -> listing.Conditions:
    """Equal for lists that only differ in what columns are compared with."""
    given = {name: "1" for name in ("status", "job", "stage", "agency", "year") if getattr(conditions, name)}
    owner = conditions.owner if conditions.owner in ("", listing.NOBODY) else "1"
    return replace(listing.Conditions(view=conditions.view, owner=owner), **given)


@lru_cache(maxsize=256)
def _all(shape: listing.Conditions) -> kept.Query:
    return kept.Query(lambda: listing.narrowed(kept.READER, shape, _PLACES).values_list("pk"))


@lru_cache(maxsize=256)
def _in_order(shape: listing.Conditions, sort: str, columns: tuple[str, ...]) -> list[kept.Query]:
    def ordered() -> list[Any]:
        found = listing.narrowed(kept.READER, shape, _PLACES).values_list(*columns)
        return listing.in_order(found, sort, _PLACES["now"])

    return [kept.Query(lambda place=place: ordered()[place]) for place in range(1 if sort else 2)]
