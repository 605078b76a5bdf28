"""A host's time: whose it is, how much is left of it, and taking it. Nothing here calls Zoom.

Zoom lets one host start one meeting at a time (two on some plans) and never complains when more are scheduled, so the
guard is ours. https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0068522
Whoever takes time first touches the host's row by a conditional UPDATE: competitors queue up there, on SQLite and
PostgreSQL alike, and only then are the overlapping meetings counted. Back-to-back meetings do not overlap.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q

from mensetsu.accounts.models import Organization
from mensetsu.zoom import issuing
from mensetsu.zoom.models import BASIC_PLAN_MINUTES, Connection, Meeting

TOPIC_LENGTH = 200
NEIGHBORHOOD = timedelta(hours=24)


class HostBusy(Exception):
    """The host's capacity is used up at that time; free again at `until`. `meetings` are those in the way."""

    def __init__(self, until: datetime, meetings: list[Meeting]) -> None:
        super().__init__(until)
        self.until = until
        self.meetings = meetings


class NoFreeHost(Exception):
    """「自動で選ぶ」 found no linked account that is free at that time."""


class HostEnded(Exception):
    """The chosen Zoom account is no longer linked."""


class StartsInPast(Exception):
    """Zoom would silently turn a past start into now; so it is refused here."""


class NotMovable(Exception):
    """The meeting was canceled, or it no longer exists at Zoom: only a new one helps."""


@dataclass(frozen=True)
class HostChoice:
    """One linked account as a choice for a time: is it free, what is in the way, what to warn of."""

    connection: Connection
    is_free: bool
    busy: list[Meeting] = field(default_factory=list)
    # Minutes since the host's previous meeting ends, if that is within the day before.
    gap_minutes_before: int | None = None
    is_basic_and_too_long: bool = False


@transaction.atomic
def request(
    *,
    organization: Organization,
    starts_at: datetime,
    minutes: int,
    topic: str,
    title: str,
    page_url: str,
    host: Connection | None,
    now: datetime,
    by: object = None,
    time_zone: str = "Asia/Tokyo",
    ignoring: Meeting | None = None,
) -> Meeting:
    """Take the host's time and write down the wanted meeting; whoever asks enqueues its issue.

    `host=None` chooses: shared accounts first, licensed before basic, then the least loaded. `ignoring` is a meeting
    that is about to be replaced by this one and so does not count. Refuses: StartsInPast, HostEnded (also a host of
    another company), HostBusy, NoFreeHost."""
    if starts_at <= now:
        raise StartsInPast
    ends_at = starts_at + timedelta(minutes=minutes)
    if host is None:
        host = _free_host(organization, starts_at, ends_at, now, ignoring)
    elif host.organization_id != organization.pk:
        raise HostEnded
    else:
        _take(host, starts_at, ends_at, ignoring)
    return Meeting.objects.create(
        organization=organization,
        connection=host,
        topic=shortened(topic),
        title=title[:200],
        page_url=page_url,
        starts_at=starts_at,
        minutes=minutes,
        time_zone=time_zone,
        requested_at=now,
    )


@transaction.atomic
def move(meeting: Meeting, *, starts_at: datetime, minutes: int, topic: str, now: datetime) -> None:
    """Give the same meeting another time, length or topic; Zoom is told by a job. Id and URL stay.

    Refuses: NotMovable, StartsInPast (a running meeting may still change its length), HostEnded, HostBusy."""
    current = Meeting.objects.select_related("connection").get(pk=meeting.pk)
    if not current.is_live:
        raise NotMovable
    if starts_at != current.starts_at and starts_at <= now:
        raise StartsInPast
    ends_at = starts_at + timedelta(minutes=minutes)
    _take(current.connection, starts_at, ends_at, current)
    meeting.starts_at, meeting.minutes, meeting.ends_at = starts_at, minutes, ends_at
    meeting.topic = shortened(topic)
    # By columns: a job may be writing Zoom's answer into the same row.
    moved = Meeting.objects.filter(pk=meeting.pk, canceled_at=None, lost_at=None).update(
        starts_at=starts_at, minutes=minutes, ends_at=ends_at, topic=meeting.topic
    )
    if not moved:
        raise NotMovable
    if current.issued_at:
        issuing.sync_meeting.enqueue(meeting_id=meeting.pk)


@transaction.atomic
def cancel(meeting: Meeting, *, now: datetime) -> None:
    """Free the host's time at once; a job deletes the meeting at Zoom until Zoom says that it is gone."""
    if not Meeting.objects.filter(pk=meeting.pk, canceled_at=None).update(canceled_at=now):
        return
    meeting.refresh_from_db()
    if meeting.zoom_id or meeting.create_sent_at:
        issuing.remove_meeting.enqueue(meeting_id=meeting.pk)
    else:
        meeting.removed_at = now
        meeting.save(update_fields=["removed_at"])


