"""Several people in browsers of their own, walking through the demo in one language on one kind of screen.

Pages are found by the words that stand there, and days by the product's own rules: a walk goes well at any hour of any
day of the year."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from playwright.sync_api import Browser, Page, expect

from demo import meeting_people, people
from tests.demo.running import Running

PASSWORD = "mensetsu-demo"
SCREENS = {"desktop": {"width": 1280, "height": 900}, "telephone": {"width": 390, "height": 844}}
# Who reads what on which screen.
CROSSINGS = {
    "japanese-desktop": ("ja", "desktop"),
    "english-telephone": ("en", "telephone"),
    "japanese-telephone": ("ja", "telephone"),
    "english-desktop": ("en", "desktop"),
}


def once_in_each_language(step: Callable[[Any], None]) -> Callable[[Any], None]:
    """A step that is the same on every screen: Japanese on a desktop and English on a telephone are enough."""
    step.crossings = tuple(CROSSINGS)[:2]  # type: ignore[attr-defined]
    return step


class Walk:
    """One story in one demo; its steps are tests in the order of the file and stand on what went before."""

    def __init__(self, crossing: str, running: Running, browser: Browser) -> None:
        self.language, self.screen = CROSSINGS[crossing]
        self.running, self.browser = running, browser
        self.pages: dict[str, Page] = {}
        # A Japanese applicant who is told in Japanese, and one who reads English.
        self.applicant = people.applicants()[29 if self.language == "ja" else 3]
        self.day = self.working_day(7)
        self.interview_url = ""
        self.broken_by = ""

    def t(self, japanese: str, english: str) -> str:
        return japanese if self.language == "ja" else english

    def visitor(self, name: str) -> Page:
        """A browser without a login, on this walk's kind of screen."""
        if name not in self.pages:
            context = self.browser.new_context(
                viewport=SCREENS[self.screen],
                locale="ja-JP" if self.language == "ja" else "en-US",
                timezone_id="Asia/Tokyo",
                reduced_motion="reduce",
            )
            context.set_default_timeout(30_000)
            self.pages[name] = context.new_page()
        return self.pages[name]

    def person(self, name: str) -> Page:
        """That colleague, logged in through the login page, reading this walk's language."""
        page = self.visitor(name)
        if page.url != "about:blank":
            return page
        self.log_in(page, f"{name}@sample.example.jp")
        wanted = page.get_by_role("button", name=self.t("日本語", "English"), exact=True)
        if wanted.count():
            wanted.first.click()
        expect(page.locator("html")).to_have_attribute("lang", self.language)
        return page

    def log_in(self, page: Page, email: str) -> None:
        page.goto(self.running.url)
        page.locator("input[name=login]").fill(email)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("input[name=password]").press("Enter")
        expect(page.locator(".hdr__user, header details").first).to_be_visible()

    def open_zoom_settings(self, page: Page) -> None:
        """W1: the name at the top right opens a menu with 「Zoom連携設定」."""
        page.locator("header details summary").click()
        page.locator("header details").get_by_role(
            "link", name=self.t("Zoom連携設定", "Zoom connection")
        ).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(self.t("Zoom連携設定", "Zoom connection"))

    def authorize_at_zoom(self, page: Page, zoom_user: str) -> None:
        """Sign in at Zoom, tick the shared-access box, press Authorize."""
        self.sign_in_at_zoom(page, zoom_user)
        page.get_by_label(re.compile("Allow this app to use|共有アクセス権限の使用を許可")).check()
        page.get_by_role("button", name=re.compile("^(Authorize|許可)$")).click()

    def sign_in_at_zoom(self, page: Page, zoom_user: str) -> None:
        page.get_by_role("button", name=zoom_user).click()

    def working_day(self, number: int) -> date:
        """Counted from the day on which the story was told; from the seventh on it has set nothing."""
        return meeting_people.working_day(self.running.told_on, number)
