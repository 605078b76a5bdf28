"""No network inside a transaction."""

import pytest
from django.db import transaction

from mensetsu.jobs import outside


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_the_way_is_free() -> None:
    outside.check()


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_it_is_an_error() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        outside.check()
