"""Several dates for one applicant (route C) and the agency's page, as people do it: the demo's own processes, a real
browser, real mail, the simulated Zoom; in both languages, on a desktop and on a telephone."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from demo import people
from mensetsu.web import dates
from tests import story
from tests.browser.gate import Gate
from tests.browser.walking import Walk, once_in_each_language
from tests.ical import readers

pytestmark = pytest.mark.browser

# No agency, and two whom the agency of this walk's language introduced (demo/story.py).
APPLICANTS = {"ja": (31, 33, 45), "en": (6, 13, 25)}
CONTACTS = {"ja": ("鈴木 一郎", "suzuki@mirai.example.jp"), "en": ("Anna Miller", "anna@bridge.example.com")}


@pytest.fixture(scope="module", autouse=True)
def _cast(walk: Walk) -> None:
    walk.direct, walk.first, walk.second = (
        people.applicants()[number - 1] for number in APPLICANTS[walk.language]
    )
    walk.contact, walk.contact_email = CONTACTS[walk.language]


def at(walk: Walk, day: int, hour: int) -> datetime:
    return datetime.combine(walk.working_day(day), datetime.min.time(), story.JAPAN).replace(hour=hour)


def applicant(walk: Walk, page: Page, person: people.Person) -> None:
    """Find them and open their page."""
    page.goto(f"{walk.running.url}/candidates/?q={person.email}")
    name = f"{person.family} {person.given}".strip()
    page.get_by_role("link", name=walk.t(name, person.romaji)).first.click()


def hold(walk: Walk, page: Page, starts: list[datetime]) -> None:
    """Fill in the dates, one interviewer and the team's Zoom account, and hold them."""
    for number, start in enumerate(starts, start=1):
        page.locator(f"#id_date_{number}").fill(f"{start:%Y-%m-%d}")
        page.locator(f"#id_start_{number}").select_option(f"{start:%H:%M}")
    page.get_by_label(walk.t("土井 大", "Dai Doi")).check()
    host = page.locator("#id_host option", has_text="採用チーム用Zoom")
    page.locator("#id_host").select_option(host.get_attribute("value"))
    page.get_by_role("button", name=walk.t("候補日時を仮押さえ", "Hold these dates")).click()
    expect(page.locator("#dates")).to_contain_text(walk.t("仮押さえ中", "Held"))


def link_in(walk: Walk, text: str, kind: str) -> str:
    found = re.search(rf"{re.escape(walk.running.url)}/{kind}/\S+", text)
    assert found, text
    return found.group()


def at_zoom(walk: Walk, start: datetime) -> list[dict[str, Any]]:
    """Meetings of that very start that exist at Zoom."""
    wanted = f"{start.astimezone(UTC):%Y-%m-%dT%H:%M}"
    found = walk.running.zoom("state")["meetings"]
    return [m for m in found if not m.get("deleted_at") and str(m["start_time"])[:16] == wanted]


def test_offer_dates_with_what_speaks_against_them(walk: Walk) -> None:
    page = walk.person("baba")
    walk.starts = [at(walk, 7, 10), at(walk, 8, 14), at(walk, 9, 16)]
    applicant(walk, page, walk.direct)
    page.get_by_role("link", name=walk.t("候補日時を提示する", "Offer several dates")).click()
    walk.form_url = page.url
    page.locator("#id_date_1").fill(f"{walk.starts[0]:%Y-%m-%d}")
    page.locator("#id_start_1").select_option("10:00")
    page.get_by_role("button", name=walk.t("候補を確認", "Check these dates")).click()
    expect(page.locator("#checks li")).to_have_count(1)

    hold(walk, page, walk.starts)

    walk.offer_url = page.url
    expect(page.locator("#dates li")).to_have_count(3)
    page.get_by_role("button", name=walk.t("メールを送信", "Send the email")).click()


def test_held_times_are_nobody_elses(walk: Walk) -> None:
    page = walk.person("baba")
    applicant(walk, page, walk.first)
    page.get_by_role("link", name=walk.t("候補日時を提示する", "Offer several dates")).click()
    page.locator("#id_date_1").fill(f"{walk.starts[0]:%Y-%m-%d}")
    page.locator("#id_start_1").select_option("10:00")
    page.get_by_label(walk.t("土井 大", "Dai Doi")).check()
    page.get_by_role("button", name=walk.t("候補を確認", "Check these dates")).click()

    expect(page.locator("#checks")).to_contain_text(walk.t("仮押さえ", "tentatively booked"))
    expect(page.locator("#checks")).to_contain_text(walk.t("設定できません", "Not possible"))


def test_the_agency_has_a_page_of_its_own(walk: Walk) -> None:
    page = walk.person("baba")
    for person, starts in (
        (walk.first, [at(walk, 7, 11)]),
        (walk.second, [at(walk, 8, 16), at(walk, 9, 11)]),
    ):
        applicant(walk, page, person)
        page.get_by_role("link", name=walk.t("候補日時を提示する", "Offer several dates")).click()
        hold(walk, page, starts)
    applicant(walk, page, walk.first)
    page.locator("main a[href^='/agencies/']").first.click()
    page.get_by_role(
        "link", name=walk.t(f"紹介会社ページ {walk.contact}", f"Agency's page {walk.contact}")
    ).click()
    make = page.get_by_role(
        "button", name=re.compile(walk.t("URLを作る|新しいURLを作る", "Make (the|a new) address"))
    )
    make.click()
    walk.agency_url = link_in(walk, page.locator("main").inner_text(), "a")

    agency = walk.visitor("agency")
    agency.goto(walk.agency_url)

    for person in (walk.first, walk.second):
        expect(agency.locator("main")).to_contain_text(
            walk.t(f"{person.family} {person.given}", person.romaji)
        )
    assert person.email not in agency.content()


