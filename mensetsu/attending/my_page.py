"""The interviewer's page: which of their interviews are on today, which still need an answer, what comes and what
was. Reads only; a constant number of queries, however many interviews there are."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from django.db.models import Q, QuerySet

from mensetsu.accounts import models as accounts
from mensetsu.attending import alerts, entering, join_page
from mensetsu.interviews.models import LONGER_THAN_ANY, DayReport, Interview
from mensetsu.web import moments
from mensetsu.zoom import models as zoom

SOON = timedelta(minutes=15)
LATE = timedelta(minutes=60)
# Older interviews without an outcome are not asked about any more.
ASKED_FOR = timedelta(days=30)
LATER_SHOWN = 30


@dataclass(frozen=True)
class Card:
    """One interview of the day for one person. `phase`: early, soon, running, late, past; or canceled."""

    interview: Interview
    phase: str
    door: entering.Door
    minutes_left: int
    waiting_since: datetime | None
    joined_at: datetime | None
    day_report: DayReport | None
    in_the_way: zoom.Meeting | None
    web_client_url: str

    @property
    def is_primary(self) -> bool:
        return self.phase in ("soon", "running")

    @property
    def asks_outcome(self) -> bool:
        return self.phase in ("late", "past") and not self.interview.outcome

    @property
    def started_by_name(self) -> str:
        """Who pressed WEB面接開始; empty when the meeting was started in Zoom itself."""
        starter = self.interview.started_by
        return starter.full_name if starter and join_page.pressed_at(self.interview) else ""

    @property
    def began_at(self) -> datetime | None:
        meeting = self.interview.meeting
        return join_page.pressed_at(self.interview) or (meeting.started_at if meeting else None)


def cards(
    interviews: QuerySet[Interview], user: accounts.User, *, on: date, zone: tzinfo, now: datetime
) -> list[Card]:
    """The interviews of that day on the reader's clock, and on today also those that still run from the day before."""
    begin = datetime.combine(on, time(), tzinfo=zone)
    end = begin + timedelta(days=1)
    of_day = Q(starts_at__gte=begin)
    if begin <= now < end:
        of_day |= Q(ends_at__gt=now)
    then = interviews.filter(of_day, starts_at__gt=begin - LONGER_THAN_ANY, starts_at__lt=end)
    rows = list(_for_cards(then).order_by("starts_at", "id"))
    hosts = {row.meeting.connection_id for row in rows if row.meeting}
    running = entering.running_on(hosts, now=now) if hosts else {}
    return [card(row, user, running, now=now) for row in rows]


def card(
    interview: Interview, user: accounts.User, running: dict[int, list[zoom.Meeting]], *, now: datetime
) -> Card:
    """How one interview stands for that person at this moment."""
    door = entering.door_for(interview, user)
    meeting = interview.meeting if door.reason != "url" and door.role != entering.NONE else None
    hosts = door.role == entering.HOST
    return Card(
        interview=interview,
        phase=phase_of(interview, now=now),
        door=door,
        minutes_left=max(0, -int((now - interview.starts_at).total_seconds() // 60)),
        waiting_since=alerts.waiting_since(interview) if interview.is_online else None,
        joined_at=join_page.arrived_at(interview),
        day_report=join_page.day_report(interview),
        in_the_way=entering.in_the_way(meeting, running) if meeting and hosts else None,
        web_client_url=entering.web_client_url(meeting.join_url) if meeting else "",
    )


def lone_card(interview: Interview, user: accounts.User, now: datetime) -> Card:
    """For the page of the interview, which lies below: whatever else its Zoom account runs is not looked up."""
    return card(interview, user, {}, now=now)


def phase_of(interview: Interview, *, now: datetime) -> str:
    if not interview.is_standing:
        return "canceled"
    if interview.outcome:
        return "past"
    if now < moments.plus(interview.starts_at, -SOON):
        return "early"
    if now < interview.starts_at:
        return "soon"
    if now < interview.ends_at:
        return "running"
    return "late" if now < moments.plus(interview.ends_at, LATE) else "past"


def unanswered(interviews: QuerySet[Interview], *, before: datetime, now: datetime) -> list[Interview]:
    """Interviews of the last weeks of which nobody has said how they went; `before` is where today begins."""
    # That they did not end before they began need not be said, but bounds what is looked through by either index.
    recent = {"starts_at__lt": before, "ends_at__lte": now, "ends_at__gt": now - ASKED_FOR}
    ended = interviews.filter(_is_asked_for(now), **recent)
    return list(_for_lines(ended).order_by("-starts_at", "-id"))


def _is_asked_for(now: datetime) -> Q:
    return Q(outcome="", canceled_at=None, withdrawn_at=None, starts_at__gte=now - ASKED_FOR)


def later(interviews: QuerySet[Interview], *, after: datetime) -> list[Interview]:
    """What comes after today, the next first."""
    coming = interviews.standing().filter(starts_at__gte=after)
    return list(_for_lines(coming).order_by("starts_at", "id")[:LATER_SHOWN])


def past(interviews: QuerySet[Interview], *, before: datetime, now: datetime) -> QuerySet[Interview]:
    """What was before today and needs no answer any more, the latest first."""
    closed = interviews.filter(~_is_asked_for(now), starts_at__lt=before)
    return _for_lines(closed).order_by("-starts_at", "-id")


def _for_lines(interviews: QuerySet[Interview]) -> QuerySet[Interview]:
    return interviews.select_related("candidate", "stage")


def _for_cards(interviews: QuerySet[Interview]) -> QuerySet[Interview]:
    related: list[Any] = [
        "organization", "candidate__job", "candidate__owner", "stage", "started_by", "next_meeting",
        "meeting__connection__owner",
    ]  # fmt: skip
    return interviews.select_related(*related).prefetch_related(
        "interviewers__user", "join_links", "day_reports"
    )
