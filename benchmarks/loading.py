"""Very many rows into the database: COPY on PostgreSQL, executemany on SQLite, and the indexes afterwards.

What is written is what the models' own `save` would write; only the way there is shorter."""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models

Value = Callable[[Any], Any]
_BACKSLASHED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def encode(rows: Sequence[models.Model], *, with_keys: bool = True) -> Any:
    """These rows of one model in the form that `store` takes in; needs no connection, so that it can be done by other
    processes. Without their keys the database numbers them."""
    if not rows:
        return None
    fields = _fields(type(rows[0]), with_keys)
    if connection.vendor == "postgresql":
        columns = [(field.attname, _text_of(field)) for field in fields]
        lines = ("\t".join([as_text(getattr(row, name)) for name, as_text in columns]) for row in rows)
        return "".join(f"{line}\n" for line in lines).encode()
    columns = [(field.attname, _plain_of(field)) for field in fields]
    return [tuple([as_plain(getattr(row, name)) for name, as_plain in columns]) for row in rows]


def store(model: type[models.Model], encoded: Any, *, with_keys: bool = True) -> None:
    """Write what `encode` has made of rows of this model."""
    if not encoded:
        return
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in _fields(model, with_keys))
    table = f"{quote(model._meta.db_table)} ({names})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(encoded)
        else:
            marks = ", ".join(["%s"] * len(encoded[0]))
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", encoded)


@contextmanager
def indexes_last(*kinds: type[models.Model]) -> Iterator[None]:
    """The indexes of these tables are taken away, and made anew when all rows are there: that is much faster. Foreign
    keys are not looked up meanwhile; whoever writes keeps them right."""
    tables = [model._meta.db_table for model in kinds]
    with connection.cursor() as cursor:
        found = _indexes(cursor, tables)
        for name, _made in found:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
    yield
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute("SET maintenance_work_mem = '512MB'")
        for _name, made in found:
            cursor.execute(made)
        for sql in connection.ops.sequence_reset_sql(NO_STYLE, list(kinds)):
            cursor.execute(sql)


def _indexes(cursor: Any, tables: list[str]) -> list[tuple[str, str]]:
    """Name and definition of every index that does not belong to a constraint of the table."""
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = ANY(%s)"
            " AND indexname::regclass NOT IN (SELECT conindid FROM pg_constraint)",
            [tables],
        )
    else:
        marks = ", ".join(["%s"] * len(tables))
        cursor.execute(
            f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})",
            tables,
        )
    return list(cursor.fetchall())


class _NoStyle:
    def __getattr__(self, _name: str) -> Callable[[str], str]:
        return str


NO_STYLE = _NoStyle()


def _fields(model: type[models.Model], with_keys: bool) -> list[Any]:
    return [field for field in model._meta.concrete_fields if with_keys or not field.primary_key]


def _same(value: Any) -> Any:
    return value


def _plain_of(field: Any) -> Value:
    """What SQLite is given for a value of this field."""
    if isinstance(field, models.DateTimeField):
        return lambda value: value and str(value.astimezone(UTC).replace(tzinfo=None))
    if isinstance(field, models.DateField):
        return lambda value: value and value.isoformat()
    if isinstance(field, models.JSONField):
        return json.dumps
    if isinstance(field, models.UUIDField):
        return lambda value: value and value.hex
    return _same


def _text_of(field: Any) -> Value:
    """A value of this field in the text format of COPY."""
    if isinstance(field, models.JSONField):
        return lambda value: json.dumps(value).translate(_BACKSLASHED)
    return _text


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return str(value).translate(_BACKSLASHED)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value) if isinstance(value, int | uuid.UUID) else value.isoformat()
