"""Several dates for one applicant, agencies' own pages, letters written by hand, and what people decide about
differences at Zoom: through the pages, as the rest (people.py)."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils import timezone

from chaos.browser import Page
from chaos.history import Step
from chaos.journal import CONFIRMED, REFUSED
from chaos.pressing import JAPAN, RECRUITERS, Presser, choose, host, settled, standing
from mensetsu.booking import agency_links
from mensetsu.booking import links as booking_links
from mensetsu.booking.agency_models import AgencyLink, Proposal, ProposedDate
from mensetsu.booking.models import Invitation, Kind, Slot
from mensetsu.zoom.models import Difference

DATES = 3
OWN_WORDS = {
    "subject": "ご連絡",
    "body": "{{応募者氏名}} 様\n\n{{面接日時}}に、どうぞよろしくお願いいたします。\n",
}


class Offers(Presser):
    # --- several dates for one applicant ---------------------------------------------------------------------------

    def offer(self, step: Step) -> None:
        """候補日時 for a new interview, or (one in three) for one that is to be moved."""
        who, which, when, hour, number, how = step.numbers
        browser, values = self.browser(RECRUITERS[who % 3], how), self._dates(when, hour)
        interview = choose(standing(), which) if how % 3 == 0 else None
        if interview is not None:
            page = browser.get(f"/interviews/{interview.pk}/dates/")
        else:
            applicant = self.facts["applicants"][which % len(self.facts["applicants"])]
            page = browser.get(f"/candidates/{applicant}/dates/")
            people = self.facts["interviewers"]
            values |= {
                "minutes": ("60", "45")[how % 2], "stage": self.facts["stage"], "way": "web", "service": "zoom",
                "interviewers": [people[how % len(people)]], "host": host(number),
            }  # fmt: skip
        form = page.form("answer_on")
        if form is None:
            return
        with self.journal.press("offer") as promise:
            answer = browser.submit(page, form, values)
            found = re.search(r"/booking/offers/(\d+)/", answer.location)
            promise.invitation = int(found[1]) if found else None
            # An interview that was canceled since the page was opened leads to its own page, which says so.
            promise.outcome = CONFIRMED if answer.status == 303 and found else REFUSED

    def fix_offer(self, step: Step) -> None:
        """The applicant said it on the telephone: a recruiter fixes one of the dates, or takes the offer back."""
        invitation = choose(self._offers(), step.numbers[1])
        if invitation is None:
            return
        browser = self.browser(RECRUITERS[step.numbers[0] % 3], step.numbers[5])
        page = browser.get(f"/booking/offers/{invitation.pk}/")
        action = f"/booking/offers/{invitation.pk}/"
        if step.numbers[3] % 4 == 0:
            with self.journal.press("withdraw_offer") as promise:
                settled(promise, browser.post(action + "withdrawal/", {}))
            return
        form = page.form("slot")
        slot = choose([one["value"] for one in form.find_all("button", {"name": "slot"})] if form else [], 0)
        if form is None or slot is None:
            return
        starts_at = Slot.objects.values_list("starts_at", flat=True).get(pk=slot).astimezone(JAPAN)
        facts = {"invitation": invitation.pk, "starts_at": starts_at.isoformat()}
        with self.journal.press("fix_offer", interview=invitation.interview_id, **facts) as promise:
            _led_to_interview(promise, browser.submit(page, form, {"slot": slot}))

    def _offers(self) -> list[Invitation]:
        waiting = Invitation.objects.filter(page__kind=Kind.OFFER, chosen_at=None, closed_at=None)
        return list(waiting.order_by("pk"))

    def _dates(self, when: int, hour: int) -> dict[str, Any]:
        until = (timezone.now() + timedelta(days=1)).astimezone(JAPAN)
        values = {"answer_on": f"{until:%Y-%m-%d}", "answer_at": "17:00"}
        for number in range(1, DATES + 1):
            starts_at = self.moment(when + number, hour + number)
            values |= {f"date_{number}": f"{starts_at:%Y-%m-%d}", f"start_{number}": f"{starts_at:%H:%M}"}
        return values

    # --- agencies --------------------------------------------------------------------------------------------------

    def agency_choose(self, step: Step) -> None:
        """Somebody at an agency chooses one of the dates for their applicant."""
        browser, path = self.anybody(step.numbers[5]), self._door(step)
        forms = _targets(browser.get(path), "choice/") if path else []
        action = choose(forms, step.numbers[1])
        if action is None:
            return
        away = urlsplit(browser.post(action, {}).location).path
        link = booking_links.find(away.removeprefix("/b/").rstrip("/")) if away.startswith("/b/") else None
        if link is not None:
            self.choose_date(browser, away, link.invitation, step.numbers[2])

    def agency_propose(self, step: Step) -> None:
        """Dates that would suit, when none of ours does; nothing is set by them."""
        browser, path = self.anybody(step.numbers[5]), self._door(step)
        if not path:
            return
        address = choose(re.findall(rf"{path}\d+/dates/", browser.get(path).text), step.numbers[1])
        page = browser.get(address) if address else None
        form = page.form("date_1") if page else None
        if page is None or form is None:
            return
        dates = {
            k: v for k, v in self._dates(*step.numbers[2:4]).items() if k.startswith(("date_", "start_"))
        }
        with self.journal.press("agency_propose") as promise:
            answer = browser.submit(page, form, dates)
            settled(promise, answer)
            sent = parse_qs(urlsplit(answer.location).query).get("sent", [""])[0]
            promise.proposal = int(sent) if sent.isdecimal() else None

    def answer_proposal(self, step: Step) -> None:
        """A recruiter fixes one of the proposed dates, or says that none fits."""
        proposal = choose(list(Proposal.objects.filter(settled_at=None).order_by("pk")), step.numbers[1])
        if proposal is None:
            return
        browser = self.browser(RECRUITERS[step.numbers[0] % 3], step.numbers[5])
        page = browser.get(f"/booking/proposals/{proposal.pk}/")
        if step.numbers[3] % 4 == 0:
            with self.journal.press("decline_proposal") as promise:
                settled(
                    promise, browser.post(page.path, {"act": "decline", "message": "別の日でお願いします"})
                )
            return
        form = page.form("date")
        button = form.find("button", {"name": "date"}) if form else None
        if form is None or button is None:
            return
        starts_at = ProposedDate.objects.values_list("starts_at", flat=True).get(pk=button["value"])
        facts = {"starts_at": starts_at.astimezone(JAPAN).isoformat()}
        with self.journal.press("confirm_proposal", interview=proposal.interview_id, **facts) as promise:
            _led_to_interview(promise, browser.submit(page, form, {"date": button["value"]}))

    def _door(self, step: Step) -> str:
        link = choose(list(AgencyLink.objects.filter(revoked_at=None).order_by("pk")), step.numbers[0])
        return f"/a/{agency_links.token(link)}/" if link is not None else ""

    def choose_date(
        self, browser: Any, path: str, invitation: Invitation, number: int, where: str = ""
    ) -> None:
        raise NotImplementedError

    # --- letters by hand, and differences at Zoom ------------------------------------------------------------------

    def write(self, step: Step) -> None:
        """A letter to the applicant, in own words or as the page proposes it; looked at, confirmed, sent."""
        interview = choose(standing(), step.numbers[1])
        if interview is None:
            return
        browser = self.browser(RECRUITERS[step.numbers[0] % 3], step.numbers[5])
        query, own = ("", OWN_WORDS) if step.numbers[2] % 2 else ("?purpose=confirmation", {})
        page = browser.get(f"/interviews/{interview.pk}/mails/new/{query}")
        form = page.form("body")
        if form is None:
            return
        with self.journal.press("write") as promise:
            answer = browser.submit(page, form, own)
            if (confirming := answer.form("confirmed")) is not None:
                answer = browser.submit(answer, confirming, {})
            settled(promise, answer)
            numbers = parse_qs(urlsplit(answer.location).query).get("mails", [""])[0]
            promise.mails = [int(one) for one in numbers.split(",") if one]

    def decide(self, step: Step) -> None:
        """「Zoomを元に戻す」「無視」「もう一度発行」 for something that Zoom has otherwise."""
        found = choose(list(Difference.objects.open().order_by("pk")), step.numbers[1])
        interview = getattr(found.meeting, "interview", None) if found is not None else None
        if interview is None:
            return
        browser = self.browser(RECRUITERS[step.numbers[0] % 3], step.numbers[5])
        address = f"/interviews/differences/{found.pk}/"
        page = browser.get(f"/interviews/{interview.pk}/")
        form = page.form_to(address)
        acts = [one["value"] for one in form.find_all("button", {"name": "act"})] if form else []
        # Taking over is a change of the interview itself, whose time nobody chose here.
        act = choose([one for one in acts if one != "adopt"], step.numbers[2])
        if form is not None and act is not None:
            with self.journal.press(f"decide {act}", interview=None) as promise:
                settled(promise, browser.submit(page, form, {"act": act}))


def _led_to_interview(promise: Any, answer: Page) -> None:
    """A refusal leads back to where the press was; what was done leads to the interview."""
    found = re.search(r"/interviews/(\d+)/", answer.location)
    promise.outcome = CONFIRMED if answer.status == 303 and found else REFUSED
    if found:
        promise.interview = int(found[1])


def _targets(page: Page, ending: str) -> list[str]:
    return re.findall(rf'action="([^"?]+{ending})', page.text)
