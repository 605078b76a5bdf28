"""Jobs that come when there is nothing to say any more, and letters that cannot be written yet."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox

from mensetsu.interviews import addressing, automating, dispatching, issuing, scheduling
from mensetsu.interviews.models import Interview, WhyNot, Withheld
from mensetsu.mail.models import Mail, Template
from tests.interviews import automatic, holding
from tests.interviews.automatic import NOW
from tests.racing import meanwhile

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(people: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    holding.set_clock(monkeypatch, NOW)
    return automatic.group(people)


def announce(made: Interview) -> None:
    automating.announce.call(interview_id=made.pk)


def test_nobody_is_written_to_about_an_interview_that_is_over(people, group, monkeypatch) -> None:
    made = automatic.schedule(people)

    holding.set_clock(monkeypatch, made.ends_at)
    announce(made)

    assert automatic.outside(made) == []


def test_a_job_for_an_interview_that_is_gone_ends_quietly(people, group) -> None:
    made = automatic.schedule(people)
    Interview.objects.filter(pk=made.pk).delete()

    announce(made)

    assert Mail.objects.filter(receiver="candidate").count() == 0


def test_a_group_that_was_taken_away_before_the_job_ran_writes_nothing(people, group) -> None:
    made = automatic.schedule(people)
    Interview.objects.filter(pk=made.pk).update(template_group=None)

    announce(made)

    assert automatic.outside(made) == []


def test_an_interviewers_text_that_needs_the_address_is_replaced_by_our_notice(
    people, group, run_jobs
) -> None:
    for text in Template.objects.filter(
        organization=people.company, purpose="confirmation", receiver="interviewer"
    ):
        text.body += "\n{{参加URL}}"
        text.save()
    made = automatic.on_zoom(people)

    run_jobs(until=NOW + timedelta(minutes=1), failing=True)

    assert [who for _p, who, _s in automatic.letters(made)] == []
    assert [one for one in outbox.outbox if people.doi.email in one.to[0]] != []


def test_an_address_that_is_about_to_be_replaced_meanwhile_is_waited_for(people, group) -> None:
    """The job read an address; before it could write, a colleague chose another host."""
    made = automatic.on_zoom(people)
    automatic.issue(made)
    looked = Interview.objects.with_facts().get(pk=made.pk)
    ((one, purpose),) = automating.due(looked)
    other = holding.connection(people.aoki)
    scheduling.change_host(Interview.objects.get(pk=made.pk), other, by=people.baba, now=NOW)

    automating._announce_to(looked, one, purpose, dispatching.groups.Texts(group), now=NOW)
    assert (automatic.outside(made), Withheld.objects.count()) == ([], 0)

    automatic.issue(made)
    issuing.issue_meeting.call(interview_id=made.pk)
    announce(made)
    letter = Mail.objects.get(notice__interview=made, receiver="candidate")
    assert Interview.objects.with_facts().get(pk=made.pk).meeting.connection == other
    assert f"/j/{88412345678 + made.meeting_id}" not in letter.body
    assert automatic.outside(made) == [("confirmation", "candidate")]


def test_two_workers_that_write_down_the_same_reason_make_one_task(people, group) -> None:
    made = automatic.schedule(people)
    (one,) = addressing.by_route(made)

    def withhold() -> None:
        dispatching.withhold(made, one, purpose="confirmation", reason=WhyNot.GAP, now=NOW)

    with meanwhile("SAVEPOINT", withhold):  # the other has seen that there is none yet
        withhold()

    assert list(made.withheld.values_list("reason", "settled_at")) == [(WhyNot.GAP, None)]


def test_what_was_left_out_on_purpose_is_written_down_once(people, group) -> None:
    made = automatic.schedule(people)
    (one,) = addressing.by_route(made)

    for _number in range(2):
        dispatching.withhold(made, one, purpose="confirmation", reason=WhyNot.NO_MAIL, now=NOW)

    assert Withheld.objects.filter(interview=made, reason=WhyNot.NO_MAIL).count() == 1


def test_a_second_reason_replaces_the_first_and_is_one_task(people, group) -> None:
    made = automatic.schedule(people)
    (one,) = addressing.by_route(made)

    for reason in (WhyNot.GAP, WhyNot.HOLES):
        dispatching.withhold(made, one, purpose="confirmation", reason=reason, now=NOW)

    assert list(made.withheld.values_list("reason", flat=True)) == [WhyNot.HOLES]


def test_who_left_the_selection_is_not_told_of_a_move(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs(until=NOW + dispatching.UNDO)
    row = Interview.objects.get(pk=made.pk)
    scheduling.reschedule(
        row, starts_at=row.starts_at + timedelta(days=1), minutes=60, by=people.baba, now=NOW
    )
    made.candidate.status = "rejected"
    made.candidate.save()

    run_jobs(until=NOW + dispatching.UNDO)

    assert automatic.outside(made) == [("confirmation", "candidate")]
