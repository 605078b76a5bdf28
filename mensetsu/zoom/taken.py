"""What is read whenever somebody looks for a host: the company's accounts, and what of their time is taken."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from mensetsu.statements import compiled
from mensetsu.zoom import eligibility, spending
from mensetsu.zoom.models import BASIC_PLAN, Connection, HostHold, Meeting

# What a chosen account is asked for by whoever chose it; the rest of its row is read when it is needed. In the order of
# the model's fields: `from_db` takes them so, whatever their names.
_COLUMNS = (
    "id", "organization_id", "owner_id", "is_shared", "label", "zoom_user_id", "zoom_account_id", "email",
    "display_name", "plan_type", "scopes", "capacity", "touched", "check_problem", "ended_at",
)  # fmt: skip


# Both have a beginning, an end and a length in minutes; whoever shows them tells them apart by `is_hold`.
Taken = Meeting | HostHold


class Span(NamedTuple):
    """A time that is taken, for who only counts."""

    starts_at: datetime
    ends_at: datetime


class Seen(NamedTuple):
    """What of an account decides whether it is chosen. `load`: meetings to come; `row` makes a model of it."""

    pk: int
    plan_type: int
    is_shared: bool
    capacity: int
    touched: int
    spent_today: int
    load: int
    row: tuple[Any, ...]

    @property
    def is_basic(self) -> bool:
        return self.plan_type == BASIC_PLAN

    def connection(self) -> Connection:
        """The account as it was seen."""
        return Connection.from_db(DEFAULT_DB_ALIAS, _COLUMNS, self.row)


def _accounts(organization: int, now: datetime, day: Any) -> QuerySet:
    upcoming = Meeting.objects.upcoming(now).filter(connection=OuterRef("pk")).order_by()
    load = upcoming.values("connection").annotate(count=Count("pk")).values("count")
    links = spending.with_spent_on(Connection.objects.live().filter(organization=organization), day)
    links = links.annotate(load=Coalesce(Subquery(load), 0))
    return links.order_by("id").values_list("spent_today", "load", *_COLUMNS)


_ACCOUNTS = compiled.Read(_accounts, organization=compiled.NUMBER, now=compiled.MOMENT, day=compiled.DAY)


def accounts(organization_id: int, *, now: datetime) -> list[Seen]:
    """The live accounts of that company that can hold meetings, as far as is known; one query."""
    found = []
    for spent, load, *row in _ACCOUNTS.rows(organization=organization_id, now=now, day=spending.day_of(now)):
        held = SimpleNamespace(**dict(zip(_COLUMNS, row, strict=True)))
        if not eligibility.unfit(held):
            seen = held.id, held.plan_type, held.is_shared, held.capacity, held.touched
            found.append(Seen(*seen, spent, load, tuple(row)))
    return found


def first_unclaimed(seen: Sequence[Seen]) -> Seen | None:
    """The first of these that is as it was seen and that no other transaction is taking at this moment, held for ours;
    None: each is being taken, or was since. For what was read before its time was looked at.

    Nobody waits: a line of all who choose a host would let one booking of the company through at a time, each with its
    letters and its commit. Where one transaction writes at a time (SQLite) it is simply the first."""
    if not connection.features.has_select_for_update_skip_locked:
        return seen[0]
    before = transaction.savepoint()
    keys = _UNCLAIMED.rows(
        hosts=[host.pk for host in seen],
        touched=[host.touched for host in seen],
        capacities=[host.capacity for host in seen],
    )
    if not keys:
        # PostgreSQL keeps the lock of a row that had changed; whoever waits for others must hold none.
        transaction.savepoint_rollback(before)
        return None
    return next(host for host in seen if (host.pk,) == keys[0])


def _unclaimed(hosts: Sequence[int], touched: Sequence[int], capacities: Sequence[int]) -> QuerySet:
    each = [
        Q(pk=host, touched=times, capacity=capacity)
        for host, times, capacity in zip(hosts, touched, capacities, strict=True)
    ]
    turn = Case(*[When(pk=host, then=Value(place)) for place, host in enumerate(hosts)])
    rows = Connection.objects.live().filter(reduce(or_, each)).order_by(turn).values_list("pk")
    # As an UPDATE of `touched` holds it: rows that point to it may come and go.
    return rows.select_for_update(skip_locked=True, no_key=True)[:1]


_UNCLAIMED = compiled.Read(
    _unclaimed, hosts=compiled.NUMBERS, touched=compiled.NUMBERS, capacities=compiled.NUMBERS
)


def _spans(hosts: Sequence[int], starts_at: datetime, ends_at: datetime, now: datetime) -> QuerySet:
    columns = "connection_id", "starts_at", "ends_at", "of_meeting", "of_key"
    meetings = Meeting.objects.filter(connection__in=hosts).live().overlapping(starts_at, ends_at)
    holds = HostHold.objects.filter(connection__in=hosts).standing(now).overlapping(starts_at, ends_at)
    nothing, nobody = Value("", CharField()), Value(0, IntegerField())
    return (
        meetings.annotate(of_meeting=F("pk"), of_key=nothing)
        .values_list(*columns)
        .union(holds.annotate(of_meeting=nobody, of_key=F("key")).values_list(*columns), all=True)
    )


_SPANS = compiled.Read(
    _spans, hosts=compiled.NUMBERS, starts_at=compiled.MOMENT, ends_at=compiled.MOMENT, now=compiled.MOMENT
)


def spans(
    hosts: Collection[int],
    starts_at: datetime,
    ends_at: datetime,
    *,
    now: datetime,
    besides_meeting: int | None = None,
    besides_hold: str = "",
) -> list[tuple[int, Span]]:
    """(host, span) of what these hosts have at that time, meetings and tentative holds; one query."""
    rows = _SPANS.rows(hosts=hosts, starts_at=starts_at, ends_at=ends_at, now=now)
    return [
        (host, Span(start, end))
        for host, start, end, meeting, key in rows
        if (not meeting or meeting != besides_meeting) and (not key or key != besides_hold)
    ]


@dataclass(frozen=True)
class Wanted:
    """The time that is asked for, and what does not count against it."""

    starts_at: datetime
    ends_at: datetime
    now: datetime
    meeting: Meeting | None = None
    hold: str = ""

    def taken(self, hosts: QuerySet[Connection], since: timedelta = timedelta(0)) -> list[Taken]:
        """What these hosts have at that time, or ended less than `since` before it, in order."""
        meetings, holds = self._rows(hosts, since)
        return sorted([*meetings, *holds], key=lambda one: (one.starts_at, one.is_hold, one.pk))

    def spans(self, hosts: Sequence[int]) -> list[tuple[int, Span]]:
        """(host, span) of the same, for who only counts."""
        besides = self.meeting.pk if self.meeting is not None else None
        return spans(
            hosts, self.starts_at, self.ends_at, now=self.now, besides_meeting=besides, besides_hold=self.hold
        )

    def _rows(
        self, hosts: QuerySet[Connection], since: timedelta
    ) -> tuple[QuerySet[Meeting], QuerySet[HostHold]]:
        span = self.starts_at - since, self.ends_at
        meetings = Meeting.objects.filter(connection__in=hosts).live().overlapping(*span)
        if self.meeting is not None:
            meetings = meetings.exclude(pk=self.meeting.pk)
        holds = HostHold.objects.filter(connection__in=hosts).standing(self.now).overlapping(*span)
        return meetings, holds.exclude(key=self.hold) if self.hold else holds


def wanted(
    starts_at: datetime, minutes: int, now: datetime, ignoring: Meeting | None = None, ignoring_hold: str = ""
) -> Wanted:
    """That time; of what runs now what is left of it, for what is over stands in nobody's way."""
    ends_at = starts_at + timedelta(minutes=minutes)
    begins_at = max(starts_at, now) if now < ends_at else starts_at
    return Wanted(begins_at, ends_at, now, ignoring, ignoring_hold)
