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
from django.utils import timezone

from mensetsu.jobs import outside, port
from mensetsu.zoom import client, comparing, failing, meeting_rows, signals, surplus, tokens
from mensetsu.zoom.models import DifferenceKind, Meeting, Problem

logger = logging.getLogger(__name__)

# After that long without a note of its outcome, the process that sent a create is taken for dead.
IN_FLIGHT = timedelta(seconds=60)
PASSCODE_LENGTH = 10
TOLD = ("synced_starts_at", "synced_minutes", "synced_topic")

Answer = TypeVar("Answer")


# --- make -----------------------------------------------------------------------------------------------------------


def issue(meeting: Meeting, *, now: datetime) -> None:
    """Make the meeting at Zoom, or adopt it if it was made already. Issued, canceled or failed: nothing to do.

    TryLater goes up after the reason stands on the row. Whatever only a person can mend becomes `failed_at`."""
    outside.check()
    row = meeting_rows.whole(meeting.pk)
    if row.is_pending:
        try:
            row = _issue(row, now)
        except client.TryLater as problem:
            failing.note_problem(row, problem, now)
            meeting.refresh_from_db()
            raise
        except client.ZoomError as problem:
            asked = row.connection_id
            failing.fail(row, problem, now)
            row = meeting_rows.whole(meeting.pk)
            if row.is_pending and row.connection_id != asked:
                # Linked anew while we asked with the link that ended.
                issue(meeting, now=now)
                return
    meeting_rows.renew(meeting, row)


def retry(meeting: Meeting, *, now: datetime, failed_at: datetime | None = None) -> bool:
    """Make a failed meeting due again, and one that waits due at once. Whoever asks enqueues its issue.

    A create that is on its way stays known: another is sent only after somebody has looked for the first. With
    `failed_at` only if that is still its last failure: False when somebody was faster."""
    row = meeting_rows.whole(meeting.pk)
    if failed_at is not None and row.failed_at != failed_at:
        return False
    as_read = Meeting.objects.live().filter(
        pk=row.pk, issued_at=None, failed_at=row.failed_at, create_sent_at=row.create_sent_at
    )
    if row.failed_at is None:
        is_due = as_read.update(due_at=now)
    else:
        # Looking for a lost one was not permitted; a person has decided to make one all the same.
        is_blind = row.problem == Problem.SCOPE_MISSING
        is_due = as_read.update(
            failed_at=None,
            problem="",
            problem_detail="",
            due_at=now,
            attempts=0,
            create_sent_at=None if is_blind else row.create_sent_at,
        )
    meeting.refresh_from_db()
    return bool(is_due)


def _issue(row: Meeting, now: datetime) -> Meeting:
    attempt = meeting_rows.Claim(row, now=now)
    # Renewed before anything is claimed: a refresh that fails must not look like a create that failed.
    tokens.fresh(row.connection, now=now)
    if row.create_sent_at is not None:
        if _is_in_flight(row, now):
            raise client.TryLater("busy", IN_FLIGHT.total_seconds() / 2)
        found = find_by_reference(row, now)
        if found is not None:
            return _accept(row, found, now)
    if not attempt.take():
        raise client.TryLater("busy", 5.0)

    def create(zoom: client.Client) -> client.ZoomMeeting:
        if not attempt.holds():
            raise client.TryLater("busy", 5.0, was_done=False)
        return zoom.create_meeting(**_wanted(row))

    try:
        made = _call(row, create, now)
    except client.OutcomeUnknown:
        raise
    except client.ZoomError:
        attempt.give_back()
        raise
    return _accept(row, made, now)


def _is_in_flight(row: Meeting, now: datetime) -> bool:
    sent_at = row.create_sent_at
    return sent_at is not None and row.problem != Problem.UNKNOWN and sent_at > now - IN_FLIGHT


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


def _accept(row: Meeting, made: client.ZoomMeeting, now: datetime) -> Meeting:
    """Write Zoom's meeting on our row, unless it is not what we asked for or the row got another meanwhile; answers the
    row as it is then."""
    unfit = _unfit(row, made)
    if unfit:
        logger.error("meeting_unfit meeting=%s why=%s", row.pk, unfit)
        _call(row, lambda zoom: zoom.delete_meeting(made.id), now)
        Meeting.objects.filter(pk=row.pk).update(create_sent_at=None)
        raise client.Refused(0, unfit)
    made = _with_passcode(row, made, now)
    known = as_zoom_has_it(row, made)
    with transaction.atomic():
        accepted = Meeting.objects.filter(pk=row.pk, issued_at=None).update(
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
            **known,
        )
        if not accepted:
            written = meeting_rows.whole(row.pk)
            if written.zoom_id != made.id:
                surplus.remove.enqueue(meeting_id=row.pk, zoom_id=made.id)
            return written
        # What Zoom did not take over of the settings, whoever forbade it, is told at once.
        comparing.note(row, made, known, now=now, sent=comparing.OWN)
        written = meeting_rows.whole(row.pk)
        _follow_up(written)
    return written


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
    passcode = new_passcode()

    def give(zoom: client.Client) -> client.ZoomMeeting:
        zoom.update_meeting(made.id, passcode=passcode)
        return zoom.get_meeting(made.id)

    try:
        return _call(row, give, now)
    except client.ZoomError as problem:
        # The account forbids passcodes, or Zoom is away: people can meet all the same, and what is missing is told.
        logger.warning("meeting_without_passcode meeting=%s why=%s", row.pk, type(problem).__name__)
        return made


