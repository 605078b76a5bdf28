"""What interviewers hear by themselves, by letter or by notice and never by both; and letters that wait for a time."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox

from mensetsu.attending import requests
from mensetsu.interviews import announcing, dispatching, scheduling
from mensetsu.interviews.models import CandidateRequest, Interview, Notice, WhyNot, Withheld
from mensetsu.mail.models import Mail
from tests.interviews import automatic, holding, writing
from tests.interviews.automatic import NOW

pytestmark = pytest.mark.django_db

CONFIRMED = [("confirmation", "candidate")]


@pytest.fixture
def group(people: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    holding.set_clock(monkeypatch, NOW)
    return automatic.group(people)


@pytest.fixture
def run_jobs(run_jobs: Any) -> Any:
    """Until what somebody's press has set off can no longer be called back."""
    return lambda until=NOW + dispatching.UNDO: run_jobs(until=until)


def again(made: Interview) -> Interview:
    return Interview.objects.get(pk=made.pk)


def move(made: Interview, people: Any, **delta: int) -> None:
    row = again(made)
    scheduling.reschedule(
        row, starts_at=row.starts_at + timedelta(**delta), minutes=60, by=people.baba, now=NOW
    )


def subjects() -> list[str]:
    return [message.subject for message in outbox.outbox]


# Interviewers


def test_interviewers_get_the_groups_letter_instead_of_our_notice(people, group, run_jobs) -> None:
    made = automatic.schedule(people, interviewers=[people.doi, people.endo])

    run_jobs()

    to = sorted(message.to[0].split("<")[-1].rstrip(">") for message in outbox.outbox)
    assert to == sorted([people.doi.email, people.endo.email, made.candidate.email])
    assert {(p, w) for p, w, _state in automatic.letters(made) if w == "interviewer"} == {
        ("confirmation", "interviewer")
    }


def test_without_a_text_for_interviewers_our_notice_goes(people, group, run_jobs) -> None:
    automatic.leave_open(group, "confirmation", "interviewer")
    automatic.schedule(people)

    run_jobs()

    assert len([message for message in outbox.outbox if people.doi.email in message.to[0]]) == 1
    assert Withheld.objects.count() == 0


def test_no_mail_for_interviewers_silences_the_notice_too(people, group, run_jobs) -> None:
    for way in ("", "in_person", "phone"):
        automatic.no_mail(group, "confirmation", "interviewer", way=way)
    automatic.schedule(people)

    run_jobs()

    assert [message for message in outbox.outbox if people.doi.email in message.to[0]] == []


def test_interviewers_hear_of_each_event_once(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs()
    move(made, people, days=1)
    run_jobs()
    scheduling.change_interviewers(again(made), [people.endo], by=people.baba, now=NOW)
    run_jobs()
    scheduling.cancel(again(made), by=people.baba, now=NOW)
    run_jobs()

    told = [
        (one.purpose, one.to_email)
        for one in Mail.objects.filter(notice__interview=made, receiver="interviewer").order_by("id")
    ]
    assert told == [
        ("confirmation", people.doi.email),
        ("change", people.doi.email),
        ("confirmation", people.endo.email),
        ("other", people.doi.email),
        ("cancellation", people.endo.email),
    ]
    assert len(outbox.outbox) == 5 + 3  # and the applicant's three


def test_who_joins_with_a_move_is_asked_and_not_told_of_a_move(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs()
    row = again(made)

    scheduling.change(
        row, stage=row.stage, starts_at=row.starts_at + timedelta(days=1), minutes=60,
        interviewers=[people.doi, people.endo], way=row.way, service="", host=None, custom_url="",
        place=row.place, memo="", by=people.baba, now=NOW,
    )  # fmt: skip
    run_jobs()

    told = {
        (one.purpose, one.to_email)
        for one in Mail.objects.filter(notice__interview=made, receiver="interviewer")
    }
    assert told == {
        ("confirmation", people.doi.email),
        ("change", people.doi.email),
        ("confirmation", people.endo.email),
    }


def test_a_withdrawal_is_told_to_the_interviewers_only(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs()
    asked = CandidateRequest.objects.create(
        interview=made, kind="withdrawal", receiver="candidate", made_at=NOW
    )

    requests.accept_withdrawal(asked, by=people.baba, now=NOW)
    run_jobs()

    assert automatic.outside(made) == CONFIRMED
    assert ("cancellation", "interviewer", "sent") in automatic.letters(made)


# Scheduled letters


def scheduled(made: Interview, people: Any, **delta: int) -> Mail:
    (letter,) = writing.send(writing.again(made), people, due_at=NOW + timedelta(**delta))
    return letter


def test_a_scheduled_letter_of_an_interview_that_moved_is_stopped_and_becomes_a_to_do(
    people, group, run_jobs
) -> None:
    made = automatic.schedule(people, template_group=None)
    letter = scheduled(made, people, hours=20)

    move(made, people, days=1)
    run_jobs(until=NOW + timedelta(days=2))

    letter.refresh_from_db()
    assert letter.state == "canceled"
    assert Notice.objects.get(mail=letter).stopped_at == NOW
    assert Withheld.objects.get(interview=made).reason == WhyNot.CHANGED
    assert [one for one in subjects() if "日程確定" in one] == []


def test_a_scheduled_letter_of_an_unchanged_interview_leaves_at_its_time(people, group, run_jobs) -> None:
    made = automatic.schedule(people, template_group=None)
    letter = scheduled(made, people, hours=20)

    run_jobs(until=NOW + timedelta(hours=19))
    letter.refresh_from_db()
    assert letter.state == "queued"

    run_jobs(until=NOW + timedelta(hours=21))
    letter.refresh_from_db()
    assert letter.state == "sent"


def test_a_scheduled_letter_says_the_words_of_the_day_it_leaves(people, group) -> None:
    made = automatic.schedule(people, template_group=None)
    text = announcing.Text("{{残り日数表現}}の面接", "{{残り日数表現}}お会いします。{{応募者ページURL}}")

    (letter,) = writing.send(
        writing.again(made), people, text=text, due_at=holding.STARTS - timedelta(hours=20)
    )

    assert letter.subject == "明日の面接"
