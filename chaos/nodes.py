"""Two web nodes and four workers under load: each is killed in turn, the database goes away twice, Zoom for minutes.

A process of its own, like an episode:
python -m chaos.nodes '{"world": …, "report": …, "seed": …, "people": …, "away": …}'"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chaos import postgresql
from chaos.world import World, ask, running

SETTLED = 6  # seconds of load before the next thing goes wrong
DOWN = 6  # seconds for which a killed node stays away
PATIENCE = 120


def main() -> None:
    wish = json.loads(sys.argv[1])
    with running(wish["world"]) as world:
        # They need the settings, which need the environment.
        from chaos.load import Load  # noqa: PLC0415
        from chaos.playing import Play  # noqa: PLC0415

        facts = json.loads((world.folder / "facts.json").read_text())
        play = Play(world, facts)
        siege = Siege(world, play, Load(world, facts, play.journal, wish["seed"]))
        siege.run(wish["people"], wish["away"])
        Path(wish["report"]).write_text(json.dumps({"problems": play.problems, "figures": siege.figures()}))


class Siege:
    """`play` looks at both sides afterwards, `load` is what goes on meanwhile."""

    def __init__(self, world: World, play: Any, load: Any) -> None:
        self.world, self.play, self.load = world, play, load
        self.recovered: dict[str, float] = {}
        self.seconds = 0.0

    def run(self, people: int, away: float) -> None:
        began = time.monotonic()
        self.load.begin(people)
        try:
            time.sleep(SETTLED)
            for name in (*self.world.webs, *self.world.workers):
                self._event(f"kill -9 of {name}", lambda name=name: self._die(name))
            for mode in ("fast", "immediate"):
                self._event(f"restart of PostgreSQL ({mode})", lambda mode=mode: self._restart_database(mode))
            self._event(f"Zoom away for {away:.0f} s", lambda: self._zoom_away(away))
            time.sleep(SETTLED)
        finally:
            self.load.end()
        self.seconds = time.monotonic() - began
        self._look()

    def _event(self, what: str, happen: Callable[[], None]) -> None:
        """Let it happen; then wait until every node answers again. Nobody helps but who starts what was killed."""
        happen()
        began = time.monotonic()
        while not self._is_well():
            if time.monotonic() - began > PATIENCE:
                self.play.problems.append(f"after {what} not every node answers")
                break
            time.sleep(0.05)
        self.recovered[what] = round(time.monotonic() - began, 1)
        print(f"  {what}: every node answers again after {self.recovered[what]} s", flush=True)
        time.sleep(SETTLED)

    def _die(self, name: str) -> None:
        self.play.happened["kill"] += 1
        self.world.kill(name)
        time.sleep(DOWN)
        self.world.launch(name)

    def _restart_database(self, mode: str) -> None:
        self.play.happened["restart of the database"] += 1
        postgresql.restart(self.world.postgresql, mode)

    def _zoom_away(self, seconds: float) -> None:
        self.play.happened["away"] += 1
        ask(f"{self.world.url('zoom')}/sim/faults", {"kind": "down", "times": 1_000_000})
        time.sleep(seconds / 2)
        self._die(self.world.workers[0])
        time.sleep(max(0.0, seconds / 2 - DOWN))
        ask(f"{self.world.url('zoom')}/sim/faults", method="DELETE")

    def _is_well(self) -> bool:
        try:
            for name in self.world.webs:
                ask(self.world.url(name) + "/readyz")
        except OSError:
            return False
        return True

    def _look(self) -> None:
        """Before anything is started again: nobody may have ended by itself. Then time passes, and both sides agree."""
        from chaos import work  # noqa: PLC0415

        problems = self.play.problems
        names = (*self.world.webs, *self.world.workers)
        problems += [f"{name} ended by itself" for name in names if not self.world.is_up(name)]
        self.play.crowd.start_links += [link for crowd in self.load.crowds for link in crowd.start_links]
        self.play.crowd.seen = self.load.seen
        self.play.settle()
        problems += self.load.problems + self._news_kept()
        problems += [f"job {one} was given up" for one in work.failed()]

    def _news_kept(self) -> list[str]:
        from mensetsu.zoom.models import WebhookEvent  # noqa: PLC0415

        rows = WebhookEvent.objects.filter(event="user.of_the_campaign")
        kept = dict(rows.values_list("dedupe_key", "handled_at"))
        lost, waiting = self.load.thanked - kept.keys(), [key for key, at in kept.items() if at is None]
        return [
            *([f"{len(lost)} news were answered with success and are not there"] if lost else []),
            *([f"{len(waiting)} news are never understood"] if waiting else []),
        ]

    def figures(self) -> dict[str, Any]:
        from django.db import connection  # noqa: PLC0415

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT status::text || CASE WHEN attempts > 1 THEN ', run again' ELSE '' END, count(*)"
                " FROM procrastinate_jobs GROUP BY 1"
            )
            jobs = dict(cursor.fetchall())
        waits = sorted(one.ended - one.began for one in self.play.journal.promises)
        return {
            **self.play.figures(), "load": dict(self.load.counts), "news kept": len(self.load.thanked), "jobs": jobs,
            "recovered": self.recovered, "seconds": round(self.seconds),
            "press p50 / p99 / longest (ms)": [
                round(1000 * one) for one in
                (statistics.median(waits), waits[len(waits) * 99 // 100], waits[-1])
            ],
        }  # fmt: skip


if __name__ == "__main__":
    main()
