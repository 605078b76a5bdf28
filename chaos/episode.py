"""One episode: a history is played in a world of its own; every so often the storm ends and everything is compared.

A process of its own, because Django knows one database a process:
python -m chaos.episode '{"world": {"folder": …, …}, "steps": …, "settle_every": …, "report": …}'"""

import json
import sys
from pathlib import Path

from chaos import history
from chaos.world import running

SETTLE_EVERY = 15


def main() -> None:
    wish = json.loads(sys.argv[1])
    with running(wish["world"]) as world:
        # Needs the settings, which need the environment.
        from chaos.playing import Play  # noqa: PLC0415

        play = Play(world, json.loads((world.folder / "facts.json").read_text()))
        problems = play.all(history.from_text(wish["steps"]), wish.get("settle_every", SETTLE_EVERY))
        Path(wish["report"]).write_text(json.dumps({"problems": problems, "figures": play.figures()}))


if __name__ == "__main__":
    main()
