"""Hold the interview: who opens which door (WEB面接開始), who pressed it, and how it went.

A host's start link is fetched from Zoom at the press and handed to the browser as a redirect. It is never stored,
logged, mailed or printed in a page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from mensetsu.accounts import models as accounts
from mensetsu.attending import alerts, join_page, recording
from mensetsu.interviews.models import Interview, Interviewer, JoinLink, Outcome, Service
from mensetsu.zoom import meetings
from mensetsu.zoom import models as zoom

HOST, PARTICIPANT, NONE = "host", "participant", "none"
# A meeting whose end Zoom never reported blocks its host's page no longer than this.
LONGEST_MEETING = timedelta(hours=12)


class NoDoor(Exception):
    """There is nothing to enter. `reason`: canceled, in_person, phone, pending, failed, lost, needs_host."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class HostElsewhere(Exception):
    """The Zoom account is still in another meeting; Zoom lets it run no more than its plan allows."""

    def __init__(self, meeting: zoom.Meeting) -> None:
        super().__init__(f"meeting {meeting.pk}")
        self.meeting = meeting


class TooEarly(Exception):
    """The interview has not begun: how it went is not known yet."""


class NotStanding(Exception):
    """The interview was canceled or withdrawn from."""


@dataclass(frozen=True)
class Door:
    """How one person would enter. `role`: host, participant or none; `reason` says why:
    shared_host, own_host (host) · others_host, running, url (participant) · the reasons of NoDoor (none)."""

    role: str
    reason: str
    # The meeting runs, but this person may also take it over as host.
    may_host: bool = False


def assigned_to(user: accounts.User) -> QuerySet[Interview]:
    """A person's own interviews: those they are assigned to, and those that run on their personal Zoom account,
    because nobody else can start these."""
    # Found by the person: asked of each interview, it would be asked of all that the company ever had.
    seats = Interviewer.objects.filter(user=user).order_by().values("interview")
    hosts = zoom.Connection.objects.filter(owner=user, is_shared=False)
    hosted = Interview.objects.filter(meeting__connection__in=hosts).values("pk")
    return Interview.objects.filter(pk__in=seats.union(hosted), organization_id=user.organization_id)


def attendable_by(user: accounts.User) -> QuerySet[Interview]:
    """Interviews this person may open: all of the company for recruiters, their own for everyone else."""
    return Interview.objects.visible_to(user) if user.is_recruiter else assigned_to(user)


def door_for(interview: Interview, user: accounts.User) -> Door:
    """The door that this person would take now, known before the press. `user` may attend (attendable_by).

    Shared host: everyone who may attend is host. Personal host: its owner only. A meeting that somebody else has
    started is joined, so that nobody throws the other out; taking over stays possible."""
    if not interview.is_standing:
        return Door(NONE, "canceled")
    if not interview.is_online:
        return Door(NONE, interview.way)
    if interview.service == Service.URL:
        return Door(PARTICIPANT, "url")
    if interview.url_state != "issued":
        return Door(NONE, interview.url_state)
    connection = interview.meeting.connection
    if not connection.is_shared and connection.owner_id != user.pk:
        return Door(PARTICIPANT, "others_host")
    if _was_started_by_another(interview, user):
        return Door(PARTICIPANT, "running", may_host=True)
    return Door(HOST, "shared_host" if connection.is_shared else "own_host")


def _was_started_by_another(interview: Interview, user: accounts.User) -> bool:
    meeting, pressed_at = interview.meeting, join_page.pressed_at(interview)
    began_at = max(filter(None, (pressed_at, meeting.started_at)), default=None)
    if began_at is None or (meeting.finished_at is not None and meeting.finished_at >= began_at):
        return False
    # Nobody pressed here: its owner started it in Zoom itself.
    return pressed_at is None or interview.started_by_id != user.pk


def running_on(connection_ids: Collection[int], *, now: datetime) -> dict[int, list[zoom.Meeting]]:
    """Meetings that run on these Zoom accounts as far as Zoom has told us, the oldest first."""
    running: dict[int, list[zoom.Meeting]] = {}
    meetings_now = zoom.Meeting.objects.filter(
        connection__in=connection_ids, finished_at=None, started_at__gt=now - LONGEST_MEETING
    )
    for meeting in meetings_now.order_by("started_at", "id"):
        running.setdefault(meeting.connection_id, []).append(meeting)
    return running


