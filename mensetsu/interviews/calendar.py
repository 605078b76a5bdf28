"""The interview as an .ics file: one UID for life, and a SEQUENCE that grows with every change that is sent, so that a
calendar moves the entry instead of adding a second one (RFC 5545, RFC 5546).

What travels with a mail is an invitation or its cancellation (METHOD REQUEST or CANCEL) and names one guest, the
reader. What is downloaded from a page is a copy (PUBLISH) without guests. Both carry the join page, never Zoom's own
addresses or the passcode: files are forwarded, and the join page stays right when the host changes."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from django.conf import settings
from django.db.models import F, Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mensetsu.accounts import models as accounts
from mensetsu.interviews import ical_lines, join_links, vtimezone
from mensetsu.interviews.models import Interview, JoinLink, Way
from mensetsu.mail.groups import RELEASE
from mensetsu.mail.models import Purpose, Receiver
from mensetsu.web import moments

FILE_NAME = "invite.ics"
PUBLISH, REQUEST, CANCEL = "PUBLISH", "REQUEST", "CANCEL"
CONTENT_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"
# Letters after which calendars hold something else than before, whoever reads them.
_CHANGES = frozenset({Purpose.CHANGE, Purpose.WAY_CHANGE, Purpose.CANCELLATION, Purpose.RECEIPT})
_PRODUCT = "-//Mensetsu//Interviews//EN"
_NAMESPACE = uuid.UUID("6c0f6d6e-8a35-4d5f-9b1e-6d656e736574")


@dataclass(frozen=True)
class Guest:
    """The one person a file invites: the reader. Nobody else's address is ever in it."""

    name: str
    email: str


def uid(interview: Interview) -> str:
    """The same for everyone and for ever, whatever changes; also when the product moves to another address."""
    return f"{uuid.uuid5(_NAMESPACE, f'{interview.pk} {interview.created_at.isoformat()}')}@mensetsu"


def advance(interview: Interview, *, purpose: str, is_release: bool = False) -> None:
    """Call it before letters of that purpose are written: does what calendars hold change by them?

    Changes, cancellations and releases count, and so does a confirmation when somebody was told another time before,
    or that they are no longer needed. Letters to two people may count twice, which harms nothing."""
    if (
        is_release
        or purpose in _CHANGES
        or (purpose == Purpose.CONFIRMATION and _was_told_otherwise(interview))
    ):
        Interview.objects.filter(pk=interview.pk).update(calendar_sequence=F("calendar_sequence") + 1)
        interview.refresh_from_db(fields=["calendar_sequence"])


def _was_told_otherwise(interview: Interview) -> bool:
    now = {"told_starts_at": interview.starts_at, "told_minutes": interview.minutes}
    otherwise = ~Q(**now) | Q(mail__purpose=RELEASE, mail__receiver=Receiver.INTERVIEWER)
    return interview.notices.filter(otherwise).exists()


def attachment(
    interview: Interview,
    *,
    link: JoinLink | None,
    language: str,
    now: datetime,
    guest: Guest | None = None,
    is_released: bool = False,
) -> dict[str, str]:
    """The file as a mail carries it (`Mail.attachments`); without a link it is the one for staff.

    `guest` is the reader; left out, whoever the link was made for. An interview that stands is an invitation; one
    that does not, or that this reader no longer holds (`is_released`), is taken out of the calendar."""
    method = REQUEST if interview.is_standing and not is_released else CANCEL
    if link is None:
        text = for_staff(interview, language=language, now=now, method=method, guest=guest)
    else:
        guest = guest or _guest_of(link)
        text = for_recipient(interview, link=link, language=language, now=now, method=method, guest=guest)
    return {"name": FILE_NAME, "type": f"text/calendar; charset=utf-8; method={method}", "text": text}


def for_recipient(
    interview: Interview,
    *,
    link: JoinLink,
    language: str,
    now: datetime,
    method: str = PUBLISH,
    guest: Guest | None = None,
) -> str:
    """The file for an applicant or an agency, in their language: leads to their own join page."""
    with translation.override(language):
        company = interview.organization
        summary = _("%(company)s: %(interview)s") % {
            "company": company.name_in(language),
            "interview": title(interview, language=language),
        }
        made = event(interview, summary=summary, page=join_links.address(link), now=now, is_for_guest=True)
        return _invitation(interview, made, method=method, language=language, guest=guest)


def for_staff(
    interview: Interview, *, language: str, now: datetime, method: str = PUBLISH, guest: Guest | None = None
) -> str:
    """The file for an interviewer or a recruiter: leads to the interview's page behind the login."""
    made = staff_event(interview, language=language, now=now, is_off=method == CANCEL)
    return _invitation(interview, made, method=method, language=language, guest=guest)


def staff_event(
    interview: Interview, *, language: str, now: datetime, is_off: bool = False
) -> icalendar.Event:
    """The entry as staff see it: the applicant's name and the page behind the login, no address and no telephone.

    `is_off`: the interview may stand, but not for this reader."""
    with translation.override(language):
        summary = _("Interview: %(name)s, %(interview)s") % {
            "name": interview.candidate.name_in(language),
            "interview": title(interview, language=language),
        }
        page = settings.BASE_URL + reverse("interviews:detail", args=[interview.pk])
        return event(interview, summary=summary, page=page, now=now, is_for_guest=False, is_off=is_off)


