"""Reminders of coming interviews follow their group's rules: a rule that comes, goes or is switched holds at once for
every interview that goes by the group, not only for those that are set from then on."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from mensetsu.interviews import dispatching, reminding
from mensetsu.interviews.models import Interview, InterviewQuerySet
from mensetsu.jobs import port
from mensetsu.mail import followers, signals
from mensetsu.mail.models import TemplateGroup

# Each interview is a transaction of its own; a portion is what one run of the job does.
PORTION = 200


def listen() -> None:
    signals.reminders_changed.connect(rules_changed, dispatch_uid="interviews.rules_changed")
    followers.register(count)


def rules_changed(*, group: TemplateGroup, now: datetime, **kwargs: object) -> None:
    """In the transaction of the change: its interviews are gone through by a job."""
    replan.enqueue(group_id=group.pk)


def count(group: TemplateGroup, *, now: datetime) -> int:
    return following(group, now=now).count()


def following(group: TemplateGroup, *, now: datetime) -> InterviewQuerySet:
    """The interviews still to come that go by this group; by the default one also those whose own group was retired."""
    own = Q(template_group=group)
    if group.is_default:
        own |= Q(organization=group.organization_id, template_group__retired_at__isnull=False)
    return Interview.objects.standing().filter(own, starts_at__gt=now)


@port.job(max_attempts=5)
def replan(*, group_id: int, after: int = 0) -> None:
    """Plan the reminders of the group's coming interviews anew, portion by portion in the order of their ids.

    Twice, or two at once, plans the same: each interview's row is taken before its rules are read."""
    now = timezone.now()
    group = TemplateGroup.objects.get(pk=group_id)
    rows = following(group, now=now).filter(pk__gt=after).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:PORTION])
    for interview_id in ids:
        with transaction.atomic():
            dispatching.take_turn(interview_id)
            reminding.plan_reminders(reminding.read(interview_id), now)
    if len(ids) == PORTION:
        replan.enqueue(group_id=group_id, after=ids[-1])
