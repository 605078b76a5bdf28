"""Telling Zoom: make the meeting, keep it in step with ours, delete it. Every step may be repeated.

Making one twice is the danger: Zoom knows no idempotency key. So an attempt is written on the row before it is sent
(`create_sent_at`, also the claim between workers); while its answer is missing, the next attempt first looks among
the host's meetings for our reference, which travels at the head of the agenda, and adopts what it finds."""

import logging
import secrets
import string
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from mensetsu.jobs import outside, port
from mensetsu.zoom import client, signals, tokens
from mensetsu.zoom.models import Meeting, Problem

logger = logging.getLogger(__name__)

# After that long without a note of its outcome, the process that sent a create is taken for dead.
IN_FLIGHT = timedelta(seconds=60)
PASSCODE_LENGTH = 10

Answer = TypeVar("Answer")


# --- make -----------------------------------------------------------------------------------------------------------


def issue(meeting: Meeting, *, now: datetime) -> None:
    """Make the meeting at Zoom, or adopt it if it was made already. Issued, canceled or failed: nothing to do.

    TryLater goes up after the reason stands on the row. Whatever only a person can mend becomes `failed_at`."""
    outside.check()
    row = _row(meeting)
    if row.is_pending:
        try:
            _issue(row, now)
        except client.TryLater as problem:
            note_problem(row, problem, now)
            meeting.refresh_from_db()
            raise
        except client.ZoomError as problem:
            _fail(row, problem, now)
    meeting.refresh_from_db()


def retry(meeting: Meeting, *, now: datetime) -> None:
    """Make a failed meeting due again. Whoever asks enqueues its issue."""
    row = _row(meeting)
    # Looking for a lost one was not permitted; a person has decided to make one all the same.
    is_blind = row.problem == Problem.SCOPE_MISSING
    Meeting.objects.filter(pk=meeting.pk, issued_at=None).update(
        failed_at=None,
        problem=Problem.UNKNOWN if row.create_sent_at and not is_blind else "",
        problem_detail="",
        due_at=now,
        attempts=0,
        create_sent_at=None if is_blind else F("create_sent_at"),
    )
    meeting.refresh_from_db()


def _issue(row: Meeting, now: datetime) -> None:
    # Renewed before anything is claimed: a refresh that fails must not look like a create that failed.
    tokens.fresh(row.connection, now=now)
    if row.create_sent_at is not None:
        if _is_in_flight(row, now):
            raise client.TryLater("busy", IN_FLIGHT.total_seconds() / 2)
        found = find_by_reference(row, now)
        if found is not None:
            return _accept(row, found, now)
    if not _claimed(row, now):
        raise client.TryLater("busy", 5.0)
    try:
        made = _call(row, lambda zoom: zoom.create_meeting(**_wanted(row)), now)
    except client.OutcomeUnknown:
        raise
    except client.ZoomError:
        Meeting.objects.filter(pk=row.pk).update(create_sent_at=None)
        raise
    return _accept(row, made, now)


def _is_in_flight(row: Meeting, now: datetime) -> bool:
    sent_at = row.create_sent_at
    return sent_at is not None and row.problem != Problem.UNKNOWN and sent_at > now - IN_FLIGHT


def _claimed(row: Meeting, now: datetime) -> bool:
    """This attempt is ours: nobody else sent one since the row was read, and it is still wanted."""
    return bool(
        Meeting.objects.live()
        .filter(pk=row.pk, issued_at=None, failed_at=None, create_sent_at=row.create_sent_at)
        .update(create_sent_at=now, attempts=F("attempts") + 1, problem="", problem_detail="", due_at=None)
    )


def _wanted(row: Meeting) -> dict[str, Any]:
    return {
        "topic": row.topic,
        "agenda": agenda(row),
        "starts_at": row.starts_at,
        "minutes": row.minutes,
        "time_zone": row.time_zone,
    }


def agenda(row: Meeting) -> str:
    """The reference stands first: in lists Zoom cuts the agenda to 250 characters."""
    return f"[mensetsu:{row.reference}]"


def find_by_reference(row: Meeting, now: datetime) -> client.ZoomMeeting | None:
    """The meeting that carries our reference among the host's coming ones, in full."""
    mark = agenda(row)

    def look(zoom: client.Client) -> client.ZoomMeeting | None:
        match = next((m for m in zoom.list_upcoming() if m.agenda.startswith(mark)), None)
        return None if match is None else zoom.get_meeting(match.id)

    return _call(row, look, now)


