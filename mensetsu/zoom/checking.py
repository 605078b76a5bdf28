"""Asking Zoom how things stand: the start link at the press, every coming meeting, every link.

Webhooks are hints and may never come (an installation behind a firewall); what is found here counts."""

import contextlib
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from mensetsu.jobs import outside, port
from mensetsu.zoom import client, issuing, signals, tokens
from mensetsu.zoom.models import Connection, Meeting, Problem

# A meeting is looked at when it comes into each of these distances: time enough to repair, and once right before.
MILESTONES = (timedelta(hours=48), timedelta(hours=24), timedelta(hours=1), timedelta(minutes=10))
IDLE = timedelta(days=7)
# Zoom has answered these for good: asking every hour would only use up the daily hundred.
SETTLED = (Problem.NOT_TAKEN, Problem.REFUSED, Problem.SCOPE_MISSING)
REFERENCE = re.compile(r"\[mensetsu:([0-9a-f-]{36})\]")

# --- one meeting ----------------------------------------------------------------------------------------------------


def start_url(meeting: Meeting, *, now: datetime) -> str:
    """The host's key to the meeting, asked for at this very press; never stored, logged or shown.

    MeetingGone marks it lost. TryLater, ConnectionEnded, Refused and AppRefused go up as they are."""
    known = _look(meeting, now)
    if not known.start_url:
        raise client.TryLater
    return known.start_url


def check(meeting: Meeting, *, now: datetime) -> None:
    """Compare with Zoom: gone (meeting_lost), changed there (meeting_news "changed"), or as we have it.

    Only TryLater goes up; other refusals stand on the row."""
    try:
        _look(meeting, now)
    except client.TryLater:
        raise
    except client.MeetingGone:
        return
    except client.ZoomError as problem:
        issuing.note_problem(meeting, problem, now)
        meeting.refresh_from_db()


def _look(meeting: Meeting, now: datetime) -> client.ZoomMeeting:
    row = Meeting.objects.select_related("connection__organization").get(pk=meeting.pk)
    if not row.is_issued:
        raise client.MeetingGone
    outside.check()
    try:
        known = tokens.call(row.connection, lambda zoom: zoom.get_meeting(row.zoom_id), now=now)
    except client.MeetingGone:
        issuing.lose(meeting, now=now)
        raise
    _absorb(row, known, now)
    meeting.refresh_from_db()
    return known


def _absorb(row: Meeting, known: client.ZoomMeeting, now: datetime) -> None:
    """Passcode and link flow from Zoom to us; time, length and topic are ours, so a difference is news."""
    columns = issuing.as_zoom_has_it(row, known)
    there = tuple(columns[name] for name in ("synced_starts_at", "synced_minutes", "synced_topic"))
    ours = (row.starts_at, row.minutes, row.topic)
    told = (row.synced_starts_at, row.synced_minutes, row.synced_topic)
    is_moved = bool(known.host_id) and known.host_id != row.connection.zoom_user_id
    drifted_at = None if there == ours else row.drifted_at or (now if there != told else None)
    is_news = (there not in (ours, told)) or (is_moved and row.problem != Problem.WRONG_HOST)
    problem = Problem.WRONG_HOST if is_moved else "" if there == ours else row.problem
    with transaction.atomic():
        changed = (
            Meeting.objects.live()
            .filter(pk=row.pk, starts_at=row.starts_at, minutes=row.minutes, topic=row.topic)
            .update(**columns, checked_at=now, drifted_at=drifted_at, problem=problem, problem_detail="")
        )
        if changed and is_news:
            row.refresh_from_db()
            signals.meeting_news.send(sender=Meeting, meeting=row, kind="changed", at=now, now=now)


# --- every coming meeting -------------------------------------------------------------------------------------------


@port.job(max_attempts=8)
def check_meeting(*, meeting_id: int) -> None:
    """Look at one coming meeting."""
    meeting = Meeting.objects.live().filter(pk=meeting_id).exclude(issued_at=None).first()
    if meeting is not None:
        check(meeting, now=timezone.now())


