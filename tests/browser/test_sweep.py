"""Every page, in both languages, through the gate."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page

from tests.browser.gate import Gate, stops_without_outline
from tests.browser.pages import PAGES, Stop

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("stop", PAGES, ids=[stop.name.replace(" ", "_") for stop in PAGES])
def test_page(
    stop: Stop,
    language: str,
    page: Page,
    context: BrowserContext,
    enter: Callable[[Any], None],
    gate: Gate,
    world: SimpleNamespace,
    site: str,
) -> None:
    person = getattr(world, stop.who) if stop.who else None
    if person is not None:
        person.language = language
        person.save()
    enter(person)
    # Who is not logged in reads the language of the browser's cookie, or on applicants' pages of the address.
    context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site}])
    if stop.status != 200:
        page.expected_trouble = [f"status of {stop.status}"]  # type: ignore[attr-defined] - the browser logs it
    address = stop.address(world)
    if person is None:
        address += ("&" if "?" in address else "?") + f"lang={language}"

    answer = page.goto(site + address)

    assert answer is not None
    assert answer.status == stop.status
    assert page.locator("html").get_attribute("lang") == language
    assert page.title().strip("｜ ")
    assert stops_without_outline(page) == []
    gate(page)
