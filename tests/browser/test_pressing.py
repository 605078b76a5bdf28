"""A press is never lost, nor a choice: also while the page is still asking the server about what was typed before."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from mensetsu.interviews.models import Interview

pytestmark = pytest.mark.browser

CHECKS = "**/interviews/check/**"
# The page has heard of a choice and has not yet asked about it.
CHOOSE = "(list, value) => { list.value = value; list.dispatchEvent(new Event('input', { bubbles: true })); }"
SLOW = {"offline": False, "latency": 1500, "downloadThroughput": -1, "uploadThroughput": -1}


@contextmanager
def answer_after(page: Page, act: Callable[[], Any]) -> Iterator[None]:
    """The next check is answered by the product, then `act` happens, and only then the page hears the answer."""
    page.wait_for_load_state("networkidle")

    def hold(route: Route) -> None:
        answer = route.fetch()
        act()
        route.fulfill(response=answer)

    page.route(CHECKS, hold, times=1)
    with page.expect_response(CHECKS):
        yield


def test_the_interview_is_set_though_a_check_is_still_on_its_way(
    page: Page, world: SimpleNamespace, site: str, enter: Callable[[Any], None]
) -> None:
    enter(world.baba)
    # The check that is still on its way is dropped when the page is left, and htmx says so.
    page.expected_trouble = ["htmx:sendAbort", "htmx:afterRequest"]  # type: ignore[attr-defined]
    page.goto(site + reverse("interviews:create", args=[world.hard[2].pk]))
    day = timezone.localdate() + timedelta(days=8)
    page.locator("#id_date").fill(day.isoformat())
    page.locator("#id_start").select_option("10:00")
    page.locator("#id_stage").select_option(str(world.stage.pk))
    with page.expect_response(CHECKS):
        page.get_by_label("土井 大").check()
    page.wait_for_load_state("networkidle")
    before = Interview.objects.count()
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)

    with page.expect_request(CHECKS):
        page.locator("#id_minutes").select_option("45")
    page.get_by_role("button", name="面接設定完了").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("面接を登録しました")
    assert Interview.objects.count() == before + 1


def test_an_answer_does_not_undo_what_was_chosen_while_it_was_on_its_way(
    page: Page, world: SimpleNamespace, site: str, enter: Callable[[Any], None]
) -> None:
    """A host chosen in the moment in which an older answer arrived was put back to 「自動で選ぶ」, unseen."""
    enter(world.baba)
    page.goto(site + reverse("interviews:create", args=[world.hard[2].pk]))
    page.locator("#id_date").fill((timezone.localdate() + timedelta(days=8)).isoformat())
    page.wait_for_load_state("networkidle")
    host = page.locator("#id_host option:not([value=auto])").first.get_attribute("value")

    with answer_after(page, lambda: page.locator("#id_host").evaluate(CHOOSE, host)):
        page.locator("#id_start").select_option("10:00")

    expect(page.locator("#when-news")).to_contain_text("10:00")
    expect(page.locator("#id_host")).to_have_value(host or "")


def test_an_answer_does_not_take_the_letters_away_that_are_being_typed(
    page: Page, world: SimpleNamespace, site: str, enter: Callable[[Any], None]
) -> None:
    enter(world.baba)
    page.goto(site + reverse("interviews:create", args=[world.hard[2].pk]))
    with page.expect_response(CHECKS):
        page.get_by_label("対面", exact=True).check()
    place = page.locator("#id_place")
    place.press_sequentially("渋谷")

    with answer_after(page, lambda: place.press_sequentially("本社 3階")):
        page.locator("#id_minutes").select_option("45")
        place.focus()

    expect(place).to_be_focused()
    expect(place).to_have_value("渋谷本社 3階")


def test_a_press_on_a_chosen_name_takes_the_person_away_and_leads_to_their_box(
    page: Page, world: SimpleNamespace, site: str, enter: Callable[[Any], None]
) -> None:
    enter(world.baba)
    page.goto(site + reverse("interviews:create", args=[world.hard[2].pk]))
    box, chosen = page.get_by_label("土井 大"), page.get_by_role("button", name="土井 大さんを外す")
    box.check()
    expect(chosen).to_be_visible()

    chosen.click()

    expect(chosen).to_have_count(0)
    expect(box).not_to_be_checked()
    expect(box).to_be_focused()
