"""Make the database of one size, in a process of its own.

python -m benchmarks.preparing FOLDER AMOUNT [FOLDER OF THE POSTGRESQL SOCKET]
"""

import json
import runpy
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django

from benchmarks.world import ROOT, Server, World, end_in_order, enter
from demo.ports import reserve_port

ACCOUNT = "recruit@sample.example.jp"
EMPTY = "bench_empty"  # the tables without rows, on PostgreSQL
CARELESS = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-500000;"


def is_ready(world: World) -> bool:
    stamp = world.folder / "stamp"
    return stamp.exists() and stamp.read_text() == world.stamp


def main() -> None:
    end_in_order()
    data, amount, *rest = sys.argv[1:]
    world = World(Path(data), int(amount), *rest)
    shutil.rmtree(world.folder, ignore_errors=True)
    world.folder.mkdir(parents=True)
    # Every world shows the same pages, so their files are there once.
    (world.folder / "static").symlink_to("../static")
    stamp = world.stamp
    port = reserve_port()
    with Server.zoom(world, port) as zoom:
        # The address to which Zoom sends people back is never opened by a socket: a test client follows it.
        enter(world.environment(port=8000, zoom=port))
        django.setup()
        _make_tables(world)
        _seed(world, zoom)
    (world.folder / "stamp").write_text(stamp)


def gather_files(world: World) -> None:
    """Translations and static files as they are now; the rows may be of this morning."""
    runpy.run_path(str(ROOT / "bin" / "messages.py"))["compile_all"]()
    world.manage("collectstatic", "--no-input", "-v0", MENSETSU_DATA=str(world.data))


def _make_tables(world: World) -> None:
    """Empty ones, made once for all sizes."""
    # Need the settings, which need the environment.
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    kept = world.data / f"empty-{world.database.lower()}"
    is_kept = kept.exists() and kept.read_text() == world.tables
    file = connection.settings_dict["NAME"]
    if is_kept and world.postgresql:
        _create_database(world, like=EMPTY)
    elif is_kept:
        shutil.copyfile(kept.with_suffix(".sqlite3"), file)
    if is_kept:
        return
    if world.postgresql:
        _create_database(world)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    connection.close()
    if world.postgresql:
        _create_database(world, EMPTY, like=world.name)
    else:
        shutil.copyfile(file, kept.with_suffix(".sqlite3"))
    kept.write_text(world.tables)


def copied(world: World) -> World:
    """The same company once more, untouched; the former copy is forgotten."""
    spare = replace(world, is_spare=True)
    shutil.rmtree(spare.folder, ignore_errors=True)
    shutil.copytree(world.folder, spare.folder, symlinks=True, ignore=shutil.ignore_patterns("*.log"))
    if world.postgresql:
        _create_database(world, spare.name, like=world.name)
    return spare


def _create_database(world: World, name: str = "", *, like: str = "template1") -> None:
    import psycopg  # noqa: PLC0415 - only here

    with psycopg.connect(
        host=world.postgresql, user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name or world.name}")
        connection.execute(f"CREATE DATABASE {name or world.name} TEMPLATE {like}")


def _seed(world: World, zoom: Server) -> None:
    # Need the settings, which need the environment.
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from benchmarks import seeding  # noqa: PLC0415

    began = time.monotonic()
    with _careless(connection):
        facts = seeding.seed(world.amount, now=timezone.now(), link_hosts=lambda owners: _link(owners, zoom))
    with connection.cursor() as cursor:
        # What an installation of some age has learned about its own tables.
        cursor.execute("VACUUM ANALYZE" if world.postgresql else "ANALYZE")
    facts["seeded_in_seconds"] = round(time.monotonic() - began, 1)
    (world.folder / "facts.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1))


@contextmanager
def _careless(connection: Any) -> Iterator[None]:
    """Nothing is kept safe on the way: whoever is ended in the middle begins anew."""
    options = connection.settings_dict["OPTIONS"]
    usual = options.get("init_command")
    if usual is None:
        yield
        return
    connection.close()
    options["init_command"] = CARELESS
    try:
        yield
    finally:
        connection.close()
        options["init_command"] = usual


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
