"""The default engine: the crew lives in the web process, so that a small server runs one command."""

import os
import secrets
import socket

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from mensetsu.jobs import working
from mensetsu.jobs.models import Beat


def new_crew(threads: int) -> working.Crew:
    name = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
    return working.Crew(name, import_string(settings.CLOCK), threads)


def start(threads: int, *, alone: bool) -> working.Crew:
    """Start the crew of this process. `alone`: there is no other, so every job found running is an orphan and need
    not wait until its worker's last beat is stale."""
    now = timezone.now()
    if alone and DBTaskResult.objects.running().exists():
        Beat.objects.filter(name__startswith="worker:").delete()
        working.bring_home(now)
    crew = new_crew(threads)
    crew.start()
    return crew
