"""Reminders that are due at one moment: few statements for many, each for itself when something is wrong."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mensetsu.interviews import dispatching, reminding
from mensetsu.interviews.models import Interview, Reminder, WhyNot, Withheld
from mensetsu.mail.models import Mail
from tests.interviews import automatic, holding
from tests.interviews.automatic import NOW
from tests.interviews.reminded import EVE, come, of, reminders

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(people: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    holding.set_clock(monkeypatch, NOW)
    return automatic.group(people)


@pytest.fixture
def told(people: Any, group: Any, run_jobs: Any) -> Interview:
    """Set on Thursday, and everybody has been told."""
    made = automatic.schedule(people)
    run_jobs()
    return made


def test_one_that_fails_unforeseen_does_not_keep_the_others_waiting(told, people, monkeypatch) -> None:
    broken = Reminder.objects.filter(interview=told).earliest("due_at")
    real = dispatching.compose

    def sometimes(*about: Any, occasion: str, **how: Any) -> Any:
        if occasion == f"reminder {broken.pk}":
            raise RuntimeError("unforeseen")
        return real(*about, occasion=occasion, **how)

    monkeypatch.setattr(dispatching, "compose", sometimes)

    come(monkeypatch, EVE)

    assert reminders(told) == ["candidate"]
    broken.refresh_from_db()
    assert broken.outcome == ""


def test_all_that_are_due_leave_at_one_strike_however_many_are_taken_at_once(
    told, people, run_jobs, monkeypatch
) -> None:
    others = [automatic.schedule(people, starts_at=told.starts_at + timedelta(hours=n)) for n in (1, 2)]
    run_jobs()
    monkeypatch.setattr(reminding, "AT_ONCE", 2)

    come(monkeypatch, EVE)

    assert [sorted(reminders(one)) for one in (told, *others)] == [["candidate", "interviewer"]] * 3


def test_reminders_sent_together_read_the_texts_once(told, people, run_jobs, monkeypatch) -> None:
    automatic.schedule(people, starts_at=told.starts_at + timedelta(hours=1))
    run_jobs()

    with CaptureQueriesContext(connection) as asked:
        come(monkeypatch, EVE)

    assert Mail.objects.filter(purpose="reminder").count() == 4
    assert sum('FROM "mail_groupitem"' in query["sql"] for query in asked.captured_queries) == 1


def test_reminders_sent_together_cost_as_many_statements_as_one(told, people, run_jobs, monkeypatch) -> None:
    others = [automatic.schedule(people, starts_at=told.starts_at + timedelta(hours=n)) for n in (1, 2, 3)]
    run_jobs()
    few = Reminder.objects.filter(interview=told, receiver="candidate")
    many = Reminder.objects.filter(interview__in=others, receiver="candidate")

    with CaptureQueriesContext(connection) as asked_for_one:
        reminding._remind_some(list(few), now=EVE)
    with CaptureQueriesContext(connection) as asked:
        reminding._remind_some(list(many), now=EVE)

    assert [row.mail.to_name for row in (*few.all(), *many.all())] == ["佐藤 美咲"] * 4
    assert len(asked) == len(asked_for_one)


def test_one_that_is_called_back_at_that_very_moment_does_not_leave_and_the_others_do(
    told, people, run_jobs, monkeypatch
) -> None:
    other = automatic.schedule(people, starts_at=told.starts_at + timedelta(hours=1))
    run_jobs()
    real = dispatching.compose

    def meanwhile(*about: Any, **how: Any) -> Any:
        Reminder.objects.waiting().filter(pk=of(told).pk).update(decided_at=EVE, outcome="called_back")
        return real(*about, **how)

    with monkeypatch.context() as patched:
        patched.setattr(dispatching, "compose", meanwhile)
        assert not reminding.remind(of(told), now=EVE)
        Reminder.objects.filter(pk=of(told).pk).update(decided_at=None, outcome="")
        reminding._remind_some([of(told), of(other)], now=EVE)

    assert (reminders(told), reminders(other)) == ([], ["candidate"])


def test_who_finds_another_worker_at_them_leaves_them_to_it(told, people, run_jobs, monkeypatch) -> None:
    other = automatic.schedule(people, starts_at=told.starts_at + timedelta(hours=1))
    run_jobs()
    monkeypatch.setattr(reminding, "AT_ONCE", 1)
    real = dispatching.take_turn

    def after_another(*interview_ids: int) -> None:
        real(*interview_ids)
        Reminder.objects.filter(interview__in=interview_ids).update(decided_at=EVE, outcome="void")

    monkeypatch.setattr(dispatching, "take_turn", after_another)
    come(monkeypatch, EVE)

    # The first batch was empty: the rest is not looked at.
    assert Reminder.objects.filter(outcome="").exists()
    assert (reminders(told), reminders(other)) == ([], [])


def test_what_did_not_leave_before_is_settled_by_those_that_leave_together(told, people, run_jobs) -> None:
    other = automatic.schedule(people, starts_at=told.starts_at + timedelta(hours=1))
    run_jobs()
    about = {
        "purpose": "reminder",
        "receiver": "candidate",
        "recipient": "candidate",
        "language": "ja",
        "at": NOW,
    }
    mine = Withheld.objects.create(interview=told, reason=WhyNot.GAP, **about)
    confirmation = Withheld.objects.create(
        interview=other, reason=WhyNot.GAP, **{**about, "purpose": "confirmation"}
    )

    reminding._remind_some([of(told), of(other)], now=EVE)

    mine.refresh_from_db()
    confirmation.refresh_from_db()
    assert (mine.settled_at, confirmation.settled_at) == (EVE, None)


def test_a_letter_that_exists_already_does_not_keep_the_others(told, people, run_jobs) -> None:
    other = automatic.schedule(people, starts_at=told.starts_at + timedelta(hours=1))
    run_jobs()
    assert reminding.remind(of(told), now=EVE)
    Reminder.objects.filter(pk=of(told).pk).update(outcome="", decided_at=None)

    reminding._remind_some([of(told), of(other)], now=EVE)

    assert (reminders(told), reminders(other)) == (["candidate"], ["candidate"])
    assert (of(told).outcome, of(told).reason, of(other).outcome) == ("skipped", "", "sent")


def test_two_reminders_to_one_person_are_decided_one_after_the_other(
    told, group, people, monkeypatch
) -> None:
    first = of(told)
    second = Reminder.objects.create(
        interview=told, rule=first.rule, receiver="candidate", starts_at=told.starts_at, planned_at=NOW,
        due_at=first.due_at,
    )  # fmt: skip

    assert list(reminding._together([first, second])) == [[first], [second]]
