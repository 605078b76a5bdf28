"""Measure rows in one world. A process of its own, because Django knows one database a process:

python -m benchmarks.inside '{"data": …, "amount": …, "rows": ["P1"], "report": …}'
"""

import importlib
import json
import sys
import traceback
from contextlib import ExitStack
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

from benchmarks import preparing
from benchmarks.scene import Result, Scene
from benchmarks.world import World, end_in_order, enter

ROWS = {
    "P1": "p1_list", "P2": "p2_search", "P3": "p3_applicant", "P4": "p4_set_interview", "P5": "p5_to_inbox",
    "P6": "p6_bookings", "P7": "p7_webhooks", "P8": "p8_reminders", "P9": "p9_refresh",
    "P10": "p10_memory_and_start", "P11": "p11_growth", "P12": "p12_nodes",
}  # fmt: skip
FORGET = "forget"
# They change too much to put it back.
SPARE = frozenset({"P6", "P8", "P12"})


def main() -> None:
    end_in_order()
    wish = json.loads(sys.argv[1])
    data, socket = Path(wish["data"]), wish.get("postgresql", "")
    world = World(data, wish["amount"], socket)
    smaller = World(data, wish["smaller"], socket) if wish.get("smaller") else None
    if SPARE.issuperset(wish["rows"]):
        world = preparing.copied(world)
    with ExitStack() as exits:
        scene = Scene(world, exits, wish["quick"], wish["clone"], smaller, world.facts())
        # The address of Zoom must be in the settings of this process too: P9 asks Zoom from here.
        enter(world.environment(zoom=scene.zoom_port, smtp=scene.smtp_port))
        django.setup()
        _let_the_day_be_done()
        results = [asdict(result) for row in wish["rows"] for result in _measure(row, scene)]
    Path(wish["report"]).write_text(json.dumps(results, ensure_ascii=False))


def _let_the_day_be_done() -> None:
    """What the product does once an hour or a day has been done: it does not fall into the measuring."""
    # Need the settings.
    from django.utils import timezone  # noqa: PLC0415

    from config.clock import RHYTHMS  # noqa: PLC0415
    from mensetsu.jobs.models import Beat  # noqa: PLC0415

    for rhythm in RHYTHMS:
        if rhythm.every >= timedelta(hours=1):
            Beat.objects.update_or_create(name=rhythm.name, defaults={"began_at": timezone.now()})


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
