"""What interviews do with zoom's news of a meeting: one entry per fact, and a watch over whoever waits.

The meeting's own times are zoom's business. Zoom tells late, twice and out of order, so nothing is concluded here:
a person says how the interview went."""

from datetime import datetime
from typing import Any

from django.db import transaction

from mensetsu.attending import alerts
from mensetsu.history import models as history
from mensetsu.history import recording
from mensetsu.interviews.models import Interview
from mensetsu.zoom import models as zoom
from mensetsu.zoom import signals

_ACTIONS = {
    "started": "interview.zoom_started",
    "ended": "interview.zoom_ended",
    "waiting": "interview.zoom_waiting",
}


def listen() -> None:
    signals.meeting_news.connect(meeting_news, dispatch_uid="attending.meeting_news")


def meeting_news(*, meeting: zoom.Meeting, kind: str, at: datetime, now: datetime, **kwargs: Any) -> None:
    """`at` is Zoom's own time of the news. The same news again changes nothing."""
    action = _ACTIONS.get(kind)
    interview = Interview.objects.standing().filter(meeting=meeting).select_related("candidate").first()
    if action is None or interview is None:
        return
    with transaction.atomic():
        if _is_new(action, interview, at):
            recording.record(
                action,
                subject=interview,
                thread=interview.candidate,
                organization_id=interview.organization_id,
                by=None,
                at=at,
            )
            if kind == "waiting":
                alerts.watch_for_start(interview, now=now)


def _is_new(action: str, interview: Interview, at: datetime) -> bool:
    entries = history.Entry.objects.of_subject("interviews.interview", interview.pk).filter(action=action)
    if action == "interview.zoom_waiting":
        # People leave the waiting room and come back, with a new time each: once is enough to know.
        return not entries.exists()
    return not entries.filter(at=at).exists()
