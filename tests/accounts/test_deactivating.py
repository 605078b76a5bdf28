"""There is always an administrator left, nobody locks their own door, and who did it is written down."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from mensetsu.accounts import deactivating
from mensetsu.accounts.models import Role, User
from mensetsu.history.models import Entry
from tests import story
from tests.racing import together

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def admins(company: Any) -> list[str]:
    return sorted(
        User.objects.working().filter(organization=company, role=Role.ADMIN).values_list("email", flat=True)
    )


def test_deactivation_names_who_and_when(people: SimpleNamespace) -> None:
    deactivating.deactivate(people.baba, by=people.aoki, now=NOW)

    assert (people.baba.deactivated_at, people.baba.deactivated_by, people.baba.is_active) == (
        NOW,
        people.aoki,
        False,
    )
    entry = Entry.objects.get()
    assert (entry.action, entry.actor, entry.thread_id) == ("staff.deactivated", people.aoki, people.baba.pk)


def test_twice_is_the_same_as_once(people: SimpleNamespace) -> None:
    deactivating.deactivate(people.baba, by=people.aoki, now=NOW)
    deactivating.deactivate(people.baba, by=people.aoki, now=NOW)
    deactivating.reactivate(people.baba, by=people.aoki, now=NOW)
    deactivating.reactivate(people.baba, by=people.aoki, now=NOW)

    assert [e.action for e in Entry.objects.order_by("id")] == ["staff.deactivated", "staff.reactivated"]
    assert people.baba.is_active
    assert people.baba.deactivated_by is None


def test_nobody_locks_their_own_door(people: SimpleNamespace) -> None:
    story.user(people.company, "second@sample.example.jp", "第二", "", Role.ADMIN)

    with pytest.raises(deactivating.Oneself):
        deactivating.deactivate(people.aoki, by=people.aoki, now=NOW)


def test_the_last_administrator_stays(people: SimpleNamespace) -> None:
    with pytest.raises(deactivating.LastAdministrator):
        deactivating.deactivate(people.aoki, by=people.baba, now=NOW)
    with pytest.raises(deactivating.LastAdministrator):
        deactivating.change_role(people.aoki, role=Role.RECRUITER, by=people.aoki, now=NOW)

    assert admins(people.company) == [people.aoki.email]
    assert not Entry.objects.exists()


@pytest.mark.parametrize("state", [{"joined_at": None}, {"deactivated_at": NOW}])
def test_an_administrator_who_cannot_log_in_does_not_count(people: SimpleNamespace, state: dict) -> None:
    story.user(people.company, "second@sample.example.jp", "第二", "", Role.ADMIN, **state)

    with pytest.raises(deactivating.LastAdministrator):
        deactivating.change_role(people.aoki, role=Role.RECRUITER, by=people.aoki, now=NOW)


def test_an_administrator_of_another_company_does_not_count(people: SimpleNamespace) -> None:
    with pytest.raises(deactivating.LastAdministrator):
        deactivating.deactivate(people.chiba, by=people.aoki, now=NOW)


def test_with_a_second_one_the_first_may_step_down(people: SimpleNamespace) -> None:
    deactivating.change_role(people.baba, role=Role.ADMIN, by=people.aoki, now=NOW)
    deactivating.change_role(people.aoki, role=Role.INTERVIEWER, by=people.aoki, now=NOW)

    assert admins(people.company) == [people.baba.email]
    assert Entry.objects.order_by("-id")[0].facts == {
        "name": "青木 葵",
        "role": "interviewer",
        "role_before": "admin",
    }


def test_the_same_role_again_is_no_fact(people: SimpleNamespace) -> None:
    deactivating.change_role(people.baba, role=Role.RECRUITER, by=people.aoki, now=NOW)

    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_dismiss_each_other_at_once(people: SimpleNamespace) -> None:
    User.objects.filter(pk=people.baba.pk).update(role=Role.ADMIN)
    aoki, baba = User.objects.get(pk=people.aoki.pk), User.objects.get(pk=people.baba.pk)

    results = together(
        2,
        lambda: deactivating.change_role(aoki, role=Role.RECRUITER, by=baba, now=NOW),
        lambda: deactivating.deactivate(baba, by=aoki, now=NOW),
    )

    assert sorted(type(result).__name__ for result in results) == ["LastAdministrator", "NoneType"]
    assert len(admins(people.company)) == 1
