"""From SQLite to PostgreSQL: every row copied in one transaction, and every row compared before it is committed."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, models, transaction
from django.db.utils import load_backend
from environ import Env

from mensetsu.candidates import finding
from mensetsu.operating import looking, sqlite_files
from mensetsu.operating.refusal import Refused
from mensetsu.zoom import resealing

SOURCE, TARGET = DEFAULT_DB_ALIAS, "moving_to"
# Written by the move itself (migrations), or worth nothing tomorrow (cache).
LEFT = {"django_migrations", "mensetsu_cache"}
PORTION = 1000


@dataclass(frozen=True)
class Sum:
    """How many rows, and a digest of all their values that does not depend on their order."""

    rows: int
    digest: str


def move(url: str, *, now: datetime, told: Callable[[str, Sum], None]) -> dict[str, Sum]:
    """Copy everything from the SQLite database of the settings into the empty PostgreSQL database at `url`; answers
    what each table holds in both.

    The SQLite file is only read, and nobody else can write to it meanwhile. Refuses a source that is not SQLite or in
    use, a target that is not PostgreSQL or has companies in it, rows that PostgreSQL does not take, and any
    difference: then nothing is committed there, and the move can be started anew."""
    if connections[SOURCE].vendor != "sqlite":
        raise Refused("The settings do not name a SQLite database: there is nothing to move from.")
    _refuse_source(now)
    with prepared(url), transaction.atomic(using=SOURCE), transaction.atomic(using=TARGET):
        return _copied(told)


@contextmanager
def prepared(url: str) -> Iterator[None]:
    """The database at `url` under the name TARGET, with all tables and without a company. Tables left over from an
    interrupted move are used again. Refuses what cannot be moved to, and whatever PostgreSQL refuses meanwhile."""
    if not url.startswith(("postgres://", "postgresql://")):
        raise Refused("The new address must read postgres://user:password@host/name.")
    config = Env.db_url_config(url)
    known = connections.configure_settings({DEFAULT_DB_ALIAS: connections.settings[SOURCE], TARGET: config})
    connections[TARGET] = load_backend(known[TARGET]["ENGINE"]).DatabaseWrapper(known[TARGET], TARGET)
    try:
        if not looking.is_empty(TARGET):
            raise Refused("There are companies in the new database: name an empty one. Nothing was changed.")
        call_command("migrate", database=TARGET, interactive=False, verbosity=0)
        call_command("createcachetable", database=TARGET, verbosity=0)
        yield
    except DatabaseError as problem:
        raise Refused(f"PostgreSQL: {str(problem).strip()}\nNothing was moved.") from problem
    finally:
        connections[TARGET].close()
        del connections[TARGET]


def _refuse_source(now: datetime) -> None:
    if looking.unapplied_migrations(SOURCE):
        raise Refused(
            "The SQLite database is not up to date: start bin/mensetsu web once, stop it, then move."
        )
    if looking.workers_alive(now, SOURCE):
        raise Refused(
            "The SQLite database is in use: stop web and worker, wait half a minute, then do it again."
        )
    # Ours, too, would be in the way; it comes back by itself.
    connections[SOURCE].close()
    sqlite_files.refuse_in_use(Path(connections[SOURCE].settings_dict["NAME"]))
    strange = looking.table_names(SOURCE) - {model._meta.db_table for model in ours()} - LEFT
    # The search index is several tables of SQLite's own; PostgreSQL's is made by the migrations, in another way.
    lost = {table for table in strange if not table.startswith(finding.INDEX)}
    if lost:
        raise Refused(
            f"No program part knows these tables, so they would be lost: {', '.join(sorted(lost))}."
        )


def ours() -> list[type[models.Model]]:
    """Every model with a table of its own, those that link two others included."""
    known = apps.get_models(include_auto_created=True)
    return [model for model in known if model._meta.managed and not model._meta.proxy]


def _copied(told: Callable[[str, Sum], None]) -> dict[str, Sum]:
    moved: dict[str, Sum] = {}
    _clear()
    for model in ours():
        table = model._meta.db_table
        _copy(model)
        before, after = summed(model, SOURCE), summed(model, TARGET)
        if before != after:
            raise Refused(
                f"{table} differs after the copy ({before.rows} rows, then {after.rows}). Nothing was moved."
            )
        moved[table] = after
        told(table, after)
    _go_on_counting()
    if resealing.survey(TARGET).unreadable:
        raise Refused(
            "MENSETSU_TOKEN_KEYS does not open the Zoom secrets. Put the right keys back; nothing was moved."
        )
    return moved


def _clear() -> None:
    """What the migrations have written has other numbers than ours: permissions, kinds of content."""
    tables = ", ".join(connections[TARGET].ops.quote_name(model._meta.db_table) for model in ours())
    with connections[TARGET].cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables}")
        # Rows may point to rows that are still to come.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _copy(model: type[models.Model]) -> None:
    target = connections[TARGET]
    fields = model._meta.concrete_fields
    columns = ", ".join(target.ops.quote_name(field.column) for field in fields)
    # Django gives PostgreSQL's own errors its names everywhere but in COPY.
    with target.wrap_database_errors, target.cursor() as cursor:
        line = f"COPY {target.ops.quote_name(model._meta.db_table)} ({columns}) FROM STDIN"
        with cursor.copy(line) as stream:
            for row in _rows(model, SOURCE):
                stream.write_row(
                    [field.get_db_prep_save(value, target) for field, value in zip(fields, row, strict=True)]
                )


def _rows(model: type[models.Model], using: str) -> Iterator[tuple[Any, ...]]:
    names = [field.attname for field in model._meta.concrete_fields]
    return model._base_manager.using(using).order_by("pk").values_list(*names).iterator(chunk_size=PORTION)


def summed(model: type[models.Model], using: str) -> Sum:
    """Read every row back and add up what it says, in the same words for both databases."""
    rows, total = 0, 0
    for row in _rows(model, using):
        rows += 1
        said = repr([_plain(value) for value in row]).encode()
        total += int.from_bytes(hashlib.sha256(said).digest()[:16])
    return Sum(rows, f"{total % 2**128:032x}")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return bytes(value) if isinstance(value, memoryview) else value


def _go_on_counting() -> None:
    target = connections[TARGET]
    with target.cursor() as cursor:
        for line in target.ops.sequence_reset_sql(no_style(), ours()):
            cursor.execute(line)
