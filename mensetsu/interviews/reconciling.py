"""What a recruiter decides where Zoom has a meeting otherwise than its interview, and what follows from it here.

Zoom's time or length becomes the interview's by the very verb with which recruiters move it, so every check and every
letter is the same; the rest is the meeting's own affair (zoom/reconciling.py). Each decision is an entry of the
interview's story."""

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from mensetsu.accounts import models as accounts
from mensetsu.interviews import arranging, automating, dispatching, overlapping, scheduling
from mensetsu.interviews.models import Interview
from mensetsu.jobs import port
from mensetsu.zoom import meetings
from mensetsu.zoom import models as zoom
from mensetsu.zoom import reconciling as at_zoom

Kind = zoom.DifferenceKind
# A start and a length are one thing to whoever comes: one press takes over both.
TIMES = (Kind.TIME, Kind.LENGTH)
Settled = at_zoom.Settled
NotPossible = at_zoom.NotPossible
HostUnknown = at_zoom.HostUnknown


class ChangedAgain(Settled):
    """Zoom's value is another by now than the one that was shown."""


class NoTime(Exception):
    """At Zoom the meeting has no time of its own."""


def open_ones(user: accounts.User, *, now: datetime) -> QuerySet[zoom.Difference]:
    """What waits for a decision about the coming interviews that this person sees, the nearest interview first."""
    return _of_coming(user, now).open().order_by("meeting__starts_at", "meeting_id", "id")


def ignored_ones(user: accounts.User, *, now: datetime) -> QuerySet[zoom.Difference]:
    """What somebody chose to ignore and still differs."""
    return _of_coming(user, now).standing().exclude(ignored_at=None).order_by("meeting__starts_at", "id")


def interview_of(difference: zoom.Difference) -> Interview:
    """The interview that this difference is about. Refuses Settled when its meeting belongs to none any more, or is
    just being replaced."""
    meeting = Q(meeting=difference.meeting_id) & _is_kept() | Q(next_meeting=difference.meeting_id)
    found = Interview.objects.standing().with_facts().select_related("organization").filter(meeting).first()
    if found is None:
        raise Settled
    return found


def shown(difference: zoom.Difference) -> str:
    """A mark of Zoom's value, for the form of whoever is shown it; start and length, which go together, have one."""
    meeting, value = difference.meeting, difference.theirs
    if difference.kind in TIMES:
        value = f"{meeting.synced_starts_at} {meeting.synced_minutes}"
    return sha256(value.encode()).hexdigest()[:16]


def adopt(
    difference: zoom.Difference,
    *,
    what: str | None = None,
    version: int | None = None,
    seen: Collection[overlapping.Pair] | None = None,
    by: accounts.User,
    now: datetime,
) -> None:
    """「反映する」: what Zoom has becomes ours. `what` is the mark of the value that the person saw (`shown`);
    `version` and `seen` as in scheduling.reschedule.

    Refusals: Settled, ChangedAgain, NotPossible, NoTime, HostUnknown; of a time or a host all those of
    scheduling.reschedule."""
    interview = interview_of(difference)
    with transaction.atomic():
        _refuse_unseen(difference, what)
        if difference.kind in TIMES:
            _adopt_time(interview, difference, version=version, seen=seen, by=by, now=now)
        elif difference.kind == Kind.HOST:
            scheduling.claim(interview, version, by=by, now=now)
            at_zoom.follow_host(difference, by=by, now=now)
            arranging.record(
                "interview.host_changed", interview, by=by, now=now, host=str(difference.their_host)
            )
            automating.follow(interview, now=now)
        else:
            at_zoom.take_over(difference, by=by, now=now)
        _record("adopted", interview, difference, by=by, now=now)


def restore(difference: zoom.Difference, *, by: accounts.User, now: datetime) -> None:
    """「Zoomを元に戻す」: a job brings Zoom back to what we have. Refusals: Settled, NotPossible."""
    interview = interview_of(difference)
    with transaction.atomic():
        at_zoom.restore(difference, by=by, now=now)
        _record("restored", interview, difference, by=by, now=now)


def ignore(difference: zoom.Difference, *, what: str | None = None, by: accounts.User, now: datetime) -> None:
    """「無視」: both may stand until Zoom's value changes again. `what` as in `adopt`.

    Refusals: Settled, ChangedAgain, NotPossible."""
    interview = interview_of(difference)
    with transaction.atomic():
        _refuse_unseen(difference, what)
        at_zoom.ignore(difference, by=by, now=now)
        _record("ignored", interview, difference, by=by, now=now)


