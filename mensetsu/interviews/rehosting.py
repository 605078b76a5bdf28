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
    """Coming interviews whose meeting, or whose next meeting, that account hosts."""
    hosting = Q(meeting__connection=connection, next_meeting=None) | Q(next_meeting__connection=connection)
    live = Q(meeting__canceled_at=None)
    return Interview.objects.upcoming(now).filter(hosting & live)


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
    for item in rehosting.items.filter(outcome="").select_related("interview"):
        _move(rehosting, item, now=now)
    Rehosting.objects.filter(pk=rehosting_id, finished_at=None).update(finished_at=now)


def _move(rehosting: Rehosting, item: RehostingItem, *, now: datetime) -> None:
    """One interview; its new meeting and the outcome are written together."""
    outcome = RehostOutcome.MOVED
    with transaction.atomic():
        try:
            with transaction.atomic():
                if not hosted_by(rehosting.from_host, now=now).filter(pk=item.interview_id).exists():
                    outcome = RehostOutcome.NOT_NEEDED
                else:
                    scheduling.change_host(item.interview, rehosting.to_host, by=rehosting.asked_by, now=now)
        except meetings.HostBusy:
            outcome = RehostOutcome.BUSY
        except meetings.NoFreeHost:
            outcome = RehostOutcome.NO_FREE_HOST
        except meetings.HostEnded:
            outcome = RehostOutcome.HOST_ENDED
        except scheduling.ChangedMeanwhile:
            outcome = RehostOutcome.CHANGED
        except (scheduling.NotChangeable, scheduling.StartsInPast):
            outcome = RehostOutcome.NOT_NEEDED
        RehostingItem.objects.filter(pk=item.pk, outcome="").update(outcome=outcome, done_at=now)


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
    with transaction.atomic():
        # Every row at once and in one order: touched apart, two who replace could wait for each other.
        for interview in sorted(interviews, key=lambda one: one.pk):
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
