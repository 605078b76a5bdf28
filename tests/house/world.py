"""One company with everything in it, and a person of another company: what the sweep over all addresses looks at.

Each module describes its own addresses in tests/house/addresses/<module>.py:

    ADDRESSES  {"interviews:detail": lambda world: (world.interview.pk,), …}   every URL name with its arguments;
               None instead of a function: no arguments
    ROLES      {"interviews:detail": "anyone"}   who may enter: "anyone" who works here, "recruiter" (the default:
               recruiters and administrators), "admin"; "own": anyone, but only for what is
               their own (Endo, who has no part in this world, is refused)
    furnish    (optional) furnish(world): adds the module's objects to the world, e.g. world.interview = …

`world` has `people` (the fixture), `candidate`, `contact` (an agency's), `job`, and what modules below furnished."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import story
from tests.house import addresses

# Furnished in the order in which calls go: what stands below comes first.
_ORDER = ["accounts", "candidates", "zoom", "mail", "interviews", "booking", "web"]
# Words that stand only in the company's rows: none may ever be read by a stranger.
SECRETS = (
    "株式会社サンプル",
    "秘匿 花子",
    "hitoku@example.com",
    "aoki@sample.example.jp",
    "baba@sample.example.jp",
)


@dataclass(frozen=True)
class Address:
    """One URL of the product: its name and what the module's file says about it."""

    name: str
    arguments: Callable[[Any], Any] | None
    role: str


def modules() -> list[ModuleType]:
    found = {m.name: importlib.import_module(f"tests.house.addresses.{m.name}") for m in _listed()}
    return [found[name] for name in sorted(found, key=lambda n: (_ORDER.index(n) if n in _ORDER else 99, n))]


def _listed() -> Iterator[pkgutil.ModuleInfo]:
    return pkgutil.iter_modules(addresses.__path__)


def described() -> dict[str, Address]:
    """Every address that some module describes."""
    found: dict[str, Address] = {}
    for module in modules():
        roles = getattr(module, "ROLES", {})
        for name, arguments in module.ADDRESSES.items():
            assert name not in found, f"{name} is described twice"
            found[name] = Address(name, arguments, roles.get(name, "recruiter"))
    return found


def patterns() -> dict[str, URLPattern]:
    """Every URL pattern of the product by its name."""
    found: dict[str, URLPattern] = {}
    for name, pattern in _walk(get_resolver(), ""):
        assert name not in found, f"two patterns are called {name}"
        found[name] = pattern
    return found


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _walk(pattern, space)
        else:
            assert pattern.name, f"{pattern.pattern} has no name"
            yield prefix + pattern.name, pattern


def is_public(pattern: URLPattern) -> bool:
    """Does the login middleware let everybody through?"""
    return not getattr(pattern.callback, "login_required", True)


def furnished(people: SimpleNamespace) -> SimpleNamespace:
    """The world with every module's objects."""
    world = SimpleNamespace(people=people)
    world.contact = story.agency(people.company)
    world.job = story.job(people.company)
    world.candidate = story.candidate(
        people.company,
        "秘匿",
        "花子",
        email="hitoku@example.com",
        job=world.job,
        agency_contact=world.contact,
        owner=people.baba,
    )
    for module in modules():
        if hasattr(module, "furnish"):
            module.furnish(world)
    return world


def path_of(address: Address, world: Any) -> str:
    return reverse(address.name, args=address.arguments(world) if address.arguments else ())


def closed() -> Iterator[Address]:
    """What only people who are logged in may open."""
    known = described()
    for name, pattern in patterns().items():
        if name in known and not is_public(pattern):
            yield known[name]
