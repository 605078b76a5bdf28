"""Every linked account as a choice for a time, for who chooses one by hand. Never asks Zoom."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mensetsu.accounts.models import Organization
from mensetsu.zoom import eligibility, hosting, pacing, spending, taken
from mensetsu.zoom.models import Connection, Meeting
from mensetsu.zoom.taken import Taken, Wanted

NEIGHBORHOOD = timedelta(hours=24)


@dataclass(frozen=True)
class HostChoice:
    """One linked account as a choice for a time: is it free, what is in the way, what to warn of."""

    connection: Connection
    is_free: bool
    # Why it can hold no meeting, whether it is free or not: one of eligibility.Unfit, or "".
    unfit: str = ""
    busy: list[Taken] = field(default_factory=list)
    # Minutes since the host's previous meeting ends, if that is within the day before.
    gap_minutes_before: int | None = None
    is_basic_and_too_long: bool = False
    # What Zoom still lets this account create and change today.
    budget: spending.Budget | None = None
    # Until when Zoom asked this account to wait.
    held_until: datetime | None = None

    @property
    def is_pickable(self) -> bool:
        """What 「自動で選ぶ」 may choose."""
        return self.is_free and not self.unfit


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
    wanted = taken.wanted(starts_at, minutes, now, ignoring, ignoring_hold)
    nearby: dict[int, list[Taken]] = {}
    for one in wanted.taken(Connection.objects.filter(organization=organization), since=NEIGHBORHOOD):
        nearby.setdefault(one.connection_id, []).append(one)
    hosts = Connection.objects.hosts_for(organization).select_related("owner")
    hosts = pacing.with_held(spending.with_spent(hosts, now=now), now=now)
    choices = [_choice(host, wanted, nearby.get(host.pk, [])) for host in hosts]
    return sorted(choices, key=lambda choice: bool(choice.unfit))


def _choice(host: Any, wanted: Wanted, nearby: list[Taken]) -> HostChoice:
    starts_at, ends_at = wanted.starts_at, wanted.ends_at
    busy = [one for one in nearby if one.starts_at < ends_at and one.ends_at > starts_at]
    gaps = [starts_at - one.ends_at for one in nearby if one.ends_at <= starts_at]
    return HostChoice(
        connection=host,
        is_free=hosting.busy_until(host.capacity, busy, starts_at, ends_at) is None,
        unfit=eligibility.unfit(host),
        busy=busy,
        gap_minutes_before=int(min(gaps).total_seconds() // 60) if gaps else None,
        is_basic_and_too_long=hosting.is_too_long(host, starts_at, ends_at),
        budget=spending.budget_of(host, now=wanted.now),
        held_until=host.held_until,
    )
