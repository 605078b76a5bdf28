"""The doctor's questions about this machine: settings, database, files, worker. One function each; reads only."""

import os
import secrets
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection, transaction
from django.http.request import validate_host

from mensetsu.jobs import engine
from mensetsu.jobs.models import Beat
from mensetsu.notices.models import OutgoingNotice
from mensetsu.operating import keyring, looking
from mensetsu.operating.finding import Finding, error, note, ok, warning
from mensetsu.zoom import resealing

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SHORTEST_SECRET = 32
OLDEST_POSTGRESQL = 14
TIGHT, FULL = 2 * 1024**3, 200 * 1024**2  # bytes free
LATE = 600.0  # seconds
NOTICES_OF = timedelta(days=7)


def secret_keys() -> list[Finding]:
    """Long enough, of the right form, and readable only by us."""
    found = []
    if len(settings.SECRET_KEY) < SHORTEST_SECRET or len(set(settings.SECRET_KEY)) < 5:
        found.append(
            error(
                "keys",
                "MENSETSU_SECRET_KEY is too easy to guess: sessions and links could be forged.",
                "Make a long random one (.env.example says how) and restart. Everybody logs in anew.",
            )
        )
    for number, key in enumerate(settings.TOKEN_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            sentence = (
                f"Key {number} of MENSETSU_TOKEN_KEYS is not a key: Zoom tokens can be neither kept nor read."
            )
            found.append(
                error("keys", sentence, "Make one as .env.example says; check for cut or added characters.")
            )
    for name in (keyring.SECRET_KEY, keyring.TOKEN_KEYS):
        file = keyring.place(name).file
        if file is not None and file.stat().st_mode & 0o004:
            found.append(
                warning("keys", f"Everybody on this machine can read {file}.", f"chmod o-rwx {file}")
            )
    return found or [ok("keys", "The secret key and the token keys have the right form.")]


def address() -> list[Finding]:
    """Where browsers and Zoom come to."""
    parts = urlsplit(settings.BASE_URL)
    host = parts.hostname or ""
    found = []
    if parts.scheme not in ("http", "https") or not host or parts.path:
        sentence = f"MENSETSU_BASE_URL is not the address of a site: {settings.BASE_URL}"
        return [error("address", sentence, "Write it as https://mensetsu.example.co.jp, without a path.")]
    if parts.scheme == "http" and host not in LOOPBACK:
        found.append(
            error(
                "address",
                f"{settings.BASE_URL} is not https: passwords travel readable, and Zoom does not return there.",
                "Put a web server with https before it and write https:// into MENSETSU_BASE_URL.",
            )
        )
    if not validate_host(host, settings.ALLOWED_HOSTS):
        found.append(
            error(
                "address",
                f"{host} is not in MENSETSU_ALLOWED_HOSTS: every page under MENSETSU_BASE_URL is refused.",
                f"Add {host} to MENSETSU_ALLOWED_HOSTS and restart.",
            )
        )
    if "*" in settings.ALLOWED_HOSTS:
        sentence = "MENSETSU_ALLOWED_HOSTS allows every name: a forged one could get into pages."
        found.append(warning("address", sentence, f"Write {host} instead of *."))
    if settings.DEBUG and host not in LOOPBACK:
        sentence = "MENSETSU_DEBUG is on: whoever meets a fault sees the inside of the program."
        found.append(error("address", sentence, "Remove MENSETSU_DEBUG and restart."))
    return found or [ok("address", f"{settings.BASE_URL} is the address, and it is allowed.")]


def program() -> list[Finding]:
    """Django's own questions about the settings (those that would stop the start)."""
    return [
        error("settings", str(message.msg), str(message.hint or "Look the setting up in .env.example."))
        for message in checks.run_checks()
        if message.level >= checks.ERROR
    ] or [ok("settings", "The settings can be read and fit together.")]


def database(now: datetime) -> list[Finding]:
    """Reachable, new enough, and taking what is written. What is written is taken back."""
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA journal_mode")
                found = _of_sqlite(str(cursor.fetchone()[0]))
            else:
                cursor.execute("SHOW server_version_num")
                found = _of_postgresql(int(cursor.fetchone()[0]) // 10_000)
        if Beat._meta.db_table in looking.table_names():
            with transaction.atomic():
                Beat.objects.create(name=f"doctor:{secrets.token_hex(8)}", began_at=now)
                transaction.set_rollback(True)
    except DatabaseError as problem:
        return [
            error(
                "database",
                f"The database does not answer or takes nothing: {str(problem).strip()}",
                "Check DATABASE_URL (or MENSETSU_DATA), that the server runs, the rights and the free space.",
            )
        ]
    return found or [ok("database", f"{connection.display_name} answers and takes what is written.")]


def _of_sqlite(journal: str) -> list[Finding]:
    found = []
    if journal != "wal":
        sentence = f"SQLite keeps its journal as '{journal}' and not as WAL: readers and writers wait for each other."
        found.append(
            warning("database", sentence, "Keep MENSETSU_DATA on a local disk, not on a network drive.")
        )
    if int(os.environ.get("MENSETSU_WEB_PROCESSES", "1")) > 1:
        sentence = "Several web processes on SQLite get into each other's way."
        found.append(
            warning("database", sentence, "MENSETSU_WEB_PROCESSES=1, or bin/mensetsu move-to-postgresql.")
        )
    return found


def _of_postgresql(version: int) -> list[Finding]:
    if version >= OLDEST_POSTGRESQL:
        return []
    sentence = f"PostgreSQL {version} is too old."
    return [error("database", sentence, f"Upgrade it to {OLDEST_POSTGRESQL} or newer.")]


def migrations() -> list[Finding]:
    """The database has the form that this version of the program expects."""
    if missing := looking.unapplied_migrations():
        names = ", ".join(f"{app}.{name}" for app, name in missing[:3])
        sentence = f"{len(missing)} migrations are not applied ({names}{' …' if len(missing) > 3 else ''})."
        return [error("migrations", sentence, "Start bin/mensetsu web: it applies them.")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        newer = looking.foreign_migrations({(str(app), str(name)) for app, name in cursor.fetchall()})
    if newer:
        sentence = (
            f"The database was made by a newer version ({newer[-1][0]}.{newer[-1][1]} is unknown here)."
        )
        return [
            error(
                "migrations", sentence, "Install that version, or restore the backup of before the upgrade."
            )
        ]
    if settings.CACHES["default"]["LOCATION"] not in looking.table_names():
        sentence = "The table of the cache is missing: nobody can log in."
        return [error("migrations", sentence, "Start bin/mensetsu web: it makes it.")]
    return [ok("migrations", "The database has the form that this version expects.")]


def files() -> list[Finding]:
    """What is made at the start: static files, translations."""
    found = []
    if not settings.DEBUG and not (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
        sentence = f"Static files are missing in {settings.STATIC_ROOT}: no page can be shown."
        found.append(error("files", sentence, "Start bin/mensetsu web: it collects them."))
    catalogs = [file for folder in settings.LOCALE_PATHS for file in Path(folder).rglob("*.po")]
    old = [file for file in catalogs if not file.with_suffix(".mo").is_file()]
    if old:
        sentence = (
            f"{len(old)} of {len(catalogs)} translations are not compiled: Japanese readers see English."
        )
        found.append(warning("files", sentence, "bin/messages --compile, then restart."))
    return found or [ok("files", "Static files and translations are in place.")]


def disk() -> list[Finding]:
    """Room to write, where the data is."""
    folder = Path(settings.DATA_DIR)
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        sentence = f"{folder} (MENSETSU_DATA) is missing or cannot be written."
        return [error("disk", sentence, "Make it, owned by the user that runs the service.")]
    needed = 0
    if connection.vendor == "sqlite" and Path(connection.settings_dict["NAME"]).is_file():
        needed = Path(connection.settings_dict["NAME"]).stat().st_size
    return [room(folder, shutil.disk_usage(folder).free, needed)]


def room(folder: Path, free: int, needed: int) -> Finding:
    """`free` and `needed` (the database's own size: a backup and a migration want as much again) in bytes."""
    said = f"{free / 1024**3:.1f} GB are free at {folder}"
    if free < FULL:
        return error(
            "disk", f"{said}: soon nothing can be saved any more.", "Free space or enlarge the disk now."
        )
    if free < max(TIGHT, 2 * needed):
        return warning(
            "disk", f"{said}: too little for a backup and an upgrade.", "Free space or enlarge the disk."
        )
    return ok("disk", f"{said}.")


def worker(now: datetime) -> list[Finding]:
    """Somebody runs the jobs, and they are not late."""
    load = engine.chosen().load(now)
    found = []
    if not (alive := looking.workers_alive(now)):
        sentence = f"No worker is running: {load.waiting} jobs wait, no meeting is made and no mail leaves."
        found.append(error("worker", sentence, "Start bin/mensetsu web, or bin/mensetsu worker beside it."))
    elif load.oldest > LATE:
        sentence = f"Jobs have been waiting for {load.oldest / 60:.0f} minutes though {alive} workers run."
        found.append(
            warning("worker", sentence, "More threads: MENSETSU_WORKER_THREADS, or one more worker.")
        )
    if load.failed:
        sentence = f"{load.failed} jobs have failed for good in the last days."
        found.append(warning("worker", sentence, "manage.py jobs lists them with their reasons."))
    return found or [ok("worker", f"{alive} workers run; {load.waiting} jobs wait.")]


def notices(now: datetime) -> list[Finding]:
    """Our own users get what we write to them."""
    failed = OutgoingNotice.objects.troubled().filter(failed_at__gt=now - NOTICES_OF)
    if not (count := failed.count()):
        return []
    latest = failed.order_by("-failed_at").values_list("problem", flat=True)[0]
    sentence = f"{count} notices to our own users did not leave in the last week; the latest: {latest}."
    next_ = (
        "Repair the mail server or the addresses; recruiters see those about interviews and send them again."
    )
    return [warning("notices", sentence, next_)]


def sealed_secrets() -> list[Finding]:
    """The keys open what is stored."""
    try:
        found = resealing.survey()
    except ValueError:
        sentence = (
            "The stored Zoom secrets could not be tried: what stands in MENSETSU_TOKEN_KEYS is not a key."
        )
        return [error("secrets", sentence, "Repair the keys first, then ask again.")]
    if found.unreadable:
        sentence = f"{found.unreadable} stored Zoom secrets open with none of MENSETSU_TOKEN_KEYS."
        next_ = "Put their key back behind the others; without it those accounts must be linked again."
        return [error("secrets", sentence, next_)]
    if found.older:
        sentence = f"{found.older} stored Zoom secrets still need an older key."
        return [warning("secrets", sentence, "bin/mensetsu rotate-keys, and only then drop the old key.")]
    if len(settings.TOKEN_KEYS) > 1:
        return [
            note(
                "secrets",
                "Every secret opens with the first key: bin/mensetsu rotate-keys --drop removes the others.",
            )
        ]
    return [ok("secrets", f"The key opens all {found.newest} stored Zoom secrets.")]
