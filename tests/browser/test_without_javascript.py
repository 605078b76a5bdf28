"""Scripts only add: every page stands without them, and people get in and out by plain forms."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import story
from tests.browser.pages import PAGES

pytestmark = pytest.mark.browser


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "java_script_enabled": False}


def test_every_page_stands(
    page: Page, enter: Callable[[Any], None], world: SimpleNamespace, site: str
) -> None:
    page.expected_trouble = ["status of 403", "status of 404"]  # type: ignore[attr-defined] - pages of trouble
    problems = []
    for stop in PAGES:
        enter(getattr(world, stop.who) if stop.who else None)
        answer = page.goto(site + stop.address(world))
        if answer is None or answer.status != stop.status or not page.locator("main h1").inner_text().strip():
            problems.append(f"{stop.name}: {answer and answer.status}")
    assert problems == []


def test_in_by_password_to_english_and_out(page: Page, people: SimpleNamespace, site: str) -> None:
    people.baba.set_password(story.PASSWORD)
    people.baba.save()

    page.goto(f"{site}/settings/")
    page.get_by_label("メールアドレス").fill(people.baba.email)
    page.get_by_label("パスワード").fill(story.PASSWORD)
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("設定")

    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")

    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{site}/settings/")
    assert "/login/" in page.url
