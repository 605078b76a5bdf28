"""The interview as an .ics file: one UID for life, SEQUENCE counting its changes, so that a calendar moves the entry
instead of adding a second one (RFC 5545, RFC 5546 PUBLISH).

It carries the join page, never Zoom's own addresses or the passcode: files are forwarded, and the join page stays
right when the host changes."""

import uuid
from datetime import datetime

import icalendar
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mensetsu.accounts import models as accounts
from mensetsu.interviews import join_links
from mensetsu.interviews.models import Interview, JoinLink, Way

FILE_NAME = "invite.ics"
CONTENT_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"
_PRODUCT = "-//Mensetsu//Interviews//EN"
_NAMESPACE = uuid.UUID("6c0f6d6e-8a35-4d5f-9b1e-6d656e736574")


def uid(interview: Interview) -> str:
    """The same for everyone and for ever, whatever changes; also when the product moves to another address."""
    return f"{uuid.uuid5(_NAMESPACE, f'{interview.pk} {interview.created_at.isoformat()}')}@mensetsu"


def for_recipient(interview: Interview, *, link: JoinLink, language: str, now: datetime) -> str:
    """The file for an applicant or an agency, in their language: leads to their own join page."""
    with translation.override(language):
        company = interview.organization
        name = company.name_en if language != "ja" and company.name_en else company.name
        summary = _("%(company)s: %(interview)s") % {
            "company": name,
            "interview": title(interview, language=language),
        }
        return _file(
            interview, summary=summary, page=join_links.address(link), help_line=_help(company), now=now
        )


def for_staff(interview: Interview, *, language: str, now: datetime) -> str:
    """The file for an interviewer or a recruiter: leads to the interview's page behind the login."""
    page = settings.BASE_URL + reverse("interviews:detail", args=[interview.pk])
    with translation.override(language):
        summary = _("Interview: %(name)s, %(interview)s") % {
            "name": interview.candidate.name_in(language),
            "interview": title(interview, language=language),
        }
        return _file(interview, summary=summary, page=page, help_line="", now=now)


def attachment(
    interview: Interview, *, link: JoinLink | None, language: str, now: datetime
) -> dict[str, str]:
    """The file as a mail carries it (`Mail.attachments`); without a link it is the one for staff."""
    if link is None:
        text = for_staff(interview, language=language, now=now)
    else:
        text = for_recipient(interview, link=link, language=language, now=now)
    return {"name": FILE_NAME, "type": CONTENT_TYPE, "text": text}


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


def _file(interview: Interview, *, summary: str, page: str, help_line: str, now: datetime) -> str:
    zone = interview.organization.zone
    event = icalendar.Event()
    event.add("uid", uid(interview))
    event.add("sequence", interview.version - 1)
    event.add("dtstamp", now)
    event.add("created", interview.created_at)
    event.add("last-modified", interview.changed_at)
    event.add("dtstart", interview.starts_at.astimezone(zone))
    event.add("dtend", interview.ends_at.astimezone(zone))
    event.add("summary", summary)
    event.add("location", interview.place if interview.way == Way.IN_PERSON and interview.place else page)
    event.add("description", "\n".join(line for line in (_what(interview), page, help_line) if line))
    event.add("url", page)
    event.add("status", "CONFIRMED" if interview.is_standing else "CANCELLED")
    event.add("transp", "OPAQUE" if interview.is_standing else "TRANSPARENT")
    calendar = icalendar.Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical().decode()


def _what(interview: Interview) -> str:
    if not interview.is_standing:
        return _("This interview was canceled.")
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
