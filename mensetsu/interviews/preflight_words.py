"""The pre-flight check in words: what was looked at, what was wrong, and the one next step."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mensetsu.interviews.models import Interview

TITLES: dict[str, Any] = {
    "meeting": _("Zoom meeting"),
    "time": _("Date, time and length at Zoom"),
    "host": _("Zoom host"),
    "user": _("Zoom user"),
    "plan": _("Zoom plan"),
    "capacity": _("Meetings of the host at the same time"),
    "doors": _("Waiting room, passcode and sign-in"),
    "panel": _("Interviewers"),
    "told": _("Confirmation to the applicant"),
    "links": _("Join links in emails and calendar files"),
}

CAUSES: dict[str, Any] = {
    "lost": _("The Zoom meeting no longer exists at Zoom."),
    "webinar": _("The meeting was turned into a webinar at Zoom."),
    "not_issued": _("The join link has not been issued."),
    "daily_limit": _("Zoom's daily limit has been reached."),
    "refused": _("Zoom does not accept the company's app, or the app lacks a permission."),
    "time_differs": _("Somebody changed the meeting at Zoom: it has another time there."),
    "time_untold": _("The change has not reached Zoom yet."),
    "host_ended": _("The Zoom host is no longer connected."),
    "other_host": _("At Zoom another account hosts this meeting."),
    "inactive": _("The Zoom user of the host is not active."),
    "basic": _("The host has a free Zoom plan: the interview would be cut off after 40 minutes."),
    "unlicensed": _("The Zoom user of the host has no meeting license, so Zoom lets it hold no meeting."),
    "crowded": _("The host has more meetings at that time than it can hold."),
    "doors_differ": _("The waiting room, the sign-in or the early entry is not as promised."),
    "unguarded": _("The meeting has neither a passcode nor a waiting room."),
    "no_passcode": _("The meeting has no passcode."),
    "nobody": _("Nobody who can log in interviews."),
    "untold": _("The applicant has not been told."),
    "old_facts": _("The applicant has been told another time or way."),
    "old_link": _("Somebody holds a link that is no longer right."),
    "no_link": _("No email to the applicant carries a join link."),
    "dead_page": _("The join page in an email to the applicant does not open any more."),
}

# A check near the start that could not be made.
UNKNOWN = _("Zoom could not be asked whether this interview will work.")

SENTENCES = {"interview.preflight_repaired": _("The check before the start put something right by itself")}

# Which page holds the next step, and how its button reads.
STEPS: dict[str, tuple[Any, str, str]] = {
    "refused": (_("Open Zoom connection"), "zoom:settings", ""),
    "inactive": (_("Change the host"), "interviews:edit", "#id_host"),
    "basic": (_("Change the host"), "interviews:edit", "#id_host"),
    "unlicensed": (_("Change the host"), "interviews:edit", "#id_host"),
    "crowded": (_("Change the host"), "interviews:edit", "#id_host"),
    "host_ended": (_("Change the host"), "interviews:edit", "#id_host"),
    "nobody": (_("Choose interviewers"), "interviews:edit", "#id_interviewers"),
    "untold": (_("Write the email"), "interviews:compose", ""),
    "old_facts": (_("Write the email"), "interviews:told", ""),
    "old_link": (_("Write the email"), "interviews:told", ""),
    "no_link": (_("Write the email"), "interviews:compose", ""),
    "dead_page": (_("Write the email"), "interviews:compose", ""),
}
STEPS |= dict.fromkeys(
    ("doors_differ", "unguarded", "no_passcode"),
    (_("Check the differences"), "interviews:detail", "#differences"),
)
# The rest is decided on the interview's own page: issued anew, told again, put back.
OWN_PAGE = (pgettext_lazy("interview", "Open"), "interviews:detail", "#link")


def sentences(items: Iterable[dict[str, str]], *, language: str) -> list[str]:
    """The causes of these items in that language."""
    with translation.override(language):
        return [str(CAUSES[item["cause"]]) for item in items]


def step(cause: str, interview: Interview) -> tuple[str, str]:
    """The one button that does the right next thing: how it reads and where it leads."""
    verb, name, anchor = STEPS.get(cause, OWN_PAGE)
    arguments = [] if name == "zoom:settings" else [interview.pk]
    return str(verb), reverse(name, args=arguments) + anchor
