"""`manage.py backup FILE`: a consistent copy of a SQLite database while the product runs."""

import os
import sqlite3
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection


class Command(BaseCommand):
    help = "Write a consistent copy of the SQLite database to FILE while the product runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError(
                "This copies a SQLite database; for PostgreSQL use pg_dump (docs/operations.md)."
            )
        if file.exists():
            raise CommandError(f"{file} exists already: name a new file, so that no earlier backup is lost.")
        # VACUUM INTO makes a defragmented copy in one read transaction; a half-written file never has the final name.
        unfinished = file.with_name(file.name + ".unfinished")
        unfinished.unlink(missing_ok=True)
        try:
            unfinished.parent.mkdir(parents=True, exist_ok=True)
            source = sqlite3.connect(f"file:{connection.settings_dict['NAME']}?mode=ro", uri=True)
            source.execute("VACUUM INTO ?", (str(unfinished),))
            source.close()
            unfinished.chmod(0o600)
        except (OSError, sqlite3.Error) as problem:
            unfinished.unlink(missing_ok=True)
            raise CommandError(
                f"The backup was not made: {problem}. Check the free space and rights there."
            ) from problem
        os.replace(unfinished, file)
        self.stdout.write(f"{file}: {file.stat().st_size:,} bytes")
