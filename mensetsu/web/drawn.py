"""Pieces of pages that many readers get alike, drawn once for the same facts.

    {% call drawn_once((language(), on, slots)) %}<fieldset>…</fieldset>{% endcall %}

Nothing here can be out of date: the facts are the key. They must name everything on which the piece depends, the
language too; where they cannot, they are empty, and the piece is drawn anew."""

from collections.abc import Callable, Hashable

# About 1.5 kB each.
MOST = 2_000

_drawn: dict[tuple[Hashable, ...], str] = {}


def drawn_once(facts: tuple[Hashable, ...], caller: Callable[[], str]) -> str:
    if not facts:
        return caller()
    piece = _drawn.get(facts)
    if piece is None:
        piece = caller()
        if len(_drawn) >= MOST:
            _drawn.clear()
        _drawn[facts] = piece
    return piece
