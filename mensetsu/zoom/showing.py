"""What the pages of Zoom連携設定 show: the state of each link, derived, never stored. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from mensetsu.accounts.models import User
from mensetsu.web import dates
from mensetsu.zoom import eligibility, hosting, limit_words, rights, setting_up
from mensetsu.zoom.models import (
    BASIC_PLAN_MINUTES,
    NO_MEETINGS,
    Connection,
    EndReason,
    Meeting,
    PendingApproval,
    Problem,
)

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
    """One link as the page shows it: `count` meetings to come, which are named where they are in danger."""

    connection: Connection
    state: str
    count: int
    meetings: list[Meeting]
    missing: list[rights.Right]
    # Zoom's limits, when they are near or reached.
    limits: list[str]

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
    def plan(self) -> str:
        """What Zoom says of the plan; "" while it is not known."""
        if not self.connection.plan_type:
            return ""
        if self.connection.plan_type in NO_MEETINGS:
            return pgettext("zoom plan", "No meeting license")
        return pgettext("zoom plan", "Basic (free)") if self.is_basic else pgettext("zoom plan", "Licensed")

    @property
    def is_unlicensed(self) -> bool:
        return self.connection.plan_type in NO_MEETINGS

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
        "app_state": setting_up.state(user.organization),
        "basic_minutes": BASIC_PLAN_MINUTES,
        "listed": LISTED,
        "scopes": rights.RIGHTS,
        "states": STATES,
    }


def comparisons(user: User, *, now: datetime) -> list[tuple[Connection, str]]:
    """Each account that hosts a coming meeting, and when its meetings were last compared with Zoom, or why not."""
    coming = Meeting.objects.live().filter(connection=OuterRef("pk"), starts_at__gt=now)
    links = (
        Connection.objects.visible_to(user)
        .filter(Exists(coming))
        .select_related("owner")
        .order_by(F("ended_at").asc(nulls_first=True), "label", "email", "pk")
    )
    return [(link, _compared(link)) for link in links]


def _compared(link: Connection) -> str:
    if not link.is_live:
        return _("The connection has ended, so its meetings cannot be compared.")
    if link.compared_at is None:
        last = _("Not compared yet.")
    else:
        last = _("Last compared: %(when)s.") % {"when": dates.short(link.compared_at)}
    if link.compare_problem == Problem.SCOPE_MISSING:
        why = _(
            "The Zoom app may not list this account's meetings: each is looked at only shortly before the interview."
        )
    elif link.compare_problem:
        why = _("Zoom could not be asked at the last try.")
    else:
        return last
    return f"{why} {last}"


def upcoming(connection: Connection, now: datetime) -> QuerySet[Meeting]:
    """The meetings that have this account as host and have not ended."""
    return Meeting.objects.filter(connection=connection).upcoming(now)


def remaining(
    connection: Connection, meetings: list[Meeting], *, now: datetime, to: Connection | None = None
) -> dict[str, Any]:
    """Why it cannot be disconnected, and which other accounts (or `to` alone) could take how many of its meetings."""
    hosts = Connection.objects.hosts_for(connection.organization).exclude(pk=connection.pk)
    others = list(hosts) if to is None else [to]
    taken: dict[int, list[Meeting]] = {host.pk: [] for host in others}
    if meetings:
        last = max(meeting.ends_at for meeting in meetings)
        first = min(meeting.starts_at for meeting in meetings)
        for one in Meeting.objects.live().filter(connection__in=others).overlapping(first, last):
            taken[one.connection_id].append(one)
    # Nobody is moved out of a running meeting.
    held = {one.pk for one in meetings if one.starts_at <= now and one.is_issued}
    ahead = [one for one in meetings if one.pk not in held]
    choices = [(host, sum(_fits(host, meeting, taken[host.pk]) for meeting in ahead)) for host in others]
    able = eligibility.fit(others)
    rows = [
        (one, one.pk not in held and any(_fits(host, one, taken[host.pk]) for host in able))
        for one in meetings
    ]
    return {
        "connection": connection,
        "to": to,
        "rows": rows,
        "listed": LISTED,
        "count": len(meetings),
        "ahead": len(ahead),
        "held": held,
        "is_cut_off": any(one.minutes > BASIC_PLAN_MINUTES for one in ahead),
        "basic_minutes": BASIC_PLAN_MINUTES,
        "choices": sorted(choices, key=lambda choice: (bool(eligibility.unfit(choice[0])), -choice[1])),
        "named": eligibility.named,
    }


def unreachable_words(connection: Connection) -> str:
    """Why the last check could not be made, and that the link is kept."""
    if connection.check_problem == Problem.APP_REFUSED:
        return _(
            "Zoom does not accept this company's app settings. Your connection is kept. Ask an administrator."
        )
    if connection.check_problem == Problem.SCOPE_MISSING:
        return _("The Zoom app lacks a permission, so this cannot be checked. Your connection is kept.")
    if connection.check_problem == Problem.INACTIVE:
        return _(
            "Zoom says that this user is not active. Ask your Zoom administrator; your connection is kept."
        )
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
    coming = Meeting.objects.upcoming(now).filter(connection__in=connections)
    counts = dict(coming.order_by().values_list("connection").annotate(count=Count("pk")))
    named: dict[int, list[Meeting]] = {}
    for meeting in coming.filter(connection__in=[link for link in connections if not link.is_live]):
        named.setdefault(meeting.connection_id, []).append(meeting)
    limits = limit_words.of_links([link for link in connections if link.is_live], now=now)
    return [
        Card(
            connection=connection,
            state=_state(connection),
            count=counts.get(connection.pk, 0),
            meetings=named.get(connection.pk, []),
            missing=rights.missing(connection.scopes) if connection.is_live else [],
            limits=limits.get(connection.pk, []),
        )
        for connection in connections
    ]


def _state(connection: Connection) -> str:
    if not connection.is_live:
        return "ended"
    return "unreachable" if connection.check_problem else "connected"
