"""Histories: what happens in an episode, as plain data that can be written down, played again and made shorter.

A step names no row, only numbers that are taken modulo whatever there is to choose from at that moment. So each step
still means something when others before it are left out."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from chaos import weather

# How often each kind of press comes, against the others.
PEOPLE = {
    "set": 16, "move": 10, "rehost": 5, "cancel": 6, "invite": 8, "book": 14, "change_booking": 7, "cancel_booking": 4,
    "link": 5, "unlink": 3, "start": 4, "retry": 3, "rehost_all": 2,
    "offer": 6, "fix_offer": 3, "agency_choose": 4, "agency_propose": 3, "answer_proposal": 3, "write": 5, "decide": 4,
    "restage": 4,
}  # fmt: skip
OUTSIDE = {"weather": 26, "kill": 7, "restart": 5, "leap": 7, "meddle": 5, "uninstall": 1, "calm": 4}
LEAPS = (30, 120, 600, 3900)
TOGETHER = 0.18  # so often several people press at once
Item = TypeVar("Item")


@dataclass(frozen=True)
class Step:
    what: str
    numbers: tuple[int, ...] = ()
    name: str = ""
    together: tuple["Step", ...] = ()

    def __str__(self) -> str:
        if self.together:
            return "at once: " + " | ".join(str(one) for one in self.together)
        return " ".join([self.what, *([self.name] if self.name else []), *map(str, self.numbers)])


def invent(seed: int, length: int) -> list[Step]:
    """A history of so many steps; the same for the same seed."""
    dice = random.Random(seed)
    # At first something must exist that can go wrong.
    opening = [Step("invite", _numbers(dice)), *[_press(dice, "set") for _n in range(3)]]
    return opening + [_any(dice) for _n in range(max(0, length - len(opening)))]


def _any(dice: random.Random) -> Step:
    if dice.random() < TOGETHER:
        # All at the same thing half of the time: that is where they meet.
        kind, shared = _weighted(dice, PEOPLE), _numbers(dice)
        same = dice.random() < 0.5
        presses = [
            _press(dice, kind if same else None, shared if same else None) for _n in range(dice.randint(2, 4))
        ]
        return Step("together", together=tuple(presses))
    what = _weighted(dice, PEOPLE | OUTSIDE)
    if what in PEOPLE:
        return _press(dice, what)
    name = {"weather": lambda: dice.choice(weather.ALL), "meddle": lambda: dice.choice(("delete", "change"))}
    return Step(what, _numbers(dice), name[what]() if what in name else "")


def press(dice: random.Random, table: dict[str, int]) -> Step:
    """One press of one person."""
    return Step(_weighted(dice, table), _numbers(dice))


def _press(dice: random.Random, what: str | None = None, shared: tuple[int, ...] | None = None) -> Step:
    """`shared`: everybody chooses the same row; who presses and what they type differs."""
    numbers = _numbers(dice)
    if shared is not None:
        numbers = (numbers[0], shared[1], numbers[2] if dice.random() < 0.5 else shared[2], *numbers[3:])
    return Step(what or _weighted(dice, PEOPLE), numbers)


def _numbers(dice: random.Random) -> tuple[int, ...]:
    return tuple(dice.randrange(10_000) for _n in range(6))


def _weighted(dice: random.Random, table: dict[str, int]) -> str:
    return dice.choices(list(table), list(table.values()))[0]


def to_text(steps: Sequence[Step]) -> str:
    return json.dumps([asdict(step) for step in steps])


def from_text(text: str) -> list[Step]:
    def read(row: dict[str, Any]) -> Step:
        return Step(
            row["what"], tuple(row["numbers"]), row["name"], tuple(read(one) for one in row["together"])
        )

    return [read(row) for row in json.loads(text)]


def shortest(items: Sequence[Item], still_breaks: Callable[[list[Item]], bool]) -> list[Item]:
    """Delta debugging: leave out ever smaller parts as long as what is left still breaks the promise.

    `still_breaks` may refuse to go on (StopIteration): then the shortest found so far is the answer."""
    kept, parts = list(items), 2
    try:
        while len(kept) > 1:
            size = -(-len(kept) // parts)
            for begin in range(0, len(kept), size):
                rest = kept[:begin] + kept[begin + size :]
                if rest and still_breaks(rest):
                    kept, parts = rest, max(2, parts - 1)
                    break
            else:
                if size == 1:
                    break
                parts = min(len(kept), parts * 2)
    except StopIteration:
        pass
    return kept
