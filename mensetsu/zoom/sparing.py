"""Which hosts are free at each of many times at once, for pages that show them. A constant number of queries, however
many times and hosts; nothing is taken (`hosting` decides again when somebody takes one)."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count

from mensetsu.accounts.models import Organization
from mensetsu.statements import compiled
from mensetsu.zoom import eligibility, hosting
from mensetsu.zoom.hosting import Span
from mensetsu.zoom.models import Connection, HostHold, Meeting

_HOSTS = compiled.Read(
    lambda company: (
        Connection.objects.live().filter(organization=company).only("plan_type", "check_problem", "scopes")
    ),
    company=compiled.NUMBER,
)
_MEETINGS = compiled.Read(
    lambda company, first, last: Meeting.objects.live()
    .filter(organization=company)
    .overlapping(first, last)
    .order_by()
    .values_list("starts_at", "ends_at")
    .annotate(count=Count("pk")),
    company=compiled.NUMBER, first=compiled.MOMENT, last=compiled.MOMENT,
)  # fmt: skip
_HOLDS = compiled.Read(
    lambda company, first, last, now: HostHold.objects.standing(now)
    .filter(connection__organization=company)
    .overlapping(first, last)
    .order_by()
    .values_list("starts_at", "ends_at")
    .annotate(count=Count("pk")),
    company=compiled.NUMBER, first=compiled.MOMENT, last=compiled.MOMENT, now=compiled.MOMENT,
)  # fmt: skip


def has_free_host(
    *,
    organization: Organization,
    spans: Sequence[tuple[datetime, datetime]],
    now: datetime,
    ignoring: Meeting | None = None,
) -> list[bool]:
    """For each span: is any of `free_hosts` left that 「自動で選ぶ」 may choose? Where fewer meetings touch it
    than there are such hosts, one of them has nothing at all to do, whoever hosts which; only for the other spans each
    host is looked at."""
    if not spans:
        return []
    hosts = eligibility.fit(_HOSTS.objects(company=organization.pk))
    window = {"first": min(start for start, _end in spans), "last": max(end for _start, end in spans)}
    taken = [
        *_MEETINGS.rows(company=organization.pk, **window), *_HOLDS.rows(company=organization.pk, now=now, **window)
    ]  # fmt: skip
    touching: Counter[tuple[datetime, datetime]] = Counter()
    for span, count in _touched(taken, spans):
        touching[span] += count
    crowded = [span for span in dict.fromkeys(spans) if touching[span] >= len(hosts)]
    able = {host.pk for host in hosts}
    exact = [
        [host for host in free if host.pk in able]
        for free in free_hosts(organization=organization, spans=crowded, now=now, ignoring=ignoring)
    ]
    full = {span for span, free in zip(crowded, exact, strict=True) if not free}
    return [span not in full for span in spans]


def free_hosts(
    *,
    organization: Organization,
    spans: Sequence[tuple[datetime, datetime]],
    now: datetime,
    ignoring: Meeting | None = None,
) -> list[list[Connection]]:
    """For each span (start, end) the linked accounts that could host one more meeting. `ignoring` does not count."""
    if not spans:
        return []
    hosts = list(Connection.objects.hosts_for(organization).defer(*hosting.SEALED))
    window = min(start for start, _end in spans), max(end for _start, end in spans)
    meetings = Meeting.objects.filter(connection__in=hosts).live().overlapping(*window)
    if ignoring is not None:
        meetings = meetings.exclude(pk=ignoring.pk)
    holds = HostHold.objects.filter(connection__in=hosts).standing(now).overlapping(*window)
    columns = "connection_id", "starts_at", "ends_at"
    busy = _busy([*meetings.values_list(*columns), *holds.values_list(*columns)], spans)
    return [
        [host for host in hosts if (span, host.pk) not in busy or _fits(host, busy[span, host.pk], *span)]
        for span in spans
    ]


def _busy(
    taken: Iterable[tuple[int, datetime, datetime]], spans: Sequence[tuple[datetime, datetime]]
) -> dict[tuple[tuple[datetime, datetime], int], list[Span]]:
    """By span and host, what of the host's time touches it."""
    found: dict[tuple[tuple[datetime, datetime], int], list[Span]] = defaultdict(list)
    for span, (host_id, start, end) in _touched(
        ((start, end, (host, start, end)) for host, start, end in taken), spans
    ):
        found[span, host_id].append(Span(start, end))
    return found


def _touched(
    taken: Iterable[tuple[datetime, datetime, Any]], spans: Sequence[tuple[datetime, datetime]]
) -> Iterator[tuple[tuple[datetime, datetime], Any]]:
    """Each span with each of what is taken that touches it. Looked up from what is taken: most of it touches few of
    the spans, and most spans are touched by little."""
    ordered = sorted(set(spans))
    starts = [start for start, _end in ordered]
    longest = max((end - start for start, end in ordered), default=timedelta())
    for start, end, what in taken:
        for span in ordered[bisect_right(starts, start - longest) : bisect_left(starts, end)]:
            if span[1] > start:
                yield span, what


def _fits(host: Connection, busy: list[Span], starts_at: datetime, ends_at: datetime) -> bool:
    return hosting.busy_until(host.capacity, busy, starts_at, ends_at) is None
