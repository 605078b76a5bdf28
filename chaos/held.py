"""What people hold when all is calm: every link of every letter that left is opened, and leads to where it should.

A join page shows the meeting of today. A raw Zoom address in somebody's last letter is that of the meeting, or the
home page says that this person was told something that is no longer true."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from chaos.browser import Page
from chaos.invariants import Truth
from chaos.letters import ADDRESS, truth_zoom
from chaos.world import HOST
from mensetsu.accounts.models import User
from mensetsu.interviews import attention
from mensetsu.interviews.models import Interview
from mensetsu.mail.models import Mail, Receiver

Open = Callable[[str], Page]
OUTSIDE = (Receiver.CANDIDATE, Receiver.AGENCY)
PUBLIC = ("/j/", "/b/", "/a/")


def check(truth: Truth, reader: User, open_page: Open) -> list[str]:
    """`reader` is whose home page is looked at; `open_page` opens a path of ours as whoever got the letter would."""
    pages = _open_all(truth, open_page)
    lines = attention.read(reader, now=timezone.now())
    coming = list(Interview.objects.upcoming(truth.now).filter(service="zoom").with_facts())
    said = {line.interview for line in lines} | _of_lost_hosts(lines, coming)
    problems = dead_links(pages)
    for interview in coming:
        mails = _letters_about(interview)
        problems += join_pages_lead_on(interview, truth, mails, pages)
        problems += raw_addresses_hold(interview, truth, mails, said)
    return problems


def _of_lost_hosts(lines: Iterable[Any], coming: Iterable[Interview]) -> set[Interview | None]:
    """One line of the home page is about an account and names how many interviews hang on it."""
    lost = {line.facts["host"].pk for line in lines if line.kind == "host_lost"}
    return {one for one in coming if one.meeting is not None and one.meeting.connection_id in lost}


def _open_all(truth: Truth, open_page: Open) -> dict[str, Page]:
    """Each address once, by its path. Where we run now is where the letters of this world lead."""
    paths = {
        _path(address)
        for letter in truth.letters
        for address in ADDRESS.findall(letter["text"])
        if not address.startswith(truth_zoom(truth)) and urlsplit(address).hostname == HOST
    }
    return {path: open_page(path) for path in sorted(paths)}


def _path(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def dead_links(pages: dict[str, Page]) -> list[str]:
    return [
        f"a letter carries {path[:8]}…, which answers {page.status}"
        for path, page in pages.items()
        if page.status != 200
    ]


def _letters_about(interview: Interview) -> list[Mail]:
    """Those that left, to people outside, oldest first."""
    sent = Mail.objects.filter(notice__interview=interview, receiver__in=OUTSIDE).exclude(sent_at=None)
    return list(sent.select_related("notice").order_by("handed_at", "pk"))


def join_pages_lead_on(
    interview: Interview, truth: Truth, mails: Iterable[Mail], pages: dict[str, Page]
) -> list[str]:
    """The page that somebody was sent shows the meeting as it is now."""
    if interview.url_state != "issued" or interview.meeting is None:
        return []
    problems = []
    for mail in mails:
        for address in ADDRESS.findall(_text(mail, truth)):
            path = _path(address)
            if path.startswith("/j/") and path in pages and interview.meeting.zoom_id not in pages[path].text:
                problems.append(
                    f"mail {mail.pk}: its join page does not show meeting {interview.meeting.zoom_id}"
                )
    return problems


def raw_addresses_hold(
    interview: Interview, truth: Truth, mails: Iterable[Mail], said: set[Interview | None]
) -> list[str]:
    """`said`: interviews that a line of the home page is about."""
    last: dict[str, tuple[Mail, str]] = {}
    for mail in mails:
        for address in ADDRESS.findall(_text(mail, truth)):
            if address.startswith(truth_zoom(truth)):
                last[mail.to_email] = (mail, urlsplit(address).path.rsplit("/", 1)[-1])
    now = (
        interview.meeting.zoom_id if interview.meeting is not None and interview.url_state == "issued" else ""
    )
    return [
        f"mail {mail.pk} to {to} is the last with a Zoom address, {number}; now it is {now or interview.url_state};"
        " nobody is told"
        for to, (mail, number) in last.items()
        if number != now and interview not in said
    ]


def _text(mail: Mail, truth: Truth) -> str:
    """As it arrived."""
    arrived: dict[str, list[str]] = defaultdict(list)
    for letter in truth.letters:
        arrived[letter["message_id"]].append(letter["text"])
    return "".join(arrived[mail.message_id])


def as_reader(staff: Any, anybody: Any, wait: Callable[[], None]) -> Open:
    """Pages behind a token without a login, all others as one of the staff. Who asks too often waits a minute."""

    def open_page(path: str) -> Page:
        browser = anybody if path.startswith(PUBLIC) else staff
        page: Page = browser.get(path)
        if page.status == 429:
            wait()
            page = browser.get(path)
        return page

    return open_page
