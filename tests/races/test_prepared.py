"""PostgreSQL plans a statement that comes again once a connection, not each time."""

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from mensetsu.jobs.models import Beat

pytestmark = [pytest.mark.django_db, pytest.mark.skipif("connection.vendor != 'postgresql'")]


def prepared() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


def test_a_statement_that_comes_again_is_prepared_whatever_its_values() -> None:
    for name in ("a", "b", "c", "d", "e"):
        Beat.objects.filter(name=name).exists()

    assert any("jobs_beat" in statement and "$1" in statement for statement in prepared())


class _Refused(Exception):
    pass


@pytest.mark.django_db(transaction=True)
def test_what_is_prepared_outlives_a_transaction_that_is_refused() -> None:
    for name in ("a", "b", "c", "d", "e"):
        Beat.objects.filter(name=name).exists()
    before = prepared()

    with pytest.raises(_Refused), transaction.atomic():
        Beat.objects.filter(name="f").exists()
        Beat.objects.create(name="f", began_at=timezone.now())
        raise _Refused

    assert not Beat.objects.filter(name="f").exists()
    assert set(before) <= set(prepared())


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_in_a_transaction_is_opened_anew() -> None:
    with pytest.raises(OperationalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    connection.close_if_unusable_or_obsolete()
    assert not Beat.objects.filter(name="a").exists()
