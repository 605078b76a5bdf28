"""Called by bin/chaos: one episode after the other until the time is over or a promise is broken; then the shortest
history that breaks it."""

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chaos import front, history, postgresql
from chaos.history import Step
from chaos.world import ROOT, NotPossible, World

LONGEST_EPISODE = 900  # seconds; then it is taken for hanging, which is a finding too


@dataclass
class Campaign:
    wish: argparse.Namespace
    base: World
    broken: list[str] = field(default_factory=list)
    totals: dict[str, Counter[str]] = field(
        default_factory=lambda: {
            "presses": Counter(),
            "happened": Counter(),
            "ended": Counter(),
            "sum": Counter(),
        }
    )

    def run(self) -> int:
        began, number, seed = time.monotonic(), 0, self.wish.seed
        while (
            number < self.wish.episodes
            if self.wish.episodes
            else time.monotonic() - began < self.wish.minutes * 60
        ):
            steps = history.invent(seed + number, self.wish.steps)
            problems = self.play(steps, f"seed {seed + number}")
            number += 1
            if problems and not self.wish.go_on:
                self._tell(steps, problems)
                return 1
            found = [f"seed {seed + number - 1}: {one}" for one in problems]
            print("".join(f"    {one}\n" for one in found), end="", flush=True)
            self.broken += found
        print(f"{number} episodes, {round(time.monotonic() - began)} s, {len(self.broken)} problems.")
        print("\n".join([*(f"  - {one}" for one in self.broken), self._table()]))
        return 1 if self.broken else 0

    def replay(self, file: Path) -> int:
        steps = history.from_text(file.read_text())
        problems = self.play(steps, file.name)
        if problems:
            self._tell(steps, problems)
        return 1 if problems else 0

    def play(self, steps: list[Step], title: str, *, is_quiet: bool = False) -> list[str]:
        """A world of its own, thrown away afterwards unless a promise was broken in it."""
        world = self.base.copy_to(self.wish.data / "episode", "chaos_episode")
        report = self.wish.data / "report.json"
        report.unlink(missing_ok=True)
        wish = {
            "world": world.told(), "report": str(report), "steps": history.to_text(steps),
            "settle_every": self.wish.settle_every,
        }  # fmt: skip
        began = time.monotonic()
        code, said = _run([sys.executable, "-m", "chaos.episode", json.dumps(wish)], LONGEST_EPISODE)
        world.drop_database()
        if not report.exists():
            return [f"the episode itself ended with {code}:\n{said[-3000:]}"]
        answer = json.loads(report.read_text())
        if not is_quiet:
            self._count(answer["figures"], len(steps))
            took = round(time.monotonic() - began)
            print(f"  {title}: {len(steps)} steps, {took} s, {len(answer['problems'])} problems", flush=True)
        return list(answer["problems"])

    def _count(self, figures: dict[str, Any], steps: int) -> None:
        for name in ("presses", "happened", "ended"):
            self.totals[name].update(figures[name])
        self.totals["sum"].update(
            episodes=1, steps=steps, **{k: figures[k] for k in ("settlings", "letters", "meetings")}
        )

    def _tell(self, steps: list[Step], problems: list[str]) -> None:
        print("\nBroken:\n" + "\n".join(f"  - {one}" for one in problems) + "\n" + self._table(), flush=True)
        shortest = self._shortest(steps, problems) if self.wish.shrink else steps
        file = self.wish.data / "broken.json"
        file.write_text(history.to_text(shortest))
        told = "\n".join(f"  {number:3} {step}" for number, step in enumerate(shortest, 1))
        print(f"\nThe shortest history found that breaks it ({len(shortest)} of {len(steps)} steps):\n{told}\n"
              f"Play it again: bin/chaos --replay {file} {_place(self.wish)}", flush=True)  # fmt: skip

    def _shortest(self, steps: list[Step], problems: list[str]) -> list[Step]:
        """The same kind of problem counts, not its numbers. Every trial is a world of its own, so there is a limit."""
        kinds, until = {_kind(one) for one in problems}, time.monotonic() + self.wish.shrink * 60

        def still_breaks(fewer: list[Step]) -> bool:
            if time.monotonic() > until:
                raise StopIteration
            return bool(kinds & {_kind(one) for one in self.play(fewer, "", is_quiet=True)})

        return history.shortest(steps, still_breaks)

    def _table(self) -> str:
        return json.dumps(
            {name: dict(sorted(counts.items())) for name, counts in self.totals.items()}, indent=1
        )


