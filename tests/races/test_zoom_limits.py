"""Many at once before Zoom's limits: no write too many, and never two in one turn."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from mensetsu.zoom import client, pacing, spending
from mensetsu.zoom.models import AccountPace, WriteBudget
from tests.racing import together
from tests.zoom.test_hosting import link

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
THREADS = 8


def test_the_budget_is_spent_to_the_last_and_not_beyond(people, settings) -> None:
    settings.ZOOM_WRITES_PER_DAY = 5
    host = link(people.aoki)

    answers = together(THREADS, lambda: spending.spend(host, begins_at=NOW, now=NOW))

    assert sum(answer is None for answer in answers) == 5
    assert {type(answer) for answer in answers if answer is not None} == {client.TryLater}
    assert WriteBudget.objects.get().spent == 5


def test_each_has_a_turn_of_its_own(people, monkeypatch) -> None:
    host = link(people.aoki)
    naps: list[float] = []
    # A clock for this module alone: threads of the server or of a pool sleep by the true one meanwhile.
    monkeypatch.setattr(pacing, "time", SimpleNamespace(sleep=naps.append, monotonic=lambda: 0.0))

    together(THREADS, lambda: pacing.wait_turn(host, label="heavy", now=NOW))

    # Ten a second, of which we use two thirds: three at once, then one after the other.
    assert AccountPace.objects.get().next_at == NOW + THREADS * timedelta(seconds=0.15)
    assert len({nap for nap in naps if nap}) == sum(nap > 0 for nap in naps) == THREADS - 3
