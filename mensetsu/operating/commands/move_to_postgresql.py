"""bin/mensetsu move-to-postgresql URL."""

import argparse
import os
from collections.abc import Callable

from django.utils import timezone

from mensetsu.operating import moving
from mensetsu.operating.refusal import Refused


def run(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    url = options.url or os.environ.get("NEW_DATABASE_URL", "")
    if not url:
        raise Refused(
            "Name the new database: bin/mensetsu move-to-postgresql postgres://user:password@host/name"
        )
    moved = moving.move(
        url,
        now=timezone.now(),
        told=lambda table, sum_: say(f"  {sum_.rows:>9,}  {sum_.digest[:12]}  {table}"),
    )
    say(
        f"{sum(each.rows for each in moved.values()):,} rows of {len(moved)} tables moved; every one is equal."
    )
    say("The keys open every Zoom secret there. The SQLite file is as it was.")
    say(
        "Put the new address into DATABASE_URL, keep the keys, start with bin/mensetsu web, run bin/mensetsu doctor."
    )
    return 0
