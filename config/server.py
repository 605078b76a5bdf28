"""gunicorn's settings: one process with the job threads inside by default; more processes need PostgreSQL.

Everything is from the environment or .env: MENSETSU_BIND, MENSETSU_PORT, MENSETSU_WEB_PROCESSES, MENSETSU_WEB_THREADS,
MENSETSU_WORKER_IN_WEB, MENSETSU_WORKER_THREADS, MENSETSU_LOG, MENSETSU_ACCESS_LOG."""

import logging
import os
from pathlib import Path
from typing import Any

from environ import FileAwareEnv
from environ.fileaware_mapping import FileAwareMapping

from config import server_log


class _Env(FileAwareEnv):
    # A copy: the settings read .env themselves, and anew in each process that is started.
    ENVIRON = FileAwareMapping({**os.environ})


if _env_file := _Env().str("MENSETSU_ENV_FILE", default=str(Path(__file__).resolve().parent.parent / ".env")):
    _Env.read_env(_env_file)
_said = _Env.ENVIRON
_is_json = _said.get("MENSETSU_LOG") == "json"

bind = f"{_said.get('MENSETSU_BIND', '127.0.0.1')}:{_said.get('MENSETSU_PORT', '8000')}"
workers = int(_said.get("MENSETSU_WEB_PROCESSES", "1"))
threads = int(_said.get("MENSETSU_WEB_THREADS", "8"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 15
keepalive = 5
control_socket_disable = True
accesslog = "-" if _said.get("MENSETSU_ACCESS_LOG") == "1" else None
# Neither path nor query: the addresses of applicants' pages are their keys, and Zoom's answers carry codes.
access_log_format = (
    "request_served method=%(m)s status=%(s)s bytes=%(B)s us=%(D)s request=%({x-request-id}o)s"
    if _is_json
    else "%(t)s %(h)s %(m)s %(s)s %(B)s bytes %(D)s us request=%({x-request-id}o)s"
)
# gunicorn's own lines like ours: without the addresses of requests, and in the same form.
logger_class = server_log.JsonLog if _is_json else server_log.Log

_crew: Any = None


def post_worker_init(worker: Any) -> None:
    from django.conf import settings  # noqa: PLC0415 - Django is not set up when gunicorn reads this file
    from django.db import connection  # noqa: PLC0415

    from mensetsu.jobs import engine  # noqa: PLC0415

    global _crew
    if connection.vendor == "sqlite":
        # Held by this thread for life: a file that is open is not restored over, and not moved away from.
        connection.ensure_connection()
    (settings.DATA_DIR / settings.DRAINING).unlink(missing_ok=True)
    if settings.WORKER_IN_WEB:
        _crew = engine.chosen().start(int(os.environ.get("MENSETSU_WORKER_THREADS", "2")), alone=workers == 1)


def worker_exit(server: Any, worker: Any) -> None:
    if _crew is not None and not _crew.stop(patience=5):
        # A job that does not end would hold the process until it is killed, and its work is already given back.
        logging.shutdown()
        os._exit(0)
