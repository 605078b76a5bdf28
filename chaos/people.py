"""What people do, through the pages, as their browsers would. Each press is written in the journal with its answer."""

import re
from collections.abc import Callable, MutableSequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils import timezone

from chaos import preparing, pressing
from chaos.browser import Browser
from chaos.history import Step
from chaos.journal import CONFIRMED, REFUSED, Journal
from chaos.offers import Offers
from chaos.pressing import JAPAN, RECRUITERS, choose, links, settled, standing
from chaos.world import World
from mensetsu.booking import links as booking_links
from mensetsu.booking.models import Invitation, Slot

# Who may bring which Zoom accounts; some are wanted by two people.
ACCOUNTS = ("recruit@sample.example.jp", "recruit2@sample.example.jp", "hanako@sample.example.jp",
            "kenji@sample.example.jp", "yuki@sample.example.jp")  # fmt: skip
PASSED_ON = ("client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method")


class Crowd(Offers):
    """Everybody who presses something, with a browser each."""

    def __init__(
        self,
        world: World,
        facts: dict[str, Any],
        journal: Journal,
        seen: MutableSequence[str] | None = None,
    ) -> None:
        self.world, self.facts, self.journal = world, facts, journal
        self.seen: MutableSequence[str] = [] if seen is None else seen  # every page that anybody got
        self.start_links: list[str] = []
        self._browsers: dict[tuple[str, str], Browser] = {}
        self._deeds: dict[str, Callable[[Step], None]] = {
            "set": self.set_interview, "move": self.move, "rehost": self.rehost, "cancel": self.cancel,
            "invite": self.invite, "book": self.book, "change_booking": self.change_booking,
            "cancel_booking": self.cancel_booking, "link": self.link, "unlink": self.unlink, "start": self.start,
            "retry": self.retry, "rehost_all": self.rehost_all,
            "offer": self.offer, "fix_offer": self.fix_offer, "agency_choose": self.agency_choose,
            "agency_propose": self.agency_propose, "answer_proposal": self.answer_proposal, "write": self.write,
            "decide": self.decide, "restage": self.restage,
        }  # fmt: skip

    def do(self, step: Step) -> None:
        """One press. Nothing happens where there is nothing to press; NoAnswer and Broken come through."""
        self._deeds[step.what](step)

    def browser(self, who: str, number: int) -> Browser:
        """Logged in, at one of the doors."""
        door = self.world.doors[number % len(self.world.doors)]
        key = (who, door)
        if key not in self._browsers:
            self._browsers[key] = Browser(door, self.seen, self.world.trusted)
        browser = self._browsers[key]
        if "sessionid" not in browser.session.cookies:
            self._log_in(browser, who)
        return browser

    def anybody(self, number: int) -> Browser:
        """An applicant's phone: no login."""
        return Browser(self.world.doors[number % len(self.world.doors)], self.seen, self.world.trusted)

    def _log_in(self, browser: Browser, who: str) -> None:
        page = browser.get("/")
        form = page.form("password")
        if form is not None:
            name = f"{who}@sample.example.jp"
            browser.submit(page, form, {"login": name, "password": preparing.PASSWORD})

    # --- recruiters ------------------------------------------------------------------------------------------------

    def set_interview(self, step: Step) -> None:
        who, whom, when, hour, host, how = step.numbers
        browser = self.browser(RECRUITERS[who % 3], how)
        applicant = self.facts["applicants"][whom % len(self.facts["applicants"])]
        starts_at = self.moment(when, hour)
        page = browser.get(f"/candidates/{applicant}/interviews/new/")
        form = page.form("form_key")
        if form is None:
            return
        people = self.facts["interviewers"]
        values = {
            "date": f"{starts_at:%Y-%m-%d}", "start": f"{starts_at:%H:%M}", "minutes": ("60", "45", "30")[how % 3],
            "stage": self.facts["stage"], "interviewers": [people[how % len(people)]], "way": "web",
            "service": "zoom", "host": pressing.host(host), "tells": "self" if how % 5 == 0 else "auto",
        }  # fmt: skip
        with self.journal.press("set", starts_at=starts_at.isoformat()) as promise:
            answer = browser.submit(page, form, values)
            settled(promise, answer)
            promise.interview = _number(answer.location)

    def move(self, step: Step) -> None:
        self._change(step, "move")

    def rehost(self, step: Step) -> None:
        self._change(step, "rehost")

    def restage(self, step: Step) -> None:
        """Another stage, and with it another topic: nothing of the time is meant."""
        self._change(step, "restage")

    def _change(self, step: Step, what: str) -> None:
        who, which, when, hour, host, how = step.numbers
        interview = choose(standing(), which)
        if interview is None:
            return
        browser = self.browser(RECRUITERS[who % 3], how)
        page = browser.get(f"/interviews/{interview.pk}/change/")
        form = page.form("version")
        if form is None:
            return
        values: dict[str, Any] = {"host": pressing.host(host)}
        moved = ""
        if what == "move":
            starts_at = self.moment(when, hour)
            values = {"date": f"{starts_at:%Y-%m-%d}", "start": f"{starts_at:%H:%M}"}
            moved = starts_at.isoformat()
        elif what == "restage":
            others = form.select("select[name=stage] option:not([selected]):not([value=''])")
            values = {"stage": choose([one["value"] for one in others], when)}
        with self.journal.press(what, interview=interview.pk, starts_at=moved) as promise:
            settled(promise, browser.submit(page, form, values))

    def cancel(self, step: Step) -> None:
        interview = choose(standing(), step.numbers[1])
        if interview is None:
            return
        browser = self.browser(RECRUITERS[step.numbers[0] % 3], step.numbers[5])
        page = browser.get(f"/interviews/{interview.pk}/cancellation/")
        form = page.form("version")
        if form is not None:
            with self.journal.press("cancel", interview=interview.pk) as promise:
                settled(promise, browser.submit(page, form, {"reason": "都合により"}))

    def retry(self, step: Step) -> None:
        """「もう一度発行」, where a page offers it or not."""
        interview = choose(standing(), step.numbers[1])
        if interview is not None:
            browser = self.browser(RECRUITERS[step.numbers[0] % 3], step.numbers[5])
            with self.journal.press("retry") as promise:
                settled(promise, browser.post(f"/interviews/{interview.pk}/url/retry/", {}))

    def rehost_all(self, step: Step) -> None:
        connection = choose(links(), step.numbers[1])
        if connection is None:
            return
        browser = self.browser("aoki", step.numbers[5])
        page = browser.get(f"/interviews/hosts/{connection.pk}/")
        form = page.form("interview")
        if form is not None:
            with self.journal.press("rehost_all") as promise:
                settled(promise, browser.submit(page, form, {"host": "auto"}))

    def start(self, step: Step) -> None:
        """「WEB面接開始」, and into the room with the link that came."""
        interview = choose(standing(), step.numbers[1])
        if interview is None:
            return
        browser = self.browser(RECRUITERS[step.numbers[0] % 3], step.numbers[5])
        with self.journal.press("start") as promise:
            answer = browser.post(f"/interviews/{interview.pk}/start/", {"anyway": "1"})
            promise.outcome = CONFIRMED if answer.status == 303 else REFUSED
            if "zak=" in answer.location:
                self.start_links.append(answer.location)

    # --- Zoom links ------------------------------------------------------------------------------------------------

    def link(self, step: Step) -> None:
        """「Zoomと連携する」, Zoom's consent, and back."""
        browser = self.browser(RECRUITERS[step.numbers[0] % 3], 0)
        account = ACCOUNTS[step.numbers[1] % len(ACCOUNTS)]
        with self.journal.press("link") as promise:
            leaving = browser.post(
                "/settings/zoom/authorization/", {"use": ("shared", "own")[step.numbers[2] % 2]}
            )
            query = {name: values[0] for name, values in parse_qs(urlsplit(leaving.location).query).items()}
            if "state" not in query:
                promise.outcome = REFUSED
                return
            answer = self.world.zoom(
                "authorize", {name: query[name] for name in PASSED_ON} | {"user": account}
            )
            page = browser.get(answer["location"])
            if (form := page.form("decision")) is not None:
                page = browser.submit(page, form, {"decision": "connect"})
            promise.outcome = CONFIRMED if account in page.text or page.status == 303 else REFUSED

    def unlink(self, step: Step) -> None:
        connection = choose(links(), step.numbers[1])
        if connection is None:
            return
        browser = self.browser("aoki", step.numbers[5])
        address = f"/settings/zoom/connections/{connection.pk}/end/"
        page = browser.get(address)
        form = page.form_to(address)
        if form is not None:
            with self.journal.press("unlink", connection=connection.pk) as promise:
                settled(promise, browser.submit(page, form, {}))

    # --- applicants ------------------------------------------------------------------------------------------------

    def invite(self, step: Step) -> None:
        browser = self.browser(RECRUITERS[step.numbers[0] % 3], step.numbers[5])
        page = browser.get(f"/booking/{self.facts['page']}/invitations/")
        form = page.form("candidate")
        if form is None:
            return
        applicants = self.facts["applicants"]
        chosen = {applicants[number % len(applicants)] for number in step.numbers[1:5]}
        until = (timezone.now() + timedelta(days=2)).astimezone(JAPAN)
        with self.journal.press("invite") as promise:
            settled(
                promise,
                browser.submit(page, form, {"candidate": sorted(chosen), "date": f"{until:%Y-%m-%d}"}),
            )

    def book(self, step: Step) -> None:
        self._answer(step, Invitation.objects.filter(chosen_at=None, closed_at=None), "")

    def change_booking(self, step: Step) -> None:
        self._answer(step, Invitation.objects.exclude(chosen_at=None), "change/")

    def _answer(self, step: Step, invitations: Any, where: str) -> None:
        invitation = choose(list(invitations.order_by("pk")), step.numbers[1])
        link = invitation.links.first() if invitation is not None else None
        if link is not None:
            path = f"/b/{booking_links.token(link)}/{where}"
            self.choose_date(self.anybody(step.numbers[5]), path, invitation, step.numbers[2], where)

    def choose_date(
        self, browser: Browser, path: str, invitation: Invitation, number: int, where: str = ""
    ) -> None:
        """The list, the check page, 「この日程で確定する」."""
        page = browser.get(path)
        form = page.form("slot")
        offered = [] if form is None else [one["value"] for one in form.find_all("input", {"name": "slot"})]
        slot = choose([one for one in offered if one.isdecimal()], number)
        if form is None or slot is None:
            return
        check = browser.submit(page, form, {"slot": slot, "check": "1"})
        form = check.form("confirm")
        if form is None:
            return
        starts_at = Slot.objects.values_list("starts_at", flat=True).get(pk=slot)
        what = "change_booking" if where else "book"
        facts = {"invitation": invitation.pk, "starts_at": starts_at.astimezone(JAPAN).isoformat()}
        with self.journal.press(what, interview=invitation.interview_id, **facts) as promise:
            settled(promise, browser.submit(check, form, {"confirm": "1"}))
            if promise.outcome == CONFIRMED and not where:
                invitation.refresh_from_db()
                promise.interview = invitation.interview_id

    def cancel_booking(self, step: Step) -> None:
        invitation = choose(list(Invitation.objects.exclude(interview=None).order_by("pk")), step.numbers[1])
        link = invitation.links.first() if invitation is not None else None
        if invitation is None or link is None:
            return
        browser, path = self.anybody(step.numbers[5]), f"/b/{booking_links.token(link)}/cancellation/"
        page = browser.get(path)
        form = page.form("reason")
        if form is not None:
            with self.journal.press("cancel_booking", interview=invitation.interview_id) as promise:
                settled(promise, browser.submit(page, form, {}))


def _number(location: str) -> int | None:
    found = re.search(r"/interviews/(\d+)/", location)
    return int(found[1]) if found else None
