"""Route A as people walk it: a booking page with slots, a mail with an address, a date chosen on a telephone, the
meeting at Zoom, the mails and the calendar file in a real mailbox. The demo's own processes; in both
languages, on a desktop and on a telephone."""

import re
from typing import Any

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from mensetsu.web import dates
from tests.browser.walking import Walk

pytestmark = pytest.mark.browser


def day(walk: Walk) -> str:
    return dates.month_day(walk.day, language=walk.language)


def heading(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


def test_a1_the_recruiter_makes_a_page_and_offers_slots(walk: Walk) -> None:
    page = walk.person("baba")
    page.goto(walk.running.url + "/booking/new/")
    page.get_by_label(walk.t("名前（社内用）", "Name (for colleagues)")).fill("一次面接の日程調整")
    page.get_by_role(
        "group", name=walk.t("必ず参加する面接官", "Interviewers who always take part")
    ).get_by_role("checkbox").nth(1).check()
    page.get_by_role("button", name=walk.t("日程調整ページを作成", "Make the booking page")).click()
    expect(heading(page)).to_have_text(walk.t("枠の追加", "Offer slots"))

    for weekday in page.get_by_role("group", name=walk.t("曜日", "Weekdays")).get_by_role("checkbox").all():
        weekday.check()
    page.get_by_label(walk.t("開始日", "First day")).fill(walk.day.isoformat())
    page.get_by_label(walk.t("最終日", "Last day")).fill(walk.day.isoformat())
    page.get_by_role("button", name=walk.t("追加される枠を確認", "Show what would be added")).click()
    expect(page.locator("#proposed")).to_contain_text(walk.t("7枠が追加されます", "7 slots would be added"))
    page.get_by_role("button", name=walk.t("繰り返しとして追加", "Add them as a series")).click()

    expect(heading(page)).to_have_text("一次面接の日程調整")
    expect(page.locator("main")).to_contain_text(walk.t("7枠を追加しました。", "7 slots have been added."))


def test_a2_an_applicant_is_asked_by_mail(walk: Walk) -> None:
    page = walk.person("baba")
    page.get_by_role("link", name=walk.t("応募者に依頼", "Ask applicants")).click()
    page.get_by_label(
        walk.t("氏名・フリガナ・メールアドレスで検索", "Find by name, reading or email address")
    ).fill(walk.applicant.email)
    page.get_by_role("button", name=walk.t("検索", "Search")).click()
    page.get_by_role("group", name=walk.t("応募者", "Applicants")).get_by_role("checkbox").check()
    page.get_by_role("button", name=walk.t("依頼メールを送信", "Send the request to choose")).click()
    expect(page.locator("#flash")).to_contain_text(
        walk.t("1名に日程の選択を依頼しました。", "1 applicant was asked to choose a date.")
    )

    letter = walk.running.letter(walk.applicant.email, walk.t("日程のご相談", "please choose a time"))
    assert re.search(rf"^{re.escape(walk.running.url)}/b/[a-z2-9]+/\r?$", letter["text"], re.M)


def choice_address(walk: Walk) -> str:
    letter = walk.running.letter(walk.applicant.email, walk.t("日程のご相談", "please choose a time"))
    found = re.search(rf"{re.escape(walk.running.url)}/b/[a-z2-9]+/", letter["text"])
    assert found
    return found.group()


def test_a3_choose_check_done(walk: Walk) -> None:
    page = walk.visitor("applicant")
    page.goto(choice_address(walk))
    expect(page.get_by_role("group", name=day(walk))).to_be_visible()

    page.get_by_role("button", name=walk.t("確認へ進む", "Continue to check")).click()
    expect(page.get_by_role("alert")).to_contain_text(
        walk.t("日時を選んでください。", "Choose a date and time.")
    )
    page.get_by_role("radio", name=walk.t("14:00〜15:00", "14:00–15:00")).check()
    page.get_by_role("button", name=walk.t("確認へ進む", "Continue to check")).click()
    expect(heading(page)).to_have_text(walk.t("内容の確認", "Check your choice"))
    page.get_by_label(walk.t("当日の電話番号", "Phone number on the day")).fill("090-1111-2222")

    # The other language and back: what was typed stays.
    page.get_by_role("button", name=walk.t("English", "日本語"), exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", walk.t("en", "ja"))
    page.get_by_role("button", name=walk.t("日本語", "English"), exact=True).click()
    expect(page.get_by_label(walk.t("当日の電話番号", "Phone number on the day"))).to_have_value(
        "090-1111-2222"
    )

    page.get_by_role("button", name=walk.t("この日時で確定", "Confirm this date")).click()
    expect(page.locator("#when")).to_contain_text(walk.t("日程確定", "Confirmed"))
    expect(page.locator("#when")).to_contain_text(walk.t("14:00〜15:00", "14:00–15:00"))


def test_a4_the_meeting_is_at_zoom_and_everybody_is_told_with_a_calendar_file(walk: Walk) -> None:
    letter = walk.running.letter(walk.applicant.email, walk.t("日程確定のご案内", "your online interview"))
    number = re.search(rf"{re.escape(walk.running.zoom_url)}/j/(\d+)", letter["text"])
    assert number
    meetings = {str(one["id"]): one for one in walk.running.zoom("state")["meetings"]}
    assert number.group(1) in meetings

    files = [one for one in letter["attachments"] if one["name"].endswith(".ics")]
    event = Calendar.from_ical(files[0]["text"]).walk("VEVENT")[0]
    assert f"{event['DTSTART'].dt:%H:%M}" == "14:00"
    recruiter = walk.running.letter("baba@sample.example.jp", walk.t("日程確定", "Date chosen"))
    assert "090-1111-2222" in recruiter["text"]


def test_a5_another_date_keeps_the_address(walk: Walk) -> None:
    page = walk.visitor("applicant")
    page.goto(choice_address(walk))
    page.get_by_role("link", name=walk.t("日程を変更", "Change the date")).click()
    expect(page.locator("main s")).to_contain_text(walk.t("14:00〜15:00", "14:00–15:00"))
    # Whichever is free: the story's people have other interviews that day.
    other = page.get_by_role("radio").first
    time = page.locator("label.check").first.inner_text().strip()
    other.check()
    page.get_by_role("button", name=walk.t("確認へ進む", "Continue to check")).click()
    page.get_by_role("button", name=walk.t("この日時で確定", "Confirm this date")).click()

    expect(page.locator("#when")).to_contain_text(time)
    before = walk.running.letter(walk.applicant.email, walk.t("日程確定のご案内", "your online interview"))
    page.get_by_role("link", name=walk.t("面接のご案内を開く", "Open the page of the interview")).click()
    address = page.url.partition("?")[0]
    assert address in before["text"]
    expect(page.locator("main")).to_contain_text(time)
