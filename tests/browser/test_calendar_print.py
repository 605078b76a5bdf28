"""The calendar on paper: tables stay tables on A4, and nothing that can only be pressed is printed."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

# The width that A4 upright leaves between a browser's usual margins, in CSS pixels.
A4_UPRIGHT = 718


@pytest.mark.parametrize("view", ["month", "week", "day"])
def test_on_paper(
    view: str, page: Page, enter: Callable[[Any], None], world: SimpleNamespace, site: str, tmp_path: Any
) -> None:
    enter(world.baba)
    # The day of the interview: late in the evening "in half an hour" is tomorrow.
    on = timezone.localtime(world.interview.starts_at).date().isoformat()
    page.goto(f"{site}{reverse('interviews:calendar_page')}?view={view}&on={on}")
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": A4_UPRIGHT, "height": 1000})
    shown = "e => getComputedStyle(e).display"

    assert page.locator("main tbody td").first.evaluate(shown) == "table-cell"
    assert [page.locator(part).first.evaluate(shown) for part in (".hdr", "main form", "main nav a")] == [
        "none"
    ] * 3
    assert page.get_by_text("佐藤 美咲").first.is_visible()
    for part in ("body", "main table", "main .chip"):
        assert (
            page.locator(part).first.evaluate("e => getComputedStyle(e).backgroundColor")
            == "rgb(255, 255, 255)"
        )
    assert page.locator("main tbody td").first.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    page.screenshot(path=tmp_path / "paper.png", full_page=True)


def test_the_print_button_is_there_for_whoever_has_a_script(
    page: Page, enter: Callable[[Any], None], world: SimpleNamespace, site: str
) -> None:
    enter(world.baba)
    page.add_init_script("window.print = () => { document.title = 'printed'; }")
    page.goto(site + reverse("interviews:calendar_page"))
    page.get_by_role("button", name="印刷").click()

    assert page.title() == "printed"


def test_a_tab_that_nobody_sees_asks_nothing_and_asks_at_once_when_seen(
    page: Page, enter: Callable[[Any], None], world: SimpleNamespace, site: str
) -> None:
    """The interviewer's page of the day; its clock runs in fast motion."""
    enter(world.doi)
    page.clock.install()
    page.goto(site + reverse("interviews:mine"))
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "HX" in str(request.headers).upper() else None
    )
    hide = (
        "hidden => {{ Object.defineProperty(document, 'hidden', {{ value: {}, configurable: true }}); {} }}"
    )

    page.locator("#today").evaluate("list => { list.dataset.old = ''; }")
    page.evaluate(hide.format("true", ""))
    page.clock.run_for(65_000)
    while_hidden = len(asked)
    with page.expect_response(lambda response: "/interviews/" in response.url):
        page.evaluate(hide.format("false", "document.dispatchEvent(new Event('visibilitychange'));"))
    when_seen = len(asked)
    # The clock of the new list runs from the moment it stands there.
    expect(page.locator("#today:not([data-old]):not(.htmx-added)")).to_be_attached()
    with page.expect_response(lambda response: "/interviews/" in response.url):
        page.clock.run_for(31_000)

    assert (while_hidden, when_seen) == (0, 1)
    # An answer is on its way to the page when the browser has it: the list is busy until htmx has put it in.
    expect(page.locator("#today:not([aria-busy])")).to_be_attached()
