"""A changed reminder rule holds for interviews that are set already."""

from datetime import time, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from mensetsu.interviews import reminding, replanning, scheduling
from mensetsu.interviews.models import Interview, Reminder
from mensetsu.mail import followers, grouping
from mensetsu.mail.models import ReminderRule, TemplateGroup
from tests import story
from tests.interviews import automatic, holding
from tests.interviews.automatic import NOW
from tests.interviews.holding import at

pytestmark = pytest.mark.django_db
EVENING = ReminderRule.Kind.PREVIOUS_DAY


@pytest.fixture
def group(people: Any, monkeypatch: pytest.MonkeyPatch) -> TemplateGroup:
    holding.set_clock(monkeypatch, NOW)
    return automatic.group(people)


@pytest.fixture
def made(people: Any, group: TemplateGroup) -> Interview:
    return automatic.schedule(people)


def planned(made: Interview, receiver: str = "candidate") -> list[Any]:
    rows = Reminder.objects.waiting().filter(interview=made, receiver=receiver)
    return sorted(rows.values_list("due_at", flat=True))


def rule_of(group: TemplateGroup, receiver: str = "candidate") -> ReminderRule:
    return group.reminder_rules.get(receiver=receiver, off_at=None)


def test_a_new_rule_holds_for_an_interview_that_is_set_already(people, group, made, run_jobs) -> None:
    grouping.add_rule(group, receiver="candidate", kind="minutes_before", minutes=30, by=people.aoki, now=NOW)
    run_jobs()

    assert planned(made) == [at(17, day=23), at(13, 30)]


def test_a_rule_that_is_switched_off_takes_its_reminders_away_and_on_brings_them_back(
    people, group, made, run_jobs
) -> None:
    rule = rule_of(group)

    grouping.switch_rule(rule, is_on=False, by=people.aoki, now=NOW)
    run_jobs()
    assert planned(made) == []

    grouping.switch_rule(rule, is_on=True, by=people.aoki, now=NOW)
    run_jobs()
    assert planned(made) == [at(17, day=23)]


def test_another_time_of_day_moves_what_is_planned(people, group, made, run_jobs) -> None:
    grouping.remove_rule(rule_of(group), by=people.aoki, now=NOW)
    grouping.add_rule(group, receiver="candidate", kind=EVENING, at=time(19), by=people.aoki, now=NOW)
    run_jobs()

    assert planned(made) == [at(19, day=23)]


def test_what_a_person_called_back_stays_so_also_when_its_rule_is_made_anew(
    people, group, made, run_jobs
) -> None:
    reminding.call_back(Reminder.objects.get(interview=made, receiver="candidate"), by=people.baba, now=NOW)

    grouping.remove_rule(rule_of(group), by=people.aoki, now=NOW)
    grouping.add_rule(group, receiver="candidate", kind=EVENING, at=time(17), by=people.aoki, now=NOW)
    run_jobs()

    assert planned(made) == []


def test_a_rule_that_comes_after_its_moment_sends_nothing_late(
    people, group, made, run_jobs, monkeypatch
) -> None:
    holding.set_clock(monkeypatch, holding.STARTS - timedelta(minutes=20))
    grouping.add_rule(group, receiver="candidate", kind="minutes_before", minutes=30, by=people.aoki, now=NOW)
    run_jobs()

    assert Reminder.objects.filter(interview=made, due_at=at(13, 30)).count() == 0


def test_only_interviews_of_that_group_are_planned_anew(people, group, made, run_jobs) -> None:
    second = automatic.second_group(people)
    other = automatic.schedule(people, template_group=second, interviewers=[people.endo])
    by_hand = automatic.schedule(people, template_group=None, interviewers=[people.endo])
    run_jobs()

    grouping.switch_rule(rule_of(second), is_on=False, by=people.aoki, now=NOW)
    run_jobs()

    assert (planned(made), planned(other), planned(by_hand)) == ([at(17, day=23)], [], [])


def test_when_a_group_is_retired_the_default_groups_rules_hold(people, group, run_jobs) -> None:
    second = automatic.second_group(people)
    grouping.switch_rule(rule_of(second), is_on=False, by=people.aoki, now=NOW)
    grouping.add_rule(second, receiver="candidate", kind=EVENING, at=time(20), by=people.aoki, now=NOW)
    made = automatic.schedule(people, template_group=second)
    assert planned(made) == [at(20, day=23)]

    grouping.retire_group(second, by=people.aoki, now=NOW)
    run_jobs()

    assert planned(made) == [at(17, day=23)]


