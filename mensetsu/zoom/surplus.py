"""A second meeting of one row: made by a worker that was taken for dead, and went on."""

import logging

from django.utils import timezone

from mensetsu.jobs import port
from mensetsu.zoom import client, meeting_rows, tokens
from mensetsu.zoom.models import Meeting

logger = logging.getLogger(__name__)


@port.job(max_attempts=12)
def remove(*, meeting_id: int, zoom_id: str) -> None:
    """Delete it at Zoom, unless it is the row's meeting by now, or another row's.

    What Zoom refuses is left to the daily look, which lists it for a person (WhyOrphan.DOUBLE)."""
    if Meeting.objects.filter(zoom_id=zoom_id).exists():
        return
    row = meeting_rows.whole(meeting_id)
    try:
        tokens.call(row.connection, lambda zoom: zoom.delete_meeting(zoom_id), now=timezone.now())
    except client.TryLater:
        raise
    except client.ZoomError as problem:
        logger.warning("surplus_meeting_stays meeting=%s why=%s", meeting_id, type(problem).__name__)
        return
    logger.warning("surplus_meeting_removed meeting=%s", meeting_id)
