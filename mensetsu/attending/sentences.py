"""How entries about holding interviews, and about what applicants ask for, read in the history."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

SENTENCES = {
    "interview.started": _("Started the interview of %(starts_at)s"),
    "interview.host_taken_over": _("Took over the running interview as Zoom host"),
    "interview.outcome_done": _("Recorded the interview of %(starts_at)s as held"),
    "interview.outcome_no_show": _("Recorded a no-show at the interview of %(starts_at)s"),
    "interview.outcome_cleared": _("Took back how the interview of %(starts_at)s went"),
    "interview.join_pressed": _("Pressed the join button on the applicant's page (%(receiver)s)"),
    "interview.url_asked_for": _("Reported from the applicant's page that the join link is missing"),
    "interview.waiting_told": _("Told the interviewers that the applicant is waiting"),
    "interview.waiting_escalated": _("Told the recruiters that the applicant is still waiting"),
    "interview.zoom_started": _("Zoom: the meeting was started"),
    "interview.zoom_ended": _("Zoom: the meeting ended"),
    "interview.zoom_waiting": _("Zoom: a participant is in the waiting room"),
    "interview.change_requested": _("Asked for another time than %(starts_at)s"),
    "interview.withdrawal_requested": _("Asked to withdraw from the interview of %(starts_at)s"),
    "interview.accommodation_requested": _("Asked for an accommodation at the interview of %(starts_at)s"),
    "interview.day_late": _("Reported on the day: %(late_minutes)s minutes late"),
    "interview.day_no_connection": _("Reported on the day: cannot connect"),
    "interview.day_absent": _("Reported on the day: not coming"),
    "interview.day_on_time": _("Reported on the day: coming as agreed after all"),
    "interview.request_handled": _("Marked a request as handled: %(kind)s"),
    "interview.withdrawn": _("Accepted the withdrawal from the interview of %(starts_at)s"),
}
WORDS = {
    "receiver": {"candidate": _("Applicant"), "agency": _("Agency")},
    "kind": {
        "change": pgettext_lazy("applicant's request", "another time"),
        "withdrawal": pgettext_lazy("applicant's request", "withdrawal"),
        "accommodation": pgettext_lazy("applicant's request", "accommodation"),
    },
}
