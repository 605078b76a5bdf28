"""What can be put right about a coming meeting without asking anybody; whoever looks ahead calls it, as a job."""

import contextlib
from datetime import datetime

from django.db import transaction

from mensetsu.zoom import checking, client, fitness, following, issuing, reconciling
from mensetsu.zoom.comparing import SETTINGS
from mensetsu.zoom.models import Connection, Difference, DifferenceKind, Meeting


def repair(meeting: Meeting, *, may_undo: bool, may_relink: bool = True, now: datetime) -> None:
    """Tell Zoom the time it has not been told; put the promised waiting room, sign-in, early entry and passcode back;
    let the meeting follow its Zoom user to a new link. Calls Zoom, and reads back what Zoom took.

    `may_undo`: also the time that somebody changed at Zoom and nobody has decided about. `may_relink`: also what
    changes the join link, as a passcode does. Nothing that Zoom has not taken before is sent again. Zoom away: the rows
    of the meeting say so."""
    trouble = fitness.read(meeting, now=now)
    if trouble["host"] == "host_ended":
        _follow_host(meeting, now)
    if trouble["time"] == "time_untold" and meeting.problem not in checking.SETTLED:
        # Whoever moved it has left a job that goes on trying; this is a try between two of its tries.
        with contextlib.suppress(client.TryLater):
            issuing.sync(meeting, now=now)
    wanted: set[str] = set(SETTINGS) if trouble["doors"] else set()
    if trouble["doors"] and may_relink:
        wanted.add(DifferenceKind.PASSCODE)
    if may_undo and trouble["time"] == "time_differs":
        wanted |= set(fitness.TIMES)
    _put_back(meeting, wanted, now)
    meeting.refresh_from_db()


def _follow_host(meeting: Meeting, now: datetime) -> None:
    lost = meeting.connection
    links = Connection.objects.live().filter(organization_id=lost.organization_id)
    # Of a removed app not even the id of its user is kept.
    again = links.filter(zoom_user_id=lost.zoom_user_id).exclude(zoom_user_id="").first()
    if again is not None:
        with transaction.atomic():
            following.follow(again, now=now)


def _put_back(meeting: Meeting, kinds: set[str], now: datetime) -> None:
    standing = Difference.objects.standing().filter(meeting=meeting, kind__in=kinds, ignored_at=None)
    differences = list(standing.exclude(problem__in=checking.SETTLED))
    for difference in differences:
        # What is on its way already, as somebody pressed for it, stays that person's.
        if difference.restoring_at is None:
            with contextlib.suppress(reconciling.Settled):  # somebody has just decided
                reconciling.restore(difference, by=None, now=now)
    if differences:
        # The job goes on trying; this is a try between two of its tries.
        with contextlib.suppress(client.TryLater):
            reconciling.put_back(meeting.pk, now=now)
