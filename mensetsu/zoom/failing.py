"""What our rows keep when Zoom refuses or does not answer: the reason, and when it is tried again."""

import logging
from datetime import datetime, timedelta

from mensetsu.jobs import port
from mensetsu.zoom import client
from mensetsu.zoom.models import Meeting, Problem

logger = logging.getLogger(__name__)


def problem_of(error: client.ZoomError) -> tuple[Problem, str]:
    """The reason as our rows keep it, and Zoom's own words where a person may need them."""
    if isinstance(error, client.OutcomeUnknown):
        return Problem.UNKNOWN, ""
    if isinstance(error, client.TryLater):
        return {"daily_limit": Problem.DAILY_LIMIT, "busy": Problem.BUSY}.get(error.why, Problem.AWAY), ""
    if isinstance(error, client.ConnectionEnded):
        return Problem.CONNECTION_ENDED, ""
    if isinstance(error, client.AppRefused):
        return Problem.APP_REFUSED, ""
    if isinstance(error, client.Refused):
        if error.is_scope_missing:
            return Problem.SCOPE_MISSING, str(error)[:500]
        return (Problem.WRONG_HOST if error.reason == "another host" else Problem.REFUSED), str(error)[:500]
    return Problem.REFUSED, type(error).__name__


def note_problem(row: Meeting, error: client.ZoomError, now: datetime) -> None:
    """Why not yet, and when next. A create whose outcome is unknown stays unknown until somebody has looked."""
    problem, detail = problem_of(error)
    due_at = None
    if isinstance(error, client.TryLater):
        due_at = now + timedelta(seconds=error.retry_after or port.BACKOFF[0])
        if not error.was_tried and not error.limit:
            # Many want to ask Zoom at once, and this one waits for its turn: nothing is the matter.
            note_due(row, due_at)
            return
    if (
        not row.issued_at
        and row.problem == Problem.UNKNOWN
        and Meeting.objects.filter(pk=row.pk, create_sent_at=row.create_sent_at)
        .exclude(create_sent_at=None)
        .exists()
    ):
        problem = Problem.UNKNOWN
    # Made by somebody else while we asked: then our failure says nothing about it.
    as_read = Meeting.objects.filter(pk=row.pk, issued_at=row.issued_at)
    as_read.update(problem=problem, problem_detail=detail, due_at=due_at)
    logger.warning("meeting_postponed meeting=%s why=%s trackingid=%s", row.pk, problem, error.tracking_id)


def note_due(row: Meeting, due_at: datetime) -> None:
    """Somebody is at it: nobody else need begin before then."""
    Meeting.objects.filter(pk=row.pk).update(due_at=due_at)


def fail(row: Meeting, error: client.ZoomError, now: datetime) -> None:
    """Unless the meeting hangs on another link by now: what the old one met says nothing about it."""
    problem, detail = problem_of(error)
    Meeting.objects.filter(pk=row.pk, issued_at=None, connection=row.connection_id).update(
        failed_at=now, problem=problem, problem_detail=detail, due_at=None
    )
    logger.warning("meeting_failed meeting=%s why=%s trackingid=%s", row.pk, problem, error.tracking_id)