def in_the_way(meeting: zoom.Meeting, running: dict[int, list[zoom.Meeting]]) -> zoom.Meeting | None:
    """The meeting that uses up this one's Zoom account; None while its plan allows one more."""
    others = [other for other in running.get(meeting.connection_id, []) if other.pk != meeting.pk]
    return others[0] if len(others) >= meeting.connection.capacity else None


def start(
    interview: Interview,
    *,
    by: accounts.User,
    now: datetime,
    as_host: bool | None = None,
    anyway: bool = False,
) -> str:
    """The address that lets this person in now: a fresh start link for the host, the join URL for everyone else.

    Hand it to the browser and forget it. `as_host=False` asks for the join URL, `True` takes over a running meeting;
    neither gives anyone more than their door. `anyway` starts although the account seems to be in another meeting.
    Refusals: NoDoor, HostElsewhere, and what zoom.meetings.start_url raises."""
    door = door_for(interview, by)
    if door.role == NONE:
        raise NoDoor(door.reason)
    hosts = as_host is not False and (door.role == HOST or (bool(as_host) and door.may_host))
    if not hosts:
        if interview.service == Service.URL:
            _note_start(interview, by=by, now=now)
        return interview.join_url
    meeting = interview.meeting
    other = None if anyway else in_the_way(meeting, running_on([meeting.connection_id], now=now))
    if other is not None:
        raise HostElsewhere(other)
    address = meetings.start_url(meeting, now=now)
    _note_start(interview, by=by, now=now)
    return address


def _note_start(interview: Interview, *, by: accounts.User, now: datetime) -> None:
    """The first press counts, unless it was a rehearsal; a later one by somebody else is a takeover."""
    unstarted = Q(started_at=None) | Q(started_at__lt=interview.starts_at - join_page.REHEARSAL)
    with transaction.atomic():
        mine = Interview.objects.filter(unstarted, pk=interview.pk)
        if mine.update(started_at=now, started_by=by):
            interview.started_at, interview.started_by = now, by
            recording.record("interview.started", interview, by=by, now=now)
        elif interview.started_by_id != by.pk and interview.service == Service.ZOOM:
            recording.record("interview.host_taken_over", interview, by=by, now=now)


def record_outcome(interview: Interview, outcome: str, *, by: accounts.User, now: datetime) -> None:
    """How it went: done, no-show, or "" to take the answer back. The same answer again changes nothing.

    Refusals: NotStanding, TooEarly."""
    if interview.starts_at > now:
        raise TooEarly
    value = Outcome(outcome) if outcome else ""
    with transaction.atomic():
        standing = Interview.objects.standing().filter(pk=interview.pk)
        changed = standing.exclude(outcome=value).update(outcome=value, outcome_at=now if value else None)
        if changed:
            recording.record(f"interview.outcome_{value or 'cleared'}", interview, by=by, now=now)
        elif not standing.exists():
            raise NotStanding
    interview.refresh_from_db(fields=["outcome", "outcome_at"])


def join(link: JoinLink, *, now: datetime) -> str:
    """The present address of the room for an applicant or an agency, and the stamp that they came.

    Refusals: NoDoor, with the page's state or the URL's as reason; a missing URL is reported to the recruiters."""
    interview = link.interview
    state = join_page.state_of(interview, now=now)
    if state not in ("early", "before", "begun"):
        raise NoDoor(state)
    if not interview.is_online:
        raise NoDoor(interview.way)
    if interview.url_state != "issued":
        alerts.report_missing_url(link, now=now)
        raise NoDoor(interview.url_state)
    new = Q(joined_at=None)
    if now >= interview.starts_at - join_page.REHEARSAL:
        # A press long ago tried the button out, or was for the time before a move: this one is the arrival.
        new |= Q(joined_at__lt=interview.starts_at - join_page.REHEARSAL)
    with transaction.atomic():
        first = JoinLink.objects.filter(new, pk=link.pk).update(
            joined_at=now, opened_at=Coalesce(F("opened_at"), now)
        )
        if first:
            name = alerts.name_of(link)
            recording.record(
                "interview.join_pressed", interview, by=None, now=now, actor_name=name, receiver=link.receiver
            )
            alerts.watch_for_start(interview, now=now)
    return interview.join_url


def web_client_url(join_url: str) -> str:
    """The same meeting in the browser, for a device on which Zoom's app does not open; empty if unknown.

    https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0064261"""
    parts = urlsplit(join_url)
    if not parts.path.startswith("/j/"):
        return ""
    return urlunsplit(parts._replace(path="/wc/join/" + parts.path.removeprefix("/j/")))