def title(interview: Interview, *, language: str) -> str:
    """一次面接（WEB） / First interview (online): the stage, or the plain word, with the way."""
    with translation.override(language):
        stage = interview.stage.name_in(language) if interview.stage else _("Interview")
        return _("%(stage)s (%(way)s)") % {"stage": stage, "way": way_word(interview.way)}


def way_word(way: str) -> str:
    """The way in one word, for titles, in the present language."""
    return {
        Way.WEB: pgettext("way in a title", "online"),
        Way.IN_PERSON: pgettext("way in a title", "in person"),
        Way.PHONE: pgettext("way in a title", "by phone"),
    }[Way(way)]


def event(
    interview: Interview,
    *,
    summary: str,
    page: str,
    now: datetime,
    is_for_guest: bool,
    is_off: bool = False,
) -> icalendar.Event:
    """One entry, in the present language. `now` is the moment at which the file says it was made; `is_off` says that
    it no longer concerns the reader, though the interview may stand."""
    is_on = interview.is_standing and not is_off
    zone = vtimezone.unmistakable(interview.organization.zone, interview.starts_at, interview.ends_at)
    made = icalendar.Event()
    made.add("uid", uid(interview))
    made.add("sequence", interview.calendar_sequence)
    made.add("dtstamp", now)
    made.add("created", interview.created_at)
    made.add("last-modified", interview.changed_at)
    made.add("dtstart", moments.local(interview.starts_at, zone))
    made.add("dtend", moments.local(interview.ends_at, zone))
    made.add("summary", summary)
    made.add("location", interview.place if interview.way == Way.IN_PERSON and interview.place else page)
    help_line = _help(interview.organization) if is_for_guest else ""
    made.add("description", "\n".join(line for line in (_what(interview, is_on), page, help_line) if line))
    made.add("url", page)
    made.add("status", "CONFIRMED" if is_on else "CANCELLED")
    made.add("transp", "OPAQUE" if is_on else "TRANSPARENT")
    return made


def file_of(
    events: Sequence[icalendar.Event], *, home: tuple[ZoneInfo, datetime] | None = None, **properties: Any
) -> str:
    """A calendar of those entries that defines every time zone it uses. `properties` stand above the entries; `home`,
    a zone and a moment, is what a calendar without entries defines, because one without any part is not valid."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for name, value in properties.items():
        calendar.add(name.replace("_", "-"), value)
    parts = []
    if events:
        first, last = min(one.start for one in events), max(one.end for one in events)
        for zone in sorted({one.start.tzinfo for one in events} - {UTC}, key=str):
            parts.append(vtimezone.text(zone, first, last))
    elif home is not None:
        parts.append(vtimezone.text(home[0], home[1], home[1]))
    parts += [ical_lines.text(one) for one in events]
    frame, end = ical_lines.text(calendar), f"END:VCALENDAR{ical_lines.END}"
    return "".join([frame.removesuffix(end), *parts, end])


def _invitation(
    interview: Interview, made: icalendar.Event, *, method: str, language: str, guest: Guest | None
) -> str:
    made.add("organizer", _organizer(interview.organization, language))
    if guest is not None and guest.email and method != PUBLISH:
        made.add("attendee", _attendee(guest))
    return file_of([made], method=method)


def _organizer(company: accounts.Organization, language: str) -> icalendar.vCalAddress:
    """The company, under the address its letters come from: programs trust an update from the same sender."""
    address = icalendar.vCalAddress(
        f"mailto:{company.mail_from or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"
    )
    address.params["CN"] = _parameter(company.name_in(language))
    return address


def _attendee(guest: Guest) -> icalendar.vCalAddress:
    address = icalendar.vCalAddress(f"mailto:{guest.email}")
    address.params["CN"] = _parameter(guest.name)
    address.params["CUTYPE"] = "INDIVIDUAL"
    address.params["ROLE"] = "REQ-PARTICIPANT"
    address.params["PARTSTAT"] = "NEEDS-ACTION"
    # The date is agreed already: nobody needs to answer the invitation.
    address.params["RSVP"] = "FALSE"
    return address


def _parameter(text: str) -> str:
    """A parameter's value holds neither quotes nor control characters (RFC 5545, 3.2). Nor do we let it hold what some
    programs take for the beginning of an escape: a backslash, and the circumflex of RFC 6868."""
    return " ".join("".join(sign for sign in text if sign.isprintable() and sign not in '"\\^').split())


def _guest_of(link: JoinLink) -> Guest:
    person = link.contact or link.interview.candidate
    return Guest(person.full_name, person.email)


def _what(interview: Interview, is_on: bool) -> str:
    if not interview.is_standing:
        return _("This interview was cancelled.")
    if not is_on:
        return _("You are no longer needed in this interview.")
    if interview.way == Way.WEB:
        return _("Join from this page:")
    if interview.way == Way.PHONE:
        return _("We will call you. Details:")
    return _("Details:")


def _help(company: accounts.Organization) -> str:
    if not company.contact_phone:
        return ""
    return _("Trouble on the day: %(phone)s (%(name)s)") % {
        "phone": company.contact_phone,
        "name": company.contact_name or _("recruiting team"),
    }
