"""Numbers as addresses and forms carry them: somebody else's text, until it has been read."""

from collections.abc import Iterable

# More digits than any key of ours has; larger numbers make a database err.
_DIGITS = 18


def key(text: str) -> int | None:
    """The key of a row, or None for whatever is none."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


def keys(texts: Iterable[str]) -> list[int]:
    """Those among them that are keys, in order."""
    return [number for text in texts if (number := key(text)) is not None]
