"""How SQLite would find the rows of the queries that were sent. (PostgreSQL decides by how many rows there are: what
grows there is measured by bin/bench P11.)"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

on_sqlite = pytest.mark.skipif("postgresql" in connection.vendor, reason="reads the plans of SQLite")


def steps(queries: CaptureQueriesContext) -> list[str]:
    """Every step of every query: `SEARCH table USING INDEX name (column=?)`."""
    found: list[str] = []
    with connection.cursor() as cursor:
        for query in queries.captured_queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute("EXPLAIN QUERY PLAN " + query["sql"].replace("%", "%%"))
                found += [row[3] for row in cursor.fetchall()]
    return found
