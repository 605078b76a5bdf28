"""An index over pairs of neighboring characters of `Candidate.search_text`, so that any part of a name is found
without reading every row: names of two kanji are too short for the indexes of words or of three letters.

SQLite: an FTS5 table kept by triggers. PostgreSQL: a GIN index over an array of pairs. Both are made after
`migrate`, and again whenever something is missing (altering a table on SQLite drops its triggers)."""

import re
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigAutoField, Lookup, QuerySet, TextField

TABLE = "candidates_candidate"
INDEX = "candidates_search"
_WILDCARD = re.compile("[!%_]")

# Every pair of neighbors as one word in hexadecimal figures, in the order of the text.
_PAIRS = """(
    WITH RECURSIVE place(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM place WHERE n < length({row}.search_text))
    SELECT coalesce(group_concat(hex(substr({row}.search_text, n, 2)), ' '), '') FROM place
)"""
# All of this SQL is made of the constants above.
_WRITE = f"INSERT INTO {INDEX}(rowid, pairs) VALUES (new.id, {_PAIRS.format(row='new')});"  # noqa: S608
_ERASE = f"INSERT INTO {INDEX}({INDEX}, rowid, pairs) VALUES ('delete', old.id, {_PAIRS.format(row='old')});"  # noqa: S608
_TRIGGERS = {
    f"{INDEX}_written": f"AFTER INSERT ON {TABLE} BEGIN {_WRITE} END",
    f"{INDEX}_changed": f"AFTER UPDATE OF search_text ON {TABLE} WHEN old.search_text <> new.search_text "
    f"BEGIN {_ERASE} {_WRITE} END",
    f"{INDEX}_erased": f"AFTER DELETE ON {TABLE} BEGIN {_ERASE} END",
}
_POSTGRESQL = f"""
    CREATE OR REPLACE FUNCTION {INDEX}_pairs(t text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT coalesce(array_agg(DISTINCT pair), '{{}}'::text[])
        FROM (
            SELECT substr(t, n, size) AS pair FROM generate_series(1, length(t)) AS n, (VALUES (1), (2)) AS s(size)
        ) AS p
    $$;
    CREATE INDEX IF NOT EXISTS {INDEX} ON {TABLE} USING gin ({INDEX}_pairs(search_text));
"""  # noqa: S608


def ensure(*, using: str = "default", **signal: Any) -> None:
    """Make the index where it is missing, from all rows there are. Cheap when nothing is missing."""
    connection = connections[using]
    if TABLE not in connection.introspection.table_names():
        return
    if connection.vendor == "sqlite":
        _ensure_in_sqlite(connection)
    elif connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s) IS NULL", [INDEX])
            if cursor.fetchone()[0]:
                cursor.execute(_POSTGRESQL)


def _ensure_in_sqlite(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE %s", [f"{INDEX}%"])
        if {INDEX, *_TRIGGERS} <= {name for (name,) in cursor.fetchall()}:
            return
        for name in _TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        cursor.execute(f"DROP TABLE IF EXISTS {INDEX}")
        cursor.execute(f"CREATE VIRTUAL TABLE {INDEX} USING fts5(pairs, content='', tokenize='ascii')")
        pairs = _PAIRS.format(row="c")
        cursor.execute(f"INSERT INTO {INDEX}(rowid, pairs) SELECT c.id, {pairs} FROM {TABLE} c")  # noqa: S608
        for name, what in _TRIGGERS.items():
            cursor.execute(f"CREATE TRIGGER {name} {what}")


@dataclass(frozen=True)
class Hits:
    """What a search has found, by number; `known` is how the database likes to be told these numbers again."""

    known: Any
    count: int


def hits(found: QuerySet, parts: list[str], limit: int) -> Hits:
    """The rows of `found` whose text holds all of these parts, and not more than `limit` of them. `found` is made of
    Candidate's own columns. SQLite reads the index no further than that; the lookups below read it to its end."""
    connection = connections[found.db]
    found = found.order_by().values("id")
    if connection.vendor == "postgresql":
        sql, values = found.filter(search_text__holds=parts)[:limit].query.sql_with_params()
        return _gathered(connection, "coalesce(array_agg(id), '{}')", sql, values)
    sql, values = found.query.sql_with_params()
    # CROSS JOIN: the index first, then the rows it names. The other way round each row would ask the index.
    what, conditions = sql.split(f' FROM "{TABLE}" WHERE ')
    sql = f"""{what} FROM {INDEX} CROSS JOIN "{TABLE}"
        WHERE {INDEX} MATCH %s AND "{TABLE}"."id" = {INDEX}.rowid AND {conditions} LIMIT {int(limit)}"""
    match = " AND ".join(_phrase(part) for part in parts)
    return _gathered(connection, "coalesce(json_group_array(id), '[]')", sql, (match, *values))


def _gathered(connection: BaseDatabaseWrapper, gather: str, sql: str, values: tuple[Any, ...]) -> Hits:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {gather}, count(*) FROM ({sql}) AS found", values)  # noqa: S608
        return Hits(*cursor.fetchone())


@BigAutoField.register_lookup
class Among(Lookup):
    """`pk__among=hits`: these thousands of rows, told to the database as one value."""

    lookup_name = "among"
    prepare_rhs = False

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*parameters, self.rhs.known]

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*parameters, self.rhs.known]  # noqa: S608


@TextField.register_lookup
class Holds(Lookup):
    """`search_text__holds=["佐藤", "みさ"]`: all of these parts stand in the text. Only for Candidate.search_text."""

    lookup_name = "holds"
    prepare_rhs = False

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        # The pairs say where to look; only LIKE knows that they are neighbors.
        pairs = sorted({pair for part in self.rhs for pair in _pairs(part)})
        likes = " AND ".join([f"{column} LIKE %s ESCAPE '!'"] * len(self.rhs))
        texts = ["%" + _WILDCARD.sub(r"!\g<0>", part) + "%" for part in self.rhs]
        values = [value for text in texts for value in (*parameters, text)]
        return f"({INDEX}_pairs({column}) @> %s::text[] AND {likes})", [*parameters, pairs, *values]

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        key = f'{compiler.quote_name_unless_alias(self.lhs.alias)}."id"'
        phrases = " AND ".join(_phrase(part) for part in self.rhs)
        return f"{key} IN (SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s)", [phrases]  # noqa: S608


@TextField.register_lookup
class Says(Holds):
    """The same, for lists that are walked in their order because the parts stand in many rows: SQLite looks at the text
    itself instead of the index, which it would read to its end. PostgreSQL decides by its statistics."""

    lookup_name = "says"

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        says = " AND ".join([f"instr({column}, %s) > 0"] * len(self.rhs))
        return f"({says})", [value for part in self.rhs for value in (*parameters, part)]


def _pairs(part: str) -> list[str]:
    return [part[n : n + 2] for n in range(len(part) - 1)] or [part]


def _phrase(part: str) -> str:
    """Neighboring pairs as an FTS5 phrase; a single character is the beginning of any pair."""
    words = " ".join(pair.encode().hex() for pair in _pairs(part))
    return f'"{words}"' if len(part) > 1 else f'"{words}" *'
