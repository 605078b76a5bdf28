"""What the pages of Zoom連携設定 show: the state of each link, derived, never stored. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mensetsu.accounts.models import User
from mensetsu.web import dates
from mensetsu.zoom import hosting, rights, setting_up
from mensetsu.zoom.models import BASIC_PLAN_MINUTES, Connection, EndReason, Meeting, PendingApproval, Problem

LISTED = 20

STATES = {
    "none": (gettext_lazy("Not connected"), ""),
    "pending": (gettext_lazy("Awaiting approval"), "info"),
    "connected": (gettext_lazy("Connected"), "success"),
    "unreachable": (gettext_lazy("Cannot check now"), "warning"),
    "ended": (gettext_lazy("Reconnect needed"), "error"),
}

# Why it ended and since when; shown to those who can link it anew.
CAUSES = {
    EndReason.DEAUTHORIZED: gettext_lazy(
        "The app was removed at Zoom, so no new join links can be issued (since %(when)s)."
    ),
    EndReason.REVOKED: gettext_lazy(
        "The connection was revoked at Zoom, so no new join links can be issued (since %(when)s)."
    ),
    EndReason.REFRESH_LOST: gettext_lazy(
        "Zoom's answer was lost while the connection was being renewed, so no new join links can be issued "
        "(since %(when)s)."
    ),
    EndReason.USER_GONE: gettext_lazy(
        "The Zoom user no longer exists, so no new join links can be issued (since %(when)s)."
    ),
}


@dataclass(frozen=True)
class Card:
    """One link as the page shows it."""

    connection: Connection
    state: str
    meetings: list[Meeting]
    missing: list[rights.Right]

    @property
    def state_words(self) -> Any:
        return STATES[self.state][0]

    @property
    def tone(self) -> str:
        return STATES[self.state][1]

    @property
    def cause(self) -> str:
        ended_at = self.connection.ended_at
        return str(CAUSES[self.connection.end_reason]) % {"when": dates.short(ended_at)} if ended_at else ""

    @property
    def is_basic(self) -> bool:
        return self.connection.is_basic

    @property
    def unreachable(self) -> str:
        return unreachable_words(self.connection)


def settings(user: User, *, now: datetime) -> dict[str, Any]:
    """The whole page for this reader."""
    own = _own(user)
    cards = _cards([*([own] if own else []), *_team(user)], now)
    own_card = cards[0] if own else None
    team = cards[1:] if own else cards
    pending = PendingApproval.objects.filter(owner=user).first()
    is_live = own_card is not None and own_card.connection.is_live
    return {
        "own": own_card,
        "pending": None if is_live else pending,
        "shared": [card for card in team if card.connection.is_shared],
        "colleagues": [card for card in team if not card.connection.is_shared],
        "has_app": setting_up.has_app(user.organization),
        "basic_minutes": BASIC_PLAN_MINUTES,
        "listed": LISTED,
        "scopes": rights.RIGHTS,
        "states": STATES,
    }


def upcoming(connection: Connection, now: datetime) -> QuerySet[Meeting]:
    """The meetings that have this account as host and have not ended."""
    return Meeting.objects.filter(connection=connection).upcoming(now)


def remaining(connection: Connection, meetings: list[Meeting], *, now: datetime) -> dict[str, Any]:
    """Why it cannot be disconnected, and which other accounts could take how many of its meetings."""
    hosts = Connection.objects.hosts_for(connection.organization).exclude(pk=connection.pk)
    others = list(hosts)
    taken: dict[int, list[Meeting]] = {host.pk: [] for host in others}
    if meetings:
        last = max(meeting.ends_at for meeting in meetings)
        first = min(meeting.starts_at for meeting in meetings)
        for one in Meeting.objects.live().filter(connection__in=others).overlapping(first, last):
            taken[one.connection_id].append(one)
    choices = [(host, sum(_fits(host, meeting, taken[host.pk]) for meeting in meetings)) for host in others]
    rows = [(one, any(_fits(host, one, taken[host.pk]) for host in others)) for one in meetings]
    return {
        "connection": connection,
        "rows": rows,
        "listed": LISTED,
        "count": len(meetings),
        "movable": sum(fits for _one, fits in rows),
        "choices": sorted(choices, key=lambda choice: -choice[1]),
    }


def unreachable_words(connection: Connection) -> str:
    """Why the last check could not be made, and that the link is kept."""
    if connection.check_problem == Problem.APP_REFUSED:
        return _(
            "Zoom does not accept this company's app settings. Your connection is kept. Ask an administrator."
        )
    if connection.check_problem == Problem.SCOPE_MISSING:
        return _("The Zoom app lacks a permission, so this cannot be checked. Your connection is kept.")
    return _("Zoom isn't responding. Your connection is kept. Check again in a while.")


def _fits(host: Connection, meeting: Meeting, taken: list[Meeting]) -> bool:
    busy = [one for one in taken if one.starts_at < meeting.ends_at and one.ends_at > meeting.starts_at]
    return hosting.busy_until(host.capacity, busy, meeting.starts_at, meeting.ends_at) is None


def _own(user: User) -> Connection | None:
    """The person's own link: the live one, else the last that ended against their will."""
    mine = Connection.objects.filter(owner=user, is_shared=False).select_related("owner")
    live = mine.live().first()
    if live is not None:
        return live
    last = mine.order_by("-ended_at").first()
    return last if last is not None and last.end_reason in CAUSES else None


def _team(user: User) -> list[Connection]:
    """The shared links for recruiters, colleagues' own ones for administrators; ended ones while nobody mended them."""
    if not user.is_recruiter:
        return []
    links = Connection.objects.visible_to(user).manageable_by(user).select_related("owner")
    links = links if user.is_admin else links.filter(is_shared=True)
    coming = Meeting.objects.live().filter(connection=OuterRef("pk"))
    ended = links.filter(Exists(coming), is_shared=True, end_reason__in=list(CAUSES))
    alive = links.live().exclude(owner=user, is_shared=False)
    return [*alive.order_by("-is_shared", "label", "email", "pk"), *ended.order_by("-ended_at")]


def _cards(connections: list[Connection], now: datetime) -> list[Card]:
    coming: dict[int, list[Meeting]] = {connection.pk: [] for connection in connections}
    for meeting in Meeting.objects.filter(connection__in=connections).upcoming(now):
        coming[meeting.connection_id].append(meeting)
    return [
        Card(
            connection=connection,
            state=_state(connection),
            meetings=coming[connection.pk],
            missing=rights.missing(connection.scopes) if connection.is_live else [],
        )
        for connection in connections
    ]


def _state(connection: Connection) -> str:
    if not connection.is_live:
        return "ended"
    return "unreachable" if connection.check_problem else "connected"
