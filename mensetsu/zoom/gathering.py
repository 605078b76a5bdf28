"""What several requests want to store at the same moment is stored together, in one transaction.

Storing one message is mostly a commit, and commits wait for the disk one after another. Whoever comes first stores; who
comes meanwhile waits, and the first of them then stores for all of them. Nobody goes on before their own row is
committed. A request that comes alone waits for nobody."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Row = TypeVar("Row")
# So many are stored at once, so that one statement stays small.
MOST = 50


class NotStored(Exception):
    """Whoever was storing was ended in the middle of it."""


class _Place(Generic[Row]):
    """Somebody who waits: for the end of the storing, or for their turn to do it for all."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.turn = threading.Event()
        self.is_decided = False
        self.problem: Exception | None = NotStored()


class Gathering(Generic[Row]):
    """`store` stores rows in a transaction of its own, all of them or none."""

    def __init__(self, store: Callable[[Sequence[Row]], None]) -> None:
        self._store = store
        self._guard = threading.Lock()
        self._waiting: list[_Place[Row]] = []
        self._is_busy = False

    def put(self, row: Row) -> None:
        """Returns when the row is stored; raises what storing it raised."""
        mine = _Place(row)
        with self._guard:
            self._waiting.append(mine)
            is_first, self._is_busy = not self._is_busy, True
        if not is_first:
            mine.turn.wait()
        if not mine.is_decided:
            self._store_for_all()
        if mine.problem is not None:
            raise mine.problem

    def _store_for_all(self) -> None:
        with self._guard:
            some, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            self._store_some(some)
        finally:
            with self._guard:
                following = self._waiting[:1]
                self._is_busy = bool(following)
            for place in some:
                place.is_decided = True
            for place in (*some, *following):
                place.turn.set()

    def _store_some(self, some: Sequence[_Place[Row]]) -> None:
        try:
            self._store([place.row for place in some])
        except Exception as problem:
            if len(some) > 1:
                # One of them cannot be stored: each for itself.
                for place in some:
                    self._store_some([place])
                return
            some[0].problem = problem
        else:
            for place in some:
                place.problem = None
