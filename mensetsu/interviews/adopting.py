"""「Zoomにあるミーティングを使う」: a meeting that somebody made at Zoom becomes the interview's own."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from mensetsu.accounts import models as accounts
from mensetsu.interviews import arranging, automating, informing, overlapping, scheduling
from mensetsu.interviews.models import Interview
from mensetsu.zoom import adopting as at_zoom
from mensetsu.zoom import models as zoom

ZOOMS, OURS = "zoom", "ours"


class NotOnZoom(Exception):
    """The interview is not held by Zoom."""


class TimeDiffers(Exception):
    """At Zoom it has another time or length than the interview; a person says which of the two holds."""

    def __init__(self, starts_at: datetime, minutes: int) -> None:
        super().__init__(starts_at)
        self.starts_at, self.minutes = starts_at, minutes


def adopt(
    interview: Interview,
    *,
    connection: zoom.Connection,
    zoom_id: str,
    time: str = "",
    version: int | None = None,
    seen: Collection[overlapping.Pair] | None = None,
    by: accounts.User,
    now: datetime,
) -> None:
    """The interview's meeting is that one from now on; the meeting it had is deleted. Calls Zoom before it writes.

    `time` says what holds where the two differ: ZOOMS moves the interview, OURS the meeting. `version` and `seen` as in
    scheduling.reschedule. Refusals: NotOnZoom, TimeDiffers; those of zoom.adopting.find; those of scheduling.reschedule
    and of a host."""
    if not interview.uses_zoom:
        raise NotOnZoom
    known = at_zoom.find(connection, zoom_id, now=now)
    assert known.starts_at is not None, "find refuses meetings without a time"
    is_same = (
        known.starts_at == interview.starts_at.replace(microsecond=0) and known.minutes == interview.minutes
    )
    if not is_same and time not in (ZOOMS, OURS):
        raise TimeDiffers(known.starts_at, known.minutes)
    moves = not is_same and time == ZOOMS
    if moves:
        arranging.refuse_moment(known.starts_at, now=now)
    with transaction.atomic():
        # The rows in their order: people, applicant, interview, host.
        arranging.queue_up(informing.panel(interview), interview)
        scheduling.claim(interview, version, by=by, now=now)
        if not interview.uses_zoom:
            raise NotOnZoom
        at_zoom.let_go(known, connection=connection, now=now)
        arranging.cancel_meetings(interview, now=now)
        made = at_zoom.take(
            known, organization=interview.organization, connection=connection,
            starts_at=known.starts_at if moves else interview.starts_at,
            minutes=known.minutes if moves else interview.minutes,
            title=arranging.title(interview), page_url=reverse("interviews:detail", args=[interview.pk]), now=now,
        )  # fmt: skip
        interview.meeting, interview.next_meeting = made, None
        interview.save(update_fields=["meeting", "next_meeting"])
        arranging.record(
            "interview.meeting_adopted",
            interview,
            by=by,
            now=now,
            host=str(connection),
            zoom_id=made.display_id,
        )
        if moves:
            scheduling.reschedule(
                interview, starts_at=made.starts_at, minutes=made.minutes, seen=seen, by=by, now=now
            )
        else:
            automating.follow(interview, now=now)
