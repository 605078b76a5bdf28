"""Which hosts are free at each of many times at once, for pages that show them. Three queries, however many times and
hosts; nothing is taken (`hosting` decides again when somebody takes one)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from mensetsu.accounts.models import Organization
from mensetsu.zoom import hosting
from mensetsu.zoom.models import Connection, HostHold, Meeting


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
    hosts = list(Connection.objects.hosts_for(organization))
    window = min(start for start, _end in spans), max(end for _start, end in spans)
    meetings = Meeting.objects.filter(connection__in=hosts).live().overlapping(*window)
    if ignoring is not None:
        meetings = meetings.exclude(pk=ignoring.pk)
    holds = HostHold.objects.filter(connection__in=hosts).standing(now).overlapping(*window)
    taken: dict[int, list[hosting.Taken]] = defaultdict(list)
    for one in [*meetings, *holds]:
        taken[one.connection_id].append(one)
    return [[host for host in hosts if _fits(host, taken[host.pk], *span)] for span in spans]


def _fits(host: Connection, taken: list[hosting.Taken], starts_at: datetime, ends_at: datetime) -> bool:
    busy = [one for one in taken if one.starts_at < ends_at and one.ends_at > starts_at]
    return hosting.busy_until(host.capacity, busy, starts_at, ends_at) is None
