"""Start several threads at one moment on one database, and collect what each got."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections


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
