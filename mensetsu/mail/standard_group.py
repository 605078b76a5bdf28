"""The group that every company begins with: the shipped texts, and reminders at sensible times."""

from collections.abc import Iterable
from datetime import datetime, time

from django.db import IntegrityError, transaction

from mensetsu.accounts import models as accounts
from mensetsu.mail import groups
from mensetsu.mail.models import STANDARD_NAMES, GroupItem, Receiver, ReminderRule, Template, TemplateGroup

EVENING = time(17, 0)
_Kind = ReminderRule.Kind


def ensure(organization: accounts.Organization, now: datetime) -> TemplateGroup:
    """The company's default group; made with every shipped text the company has in use if there is none yet."""
    found = groups.default_of(organization.pk)
    if found is not None:
        return found
    try:
        with transaction.atomic():
            group = TemplateGroup.objects.create(
                organization=organization, name=_free_name(organization), is_default=True, updated_at=now
            )
            _make_rules(group, now)
            include(group, Template.objects.in_use().filter(organization=organization).exclude(sample=""))
    except IntegrityError:  # two requests began at once
        return TemplateGroup.objects.get(organization=organization, is_default=True)
    return group


def include(group: TemplateGroup, templates: Iterable[Template]) -> None:
    """Give each of these texts its case in the group, where the group says nothing yet."""
    items = [
        GroupItem(
            group=group, purpose=one.purpose, receiver=one.receiver, language=one.language, way=one.way,
            template=one,
        )
        for one in templates
        if (one.purpose, one.receiver) not in groups.NOT_NEEDED and not _is_second(one)
    ]  # fmt: skip
    GroupItem.objects.bulk_create(items, ignore_conflicts=True)


def _is_second(template: Template) -> bool:
    """A second shipped text for a case is for a person to choose: which of two fits, no rule knows."""
    return template.sample.endswith(".request")


def _free_name(organization: accounts.Organization) -> str:
    name = STANDARD_NAMES.get(organization.language, STANDARD_NAMES["en"])
    taken = set(groups.in_use(organization.pk).values_list("name", flat=True))
    return name if name not in taken else f"{name} {len(taken) + 1}"


def _make_rules(group: TemplateGroup, now: datetime) -> None:
    """Applicants on the day before, holidays too; those at work on the business day before; a last call for
    interviewers is prepared and not in force."""
    ReminderRule.objects.bulk_create(
        [
            ReminderRule(group=group, receiver=Receiver.CANDIDATE, kind=_Kind.PREVIOUS_DAY, at=EVENING),
            ReminderRule(group=group, receiver=Receiver.AGENCY, kind=_Kind.PREVIOUS_BUSINESS_DAY, at=EVENING),
            ReminderRule(
                group=group, receiver=Receiver.INTERVIEWER, kind=_Kind.PREVIOUS_BUSINESS_DAY, at=EVENING
            ),
            ReminderRule(
                group=group, receiver=Receiver.INTERVIEWER, kind=_Kind.MINUTES_BEFORE, minutes=15, off_at=now
            ),
        ]
    )