def _accept(row: Meeting, made: client.ZoomMeeting, now: datetime) -> None:
    """Write Zoom's meeting on our row, unless it is not what we asked for."""
    unfit = _unfit(row, made)
    if unfit:
        logger.error("meeting_unfit meeting=%s why=%s", row.pk, unfit)
        _call(row, lambda zoom: zoom.delete_meeting(made.id), now)
        Meeting.objects.filter(pk=row.pk).update(create_sent_at=None)
        raise client.Refused(0, unfit)
    made = _with_passcode(row, made, now)
    with transaction.atomic():
        Meeting.objects.filter(pk=row.pk).update(
            zoom_id=made.id,
            zoom_uuid=made.uuid,
            zoom_created_at=made.created_at,
            issued_at=now,
            checked_at=now,
            create_sent_at=None,
            problem="",
            problem_detail="",
            due_at=None,
            failed_at=None,
            **as_zoom_has_it(row, made),
        )
        _follow_up(_row(row))


def _follow_up(row: Meeting) -> None:
    """What happened to the row while Zoom was being asked."""
    if row.canceled_at:
        remove_meeting.enqueue(meeting_id=row.pk)
    elif row.is_unsynced:
        sync_meeting.enqueue(meeting_id=row.pk)


def _unfit(row: Meeting, made: client.ZoomMeeting) -> str:
    if made.uses_pmi:
        return "personal meeting id"  # its room is shared with every other meeting of this host
    if made.host_id and made.host_id != row.connection.zoom_user_id:
        return "another host"
    return ""


def _with_passcode(row: Meeting, made: client.ZoomMeeting, now: datetime) -> client.ZoomMeeting:
    """Zoom made no passcode (the user's setting): give one, and read back the link that changes with it."""
    if made.passcode:
        return made
    passcode = _passcode()

    def give(zoom: client.Client) -> client.ZoomMeeting:
        zoom.update_meeting(made.id, passcode=passcode)
        return zoom.get_meeting(made.id)

    try:
        return _call(row, give, now)
    except client.ZoomError as problem:
        # The account forbids passcodes, or Zoom is away: the meeting is good all the same, behind its waiting room.
        logger.warning("meeting_without_passcode meeting=%s why=%s", row.pk, type(problem).__name__)
        return made


def _passcode() -> str:
    """Satisfies the strictest of Zoom's passcode rules: ten characters of all four kinds."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "@-_*")
    letters = [secrets.choice(kind) for kind in kinds]
    letters += [secrets.choice(string.ascii_letters + string.digits) for _ in range(PASSCODE_LENGTH - 4)]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


# --- keep in step ---------------------------------------------------------------------------------------------------


@port.job(max_attempts=12)
def sync_meeting(*, meeting_id: int) -> None:
    """Bring Zoom's meeting to our time, length and topic, and read back what Zoom took."""
    now = timezone.now()
    row = Meeting.objects.select_related("connection__organization").filter(pk=meeting_id).first()
    if row is None or not row.is_unsynced:
        return
    try:
        _sync(row, now)
    except client.MeetingGone:
        lose(row, now=now)
    except client.TryLater as problem:
        note_problem(row, problem, now)
        raise
    except client.ZoomError as problem:
        note_problem(row, problem, now)


def restore(meeting: Meeting, *, now: datetime) -> None:
    """Somebody changed the meeting at Zoom: put ours back, by a job. Nothing to do when both agree."""
    if _row(meeting).is_unsynced:
        sync_meeting.enqueue(meeting_id=meeting.pk)


def _sync(row: Meeting, now: datetime) -> None:
    # Only what differs: Zoom allows a host 100 creates and updates a day.
    changes: dict[str, Any] = {}
    if row.synced_starts_at != row.starts_at:
        changes |= {"starts_at": row.starts_at, "time_zone": row.time_zone}
    if row.synced_minutes != row.minutes:
        changes["minutes"] = row.minutes
    if row.synced_topic != row.topic:
        changes["topic"] = row.topic

    def patch(zoom: client.Client) -> client.ZoomMeeting:
        zoom.update_meeting(row.zoom_id, **changes)
        return zoom.get_meeting(row.zoom_id)

    known = as_zoom_has_it(row, _call(row, patch, now))
    wanted = (row.starts_at, row.minutes, row.topic)
    is_taken = (known["synced_starts_at"], known["synced_minutes"], known["synced_topic"]) == wanted
    Meeting.objects.filter(pk=row.pk).update(
        **known,
        checked_at=now,
        drifted_at=None,
        due_at=None,
        problem="" if is_taken else Problem.NOT_TAKEN,
        problem_detail="",
    )


