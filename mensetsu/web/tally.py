"""Counters of this process and, through small files, of its neighbors on the same host. Knows no Django.

A web server has several processes and a worker answers no requests, so each writes what it has counted into a file of
its own every few seconds, and whoever is asked for the metrics reads all of them. Each process stays a series of its
own: a counter that starts anew is then never mistaken for one that has run backwards."""

import atexit
import json
import os
import threading
import time
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

FLUSH = 5.0  # seconds between writes
KEPT = 600.0  # seconds for which the file of a process that has ended is still shown

Labels = tuple[tuple[str, str], ...]
Series = tuple[str, Labels]

# Where the files are; None until the settings are known, and then nothing is written.
directory: Path | None = None

_lock = threading.Lock()
_counts: dict[Series, float] = {}
_writer: threading.Thread | None = None


def series(name: str, **labels: object) -> Series:
    """What `add` counts: whoever counts the same again and again makes it once."""
    return name, tuple(sorted((label, str(value)) for label, value in labels.items()))


def add(amounts: Iterable[tuple[Series, float]]) -> None:
    """Add to several counters at once. Cheap; may be called from any thread."""
    with _lock:
        for one, amount in amounts:
            _counts[one] = _counts.get(one, 0.0) + amount
    _start_writing()


def count(name: str, amount: float = 1.0, **labels: object) -> None:
    """Add to a counter."""
    add([(series(name, **labels), amount)])


def outcome_of(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Count the calls of a function by their outcome: the status of its answer, or the name of what it raised."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def counted(*args: Any, **kwargs: Any) -> Any:
            try:
                answer = function(*args, **kwargs)
            except Exception as problem:
                count(name, outcome=type(problem).__name__)
                raise
            count(name, outcome=answer.status_code)
            return answer

        return counted

    return decorate


def write() -> None:
    """Write down what this process has counted. A file that cannot be written costs no one their page."""
    if directory is None:
        return
    with _lock:
        lines = [[name, dict(labels), value] for (name, labels), value in _counts.items()]
    file = directory / f"{os.getpid()}.json"
    try:
        directory.mkdir(exist_ok=True)
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(lines))
        draft.replace(file)
    except OSError:
        return


def read() -> list[tuple[str, Labels, float]]:
    """Every counter of every process of this host, each with the label `process`."""
    write()
    found: list[tuple[str, Labels, float]] = []
    for file in sorted(directory.glob("*.json")) if directory else []:
        try:
            if not _is_alive(int(file.stem)) and time.time() - file.stat().st_mtime > KEPT:
                file.unlink(missing_ok=True)
                continue
            lines = json.loads(file.read_text())
        except (OSError, ValueError):
            continue
        found += [
            (name, (*sorted(labels.items()), ("process", file.stem)), value) for name, labels, value in lines
        ]
    return found


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _start_writing() -> None:
    global _writer
    if _writer is not None or directory is None:
        return
    with _lock:
        if _writer is not None:
            return
        _writer = threading.Thread(target=_keep_writing, name="tally", daemon=True)
    _writer.start()
    atexit.register(write)


def _keep_writing() -> None:
    while True:
        time.sleep(FLUSH)
        write()
