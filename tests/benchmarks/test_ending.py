"""Whoever ends the benchmark in the middle leaves no server behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def of_ours(folder: Path) -> list[int]:
    """Processes with this folder in their command line or their settings."""
    found, wanted = [], str(folder).encode()
    for one in Path("/proc").iterdir():
        if one.name.isdigit() and int(one.name) != os.getpid():
            try:
                told = (one / "cmdline").read_bytes() + (one / "environ").read_bytes()
            except OSError:
                continue
            if wanted in told:
                found.append(int(one.name))
    return found


def test_ended_in_the_middle_it_ends_its_servers(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--sizes", "100", "--data", str(tmp_path), "P1"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    # The one that is told, the one that prepares, and the simulated Zoom that it has started.
    while len(of_ours(tmp_path)) < 3:
        assert time.monotonic() < deadline, "nothing was started"
        time.sleep(0.1)

    process.send_signal(signal.SIGTERM)
    process.wait(120)

    assert of_ours(tmp_path) == []
