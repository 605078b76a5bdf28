"""What the pages' own JavaScript promises, tried on a page with every building block."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import gallery
from tests.browser.gate import Gate, stops_without_outline

pytestmark = pytest.mark.browser


@pytest.fixture
def there(
    page: Page, enter: Callable[[Any], None], people: SimpleNamespace, site: str, settings: Any
) -> Page:
    settings.ROOT_URLCONF = "tests.browser.gallery"
    gallery.SEARCHED.clear()
    gallery.SAVED.clear()
    enter(people.baba)
    page.expected_trouble = ["status of 422"]  # type: ignore[attr-defined] - the browser logs every refused form
    page.goto(f"{site}/gallery/")
    return page


def test_every_building_block_passes_the_gate(there: Page, gate: Gate) -> None:
    assert stops_without_outline(there) == []
    gate(there)


def test_every_building_block_passes_the_gate_with_errors(there: Page, gate: Gate) -> None:
    there.get_by_role("button", name="登録").click()
    expect(there.locator("#errors")).to_be_focused()
    expect(there.locator("#errors li")).to_have_count(5)
    expect(there.get_by_role("link", name="姓を入力してください。")).to_be_visible()
    gate(there)


def test_text_that_the_input_method_has_not_committed_is_not_searched(there: Page) -> None:
    box = there.get_by_role("searchbox")
    box.focus()
    keyboard = there.context.new_cdp_session(there)

    for text in ("s", "さ", "さt", "さと", "さとう", "佐藤"):
        keyboard.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )
        there.wait_for_timeout(350)
    assert gallery.SEARCHED == []
    keyboard.send("Input.insertText", {"text": "佐藤"})
    expect(there.locator("#results")).to_have_text("1件見つかりました")

    assert gallery.SEARCHED == ["佐藤"]
    box.press_sequentially("a")
    expect(there.locator("#results")).to_have_text("2件見つかりました")
    assert gallery.SEARCHED == ["佐藤", "佐藤a"]
    expect(box).to_be_focused()


def test_two_presses_send_one_form(there: Page) -> None:
    button = there.locator("#slow").get_by_role("button").first
    button.dblclick(no_wait_after=True)
    expect(there.locator("#flash")).to_contain_text("送信しました。")
    assert gallery.SAVED == ["slow"]


def test_the_pressed_button_says_what_is_going_on(there: Page) -> None:
    # The form stays here, so that there is time to look.
    there.evaluate("() => document.addEventListener('submit', (event) => event.preventDefault())")
    button = there.locator("#slow button").first
    button.click()
    expect(button).to_have_text("送信中…")
    expect(button).to_have_attribute("aria-disabled", "true")


def test_a_tag_is_put_at_the_caret_and_announced(there: Page) -> None:
    body = there.get_by_label("本文")
    body.fill("こんにちは様")
    body.evaluate("e => e.setSelectionRange(5, 5)")
    there.get_by_role("button", name="応募者氏名").click()
    expect(body).to_have_value("こんにちは{{応募者氏名}}様")
    expect(body).to_be_focused()
    expect(there.locator("#live")).to_have_text("{{応募者氏名}}を挿入しました")


def test_copying_is_announced(there: Page) -> None:
    there.context.grant_permissions(["clipboard-read", "clipboard-write"])
    there.get_by_role("button", name="コピー").click()
    expect(there.locator("#live")).to_have_text("コピーしました")
    assert there.evaluate("navigator.clipboard.readText()") == "12345678901"


def test_leaving_typed_text_asks_and_leaving_an_untouched_form_does_not(there: Page, site: str) -> None:
    asked: list[str] = []
    there.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    there.goto(f"{site}/settings/")
    assert asked == []

    there.goto(f"{site}/gallery/")
    there.get_by_label("姓").press_sequentially("佐")
    there.goto(f"{site}/settings/")
    assert asked == ["beforeunload"]


def test_the_network_is_gone_and_the_input_stays(there: Page) -> None:
    there.expected_trouble += ["ERR_INTERNET_DISCONNECTED", "htmx:"]  # type: ignore[attr-defined]
    there.get_by_label("姓").fill("佐藤")
    there.context.set_offline(True)
    there.get_by_role("button", name="登録").click()
    expect(there.locator("[data-trouble-note]")).to_have_text(
        "通信できませんでした。入力内容は残っています。もう一度押してください。"
    )
    expect(there.get_by_label("姓")).to_have_value("佐藤")
    there.context.set_offline(False)
    there.get_by_role("button", name="登録").click()
    expect(there.locator("#errors")).to_be_focused()
    expect(there.locator("[data-trouble-note]")).to_have_count(0)


def test_all_rows_and_ranges_of_rows_can_be_chosen(there: Page) -> None:
    boxes = there.locator("input[name=who]")
    there.get_by_label("すべて選択").check()
    assert [box.is_checked() for box in boxes.all()] == [True] * 4
    there.get_by_label("すべて選択").uncheck()
    boxes.nth(1).click()
    boxes.nth(3).click(modifiers=["Shift"])
    assert [box.is_checked() for box in boxes.all()] == [False, True, True, True]


def test_keys_move_through_the_list_but_never_while_typing(there: Page, people: SimpleNamespace) -> None:
    there.keyboard.press("j")
    there.keyboard.press("j")
    expect(there.get_by_role("link", name="髙橋 1")).to_be_focused()
    there.keyboard.press("k")
    expect(there.get_by_role("link", name="髙橋 0")).to_be_focused()
    there.keyboard.press("/")
    expect(there.get_by_role("searchbox")).to_be_focused()
    there.keyboard.press("j")
    expect(there.get_by_role("searchbox")).to_have_value("j")

    people.baba.shortcuts_off_at = people.baba.created_at
    people.baba.save()
    there.reload()
    there.keyboard.press("j")
    expect(there.get_by_role("link", name="髙橋 0")).not_to_be_focused()


def test_a_dialog_opens_closes_and_gives_the_focus_back(there: Page) -> None:
    opener = there.get_by_role("button", name="解除")
    opener.click()
    expect(there.get_by_role("dialog")).to_be_visible()
    there.keyboard.press("Escape")
    expect(there.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()


def test_the_menu_of_the_person_opens_by_keyboard_and_closes_by_escape(there: Page) -> None:
    summary = there.locator("details.menu summary")
    summary.focus()
    there.keyboard.press("Enter")
    expect(there.get_by_role("button", name="ログアウト")).to_be_visible()
    there.keyboard.press("Escape")
    expect(there.get_by_role("button", name="ログアウト")).to_be_hidden()
    expect(summary).to_be_focused()


def test_minutes_are_counted_down_and_told_once(there: Page) -> None:
    there.clock.install(time=datetime(2026, 11, 24, 4, 34, 30, tzinfo=UTC))
    there.reload()
    mark = there.locator("[data-starts-at]")
    expect(mark).to_have_text("あと26分")
    there.clock.run_for(60_000)
    expect(mark).to_have_text("あと25分")
    expect(there.locator("#live")).to_have_text("")
    there.clock.run_for(20 * 60_000 + 1_000)
    expect(there.locator("#live")).to_have_text("あと5分")


def test_the_list_of_keys_opens_and_closes(there: Page) -> None:
    there.keyboard.press("?")
    expect(there.get_by_role("dialog", name="キーボードショートカット")).to_be_visible()
    there.get_by_role("button", name="閉じる").click()
    expect(there.get_by_role("dialog")).to_have_count(0)


def test_readers_abroad_see_their_own_time_too(
    browser: Any, browser_context_args: dict[str, Any], there: Page, site: str
) -> None:
    expect(there.locator("[data-local-time]")).to_be_hidden()
    abroad = browser.new_context(**{**browser_context_args, "timezone_id": "Europe/Berlin"})
    abroad.add_cookies(there.context.cookies())
    page = abroad.new_page()
    page.goto(f"{site}/gallery/")
    expect(page.locator("[data-local-time]")).to_have_text("あなたの現在地の時刻：11月24日(火) 06:00 GMT+1")
    abroad.close()


def test_a_refused_and_a_saved_form_without_javascript(
    browser: Any, browser_context_args: dict[str, Any], there: Page, site: str
) -> None:
    plain = browser.new_context(**{**browser_context_args, "java_script_enabled": False})
    plain.add_cookies(there.context.cookies())
    page = plain.new_page()
    page.goto(f"{site}/gallery/")
    page.locator("#edit button[type=submit]").click()
    expect(page.locator("#errors li")).to_have_count(5)
    assert page.title().startswith("エラー：")
    page.get_by_label("姓").fill("佐藤")
    page.get_by_label("選考ステップ").select_option("1")
    page.get_by_label("WEB面接").check()
    page.get_by_label("日付").fill("2026-11-24")
    page.get_by_label("開始時刻").select_option("14:00")
    page.locator("#edit button[type=submit]").click()
    expect(page.locator("#flash")).to_contain_text("登録しました。")
    assert gallery.SAVED == ["佐藤"]
    # Buttons that need JavaScript are not shown to people who have none.
    expect(page.get_by_role("button", name="コピー")).to_have_count(0)
    plain.close()
