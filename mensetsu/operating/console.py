"""The operator's console: what can be typed after bin/mensetsu, and what is said about it.

Knows the words only. What a command does is in commands/<name>.py, loaded when it is asked for: `--help` is readable
also while the settings are wrong, and so is the doctor, whose first question they are."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence

import django
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import OperationalError

from mensetsu.operating.refusal import Refused

Say = Callable[[str], None]

# Without Django: bin/serve examines the settings itself, and the doctor answers in words of its own.
NEED_NO_SETTINGS = ("web", "doctor")
ABOUT = "Run, examine, save and move an installation of Mensetsu."
CODES = (
    "exit codes: 0 done · 1 refused, or something is wrong (the last lines say what to do) · 2 wrong usage"
)

DATABASE_AWAY = (
    "Check DATABASE_URL and that its server runs, then start this again; bin/mensetsu doctor looks closer."
)


def main(arguments: Sequence[str], say: Say | None = None) -> int:
    """Do what the words ask for; answers the exit code. A refusal is written to the standard error stream."""
    options = parser().parse_args(arguments)
    try:
        if options.command not in NEED_NO_SETTINGS:
            set_up()
        module = importlib.import_module("mensetsu.operating.commands." + options.command.replace("-", "_"))
        return int(module.run(options, say or _say))
    except Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
    except OperationalError as problem:
        sys.stderr.write(f"The database does not answer: {str(problem).strip()}\n{DATABASE_AWAY}\n")
    return 1


def set_up() -> None:
    """Read the settings. Refused names what is missing or cannot be read."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
    except (ImproperlyConfigured, OSError, ValueError) as problem:
        raise Refused(
            f"The settings cannot be read: {problem}\n"
            "Set what is named there, in the environment or in .env (.env.example explains each value)."
        ) from problem


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="bin/mensetsu", description=ABOUT, epilog=CODES)
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, line: str, needs: str, changes: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=line,
            description=f"{line}\n\nneeds:    {needs}\nchanges:  {changes}",
            epilog=CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    _running(command)
    _examining(command)
    _saving(command)
    _moving(command)
    return whole


Maker = Callable[[str, str, str, str], argparse.ArgumentParser]


def _running(command: Maker) -> None:
    web = command(
        "web",
        "Serve the pages, and run the jobs too unless told otherwise, until stopped.",
        "the settings, in the environment or in .env",
        "brings the database, translations and static files up to date first",
    )
    web.add_argument(
        "--bind", metavar="ADDRESS", help="where to listen (default: MENSETSU_BIND or 127.0.0.1)"
    )
    web.add_argument("--port", type=int, help="default: MENSETSU_PORT or 8000")
    web.add_argument(
        "--processes", type=int, help="default: MENSETSU_WEB_PROCESSES or 1; more need PostgreSQL"
    )
    web.add_argument(
        "--without-worker", action="store_true", help="pages only; the jobs run in bin/mensetsu worker"
    )
    worker = command(
        "worker",
        "Run jobs until stopped; the jobs under way end first.",
        "a database that is up to date (bin/mensetsu web makes it so)",
        "nothing by itself; the jobs do their work",
    )
    worker.add_argument("--threads", type=int, default=2, help="jobs at a time (default: 2)")
    worker.add_argument(
        "--metrics-port",
        type=int,
        metavar="PORT",
        help="answer /metrics there: on a host without web processes nobody else does (default: no)",
    )
    worker.add_argument(
        "--metrics-bind",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="for --metrics-port (default: 127.0.0.1); others than this host must show MENSETSU_METRICS_TOKEN",
    )


def _examining(command: Maker) -> None:
    doctor = command(
        "doctor",
        "Say in words what is wrong with this installation, and what to do next.",
        "nothing: whatever is missing is what it tells; asks the mail server and Zoom, sends no mail",
        "nothing, except what Zoom says: of an app's keys on its page, of each linked account as the daily look does",
    )
    doctor.add_argument("--json", action="store_true", help="the findings as a JSON list, for programs")


def _saving(command: Maker) -> None:
    backup = command(
        "backup",
        "Write the whole database to one file, while the product runs, and check it.",
        "free space; on PostgreSQL also pg_dump and pg_restore (package postgresql-client)",
        "nothing; an existing file is never overwritten; the keys are not in it",
    )
    backup.add_argument("file", help="a new file, or a folder in which one with date and time is made")
    restore = command(
        "restore",
        "Put a backup back, after checking that it is whole and that the keys open its secrets.",
        "the product stopped; the keys of the time of the backup; on PostgreSQL also pg_restore and psql",
        "the database that DATABASE_URL names (or the SQLite file), of which a replaced file is kept beside it;\n"
        "          what was due to be sent since the backup is held back",
    )
    restore.add_argument("file", help="what bin/mensetsu backup wrote")
    restore.add_argument(
        "--replace", action="store_true", help="although there are companies in the database now"
    )
    restore.add_argument(
        "--send-what-waits",
        action="store_true",
        help="let what was due since the backup leave; otherwise it is held back, because it may have been sent",
    )
    restore.add_argument(
        "--rehearsal",
        action="store_true",
        help="a copy on another machine while the original lives: ends its Zoom links and sends nothing",
    )


def _moving(command: Maker) -> None:
    move = command(
        "move-to-postgresql",
        "Copy everything from SQLite to an empty PostgreSQL, and compare every row.",
        "the product stopped; settings that still name SQLite; an empty PostgreSQL database (14 or newer)",
        "the PostgreSQL database, in one transaction; the SQLite file stays as it is",
    )
    move.add_argument(
        "url",
        nargs="?",
        help="postgres://user:password@host/name (default: NEW_DATABASE_URL, which others on the machine cannot read)",
    )
    rotate = command(
        "rotate-keys",
        "Encrypt every Zoom token and app secret with the first of MENSETSU_TOKEN_KEYS.",
        "the new key in front of the old ones, known to every running process",
        "the stored secrets, in portions; stop and repeat it at will, nothing is lost halfway",
    )
    step = rotate.add_mutually_exclusive_group()
    step.add_argument(
        "--add", action="store_true", help="first: make a key and write it in front (then restart all)"
    )
    step.add_argument("--drop", action="store_true", help="last: remove keys that no secret needs any more")