def main() -> int:
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    wish = _options()
    wish.data.mkdir(parents=True, exist_ok=True)
    try:
        base = _prepared(wish)
    except NotPossible as problem:
        print(f"The world could not be prepared:\n{problem}", file=sys.stderr)
        return 2
    if wish.nodes:
        return _besiege(wish, base)
    campaign = Campaign(wish, base)
    return campaign.replay(wish.replay) if wish.replay else campaign.run()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/chaos", description="What is done and compared: docs/reliability.md"
    )
    parser.add_argument(
        "--minutes", type=float, default=10, help="new episodes begin until then (default 10)"
    )
    parser.add_argument("--episodes", type=int, default=0, help="exactly so many instead")
    parser.add_argument("--steps", type=int, default=45, help="of one episode (default 45)")
    parser.add_argument(
        "--settle-every", type=int, default=15, help="steps between two comparisons (default 15)"
    )
    parser.add_argument(
        "--seed", type=int, default=random.randrange(1_000_000), help="for the same histories again"
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument(
        "--engine",
        choices=("embedded", "distributed"),
        default="embedded",
        help="behind everything that runs later",
    )
    parser.add_argument(
        "--shrink", type=float, default=10, help="minutes to look for a shorter history (default 10)"
    )
    parser.add_argument(
        "--go-on", action="store_true", help="do not stop at the first broken promise: count them"
    )
    parser.add_argument(
        "--nodes",
        action="store_true",
        help="two web nodes and four workers under load, killed one after the other",
    )
    parser.add_argument(
        "--front", choices=front.KINDS, default="nginx", help="before the nodes (apt-get install …)"
    )
    parser.add_argument("--people", type=int, default=5, help="of the load on the nodes (default 5)")
    parser.add_argument(
        "--away", type=float, default=600, help="seconds for which Zoom is away from the nodes (default 600)"
    )
    parser.add_argument("--replay", type=Path, help="a history that was written down")
    parser.add_argument(
        "--migrated", type=Path, help="an empty SQLite database to begin with, which saves seconds"
    )
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "chaos")
    wish = parser.parse_args()
    if wish.nodes:
        wish.database, wish.engine = "postgresql", "distributed"
        if not front.is_there(wish.front):
            parser.error(f"--nodes needs {wish.front} (Debian, Ubuntu: apt-get install {wish.front})")
    if wish.engine == "distributed" and wish.database != "postgresql":
        parser.error("--engine distributed needs --database postgresql")
    return wish


def _prepared(wish: argparse.Namespace) -> World:
    """The world that all others are copies of. Raises NotPossible with the reason."""
    socket = postgresql.start(wish.data / "postgresql-server") if wish.database == "postgresql" else ""
    base = World(wish.data / "base", socket, engine=wish.engine)
    if wish.nodes:
        base = replace(base, crew=4)
    arguments = [json.dumps(base.told()), *([str(wish.migrated)] if wish.migrated else [])]
    code, said = _run([sys.executable, "-m", "chaos.preparing", *arguments], LONGEST_EPISODE)
    if code:
        raise NotPossible(said[-3000:])
    return base


def _besiege(wish: argparse.Namespace, base: World) -> int:
    """Nodes die under load (chaos/nodes.py), once."""
    # As on hosts: the product's own beat, and what docs/growth.md puts before the nodes.
    hosts = replace(base, front=wish.front, beat=5.0)
    world, report = hosts.copy_to(wish.data / "episode", "chaos_episode"), wish.data / "report.json"
    report.unlink(missing_ok=True)
    order = {
        "world": world.told(), "report": str(report), "seed": wish.seed, "people": wish.people, "away": wish.away,
    }  # fmt: skip
    command = [sys.executable, "-m", "chaos.nodes", json.dumps(order)]
    code = subprocess.run(command, cwd=ROOT, check=False, timeout=wish.away + 2 * LONGEST_EPISODE).returncode
    if not report.exists():
        print(f"It ended with {code} before there was a report.", file=sys.stderr)
        return 2
    answer = json.loads(report.read_text())
    print(json.dumps(answer["figures"], indent=1, ensure_ascii=False))
    print(f"{len(answer['problems'])} problems." + "".join(f"\n  - {one}" for one in answer["problems"]))
    return 1 if answer["problems"] else 0


def _run(command: list[str], patience: float) -> tuple[int, str]:
    """Wait for a process of ours; when we are ended, it ends its own servers first."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        said, _nothing = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        process.terminate()
        said, _nothing = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)
    return process.returncode, said


def _place(wish: argparse.Namespace) -> str:
    return f"--database {wish.database} --engine {wish.engine}"


def _kind(problem: str) -> str:
    """What is broken, without the numbers of this one time."""
    return "".join(one for one in problem if not one.isdigit())[:60]


if __name__ == "__main__":
    sys.exit(main())
