"""The pace: how fast our jobs may ask Zoom, over all processes, and until when nobody asks.

Zoom's limits a second belong to the account and are shared by all of its apps, so we use two thirds of them. Per
account and label one row holds the time at which the next request is due (the generic cell rate algorithm); whoever
moves it by a conditional UPDATE may go then. How long Zoom asked one job to wait holds for every job of the account.
https://developers.zoom.us/docs/api/rate-limits/"""

import random
import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Case, CharField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Concat

from mensetsu.statements import compiled
from mensetsu.zoom import client
from mensetsu.zoom.models import AccountPace, Connection

LICENSED_PLAN = 2
# Requests a second. Zoom does not tell an app the account's plan: with a licensed user it is Pro at the least, else it
# may be free.
FREE = {"light": 4, "medium": 2, "heavy": 1}
PRO = {"light": 30, "medium": 20, "heavy": 10}
SHARE = 2 / 3
# A worker sleeps so long for its turn; whoever would have to wait longer comes back as a job.
PATIENCE = 3.0
COME_BACK = (5.0, 30.0)
# A turn further away than this was written by a clock that runs ahead.
BELIEVED = timedelta(seconds=30)
KEPT = timedelta(days=7)
EVERYTHING = ""


def wait_turn(connection: Connection, *, label: str, now: datetime) -> None:
    """Sleep until a request of this label may leave for the account.

    Raises TryLater while Zoom has asked the account to wait, and when the turn is more than a few seconds away."""
    account, began = _account(connection), time.monotonic()
    while True:
        moment = now + timedelta(seconds=time.monotonic() - began)
        rows = {row.label: row for row in _ROWS.objects(account=account, label=label)}
        _refuse_while_held(rows.values(), moment)
        row = rows.get(label)
        if row is None:
            _make(account, label, moment)
            continue
        leaves_at, next_at = _turn(row, _rate(connection, label), moment)
        wait = (leaves_at - moment).total_seconds()
        if wait > PATIENCE:
            raise client.TryLater("busy", wait + random.uniform(*COME_BACK), was_done=False, was_tried=False)  # noqa: S311 - spreads retries, guards nothing
        if _MOVE.run(pace=row.pk, was=row.next_at, to=next_at):
            time.sleep(max(0.0, wait))
            return


def hold(connection: Connection, *, label: str, until: datetime, why: str) -> None:
    """Zoom asked us to wait: nobody asks for this account (or only for nothing of that label) before then.

    A shorter wait never ends a longer one."""
    account = _account(connection)
    _make(account, label, until)
    rows = AccountPace.objects.filter(account=account, label=label)
    rows.filter(Q(held_until=None) | Q(held_until__lt=until)).update(held_until=until, held_why=why)


def held(connections: Iterable[Connection], *, now: datetime) -> dict[int, AccountPace]:
    """Which of these links wait because Zoom asked their account to, and the longest such wait; one query."""
    links = list(connections)
    waiting = AccountPace.objects.filter(account__in={_account(link) for link in links}, held_until__gt=now)
    longest = {row.account: row for row in waiting.order_by("held_until")}
    return {link.pk: longest[_account(link)] for link in links if _account(link) in longest}


def with_held(hosts: QuerySet[Connection], *, now: datetime) -> QuerySet[Connection]:
    """The same links with `held_until`, the end of the longest such wait or None, without another query."""
    own = Concat(Value("link "), Cast("pk", CharField()))
    account = Case(When(zoom_account_id="", then=own), default="zoom_account_id")
    waits = AccountPace.objects.filter(account=OuterRef("pace_account"), held_until__gt=now)
    longest = waits.order_by("-held_until").values("held_until")[:1]
    return hosts.annotate(pace_account=account).annotate(held_until=Subquery(longest))


def forget_old(*, now: datetime) -> None:
    """Delete what has long passed, also of accounts that are linked no more."""
    past = now - KEPT
    AccountPace.objects.filter(Q(held_until=None) | Q(held_until__lt=past), next_at__lt=past).delete()


def _account(connection: Connection) -> str:
    return connection.zoom_account_id or f"link {connection.pk}"


def _rate(connection: Connection, label: str) -> int:
    return (PRO if connection.plan_type == LICENSED_PLAN else FREE)[label]


_ROWS = compiled.Read(
    lambda account, label: AccountPace.objects.filter(account=account, label__in=(label, EVERYTHING)),
    account=compiled.TEXT, label=compiled.TEXT,
)  # fmt: skip
_MOVE = compiled.Change(
    lambda pace, was, to: (AccountPace.objects.filter(pk=pace, next_at=was), {"next_at": to}),
    pace=compiled.NUMBER, was=compiled.MOMENT, to=compiled.MOMENT,
)  # fmt: skip


def _make(account: str, label: str, moment: datetime) -> None:
    row = AccountPace(account=account, label=label, next_at=moment)
    AccountPace.objects.bulk_create([row], ignore_conflicts=True)


def _refuse_while_held(rows: Iterable[AccountPace], moment: datetime) -> None:
    until = max(((row.held_until, row.held_why) for row in rows if row.held_until), default=None)
    if until is not None and until[0] > moment:
        wait = (until[0] - moment).total_seconds()
        raise client.TryLater(until[1], wait, limit="account", was_done=False, was_tried=False)


def _turn(row: AccountPace, rate: int, moment: datetime) -> tuple[datetime, datetime]:
    """When this request leaves, and when the next is due. Never more than `rate` within any second: the interval is
    longer than Zoom's, and only what that leaves may come at once."""
    interval = 1 / (rate * SHARE)
    at_once = max(0.0, (rate - 1) * interval - 1)
    due = row.next_at if row.next_at - moment < BELIEVED else moment
    leaves_at = max(moment, due - timedelta(seconds=at_once))
    return leaves_at, max(due, moment) + timedelta(seconds=interval)
