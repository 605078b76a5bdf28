"""What a subscribed calendar shows: the standing interviews of one person, or of the company for recruiters.

Names, times and the page behind the login; never an applicant's address or telephone, never a way into the room."""

from datetime import datetime, timedelta

import icalendar
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mensetsu.availability.models import Feed, FeedKind
from mensetsu.interviews import calendar
from mensetsu.interviews.models import Interview

BEFORE, AHEAD = timedelta(days=30), timedelta(days=365)


def text(feed: Feed, *, now: datetime) -> str:
    """The whole calendar in its person's language. The same interviews give the same bytes, whenever it is asked."""
    user = feed.user
    with translation.override(user.language):
        entries = [
            _entry(one, user.language, with_panel=feed.kind == FeedKind.COMPANY) for one in _shown(feed, now)
        ]
        return calendar.file_of(
            entries,
            home=(user.organization.zone, now),
            name=_name(feed),
            x_wr_calname=_name(feed),
            refresh_interval=_refresh(),
            x_published_ttl="PT1H",
        )


def _refresh() -> icalendar.vDuration:
    """How often a program should ask again; most decide for themselves. RFC 7986, 5.7 wants the type said."""
    duration = icalendar.vDuration(timedelta(hours=1))
    duration.params["VALUE"] = "DURATION"
    return duration


def _shown(feed: Feed, now: datetime) -> list[Interview]:
    found = (
        Interview.objects.standing()
        .filter(organization_id=feed.user.organization_id)
        .overlapping(now - BEFORE, now + AHEAD)
        .select_related("organization", "candidate", "stage")
        .order_by("starts_at", "id")
    )
    if feed.kind == FeedKind.COMPANY:
        return list(found.prefetch_related("interviewers__user"))
    return list(found.filter(interviewers__user=feed.user))


def _entry(interview: Interview, language: str, *, with_panel: bool) -> icalendar.Event:
    # The moment of the last change, not of the asking: otherwise every answer would be a new one.
    made = calendar.staff_event(interview, language=language, now=interview.changed_at)
    if with_panel and (rows := interview.interviewers.all()):
        names = pgettext("between names", ", ").join(row.user.name_in(language) for row in rows)
        line = _("Interviewers: %(names)s") % {"names": names}
        made["description"] = icalendar.vText(f"{line}\n{made['description']}")
    return made


def _name(feed: Feed) -> str:
    if feed.kind == FeedKind.OWN:
        return _("Interviews of %(name)s") % {"name": feed.user.name_in(feed.user.language)}
    return _("Interviews (%(company)s)") % {"company": feed.user.organization.name_in(feed.user.language)}
