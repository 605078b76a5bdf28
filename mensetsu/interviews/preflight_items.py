"""What a pre-flight check looks at, from our own rows: the meeting, the people, and what they hold in their hands.

Reads only and asks nobody; the causes are codes that `preflight_words` puts into sentences."""

import re
from collections.abc import Iterator
from datetime import datetime

import icalendar
from django.conf import settings

from mensetsu.interviews import join_links, ledger
from mensetsu.interviews.models import Interview
from mensetsu.mail import models as mail
from mensetsu.zoom import fitness

# In reading order; those of the Zoom meeting only where there is one.
PEOPLE = ("panel", "told", "links")
# Zoom's own addresses have /j/ too, with a number behind it.
JOIN_PAGE = re.compile(r"https?://[^\s<>\"]+/j/([A-Za-z0-9]{42})/")


def read(interview: Interview, *, now: datetime) -> dict[str, str]:
    """For each thing that applies to this interview the cause of its trouble, "" when it is as it should be."""
    found: dict[str, str] = {}
    if interview.uses_zoom:
        meeting = interview.meeting or interview.next_meeting
        found |= fitness.read(meeting, now=now) if meeting is not None else {"meeting": "not_issued"}
    return found | of_people(interview)


def of_people(interview: Interview) -> dict[str, str]:
    """What needs no look at the meeting's rows; with prefetched facts it needs no query but one for join pages."""
    return {"panel": of_panel(interview), "told": of_telling(interview), "links": of_links(interview)}


def of_panel(interview: Interview) -> str:
    """Somebody interviews who can log in."""
    rows = interview.interviewers.all()
    return "" if any(row.user.is_active for row in rows) else "nobody"


def of_telling(interview: Interview) -> str:
    """Was the applicant told, or the agency for them, and the right time and way?"""
    outside = [one for one in ledger.read(interview) if one.mail.receiver in ledger.OUTSIDE]
    if not outside:
        return "" if interview.confirmation_waived_at else "untold"
    return "" if all(one.knows_time and one.knows_way for one in outside) else "old_facts"


def of_links(interview: Interview) -> str:
    """The link in the letters is where people enter now, and so is what their calendar files open."""
    told = ledger.read(interview)
    # Without any link there is one trouble, not two.
    if interview.is_online and interview.join_url and any(not one.knows_url for one in told):
        return "old_link"
    notices = [one for one in interview.notices.all() if _has_reached_somebody_outside(one.mail)]
    pages = {page.group(): page.group(1) for one in notices for page in _pages(one.mail)}
    if interview.is_online and notices and not pages and not any(one.told_join_url for one in notices):
        return "no_link"
    return "" if all(_leads_here(interview, *page) for page in pages.items()) else "dead_page"


def _has_reached_somebody_outside(letter: mail.Mail) -> bool:
    return letter.receiver in ledger.OUTSIDE and letter.state in ("sent", "queued")


def _pages(letter: mail.Mail) -> Iterator[re.Match[str]]:
    """Every address of a join page in this letter and in the calendar file that went with it."""
    yield from JOIN_PAGE.finditer(letter.body)
    for attached in letter.attachments:
        if attached.get("type", "").startswith("text/calendar"):
            for event in icalendar.Calendar.from_ical(attached["text"]).walk("VEVENT"):
                yield from JOIN_PAGE.finditer(str(event.get("url", "")))


def _leads_here(interview: Interview, address: str, token: str) -> bool:
    """At this installation's present address, opened by its present secret, to this very interview."""
    link = join_links.find(token) if address.startswith(settings.BASE_URL + "/") else None
    return link is not None and link.interview_id == interview.pk
