"""The clock strikes once per moment, whoever holds it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult

from mensetsu.jobs import clock
from tests import racing
from tests.jobs import sample_jobs

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
QUARTER = clock.Rhythm("every quarter hour", timedelta(minutes=15), sample_jobs.note)
DAILY = clock.Rhythm("at 20:30", timedelta(days=1), sample_jobs.note, at=timedelta(hours=20, minutes=30))


@pytest.mark.parametrize(
    ("rhythm", "now", "moment"),
    [
        (QUARTER, NOON, NOON),
        (QUARTER, NOON + timedelta(minutes=14, seconds=59), NOON),
        (QUARTER, NOON + timedelta(minutes=15), NOON + timedelta(minutes=15)),
        (DAILY, NOON, datetime(2026, 11, 23, 20, 30, tzinfo=UTC)),
        (DAILY, NOON.replace(hour=20, minute=30), NOON.replace(hour=20, minute=30)),
    ],
)
def test_moments_are_fixed(rhythm: clock.Rhythm, now: datetime, moment: datetime) -> None:
    assert rhythm.last_moment(now) == moment


@pytest.mark.django_db
def test_a_rhythm_strikes_once_per_moment() -> None:
    assert clock.tick([QUARTER], NOON) == ["every quarter hour"]
    assert clock.tick([QUARTER], NOON + timedelta(minutes=3)) == []
    assert clock.tick([QUARTER], NOON + timedelta(minutes=16)) == ["every quarter hour"]

    assert DBTaskResult.objects.count() == 2


@pytest.mark.django_db
def test_after_a_pause_of_two_hours_it_strikes_once() -> None:
    clock.tick([QUARTER], NOON)

    clock.tick([QUARTER], NOON + timedelta(hours=2))

    assert DBTaskResult.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_six_workers_one_strikes() -> None:
    clock.tick([QUARTER], NOON - timedelta(minutes=15))

    struck = racing.together(6, lambda: clock.tick([QUARTER], NOON))

    assert sorted(struck, key=len) == [[], [], [], [], [], ["every quarter hour"]]
    assert connection.vendor in ("sqlite", "postgresql")
