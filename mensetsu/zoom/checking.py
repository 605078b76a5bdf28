"""Asking Zoom how things stand: the start link at the press, every coming meeting, every link.

Webhooks are hints and may never come (an installation behind a firewall); what is found here counts."""

import contextlib
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from mensetsu.jobs import outside, port
from mensetsu.zoom import client, comparing, failing, issuing, resuming, signals, tokens
from mensetsu.zoom.models import Connection, DifferenceKind, Meeting, Problem

# A meeting is looked at when it comes into each of these distances: time enough to repair, and once right before.
MILESTONES = (timedelta(hours=48), timedelta(hours=24), timedelta(hours=1), timedelta(minutes=10))
# Whoever asked for the meeting may look at it at the same distances (interviews do): that look goes first and counts.
GRACE = timedelta(minutes=6)
IDLE = timedelta(days=7)
# Zoom has answered these for good: asking every hour would only use up the daily hundred.
SETTLED = (Problem.NOT_TAKEN, Problem.REFUSED, Problem.SCOPE_MISSING)
# "You are not the meeting host", and no right to see what is another's. https://developers.zoom.us/docs/api/errors/
ANOTHERS = (3003, 200)
# So many other accounts are asked whether they host a meeting that is no longer ours to read.
ASKED_HOSTS = 10

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
        if _is_difference(problem):
            return
        failing.note_problem(meeting, problem, now)
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
    except client.Refused as problem:
        _note_refused(row, problem, now)
        raise
    is_heard = _absorb(row, known, now)
    meeting.refresh_from_db()
    if not is_heard and issuing.told(meeting) != issuing.told(row):
        # Another answer of Zoom was written meanwhile. Which of the two is younger only Zoom knows.
        return _look(meeting, now)
    return known


def _absorb(row: Meeting, known: client.ZoomMeeting, now: datetime) -> bool:
    """Passcode and link flow from Zoom to us; everything else is ours, so a difference is news. Answers False when the
    row was changed meanwhile and nothing was written: by our own move, whose answer from Zoom will come, or by
    another answer of Zoom."""
    columns = issuing.as_zoom_has_it(row, known)
    there = tuple(columns[name] for name in ("synced_starts_at", "synced_minutes", "synced_topic"))
    ours = (row.starts_at, row.minutes, row.topic)
    told = issuing.told(row)
    drifted_at = None if there == ours else row.drifted_at or (now if there != told else None)
    problem = "" if there == ours else row.problem
    with transaction.atomic():
        changed = (
            Meeting.objects.live()
            .filter(
                pk=row.pk,
                connection=row.connection_id,
                starts_at=row.starts_at,
                minutes=row.minutes,
                topic=row.topic,
                synced_starts_at=row.synced_starts_at,
                synced_minutes=row.synced_minutes,
                synced_topic=row.synced_topic,
            )
            .update(**columns, checked_at=now, drifted_at=drifted_at, problem=problem, problem_detail="")
        )
        if changed and comparing.note(row, known, columns, now=now):
            row.refresh_from_db()
            signals.meeting_news.send(sender=Meeting, meeting=row, kind="changed", at=now, now=now)
    return bool(changed)


def _is_difference(problem: client.ZoomError) -> bool:
    return isinstance(problem, client.Refused) and (problem.is_webinar or problem.code in ANOTHERS)


def _note_refused(row: Meeting, problem: client.Refused, now: datetime) -> None:
    """It is a webinar now, or another account's: what Zoom says instead of showing it."""
    if not _is_difference(problem):
        return
    if problem.is_webinar:
        is_news = comparing.note_one(row, DifferenceKind.WEBINAR, now=now)
    else:
        is_news = comparing.note_one(row, DifferenceKind.HOST, now=now, their_host=_present_host(row, now))
    Meeting.objects.filter(pk=row.pk).update(checked_at=now)
    if is_news:
        with transaction.atomic():
            signals.meeting_news.send(sender=Meeting, meeting=row, kind="changed", at=now, now=now)


