"""Several at one moment on one database: threads that start together, and what happens between two statements."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections


def together(count: int, *calls: Callable[[], Any]) -> list[Any]:
    """Call each of `calls` in turn by `count` threads that start at the same moment.

    The answer holds every return value, or the exception that was raised instead. Needs a test with
    `django_db(transaction=True)`: threads do not see each other's open transactions."""
    barrier = threading.Barrier(count)
    results: list[Any] = [None] * count

    def run(number: int) -> None:
        try:
            barrier.wait(10)
            results[number] = calls[number % len(calls)]()
        except Exception as problem:
            results[number] = problem
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    return results


@contextmanager
def meanwhile(statement: str, happens: Callable[[], Any]) -> Iterator[None]:
    """Right before the first statement that holds this text, somebody else does `happens`, once.

    What two processes do by chance, in the one order that matters. Fails when no such statement was sent."""
    waiting = [happens]

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if waiting and statement in sql:
            waiting.pop()()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    assert not waiting, f"nothing was sent with {statement!r}"
