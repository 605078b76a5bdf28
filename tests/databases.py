"""The database of a worker: all migrations run once in a run, every worker takes a copy of what they made."""

import shutil
from pathlib import Path

from django.core.management.color import no_style
from django.db import connection, transaction
from django.test.utils import setup_databases

from mensetsu.candidates import finding
from tests import once

_TEMPLATE = "migrated"
# Filled by Django for itself after migrations; it would do so again after every test.
_KEPT = {"django_content_type", "auth_permission"}


def prepared() -> None:
    """Makes this worker's test database and connects to it."""
    with once.alone("migrated.sqlite3") as file:
        name = connection.creation._get_test_db_name()
        is_made = _postgresql_has_template() if connection.vendor == "postgresql" else file.exists()
        if is_made:
            _copy(file, name)
        # Migrations that have run already are only looked through.
        setup_databases(verbosity=0, interactive=False, keepdb=is_made)
        if not is_made:
            _keep(file, name)


def _copy(file: Path, name: str) -> None:
    if connection.vendor == "postgresql":
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE {_TEMPLATE}')
    else:
        shutil.copyfile(file, name)


def _keep(file: Path, name: str) -> None:
    if connection.vendor == "postgresql":
        connection.close()  # nobody may be connected to what is copied
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE {_TEMPLATE} TEMPLATE "{name}"')
    else:
        half = file.with_suffix(".half")
        half.unlink(missing_ok=True)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(half)])
        half.rename(file)


def _postgresql_has_template() -> bool:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_TEMPLATE])
        return cursor.fetchone() is not None


def emptied() -> None:
    """All committed rows go. Django's own flush truncates what is empty too, and fills its own tables anew."""
    existing = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [name for name in existing if name not in _KEPT]
    if connection.vendor == "postgresql":
        _delete_from(tables)
    else:
        connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables))
    # A test may have lost the index on purpose.
    finding.ensure()


def _delete_from(tables: list[str]) -> None:
    """TRUNCATE makes new files for every table and index; a test fills ten of them with a few rows."""
    looks = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in tables]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(looks))
        filled = [name for (name,) in cursor.fetchall()]
        # Foreign keys are not looked at: their rows go as well.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in filled:
            cursor.execute(f'DELETE FROM "{name}"')
