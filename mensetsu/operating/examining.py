"""The doctor: every question asked, each answered, whatever the others answer."""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import DatabaseError

from mensetsu.operating import checks_here, checks_outside, checks_zoom
from mensetsu.operating.finding import Finding, error, warning


def examine(*, now: datetime) -> Iterator[Finding]:
    """All findings, in the order in which they are best repaired. Changes nothing but what Zoom said of apps and
    linked accounts.

    What needs the tables is not asked while the database is away or has not the expected form."""
    yield from checks_here.program()
    yield from checks_here.secret_keys()
    yield from checks_here.address()
    of_database = checks_here.database(now)
    yield from of_database
    is_usable = not _has_errors(of_database)
    if is_usable:
        of_form = checks_here.migrations()
        yield from of_form
        is_usable = not _has_errors(of_form)
    yield from checks_here.files()
    yield from checks_here.disk()
    yield from checks_outside.mail()
    yield from checks_outside.clock()
    yield from checks_outside.proxy(now)
    if not is_usable:
        yield warning(
            "zoom", "The rest was not asked: it needs the database.", "Repair that first, then ask again."
        )
        return
    for ask in (
        lambda: checks_here.worker(now),
        lambda: checks_here.notices(now),
        checks_here.sealed_secrets,
        lambda: checks_zoom.companies(now),
    ):
        yield from _asked(ask)


def _asked(ask: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return ask()
    except DatabaseError as problem:
        return [
            error(
                "database", f"It stopped answering: {str(problem).strip()}", "Look at the database's own log."
            )
        ]


def _has_errors(findings: list[Finding]) -> bool:
    return any(finding.state == "error" for finding in findings)
