"""A press is never lost: also while the page is still asking the server about what was typed before."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from mensetsu.interviews.models import Interview

pytestmark = pytest.mark.browser

SLOW = {"offline": False, "latency": 1500, "downloadThroughput": -1, "uploadThroughput": -1}


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
    with page.expect_response("**/interviews/check/**"):
        page.get_by_label("土井 大").check()
    page.wait_for_load_state("networkidle")
    before = Interview.objects.count()
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)

    with page.expect_request("**/interviews/check/**"):
        page.locator("#id_minutes").select_option("45")
    page.get_by_role("button", name="面接設定完了").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("面接を登録しました")
    assert Interview.objects.count() == before + 1