def as_zoom_has_it(row: Meeting, known: client.ZoomMeeting) -> dict[str, Any]:
    """The columns that flow from Zoom to us. Fractions of a second and spaces in a topic are no difference."""
    is_same_start = known.starts_at == row.starts_at.replace(microsecond=0)
    is_same_topic = " ".join(known.topic.split()) == " ".join(row.topic.split())
    columns: dict[str, Any] = {
        "join_url": known.join_url,
        "passcode": known.passcode[:20],
        "synced_starts_at": row.starts_at if is_same_start else known.starts_at,
        "synced_minutes": known.minutes,
        "synced_topic": row.topic if is_same_topic else known.topic[:200],
    }
    if known.has_waiting_room is not None:
        columns["has_waiting_room"] = known.has_waiting_room
    if known.requires_login is not None:
        columns["requires_login"] = known.requires_login
    return columns


def lose(meeting: Meeting, *, now: datetime) -> None:
    """The meeting no longer exists at Zoom: mark it, and tell whoever is above. Canceled ones are meant to be gone."""
    with transaction.atomic():
        lost = Meeting.objects.live().filter(pk=meeting.pk).update(lost_at=now, problem="", due_at=None)
        meeting.refresh_from_db()
        if lost:
            signals.meeting_lost.send(sender=Meeting, meeting=meeting, now=now)


# --- delete ---------------------------------------------------------------------------------------------------------


@port.job(max_attempts=12)
def remove_meeting(*, meeting_id: int) -> None:
    """Delete a canceled meeting at Zoom, also one whose making was never answered, until Zoom says it is gone."""
    now = timezone.now()
    row = Meeting.objects.select_related("connection__organization").filter(pk=meeting_id).first()
    if row is None or row.canceled_at is None or row.removed_at is not None:
        return
    if not row.zoom_id and _is_in_flight(row, now):
        raise client.TryLater("busy", IN_FLIGHT.total_seconds() / 2)
    try:
        _remove(row, now)
    except client.TryLater as problem:
        note_problem(row, problem, now)
        raise
    except client.ZoomError as problem:
        note_problem(row, problem, now)
    else:
        Meeting.objects.filter(pk=row.pk).update(
            removed_at=now, create_sent_at=None, problem="", problem_detail="", due_at=None
        )


def _remove(row: Meeting, now: datetime) -> None:
    zoom_id = row.zoom_id
    if not zoom_id:
        found = find_by_reference(row, now) if row.create_sent_at else None
        if found is None:
            return
        zoom_id = found.id
    _call(row, lambda zoom: zoom.delete_meeting(zoom_id), now)


# --- what is written of a failure -----------------------------------------------------------------------------------


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
    if (
        not row.issued_at
        and row.problem == Problem.UNKNOWN
        and Meeting.objects.filter(pk=row.pk, create_sent_at=row.create_sent_at)
        .exclude(create_sent_at=None)
        .exists()
    ):
        problem = Problem.UNKNOWN
    Meeting.objects.filter(pk=row.pk).update(problem=problem, problem_detail=detail, due_at=due_at)
    logger.warning("meeting_postponed meeting=%s why=%s trackingid=%s", row.pk, problem, error.tracking_id)


def note_due(row: Meeting, due_at: datetime) -> None:
    """Somebody is at it: nobody else need begin before then."""
    Meeting.objects.filter(pk=row.pk).update(due_at=due_at)


def _fail(row: Meeting, error: client.ZoomError, now: datetime) -> None:
    problem, detail = problem_of(error)
    Meeting.objects.filter(pk=row.pk, issued_at=None).update(
        failed_at=now, problem=problem, problem_detail=detail, due_at=None
    )
    logger.warning("meeting_failed meeting=%s why=%s trackingid=%s", row.pk, problem, error.tracking_id)


def _call(row: Meeting, work: Callable[[client.Client], Answer], now: datetime) -> Answer:
    return tokens.call(row.connection, work, now=now)


def _row(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_related("connection__organization").get(pk=meeting.pk)
