"""A host's time: whose it is, how much is left of it, and taking it. Nothing here calls Zoom.

Zoom lets one host start one meeting at a time (two on some plans) and never complains when more are scheduled, so the
guard is ours. https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0068522
Whoever takes time first touches the host's row by a conditional UPDATE: competitors queue up there, on SQLite and
PostgreSQL alike, and only then are the overlapping meetings counted, and the tentative holds (仮押さえ) with them.
Back-to-back meetings do not overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from mensetsu.accounts.models import Organization
from mensetsu.zoom import issuing
from mensetsu.zoom.models import BASIC_PLAN_MINUTES, Connection, HostHold, Meeting

TOPIC_LENGTH = 200
NEIGHBORHOOD = timedelta(hours=24)

# Both have a beginning, an end and a length in minutes; whoever shows them tells them apart by `is_hold`.
Taken = Meeting | HostHold


class HostBusy(Exception):
    """The host's capacity is used up at that time; free again at `until`. `meetings` are those in the way, and the
    tentative holds among them."""

    def __init__(self, until: datetime, meetings: list[Taken]) -> None:
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
    busy: list[Taken] = field(default_factory=list)
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
    ignoring_hold: str = "",
) -> Meeting:
    """Take the host's time and write down the wanted meeting; whoever asks enqueues its issue.

    `host=None` chooses: shared accounts first, licensed before basic, then the least loaded. `ignoring` is a meeting
    that is about to be replaced by this one and so does not count; neither do holds under the key `ignoring_hold`.
    Refuses: StartsInPast, HostEnded (also a host of another company), HostBusy, NoFreeHost."""
    if starts_at <= now:
        raise StartsInPast
    wanted = _Time(starts_at, starts_at + timedelta(minutes=minutes), now, ignoring, ignoring_hold)
    host = _own_or_free(organization, host, wanted)
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
    _take(current.connection, _Time(starts_at, ends_at, now, current))
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
    ignoring_hold: str = "",
) -> list[HostChoice]:
    """Every linked account of the company for that time, in the order in which a person should consider them.

    Three queries, however many hosts. Never asks Zoom."""
    wanted = _Time(starts_at, starts_at + timedelta(minutes=minutes), now, ignoring, ignoring_hold)
    nearby: dict[int, list[Taken]] = {}
    for one in wanted.taken(Connection.objects.filter(organization=organization), since=NEIGHBORHOOD):
        nearby.setdefault(one.connection_id, []).append(one)
    hosts = Connection.objects.hosts_for(organization).select_related("owner")
    return [_choice(host, starts_at, wanted.ends_at, nearby.get(host.pk, [])) for host in hosts]


@transaction.atomic
def hold(
    *,
    organization: Organization,
    host: Connection | None,
    starts_at: datetime,
    ends_at: datetime,
    until: datetime,
    key: str,
    now: datetime,
    ignoring: Meeting | None = None,
) -> HostHold:
    """Keep a host's time for something that is not decided yet: it counts like a meeting until `until`.

    `host=None` chooses as `request` does; `ignoring` is the meeting that may be moved there. Refuses as `request`."""
    if starts_at <= now:
        raise StartsInPast
    host = _own_or_free(organization, host, _Time(starts_at, ends_at, now, ignoring))
    return HostHold.objects.create(
        connection=host, key=key, starts_at=starts_at, ends_at=ends_at, held_until=until
    )


def queue_up(organization: Organization) -> None:
    """For those who choose a host, or take several in one transaction: taken one by one, two of them could wait for
    each other. Here everybody takes a place in the same line first: the company's row, however many hosts it has."""
    Organization.objects.filter(pk=organization.pk).update(created_at=F("created_at"))


def release_holds(key: str) -> int:
    """Free what is held under that key; answers how many holds there were."""
    return HostHold.objects.filter(key=key).delete()[0]


def busy_until(
    capacity: int, meetings: Sequence[Taken], starts_at: datetime, ends_at: datetime
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


@dataclass(frozen=True)
class _Time:
    """The time that is asked for, and what does not count against it."""

    starts_at: datetime
    ends_at: datetime
    now: datetime
    meeting: Meeting | None = None
    hold: str = ""

    def taken(self, hosts: QuerySet[Connection], since: timedelta = timedelta(0)) -> list[Taken]:
        """What these hosts have at that time, or ended less than `since` before it, in order."""
        span = self.starts_at - since, self.ends_at
        meetings = Meeting.objects.filter(connection__in=hosts).live().overlapping(*span)
        if self.meeting is not None:
            meetings = meetings.exclude(pk=self.meeting.pk)
        holds = HostHold.objects.filter(connection__in=hosts).standing(self.now).overlapping(*span)
        if self.hold:
            holds = holds.exclude(key=self.hold)
        return sorted([*meetings, *holds], key=lambda one: (one.starts_at, one.is_hold, one.pk))


def _choice(host: Connection, starts_at: datetime, ends_at: datetime, nearby: list[Taken]) -> HostChoice:
    busy = [one for one in nearby if one.starts_at < ends_at and one.ends_at > starts_at]
    gaps = [starts_at - one.ends_at for one in nearby if one.ends_at <= starts_at]
    return HostChoice(
        connection=host,
        is_free=busy_until(host.capacity, busy, starts_at, ends_at) is None,
        busy=busy,
        gap_minutes_before=int(min(gaps).total_seconds() // 60) if gaps else None,
        is_basic_and_too_long=_is_too_long(host, starts_at, ends_at),
    )


def _is_too_long(host: Connection, starts_at: datetime, ends_at: datetime) -> bool:
    return host.is_basic and ends_at - starts_at > timedelta(minutes=BASIC_PLAN_MINUTES)


def _own_or_free(organization: Organization, host: Connection | None, wanted: _Time) -> Connection:
    """Take that host's time, or that of a free one."""
    if host is None:
        return _free_host(organization, wanted)
    if host.organization_id != organization.pk:
        raise HostEnded
    _take(host, wanted)
    return host


def _take(host: Connection, wanted: _Time) -> None:
    if not Connection.objects.live().filter(pk=host.pk).update(touched=F("touched") + 1):
        raise HostEnded
    # The capacity may have been changed since `host` was read.
    capacity = Connection.objects.values_list("capacity", flat=True).get(pk=host.pk)
    busy = wanted.taken(Connection.objects.filter(pk=host.pk))
    until = busy_until(capacity, busy, wanted.starts_at, wanted.ends_at)
    if until is not None:
        raise HostBusy(until, busy)


def _free_host(organization: Organization, wanted: _Time) -> Connection:
    queue_up(organization)
    choices = host_choices(
        organization=organization,
        starts_at=wanted.starts_at,
        minutes=int((wanted.ends_at - wanted.starts_at).total_seconds() // 60),
        now=wanted.now,
        ignoring=wanted.meeting,
        ignoring_hold=wanted.hold,
    )
    free = [choice.connection for choice in choices if choice.is_free]
    for host in _preferred(free, wanted.starts_at, wanted.ends_at, wanted.now):
        try:
            _take(host, wanted)
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
