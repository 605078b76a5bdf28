"""Make the database of one size, in a process of its own.

python -m benchmarks.preparing FOLDER AMOUNT [FOLDER OF THE POSTGRESQL SOCKET]
"""

import json
import runpy
import shutil
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django

from benchmarks.world import ROOT, Server, World, end_in_order, enter

ACCOUNT = "recruit@sample.example.jp"


def is_ready(world: World) -> bool:
    stamp = world.folder / "stamp"
    return stamp.exists() and stamp.read_text() == world.stamp


def main() -> None:
    end_in_order()
    data, amount, *rest = sys.argv[1:]
    world = World(Path(data), int(amount), *rest)
    shutil.rmtree(world.folder, ignore_errors=True)
    (world.folder / "static").mkdir(parents=True)
    stamp = world.stamp
    with Server.zoom(world) as zoom:
        # The address to which Zoom sends people back is never opened by a socket: a test client follows it.
        enter(world.environment(port=8000, zoom=zoom.port))
        if world.postgresql:
            _create_database(world)
        runpy.run_path(str(ROOT / "bin" / "messages.py"))["compile_all"]()
        django.setup()
        _seed(world, zoom)
    (world.folder / "stamp").write_text(stamp)


def _create_database(world: World) -> None:
    import psycopg  # noqa: PLC0415 - only here

    with psycopg.connect("postgres://postgres@/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {world.name}")
        connection.execute(f"CREATE DATABASE {world.name}")


def _seed(world: World, zoom: Server) -> None:
    # Need the settings, which need the environment.
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from benchmarks import seeding  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    began = time.monotonic()
    facts = seeding.seed(world.amount, now=timezone.now(), link_hosts=lambda owners: _link(owners, zoom))
    with connection.cursor() as cursor:
        # What an installation of some age has learned about its own tables.
        cursor.execute("ANALYZE")
    facts["seeded_in_seconds"] = round(time.monotonic() - began, 1)
    (world.folder / "facts.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1))


def _link(owners: list[Any], zoom: Server) -> list[Any]:
    """Each owner brings a licensed Zoom user of their own, through Zoom's consent."""
    from demo import linking  # noqa: PLC0415 - needs the settings

    account = next(user["account_id"] for user in zoom.ask("state")["users"] if user["email"] == ACCOUNT)
    places = SimpleNamespace(web=8000, zoom_url=f"http://127.0.0.1:{zoom.port}")
    links = []
    for owner in owners:
        zoom.control("users", {"email": owner.email, "account": account, "type": 2, "display_name": owner.full_name,
                               "first_name": owner.given_name or "x", "last_name": owner.family_name})  # fmt: skip
        links.append(linking.link(owner, owner.email, f"{owner.family_name} Zoom", places))
    return links


if __name__ == "__main__":
    main()
