"""A round that others rely on begins after their commit, and a stream costs a few rounds a second, not one each."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django_tasks_db.models import DBTaskResult

from mensetsu.jobs import rounds
from tests.jobs import sample_jobs

pytestmark = pytest.mark.django_db(transaction=True)

EVERY = timedelta(seconds=0.25)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    return clock


@pytest.fixture
def kept() -> rounds.Rounds:
    return rounds.Rounds(sample_jobs.strike, every=EVERY)


def comes(kept: rounds.Rounds, clock: Clock, *, storing: float = 0.0) -> bool:
    with kept.turn() as is_alone:
        clock.passes(storing)
    return is_alone


def begin() -> list[datetime]:
    """When each round that was enqueued may begin."""
    rows = sorted(DBTaskResult.objects.all(), key=lambda row: row.enqueued_at)
    return [row.enqueued_at if row.run_after.year == 9999 else row.run_after for row in rows]


def test_who_comes_alone_is_told_so_and_no_round_follows(kept: rounds.Rounds, clock: Clock) -> None:
    answers = []
    for _time in range(3):
        answers.append(comes(kept, clock))
        clock.passes(0.25)

    assert (answers, begin()) == ([True] * 3, [])


def test_those_who_follow_share_a_round_within_a_moment_of_the_first(
    kept: rounds.Rounds, clock: Clock
) -> None:
    first = clock.now
    answers = []
    for _time in range(6):
        answers.append(comes(kept, clock))
        clock.passes(0.02)

    assert answers == [True] + [False] * 5
    assert begin() == [first + EVERY]


def test_a_stream_costs_four_rounds_a_second(kept: rounds.Rounds, clock: Clock) -> None:
    first = clock.now
    for _time in range(500):
        comes(kept, clock)
        clock.passes(0.01)

    assert begin() == [first + EVERY * number for number in range(1, 22)]


@pytest.mark.parametrize("seed", range(5))
def test_whoever_is_not_alone_is_committed_before_a_round_begins(
    kept: rounds.Rounds, clock: Clock, seed: int
) -> None:
    chance = random.Random(seed)
    committed, begun, known = [], [], 0
    for _time in range(300):
        # Mostly at once; sometimes the disk, or another writer, lets us wait.
        storing = chance.choice([0.001, 0.005, 0.02, 0.09, 0.3, 2.0] if chance.random() < 0.3 else [0.002])
        if not comes(kept, clock, storing=storing):
            committed.append(clock.now)
        # One that was enqueued in a long transaction is seen when that ends, and begins then.
        begun += [max(moment, clock.now) for moment in begin()[known:]]
        known = len(begun)
        clock.passes(chance.choice([0.001, 0.01, 0.06, 0.12, 0.4]))

    assert len(committed) > 100
    assert [at for at in committed if not any(later >= at for later in begun)] == []
    # And not long after, whatever the clock has done meanwhile.
    waits = [min(later - at for later in begun if later >= at) for at in committed]
    assert max(waits) <= EVERY + rounds.MARGIN + rounds.COMMIT


def test_who_is_committed_after_the_round_began_has_another(kept: rounds.Rounds, clock: Clock) -> None:
    first = clock.now
    comes(kept, clock)
    comes(kept, clock)

    comes(kept, clock, storing=5)

    assert begin() == [first + EVERY, first + timedelta(seconds=5)]


def test_a_round_that_was_not_committed_is_relied_on_by_nobody(kept: rounds.Rounds, clock: Clock) -> None:
    comes(kept, clock)
    with pytest.raises(ValueError, match="refused"), kept.turn():
        raise ValueError("refused")
    assert begin() == []

    comes(kept, clock)

    assert begin() == [clock.now + EVERY]


def test_a_clock_that_is_set_back_lets_nobody_wait_for_the_hour_it_showed(
    kept: rounds.Rounds, clock: Clock
) -> None:
    comes(kept, clock)
    comes(kept, clock)
    clock.passes(-3600)

    assert [comes(kept, clock), comes(kept, clock)] == [True, False]

    assert begin()[0] == clock.now + EVERY  # the rows in the order of the clock


def test_what_is_committed_is_not_refused_because_the_other_round_cannot_be_enqueued(
    kept: rounds.Rounds, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    comes(kept, clock)
    comes(kept, clock)

    def full(execute: Any, sql: str, *more: Any) -> Any:
        if sql.startswith("INSERT"):
            raise OperationalError("disk full")
        return execute(sql, *more)

    with connection.execute_wrapper(full):
        assert not comes(kept, clock, storing=5)

    assert "round_not_enqueued" in caplog.text
    assert len(begin()) == 1


def test_a_process_that_begins_anew_relies_on_nothing(kept: rounds.Rounds, clock: Clock) -> None:
    comes(kept, clock)
    comes(kept, clock)

    kept.forget()

    assert comes(kept, clock)
