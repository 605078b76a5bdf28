"""What is the same for every worker and every phase of a run is made by whoever needs it first.

bin/test names one folder for all of its phases (MENSETSU_TEST_SHARED); any other run makes its own and removes it."""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# In memory where the machine has it: the same files, without waiting for the disk.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def new_folder() -> Path:
    """A folder of this process, gone when it ends."""
    made = Path(tempfile.mkdtemp(prefix="mensetsu-test-", dir=MEMORY))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def folder() -> Path:
    """The one folder of the run; the processes that this one starts find it in their environment."""
    if "MENSETSU_TEST_SHARED" not in os.environ:
        os.environ["MENSETSU_TEST_SHARED"] = str(new_folder())
    return Path(os.environ["MENSETSU_TEST_SHARED"])


@contextmanager
def alone(name: str) -> Iterator[Path]:
    """One process of the run at a time; yields where the thing of that name is put and found."""
    with (folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder() / name
