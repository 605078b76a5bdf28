"""A host's time: whose it is, how much is left of it, and taking it. Nothing here calls Zoom.

Zoom lets one host start one meeting at a time (two on some plans) and never complains when more are scheduled, so the
guard is ours. https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0068522
Whoever takes time first touches the host's row by a conditional UPDATE: competitors queue up there, on SQLite and
PostgreSQL alike, and only then are the overlapping meetings counted, and the tentative holds (仮押さえ) with them.
Back-to-back meetings do not overlap.
"""

import inspect
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from mensetsu.accounts.models import Organization
from mensetsu.statements import compiled
from mensetsu.zoom import checking, issuing, spending, taken
from mensetsu.zoom.models import BASIC_PLAN_MINUTES, Connection, HostHold, Meeting

TOPIC_LENGTH = 200

# What nobody needs who looks for a host.
SEALED = ("access_token_sealed", "refresh_token_sealed", "scopes")

Span, Taken = taken.Span, taken.Taken


class HostBusy(Exception):
    """The host's capacity is used up at that time; free again at `until`. `meetings` are those in the way, and the
    tentative holds among them."""

    def __init__(self, until: datetime, meetings: list[Taken]) -> None:
        super().__init__(until)
        self.until = until
        self.meetings = meetings


class NoFreeHost(Exception):
    """「自動で選ぶ」 found no linked account that is free at that time and can hold meetings."""


class HostEnded(Exception):
    """The chosen Zoom account is no longer linked."""


class StartsInPast(Exception):
    """Zoom would silently turn a past start into now; so it is refused here, except where that is what is meant: a
    meeting for what has begun already and has none."""


class NotMovable(Exception):
    """The meeting was canceled, or it no longer exists at Zoom: only a new one helps."""


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
    besides: Collection[int] = (),
    may_have_begun: bool = False,
) -> Meeting:
    """Take the host's time and write down the wanted meeting; whoever asks enqueues its issue.

    `host=None` chooses as `_preferred` says, never one of `besides` (keys). `ignoring` is about to be replaced by
    this one and so does not count; neither do holds under the key `ignoring_hold`. With `may_have_begun` it may be for
    what runs now: of the host's time only what is left is looked at.
    Refuses: StartsInPast, HostEnded (also a host of another company), HostBusy, NoFreeHost."""
    wanted = taken.wanted(starts_at, minutes, now, ignoring, ignoring_hold)
    if starts_at <= now and not (may_have_begun and now < wanted.ends_at):
        raise StartsInPast
    host = _own_or_free(organization, host, wanted, besides)
    made = Meeting(
        organization=organization,
        connection=host,
        topic=shortened(topic),
        title=title[:200],
        page_url=page_url,
        starts_at=starts_at,
        minutes=minutes,
        ends_at=wanted.ends_at,
        time_zone=time_zone,
        requested_at=now,
    )
    compiled.insert([made])
    return made


# The same for who is in a transaction that a refusal undoes as a whole.
request_within = inspect.unwrap(request)


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
    _take(current.connection, taken.wanted(starts_at, minutes, now, current))
    meeting.starts_at, meeting.minutes, meeting.ends_at = starts_at, minutes, ends_at
    meeting.topic = shortened(topic)
    # By columns: a job may be writing Zoom's answer into the same row.
    moved = Meeting.objects.filter(pk=meeting.pk, canceled_at=None, lost_at=None).update(
        starts_at=starts_at, minutes=minutes, ends_at=ends_at, topic=meeting.topic
    )
    if not moved:
        raise NotMovable
    is_same = (starts_at, minutes, meeting.topic) == (current.starts_at, current.minutes, current.topic)
    # What Zoom has refused for good is not asked again until somebody changes or repeats it.
    if current.issued_at and not (is_same and current.problem in checking.SETTLED):
        issuing.sync_meeting.enqueue(meeting_id=meeting.pk)


@transaction.atomic
def hand_over(meeting: Meeting, host: Connection, *, now: datetime) -> None:
    """Somebody gave the meeting to this host at Zoom: its time is taken from this one from now on. Id and URL stay.

    Refuses: NotMovable, HostEnded (also a host of another company), HostBusy."""
    current = Meeting.objects.get(pk=meeting.pk)
    if not current.is_live:
        raise NotMovable
    if host.organization_id != current.organization_id:
        raise HostEnded
    _take(host, taken.wanted(current.starts_at, current.minutes, now, current))
    Meeting.objects.filter(pk=meeting.pk).update(connection=host)


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
    host = _own_or_free(organization, host, taken.Wanted(starts_at, ends_at, now, ignoring))
    return HostHold.objects.create(
        connection=host, key=key, starts_at=starts_at, ends_at=ends_at, held_until=until
    )