@port.job(max_attempts=1)
def reconcile() -> None:
    """Every few minutes: look at each coming meeting as it draws near, tell Zoom what it has not been told yet, and
    delete what was canceled and is still there. Each piece of work is a job that is tried again by itself, so it is
    marked when it is given out: an outage of Zoom must not fill the queue with the same work."""
    now = timezone.now()
    linked = Meeting.objects.filter(connection__ended_at=None)
    for pk in linked.filter(_is_due(now)).values_list("pk", flat=True):
        with transaction.atomic():
            if Meeting.objects.filter(_is_due(now), pk=pk).update(checked_at=now):
                check_meeting.enqueue(meeting_id=pk)
    hour = timedelta(hours=1)
    forgotten = Q(due_at=None) | Q(due_at__lt=now - hour)
    stale = linked.unsynced().filter(forgotten, drifted_at=None, starts_at__gt=now)
    for row in stale.exclude(problem__in=SETTLED):
        issuing.note_due(row, now + hour)
        issuing.sync_meeting.enqueue(meeting_id=row.pk)
    undead = linked.filter(forgotten, canceled_at__lt=now - hour, removed_at=None)
    # A canceled meeting that Zoom has let expire (30 days after its time) needs no deleting any more.
    for row in undead.filter(ends_at__gt=now - timedelta(days=30)):
        issuing.note_due(row, now + hour)
        issuing.remove_meeting.enqueue(meeting_id=row.pk)


def _is_due(now: datetime) -> Q:
    near = Q(pk__in=[])
    for distance in MILESTONES:
        unseen = Q(checked_at=None) | Q(checked_at__lt=F("starts_at") - distance)
        near |= Q(starts_at__lte=now + distance) & unseen
    issued = Q(canceled_at=None, lost_at=None, issued_at__isnull=False, starts_at__gt=now)
    return issued & near


# --- every link -----------------------------------------------------------------------------------------------------


def check_link(connection: Connection, *, now: datetime) -> None:
    """Ask Zoom who this is: refreshes name, address and plan, finds an app that was removed without a word.

    Zoom away, or the app set up wrongly: the link is kept and the reason shown (`check_problem`)."""
    outside.check()
    try:
        user = tokens.call(connection, lambda zoom: zoom.me(), now=now)
    except client.ConnectionEnded:
        connection.refresh_from_db()
        return
    except client.ZoomError as problem:
        reason, _detail = issuing.problem_of(problem)
        Connection.objects.live().filter(pk=connection.pk).update(check_problem=reason)
    else:
        Connection.objects.live().filter(pk=connection.pk).update(
            checked_at=now, check_problem="", **identity(user)
        )
    connection.refresh_from_db()


def identity(user: client.ZoomUser) -> dict[str, Any]:
    """The columns of a connection that say whose it is."""
    return {
        "zoom_user_id": user.id,
        "zoom_account_id": user.account_id,
        "email": user.email[:254],
        "display_name": user.display_name[:120],
        "plan_type": user.plan_type,
    }


@port.job(max_attempts=3)
def check_connection(*, connection_id: int) -> None:
    """Look at one link."""
    connection = Connection.objects.live().filter(pk=connection_id).first()
    if connection is not None:
        check_link(connection, now=timezone.now())


@port.job(max_attempts=1)
def check_connections() -> None:
    """Daily: look at every link, and for meetings at Zoom that we no longer want."""
    for pk in Connection.objects.live().values_list("pk", flat=True):
        check_connection.enqueue(connection_id=pk)
        sweep_orphans.enqueue(connection_id=pk)


@port.job(max_attempts=1)
def refresh_idle() -> None:
    """Weekly is enough: a refresh token that nobody uses dies after about 90 days."""
    now = timezone.now()
    for connection in Connection.objects.live().filter(refreshed_at__lt=now - IDLE):
        # Each link for itself: one that cannot be refreshed now is met again next time.
        with contextlib.suppress(client.ZoomError):
            tokens.renew(connection, now=now)


@port.job(max_attempts=3)
def sweep_orphans(*, connection_id: int) -> None:
    """Delete meetings at Zoom that carry our reference and are canceled here, or doubles of the one we know.

    Meetings without our reference are never touched."""
    now = timezone.now()
    connection = Connection.objects.live().filter(pk=connection_id).first()
    if connection is None:
        return
    outside.check()
    try:
        there = tokens.call(connection, lambda zoom: zoom.list_upcoming(), now=now)
        for orphan in _orphans(connection, there):
            tokens.call(connection, lambda zoom, gone=orphan.id: zoom.delete_meeting(gone), now=now)
    except client.TryLater:
        raise
    except client.ZoomError:
        return  # ended, or the app may not list: the page of the link says so


def _orphans(connection: Connection, there: list[client.ZoomMeeting]) -> list[client.ZoomMeeting]:
    marked = {UUID(mark.group(1)): item for item in there if (mark := REFERENCE.match(item.agenda))}
    by_reference = Meeting.objects.in_bulk(list(marked), field_name="reference")
    orphans = []
    for item in there:
        mark = REFERENCE.match(item.agenda)
        row = by_reference.get(UUID(mark.group(1))) if mark else None
        if row is None or row.organization_id != connection.organization_id:
            continue
        is_double = row.issued_at is not None and row.zoom_id != item.id
        if row.canceled_at is not None or is_double:
            orphans.append(item)
    return orphans