def host_choices(
    *,
    organization: Organization,
    starts_at: datetime,
    minutes: int,
    now: datetime,
    ignoring: Meeting | None = None,
) -> list[HostChoice]:
    """Every linked account of the company for that time, in the order in which a person should consider them.

    Two queries, however many hosts. Never asks Zoom."""
    ends_at = starts_at + timedelta(minutes=minutes)
    nearby: dict[int, list[Meeting]] = {}
    for meeting in _counting(organization, ignoring).overlapping(starts_at - NEIGHBORHOOD, ends_at):
        nearby.setdefault(meeting.connection_id, []).append(meeting)
    hosts = Connection.objects.hosts_for(organization).select_related("owner")
    return [_choice(host, starts_at, ends_at, nearby.get(host.pk, [])) for host in hosts]


def busy_until(
    capacity: int, meetings: list[Meeting], starts_at: datetime, ends_at: datetime
) -> datetime | None:
    """When the last crowded moment between the two ends, or None when one more meeting fits.

    A sweep over the instants: several meetings in a row are not simultaneous."""
    edges = sorted(
        [(max(m.starts_at, starts_at), 1) for m in meetings] + [(m.ends_at, -1) for m in meetings],
    )
    running, until = 0, None
    for moment, step in edges:
        if running >= capacity and step < 0 and running + step < capacity:
            until = moment
        running += step
    return until


def shortened(topic: str) -> str:
    """Zoom takes 200 characters; counted in UTF-16 units, so that an emoji is never cut in half anywhere."""
    topic = " ".join(topic.split())
    while len(topic.encode("utf-16-le")) > 2 * TOPIC_LENGTH:
        topic = topic[:-1]
    return topic.rstrip("\u200d\ufe0f ")


def _counting(organization: Organization, ignoring: Meeting | None):
    meetings = Meeting.objects.filter(organization=organization).live().order_by("starts_at", "id")
    return meetings if ignoring is None else meetings.exclude(pk=ignoring.pk)


def _choice(host: Connection, starts_at: datetime, ends_at: datetime, nearby: list[Meeting]) -> HostChoice:
    busy = [m for m in nearby if m.starts_at < ends_at and m.ends_at > starts_at]
    gaps = [starts_at - m.ends_at for m in nearby if m.ends_at <= starts_at]
    return HostChoice(
        connection=host,
        is_free=busy_until(host.capacity, busy, starts_at, ends_at) is None,
        busy=busy,
        gap_minutes_before=int(min(gaps).total_seconds() // 60) if gaps else None,
        is_basic_and_too_long=_is_too_long(host, starts_at, ends_at),
    )


def _is_too_long(host: Connection, starts_at: datetime, ends_at: datetime) -> bool:
    return host.is_basic and ends_at - starts_at > timedelta(minutes=BASIC_PLAN_MINUTES)


def _take(host: Connection, starts_at: datetime, ends_at: datetime, ignoring: Meeting | None) -> None:
    if not Connection.objects.live().filter(pk=host.pk).update(touched=F("touched") + 1):
        raise HostEnded
    # The capacity may have been changed since `host` was read.
    capacity = Connection.objects.values_list("capacity", flat=True).get(pk=host.pk)
    taken = _counting(host.organization, ignoring).filter(connection=host).overlapping(starts_at, ends_at)
    busy = list(taken)
    until = busy_until(capacity, busy, starts_at, ends_at)
    if until is not None:
        raise HostBusy(until, busy)


def _free_host(
    organization: Organization,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    ignoring: Meeting | None,
) -> Connection:
    minutes = int((ends_at - starts_at).total_seconds() // 60)
    choices = host_choices(
        organization=organization, starts_at=starts_at, minutes=minutes, now=now, ignoring=ignoring
    )
    free = [choice.connection for choice in choices if choice.is_free]
    # Touched in one order by everybody, so that two who choose at once wait for each other instead of deadlocking.
    for host in sorted(free, key=lambda host: host.pk):
        Connection.objects.live().filter(pk=host.pk).update(touched=F("touched") + 1)
    for host in _preferred(free, starts_at, ends_at, now):
        try:
            _take(host, starts_at, ends_at, ignoring)
        except (HostBusy, HostEnded):
            continue
        return host
    raise NoFreeHost


def _preferred(
    free: list[Connection], starts_at: datetime, ends_at: datetime, now: datetime
) -> list[Connection]:
    upcoming = Q(meetings__canceled_at=None, meetings__lost_at=None, meetings__ends_at__gt=now)
    load = dict(
        Connection.objects.filter(pk__in=[host.pk for host in free])
        .annotate(load=Count("meetings", filter=upcoming))
        .values_list("pk", "load")
    )
    return sorted(
        free,
        key=lambda host: (
            _is_too_long(host, starts_at, ends_at),
            not host.is_shared,
            host.is_basic,
            load[host.pk],
            host.pk,
        ),
    )