def queue_up(organization: Organization) -> None:
    """For those who take several hosts in one transaction (before the first), or choose while each is being taken: one
    by one, two could wait for each other. Here everybody takes a place in the same line: the company's row."""
    _IN_LINE.run(organization=organization.pk)


_IN_LINE = compiled.Change(
    lambda organization: (Organization.objects.filter(pk=organization), {"created_at": F("created_at")}),
    organization=compiled.NUMBER,
)


def release_holds(key: str) -> int:
    """Free what is held under that key; answers how many holds there were."""
    return HostHold.objects.filter(key=key).delete()[0]


def busy_until(
    capacity: int, meetings: Sequence[Taken | Span], starts_at: datetime, ends_at: datetime
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


def is_too_long(host: Connection | taken.Seen, starts_at: datetime, ends_at: datetime) -> bool:
    """A free plan would cut it off."""
    return host.is_basic and ends_at - starts_at > timedelta(minutes=BASIC_PLAN_MINUTES)


def _own_or_free(
    organization: Organization,
    host: Connection | None,
    wanted: taken.Wanted,
    besides: Collection[int] = (),
) -> Connection:
    """Take that host's time, or that of a free one that is none of `besides`."""
    if host is None:
        return _free_host(organization, wanted, besides)
    if host.organization_id != organization.pk:
        raise HostEnded
    _take(host, wanted)
    return host


def _take(host: Connection, wanted: taken.Wanted) -> None:
    if not _TOUCH.run(host=host.pk):
        raise HostEnded
    # The capacity may have been changed since `host` was read.
    [(capacity,)] = _CAPACITY.rows(host=host.pk)
    busy = [span for _host_id, span in wanted.spans([host.pk])]
    until = busy_until(capacity, busy, wanted.starts_at, wanted.ends_at)
    if until is not None:
        raise HostBusy(until, wanted.taken(Connection.objects.filter(pk=host.pk)))


_TOUCH = compiled.Change(
    lambda host: (Connection.objects.live().filter(pk=host), {"touched": F("touched") + 1}),
    host=compiled.NUMBER,
)
_CAPACITY = compiled.Read(
    lambda host: Connection.objects.filter(pk=host).values_list("capacity"), host=compiled.NUMBER
)
_TOUCH_UNCHANGED = compiled.Change(
    lambda host, touched, capacity: (
        Connection.objects.live().filter(pk=host, touched=touched, capacity=capacity),
        {"touched": F("touched") + 1},
    ),
    host=compiled.NUMBER, touched=compiled.NUMBER, capacity=compiled.NUMBER,
)  # fmt: skip


def _free_host(organization: Organization, wanted: taken.Wanted, besides: Collection[int]) -> Connection:
    """Take the time of a free one: of one that nobody else is taking at this moment, or after a wait in the line."""
    free = _preferred(_free(organization, wanted, besides), wanted)
    if not free:
        raise NoFreeHost
    unclaimed = taken.first_unclaimed(free)
    if unclaimed is not None and _take_as_seen(unclaimed):
        return unclaimed.connection()
    queue_up(organization)
    for seen in _preferred(_free(organization, wanted, besides), wanted):
        host = seen.connection()
        if _take_as_seen(seen):
            return host
        try:
            _take(host, wanted)
        except (HostBusy, HostEnded):
            continue
        return host
    raise NoFreeHost


def _take_as_seen(seen: taken.Seen) -> bool:
    """Whoever takes a host's time counts `touched`: while it is as it was before the look, the look holds."""
    return bool(_TOUCH_UNCHANGED.run(host=seen.pk, touched=seen.touched, capacity=seen.capacity))


def _free(organization: Organization, wanted: taken.Wanted, besides: Collection[int]) -> list[taken.Seen]:
    """The linked accounts that are free at that time. The accounts are read before their times."""
    hosts = [host for host in taken.accounts(organization.pk, now=wanted.now) if host.pk not in besides]
    busy: dict[int, list[Span]] = {}
    for host_id, span in wanted.spans([host.pk for host in hosts]):
        busy.setdefault(host_id, []).append(span)
    asked = wanted.starts_at, wanted.ends_at
    return [host for host in hosts if busy_until(host.capacity, busy.get(host.pk, []), *asked) is None]


def _preferred(free: list[taken.Seen], wanted: taken.Wanted) -> list[taken.Seen]:
    """Shared accounts first, licensed before basic, then the least loaded. Behind them all accounts whose day's budget
    at Zoom is used up (the meeting could not be made before tomorrow), and those whose free plan would cut it off."""
    return sorted(
        free,
        key=lambda host: (
            is_too_long(host, wanted.starts_at, wanted.ends_at),
            not spending.budget_of(host, now=wanted.now).allows(wanted.starts_at),
            not host.is_shared,
            host.is_basic,
            host.load,
            host.pk,
        ),
    )
