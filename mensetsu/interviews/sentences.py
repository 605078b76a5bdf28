"""How entries about setting and changing interviews read in the history."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mensetsu.notices.models import Problem
from mensetsu.zoom.difference_models import DifferenceKind

SENTENCES = {
    "interview.scheduled": _("Set an interview: %(starts_at)s (%(minutes)s min)"),
    "interview.rescheduled": _("Moved the interview: %(from_at)s → %(starts_at)s (%(minutes)s min)"),
    "interview.host_changed": _("Changed the Zoom host to %(host)s"),
    "interview.reissued": _("Asked for another Zoom meeting of the same host (%(host)s)"),
    "interview.interviewers_changed": _("Changed the interviewers: %(names)s"),
    "interview.panel_told": _("Wrote to the interviewers (%(event)s): %(names)s"),
    "interview.notice_failed": _("The notice to %(to)s could not be sent (%(problem)s)"),
    "interview.notice_resent": _("Sent the notice to %(to)s again"),
    "interview.notice_settled": _("Settled the failed notice to %(to)s"),
    "interview.way_changed": _("Changed the way of the interview: %(way)s"),
    "interview.details_changed": _("Changed the stage or the note of the interview"),
    "interview.canceled": _("Cancelled the interview of %(starts_at)s %(reason)s"),
    "interview.issued": _("Issued the join link (host: %(host)s)"),
    "interview.issue_failed": _("The join link could not be issued (host: %(host)s)"),
    "interview.issue_retried": _("Asked for the join link again"),
    "interview.sync_retried": _("Asked Zoom again to take over the time"),
    "interview.confirmation_postponed": _("The confirmation email will be sent later"),
    "interview.confirmation_waived": _("No confirmation email is needed"),
    "interview.host_lost": _("The Zoom host %(host)s is no longer connected"),
    "interview.host_erased": _("The Zoom account of %(owner)s is no longer connected"),
    "interview.meeting_lost": _("The Zoom meeting no longer exists at Zoom"),
    "interview.differs": _("Somebody changed the meeting at Zoom: %(kinds)s"),
    "interview.link_changed": _("The join link or the passcode was changed at Zoom"),
    "interview.difference_adopted": _("Took over from Zoom: %(kind)s"),
    "interview.difference_restored": _("Asked Zoom to go back to what we have: %(kind)s"),
    "interview.difference_ignored": _("Left as it is at Zoom: %(kind)s"),
    "interview.meeting_adopted": _("Took over a meeting made at Zoom (host: %(host)s, ID %(zoom_id)s)"),
}
WORDS = {
    "problem": dict(Problem.choices),
    "way": {"web": _("Online interview"), "in_person": _("In person"), "phone": _("Phone")},
    # The names of our notices to interviewers (informing).
    "event": {
        "interview_assigned": pgettext_lazy("told to interviewers", "assignment"),
        "interview_moved": pgettext_lazy("told to interviewers", "new time"),
        "interview_way_changed": pgettext_lazy("told to interviewers", "new way or place"),
        "interview_canceled": pgettext_lazy("told to interviewers", "cancellation"),
        "interview_released": pgettext_lazy("told to interviewers", "release"),
    },
    "kind": dict(DifferenceKind.choices),
    "kinds": dict(DifferenceKind.choices),
}
