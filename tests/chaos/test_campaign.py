"""A short campaign with a fixed seed: real processes, real kills, and at the end both sides agree.

The long ones are bin/chaos; what they found: docs/reliability.md."""

import re
import subprocess
import sys
from pathlib import Path

from chaos import history, weather
from tests import once

ROOT = Path(__file__).resolve().parents[2]
SEED, STEPS = 259719, 14


def test_the_fixed_seed_has_every_kind_of_trouble_in_it() -> None:
    steps = history.invent(SEED, STEPS)
    deeds = {one.what for step in steps for one in (step.together or (step,))}
    faults = {step.name for step in steps if step.what == "weather"}

    assert {"set", "book", "move", "write", "offer", "kill", "leap", "restage"} <= deeds
    assert faults & set(weather.ZOOM)
    assert faults & set(weather.SMTP)
    assert any(step.together for step in steps)


def test_after_a_short_storm_both_sides_agree(django_db_setup: None) -> None:
    data = once.new_folder()
    command = [sys.executable, "-m", "chaos", "--episodes", "1", "--steps", str(STEPS), "--seed", str(SEED)]
    # The migrations of this run were made once already; the campaign's world begins after them.
    migrated = once.folder() / "migrated.sqlite3"
    begun = ["--migrated", str(migrated)] if migrated.exists() else []

    done = subprocess.run(
        [*command, *begun, "--shrink", "0", "--data", str(data)],
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
