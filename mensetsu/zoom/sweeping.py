"""The daily look at everything a host has at Zoom: one list instead of one question a meeting.

The list tells time, length, topic, host and link; a meeting is asked for by itself where one of these is not what Zoom
was last known to have, where it is missing, and once a week for the settings, which no list tells. What carries our
mark and belongs to nothing here is listed for a person. Meetings without our mark are never looked at twice, shown or
touched."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from mensetsu.accounts.models import User
from mensetsu.history import recording
from mensetsu.jobs import outside, port
from mensetsu.zoom import checking, client, comparing, failing, issuing, reconciling, signals, tokens
from mensetsu.zoom.models import Connection, DifferenceKind, Meeting, Orphan, WhyOrphan

# The settings of a meeting were looked at within that time; so many questions for them are asked a day and host.
SETTINGS_KNOWN = timedelta(days=7)
ASKED_A_DAY = 100
KEEP = timedelta(days=30)


@port.job(max_attempts=1)
def sweep_all() -> None:
    """Daily: every linked account. What was gone long ago is forgotten."""
    Orphan.objects.filter(gone_at__lt=timezone.now() - KEEP).delete()
    for pk in Connection.objects.live().values_list("pk", flat=True):
        sweep.enqueue(connection_id=pk)


@port.job(max_attempts=6)
def sweep(*, connection_id: int) -> None:
    """Compare one host's list with what we know of it, and note what belongs to nobody."""
    now = timezone.now()
    connection = Connection.objects.live().filter(pk=connection_id).first()
    if connection is None:
        return
    outside.check()
    try:
        there = tokens.call(connection, lambda zoom: zoom.list_upcoming(), now=now)
        for gone in _canceled(connection, there):
            tokens.call(connection, lambda zoom, gone=gone: zoom.delete_meeting(gone.id), now=now)
    except client.ZoomError as problem:
        Connection.objects.filter(pk=connection.pk).update(compare_problem=failing.problem_of(problem)[0])
        if isinstance(problem, client.TryLater):
            raise
        return  # ended, or the app may not list: the pages of the link and of the differences say so
    Connection.objects.filter(pk=connection.pk).update(compared_at=now, compare_problem="")
    for meeting in _to_look_at(connection, there, now):
        checking.check_meeting.using(priority=port.WHEN_IDLE).enqueue(meeting_id=meeting.pk)
    unmarked = Meeting.objects.live().filter(connection=connection, adopted_at__isnull=False, marked_at=None)
    for meeting in unmarked.filter(starts_at__gt=now):
        reconciling.restore_meeting.enqueue(meeting_id=meeting.pk)
    _note_moved(connection, there, now)
    _note_orphans(connection, there, now)


def remove(orphan: Orphan, *, by: User, now: datetime) -> None:
    """〔Zoomから削除〕: a job deletes it, if it still carries our mark. Pressed twice is once."""
    with transaction.atomic():
        mine = Orphan.objects.standing().filter(pk=orphan.pk, removing_at=None)
        if mine.update(removing_at=now, removing_by=by, problem=""):
            remove_orphan.enqueue(orphan_id=orphan.pk)


@port.job(max_attempts=12)
def remove_orphan(*, orphan_id: int) -> None:
    """Delete at Zoom what a person has asked to be deleted, unless it has become something else meanwhile."""
    now = timezone.now()
    wanted = Orphan.objects.standing().exclude(removing_at=None).filter(pk=orphan_id)
    orphan = wanted.select_related("connection__organization", "removing_by").first()
    if orphan is None:
        return
    outside.check()
    try:
        is_gone = _deleted(orphan, now)
    except client.TryLater as problem:
        Orphan.objects.filter(pk=orphan.pk).update(problem=failing.problem_of(problem)[0])
        raise
    except client.ZoomError as problem:
        Orphan.objects.filter(pk=orphan.pk).update(problem=failing.problem_of(problem)[0], removing_at=None)
        return
    with transaction.atomic():
        if Orphan.objects.filter(pk=orphan.pk, gone_at=None).update(gone_at=now, problem="") and is_gone:
            recording.record(
                "connection.orphan_removed", subject=orphan.connection, by=orphan.removing_by, at=now,
                organization_id=orphan.connection.organization_id, topic=orphan.topic, starts_at=orphan.starts_at,
            )  # fmt: skip


def _deleted(orphan: Orphan, now: datetime) -> bool:
    """False: it is gone already, or it is no longer what was listed, and was left alone."""

    def work(zoom: client.Client) -> bool:
        known = zoom.get_meeting(orphan.zoom_id)
        if comparing.mark_of(known) != orphan.reference:
            return False
        zoom.delete_meeting(orphan.zoom_id)
        return True

    if _held(orphan.connection, [orphan.zoom_id]):
        return False  # taken over for an interview meanwhile
    try:
        return tokens.call(orphan.connection, work, now=now)
    except client.MeetingGone:
        return False


