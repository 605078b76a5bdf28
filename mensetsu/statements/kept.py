"""Queries that are asked at every page. Django writes their SQL once a connection; a call only puts its values in.

Building a query and writing its SQL costs Django several times what the database needs to find some rows by an index.
The query stays an ordinary one, so models, constraints and both databases stay in one language:

    JOBS = kept.Query(lambda: Job.objects.visible_to(READER).values_list("id", "name"))
    JOBS.rows(organization=3)

Only what does not change its shape can be kept: values go where `number`, `moment` or `text` stand. `compiled` is for
verbs: it also changes rows, takes lists of values, and finds out by itself where they go."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from mensetsu.statements import making


class Slot(models.Expression):
    """The place of a value that each call gives by this name."""

    def __init__(self, name: str, output_field: models.Field) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        return "%s", [self]


def number(name: str) -> Slot:
    return Slot(name, models.BigIntegerField())


def moment(name: str) -> Slot:
    return Slot(name, models.DateTimeField())


def text(name: str) -> Slot:
    return Slot(name, models.TextField())


# Stands where a queryset asks for the reader: `visible_to(READER)`, then `rows(**of(user))`.
READER: Any = SimpleNamespace(organization_id=number("organization"), pk=number("reader"))


def of(user: Any) -> dict[str, Any]:
    """The values of READER."""
    return {"organization": user.organization_id, "reader": user.pk}


class _Written:
    """A query in the words of one connection."""

    def __init__(self, query: models.QuerySet, connection: BaseDatabaseWrapper) -> None:
        compiler = query.query.get_compiler(connection=connection)
        self.connection = connection
        self.sql, self.places = compiler.as_sql()
        columns = [column[0] for column in compiler.select[: compiler.col_count]]
        self.converters = list(compiler.get_converters(columns).items())
        info = compiler.klass_info
        self.kind = making.Maker(info, columns, connection.alias) if info else None

    def part(self, part: tuple[int, int] | None) -> str:
        # Written out, as Django does: PostgreSQL's plan depends on it.
        return f"{self.sql} {self.connection.ops.limit_offset_sql(*part)}" if part else self.sql

    def values(self, given: dict[str, Any]) -> list[Any]:
        return [
            place.output_field.get_db_prep_value(given[place.name], self.connection)
            if isinstance(place, Slot)
            else place
            for place in self.places
        ]

    def converted(self, rows: list[Any]) -> list[Any]:
        if not self.converters:
            return rows
        found = [list(row) for row in rows]
        for place, (converters, expression) in self.converters:
            for converter in converters:
                for row in found:
                    row[place] = converter(row[place], expression, self.connection)
        return found


class Query:
    """A query that is kept. `build` makes it, with slots where values will stand, when it is first asked."""

    def __init__(self, build: Callable[[], models.QuerySet]) -> None:
        self._build = build

    def rows(self, part: tuple[int, int] | None = None, **values: Any) -> list[Any]:
        """The rows as values_list names them, or those of a `part` (start, stop) of them."""
        if _is_in_no_row(values):
            return []
        connection = connections[DEFAULT_DB_ALIAS]
        written = self.written(connection)
        return written.converted(_fetched(connection, written.part(part), written.values(values)))

    def instances(self, **values: Any) -> list[Any]:
        """The rows as instances of the model, with the related ones that select_related names."""
        if _is_in_no_row(values):
            return []
        connection = connections[DEFAULT_DB_ALIAS]
        written = self.written(connection)
        assert written.kind is not None
        made = written.kind.made
        return [
            made(row) for row in written.converted(_fetched(connection, written.sql, written.values(values)))
        ]

    def written(self, connection: BaseDatabaseWrapper) -> _Written:
        # Beside the connection, because what it converts with belongs to it; a connection is of one thread.
        kept = connection.__dict__.get("mensetsu_kept")
        if kept is None:
            kept = connection.__dict__["mensetsu_kept"] = WeakKeyDictionary()
        written: _Written | None = kept.get(self)
        if written is None:
            written = kept[self] = _Written(self._build(), connection)
        return written


def counts(queries: Sequence[tuple[Query, int]], **values: Any) -> list[int]:
    """How many rows each query has, all of them in one statement; counting stops at the limit beside it."""
    if _is_in_no_row(values):
        return [0] * len(queries)
    connection = connections[DEFAULT_DB_ALIAS]
    parts, places = [], []
    for query, limit in queries:
        written = query.written(connection)
        # Django's SQL, its values apart.
        parts.append(f"(SELECT COUNT(*) FROM ({written.part((0, limit))}) AS counted)")  # noqa: S608
        places += written.values(values)
    return list(_fetched(connection, "SELECT " + ", ".join(parts), places)[0])


def _is_in_no_row(values: dict[str, Any]) -> bool:
    """Somebody wrote a number into an address that no column can hold, as Django's own lookups see it too."""
    return any(isinstance(one, int) and abs(one) >= 1 << 63 for one in values.values())


def _fetched(connection: BaseDatabaseWrapper, sql: str, places: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, places)
        return cursor.fetchall()
