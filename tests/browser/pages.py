"""Every page a person can see: its name, its address in the furnished world, and who looks at it.

A new page is added here; the sweep then takes it through the gate in both languages."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.urls import reverse

World = SimpleNamespace


class Stop(NamedTuple):
    name: str
    # The person who looks, as an attribute of the world; None: nobody is logged in.
    who: str | None
    address: Callable[[World], str]


def _at(name: str, *attributes: str) -> Callable[[World], str]:
    def address(world: World) -> str:
        return reverse(name, args=[_value(world, path) for path in attributes])

    return address


def _value(world: World, path: str) -> Any:
    for part in path.split("."):
        world = getattr(world, part)
    return world


PAGES = [
    Stop("settings", "aoki", _at("web:settings")),
    Stop("settings of a recruiter", "baba", _at("web:settings")),
    Stop("not found", "baba", lambda world: "/nothing-here/"),
    Stop("forbidden", "doi", _at("web:settings")),
    Stop("broken link of an applicant", None, lambda world: "/j/broken/"),
]
