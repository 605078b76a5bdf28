"""Workers at the same moment: a reminder and an announcement are one letter each, and a letter against a change."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.interviews import automating, reminding, replanning, scheduling
from mensetsu.interviews.models import Interview, Reminder
from mensetsu.mail import grouping
from mensetsu.mail.models import Mail
from tests import racing, story
from tests.interviews import automatic

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made(people: Any) -> Interview:
    """Set just now, in a company whose group speaks; its jobs have not run."""
    automatic.group(people)
    return automatic.schedule(people, starts_at=story.tomorrow_at(14, days=9), now=timezone.now())


def letters(made: Interview, purpose: str) -> list[str]:
    found = Mail.objects.filter(notice__interview=made, purpose=purpose, receiver="candidate")
    return [mail.state for mail in found.order_by("id")]


def test_four_workers_at_one_reminder_send_one(made) -> None:
    automating.announce.call(interview_id=made.pk)
    reminder = Reminder.objects.get(interview=made, receiver="candidate")

    racing.together(4, lambda: reminding.remind(reminder, now=reminder.due_at))

    assert letters(made, "reminder") == ["queued"]
    reminder.refresh_from_db()
    assert (reminder.outcome, reminder.mail is not None) == ("sent", True)


def test_four_workers_at_one_announcement_send_one(made) -> None:
    racing.together(4, lambda: automating.announce.call(interview_id=made.pk))

    assert letters(made, "confirmation") == ["queued"]


def test_two_plannings_anew_and_a_move_plan_each_reminder_once(made, people) -> None:
    group = made.template_group
    grouping.add_rule(
        group, receiver="candidate", kind="minutes_before", minutes=30, by=people.aoki, now=timezone.now()
    )
    starts_at = made.starts_at + timedelta(days=1)

    def move() -> None:
        mine = Interview.objects.get(pk=made.pk)
        scheduling.reschedule(mine, starts_at=starts_at, minutes=60, by=people.baba, now=timezone.now())

    def replan() -> None:
        replanning.replan.call(group_id=group.pk)

    assert racing.together(3, replan, replan, move) == [None, None, None]

    waiting = Reminder.objects.waiting().filter(interview=made, receiver="candidate")
    assert {row.starts_at for row in waiting} == {starts_at}
    assert sorted(row.rule.kind for row in waiting) == ["minutes_before", "previous_day"]


def test_a_reminder_against_a_cancellation_ends_in_exactly_one_of_both(made, people) -> None:
    automating.announce.call(interview_id=made.pk)
    reminder = Reminder.objects.get(interview=made, receiver="candidate")

    def cancel() -> None:
        scheduling.cancel(Interview.objects.get(pk=made.pk), by=people.baba, now=timezone.now())

    racing.together(2, cancel, lambda: reminding.remind(reminder, now=reminder.due_at + timedelta(minutes=1)))

    # Either it did not leave, or it was queued before the cancellation, which then stopped it.
    assert letters(made, "reminder") in ([], ["canceled"])
