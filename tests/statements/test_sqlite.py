"""What our own SQLite does in Django's place: moments, and the signs where values go."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="another database"),
]

MOMENT = datetime(2026, 11, 24, 5, 30, 1, 250, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        (MOMENT.replace(tzinfo=None), MOMENT),
        ("2026-11-24 05:30:01.000250", MOMENT),
        ("2026-11-24T05:30:01.000250+00:00", MOMENT),
        (None, None),
    ],
)
def test_a_moment_is_in_utc_however_the_driver_hands_it_over(stored: Any, read: datetime | None) -> None:
    assert connection.ops.convert_datetimefield_value(stored, None, connection) == read


@pytest.mark.parametrize("length", [1, 10_000])
def test_a_statement_that_comes_again_has_its_values_and_its_percent_signs(length: int) -> None:
    filling = "a" * length
    for value in (1, 2):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT '100%%{filling}', %s", [value])
            assert cursor.fetchone() == (f"100%{filling}", value)
            cursor.execute("SELECT '100%'")
            assert cursor.fetchone() == ("100%",)
            cursor.execute("SELECT %(number)s", {"number": value})
            assert cursor.fetchone() == (value,)
