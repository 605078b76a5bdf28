"""`manage.py` with the clock of tests/jobs/rhythms.py, so that a test meets only its own jobs."""

import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    settings.CLOCK = "tests.jobs.rhythms.RHYTHMS"
    execute_from_command_line(sys.argv)
