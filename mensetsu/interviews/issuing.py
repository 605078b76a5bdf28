"""The meeting of an interview comes into being: after the transaction that wanted it, by a job, as often as needed."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from mensetsu.history import models as history
from mensetsu.history import recording
from mensetsu.interviews import automating, informing
from mensetsu.interviews.models import Interview
from mensetsu.jobs import port
from mensetsu.zoom import meetings
from mensetsu.zoom import models as zoom

# With the port's backoff (at most twelve hours apart) about two weeks: longer than any outage, shorter than for ever.
ATTEMPTS = 30


@port.job(max_attempts=ATTEMPTS)
def issue_meeting(*, interview_id: int) -> None:
    """Issue what the interview waits for; a meeting issued on another host then takes the old one's place.

    Twice is once. While Zoom is away `TryLater` comes through and the job is tried again; what cannot succeed is
    marked on the meeting by `zoom` and told to the recruiters here."""
    now = timezone.now()
    interview = Interview.objects.with_facts().filter(pk=interview_id).first()
    if interview is None or not interview.is_standing or interview.is_over(now):
        return
    wanted = interview.next_meeting or interview.meeting
    if wanted is None or not wanted.is_live:
        return
    if wanted.is_pending:
        meetings.issue(wanted, now=now)
        wanted.refresh_from_db()
    if wanted.is_issued:
        _take_over(interview, wanted, now=now)
    elif wanted.is_failed:
        _note_failed(interview, wanted, now=now)


def _take_over(interview: Interview, issued: zoom.Meeting, *, now: datetime) -> None:
    """One transaction: people enter the new meeting from now on, and the old one goes."""
    with transaction.atomic():
        waiting = Interview.objects.filter(pk=interview.pk, next_meeting=issued)
        if waiting.update(meeting=issued, next_meeting=None):
            # Only beside a meeting that people could enter a next one is waited for, so there is an old one.
            meetings.cancel(interview.meeting, now=now)
        _record_once("interview.issued", interview, issued, now=now)
        # The address exists: what waited for it may leave, and what told the old one is no longer true.
        automating.follow(Interview.objects.with_facts().get(pk=interview.pk), now=now)


def _note_failed(interview: Interview, failed: zoom.Meeting, *, now: datetime) -> None:
    with transaction.atomic():
        if _record_once("interview.issue_failed", interview, failed, now=now, failed_at=failed.failed_at):
            informing.tell_recruiters("url_failed", interview, problem=_cause(failed))


def _cause(failed: zoom.Meeting) -> Any:
    """Why, in words that are translated for whoever reads them."""
    return zoom.Problem(failed.problem).label if failed.problem in zoom.Problem.values else ""


def _record_once(
    action: str,
    interview: Interview,
    meeting: zoom.Meeting,
    *,
    now: datetime,
    failed_at: datetime | None = None,
) -> bool:
    """A job may run again after a crash between Zoom's answer and this line: the story tells it once."""
    facts = {"meeting": meeting.pk, "host": str(meeting.connection)}
    if failed_at is not None:
        facts["failed_at"] = failed_at.isoformat()
    told = history.Entry.objects.of_subject(interview._meta.label_lower, interview.pk).filter(action=action)
    if any(entry.facts == facts for entry in told):
        return False
    recording.record(
        action, subject=interview, thread=interview.candidate, organization_id=interview.organization_id,
        by=None, at=now, **facts,
    )  # fmt: skip
    return True
