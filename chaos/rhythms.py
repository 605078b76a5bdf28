"""The product's rhythms, looked at more often: after the clock was set forward nobody should wait for the next beat."""

import os
from datetime import timedelta

from config.clock import RHYTHMS
from mensetsu.jobs import working

__all__ = ["RHYTHMS"]

working.BEAT = timedelta(seconds=float(os.environ["CHAOS_BEAT"]))
