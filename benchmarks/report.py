"""The table, and benchmarks/latest.json."""

import json
import os
import platform
import sqlite3
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import publishing

ROOT = Path(__file__).resolve().parent.parent
LATEST = ROOT / "benchmarks" / "latest.json"
VERDICTS = {True: "reached", False: "SHORT", None: ""}


def machine() -> dict[str, Any]:
    """What the times depend on besides the program."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    command = ["git", "rev-parse", "--short", "HEAD"]
    revision = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": names[0] if names else platform.machine(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "revision": revision.stdout.strip(),
    }


def load() -> list[float]:
    return [round(one, 2) for one in os.getloadavg()]


def write(path: Path, results: list[dict[str, Any]], *, began: list[float], quick: bool) -> None:
    """What was measured now, and what the file knew of other sizes, databases and rows."""
    at, facts = datetime.now().astimezone().isoformat(timespec="seconds"), machine()
    results = [one | {"at": at, "revision": facts["revision"]} for one in results]
    old = json.loads(path.read_text()) if path.exists() else {"is_quick": quick, "results": []}
    if old["is_quick"] == quick:
        results = publishing.merged(old["results"], results)
    text = {
        "at": at,
        "machine": facts,
        "load": {"before": began, "after": load()},
        "is_quick": quick,
        "results": results,
    }
    path.write_text(json.dumps(text, ensure_ascii=False, indent=1) + "\n")


def table(results: list[dict[str, Any]]) -> str:
    lines = [("", "what", "applicants", "database", "figures", "figure to reach", "")]
    for one in results:
        figures = "  ".join(f"{name} {value}" for name, value in one["figures"].items())
        size = f"{one['amount']:,}" if one["amount"] else ""
        lines.append(
            (
                one["row"],
                one["what"],
                size,
                one["database"],
                figures,
                one["goal"],
                VERDICTS[one["is_reached"]],
            )
        )
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
