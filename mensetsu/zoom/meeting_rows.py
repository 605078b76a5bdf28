"""A meeting as whoever tells Zoom of it needs it: with its account and company."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet

from mensetsu.statements import compiled
from mensetsu.zoom import client
from mensetsu.zoom.models import Meeting

# So far apart at the most are the making of a meeting and the start that Zoom gave it instead of a past one.
AT_ONCE = timedelta(minutes=1)
# A claim is sent that soon, unless a renewal of the tokens or a machine that stood still came between.
AT_HAND = timedelta(seconds=5)

_WHOLE = compiled.Read(
    lambda meeting: Meeting.objects.select_related("connection__organization").filter(pk=meeting),
    meeting=compiled.NUMBER,
)


def whole(pk: int) -> Meeting:
    """Read anew. Raises Meeting.DoesNotExist."""
    for row in _WHOLE.objects(meeting=pk):
        return row
    raise Meeting.DoesNotExist


def renew(meeting: Meeting, row: Meeting) -> None:
    """What refresh_from_db would do, when `row` has just been read."""
    for field in Meeting._meta.concrete_fields:
        setattr(meeting, field.attname, getattr(row, field.attname))
    meeting.connection = row.connection


def start_there(row: Meeting, known: client.ZoomMeeting) -> datetime | None:
    """When it begins as Zoom has it, which is our start also where Zoom has only turned that into another.

    Fractions of a second are none of Zoom's. And whoever makes a meeting whose start has passed gets one that begins
    at that moment: it still is for what we had told. Nobody moved it, and telling Zoom again would change nothing."""
    if known.starts_at == row.starts_at.replace(microsecond=0):
        return row.starts_at
    told = row.synced_starts_at or row.starts_at
    begins, made = known.starts_at, known.created_at
    is_made_late = begins is not None and made is not None and told <= made and abs(begins - made) <= AT_ONCE
    return told if is_made_late else begins


class Claim:
    """One attempt to make a meeting, known to everybody by the moment at which it is sent (`create_sent_at`). Made when
    the work begins, at `now`; from there on it counts the time that passes."""

    def __init__(self, row: Meeting, *, now: datetime) -> None:
        self._row, self._now, self._began = row, now, time.monotonic()
        self._sent_at = now

    def take(self) -> bool:
        """This attempt is ours: nobody else sent one since the row was read, and it is still wanted."""
        if self._row.create_sent_at is None:
            return bool(_CLAIM_FIRST.run(meeting=self._row.pk, now=self._now))
        mine = _claimable(self._row.pk).filter(create_sent_at=self._row.create_sent_at)
        return bool(mine.update(**_sent(self._now)))

    def holds(self) -> bool:
        """Right before it is sent: False if so much time went by that another took us for dead and sends its own."""
        moment = self._now + timedelta(seconds=time.monotonic() - self._began)
        if moment - self._sent_at <= AT_HAND:
            return True
        mine = _claimable(self._row.pk).filter(create_sent_at=self._sent_at)
        self._sent_at = moment
        return bool(mine.update(create_sent_at=moment))

    def give_back(self) -> None:
        """Nothing was made. What another has sent meanwhile stays known."""
        Meeting.objects.filter(pk=self._row.pk, create_sent_at=self._sent_at).update(create_sent_at=None)


def _claimable(pk: int) -> QuerySet[Meeting]:
    return Meeting.objects.live().filter(pk=pk, issued_at=None, failed_at=None)


def _sent(now: datetime) -> dict[str, Any]:
    cleared = {"problem": "", "problem_detail": "", "due_at": None}
    return {"create_sent_at": now, "attempts": F("attempts") + 1, **cleared}


_CLAIM_FIRST = compiled.Change(
    lambda meeting, now: (_claimable(meeting).filter(create_sent_at=None), _sent(now)),
    meeting=compiled.NUMBER, now=compiled.MOMENT,
)  # fmt: skip
