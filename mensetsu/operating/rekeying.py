"""New token keys: added in front, everything written anew with them, the old ones dropped when nothing needs them."""

from collections.abc import Callable

from cryptography.fernet import Fernet
from django.conf import settings

from mensetsu.operating import keyring
from mensetsu.operating.refusal import Refused
from mensetsu.zoom import resealing, tokens

ROUNDS = 3


def add_key() -> keyring.Place:
    """Make a key and write it in front of the present ones, where they are kept. No secret is touched yet.

    Refuses a place that cannot be written."""
    where = keyring.place(keyring.TOKEN_KEYS)
    keyring.write(where, [Fernet.generate_key().decode(), *settings.TOKEN_KEYS])
    return where


def rotate(*, told: Callable[[int], None] = lambda done: None) -> int:
    """Every stored secret under the first key; returns how many rows were written.

    Refuses, before anything is written, when a secret opens with none of the keys. Refuses afterwards when somebody
    goes on writing with an old key: a process that was not restarted."""
    count = 0
    for _round in range(ROUNDS):
        try:
            count += resealing.reseal_all(told=told)
        except tokens.WrongTokenKey as problem:
            raise Refused(
                f"{problem}: put that key back behind the others. Nothing was changed in this round."
            ) from None
        if not resealing.survey().older:
            return count
    raise Refused(
        "A running process still writes with an old key: restart every web and worker, then do it again. "
        "Keep the old keys until then."
    )


def drop_keys() -> tuple[int, keyring.Place]:
    """Remove every key but the first from where they are kept; answers how many. Refuses while a secret needs one."""
    found = resealing.survey()
    if found.older or found.unreadable:
        needed = found.older + found.unreadable
        raise Refused(f"{needed} secrets do not open with the first key: run bin/mensetsu rotate-keys first.")
    where = keyring.place(keyring.TOKEN_KEYS)
    keyring.write(where, settings.TOKEN_KEYS[:1])
    return len(settings.TOKEN_KEYS) - 1, where
