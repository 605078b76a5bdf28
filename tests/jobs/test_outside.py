"""No network inside a transaction; and a database that goes away is no failure of the job."""

from collections.abc import Iterator

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction

from mensetsu.jobs import outside


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_the_way_is_free() -> None:
    outside.check()


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_it_is_an_error() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        outside.check()


@pytest.fixture
def broken_connection(transactional_db: None) -> Iterator[None]:
    """Our connection is closed under our hands; Django does not know it yet."""
    connection.ensure_connection()
    # SQLite's would say that it is usable even then.
    usable, connection.is_usable = connection.is_usable, lambda: False  # type: ignore[method-assign]
    yield
    connection.is_usable = usable  # type: ignore[method-assign]


@pytest.mark.usefixtures("broken_connection")
def test_a_lost_connection_is_known_by_its_failure_and_its_state() -> None:
    assert outside.is_database_lost(OperationalError("closed"))
    assert outside.is_database_lost(InterfaceError("closed"))
    assert not outside.is_database_lost(ValueError("x"))


@pytest.mark.django_db
def test_a_refused_statement_leaves_a_connection_that_works() -> None:
    connection.ensure_connection()

    assert not outside.is_database_lost(OperationalError("database is locked"))


@pytest.mark.django_db(transaction=True)
def test_no_connection_at_all_is_a_lost_one() -> None:
    connection.close()

    assert outside.is_database_lost(OperationalError("connection refused"))