def issue_anew(
    difference: zoom.Difference, *, version: int | None = None, by: accounts.User, now: datetime
) -> None:
    """「もう一度発行」: another meeting on the same host in place of one that is gone or became a webinar.

    Refusals: Settled, NotPossible; ChangedMeanwhile, NotChangeable, HostBusy, HostEnded."""
    if difference.kind not in (Kind.GONE, Kind.WEBINAR):
        raise NotPossible
    interview = interview_of(difference)
    with transaction.atomic():
        scheduling.claim(interview, version, by=by, now=now)
        if difference.kind == Kind.WEBINAR:
            at_zoom.give_up(difference, by=by, now=now)
        else:
            at_zoom.settle(difference, zoom.HowSettled.REPLACED, by=by, now=now)
        interview = Interview.objects.with_facts().select_related("organization").get(pk=interview.pk)
        scheduling.change_host(interview, difference.meeting.connection, by=by, now=now)
        automating.follow(interview, now=now)


@port.job(max_attempts=5)
def follow_link(*, interview_id: int) -> None:
    """Link or passcode were changed at Zoom: whoever was told the old ones is told the new ones."""
    now = timezone.now()
    with transaction.atomic():
        dispatching.take_turn(interview_id)
        interview = Interview.objects.with_facts().filter(pk=interview_id).first()
        if interview is None or not interview.is_standing or interview.is_over(now):
            return
        arranging.record("interview.link_changed", interview, by=None, now=now)
        automating.follow(interview, now=now)


def _is_kept(interview: str = "") -> Q:
    """No other meeting is about to take the present one's place; or one is wanted, does not come, and people go on
    entering this one. `interview`: the way to the interview from whatever is asked for."""
    is_entered = Q(**{f"{interview}meeting__issued_at__isnull": False, f"{interview}meeting__lost_at": None})
    has_failed = Q(**{f"{interview}next_meeting__failed_at__isnull": False})
    has_trouble = Q(**{f"{interview}next_meeting__problem__gt": ""})
    return Q(**{f"{interview}next_meeting": None}) | is_entered & (has_failed | has_trouble)


def _of_coming(user: accounts.User, now: datetime) -> Any:
    mine = Interview.objects.visible_to(user).upcoming(now).order_by().values("pk")
    current = Q(meeting__interview__in=mine) & _is_kept("meeting__interview__")
    about = zoom.Difference.objects.filter(current | Q(meeting__next_interview__in=mine))
    linked = about.filter(meeting__connection__ended_at=None, organization_id=user.organization_id)
    return linked.select_related(
        "meeting__connection",
        "their_host",
        "meeting__interview__candidate",
        "meeting__next_interview__candidate",
    )


def _refuse_unseen(difference: zoom.Difference, what: str | None) -> None:
    """The meeting is read anew and is what is taken over; another value of the difference makes whoever settles it
    refuse."""
    difference.meeting.refresh_from_db()
    if what is not None and difference.settled_at is None and what != shown(difference):
        raise ChangedAgain


def _adopt_time(
    interview: Interview,
    difference: zoom.Difference,
    *,
    version: int | None,
    seen: Collection[overlapping.Pair] | None,
    by: accounts.User,
    now: datetime,
) -> None:
    known = difference.meeting
    starts_at, minutes = known.synced_starts_at, known.synced_minutes
    if starts_at is None or not minutes:
        raise NoTime
    # People, applicant, interview, host: in this order; the difference last, and it takes back everything if it is
    # settled already.
    scheduling.reschedule(
        interview, starts_at=starts_at, minutes=minutes, version=version, seen=seen, by=by, now=now
    )
    for one in (
        zoom.Difference.objects.standing().filter(meeting=known, kind__in=TIMES).exclude(pk=difference.pk)
    ):
        at_zoom.settle(one, zoom.HowSettled.ADOPTED, by=by, now=now)
    at_zoom.settle(difference, zoom.HowSettled.ADOPTED, by=by, now=now)
    at_zoom.forget_drift(known)


def _record(
    how: str, interview: Interview, difference: zoom.Difference, *, by: accounts.User, now: datetime
) -> None:
    arranging.record(f"interview.difference_{how}", interview, by=by, now=now, kind=difference.kind)


REFUSALS = (Settled, NotPossible, NoTime, HostUnknown, meetings.NotMovable)
