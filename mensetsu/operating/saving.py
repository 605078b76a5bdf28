"""A backup: the whole database in one file, whole or not there at all."""

import sqlite3
from datetime import datetime
from pathlib import Path

from django.db import connection

from mensetsu.operating import kinds, sqlite_files
from mensetsu.operating.refusal import Refused


def backup(file: Path, *, now: datetime) -> Path:
    """Write the database to `file` while the product runs, and read it again; answers the file.

    In a folder, a name with the moment (UTC) is made. Refuses an existing file, a place that cannot be written, and
    a copy that does not read back. Under the final name there is never half a backup."""
    kind = kinds.KINDS[connection.vendor]
    if file.is_dir():
        file /= f"mensetsu-{now:%Y%m%d-%H%M%S}.{kind.ENDING}"
    if file.exists():
        raise Refused(f"{file} exists already: name a new file, so that no earlier backup is lost.")
    unfinished = file.with_name(file.name + ".unfinished")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        try:
            kind.save(connection, unfinished)
            kind.check(unfinished)
            sqlite_files.sync(unfinished)
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as problem:
        raise Refused(
            f"The backup was not made: {problem}. Check the free space and rights there."
        ) from problem
    return file
