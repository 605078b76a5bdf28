"""Somebody waits at a door that nobody opens: who is told, and when.

Everything here also works without Zoom's messages: an applicant who pressed the button on the join page counts as
waiting until the interview is started here or Zoom reports that it runs."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from mensetsu.accounts import models as accounts
from mensetsu.attending import join_page, recording
from mensetsu.history import models as history
from mensetsu.interviews import informing
from mensetsu.interviews.models import DayReport, Interview, JoinLink
from mensetsu.jobs import port

# The panel is told after a minute, the recruiters after five; never before the time that was agreed.
PANEL_AFTER = timedelta(minutes=1)
RECRUITERS_AFTER = timedelta(minutes=5)
# When the answer of a job comes so late that nobody waits any more, it is not sent.
STALE_AFTER = timedelta(minutes=30)


def report_missing_url(link: JoinLink, *, now: datetime) -> None:
    """An applicant stands before a page without a join link: the recruiters are told, once for each agreed time."""
    interview = link.interview
    with transaction.atomic():
        JoinLink.objects.filter(pk=link.pk).update(opened_at=Coalesce(F("opened_at"), now))
        if _once("interview.url_asked_for", interview, now=now, actor_name=name_of(link)):
            informing.tell_recruiters("join_link_missing", interview, state=interview.url_state)


def was_reported(interview: Interview) -> bool:
    """The recruiters know that the join link is missing."""
    return _told("interview.url_asked_for", interview)


def watch_for_start(interview: Interview, *, now: datetime) -> None:
    """The applicant has come: look again soon whether somebody let them in. Inside the fact's transaction."""
    begin = max(now, interview.starts_at)
    panel_at = max(now + PANEL_AFTER, interview.starts_at)
    look_for_waiting.using(run_after=panel_at).enqueue(interview_id=interview.pk, at_step="panel")
    look_for_waiting.using(run_after=begin + RECRUITERS_AFTER).enqueue(
        interview_id=interview.pk, at_step="recruiters"
    )


@port.job(max_attempts=3, known_as="mensetsu.interviews.attending_alerts.look_for_waiting")
def look_for_waiting(*, interview_id: int, at_step: str) -> None:
    """Tell the panel (or the recruiters) that somebody waits, if that is still so."""
    interview = (
        Interview.objects.standing()
        .select_related(
            "meeting", "organization", "stage", "candidate__job", "candidate__owner", "created_by"
        )
        .filter(pk=interview_id)
        .first()
    )
    now = timezone.now()
    if interview is None:
        return
    if now < interview.starts_at and waiting_since(interview):
        # Moved since: whoever came for the old time waits until the new one.
        after = RECRUITERS_AFTER if at_step == "recruiters" else timedelta()
        look_for_waiting.using(run_after=interview.starts_at + after).enqueue(
            interview_id=interview_id, at_step=at_step
        )
    else:
        tell_waiting(interview, at_step, now=now)


def tell_waiting(interview: Interview, at_step: str, *, now: datetime) -> None:
    """`at_step` panel: notice to the interviewers; recruiters: to those who set the interview. Once each."""
    since = waiting_since(interview)
    if since is None or now < interview.starts_at or now > max(since, interview.starts_at) + STALE_AFTER:
        return
    with transaction.atomic():
        if at_step == "recruiters":
            if _once("interview.waiting_escalated", interview, now=now):
                _tell(interview, informing.recruiters_of(interview), since)
        elif _once("interview.waiting_told", interview, now=now):
            _tell(interview, informing.panel(interview) or informing.recruiters_of(interview), since)


def waiting_since(interview: Interview) -> datetime | None:
    """Since when the applicant waits for somebody to start; None when nobody waits or it has been started.

    Whoever pressed the button long before the agreed time tried it out, and whoever told that they cannot come has
    left."""
    meeting = interview.meeting
    if join_page.pressed_at(interview) or interview.outcome or (meeting and meeting.started_at):
        return None
    if meeting and meeting.waiting_since:
        return meeting.waiting_since
    since = join_page.arrived_at(interview)
    report = join_page.day_report(interview)
    left = report is not None and report.kind == DayReport.Kind.ABSENT
    return None if since and left and report.made_at >= since else since


def name_of(link: JoinLink) -> str:
    """Who acts on the join page, for the history: nobody there has a login."""
    return (link.contact or link.interview.candidate).full_name


def _tell(interview: Interview, people: list[accounts.User], since: datetime) -> None:
    for user in people:
        if user.is_active:
            context = informing.facts(interview, user.language)
            informing.notify("applicant_waiting", user, context, since_at=since)


def _once(action: str, interview: Interview, *, now: datetime, actor_name: str = "") -> bool:
    """Write the entry if there is none for the present time of the interview; False when there is. Inside a
    transaction: competitors queue up at the interview's row."""
    Interview.objects.filter(pk=interview.pk).update(version=F("version"))
    if _told(action, interview):
        return False
    recording.record(action, interview, by=None, now=now, actor_name=actor_name)
    return True


def _told(action: str, interview: Interview) -> bool:
    entries = history.Entry.objects.of_subject("interviews.interview", interview.pk).filter(action=action)
    return any(entry.facts.get("starts_at") == interview.starts_at.isoformat() for entry in entries)
