"""After a new key was put in front: every stored secret is written with it, so that the old key can go."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS

from mensetsu.zoom import tokens
from mensetsu.zoom.models import App, Connection

# Where sealed secrets are kept for good.
COLUMNS = (
    (Connection, ("access_token_sealed", "refresh_token_sealed")),
    (App, ("client_secret_sealed", "secret_token_sealed")),
)
PORTION = 200  # rows read at once


@dataclass(frozen=True)
class Survey:
    """How many stored secrets open with the newest key, with an older one, and with none that is listed."""

    newest: int
    older: int
    unreadable: int


def stored(using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Every stored secret as it is kept: sealed."""
    for model, columns in COLUMNS:
        for row in model._base_manager.using(using).order_by("pk").values_list(*columns).iterator(PORTION):
            yield from (sealed for sealed in row if sealed)


def survey(using: str = DEFAULT_DB_ALIAS) -> Survey:
    """Count them by what opens them. Changes nothing."""
    newest = older = unreadable = 0
    for sealed in stored(using):
        if tokens.is_newest(sealed):
            newest += 1
        elif tokens.opens(sealed):
            older += 1
        else:
            unreadable += 1
    return Survey(newest, older, unreadable)


def reseal_all(*, portion: int = PORTION, told: Callable[[int], None] = lambda done: None) -> int:
    """Every stored secret under the newest key; returns how many rows were written, and tells it after each portion.

    Each row is written by itself, so that nobody waits for it: stopped anywhere, every secret opens with the listed
    keys, and the next call goes on with what is left. A pair that is renewed meanwhile is left as it is. Refuses with
    WrongTokenKey, before anything is written, when a secret opens with none of them."""
    if survey().unreadable:
        raise tokens.WrongTokenKey("MENSETSU_TOKEN_KEYS lacks a key that stored secrets were encrypted with")
    count = 0
    for model, columns in COLUMNS:
        last = 0
        while True:
            rows = list(
                model._base_manager.filter(pk__gt=last).order_by("pk").values("pk", *columns)[:portion]
            )
            if not rows:
                break
            last = rows[-1]["pk"]
            count += sum(_resealed(model, row, columns) for row in rows)
            told(count)
    return count


def _resealed(model: type[Connection] | type[App], row: dict[str, str], columns: tuple[str, ...]) -> int:
    if all(tokens.is_newest(row[name]) for name in columns):
        return 0
    fresh = {name: tokens.reseal(row[name]) for name in columns}
    # Only as it was read: a pair that was renewed meanwhile must not be overwritten with its dead forerunner.
    return model._base_manager.filter(**row).update(**fresh)
