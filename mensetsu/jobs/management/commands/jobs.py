"""`manage.py jobs`: what waits, what runs, what has failed."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from mensetsu.jobs import engine

SHOWN = 20


class Command(BaseCommand):
    help = "List the jobs that wait, run or have failed (newest failures first)."

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = engine.chosen()
        load = chosen.load(timezone.now())
        counts = {"waiting": load.waiting + load.scheduled, "running": load.running, "failed": load.failed}
        for state, count in counts.items():
            self.stdout.write(f"{count} {state}")
            for row in chosen.shown(state, SHOWN):
                self.stdout.write(f"  {row.enqueued_at:%Y-%m-%d %H:%M:%S}Z  {row.path}  {row.why}".rstrip())
