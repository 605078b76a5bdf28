"""`manage.py jobs`: what waits, what runs, what has failed."""

from typing import Any

from django.core.management.base import BaseCommand
from django_tasks_db.models import DBTaskResult

SHOWN = 20


class Command(BaseCommand):
    help = "List the jobs that wait, run or have failed (newest failures first)."

    def handle(self, *args: Any, **options: Any) -> None:
        for status, title in (("READY", "waiting"), ("RUNNING", "running"), ("FAILED", "failed")):
            rows = DBTaskResult.objects.filter(status=status)
            self.stdout.write(f"{rows.count()} {title}")
            for row in rows.order_by("-enqueued_at")[:SHOWN]:
                why = row.traceback.strip().splitlines()[-1][:100] if row.traceback else ""
                self.stdout.write(f"  {row.enqueued_at:%Y-%m-%d %H:%M:%S}Z  {row.task_path}  {why}".rstrip())
