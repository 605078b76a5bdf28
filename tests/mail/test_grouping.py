"""Preparing template groups: every verb says once what it did, and the rules are told when they change."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from mensetsu.history.models import Entry
from mensetsu.mail import grouping, signals
from mensetsu.mail.models import ReminderRule, TemplateGroup
from tests.interviews import automatic
from tests.interviews.automatic import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def standard(people: SimpleNamespace) -> TemplateGroup:
    return automatic.group(people)


@pytest.fixture
def told() -> Iterator[list[TemplateGroup]]:
    """The groups whose rules were announced as changed."""
    heard: list[TemplateGroup] = []

    def hear(*, group: TemplateGroup, **facts: Any) -> None:
        heard.append(group)

    signals.reminders_changed.connect(hear)
    yield heard
    signals.reminders_changed.disconnect(hear)


def actions(group: TemplateGroup) -> list[str]:
    entries = Entry.objects.filter(subject="mail.templategroup", subject_id=group.pk)
    return list(entries.order_by("pk").values_list("action", flat=True))


def test_a_name_belongs_to_one_group_and_the_same_name_again_changes_nothing(
    people: SimpleNamespace, standard: TemplateGroup
) -> None:
    group = grouping.add_group(organization=people.company, name="中途", by=people.aoki, now=NOW)

    with pytest.raises(grouping.GroupNameTaken):
        grouping.rename_group(group, name=standard.name, by=people.aoki, now=NOW)
    with pytest.raises(grouping.GroupNameTaken):
        grouping.add_group(organization=people.company, name="中途", by=people.aoki, now=NOW)
    grouping.rename_group(group, name="中途", by=people.aoki, now=NOW)
    grouping.rename_group(group, name="新卒", by=people.aoki, now=NOW)

    group.refresh_from_db()
    assert (group.name, actions(group)) == ("新卒", ["group.added", "group.changed"])


def test_a_company_without_a_default_group_begins_with_an_empty_one(people: SimpleNamespace) -> None:
    group = grouping.add_group(organization=people.other, name="中途", by=people.chiba, now=NOW)

    assert list(group.reminder_rules.all()) == []


def test_the_default_group_stays_so_and_a_retired_one_never_becomes_it(
    people: SimpleNamespace, standard: TemplateGroup, told: list[TemplateGroup]
) -> None:
    group = automatic.second_group(people)
    told.clear()

    for _press in range(2):
        grouping.retire_group(group, by=people.aoki, now=NOW)
    grouping.make_default(group, by=people.aoki, now=NOW)
    grouping.make_default(standard, by=people.aoki, now=NOW)

    assert list(TemplateGroup.objects.filter(is_default=True)) == [standard]
    assert actions(group)[-1:] == ["group.retired"]
    assert told == [group]


def test_a_reminder_is_put_out_of_force_brought_back_and_removed(
    people: SimpleNamespace, standard: TemplateGroup, told: list[TemplateGroup]
) -> None:
    rule = grouping.add_rule(
        standard, receiver="candidate", kind=ReminderRule.Kind.MINUTES_BEFORE, minutes=45, by=people.aoki, now=NOW
    )  # fmt: skip

    grouping.switch_rule(rule, is_on=False, by=people.aoki, now=NOW)
    rule.refresh_from_db()
    assert rule.off_at == NOW
    grouping.switch_rule(rule, is_on=True, by=people.aoki, now=NOW)
    rule.refresh_from_db()
    assert rule.off_at is None
    pk = rule.pk
    grouping.remove_rule(rule, by=people.aoki, now=NOW)

    assert not ReminderRule.objects.filter(pk=pk).exists()
    assert told == [standard] * 4
