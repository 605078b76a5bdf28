"""What happens by itself. The table of rhythms is config/clock.py; here is only the striking.

A rhythm strikes at fixed moments counted from midnight UTC (every 5 minutes: 00:00, 00:05, …; daily: at `at`). Of
several workers only the one whose conditional UPDATE wins enqueues the job. After a pause it strikes once, not once
per missed moment: the jobs look at what is due, not at how often they were called."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django_tasks.base import Task

from mensetsu.jobs.models import Beat


@dataclass(frozen=True)
class Rhythm:
    """`job` every `every`; `at` shifts the moments (UTC time of day for daily ones)."""

    name: str
    every: timedelta
    job: Task
    at: timedelta = timedelta()

    def last_moment(self, now: datetime) -> datetime:
        """The latest moment not after `now`."""
        midnight = datetime(2000, 1, 1, tzinfo=UTC) + self.at
        return now - (now - midnight) % self.every


def tick(rhythms: Sequence[Rhythm], now: datetime) -> list[str]:
    """Enqueue every rhythm that is due and not yet taken. Returns the names of those struck here."""
    return [rhythm.name for rhythm in rhythms if _strike(rhythm, now)]


def _strike(rhythm: Rhythm, now: datetime) -> bool:
    moment = rhythm.last_moment(now)
    with transaction.atomic():
        taken = Beat.objects.filter(name=rhythm.name, began_at__lt=moment).update(began_at=now)
        if not taken and not Beat.objects.filter(name=rhythm.name).exists():
            taken = _first(rhythm, now)
        if taken:
            rhythm.job.enqueue()
    return bool(taken)


def _first(rhythm: Rhythm, now: datetime) -> bool:
    try:
        with transaction.atomic():
            Beat.objects.create(name=rhythm.name, began_at=now)
    except IntegrityError:  # another worker was first
        return False
    return True
