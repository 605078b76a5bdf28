"""Rows of one kind that are written one by one in the code and together in the database.

    with together.gathered():
        recording.record(…)         # the history's rows in one statement,
        send_one.enqueue(…)         # the jobs in another, where the block ends

In the caller's transaction: a refusal that leaves the block leaves nothing behind. Only for rows that nobody asks the
database for inside the block."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

Write = Callable[[list[Any]], None]

_gathered: ContextVar[dict[Write, list[Any]] | None] = ContextVar("gathered", default=None)


@contextmanager
def gathered() -> Iterator[None]:
    """Inside, what is handed to `write` waits; at the end it is written. A block within a block is part of it."""
    if _gathered.get() is not None:
        yield
        return
    waiting: dict[Write, list[Any]] = {}
    token = _gathered.set(waiting)
    try:
        yield
    finally:
        _gathered.reset(token)
    for how, rows in waiting.items():
        how(rows)


def write(how: Write, row: Any) -> None:
    """Write that row now, or where the block ends. `how` takes all rows that have come to it."""
    waiting = _gathered.get()
    if waiting is None:
        how([row])
    else:
        waiting.setdefault(how, []).append(row)
