"""直前チェック: every coming interview is looked at a day, an hour and ten minutes before it begins, so that what does
not work is known while there is time.

Each distance is claimed once over all nodes: its row is unique. What is safe is put right; the rest waits for a person
and is looked at again, more often as the start draws near, until it is right or the next distance has come. While Zoom
is away nothing is known, and that is said."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from mensetsu.history import recording
from mensetsu.interviews import automating, informing, preflight_items, preflight_words, reminding
from mensetsu.interviews.models import Interview, Preflight
from mensetsu.interviews.preflight_models import Milestone
from mensetsu.jobs import port
from mensetsu.zoom import checking, meetings, repairing
from mensetsu.zoom import models as zoom

State = Preflight.State
# After a pause of the workers a whole day's checks are due at once. So many are begun, and so many given out, in one
# round, the nearest first; and the early ones run after everything that people wait for: letters, meetings, reminders.
AT_ONCE = 200
PRIORITY = {Milestone.DAY: port.WHEN_IDLE, Milestone.HOUR: port.SOON, Milestone.LAST: 0}
# Just set or changed: the meeting is being made and letters are being written.
FRESH = timedelta(minutes=2)
# How soon what has failed, or could not be looked at, is looked at again.
AGAIN = {
    Milestone.DAY: timedelta(minutes=30),
    Milestone.HOUR: timedelta(minutes=5),
    Milestone.LAST: timedelta(minutes=1),
}
# Who the host is at Zoom, and with which plan, is known for so long: one question a host serves all of its interviews.
HOST_KNOWN = {
    Milestone.DAY: timedelta(hours=24),
    Milestone.HOUR: timedelta(minutes=30),
    Milestone.LAST: timedelta(minutes=10),
}
# What only Zoom can tell; unknown while it is away.
OF_HOST = frozenset({"user", "plan"})
AT_ZOOM = OF_HOST | {"meeting", "time", "host", "doors"}
# Zoom has not answered at all.
NO_ANSWER = (zoom.Problem.AWAY, zoom.Problem.BUSY, zoom.Problem.DAILY_LIMIT, zoom.Problem.UNKNOWN)
# Causes that a letter of the interview's template group takes away.
BY_LETTER = ("old_link", "old_facts", "untold")


# --- when -----------------------------------------------------------------------------------------------------------


@port.job(max_attempts=1)
def look_ahead() -> None:
    """Every minute: begin the checks whose distance has come, and look again at what was not right."""
    now = timezone.now()
    distances = [*(milestone.distance for milestone in Milestone), timedelta(0)]
    for number, milestone in enumerate(Milestone):
        for interview in _without(milestone, now, after=distances[number + 1])[:AT_ONCE]:
            _begin(interview, milestone, now)
    changed = Q(interview__changed_at__gt=F("checked_at"), interview__changed_at__lte=now - FRESH)
    waiting = Preflight.objects.filter(due_at__isnull=False, starts_at__gt=now)
    for row in waiting.filter(Q(due_at__lte=now) | changed).order_by("starts_at", "id")[:AT_ONCE]:
        _give_out(row, now)


def again(interview: Interview, *, now: datetime) -> bool:
    """「もう一度確認」: look at it now. False while the first check is still to come."""
    latest = interview.preflights.filter(starts_at=interview.starts_at).last()
    if latest is None or interview.starts_at <= now:
        return False
    Preflight.objects.filter(pk=latest.pk).update(due_at=now)
    check.enqueue(preflight_id=latest.pk)
    return True


def forget(interview: Interview, *, now: datetime) -> None:
    """In the transaction that moves it, before: what was found says nothing if it ever comes back to this time."""
    if interview.starts_at <= now + Milestone.DAY.distance:
        Preflight.objects.filter(interview=interview).delete()


def _without(milestone: Milestone, now: datetime, *, after: timedelta) -> Any:
    """Interviews within this distance, and not within the next, that have not been checked at it."""
    rows = Preflight.objects.filter(
        interview=OuterRef("pk"), milestone=milestone, starts_at=OuterRef("starts_at")
    )
    near = Interview.objects.upcoming(now).filter(
        starts_at__lte=now + milestone.distance, starts_at__gt=now + after, changed_at__lte=now - FRESH
    )
    missing = near.filter(~Exists(rows)).exclude(candidate__status__in=reminding.LEFT)
    return missing.order_by("starts_at", "id")


def _begin(interview: Interview, milestone: Milestone, now: datetime) -> None:
    """The row is the claim: of two nodes one makes it."""
    at = {"interview": interview, "starts_at": interview.starts_at}
    row = Preflight(**at, milestone=milestone, made_at=now, due_at=now)
    Preflight.objects.bulk_create([row], ignore_conflicts=True)
    # An earlier distance has had its time.
    Preflight.objects.filter(**at).exclude(milestone=milestone).update(due_at=None)


def _give_out(row: Preflight, now: datetime) -> None:
    """A job that is lost is given out again."""
    milestone = Milestone(row.milestone)
    with transaction.atomic():
        mine = Preflight.objects.filter(pk=row.pk, due_at=row.due_at)
        if mine.update(due_at=now + AGAIN[milestone]):
            check.using(priority=PRIORITY[milestone]).enqueue(preflight_id=row.pk)


# --- look -----------------------------------------------------------------------------------------------------------


@port.job(max_attempts=2)
def check(*, preflight_id: int) -> None:
    """Look at one interview, put right what is safe, and write down what was found."""
    now = timezone.now()
    row = Preflight.objects.filter(pk=preflight_id, due_at__isnull=False, starts_at__gt=now).first()
    if row is None:
        return
    interview = _read(row.interview_id)
    has_left = interview.candidate.status in reminding.LEFT
    if not interview.is_standing or interview.starts_at != row.starts_at or has_left:
        # Nobody comes, or at another time, which has checks of its own.
        Preflight.objects.filter(pk=row.pk).update(due_at=None)
        return
    unknown = _ask_zoom(interview, Milestone(row.milestone), now)
    before = preflight_items.read(_read(interview.pk), now=now)
    # While Zoom is away nothing can be put right there, and what letters would say may not be so.
    after = _repaired(row, before, now) if "meeting" not in unknown and any(before.values()) else before
    _write(row, _items(row, before, after, unknown), now)


def _ask_zoom(interview: Interview, milestone: Milestone, now: datetime) -> frozenset[str]:
    """One look at the meeting, and one at its host unless somebody has just looked. Answers what stays unknown,
    because Zoom is away."""
    meeting = interview.meeting
    if not interview.uses_zoom or meeting is None or not meeting.is_issued or not meeting.connection.is_live:
        return frozenset()
    try:
        meetings.check(meeting, now=now)
    except meetings.TryLater:
        return AT_ZOOM
    host = meeting.connection
    host.refresh_from_db()
    if host.is_live and _is_host_in_doubt(host, milestone, now):
        checking.check_link(host, now=now)
    return OF_HOST if host.check_problem in NO_ANSWER else frozenset()


def _is_host_in_doubt(host: zoom.Connection, milestone: Milestone, now: datetime) -> bool:
    if host.checked_at is None or host.checked_at <= now - HOST_KNOWN[milestone]:
        return True
    # What was wrong may have been mended since; a day before there is time until tomorrow's look.
    is_wrong = host.check_problem == zoom.Problem.INACTIVE and milestone != Milestone.DAY
    return is_wrong or host.check_problem in NO_ANSWER


def _repaired(row: Preflight, before: dict[str, str], now: datetime) -> dict[str, str]:
    interview = _read(row.interview_id)
    if interview.uses_zoom and interview.meeting is not None:
        # A day before, a person may still decide which of two times holds; later the one that people were told does.
        is_near = row.milestone != Milestone.DAY
        # Nobody is left before a door whose key has changed: so near the start a new link may not be read any more.
        told = [one.told_join_url or one.told_zoom_id for one in interview.notices.all()]
        may_relink = not is_near or not any(told)
        repairing.repair(interview.meeting, may_undo=is_near, may_relink=may_relink, now=now)
    if interview.template_group_id is not None and any(
        before[code] in BY_LETTER for code in preflight_items.PEOPLE
    ):
        automating.announce.call(interview_id=interview.pk)
    return preflight_items.read(_read(interview.pk), now=now)


def _items(
    row: Preflight, before: dict[str, str], after: dict[str, str], unknown: frozenset[str]
) -> list[dict[str, str]]:
    """What was found, in reading order. What we had put right at an earlier look stays told as such."""
    earlier = {item["code"]: item["cause"] for item in row.items if item["state"] == State.REPAIRED}
    found = []
    for code, cause in after.items():
        if cause:
            state = State.FAILED
        elif code in unknown:
            state = State.UNKNOWN
        else:
            cause = before.get(code, "") or earlier.get(code, "")
            state = State.REPAIRED if cause else State.OK
        found.append({"code": code, "state": str(state), "cause": cause})
    return found


def _write(row: Preflight, items: list[dict[str, str]], now: datetime) -> None:
    states = {item["state"] for item in items}
    state = next(one for one in (State.FAILED, State.UNKNOWN, State.REPAIRED, State.OK) if one in states)
    is_open = state in (State.FAILED, State.UNKNOWN)
    due_at = now + AGAIN[Milestone(row.milestone)] if is_open else None
    with transaction.atomic():
        mine = Preflight.objects.filter(pk=row.pk, checked_at=row.checked_at)
        if not mine.update(items=items, state=state, checked_at=now, due_at=due_at):
            return  # somebody else has looked meanwhile
        was_repaired = any(item["state"] == State.REPAIRED for item in row.items)
        known = _known(row)
        row.items = items
        interview = _read(row.interview_id)
        if State.REPAIRED in states and not was_repaired:
            recording.record(
                "interview.preflight_repaired", subject=interview, thread=interview.candidate,
                organization_id=interview.organization_id, by=None, at=now,
            )  # fmt: skip
        is_news = any(item["cause"] not in known for item in row.failures)
        if is_news and row.milestone != Milestone.DAY:
            _tell(row, interview, now)


def _known(row: Preflight) -> set[str]:
    """What failed before and was told by mail: nobody reads the same twice."""
    told = Preflight.objects.filter(interview=row.interview_id, starts_at=row.starts_at).exclude(told_at=None)
    earlier = [*told.exclude(pk=row.pk), *([row] if row.told_at else [])]
    return {item["cause"] for one in earlier for item in one.failures}


def _tell(row: Preflight, interview: Interview, now: datetime) -> None:
    """A mail to those who must act."""
    for user in informing.recruiters_of(interview):
        informing.notify(
            "preflight_failed",
            user,
            informing.facts(interview, user.language),
            causes=preflight_words.sentences(row.failures, language=user.language),
        )
    Preflight.objects.filter(pk=row.pk).update(told_at=now)


def _read(interview_id: int) -> Interview:
    facts = Interview.objects.with_facts().select_related("organization", "created_by", "template_group")
    return facts.get(pk=interview_id)