def _present_host(row: Meeting, now: datetime) -> Connection | None:
    """Which of the company's linked accounts of the same Zoom account can show it as its own."""
    others = Connection.objects.live().filter(
        organization_id=row.organization_id, zoom_account_id=row.connection.zoom_account_id
    )
    for other in (
        others.exclude(pk=row.connection_id).select_related("organization").order_by("pk")[:ASKED_HOSTS]
    ):
        with contextlib.suppress(client.ZoomError):
            known = tokens.call(other, lambda zoom: zoom.get_meeting(row.zoom_id), now=now)
            if known.host_id == other.zoom_user_id:
                return other
    return None


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
                check_meeting.using(priority=port.WHEN_IDLE).enqueue(meeting_id=pk)
    hour = timedelta(hours=1)
    forgotten = Q(due_at=None) | Q(due_at__lt=now - hour)
    stale = linked.unsynced().filter(forgotten, drifted_at=None, starts_at__gt=now)
    for row in stale.exclude(problem__in=SETTLED):
        failing.note_due(row, now + hour)
        issuing.sync_meeting.enqueue(meeting_id=row.pk)
    undead = linked.filter(forgotten, canceled_at__lt=now - hour, removed_at=None)
    # A canceled meeting that Zoom has let expire (30 days after its time) needs no deleting any more.
    for row in undead.filter(ends_at__gt=now - timedelta(days=30)):
        failing.note_due(row, now + hour)
        issuing.remove_meeting.enqueue(meeting_id=row.pk)
    _look_for_keys(now)


def _look_for_keys(now: datetime) -> None:
    """Where meetings wait for Zoom to accept the app's keys, a look at their link tells: one an hour and link, or at
    once when its token was renewed meanwhile."""
    waiting = resuming.waiting(now).filter(
        Q(due_at=None) | Q(due_at__lt=now) | Q(failed_at__lt=F("connection__refreshed_at"))
    )
    for pk in set(waiting.values_list("connection_id", flat=True)):
        with transaction.atomic():
            if waiting.filter(connection=pk).update(due_at=now + timedelta(hours=1)):
                check_connection.enqueue(connection_id=pk)


def _is_due(now: datetime) -> Q:
    near = Q(pk__in=[])
    for distance in MILESTONES:
        unseen = Q(checked_at=None) | Q(checked_at__lt=F("starts_at") - distance)
        near |= Q(starts_at__lte=now + distance - GRACE) & unseen
    issued = Q(canceled_at=None, lost_at=None, issued_at__isnull=False, starts_at__gt=now)
    return issued & near


# --- every link -----------------------------------------------------------------------------------------------------


def check_link(connection: Connection, *, now: datetime) -> None:
    """Ask Zoom who this is: refreshes name, address and plan, finds an app that was removed without a word. What waited
    for Zoom to accept the app's keys goes on.

    Zoom away, or the app set up wrongly: the link is kept and the reason shown (`check_problem`)."""
    outside.check()
    try:
        user = tokens.call(connection, lambda zoom: zoom.me(), now=now)
    except client.ConnectionEnded:
        connection.refresh_from_db()
        return
    except client.ZoomError as problem:
        reason, _detail = failing.problem_of(problem)
        Connection.objects.live().filter(pk=connection.pk).update(check_problem=reason)
    else:
        Connection.objects.live().filter(pk=connection.pk).update(
            checked_at=now, check_problem="" if user.is_active else Problem.INACTIVE, **identity(user)
        )
        _go_on(connection, now)
    connection.refresh_from_db()


def _go_on(connection: Connection, now: datetime) -> None:
    resuming.resume(connection, now=now)
    unseen = Meeting.objects.upcoming(now).filter(connection=connection, problem=Problem.APP_REFUSED)
    for pk in unseen.exclude(issued_at=None).values_list("pk", flat=True):
        check_meeting.using(priority=port.WHEN_IDLE).enqueue(meeting_id=pk)


def look_at_troubled(organization_id: int, *, now: datetime) -> None:
    """The keys may be right now: look, by jobs, at every link of the company that met their refusal."""
    for pk in resuming.links_in_trouble(organization_id, now=now):
        check_connection.enqueue(connection_id=pk)


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
    """Daily: look at every link."""
    for pk in Connection.objects.live().values_list("pk", flat=True):
        check_connection.enqueue(connection_id=pk)


@port.job(max_attempts=1)
def refresh_idle() -> None:
    """Weekly is enough: a refresh token that nobody uses dies after about 90 days."""
    now = timezone.now()
    for connection in Connection.objects.live().filter(refreshed_at__lt=now - IDLE):
        # Each link for itself: one that cannot be refreshed now is met again next time.
        with contextlib.suppress(client.ZoomError):
            tokens.renew(connection, now=now)
