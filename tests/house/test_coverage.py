"""What is measured: no verb and no pure module is left out of the demand that every branch be walked."""

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def tools() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


def modules() -> list[Path]:
    found = (path.relative_to(ROOT) for path in (ROOT / "mensetsu").rglob("*.py"))
    return [path for path in found if "migrations" not in path.parts]


def pure_modules() -> set[Path]:
    """Those that mypy reads strictly, and those that know no Django by contract."""
    contracts = tools()["importlinter"]["contracts"]
    named = next(one["source_modules"] for one in contracts if one["name"].startswith("Grammar"))
    return {Path(name) for name in tools()["mypy"]["files"]} | {
        Path(name.replace(".", "/")).with_suffix(".py") for name in named
    }


def test_every_verb_and_every_pure_module_is_measured() -> None:
    patterns = tools()["coverage"]["run"]["include"]
    wanted = pure_modules() | {path for path in modules() if path.stem.endswith("ing")}

    assert len(wanted) > 50
    assert sorted(str(path) for path in wanted if not any(path.match(one) for one in patterns)) == []


def test_nothing_is_measured_that_does_not_exist() -> None:
    patterns = tools()["coverage"]["run"]["include"]

    assert [one for one in patterns if not any(path.match(one) for path in modules())] == []


def test_no_line_is_excused_without_a_reason() -> None:
    excused = [
        f"{path}: {line.strip()}"
        for path in modules()
        for line in (ROOT / path).read_text(encoding="utf-8").splitlines()
        if re.search(r"pragma: no (cover|branch)(?!\s*[-–(]\s*\w+)", line)
    ]

    assert excused == []
