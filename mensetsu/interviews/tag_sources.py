"""Values of message tags that rooms above this one know (booking: the page on which a date is chosen).

Calls go down, so those rooms register at start-up what they can say about an interview."""

from collections.abc import Callable, Mapping
from typing import Any

# `source(interview, *, receiver, contact)`: values by tag key. Reads only.
Source = Callable[..., Mapping[str, str]]
_SOURCES: list[Source] = []


def register(source: Source) -> None:
    _SOURCES.append(source)


def read(interview: Any, **recipient: Any) -> dict[str, str]:
    """What all of them say about that interview to that recipient."""
    return {key: text for source in _SOURCES for key, text in source(interview, **recipient).items()}
