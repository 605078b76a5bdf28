"""Will a coming meeting work? What speaks against it, from our own rows as the last look at Zoom has left them.

Reads only, and never asks Zoom: `checking` does that before."""

from collections.abc import Iterator
from datetime import datetime

from mensetsu.zoom import hosting
from mensetsu.zoom.comparing import SETTINGS
from mensetsu.zoom.models import (
    BASIC_PLAN_MINUTES,
    NO_MEETINGS,
    Difference,
    DifferenceKind,
    Meeting,
    Problem,
)

# What is looked at, in the order in which people should read it.
CODES = ("meeting", "time", "host", "user", "plan", "capacity", "doors")
TIMES = (DifferenceKind.TIME, DifferenceKind.LENGTH)
# What only the company's Zoom app can mend.
REFUSED = (Problem.APP_REFUSED, Problem.SCOPE_MISSING)


def read(meeting: Meeting, *, now: datetime) -> dict[str, str]:
    """For each of CODES the cause of its trouble, "" when it is as it should be. Four queries at the most.

    What somebody chose to ignore at Zoom's side is no trouble."""
    found = dict.fromkeys(CODES, "")
    found.update(_troubles(meeting, now))
    return found


def _troubles(meeting: Meeting, now: datetime) -> Iterator[tuple[str, str]]:
    standing = list(Difference.objects.standing().filter(meeting=meeting))
    waiting = {one.kind for one in standing if one.ignored_at is None}
    ignored = {one.kind for one in standing} - waiting
    if cause := _of_existence(meeting, waiting):
        yield "meeting", cause
    elif waiting.intersection(TIMES):
        yield "time", "time_differs"
    elif not ignored.intersection(TIMES) and _is_untold(meeting):
        yield "time", "time_untold"
    if not meeting.connection.is_live:
        yield "host", "host_ended"
    elif DifferenceKind.HOST in waiting:
        yield "host", "other_host"
    if meeting.connection.check_problem == Problem.INACTIVE:
        yield "user", "inactive"
    if meeting.connection.plan_type in NO_MEETINGS:
        yield "plan", "unlicensed"
    elif meeting.connection.is_basic and meeting.minutes > BASIC_PLAN_MINUTES:
        yield "plan", "basic"
    if _is_crowded(meeting):
        yield "capacity", "crowded"
    if cause := _of_doors(meeting, waiting, ignored):
        yield "doors", cause


def _of_existence(meeting: Meeting, waiting: set[str]) -> str:
    if meeting.lost_at is not None:
        return "lost"
    if DifferenceKind.WEBINAR in waiting:
        return "webinar"
    if not meeting.is_issued:
        return "daily_limit" if meeting.problem == Problem.DAILY_LIMIT else "not_issued"
    return "refused" if meeting.problem in REFUSED else ""


def _of_doors(meeting: Meeting, waiting: set[str], ignored: set[str]) -> str:
    if waiting.intersection(SETTINGS):
        return "doors_differ"
    if not meeting.is_issued or meeting.passcode:
        return ""
    if not meeting.has_waiting_room:
        return "unguarded"
    # A meeting that was taken over may have been without one from the start.
    is_promised = meeting.adopted_at is None or DifferenceKind.PASSCODE in waiting
    return "no_passcode" if is_promised and DifferenceKind.PASSCODE not in ignored else ""


def _is_untold(meeting: Meeting) -> bool:
    told = meeting.synced_starts_at, meeting.synced_minutes
    return meeting.is_issued and told != (meeting.starts_at, meeting.minutes)


def _is_crowded(meeting: Meeting) -> bool:
    """More meetings at one moment than the host may hold: capacity was lowered after they were set."""
    others = Meeting.objects.live().filter(connection=meeting.connection_id).exclude(pk=meeting.pk)
    there = list(others.overlapping(meeting.starts_at, meeting.ends_at))
    capacity = meeting.connection.capacity
    return hosting.busy_until(capacity, there, meeting.starts_at, meeting.ends_at) is not None
