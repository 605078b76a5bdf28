"""Taking over a meeting that a person made at Zoom: it becomes ours as if we had made it.

First Zoom is asked what it is (`find`, outside of any transaction), then its host's time is taken and the row written
(`take`, in the caller's transaction). A job writes our mark into its agenda, so that it is recognised from then on."""

import re
import unicodedata
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from mensetsu.accounts.models import Organization
from mensetsu.jobs import outside
from mensetsu.zoom import checking, client, comparing, hosting, issuing, reconciling, tokens
from mensetsu.zoom.models import Connection, Meeting, Orphan

# Meeting ids have 9 to 11 digits; 10 are a personal room's.
NUMBER = re.compile(r"\d{9,12}")
IN_ADDRESS = re.compile(r"/(?:j|s|wc/join)/(\d{9,12})(?!\d)")
SCHEDULED, PERSONAL, INSTANT = 2, 4, 1


class NotANumber(Exception):
    """Neither a meeting id nor a join link with one."""


class NotFound(Exception):
    """Zoom knows no such meeting of this account; deleted and expired ones are not known either."""


class OtherHost(Exception):
    """Another Zoom user hosts it."""


class NotPlain(Exception):
    """`why` is "recurring", "personal", "instant" or "webinar": such a meeting is never one interview's alone."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class IsOver(Exception):
    """It has begun, or its time is past."""


class Taken(Exception):
    """It is the meeting of `meeting`'s interview, or is being deleted; None: of something that is not to be named."""

    def __init__(self, meeting: Meeting | None) -> None:
        super().__init__(meeting.pk if meeting else None)
        self.meeting = meeting


def number_of(text: str) -> str:
    """The meeting's id in what somebody typed: an id with or without spaces, or a join link. Refuses NotANumber."""
    typed = unicodedata.normalize("NFKC", text).strip()
    address = IN_ADDRESS.search(typed)
    digits = address.group(1) if address else re.sub(r"[\s-]", "", typed)
    if not NUMBER.fullmatch(digits):
        raise NotANumber
    return digits


def find(connection: Connection, zoom_id: str, *, now: datetime) -> client.ZoomMeeting:
    """What Zoom says of that meeting, if it can become one interview's. Calls Zoom; never inside a transaction.

    Refusals: NotFound, OtherHost, NotPlain, IsOver, Taken; the other answers of Zoom (zoom/client.py) as they are."""
    outside.check()
    try:
        known = tokens.call(connection, lambda zoom: zoom.get_meeting(zoom_id), now=now)
    except client.MeetingGone:
        raise NotFound from None
    except client.Refused as problem:
        if problem.is_webinar:
            raise NotPlain("webinar") from None
        if problem.code in checking.ANOTHERS:
            raise OtherHost from None
        raise
    if known.host_id != connection.zoom_user_id:
        raise OtherHost
    _refuse_unfit(known, zoom_id, now)
    _refuse_taken(connection, known)
    return known


def let_go(known: client.ZoomMeeting, *, connection: Connection, now: datetime) -> None:
    """A row whose meeting was gone and is there again is of the past: its number belongs to whoever takes the meeting
    now, and no job deletes it. In that one's transaction, before it cancels the meetings that it had."""
    rows = Meeting.objects.filter(_of_user(connection), organization_id=connection.organization_id)
    rows.filter(zoom_id=known.id, canceled_at=None, lost_at__isnull=False).update(
        zoom_id="", issued_at=None, canceled_at=now, removed_at=now
    )


def take(
    known: client.ZoomMeeting,
    *,
    organization: Organization,
    connection: Connection,
    starts_at: datetime,
    minutes: int,
    title: str,
    page_url: str,
    now: datetime,
) -> Meeting:
    """The row of that meeting, with its host's time taken for `starts_at`; where Zoom has another time, Zoom is told by
    the job that also writes our mark. Topic and settings stay as the person at Zoom chose them.

    Refusals: Taken; of the host StartsInPast, HostEnded, HostBusy."""
    let_go(known, connection=connection, now=now)
    _refuse_taken(connection, known)
    # What is left was canceled and is known to be gone: here a number is one meeting's.
    Meeting.objects.filter(connection=connection, zoom_id=known.id).update(zoom_id="", issued_at=None)
    made = hosting.request(
        organization=organization, starts_at=starts_at, minutes=minutes, topic=known.topic, title=title,
        page_url=page_url, host=connection, now=now, time_zone=organization.time_zone,
    )  # fmt: skip
    columns = issuing.as_zoom_has_it(made, known)
    settings = {mine: columns[theirs] for mine, theirs in comparing.SETTINGS.values() if theirs in columns}
    try:
        with transaction.atomic():
            Meeting.objects.filter(pk=made.pk).update(
                zoom_id=known.id, zoom_uuid=known.uuid, zoom_created_at=known.created_at, issued_at=now,
                adopted_at=now, checked_at=now, own_topic=made.topic, **settings, **columns,
            )  # fmt: skip
    except IntegrityError:  # somebody else took it over at the same moment
        raise Taken(None) from None
    Orphan.objects.filter(connection=connection, zoom_id=known.id, gone_at=None).update(gone_at=now)
    reconciling.restore_meeting.enqueue(meeting_id=made.pk)
    made.refresh_from_db()
    return made


def _refuse_unfit(known: client.ZoomMeeting, zoom_id: str, now: datetime) -> None:
    if known.uses_pmi or known.kind == PERSONAL or known.id != zoom_id:
        raise NotPlain("personal")
    if known.kind == INSTANT:
        raise NotPlain("instant")
    if known.kind != SCHEDULED or known.starts_at is None or not known.minutes:
        raise NotPlain("recurring")
    if known.starts_at <= now:
        raise IsOver


def _refuse_taken(connection: Connection, known: client.ZoomMeeting) -> None:
    """Whoever shares this Zoom user may have it: also another company, which is not named."""
    standing = Q(canceled_at=None, lost_at=None) | Q(canceled_at__isnull=False, removed_at=None)
    same = Q(zoom_id=known.id)
    mark = comparing.mark_of(known)
    if mark is not None:
        # Made by us, its answer lost: it is about to be found by its mark.
        same |= Q(reference=mark, zoom_id="")
    row = Meeting.objects.filter(standing & same & _of_user(connection)).first()
    if row is not None:
        raise Taken(row if row.organization_id == connection.organization_id else None)


def _of_user(connection: Connection) -> Q:
    """Meetings of this Zoom user, through whichever link they were made."""
    links = Connection.objects.filter(Q(pk=connection.pk) | Q(zoom_user_id=connection.zoom_user_id))
    return Q(connection__in=links)
