"""Who writes next: the threads of this process, one after the other in the order in which they came.

SQLite lets one write at a time and offers no line: whoever finds it busy sleeps, up to a tenth of a second, and looks
again. With several threads that write without a pause most of the time is slept away, and one of them may never win."""

import threading
from collections import deque
from functools import cache


class Line:
    """A lock that is handed over to whoever has waited longest."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._is_taken = False

    def enter(self, patience: float) -> bool:
        """Wait for the turn, at most `patience` seconds; False when it did not come."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=patience):
            return True
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        return True  # handed over at the last moment

    def leave(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


@cache
def line_of(database: str) -> Line:
    """The line before that file; every connection of this process waits in the same."""
    return Line()
