"""The table, and benchmarks/latest.json."""

import json
import os
import platform
import sqlite3
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LATEST = ROOT / "benchmarks" / "latest.json"
# Measured when the work that they measure is there.
LATER = {
    "P6": "many applicants book at once",
    "P8": "ten thousand reminders at nine",
    "P12": "several nodes on PostgreSQL",
}
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


def not_measured(rows: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "row": row,
            "what": LATER[row],
            "amount": 0,
            "figures": {},
            "goal": "not measured",
            "is_reached": None,
            "database": "",
        }
        for row in rows
    ]


def write(path: Path, results: list[dict[str, Any]], *, began: list[float], quick: bool) -> None:
    text = {
        "at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": machine(),
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
