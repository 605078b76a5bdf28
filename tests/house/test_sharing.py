"""Several workers never tear a walk apart: tried with workers, because a mark that nobody reads looks the same."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import once, sharing

ROOT = Path(__file__).resolve().parents[2]
MARK = "pytest.mark." + "browser"
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


def test_every_test_belongs_to_a_phase() -> None:
    """What bin/test leaves out of a phase by folder another phase names; only tests/browser drives a browser."""
    script = (ROOT / "bin" / "test").read_text()
    groups = dict(re.findall(r'^(sweeps|programs|pages)="([^"]+)"$', script, flags=re.M))
    phases = [line for line in script.splitlines() if line.startswith("run ")]
    left_out = {
        name for line in phases for part in re.findall(r"\(without ([^)]*)\)", line) for name in part.split()
    }
    named = {
        name for line in phases for name in re.sub(r"\$\(without [^)]*\)", "", line).split() if name[0] == "$"
    }
    marked = {path.parent for path in (ROOT / "tests").rglob("test_*.py") if MARK in path.read_text()}

    assert {f"${name}" for name in groups} == left_out
    assert left_out <= named
    assert [f for folders in groups.values() for f in folders.split() if not (ROOT / f).is_dir()] == []
    assert marked == {ROOT / "tests" / "browser"}


def test_two_readers_of_a_walk_are_two_stories_and_other_tests_stand_alone() -> None:
    walk = "tests/browser/test_walk.py::test_{}[{}-chromium]"

    assert sharing.unit(walk.format("w1", "japanese")) == sharing.unit(walk.format("w9", "japanese"))
    assert sharing.unit(walk.format("w1", "japanese")) != sharing.unit(walk.format("w1", "english"))
    assert sharing.unit("tests/mail/test_a.py::test_x[1]") == "tests/mail/test_a.py::test_x[1]"
    assert sharing.unit("tests/benchmarks/test_rows.py::test_x[P1]") == "tests/benchmarks/test_rows.py"


def test_what_one_process_has_made_the_next_one_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight at once: one makes it, nobody sees it half made."""
    monkeypatch.setenv("MENSETSU_TEST_SHARED", str(tmp_path))
    program = (
        "from tests import once\nimport time\n"
        "with once.alone('thing') as place:\n"
        "    if not place.exists():\n"
        "        place.write_text('half'); time.sleep(0.2); place.write_text('made'); print('made')\n"
        "    assert place.read_text() == 'made'\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _number in range(8)
    ]

    said = [process.communicate(timeout=60)[0] for process in started]

    assert [process.returncode for process in started] == [0] * 8
    assert sorted(said) == [""] * 7 + ["made\n"]
    assert once.folder() == tmp_path
