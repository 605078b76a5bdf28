"""Several workers never tear a walk apart: tried with workers, because a mark that nobody reads looks the same."""

import subprocess
import sys
from pathlib import Path

from tests import sharing

ROOT = Path(__file__).resolve().parents[2]
HEAD = """
import time
import pytest

done = []

@pytest.fixture(scope="module", params=["ja", "en"])
def walk(request):
    done.clear()
    return request.param
"""
STEP = """
def test_step_{0}(walk):
    time.sleep(0.02)
    assert len(done) == {0}
    done.append(walk)
"""


def test_the_steps_of_a_walk_run_on_one_worker_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "browser"
    folder.mkdir(parents=True)
    for name in ("test_walk.py", "test_walk_booking.py"):
        (folder / name).write_text(HEAD + "".join(STEP.format(number) for number in range(4)))
    (folder / "test_alone.py").write_text(
        "import pytest\n@pytest.mark.parametrize('number', range(6))\ndef test_alone(number):\n    pass\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "tests.sharing", "-p", "no:django", "-n", "2", "-q"]
    command += ["-c", "/dev/null", "--rootdir", str(tmp_path), "--import-mode=importlib", "tests"]

    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip

    assert "22 passed" in done.stdout, done.stdout + done.stderr


def test_two_readers_of_a_walk_are_two_stories_and_other_tests_stand_alone() -> None:
    walk = "tests/browser/test_walk.py::test_{}[{}-chromium]"

    assert sharing.unit(walk.format("w1", "japanese")) == sharing.unit(walk.format("w9", "japanese"))
    assert sharing.unit(walk.format("w1", "japanese")) != sharing.unit(walk.format("w1", "english"))
    assert sharing.unit("tests/mail/test_a.py::test_x[1]") == "tests/mail/test_a.py::test_x[1]"
    assert sharing.unit("tests/benchmarks/test_rows.py::test_x[P1]") == "tests/benchmarks/test_rows.py"
