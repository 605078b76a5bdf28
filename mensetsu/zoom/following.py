"""Coming meetings follow their Zoom user to its new link.

A link that ended keeps its meetings; when the same Zoom user is linked again, whatever is still to be done for them
(start, move, delete) goes through the new link."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from mensetsu.jobs import outside, port
from mensetsu.zoom import client, issuing, signals, tokens
from mensetsu.zoom.models import Connection, HostHold, Meeting, Problem

# Causes that linking takes away: Zoom has just accepted this user and the app's keys.
MENDED = (Problem.CONNECTION_ENDED, Problem.APP_REFUSED)


def follow(connection: Connection, *, now: datetime) -> None:
    """In the transaction of the linking: meetings of earlier links of this very Zoom user move to this one.

    After a removal at Zoom, and ten days after any end, we know no longer whose the old link was; a job asks Zoom
    meeting by meeting."""
    earlier = Connection.objects.filter(
        organization_id=connection.organization_id, zoom_user_id=connection.zoom_user_id
    ).exclude(pk=connection.pk)
    unfinished = _unfinished(now).filter(connection__in=earlier.exclude(ended_at=None))
    _move(list(unfinished), connection, now)
    HostHold.objects.standing(now).filter(connection__in=earlier).update(connection=connection)
    if _erased(connection, now).exists():
        follow_by_asking.enqueue(connection_id=connection.pk)


@port.job(max_attempts=6)
def follow_by_asking(*, connection_id: int) -> None:
    """Meetings whose link was erased, and which Zoom says this account hosts, move to it."""
    now = timezone.now()
    connection = Connection.objects.live().select_related("organization").filter(pk=connection_id).first()
    if connection is None:
        return
    for meeting in _erased(connection, now):
        outside.check()
        try:
            known = tokens.call(connection, lambda zoom, m=meeting: zoom.get_meeting(m.zoom_id), now=now)
        except client.TryLater:
            raise
        except client.ConnectionEnded:
            return
        except client.ZoomError:
            continue  # another account's meeting, or gone: not ours to judge with this account
        # Ids may be given out again one day; the moment of making tells two meetings of one id apart.
        is_same = meeting.zoom_created_at is None or known.created_at == meeting.zoom_created_at
        if known.host_id == connection.zoom_user_id and is_same:
            with transaction.atomic():
                _move([meeting], connection, now)


def _unfinished(now: datetime):
    coming = Q(canceled_at=None, lost_at=None, ends_at__gt=now)
    undead = Q(canceled_at__isnull=False, removed_at=None)
    return Meeting.objects.filter(coming | undead)


def _erased(connection: Connection, now: datetime):
    return (
        _unfinished(now)
        .filter(organization_id=connection.organization_id, connection__zoom_user_id="")
        .exclude(zoom_id="")
        .order_by("starts_at")
    )


def _move(meetings: list[Meeting], connection: Connection, now: datetime) -> None:
    for meeting in meetings:
        Meeting.objects.filter(pk=meeting.pk).update(connection=connection)
        meeting.refresh_from_db()
        if meeting.canceled_at:
            issuing.remove_meeting.enqueue(meeting_id=meeting.pk)
        elif meeting.is_unsynced and not meeting.drifted_at:
            issuing.sync_meeting.enqueue(meeting_id=meeting.pk)
        elif meeting.is_failed and meeting.problem in MENDED:
            issuing.retry(meeting, now=now)
            signals.meeting_news.send(sender=Meeting, meeting=meeting, kind="due", at=now, now=now)
