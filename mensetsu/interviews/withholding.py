"""What interviews would write by themselves and do not any more, because a backup was restored: the database before may
have sent it. It stands on the home page instead, until somebody writes by hand or says that it is dealt with."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from mensetsu.interviews import automating, dispatching, reminding
from mensetsu.interviews.models import Interview, Reminder, WhyNot, Withheld
from mensetsu.mail.models import Purpose

_Outcome = Reminder.Outcome


@transaction.atomic
def withhold_reminders(*, until: datetime, now: datetime) -> int:
    """Every reminder that was to be decided by then is left to people, and the others are planned no more. Answers for
    how many a person has to look: those of interviews that are still to come."""
    count = 0
    for reminder in Reminder.objects.due(until).select_related("rule"):
        interview = reminding.read(reminder.interview_id)
        Reminder.objects.waiting().filter(pk=reminder.pk).update(
            outcome=_Outcome.SKIPPED, decided_at=now, reason=WhyNot.RESTORED
        )
        one = reminding.recipient(interview, reminder)
        if one is not None and not reminding.why_not(reminder, interview, one, now=now):
            dispatching.withhold(interview, one, purpose=Purpose.REMINDER, reason=WhyNot.RESTORED, now=now)
            count += 1
    return count


@transaction.atomic
def withhold_announcements(*, about: Collection[int], now: datetime) -> int:
    """Letters that were about to write themselves: of the interviews in `about`, and of those whose meeting was being
    made. Answers how many."""
    is_pending = Q(meeting__issued_at=None, meeting__failed_at=None) | Q(next_meeting__isnull=False)
    interviews = Interview.objects.with_facts().filter(
        Q(pk__in=about) | is_pending & Q(meeting__isnull=False, canceled_at=None, withdrawn_at=None),
        ends_at__gt=now,
    )
    count = 0
    for interview in interviews:
        if automating.writing_group(interview) is None:
            continue
        known = Withheld.objects.filter(interview=interview, settled_at=None)
        stands = set(known.values_list("recipient", "purpose"))
        for one, purpose in list(automating.due(interview)):
            if (one.key, purpose) not in stands:
                dispatching.withhold(interview, one, purpose=purpose, reason=WhyNot.RESTORED, now=now)
                count += 1
    return count
