"""One episode: a history is played in a world of its own; every so often the storm ends and everything is compared.

A process of its own, because Django knows one database a process:
python -m chaos.episode '{"folder": …, "name": …, "postgresql": …, "steps": …, "settle_every": …, "report": …}'"""

import json
import os
import signal
import sys
from pathlib import Path

import django

from chaos import history
from chaos.world import World

SETTLE_EVERY = 15


def main() -> None:
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    wish = json.loads(sys.argv[1])
    world = World(Path(wish["folder"]), wish["postgresql"], wish["name"])
    world.choose_ports()
    os.environ.update(world.environment())
    try:
        world.start_all()
        django.setup()
        # Needs the settings, which need the environment.
        from chaos.playing import Play  # noqa: PLC0415

        play = Play(world, json.loads((world.folder / "facts.json").read_text()))
        problems = play.all(history.from_text(wish["steps"]), wish.get("settle_every", SETTLE_EVERY))
        Path(wish["report"]).write_text(json.dumps({"problems": problems, "figures": play.figures()}))
    finally:
        world.stop()


if __name__ == "__main__":
    main()
