"""`manage.py work`: a worker process of its own, for installations with more than one (PostgreSQL)."""

import logging
import os
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from mensetsu.jobs import engine

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Run jobs until stopped (SIGTERM or Ctrl-C lets the jobs under way end first)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--threads", type=int, default=2, help="jobs at a time (default 2)")

    def handle(self, *args: Any, threads: int, **options: Any) -> None:
        done = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: done.set())
        crew = engine.chosen().new_crew(threads)
        crew.start()
        is_read_by_people = settings.LOG != "json"
        if is_read_by_people:
            self.stdout.write(f"Worker {os.getpid()} is running ({settings.JOBS}).")
        log.info("worker_started process=%s engine=%s threads=%s", os.getpid(), settings.JOBS, threads)
        done.wait()
        if is_read_by_people:
            self.stdout.write("Stopping after the jobs under way …")
        log.info("worker_stopping process=%s", os.getpid())
        is_done = crew.stop(patience=settings.STOP_PATIENCE)
        log.info("worker_stopped process=%s given_back=%s", os.getpid(), int(not is_done))
        if not is_done:
            # A job that does not end would hold the process until it is killed, and its work is already given back.
            logging.shutdown()
            os._exit(0)
