"""gunicorn's settings: one process with the job threads inside by default; more processes need PostgreSQL.

Everything is from the environment: MENSETSU_BIND, MENSETSU_PORT, MENSETSU_WEB_PROCESSES, MENSETSU_WEB_THREADS,
MENSETSU_WORKER_IN_WEB, MENSETSU_WORKER_THREADS."""

import logging
import os
from typing import Any

bind = f"{os.environ.get('MENSETSU_BIND', '127.0.0.1')}:{os.environ.get('MENSETSU_PORT', '8000')}"
workers = int(os.environ.get("MENSETSU_WEB_PROCESSES", "1"))
threads = int(os.environ.get("MENSETSU_WEB_THREADS", "8"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 15
keepalive = 5
control_socket_disable = True
accesslog = "-" if os.environ.get("MENSETSU_ACCESS_LOG") == "1" else None
# Neither path nor query: the addresses of applicants' pages are their keys, and Zoom's answers carry codes.
access_log_format = "%(t)s %(h)s %(m)s %(s)s %(B)s bytes %(D)s us request=%({x-request-id}o)s"

_crew: Any = None


def post_worker_init(worker: Any) -> None:
    from django.conf import settings  # noqa: PLC0415 - Django is not set up when gunicorn reads this file

    from mensetsu.jobs import engine  # noqa: PLC0415

    global _crew
    (settings.DATA_DIR / settings.DRAINING).unlink(missing_ok=True)
    if settings.WORKER_IN_WEB:
        _crew = engine.chosen().start(int(os.environ.get("MENSETSU_WORKER_THREADS", "2")), alone=workers == 1)


def worker_exit(server: Any, worker: Any) -> None:
    if _crew is not None and not _crew.stop(patience=5):
        # A job that does not end would hold the process until it is killed, and its work is already given back.
        logging.shutdown()
        os._exit(0)
