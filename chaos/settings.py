"""The product's own settings on a clock that can be set forward: whatever waits (tries again, leases, the beats of a
dead worker, letters at their time) waits in simulated time, so that a campaign need not sit it out.

`CHAOS_CLOCK` names a file that holds how many seconds the clock is ahead; every process of a world reads the same."""

import mmap
import os
import struct
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

with Path(os.environ["CHAOS_CLOCK"]).open("r+b") as _file:
    _ahead = mmap.mmap(_file.fileno(), 8)
_wall = timezone.now


def ahead() -> float:
    """Seconds between the wall clock and the world's."""
    return float(struct.unpack("d", _ahead[:8])[0])


def set_ahead(seconds: float) -> None:
    _ahead[:8] = struct.pack("d", seconds)


def now() -> datetime:
    return _wall() + timedelta(seconds=ahead())


timezone.now = now

from config.settings import *  # noqa: E402, F403 - the clock must be in its place before anybody reads it

CLOCK = "chaos.rhythms.RHYTHMS"
# Nobody looks at these pages: the files beside them need not be collected.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
