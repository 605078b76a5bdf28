"""The clock of the worker processes in tests: nothing, or one stroke a day."""

import os
from datetime import timedelta

from mensetsu.jobs.clock import Rhythm
from tests.jobs import sample_jobs

RHYTHMS = [Rhythm("of the test", timedelta(days=1), sample_jobs.strike)] if os.environ.get("STRIKE") else []
