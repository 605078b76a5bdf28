"""`manage.py work`: a worker process of its own, for installations with more than one (PostgreSQL)."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mensetsu.jobs import embedded


class Command(BaseCommand):
    help = "Run jobs until stopped (SIGTERM or Ctrl-C lets the jobs under way end first)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--threads", type=int, default=2, help="jobs at a time (default 2)")

    def handle(self, *args: Any, threads: int, **options: Any) -> None:
        done = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: done.set())
        crew = embedded.new_crew(threads)
        crew.start()
        self.stdout.write(f"Worker {crew.name} is running.")
        done.wait()
        self.stdout.write("Stopping after the jobs under way …")
        crew.stop()