def test_another_default_group_holds_for_interviews_whose_own_group_was_retired(
    people, group, run_jobs
) -> None:
    retired, third = automatic.second_group(people, "A"), automatic.second_group(people, "B")
    made = automatic.schedule(people, template_group=retired)
    grouping.retire_group(retired, by=people.aoki, now=NOW)
    grouping.add_rule(third, receiver="candidate", kind="minutes_before", minutes=45, by=people.aoki, now=NOW)
    run_jobs()
    assert planned(made) == [at(17, day=23)]

    grouping.make_default(third, by=people.aoki, now=NOW)
    run_jobs()

    assert planned(made) == [at(17, day=23), at(13, 15)]


def test_many_interviews_are_gone_through_in_portions(people, group, run_jobs, monkeypatch) -> None:
    monkeypatch.setattr(replanning, "PORTION", 2)
    made = [automatic.schedule(people, interviewers=[people.doi]) for _number in range(5)]
    grouping.switch_rule(rule_of(group), is_on=False, by=people.aoki, now=NOW)

    replanning.replan.call(group_id=group.pk)
    assert [len(planned(one)) for one in made] == [0, 0, 1, 1, 1]

    run_jobs()
    assert [len(planned(one)) for one in made] == [0] * 5


def test_running_again_changes_nothing(people, group, made) -> None:
    before = list(Reminder.objects.filter(interview=made).values().order_by("id"))

    for _time in range(2):
        replanning.replan.call(group_id=group.pk)

    assert list(Reminder.objects.filter(interview=made).values().order_by("id")) == before


def test_interviewers_whom_a_notice_told_long_ago_are_reminded_by_a_rule_that_has_just_come(
    people, group, run_jobs, monkeypatch
) -> None:
    automatic.leave_open(group, "confirmation", "interviewer")
    made = automatic.schedule(people)
    added_at = at(16, day=23)
    holding.set_clock(monkeypatch, added_at)
    grouping.add_rule(group, receiver="interviewer", kind=EVENING, at=time(17), by=people.aoki, now=added_at)
    run_jobs()

    holding.set_clock(monkeypatch, at(17, day=23))
    reminding.send_due.call()

    row = Reminder.objects.get(interview=made, receiver="interviewer", due_at=at(17, day=23))
    assert (row.outcome, row.reason) == ("sent", "")


# What the page says


def count(people: Any, client_of: Any, group: TemplateGroup) -> str:
    answer = client_of(people.aoki).get(reverse("mail:group", args=[group.pk]))
    card = BeautifulSoup(answer.content, "html.parser").find("h2", string="リマインド").parent
    return " ".join(card.get_text(" ", strip=True).split())


def test_the_page_says_how_many_coming_interviews_a_change_concerns(people, group, client_of) -> None:
    assert "このリマインドに従う今後の面接はありません。" in count(people, client_of, group)
    for user in (people.doi, people.endo):
        automatic.schedule(people, interviewers=[user])
    canceled = automatic.schedule(people)
    scheduling.cancel(canceled, by=people.baba, now=NOW)
    automatic.schedule(people, template_group=None)
    past = automatic.schedule(people)
    Interview.objects.filter(pk=past.pk).update(starts_at=NOW - timedelta(days=1), ends_at=NOW)

    assert "このリマインドに従う今後の面接が2件あります。" in count(people, client_of, group)


def test_after_saving_the_page_says_what_is_planned_anew(people, group, made, client_of) -> None:
    data = {"receiver": "candidate", "kind": "minutes_before", "minutes": "30"}

    page = (
        client_of(people.aoki)
        .post(reverse("mail:group_rule_add", args=[group.pk]), data, follow=True)
        .content.decode()
    )

    assert "保存しました。今後の面接1件のリマインドを計画し直します。" in page


def test_a_retired_groups_interviews_count_for_the_default_group_of_their_company_only(people, group) -> None:
    second = automatic.second_group(people)
    automatic.schedule(people, template_group=second)
    foreign = TemplateGroup.objects.create(
        organization=people.other, name="標準", is_default=True, updated_at=NOW
    )

    assert [followers.count(one, now=NOW) for one in (group, second, foreign)] == [0, 1, 0]
    grouping.retire_group(second, by=people.aoki, now=NOW)
    assert [followers.count(one, now=NOW) for one in (group, foreign)] == [1, 0]


def test_an_agency_that_joins_the_route_later_is_planned_for_too(people, group, run_jobs) -> None:
    contact = story.agency(people.company)
    person = story.candidate(
        people.company, agency=contact.agency, agency_contact=contact, owner=people.baba,
        job=story.job(people.company),
    )  # fmt: skip
    made = automatic.schedule(people, candidate=person)

    grouping.add_rule(group, receiver="agency", kind="minutes_before", minutes=60, by=people.aoki, now=NOW)
    run_jobs()

    assert at(13) in planned(made, "agency")
