"""How entries about setting and changing interviews read in the history."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "interview.scheduled": _("Set an interview: %(starts_at)s (%(minutes)s min)"),
    "interview.rescheduled": _("Moved the interview: %(from_at)s → %(starts_at)s (%(minutes)s min)"),
    "interview.host_changed": _("Changed the Zoom host to %(host)s"),
    "interview.interviewers_changed": _("Changed the interviewers: %(names)s"),
    "interview.way_changed": _("Changed the way of the interview: %(way)s"),
    "interview.details_changed": _("Changed the stage or the note of the interview"),
    "interview.canceled": _("Canceled the interview of %(starts_at)s %(reason)s"),
    "interview.issued": _("Issued the join link (host: %(host)s)"),
    "interview.issue_failed": _("The join link could not be issued (host: %(host)s)"),
    "interview.issue_retried": _("Asked for the join link again"),
    "interview.sync_retried": _("Asked Zoom again to take over the time"),
    "interview.confirmation_postponed": _("The confirmation email will be sent later"),
    "interview.confirmation_waived": _("No confirmation email is needed"),
    "interview.host_lost": _("The Zoom host %(host)s is no longer connected"),
    "interview.meeting_lost": _("The Zoom meeting no longer exists at Zoom"),
}
WORDS = {
    "way": {"web": _("Online interview"), "in_person": _("In person"), "phone": _("Phone")},
}