def test_the_agency_proposes_and_one_press_confirms(walk: Walk) -> None:
    walk.wish = at(walk, 10, 15)
    agency = walk.visitor("agency")
    agency.locator("section", has_text=name_of(walk, walk.first)).get_by_role(
        "link", name=re.compile(walk.t("日時を提案する", "Propose dates"))
    ).click()
    agency.locator("#id_date_1").fill(f"{walk.wish:%Y-%m-%d}")
    agency.locator("#id_start_1").select_option("15:00")
    agency.get_by_role("button", name=walk.t("この日時を提案する", "Send these dates")).click()
    expect(
        agency.get_by_role("status").filter(has_text=walk.t("受け付けました", "We have received"))
    ).to_be_visible()

    page = walk.person("baba")
    page.goto(f"{walk.running.url}/booking/proposals/")
    page.locator("#waiting").get_by_role("link", name=name_of(walk, walk.first)).click()
    page.get_by_role("button", name=re.compile(walk.t("この日時で確定", "Fix this date"))).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        walk.t("面接を登録しました", "The interview has been set")
    )


def test_the_applicant_chooses_from_the_mail(walk: Walk) -> None:
    person = walk.direct
    letter = walk.running.letter(person.email, walk.t("日程のご相談", "please choose a time"))
    language = person.language
    for start in walk.starts:
        assert dates.full(start, 60, language=language, zone=story.JAPAN) in letter["text"]
    page = walk.visitor("applicant")
    page.goto(link_in(walk, letter["text"], "b"))
    expect(page.locator("input[type=radio]")).to_have_count(4)  # three dates, and that none fits

    page.get_by_label(re.compile("14:00[〜–]")).check()
    page.get_by_role("button", name=walk.t("確認へ進む", "Continue to check")).click()
    page.get_by_role("button", name=walk.t("この日時で確定", "Confirm this date")).click()

    expect(page.locator("main")).to_contain_text(dates.day(walk.starts[1].date(), language=walk.language))
    expect(
        page.get_by_role("link", name=walk.t("面接のご案内を開く", "Open the page of the interview"))
    ).to_be_visible()


def test_one_answer_makes_one_meeting_and_frees_the_rest(walk: Walk) -> None:
    person = walk.direct
    when = dates.short(walk.starts[1], language=person.language, zone=story.JAPAN)
    letter = walk.running.letter(person.email, when)
    assert link_in(walk, letter["text"], "j")
    [file] = [one for one in letter["attachments"] if one["name"].endswith(".ics")]
    [event] = readers.understood(file["text"])["events"]
    assert f"{walk.starts[1] - walk.starts[1].utcoffset():%Y-%m-%dT%H:%M}" in event["starts_at"]
    assert len(at_zoom(walk, walk.starts[1])) == 1
    assert at_zoom(walk, walk.starts[0]) == []

    page = walk.person("baba")
    page.goto(walk.offer_url)
    expect(page.locator("#dates li").nth(1)).to_contain_text(walk.t("確定", "Chosen"))
    for number in (0, 2):
        expect(page.locator("#dates li").nth(number)).to_contain_text(walk.t("解放済み", "No longer held"))


def test_the_agency_chooses_for_the_other(walk: Walk) -> None:
    agency = walk.visitor("agency")
    agency.goto(walk.agency_url)
    agency.locator("section", has_text=name_of(walk, walk.second)).get_by_role(
        "button", name=walk.t("日程を選ぶ", "Choose a date for the applicant")
    ).click()
    start = at(walk, 9, 11)
    agency.get_by_label(re.compile("11:00[〜–]")).check()
    agency.get_by_role("button", name=walk.t("確認へ進む", "Continue to check")).click()
    agency.get_by_role("button", name=walk.t("この日時で確定", "Confirm this date")).click()
    expect(agency.locator("main")).to_contain_text(dates.day(start.date(), language=walk.language))

    agency.goto(walk.agency_url)
    section = agency.locator("section", has_text=name_of(walk, walk.second))
    expect(section).to_contain_text(walk.t("確定", "Confirmed"))
    wait_until = datetime.now(story.JAPAN) + timedelta(seconds=60)
    while not at_zoom(walk, start) and datetime.now(story.JAPAN) < wait_until:
        agency.wait_for_timeout(300)
    assert len(at_zoom(walk, start)) == 1


def test_the_agency_is_told(walk: Walk) -> None:
    # Among the letters about others: the one that names this very time.
    when = dates.short(walk.wish, language=walk.language, zone=story.JAPAN)
    letter = walk.running.letter(walk.contact_email, when)
    assert walk.t("日程が確定しました", "confirmed") in letter["text"] + letter["subject"]
    assert len(at_zoom(walk, walk.wish)) == 1


@once_in_each_language
def test_these_pages_pass_the_gate(walk: Walk, request: pytest.FixtureRequest) -> None:
    gate: Gate = request.getfixturevalue("gate")
    name = gate.name
    page, agency = walk.person("baba"), walk.visitor("agency")
    for what, one, address in (
        ("offer", page, walk.offer_url),
        ("form", page, walk.form_url),
        ("proposals", page, f"{walk.running.url}/booking/proposals/"),
        ("agency", agency, walk.agency_url),
    ):
        gate.name = f"{name}-{what}"
        one.goto(address)
        gate(one)


def name_of(walk: Walk, person: people.Person) -> str:
    return walk.t(f"{person.family} {person.given}", person.romaji)
