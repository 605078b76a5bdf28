"""Every page, in both languages, through the gate. One world for the pages of an area: looking changes nothing."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page

from tests.browser.gate import Gate, stops_without_outline
from tests.browser.pages import AREAS, Stop

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("area", AREAS, ids=[area.replace(" ", "_") for area in AREAS])
def test_pages(
    area: str,
    language: str,
    page: Page,
    context: BrowserContext,
    enter: Callable[[Any], None],
    gate: Gate,
    world: SimpleNamespace,
    site: str,
) -> None:
    page.expected_trouble = ["status of 403", "status of 404"]  # type: ignore[attr-defined] - pages of trouble
    problems = []
    for stop in AREAS[area]:
        person = getattr(world, stop.who) if stop.who else None
        if person is not None:
            person.language = language
            person.save()
        enter(person)
        # Who is not logged in reads the language of the browser's cookie, or on applicants' pages of the address.
        context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site}])
        address = stop.address(world)
        if person is None:
            address += ("&" if "?" in address else "?") + f"lang={language}"
        gate.name = f"page_{stop.name.replace(' ', '_')}_{language}"
        try:
            look(stop, page, site + address, language, gate)
        except AssertionError as problem:
            problems.append(f"{stop.name}: {problem}")
    assert not problems, "\n".join(problems)


def look(stop: Stop, page: Page, address: str, language: str, gate: Gate) -> None:
    answer = page.goto(address)

    assert answer is not None
    assert answer.status == stop.status, answer.status
    assert page.locator("html").get_attribute("lang") == language, "another language"
    assert page.title().strip("｜ "), "no title"
    if language == "ja":  # the way of the focus has no language
        unseen = stops_without_outline(page)
        assert not unseen, f"focus that cannot be seen: {unseen}"
    gate(page)
