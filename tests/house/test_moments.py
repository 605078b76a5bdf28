"""Our shorter way from SQLite's text to a moment ends where Django's ends."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import connection
from django.db.backends.sqlite3 import operations as django_operations

from config.sqlite3 import operations

NAIVE = datetime.fromisoformat("2026-11-24 01:00:00")


@pytest.mark.parametrize(
    "value",
    [
        None, "2026-11-24 01:00:00", "2026-11-24 01:00:00.000123", "2026-11-24T01:00:00", "2026-11-24 01:00:00+09:00",
        "2026-11-24", "not a moment", NAIVE, datetime(2026, 11, 24, 1, 0, tzinfo=UTC),
        datetime(2026, 11, 24, 1, 0, tzinfo=timezone(timedelta(hours=9))),
    ],
)  # fmt: skip
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's driver knows moments")
def test_a_moment_is_read_as_django_reads_it(value: Any) -> None:
    ours, theirs = operations.DatabaseOperations(connection), django_operations.DatabaseOperations(connection)

    def read(ops: Any) -> Any:
        try:
            found = ops.convert_datetimefield_value(value, None, connection)
        except Exception as problem:
            return type(problem)
        return found, getattr(found, "tzinfo", None)

    assert read(ours) == read(theirs)
