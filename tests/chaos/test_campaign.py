"""A short campaign with a fixed seed: real processes, real kills, and at the end both sides agree.

The long ones are bin/chaos; what they found: docs/reliability.md."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEED, STEPS = 1, 14


def test_after_a_short_storm_both_sides_agree(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "chaos", "--episodes", "1", "--steps", str(STEPS), "--seed", str(SEED)]

    done = subprocess.run(
        [*command, "--shrink", "0", "--data", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    # It was a storm, not a calm day.
    assert re.search(r'"kill": [1-9]', done.stdout)
    assert re.search(r'"set confirmed": [2-9]', done.stdout)
