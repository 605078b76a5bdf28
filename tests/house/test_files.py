"""The repository about itself: what every file of it keeps to."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("mensetsu", "config", "demo", "simulator", "tests", "bin", "benchmarks", "chaos")
LIMIT = 400


def tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def python_files() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and "migrations" not in path.parts]


def test_no_file_is_longer_than_400_lines() -> None:
    kinds = (".py", ".html", ".css", ".js")
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked()
        if path.suffix in kinds and "vendor" not in path.parts and "migrations" not in path.parts
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LIMIT
    }

    assert long == {}


def test_lock_files_carry_no_addresses() -> None:
    locks = [p for p in tracked() if p.parent.name == "requirements" or p.name == "package-lock.json"]

    assert locks
    assert [
        path.name for path in locks if re.search(r"https?://|--(extra-)?index-url", path.read_text())
    ] == []


def test_only_views_commands_and_jobs_read_the_clock() -> None:
    """`now=` is an argument everywhere else, so that tests and histories need no guessing."""
    readers = []
    for path in python_files():
        inside = path.relative_to(ROOT)
        if inside.parts[0] != "mensetsu" or _may_read_the_clock(inside):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        jobs = {
            id(n)
            for f in ast.walk(tree)
            if isinstance(f, ast.FunctionDef) and _is_job(f)
            for n in ast.walk(f)
        }
        readers += [
            f"{inside}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ("timezone.now", "datetime.now")
            if id(node) not in jobs
        ]

    assert readers == []


def _may_read_the_clock(path: Path) -> bool:
    name = path.stem
    return (
        name.endswith("views")
        or "commands" in path.parts
        or path.parts[1] in ("web", "jobs")
        or name == "middleware"
    )


def _is_job(function: ast.FunctionDef) -> bool:
    return any("job" in ast.unparse(decorator) for decorator in function.decorator_list)


def test_no_file_speaks_of_one_machine() -> None:
    """No absolute home directory, no host of a package index."""
    suspicious = re.compile(r"/home/\w+|/root/|files\.pythonhosted\.org|registry\.npmjs")
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix in (".py", ".md", ".toml", ".txt", ".sh", ".html") and path != Path(__file__)
        if suspicious.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]

    assert found == []


@pytest.mark.parametrize(
    "name", ["demo", "dev", "serve", "test", "lint", "messages", "bench", "mensetsu", "chaos"]
)
def test_the_scripts_can_be_run(name: str) -> None:
    assert (ROOT / "bin" / name).stat().st_mode & 0o111
