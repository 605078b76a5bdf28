"""The meeting of an interview comes into being: after the transaction that wanted it, by a job, as often as needed."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from mensetsu.candidates import models as candidates
from mensetsu.history import models as history
from mensetsu.history import recording
from mensetsu.interviews import automating, informing
from mensetsu.interviews.models import Interview, Notice, Reminder, Withheld
from mensetsu.jobs import port
from mensetsu.statements import compiled
from mensetsu.zoom import meetings, repairing
from mensetsu.zoom import models as zoom

# With the port's backoff (at most twelve hours apart) about two weeks: longer than any outage, shorter than for ever.
ATTEMPTS = 30


@port.job(max_attempts=ATTEMPTS)
def issue_meeting(*, interview_id: int) -> None:
    """Issue what the interview waits for; a meeting issued on another host then takes the old one's place.

    Twice is once. While Zoom is away `TryLater` comes through and the job is tried again; what cannot succeed is
    marked on the meeting by `zoom` and told to the recruiters here."""
    now = timezone.now()
    interview = next(iter(_WAITING.objects(interview=interview_id)), None)
    if interview is None or not interview.is_standing or interview.is_over(now):
        return
    wanted = interview.next_meeting or interview.meeting
    if wanted is None or not wanted.is_live:
        return
    if wanted.is_pending:
        meetings.issue(wanted, now=now)
        if wanted.is_issued and not wanted.passcode:
            # Once more, before anybody is told a link that a passcode would change.
            repairing.repair(wanted, may_undo=False, now=now)
    if wanted.is_issued:
        _take_over(interview, wanted, now=now)
    elif wanted.is_failed:
        _note_failed(interview, wanted, now=now)


_WAITING = compiled.Read(
    lambda interview: Interview.objects.select_related(
        "meeting__connection", "next_meeting__connection"
    ).filter(pk=interview),
    interview=compiled.NUMBER,
)


def _take_over(interview: Interview, issued: zoom.Meeting, *, now: datetime) -> None:
    """One transaction: people enter the new meeting from now on, and the old one goes."""
    with transaction.atomic():
        if _TAKE_OVER.run(interview=interview.pk, issued=issued.pk):
            # Only beside a meeting that people could enter a next one is waited for, so there is an old one.
            meetings.cancel(interview.meeting, now=now)
        _record_once("interview.issued", interview, issued, now=now)
        # The address exists: what waited for it may leave, and what told the old one is no longer true.
        if not _IS_QUIET.rows(interview=interview.pk):
            automating.follow(Interview.objects.with_facts().get(pk=interview.pk), now=now)


_TAKE_OVER = compiled.Change(
    lambda interview, issued: (
        Interview.objects.filter(pk=interview, next_meeting=issued),
        {"meeting_id": issued, "next_meeting_id": None},
    ),
    interview=compiled.NUMBER, issued=compiled.NUMBER,
)  # fmt: skip
# Nobody was told of it, is told by itself or waits to be: a recruiter writes. Then nothing follows from its address
# (automating.follow), and most interviews that are set by hand are so at that moment.
_IS_QUIET = compiled.Read(
    lambda interview: (
        Interview.objects.standing()
        .filter(pk=interview, template_group=None, canceled_side="")
        .exclude(Exists(Notice.objects.filter(interview=OuterRef("pk"))))
        .exclude(Exists(Withheld.objects.filter(interview=OuterRef("pk"))))
        .exclude(Exists(Reminder.objects.filter(interview=OuterRef("pk"))))
        .values_list("pk")
    ),
    interview=compiled.NUMBER,
)


def _note_failed(interview: Interview, failed: zoom.Meeting, *, now: datetime) -> None:
    with transaction.atomic():
        if _record_once("interview.issue_failed", interview, failed, now=now, failed_at=failed.failed_at):
            comes_by_itself = failed.problem == zoom.Problem.APP_REFUSED
            informing.tell_recruiters(
                "url_failed", interview, problem=_cause(failed), comes_by_itself=comes_by_itself
            )


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
    if (facts,) in _TOLD.rows(subject=interview._meta.label_lower, interview=interview.pk, action=action):
        return False
    applicant = candidates.Candidate(pk=interview.candidate_id)  # whose story it is: the key says it
    recording.record(
        action, subject=interview, thread=applicant, organization_id=interview.organization_id,
        by=None, at=now, **facts,
    )  # fmt: skip
    return True


_TOLD = compiled.Read(
    lambda subject, interview, action: (
        history.Entry.objects.of_subject(subject, interview).filter(action=action).values_list("facts")
    ),
    subject=compiled.TEXT, interview=compiled.NUMBER, action=compiled.TEXT,
)  # fmt: skip