def _to_look_at(connection: Connection, there: list[client.ZoomMeeting], now: datetime) -> list[Meeting]:
    listed = {item.id: item for item in there}
    issued = Meeting.objects.live().filter(connection=connection, issued_at__isnull=False, starts_at__gt=now)
    coming = list(issued.order_by(F("checked_at").asc(nulls_first=True), "pk"))
    changed = [
        row for row in coming if row.zoom_id not in listed or not _is_as_known(row, listed[row.zoom_id])
    ]
    known = {row.pk for row in changed}
    unseen = [row for row in coming if row.pk not in known and _is_long_unseen(row, now)]
    return [*changed, *unseen[:ASKED_A_DAY]]


def _is_long_unseen(row: Meeting, now: datetime) -> bool:
    return row.checked_at is None or row.checked_at < now - SETTINGS_KNOWN


def _is_as_known(row: Meeting, item: client.ZoomMeeting) -> bool:
    """Zoom has what it had when it was last asked, whether that is what we want or not."""
    columns = issuing.as_zoom_has_it(row, item)
    known = (row.synced_starts_at, row.synced_minutes, row.synced_topic, row.join_url)
    return known == (
        columns["synced_starts_at"],
        columns["synced_minutes"],
        columns["synced_topic"],
        item.join_url or row.join_url,
    )


def _canceled(connection: Connection, there: list[client.ZoomMeeting]) -> Iterator[client.ZoomMeeting]:
    """Certainly ours and canceled: our mark, and either the very id or one whose making was never answered.

    One that was lost, came back and was taken over carries the mark of its canceled row until its own is written; so
    each is looked up when its turn comes, right before it is deleted."""
    rows = _rows(connection, there)
    for item in there:
        row = rows.get(comparing.mark_of(item))
        if (
            row is not None
            and row.organization_id == connection.organization_id
            and row.canceled_at is not None
            and row.zoom_id in ("", item.id)
            and not _held(connection, [item.id])
        ):
            yield item


def _held(connection: Connection, zoom_ids: Iterable[str]) -> set[str]:
    """Which of these numbers are meetings that stand here for this Zoom user, whatever mark they carry at Zoom."""
    live = Meeting.objects.live().filter(connection__zoom_user_id=connection.zoom_user_id)
    return set(live.filter(zoom_id__in=list(zoom_ids)).values_list("zoom_id", flat=True))


def _note_moved(connection: Connection, there: list[client.ZoomMeeting], now: datetime) -> None:
    """A meeting of another of the company's hosts stands in this one's list: somebody handed it over at Zoom."""
    rows = _rows(connection, there)
    for item in there:
        row = rows.get(comparing.mark_of(item))
        if row is None or not _is_moved(row, connection, item):
            continue
        with transaction.atomic():
            if comparing.note_one(row, DifferenceKind.HOST, now=now, their_host=connection):
                signals.meeting_news.send(sender=Meeting, meeting=row, kind="changed", at=now, now=now)


def _is_moved(row: Meeting, connection: Connection, item: client.ZoomMeeting) -> bool:
    return (
        row.organization_id == connection.organization_id
        and row.is_issued
        and row.zoom_id == item.id
        # A link that ended says nothing about who hosts; following.py looks after its meetings.
        and row.connection.is_live
        and row.connection_id != connection.pk
    )


def _note_orphans(connection: Connection, there: list[client.ZoomMeeting], now: datetime) -> None:
    rows = _rows(connection, there)
    held = _held(connection, [item.id for item in there if comparing.mark_of(item)])
    found: dict[str, tuple[client.ZoomMeeting, UUID, str]] = {}
    for item in there:
        mark = comparing.mark_of(item)
        why = _why_orphan(connection, item, rows.get(mark)) if mark and item.id not in held else ""
        if mark and why:
            found[item.id] = (item, mark, why)
    standing = Orphan.objects.filter(connection=connection, gone_at=None)
    known = set(standing.values_list("zoom_id", flat=True))
    standing.exclude(zoom_id__in=list(found)).update(gone_at=now)
    for zoom_id, (item, mark, why) in found.items():
        facts = {
            "reference": mark, "why": why, "topic": item.topic[:200], "starts_at": item.starts_at,
            "minutes": min(item.minutes, 32767),
        }  # fmt: skip
        if zoom_id in known:
            standing.filter(zoom_id=zoom_id).update(**facts)
        else:
            Orphan.objects.get_or_create(
                connection=connection, zoom_id=zoom_id, gone_at=None, defaults={**facts, "found_at": now}
            )


def _why_orphan(connection: Connection, item: client.ZoomMeeting, row: Meeting | None) -> str:
    """ "": it is ours, or another company's, or about to become ours, or about to be deleted."""
    if row is None:
        return WhyOrphan.UNKNOWN
    if row.organization_id != connection.organization_id or row.zoom_id == "":
        return ""
    if row.zoom_id != item.id:
        return WhyOrphan.DOUBLE
    return WhyOrphan.LOST if row.lost_at and not row.canceled_at else ""


def _rows(connection: Connection, there: list[client.ZoomMeeting]) -> dict[UUID | None, Meeting]:
    """The meetings that these marks name, also those of other companies: theirs are left alone."""
    marks = [mark for item in there if (mark := comparing.mark_of(item))]
    found = Meeting.objects.filter(reference__in=marks).select_related("connection")
    return {row.reference: row for row in found}
