"""Addresses of pages and files by their names. Every page has some forty of them and they never change while a process
lives, so each is asked for once."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.templatetags import static
from django.urls import get_script_prefix, get_urlconf, reverse

# Stands for a number where the form of an address is asked for; no route of ours has it.
_ANY = 987_654_321


def page(name: str, *args: Any) -> str:
    """`reverse` for numbers: `page("interviews:detail", 34)` → /interviews/34/"""
    if not all(type(one) is int and one >= 0 for one in args):
        return reverse(name, args=args)
    form = _form(get_urlconf() or settings.ROOT_URLCONF, get_script_prefix(), name, len(args))
    return form % args if form else reverse(name, args=args)


def file(path: str) -> str:
    """The address of a static file."""
    return _file(get_script_prefix(), path)


@lru_cache(maxsize=1024)
def _form(urls: Any, prefix: str, name: str, numbers: int) -> str:
    """The address with %d in the places of numbers; empty when it is not made of them."""
    places = [_ANY + place for place in range(numbers)]
    made = reverse(name, args=places)
    found = [made.find(str(place)) for place in places]
    if -1 in found or found != sorted(found):
        return ""
    form = made.replace("%", "%%")
    for place in places:
        form = form.replace(str(place), "%d")
    return form


@lru_cache(maxsize=256)
def _file(prefix: str, path: str) -> str:
    return static.static(path)
