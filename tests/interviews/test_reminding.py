"""Reminders: when they are due, and what the moment of sending says about them."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mensetsu.accounts.models import CompanyHoliday
from mensetsu.candidates.models import Candidate, ContactRoute, Status
from mensetsu.interviews import reminding, scheduling
from mensetsu.interviews.models import Interview, Reminder, WhyNot, Withheld
from mensetsu.mail import grouping
from mensetsu.mail.models import Mail, ReminderRule
from tests import story
from tests.interviews import automatic, holding
from tests.interviews.automatic import NOW
from tests.interviews.holding import at
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


def reason(made: Interview, receiver: str = "candidate") -> tuple[str, str]:
    row = of(made, receiver)
    return row.outcome, row.reason


# When


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("minutes_before", 15, at(13, 45)),
        ("previous_day", time(17), at(17, day=23)),  # a holiday: applicants read mail on holidays too
        (
            "previous_business_day",
            time(17),
            at(17, day=19),
        ),  # not 23 (holiday), 21 and 22 (weekend), 20 (ours)
    ],
)
def test_when_a_rule_reminds(kind: str, value: Any, expected: datetime) -> None:
    is_minutes = kind == "minutes_before"
    rule = ReminderRule(kind=kind, minutes=value if is_minutes else None, at=None if is_minutes else value)

    due = reminding.due_at(rule, holding.STARTS, story.JAPAN, frozenset({date(2026, 11, 20)}))

    assert due == expected


def test_the_day_before_is_the_readers_day(people, group) -> None:
    person = story.candidate(
        people.company, time_zone="America/Los_Angeles", owner=people.baba, job=story.job(people.company)
    )
    made = automatic.schedule(people, candidate=person)

    # There the interview begins on Monday, 23 November, at 21:00.
    assert of(made).due_at == datetime(2026, 11, 22, 17, 0, tzinfo=ZoneInfo("America/Los_Angeles"))


def test_company_holidays_are_no_business_days(people, group) -> None:
    CompanyHoliday.objects.create(organization=people.company, on=date(2026, 11, 20), name="創立記念日")

    made = automatic.schedule(people)

    assert of(made, "interviewer").due_at == at(17, day=19)


def test_a_reminder_whose_moment_has_passed_is_not_planned(people, group) -> None:
    made = automatic.schedule(people, now=EVE + timedelta(minutes=1))

    assert Reminder.objects.filter(interview=made, receiver="candidate").count() == 0


def test_rules_that_are_switched_off_plan_nothing(people, group) -> None:
    made = automatic.schedule(people)

    assert {row.rule.kind for row in Reminder.objects.filter(interview=made, receiver="interviewer")} == {
        "previous_business_day"
    }


def test_without_a_group_nothing_is_planned(people, group) -> None:
    assert Reminder.objects.filter(interview=automatic.schedule(people, template_group=None)).count() == 0


# At the moment of sending


def test_it_leaves_when_it_is_due_and_only_once(told, monkeypatch, run_jobs) -> None:
    come(monkeypatch, EVE - timedelta(minutes=1))
    assert reminders(told) == ["interviewer"]  # due on the business day before, on Friday

    come(monkeypatch, EVE)
    come(monkeypatch, EVE + timedelta(minutes=1))

    assert reminders(told) == ["interviewer", "candidate"]
    assert of(told).mail.subject == "【株式会社サンプル】明日の一次面接のご確認（11/24(火) 14:00）"


def test_after_a_pause_of_the_worker_the_words_are_those_of_the_day(told, monkeypatch) -> None:
    come(monkeypatch, at(9, day=24))

    assert "本日の一次面接" in of(told).mail.subject


def test_after_a_pause_over_the_start_nothing_is_sent(told, monkeypatch) -> None:
    come(monkeypatch, holding.STARTS)

    assert reminders(told) == []
    assert reason(told) == ("skipped", WhyNot.BEGUN)


def test_two_workers_at_the_same_reminder_send_one(told) -> None:
    first, second = of(told), of(told)

    assert [reminding.remind(row, now=EVE) for row in (first, second)] == [True, False]
    assert reminders(told) == ["candidate"]


def test_a_reminder_that_comes_to_be_decided_again_is_the_same_letter(told, monkeypatch) -> None:
    """Somebody has put the row back by hand."""
    come(monkeypatch, EVE)
    Reminder.objects.filter(pk=of(told).pk).update(outcome="", decided_at=None)

    come(monkeypatch, EVE + timedelta(minutes=1))

    assert reminders(told) == ["interviewer", "candidate"]
    assert (reason(told), told.withheld.count()) == (("skipped", ""), 0)


def test_a_cancellation_voids_what_is_planned(told, people, monkeypatch) -> None:
    scheduling.cancel(Interview.objects.get(pk=told.pk), by=people.baba, now=NOW)

    come(monkeypatch, EVE)

    assert reminders(told) == []
    assert set(Reminder.objects.filter(interview=told).values_list("outcome", flat=True)) == {"void"}


def test_a_move_plans_anew(told, people, monkeypatch) -> None:
    row = Interview.objects.get(pk=told.pk)
    scheduling.reschedule(
        row, starts_at=row.starts_at + timedelta(days=2), minutes=60, by=people.baba, now=NOW
    )

    come(monkeypatch, EVE)

    assert reminders(told) == []
    assert (of(told).due_at, of(told).outcome) == (at(17, day=25), "")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"canceled_at": NOW}, WhyNot.CANCELED),
        ({"withdrawn_at": NOW}, WhyNot.CANCELED),
        ({"starts_at": holding.STARTS - timedelta(minutes=30)}, WhyNot.MOVED),
        ({"started_at": NOW}, WhyNot.BEGUN),
        ({"template_group": None}, WhyNot.SWITCHED_OFF),
    ],
)
def test_even_a_change_that_planned_nothing_anew_is_seen_at_the_moment_of_sending(
    told, monkeypatch, change: dict[str, Any], expected: str
) -> None:
    Interview.objects.filter(pk=told.pk).update(**change)

    come(monkeypatch, EVE)

    assert reminders(told) == []
    assert reason(told) == ("skipped", expected)


def test_an_applicant_who_has_left_is_not_reminded(told, monkeypatch) -> None:
    Candidate.objects.filter(pk=told.candidate_id).update(status=Status.REJECTED)

    come(monkeypatch, EVE)

    assert reason(told) == ("skipped", WhyNot.LEFT)


def test_nobody_is_reminded_of_what_they_were_never_told(people, group, monkeypatch) -> None:
    made = automatic.schedule(people)  # its letters have not been written: the job did not run

    come(monkeypatch, EVE)

    assert reason(made) == ("skipped", WhyNot.NOT_TOLD)


def test_a_confirmation_by_telephone_counts_as_told(people, group, monkeypatch) -> None:
    made = automatic.schedule(people)
    Interview.objects.filter(pk=made.pk).update(confirmation_waived_at=NOW)

    come(monkeypatch, EVE)

    assert reminders(made) == ["interviewer", "candidate"]


def test_a_refused_confirmation_is_no_confirmation(told, monkeypatch) -> None:
    Mail.objects.filter(notice__interview=told, receiver="candidate").update(sent_at=None, failed_at=NOW)

    come(monkeypatch, EVE)

    assert reason(told) == ("skipped", WhyNot.NOT_TOLD)


def test_who_was_told_less_than_a_day_before_is_not_reminded_in_the_evening(
    people, group, monkeypatch, run_jobs
) -> None:
    holding.set_clock(monkeypatch, EVE - timedelta(hours=23))
    made = automatic.schedule(people, now=EVE - timedelta(hours=23))
    run_jobs()

    come(monkeypatch, EVE)

    assert reason(made) == ("skipped", WhyNot.JUST_TOLD)


def test_a_last_call_comes_also_after_a_late_confirmation(people, group, monkeypatch, run_jobs) -> None:
    grouping.add_rule(group, receiver="candidate", kind="minutes_before", minutes=30, by=people.aoki, now=NOW)
    now = holding.STARTS - timedelta(hours=3)
    holding.set_clock(monkeypatch, now)
    made = automatic.schedule(people, now=now)
    run_jobs()

    come(monkeypatch, holding.STARTS - timedelta(minutes=30))

    assert reminders(made) == ["candidate"]


def test_the_route_of_the_day_decides_who_is_reminded(people, group, monkeypatch, run_jobs) -> None:
    contact = story.agency(people.company)
    person = story.candidate(
        people.company, agency=contact.agency, agency_contact=contact, contact_route=ContactRoute.BOTH,
        owner=people.baba, job=story.job(people.company),
    )  # fmt: skip
    made = automatic.schedule(people, candidate=person)
    run_jobs()
    Candidate.objects.filter(pk=person.pk).update(contact_route=ContactRoute.AGENCY)

    come(monkeypatch, EVE)

    assert reason(made) == ("skipped", WhyNot.NOT_MEANT)
    assert reason(made, "agency")[0] == "sent"


def test_a_released_interviewer_is_not_reminded(told, people, monkeypatch) -> None:
    scheduling.change_interviewers(Interview.objects.get(pk=told.pk), [people.endo], by=people.baba, now=NOW)

    come(monkeypatch, at(17, day=20))

    sent = Reminder.objects.filter(interview=told, outcome="sent")
    assert [row.interviewer for row in sent] == [people.endo]


def test_a_gap_is_a_to_do(told, group, monkeypatch) -> None:
    automatic.leave_open(group, "reminder", "candidate")

    come(monkeypatch, EVE)

    assert reason(told) == ("skipped", WhyNot.GAP)
    assert Withheld.objects.get(interview=told, purpose="reminder").reason == WhyNot.GAP


def test_a_reminder_that_needs_an_address_waits_for_it(people, group, monkeypatch) -> None:
    made = automatic.on_zoom(people)
    Interview.objects.filter(pk=made.pk).update(confirmation_waived_at=NOW)
    template = group.items.get(purpose="reminder", receiver="candidate", language="ja", way="web").template
    template.body += "\n{{ZoomミーティングURL}}"
    template.save()

    come(monkeypatch, EVE)
    assert of(made).outcome == ""

    automatic.issue(made)
    come(monkeypatch, EVE + timedelta(minutes=1))
    assert of(made).outcome == "sent"


def test_one_reminder_can_be_called_back_alone(told, people, monkeypatch) -> None:
    reminding.call_back(of(told), by=people.baba, now=NOW)

    come(monkeypatch, EVE)

    assert reminders(told) == ["interviewer"]
    with pytest.raises(reminding.AlreadyDecided):
        reminding.call_back(of(told), by=people.baba, now=NOW)


def test_what_was_called_back_is_not_planned_again_by_another_change(told, people) -> None:
    reminding.call_back(of(told), by=people.baba, now=NOW)

    scheduling.change_interviewers(Interview.objects.get(pk=told.pk), [people.endo], by=people.baba, now=NOW)

    rows = Reminder.objects.filter(interview=told, receiver="candidate")
    assert [row.outcome for row in rows] == ["called_back"]


def test_a_group_without_reminders_plans_none(people, group) -> None:
    ReminderRule.objects.update(off_at=NOW)

    made = automatic.schedule(people)

    assert not Reminder.objects.filter(interview=made).exists()
