"""Putting a backup back. Everything that can be asked of it is asked before anything is touched."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, connection

from mensetsu.operating import looking, withholding
from mensetsu.operating.kinds import KINDS
from mensetsu.operating.refusal import Refused
from mensetsu.zoom import ending, resealing, tokens

# Whatever a rehearsal's copy would send, ever.
FOR_GOOD = timedelta(days=3650)


@dataclass(frozen=True)
class Restored:
    """What was put back: how many of its secrets the keys open, where the former SQLite file is kept, and what was left
    to people (None: it leaves after all)."""

    secrets: int
    kept: Path | None
    withheld: withholding.Withheld | None = None


def restore(file: Path, *, replace: bool, now: datetime, sends_what_waits: bool = False) -> Restored:
    """Make the database what it was when this backup was written: all of it, or nothing is changed. Then hold back what
    was due to be sent by `now`, unless `sends_what_waits`: the database before may have sent it.

    Refuses a file that is damaged, of another kind of database or of a newer version; keys that do not open its
    secrets; a database with companies in it, unless `replace`; a database that a worker is using."""
    kind = _kind(file)
    if kind != connection.vendor:
        raise Refused(
            f"{file} is a backup of {kind}, and DATABASE_URL names {connection.vendor}. Restore it there; "
            "bin/mensetsu move-to-postgresql then moves from SQLite to PostgreSQL."
        )
    KINDS[kind].check(file)
    _refuse_newer(kind, file)
    secrets = _opened(kind, file)
    _refuse_target(replace=replace, now=now)
    # Ours, too, would be in the way, and would still see the former database.
    connection.close()
    kept = KINDS[kind].put(file, connection, now)
    return Restored(secrets, kept, None if sends_what_waits else _held_back(until=now, now=now))


def rehearse(file: Path, *, now: datetime) -> Restored:
    """As restore, into an empty database, for a copy beside an original that lives: in it every Zoom link is ended and
    nothing that waits ever leaves, so it neither uses up the original's tokens nor writes to anybody.

    Refuses what restore refuses, and any database with companies in it."""
    if not looking.is_empty():
        raise Refused(
            "There are companies in the database: a rehearsal needs an empty one, on another machine. "
            "Nothing was changed."
        )
    restored = restore(file, replace=False, now=now, sends_what_waits=True)
    ending.end_all_here(now=now)
    withheld = _held_back(until=now + FOR_GOOD, now=now)
    return Restored(restored.secrets, restored.kept, withheld)


def _held_back(*, until: datetime, now: datetime) -> withholding.Withheld:
    try:
        if looking.unapplied_migrations():
            call_command("migrate", interactive=False, verbosity=0)
        return withholding.withhold(until=until, now=now)
    except DatabaseError as problem:
        raise Refused(
            f"The backup is back, but what waits to be sent could not be held ({str(problem).strip()}). "
            "Do not start yet: repair that, then do it again with --replace."
        ) from problem


def _kind(file: Path) -> str:
    try:
        with file.open("rb") as start:
            head = start.read(16)
    except OSError as problem:
        raise Refused(f"{file} cannot be read: {problem.strerror}.") from problem
    for kind, module in KINDS.items():
        if head.startswith(module.MAGIC):
            return kind
    raise Refused(f"{file} is not a backup that bin/mensetsu backup wrote.")


def _refuse_newer(kind: str, file: Path) -> None:
    applied = {(app, name) for app, name in KINDS[kind].rows(file, "django_migrations", ("app", "name"))}
    if newer := looking.foreign_migrations(applied):
        raise Refused(
            f"{file} was made by a newer version (it knows {newer[-1][0]}.{newer[-1][1]}): "
            "install that version first. Nothing was changed."
        )


def _opened(kind: str, file: Path) -> int:
    count = 0
    for model, columns in resealing.COLUMNS:
        for row in KINDS[kind].rows(file, model._meta.db_table, columns):
            for sealed in filter(None, row):
                if not tokens.opens(sealed):
                    raise Refused(
                        "MENSETSU_TOKEN_KEYS does not open the Zoom secrets in this backup. "
                        "Put the keys of its time back first; nothing was changed."
                    )
                count += 1
    return count


def _refuse_target(*, replace: bool, now: datetime) -> None:
    try:
        is_empty, workers = looking.is_empty(), looking.workers_alive(now)
    except DatabaseError as problem:
        if not replace:
            raise Refused(
                f"The present database cannot be read ({problem}). If it is lost, add --replace."
            ) from problem
        return  # nothing that could be asked, and nobody who could use it
    if workers:
        raise Refused(
            f"{workers} workers are using the database: stop web and worker, wait half a minute, then do it again."
        )
    if not is_empty and not replace:
        raise Refused(
            "There are companies in the database now. To put the backup in their place, add --replace."
        )
