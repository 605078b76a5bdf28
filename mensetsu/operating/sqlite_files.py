"""SQLite databases as files: copied whole while in use, checked, put in the place of another."""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

from mensetsu.operating.refusal import Refused

ENDING = "sqlite3"
MAGIC = b"SQLite format 3\x00"
# A write-ahead log left beside another database than its own would be played into it.
COMPANIONS = ("-wal", "-shm", "-journal")


def save(connection: BaseDatabaseWrapper, copy: Path) -> None:
    """A consistent copy in one read transaction, while the product runs. Raises OSError and sqlite3.Error."""
    database = connection.settings_dict["NAME"]
    # An empty file first: SQLite would make it readable for everybody.
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(_read_only(database)) as source:
        source.execute("VACUUM INTO ?", (str(copy),))


def check(file: Path) -> None:
    """Refuses a file in which anything is torn or points nowhere."""
    try:
        with closing(_read_only(str(file))) as copy:
            found = [str(row[0]) for row in copy.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]
            found += [
                f"{row[0]} points to a missing {row[2]}" for row in copy.execute("PRAGMA foreign_key_check")
            ]
    except sqlite3.Error as problem:
        found = [str(problem)]
    if found:
        raise Refused(f"{file} is damaged ({'; '.join(found[:3])}). Use another backup; nothing was changed.")


def rows(file: Path, table: str, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    """These columns of every row, as text. The names come from our own models."""
    with closing(_read_only(str(file))) as copy:
        query = f'SELECT {", ".join(columns)} FROM "{table}"'  # noqa: S608
        return [tuple("" if value is None else str(value) for value in row) for row in copy.execute(query)]


def put(file: Path, connection: BaseDatabaseWrapper, now: datetime) -> Path | None:
    """Make this file the database; answers where the former one is kept, None when there was none.

    Refuses while another process has it open. The final name never holds half a file."""
    database = Path(connection.settings_dict["NAME"])
    refuse_in_use(database)
    fresh = database.with_name(database.name + ".unfinished")
    database.parent.mkdir(parents=True, exist_ok=True)
    fresh.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    shutil.copyfile(file, fresh)
    sync(fresh)
    aside = database.with_name(f"{database.stem}-before-{now:%Y%m%d-%H%M%S}{database.suffix}")
    kept = None
    for ending in ("", *COMPANIONS):
        former = database.with_name(database.name + ending)
        if former.exists():
            kept = aside
            former.rename(aside.with_name(aside.name + ending))
    fresh.replace(database)
    return kept


def sync(file: Path) -> None:
    """On the disk, not only on the way there."""
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def refuse_in_use(database: Path) -> None:
    """Refuses while anybody has the database open, this process included: SQLite gives up its write-ahead log only when
    nobody else has. Web processes have it open from their start (config.server), also those without a worker."""
    if not database.exists():
        return
    try:
        with closing(sqlite3.connect(database, timeout=1)) as alone:
            alone.execute("PRAGMA journal_mode=DELETE").fetchall()
    except sqlite3.DatabaseError as problem:
        # Damaged is a reason to restore; in use is not.
        if getattr(problem, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
            raise Refused(f"{database} is in use: stop web and worker, then do it again.") from problem


def _read_only(database: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{Path(database).absolute().as_uri()}?mode=ro", uri=True)
