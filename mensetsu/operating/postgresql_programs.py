"""PostgreSQL's own programs: pg_dump writes a database, pg_restore reads what it wrote, psql puts it in."""

import contextlib
import os
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from mensetsu.operating.refusal import Refused

ENDING = "dump"
MAGIC = b"PGDMP"
PIECE = 1 << 20
# Everything in our schema that no extension brought, so that nothing of a newer version stays behind.
# The names are collected before the first is dropped: what has gone with another has only a number for a name.
WIPE = """
SET lock_timeout = '20s';
SET client_min_messages = warning;
DO $$ DECLARE things text[]; thing text; BEGIN
  SELECT array_agg(line) INTO things FROM (
    SELECT format('%s IF EXISTS public.%I CASCADE', CASE relkind WHEN 'v' THEN 'VIEW'
        WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, relname) AS line
      FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('e', 'a', 'i'))
    UNION ALL
    SELECT format('FUNCTION IF EXISTS %s CASCADE', p.oid::regprocedure)
      FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT format('TYPE IF EXISTS public.%I CASCADE', typname)
      FROM pg_type t WHERE typnamespace = 'public'::regnamespace AND (typtype IN ('d', 'e')
      OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
  ) AS ours;
  FOREACH thing IN ARRAY coalesce(things, '{}') LOOP EXECUTE 'DROP ' || thing; END LOOP;
END $$;
"""
# As environment, because arguments can be read by everybody on the machine.
NAMES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


def environment(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """How these programs find the database of this connection."""
    known = connection.get_connection_params()
    return os.environ | {NAMES[name]: str(known[name]) for name in NAMES if known.get(name)}


def save(connection: BaseDatabaseWrapper, file: Path) -> None:
    """Write the whole database in PostgreSQL's custom format, as of one moment."""
    file.touch(mode=0o600, exist_ok=False)
    arguments = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}"]
    _end(_start(arguments, env=environment(connection)))


def check(file: Path) -> None:
    """Refuses a file that cannot be read to its end."""
    try:
        _end(_start(["pg_restore", f"--file={os.devnull}", str(file)]))
    except Refused as problem:
        raise Refused(f"{file} is damaged or cannot be read here. Nothing was changed.\n{problem}") from None


def rows(file: Path, table: str, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    """These columns of every row of one table, as PostgreSQL writes them in text (NULL is empty)."""
    reader = _start(
        ["pg_restore", "--data-only", f"--table={table}", "--file=-", str(file)], stdout=subprocess.PIPE
    )
    assert reader.stdout is not None
    found = list(_copied(reader.stdout, columns))
    _end(reader)
    return found


def _copied(lines: IO[bytes], columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    places: list[int] = []
    for raw in lines:
        line = raw.decode().rstrip("\n")
        if line.startswith("COPY ") and line.endswith(" FROM stdin;"):
            names = [name.strip('" ') for name in line[line.index("(") + 1 : line.rindex(")")].split(",")]
            places = [names.index(name) for name in columns]
        elif line == "\\.":
            places = []
        elif places:
            values = line.split("\t")
            yield tuple("" if values[place] == "\\N" else values[place] for place in places)


def put(file: Path, connection: BaseDatabaseWrapper, now: datetime) -> None:
    """Make the database what this file holds: all of it, or nothing is changed.

    We say COMMIT ourselves, after the last line: whoever dies before leaves the database as it was. When it is
    refused, nothing of it holds a lock any more."""
    del now  # nothing is kept that would need a name
    name = f"mensetsu restore {uuid.uuid4()}"
    try:
        _put(file, environment(connection) | {"PGAPPNAME": name})
    except Refused:
        _let_go(connection, name)
        raise


def _put(file: Path, env: dict[str, str]) -> None:
    arguments = ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--output={os.devnull}"]
    writer = _start(arguments, stdin=subprocess.PIPE, env=env)
    reader = _start(
        ["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(file)], stdout=subprocess.PIPE
    )
    assert writer.stdin is not None
    assert reader.stdout is not None
    try:
        writer.stdin.write(b"BEGIN;" + WIPE.encode())
        while piece := reader.stdout.read(PIECE):
            writer.stdin.write(piece)
        _end(reader)
        writer.stdin.write(b"\nCOMMIT;\n")
        writer.stdin.close()
    except BrokenPipeError:
        reader.kill()  # psql has ended already and says why
    except Refused:
        writer.kill()
        with contextlib.suppress(Refused):
            _end(writer)
        raise
    _end(writer)


def _let_go(connection: BaseDatabaseWrapper, name: str) -> None:
    """A killed psql leaves its transaction to the server, which goes on with its statement and keeps the locks."""
    with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE application_name = %s",
            [name],
        )
    connection.close()


def _start(arguments: list[str], **how: Any) -> subprocess.Popen[bytes]:
    # A file, not a pipe: whatever a program complains of must not make it wait for its reader.
    complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed by _end
    try:
        process = subprocess.Popen(arguments, stderr=complaints, **how)  # noqa: S603 - no shell
    except FileNotFoundError:
        raise Refused(
            f"{arguments[0]} was not found: install PostgreSQL's programs in the server's version "
            "(Debian, Ubuntu: apt-get install postgresql-client), or put their folder into PATH."
        ) from None
    process.complaints = complaints  # type: ignore[attr-defined]
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait for it. Refused carries the last lines of what it complained of."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None and not pipe.closed:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    code = process.wait()
    with process.complaints as complaints:  # type: ignore[attr-defined]
        complaints.seek(0)
        words = complaints.read().decode(errors="replace").strip().splitlines()
    if code:
        program = Path(str(process.args[0])).name  # type: ignore[index]
        raise Refused("\n".join(words[:6]) or f"{program} ended with {code}.")
