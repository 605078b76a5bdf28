"""Places that rooms above this one (booking) keep for an interview: one that is moved or canceled gives its place back
in the same transaction. Calls go down, so those rooms register at start-up what they do.

Their rows are the first in the order in which rows are taken; `take_turn` takes them, `settle` gives back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Keeper:
    """`take_turn(interview)` before any other row is taken; `settle(interview, now=…)` when the interview is as it will
    be. Both in the transaction of the change."""

    take_turn: Callable[[Any], None]
    settle: Callable[..., None]


_KEEPERS: list[Keeper] = []


def register(keeper: Keeper) -> None:
    _KEEPERS.append(keeper)


def take_turn(interview: Any) -> None:
    for keeper in _KEEPERS:
        keeper.take_turn(interview)


def settle(interview: Any, *, now: datetime) -> None:
    for keeper in _KEEPERS:
        keeper.settle(interview, now=now)