def new_passcode() -> str:
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
    row = Meeting.objects.select_related("connection__organization").filter(pk=meeting_id).first()
    if row is not None:
        sync(row, now=timezone.now())


def sync(row: Meeting, *, now: datetime) -> None:
    """The same at once. Only TryLater goes up, after the reason stands on the row; no job is left behind."""
    if not row.is_unsynced:
        return
    try:
        _sync(row, now)
    except client.MeetingGone:
        lose(row, now=now)
    except client.TryLater as problem:
        failing.note_problem(row, problem, now)
        raise
    except client.ZoomError as problem:
        failing.note_problem(row, problem, now)


def restore(meeting: Meeting, *, now: datetime) -> None:
    """Somebody changed the meeting at Zoom: put our time and length back, by a job, also where both were to stand.
    Nothing to do when both agree."""
    if meeting_rows.whole(meeting.pk).is_unsynced:
        comparing.want_back(meeting, (DifferenceKind.TIME, DifferenceKind.LENGTH), now=now)
        sync_meeting.enqueue(meeting_id=meeting.pk)


def _sync(row: Meeting, now: datetime) -> None:
    changes = unsent(row)
    if not changes:
        return

    def patch(zoom: client.Client) -> client.ZoomMeeting:
        zoom.update_meeting(row.zoom_id, **changes)
        return zoom.get_meeting(row.zoom_id)

    made = _call(row, patch, now)
    while not _take(row, made, changes, now):
        # Somebody else asked Zoom meanwhile. Which of the two answers is younger only Zoom knows.
        row = meeting_rows.whole(row.pk)
        made = _read(row, now)


def _read(row: Meeting, now: datetime) -> client.ZoomMeeting:
    return _call(row, lambda zoom: zoom.get_meeting(row.zoom_id), now)


def _take(row: Meeting, made: client.ZoomMeeting, changes: dict[str, Any], now: datetime) -> bool:
    """Write what Zoom answered to these changes; False if another answer has been written since `row` was read."""
    known = as_zoom_has_it(row, made)
    sent, differing = kinds_of(changes), comparing.differing(row, known)
    as_read = Meeting.objects.filter(pk=row.pk, **dict(zip(TOLD, told(row), strict=True)))
    with transaction.atomic():
        written = as_read.update(
            **known,
            checked_at=now,
            # What waits for a decision keeps us from telling Zoom by ourselves.
            drifted_at=comparing.drifted(row, known, differing - sent, now),
            due_at=None,
            problem=Problem.NOT_TAKEN if differing & sent else "",
            problem_detail="",
        )
        if written:
            is_news = comparing.note(row, made, known, now=now, sent=sent)
            comparing.note_not_taken(comparing.wanted_back(row, differing & sent))
            if is_news:
                comparing.announce(row, now=now)
    return bool(written)


def told(row: Meeting) -> tuple[Any, ...]:
    """What Zoom had, as it was last heard."""
    return tuple(getattr(row, name) for name in TOLD)


def unsent(row: Meeting) -> dict[str, Any]:
    """Only what differs: Zoom allows a host 100 creates and updates a day. Whoever moves an interview means its time
    and length; about what somebody chose at Zoom a person decides."""
    differing = comparing.differing(row, {name: getattr(row, name) for name in TOLD})
    untold = differing - comparing.waiting(row) if differing else differing
    changes: dict[str, Any] = {}
    if DifferenceKind.TIME in untold:
        # With its length, which somebody may have changed at Zoom and nobody has told us.
        changes |= {"starts_at": row.starts_at, "time_zone": row.time_zone, "minutes": row.minutes}
    elif DifferenceKind.LENGTH in untold:
        changes["minutes"] = row.minutes
    if DifferenceKind.TOPIC in untold:
        changes["topic"] = row.topic
    return changes


def kinds_of(changes: dict[str, Any]) -> frozenset[str]:
    """What of a meeting's own a request is about."""
    return frozenset(kind for kind, (mine, _synced) in comparing.OWN.items() if mine in changes)


def as_zoom_has_it(row: Meeting, known: client.ZoomMeeting) -> dict[str, Any]:
    """The columns that flow from Zoom to us. Spaces in a topic are no difference."""
    is_same_topic = " ".join(known.topic.split()) == " ".join(row.topic.split())
    columns: dict[str, Any] = {
        "join_url": known.join_url,
        "passcode": known.passcode[:20],
        "synced_starts_at": meeting_rows.start_there(row, known),
        "synced_minutes": known.minutes,
        "synced_topic": row.topic if is_same_topic else known.topic[:200],
    }
    if known.has_waiting_room is not None:
        columns["has_waiting_room"] = known.has_waiting_room
    if known.requires_login is not None:
        columns["requires_login"] = known.requires_login
    if known.admits_early is not None:
        columns["admits_early"] = known.admits_early
    return columns


def lose(meeting: Meeting, *, now: datetime) -> None:
    """The meeting no longer exists at Zoom: mark it, and tell whoever is above. Canceled ones are meant to be gone."""
    with transaction.atomic():
        lost = Meeting.objects.live().filter(pk=meeting.pk).update(lost_at=now, problem="", due_at=None)
        meeting.refresh_from_db()
        if lost:
            comparing.note_one(meeting, DifferenceKind.GONE, now=now)
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
        failing.note_problem(row, problem, now)
        raise
    except client.ZoomError as problem:
        failing.note_problem(row, problem, now)
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


def _call(row: Meeting, work: Callable[[client.Client], Answer], now: datetime) -> Answer:
    return tokens.call(row.connection, work, now=now, begins_at=row.starts_at)
