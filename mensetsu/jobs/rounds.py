"""A job that does whatever waits when it begins need not be enqueued for each thing that begins to wait.

    _READINGS = rounds.Rounds(read, every=timedelta(seconds=0.25))

    with _READINGS.turn() as is_alone:      # a transaction of its own
        ...                                 # is_alone: nobody came lately; do it as if there were no rounds.
                                            # else: write down what waits; a round takes it

Of those who come one right after another the first is alone. The second enqueues a round for the moment `every` later,
in its own transaction, and those who follow rely on it: they enqueue nothing. A round that somebody relies on must
begin after their commit. It begins at the moment for which it was enqueued, or later, so whoever is committed before
that moment is in it; whoever finds the moment past after their own commit enqueues another round, for at once.

What that leaves open is small, and a rhythm (config/clock.py) must be its net: a process that is killed between such a
commit and the other round, and hosts whose clocks differ by more than MARGIN, where a round may begin before those who
still rely on it. How exact the moment is, is the engine's: the embedded one looks every 0.2 seconds for jobs whose hour
has come, the distributed one every second. So late a round may begin; never early."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.utils import timezone
from django_tasks.base import Task

logger = logging.getLogger(__name__)

# Between the clock of whoever enqueues a round and the one by which it begins.
MARGIN = timedelta(seconds=0.05)
# Between relying on a round and the end of the own commit; whoever needs longer enqueues another.
COMMIT = timedelta(seconds=0.05)


class Rounds:
    """The rounds of one job, as far as this process has enqueued them. Several processes do not know of each other:
    each enqueues its own, and the job must bear to be run by two at once."""

    def __init__(self, job: "Task[..., None]", *, every: timedelta) -> None:
        self._job, self.every = job, every
        # When the youngest round of this process begins; of one who was alone, when they came. Only what is committed
        # stands here. A process that is forked off may rely on it like any other.
        self._begins: datetime | None = None

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """A transaction of its own; inside it the answer whether this one is alone. What is written in it when not
        waits for a round that begins after its commit."""
        with transaction.atomic(durable=True):
            # In here: on SQLite a writer has waited for its turn when its transaction begins.
            now, begins = timezone.now(), self._begins
            is_alone = begins is None or not -self.every < begins - now <= self._longest
            relies = not is_alone and begins - now > MARGIN + COMMIT
            if not relies:
                begins = now if is_alone else begins + self.every
            if not is_alone and not relies:
                self._job.using(run_after=begins).enqueue()
            yield is_alone
        self._begins = begins
        if relies and begins - timezone.now() <= MARGIN:
            self._enqueue_another()

    def forget(self) -> None:
        """As in a process that has just begun."""
        self._begins = None

    @property
    def _longest(self) -> timedelta:
        """Before a round, while clocks go forward. Set back, they would make us rely on a round of a later hour."""
        return self.every + MARGIN + COMMIT

    def _enqueue_another(self) -> None:
        try:
            with transaction.atomic(durable=True):
                self._job.enqueue()
        except DatabaseError:
            # What waits is committed, and whoever brought it must be told so: the rhythm takes it.
            logger.exception("round_not_enqueued job=%s", self._job.module_path)
