"""Pages must open on a weak mobile network: everything a browser fetches, compressed as WhiteNoise sends it."""

import gzip
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

LIMIT_PUBLIC = 20 * 1024
LIMIT_STAFF = 100 * 1024


def _weight(html: bytes) -> int:
    addresses = re.findall(r'(?:href|src)="/static/([^"]+)"', html.decode())
    assert addresses
    files = [Path(str(finders.find(address))).read_bytes() for address in dict.fromkeys(addresses)]
    return sum(len(gzip.compress(body, mtime=0)) for body in [html, *files])


@pytest.mark.django_db
def test_public_pages_are_light() -> None:
    response = Client().get("/j/broken/")
    assert _weight(response.content) < LIMIT_PUBLIC / 2  # half is left for what the page itself has to say


def test_staff_pages_are_light(people: SimpleNamespace, client_of: object) -> None:
    assert _weight(client_of(people.aoki).get("/settings/").content) < LIMIT_STAFF


@pytest.mark.django_db
def test_nothing_is_fetched_from_elsewhere() -> None:
    html = Client().get("/j/broken/").content.decode()
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', html) == []
