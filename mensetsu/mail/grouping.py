"""Prepare template groups: add, rename, choose texts, set reminders, say where a group applies, retire. The views
admit administrators only."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time

from django.db import transaction

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.history import recording
from mensetsu.mail import groups, signals
from mensetsu.mail.models import GroupItem, GroupUse, ReminderRule, Template, TemplateGroup

# What a case may say besides a template: no mail on purpose, or nothing (the default group answers).
NO_MAIL, INHERIT = "none", "inherit"


class GroupNameTaken(Exception):
    """Another group of the company has this name."""


class IsDefault(Exception):
    """The default group answers for all others: another one must be the default before it can go."""


class WrongCase(Exception):
    """The text was written for another purpose, receiver, language or way."""


@transaction.atomic
def add_group(
    *, organization: accounts.Organization, name: str, by: accounts.User, now: datetime
) -> TemplateGroup:
    """A new group that leaves every text to the default group and begins with its reminders. Refuses GroupNameTaken."""
    _refuse_taken(organization.pk, name)
    group = TemplateGroup.objects.create(organization=organization, name=name, updated_at=now, updated_by=by)
    default = groups.default_of(organization.pk)
    for rule in default.reminder_rules.all() if default else ():
        rule.pk, rule.group = None, group
        rule._state.adding = True
        rule.save()
    _record("group.added", group, by, now)
    return group


@transaction.atomic
def rename_group(group: TemplateGroup, *, name: str, by: accounts.User, now: datetime) -> None:
    """Refuses GroupNameTaken."""
    if name == group.name:
        return
    _refuse_taken(group.organization_id, name, besides=group.pk)
    group.name = name
    _touch(group, by, now)
    _record("group.changed", group, by, now)


@transaction.atomic
def make_default(group: TemplateGroup, *, by: accounts.User, now: datetime) -> None:
    """From now on this group answers what others leave open. Refuses nothing: the default one again changes nothing."""
    if group.is_default or group.retired_at is not None:
        return
    others = TemplateGroup.objects.filter(organization_id=group.organization_id, is_default=True)
    others.update(is_default=False)
    group.is_default = True
    _touch(group, by, now)
    _record("group.made_default", group, by, now)
    # Interviews whose own group was retired go by the default one.
    _tell_rules(group, now)


@transaction.atomic
def retire_group(group: TemplateGroup, *, by: accounts.User, now: datetime) -> None:
    """Take it out of every choice; interviews that use it go on with the default group. Refuses IsDefault."""
    if TemplateGroup.objects.filter(pk=group.pk, is_default=True).exists():
        raise IsDefault
    if TemplateGroup.objects.filter(pk=group.pk, retired_at=None).update(retired_at=now, updated_by=by):
        group.uses.all().delete()
        group.refresh_from_db()
        _record("group.retired", group, by, now)
        _tell_rules(group, now)


@transaction.atomic
def choose_texts(
    group: TemplateGroup,
    *,
    purpose: str,
    receiver: str,
    choices: Mapping[tuple[str, str], Template | str],
    by: accounts.User,
    now: datetime,
) -> None:
    """For each (language, way): a template, NO_MAIL or INHERIT. Refuses WrongCase."""
    for (language, way), choice in choices.items():
        mine = GroupItem.objects.filter(
            group=group, purpose=purpose, receiver=receiver, language=language, way=way
        )
        if choice == INHERIT:
            mine.delete()
            continue
        template = None if choice == NO_MAIL else choice
        if template is not None and not _fits(template, group, purpose, receiver, language):
            raise WrongCase
        GroupItem.objects.update_or_create(
            group=group, purpose=purpose, receiver=receiver, language=language, way=way,
            defaults={"template": template},
        )  # fmt: skip
    _touch(group, by, now)
    _record("group.changed", group, by, now)


@transaction.atomic
def add_rule(
    group: TemplateGroup,
    *,
    receiver: str,
    kind: str,
    minutes: int | None = None,
    at: time | None = None,
    by: accounts.User,
    now: datetime,
) -> ReminderRule:
    """One more reminder: `minutes` before the start, or at `at` on the day before it (the reader's clock). It holds for
    coming interviews too."""
    is_relative = kind == ReminderRule.Kind.MINUTES_BEFORE
    rule, _is_new = ReminderRule.objects.update_or_create(
        group=group, receiver=receiver, kind=kind, minutes=minutes if is_relative else None,
        at=None if is_relative else at, defaults={"off_at": None},
    )  # fmt: skip
    _touch(group, by, now)
    _record("group.changed", group, by, now)
    _tell_rules(group, now)
    return rule


@transaction.atomic
def switch_rule(rule: ReminderRule, *, is_on: bool, by: accounts.User, now: datetime) -> None:
    """Put a reminder into force or out of it, for coming interviews too."""
    ReminderRule.objects.filter(pk=rule.pk).update(off_at=None if is_on else now)
    _touch(rule.group, by, now)
    _record("group.changed", rule.group, by, now)
    _tell_rules(rule.group, now)


@transaction.atomic
def remove_rule(rule: ReminderRule, *, by: accounts.User, now: datetime) -> None:
    """The reminder exists no more; what is planned by it for coming interviews does not leave."""
    group = rule.group
    rule.delete()
    _touch(group, by, now)
    _record("group.changed", group, by, now)
    _tell_rules(group, now)


@transaction.atomic
def use_for(
    group: TemplateGroup,
    *,
    is_everywhere: bool,
    jobs: Iterable[candidates.Job],
    stages: Iterable[candidates.Stage],
    by: accounts.User,
    now: datetime,
) -> None:
    """The group applies exactly there; a place that another group had is this one's from now on."""
    organization = group.organization
    group.uses.all().delete()
    places = [{"job": job} for job in jobs] + [{"stage": stage} for stage in stages]
    if is_everywhere:
        places.append({})
    for place in places:
        where = {"job": place.get("job"), "stage": place.get("stage")}
        GroupUse.objects.filter(organization=organization, **where).delete()
        GroupUse.objects.create(organization=organization, group=group, **where)
    _touch(group, by, now)
    _record("group.changed", group, by, now)


def _fits(template: Template, group: TemplateGroup, purpose: str, receiver: str, language: str) -> bool:
    wanted = (group.organization_id, purpose, receiver, language, None)
    has = (
        template.organization_id, template.purpose, template.receiver, template.language, template.retired_at
    )  # fmt: skip
    return wanted == has


def _refuse_taken(organization_id: int, name: str, *, besides: int | None = None) -> None:
    if groups.in_use(organization_id).filter(name=name).exclude(pk=besides).exists():
        raise GroupNameTaken


def _touch(group: TemplateGroup, by: accounts.User, now: datetime) -> None:
    group.updated_at, group.updated_by = now, by
    group.save(update_fields=["name", "is_default", "updated_at", "updated_by"])


def _record(action: str, group: TemplateGroup, by: accounts.User, now: datetime) -> None:
    recording.record(
        action, subject=group, organization_id=group.organization_id, by=by, at=now, name=group.name
    )


def _tell_rules(group: TemplateGroup, now: datetime) -> None:
    signals.reminders_changed.send(sender=TemplateGroup, group=group, now=now)
