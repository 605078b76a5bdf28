"""What a person decides about a difference: Zoom's value becomes ours, ours goes back to Zoom, or both may stand.

Time and length are the interview's, so whoever holds those decides about them (interviews/reconciling.py); here is what
concerns the meeting alone. Nothing here calls Zoom but the job that puts things back."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from mensetsu.accounts.models import User
from mensetsu.jobs import outside, port
from mensetsu.zoom import checking, client, comparing, failing, hosting, issuing, tokens
from mensetsu.zoom.comparing import SETTINGS
from mensetsu.zoom.models import Connection, Difference, DifferenceKind, HowSettled, Meeting

Kind = DifferenceKind
# What Zoom lets an app change. The host is not among it: https://devforum.zoom.us/t/88501
RESTORABLE = frozenset({Kind.TIME, Kind.LENGTH, Kind.TOPIC, Kind.PASSCODE, *SETTINGS})
# What the meeting itself can take over; time and length need the interview's consent.
OWN_AFFAIRS = frozenset({Kind.TOPIC, *SETTINGS})
IGNORABLE = frozenset(Kind) - {Kind.GONE, Kind.WEBINAR, Kind.LINK}
# How PATCH calls what the settings are.
FIELDS = {Kind.WAITING_ROOM: "waiting_room", Kind.SIGN_IN: "login", Kind.EARLY_ENTRY: "early_entry"}


class Settled(Exception):
    """The difference is gone already: both agree again, or somebody else decided."""


class NotPossible(Exception):
    """That cannot be done about a difference of this kind."""


class HostUnknown(Exception):
    """The Zoom user who hosts it now is not linked here."""


# --- decide ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def take_over(difference: Difference, *, by: User, now: datetime) -> None:
    """「反映する」 for what concerns the meeting alone: topic and settings as Zoom has them become what we want.

    Refusals: Settled, NotPossible."""
    if difference.kind not in OWN_AFFAIRS:
        raise NotPossible
    meeting = difference.meeting
    # The difference first: of two who decide at the same moment one finds it settled.
    settle(difference, HowSettled.ADOPTED, by=by, now=now)
    if difference.kind == Kind.TOPIC:
        wanted = {
            "topic": difference.theirs,
            "own_topic": difference.theirs,
            "synced_topic": difference.theirs,
        }
    else:
        wanted = {SETTINGS[Kind(difference.kind)][0]: difference.theirs == comparing.ON}
    Meeting.objects.filter(pk=meeting.pk).update(**wanted)
    forget_drift(meeting)


@transaction.atomic
def follow_host(difference: Difference, *, by: User, now: datetime) -> None:
    """「反映する」 for another host: the meeting moves to the link of the Zoom user who hosts it now, if that account
    is free at its time. Id and link stay. Refusals: Settled, NotPossible, HostUnknown; HostBusy, HostEnded."""
    if difference.kind != Kind.HOST:
        raise NotPossible
    host = difference.their_host
    if host is None:
        raise HostUnknown
    settle(difference, HowSettled.ADOPTED, by=by, now=now)
    meeting = difference.meeting
    hosting.hand_over(meeting, host, now=now)
    checking.check_meeting.enqueue(meeting_id=meeting.pk)


@transaction.atomic
def ignore(difference: Difference, *, by: User, now: datetime) -> None:
    """「無視」: both may stand, until Zoom's value changes once more. Refusals: Settled, NotPossible."""
    if difference.kind not in IGNORABLE:
        raise NotPossible
    mine = Difference.objects.standing().filter(pk=difference.pk, ignored_at=None, theirs=difference.theirs)
    if not mine.update(ignored_at=now, ignored_by=by, restoring_at=None, restoring_by=None, problem=""):
        raise Settled


@transaction.atomic
def restore(difference: Difference, *, by: User | None, now: datetime) -> None:
    """「Zoomを元に戻す」: a job sends what differs and reads back what Zoom took. Refusals: Settled, NotPossible."""
    if difference.kind not in RESTORABLE:
        raise NotPossible
    mine = Difference.objects.standing().filter(pk=difference.pk)
    if not mine.update(restoring_at=now, restoring_by=by, ignored_at=None, ignored_by=None, problem=""):
        raise Settled
    restore_meeting.enqueue(meeting_id=difference.meeting_id)


@transaction.atomic
def give_up(difference: Difference, *, by: User, now: datetime) -> None:
    """A webinar is no meeting any more: it is taken as lost, so that another can be made. Refusals: Settled,
    NotPossible."""
    if difference.kind != Kind.WEBINAR:
        raise NotPossible
    settle(difference, HowSettled.REPLACED, by=by, now=now)
    Meeting.objects.live().filter(pk=difference.meeting_id).update(lost_at=now, problem="", due_at=None)
    comparing.settle_replaced(difference.meeting, now=now)


