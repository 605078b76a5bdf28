"""Another Zoom account for many interviews in one step, and other people for the interviews of somebody who leaves.

Asked first, done by a job, one small transaction an interview: one that cannot be moved stops no other, and the page
says what became of each."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from mensetsu.accounts import models as accounts
from mensetsu.interviews import panels, places, scheduling
from mensetsu.interviews.models import Interview, Rehosting, RehostingItem, RehostOutcome
from mensetsu.jobs import port
from mensetsu.zoom import meetings
from mensetsu.zoom import models as zoom


class NothingToMove(Exception):
    """None of the chosen interviews is hosted by that account any more."""


class SamePerson(Exception):
    """The one who takes over is already the one who leaves."""


def hosted_by(connection: zoom.Connection, *, now: datetime):
    """Coming interviews whose meeting, or whose next meeting, that account hosts. Also where another host's meeting is
    awaited: as long as that one is not made, this account's is the interview's."""
    only = Q(next_meeting=None) | Q(meeting__lost_at=None)
    hosting = Q(meeting__connection=connection) & only | Q(next_meeting__connection=connection)
    live = Q(meeting__canceled_at=None)
    return Interview.objects.upcoming(now).filter(hosting & live)


def is_changing(interview: Interview, connection: zoom.Connection) -> bool:
    """Another host's meeting is being made at this very moment; then that account is left without anybody's doing."""
    awaited = interview.next_meeting
    if awaited is None or awaited.connection_id == connection.pk:
        return False
    return awaited.is_pending and not awaited.problem and awaited.connection.is_live


def ask(
    connection: zoom.Connection,
    *,
    interviews: Sequence[Interview],
    to_host: zoom.Connection | None,
    by: accounts.User,
    now: datetime,
) -> Rehosting:
    """Write down which interviews shall get another host, and let a job do it. `to_host=None`: a free one for each.

    Refusal: NothingToMove."""
    with transaction.atomic():
        wanted = list(hosted_by(connection, now=now).filter(pk__in=[one.pk for one in interviews]))
        if not wanted:
            raise NothingToMove
        rehosting = Rehosting.objects.create(
            organization_id=connection.organization_id,
            from_host=connection,
            to_host=to_host,
            asked_by=by,
            asked_at=now,
        )
        RehostingItem.objects.bulk_create(
            RehostingItem(rehosting=rehosting, interview=interview) for interview in wanted
        )
        rehost.enqueue(rehosting_id=rehosting.pk)
    return rehosting


@port.job(max_attempts=5)
def rehost(*, rehosting_id: int) -> None:
    """Move what is not moved yet. Killed in the middle, the next run goes on where this one stopped."""
    now = timezone.now()
    rehosting = Rehosting.objects.select_related("from_host", "to_host", "asked_by").get(pk=rehosting_id)
    for item in rehosting.items.filter(outcome=""):
        _move(rehosting, item, now=now)
    Rehosting.objects.filter(pk=rehosting_id, finished_at=None).update(finished_at=now)


def _move(rehosting: Rehosting, item: RehostingItem, *, now: datetime) -> None:
    """One interview; its new meeting and the outcome are written together."""
    outcome = RehostOutcome.MOVED
    with transaction.atomic():
        try:
            with transaction.atomic():
                if not _change(rehosting, item.interview_id, now=now):
                    outcome = RehostOutcome.NOT_NEEDED
        except meetings.HostBusy:
            outcome = RehostOutcome.BUSY
        except meetings.NoFreeHost:
            outcome = RehostOutcome.NO_FREE_HOST
        except meetings.HostEnded:
            outcome = RehostOutcome.HOST_ENDED
        except (scheduling.ChangedMeanwhile, meetings.NotMovable):
            # Of its meetings one went at this very moment, or somebody else was at it.
            outcome = RehostOutcome.CHANGED
        except scheduling.StartsInPast:
            # Still coming a moment ago: people sit in that meeting.
            outcome = RehostOutcome.RUNNING
        except scheduling.NotChangeable:
            outcome = RehostOutcome.NOT_NEEDED
        RehostingItem.objects.filter(pk=item.pk, outcome="").update(outcome=outcome, done_at=now)


def _change(rehosting: Rehosting, interview_id: int, *, now: datetime) -> bool:
    """False when that account does not host it any more, or is about to be left."""
    hosted = hosted_by(rehosting.from_host, now=now).filter(pk=interview_id)
    interview = hosted.select_related("meeting__connection", "next_meeting__connection").first()
    if interview is None or is_changing(interview, rehosting.from_host):
        return False
    awaited = interview.next_meeting
    if awaited is not None and awaited.is_failed and awaited.connection == rehosting.to_host:
        scheduling.retry_issue(interview, by=rehosting.asked_by, now=now)
    else:
        scheduling.change_host(interview, rehosting.to_host, by=rehosting.asked_by, now=now)
    return True


def assigned_to(user: accounts.User, *, now: datetime):
    """Coming interviews in which that person interviews."""
    return Interview.objects.upcoming(now).filter(interviewers__user=user)


def replace_interviewer(
    leaver: accounts.User,
    substitute: accounts.User,
    *,
    interviews: Sequence[Interview],
    by: accounts.User,
    now: datetime,
) -> int:
    """`substitute` takes the place of `leaver` in these interviews; time, host and URL stay. Answers how many changed.

    All or nothing. Refusals: SamePerson, scheduling.ChangedMeanwhile, scheduling.NotChangeable."""
    if leaver.pk == substitute.pk:
        raise SamePerson
    count = 0
    interviews = sorted(interviews, key=lambda one: one.pk)
    with transaction.atomic():
        # Every row at once and in one order: touched apart, two who replace could wait for each other.
        for interview in interviews:
            places.take_turn(interview)
        panels.take_turn(
            {substitute} | {row.user for interview in interviews for row in interview.interviewers.all()}
        )
        for interview in interviews:
            people = [row.user for row in interview.interviewers.select_related("user")]
            if leaver in people:
                panel = [substitute if user == leaver else user for user in people]
                scheduling.change_interviewers(interview, list(dict.fromkeys(panel)), by=by, now=now)
                count += 1
    return count
