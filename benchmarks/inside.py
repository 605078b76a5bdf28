"""Measure rows in one world. A process of its own, because Django knows one database a process:

python -m benchmarks.inside '{"data": …, "amount": …, "rows": ["P1"], "report": …}'
"""

import importlib
import json
import sys
import traceback
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from benchmarks.scene import Result, Scene
from benchmarks.world import World, end_in_order, enter

ROWS = {
    "P1": "p1_list", "P2": "p2_search", "P3": "p3_applicant", "P4": "p4_set_interview", "P5": "p5_to_inbox",
    "P7": "p7_webhooks", "P9": "p9_refresh", "P10": "p10_memory_and_start", "P11": "p11_growth",
}  # fmt: skip
FORGET = "forget"


def main() -> None:
    end_in_order()
    wish = json.loads(sys.argv[1])
    data, socket = Path(wish["data"]), wish.get("postgresql", "")
    world = World(data, wish["amount"], socket)
    smaller = World(data, wish["smaller"], socket) if wish.get("smaller") else None
    with ExitStack() as exits:
        scene = Scene(world, exits, wish["quick"], wish["clone"], smaller, world.facts())
        # The address of Zoom must be in the settings of this process too: P9 asks Zoom from here.
        enter(world.environment(zoom=scene.zoom.port, smtp=scene.smtp_port))
        django.setup()
        # The rows of the database may be of this morning; pages and their files are those of now.
        call_command("collectstatic", verbosity=0, interactive=False)
        results = [asdict(result) for row in wish["rows"] for result in _measure(row, scene)]
    Path(wish["report"]).write_text(json.dumps(results, ensure_ascii=False))


def _measure(row: str, scene: Scene) -> list[Result]:
    # The rows need Django's models, which need the settings.
    if row == FORGET:
        importlib.import_module("benchmarks.rows.clean").forget(scene)
        return []
    print(f"  {row} at {scene.world.amount:,} ({scene.world.database})", flush=True)
    module: Any = importlib.import_module(f"benchmarks.rows.{ROWS[row]}")
    try:
        results = module.measure(scene)
    except Exception as problem:
        # One row that cannot be measured must not hide the others, and must not look measured.
        traceback.print_exc()
        results = [Result(row, "failed", scene.world.amount, {"problem": repr(problem)[:80]}, "", False)]
    for result in results:
        result.database = scene.world.database
    return results


if __name__ == "__main__":
    main()