def settle(difference: Difference, how: str, *, by: User | None, now: datetime) -> None:
    """It is decided. Refuses Settled when it was before, or when Zoom's value has changed since it was shown."""
    mine = Difference.objects.standing().filter(pk=difference.pk, theirs=difference.theirs)
    if not mine.update(
        settled_at=now, settled=how, settled_by=by, ignored_at=None, ignored_by=None, restoring_at=None, problem=""
    ):  # fmt: skip
        raise Settled


def forget_drift(meeting: Meeting) -> None:
    """In the transaction of a decision: with the last difference of time, length and topic goes what keeps us from
    telling Zoom by ourselves."""
    row = Meeting.objects.get(pk=meeting.pk)
    if not row.is_unsynced:
        Meeting.objects.filter(pk=meeting.pk).update(drifted_at=None)


# --- put back -------------------------------------------------------------------------------------------------------


@port.job(max_attempts=12)
def restore_meeting(*, meeting_id: int) -> None:
    """Send Zoom what a person wants put back, and our mark where it is missing; only that, in one request."""
    put_back(meeting_id, now=timezone.now())


def put_back(meeting_id: int, *, now: datetime) -> None:
    """The same at once. Only TryLater goes up, after the reason stands on the differences; no job is left behind."""
    row = Meeting.objects.live().select_related("connection__organization").filter(pk=meeting_id).first()
    if row is None or not row.is_issued:
        return
    wanted = list(comparing.wanted_back(row, RESTORABLE))
    changes = _changes(row, wanted)
    if not changes:
        return
    outside.check()

    def patch(zoom: client.Client) -> client.ZoomMeeting:
        if "agenda" in changes or "passcode" in changes:
            known = zoom.get_meeting(row.zoom_id)
            if "agenda" in changes:
                changes["agenda"] = _marked(row, known)
            if known.passcode:
                # Somebody has set one, or an earlier try has: people may hold its link already.
                changes.pop("passcode", None)
            if not changes:
                return known
        zoom.update_meeting(row.zoom_id, **changes)
        return zoom.get_meeting(row.zoom_id)

    try:
        made = tokens.call(row.connection, patch, now=now, begins_at=row.starts_at)
    except client.MeetingGone:
        issuing.lose(row, now=now)
    except client.TryLater as problem:
        _note(row, wanted, problem, still_wanted=True)
        raise
    except client.ZoomError as problem:
        _note(row, wanted, problem, still_wanted=False)
    else:
        _accept(row, made, wanted, issuing.kinds_of(changes), now)


def _changes(row: Meeting, wanted: list[Difference]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for one in wanted:
        if one.kind == Kind.TIME:
            changes |= {"starts_at": row.starts_at, "time_zone": row.time_zone}
        elif one.kind == Kind.LENGTH:
            changes["minutes"] = row.minutes
        elif one.kind == Kind.TOPIC:
            changes["topic"] = row.topic
        elif one.kind == Kind.PASSCODE:
            changes["passcode"] = issuing.new_passcode()
        else:
            kind = Kind(one.kind)
            changes[FIELDS[kind]] = getattr(row, SETTINGS[kind][0])
    if row.needs_mark:
        # One request for all: what a host may change in a day is counted.
        changes |= issuing.unsent(row) | {"agenda": ""}
    return changes


def _marked(row: Meeting, known: client.ZoomMeeting) -> str:
    """Our mark in front of what a person wrote there; a mark that stood there before goes."""
    rest = comparing.MARK.sub("", known.agenda, count=1).strip()
    return f"{issuing.agenda(row)}\n{rest}".strip()[:2000]


def _accept(
    row: Meeting, made: client.ZoomMeeting, wanted: list[Difference], sent: frozenset[str], now: datetime
) -> None:
    columns = issuing.as_zoom_has_it(row, made)
    differing = comparing.differing(row, columns)
    if not differing:
        # Why Zoom could not be told before.
        columns |= {"problem": "", "problem_detail": ""}
    elif drifted_at := comparing.drifted(row, columns, differing - sent, now):
        columns["drifted_at"] = drifted_at
    with transaction.atomic():
        Meeting.objects.filter(pk=row.pk).update(**columns, checked_at=now)
        if made.agenda.startswith(issuing.agenda(row)):
            Meeting.objects.filter(pk=row.pk, marked_at=None).update(marked_at=now)
        is_news = comparing.note(row, made, columns, now=now, sent=sent)
        told = [one.pk for one in wanted]
        comparing.note_not_taken(comparing.wanted_back(row, RESTORABLE).filter(pk__in=told))
        forget_drift(row)
        if is_news:
            comparing.announce(row, now=now)


def _note(row: Meeting, wanted: list[Difference], problem: client.ZoomError, *, still_wanted: bool) -> None:
    reason, _detail = failing.problem_of(problem)
    mine = Difference.objects.standing().filter(pk__in=[one.pk for one in wanted])
    mine.update(problem=reason, **({} if still_wanted else {"restoring_at": None, "restoring_by": None}))


def host_of(difference: Difference) -> Connection | None:
    """Who hosts it now, where that account is linked here and alive."""
    host = difference.their_host
    return host if host is not None and host.is_live else None
