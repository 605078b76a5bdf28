"""「送信を取り消す」 for letters that write themselves: what stays here, where it is to be done, and what ends that."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from mensetsu.interviews import announcing, attention, automating, dispatching, recalling, scheduling
from mensetsu.interviews.models import Interview, WhyNot, Withheld
from mensetsu.mail import delivery
from mensetsu.mail.models import Mail
from tests.interviews import automatic, desk, holding, writing
from tests.interviews.automatic import NOW, again

pytestmark = pytest.mark.django_db

AFTERWARDS = NOW + dispatching.UNDO


@pytest.fixture
def group(people: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    holding.set_clock(monkeypatch, NOW)
    return automatic.group(people)


def announce(made: Interview) -> None:
    automating.announce.call(interview_id=made.pk)


def to_do(people: Any, receiver: str = "candidate") -> list[str]:
    """The purposes of the letters that somebody must write to them, as the home page lists them."""
    rows = [one.facts["withheld"] for one in attention.read(people.baba, now=NOW) if one.kind == "withheld"]
    return [row.purpose for row in rows if row.receiver == receiver]


def move(made: Interview, people: Any, **delta: int) -> None:
    row = again(made)
    scheduling.reschedule(
        row, starts_at=row.starts_at + timedelta(**delta), minutes=60, by=people.baba, now=NOW
    )


def states(made: Interview) -> list[tuple[str, str]]:
    return [(p, state) for p, who, state in automatic.letters(made) if who == "candidate"]


# How long they wait


def test_what_a_press_has_set_off_waits_for_twenty_seconds(people, group, run_jobs) -> None:
    made = automatic.schedule(people)

    run_jobs(until=AFTERWARDS - timedelta(seconds=1))
    assert {state for _p, _w, state in automatic.letters(made)} == {"queued"}

    run_jobs(until=AFTERWARDS)
    assert {state for _p, _w, state in automatic.letters(made)} == {"sent"}


def test_what_the_applicant_has_set_off_leaves_at_once(people, group, run_jobs) -> None:
    made = automatic.schedule(people, interviewers=[people.doi])
    Interview.objects.filter(pk=made.pk).update(changed_by=None)
    run_jobs(until=AFTERWARDS)

    scheduling.reschedule(
        again(made), starts_at=made.starts_at + timedelta(days=1), minutes=60, by=None, now=NOW
    )
    run_jobs(until=NOW)

    changes = [(who, state) for p, who, state in automatic.letters(made) if p == "change"]
    assert sorted(changes) == [("candidate", "sent"), ("interviewer", "sent")]


# One and all


def test_one_letter_called_back_is_to_be_done_and_is_not_written_again(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    announce(made)
    letter = Mail.objects.get(notice__interview=made, receiver="candidate")

    recalling.call_back(letter, by=people.baba, now=NOW)
    announce(made)
    run_jobs(until=AFTERWARDS)

    assert states(made) == [("confirmation", "canceled")]
    assert to_do(people) == ["confirmation"]
    assert ("confirmation", "interviewer", "sent") in automatic.letters(made)


def test_a_letter_that_has_left_cannot_be_called_back(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs(until=AFTERWARDS)

    with pytest.raises(delivery.AlreadyLeft):
        recalling.call_back(
            Mail.objects.get(notice__interview=made, receiver="candidate"), by=people.baba, now=NOW
        )

    assert Withheld.objects.count() == 0
    assert automating.call_back_all(again(made), by=people.baba, now=NOW) == 0


def test_all_are_called_back_at_once_whether_written_already_or_not(people, group, run_jobs) -> None:
    made = automatic.schedule(people, interviewers=[people.doi, people.endo])
    assert states(made) == []  # the job has not run yet

    count = automating.call_back_all(again(made), by=people.baba, now=NOW)
    run_jobs(until=AFTERWARDS)

    assert count == 3
    assert [state for _p, _w, state in automatic.letters(made)] == ["canceled", "canceled"]
    assert to_do(people) == ["confirmation"]
    assert to_do(people, "interviewer") == ["confirmation"] * 2


def test_a_letter_that_waits_for_its_address_can_be_called_back_and_stays_back(people, group) -> None:
    made = automatic.on_zoom(people)

    assert automating.call_back_all(again(made), by=people.baba, now=NOW) == 2
    automatic.issue(made)
    automating.follow(again(made), now=NOW)
    announce(made)

    assert states(made) == []
    assert to_do(people) == ["confirmation"]


def test_a_job_that_looked_before_the_press_writes_nothing_after_it(people, group) -> None:
    made = automatic.schedule(people)
    looked = Interview.objects.with_facts().get(pk=made.pk)
    pairs = list(automating.due(looked))
    automating.call_back_all(again(made), by=people.baba, now=NOW)

    for one, purpose in pairs:
        automating._announce_to(looked, one, purpose, dispatching.groups.Texts(group), now=NOW)

    assert len(pairs) == 1
    assert states(made) == []


def test_no_mail_chosen_on_purpose_is_no_task_after_calling_all_back(people, group) -> None:
    automatic.no_mail(group, "confirmation", "candidate", way="in_person")
    made = automatic.schedule(people)

    assert automating.call_back_all(again(made), by=people.baba, now=NOW) == 1  # the interviewer's
    assert to_do(people) == []


def test_where_recruiters_write_by_hand_there_is_nothing_to_call_back(people, group) -> None:
    made = automatic.schedule(people, template_group=None)

    assert automating.call_back_all(again(made), by=people.baba, now=NOW) == 0


# What ends it


def test_writing_it_by_hand_settles_what_was_called_back(people, group) -> None:
    made = automatic.schedule(people)
    automating.call_back_all(again(made), by=people.baba, now=NOW)

    writing.send(writing.again(made), people)

    assert to_do(people) == []


def test_sending_the_very_letter_after_all_settles_it_too(people, group) -> None:
    made = automatic.schedule(people)
    announce(made)
    letter = Mail.objects.get(notice__interview=made, receiver="candidate")
    recalling.call_back(letter, by=people.baba, now=NOW)

    announcing.resend(letter, by=people.baba, now=NOW)

    assert to_do(people) == []
    assert states(made) == [("confirmation", "canceled"), ("confirmation", "queued")]


def test_what_a_person_has_settled_is_not_written_by_the_next_job(people, group) -> None:
    made = automatic.schedule(people)
    automating.call_back_all(again(made), by=people.baba, now=NOW)

    dispatching.settle(Withheld.objects.get(receiver="candidate"), now=NOW)
    announce(made)

    assert states(made) == []


def test_a_change_called_back_is_forgotten_when_the_interview_is_back_where_it_was(
    people, group, run_jobs
) -> None:
    made = automatic.schedule(people)
    run_jobs(until=AFTERWARDS)
    move(made, people, days=1)
    automating.call_back_all(again(made), by=people.baba, now=NOW)
    assert to_do(people) == ["change"]

    move(made, people, days=-1)
    assert to_do(people) == []
    assert Withheld.objects.get(receiver="candidate").reason == WhyNot.CHANGED

    move(made, people, days=1)
    announce(made)
    assert states(made)[-1] == ("change", "queued")


def test_a_note_for_colleagues_changes_nothing_about_what_was_called_back(people, group) -> None:
    made = automatic.schedule(people)
    automating.call_back_all(again(made), by=people.baba, now=NOW)
    row = again(made)

    scheduling.change(
        row, stage=row.stage, starts_at=row.starts_at, minutes=60, interviewers=[people.doi], way=row.way, service="",
        host=None, custom_url="", place=row.place, memo="書類は印刷済み", by=people.baba, now=NOW,
    )  # fmt: skip
    announce(made)

    assert states(made) == []
    assert to_do(people) == ["confirmation"]


def test_a_cancellation_called_back_stays_on_the_home_page(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs(until=AFTERWARDS)
    scheduling.cancel(again(made), by=people.baba, now=NOW)

    automating.call_back_all(again(made), by=people.baba, now=NOW)
    run_jobs(until=AFTERWARDS)

    assert to_do(people) == ["cancellation"]
    assert states(made) == [("confirmation", "sent")]


# The pages


def test_the_page_after_a_change_says_who_is_written_to_and_calls_it_back(
    people, group, run_jobs, client_of
) -> None:
    made = automatic.schedule(people)
    run_jobs(until=AFTERWARDS)
    move(made, people, days=1)
    announce(made)
    baba = client_of(people.baba)

    page = desk.soup(baba.get(reverse("interviews:detail", args=[made.pk])))
    banner = " ".join(page.find(id="leaving").get_text().split())
    assert "変更・佐藤 美咲 様" in banner
    assert "変更・土井 大" in banner
    answer = baba.post(page.find(id="leaving").form["action"], follow=True)

    assert "2通のメールの送信を取り消しました。" in desk.text(answer)
    assert "送信を取り消したメールがあります。" in desk.text(answer)
    assert desk.soup(answer).find(id="leaving") is None
    assert "送信を取り消したメールがあります。" in desk.text(baba.get(reverse("home")))


def test_a_press_that_comes_too_late_says_so(people, group, run_jobs, client_of) -> None:
    made = automatic.schedule(people)
    run_jobs(until=AFTERWARDS)

    answer = client_of(people.baba).post(reverse("interviews:mails_stop", args=[made.pk]), follow=True)

    assert "メールは送信済みのため、取り消せません。" in desk.text(answer)


def test_each_letter_can_be_called_back_alone_in_the_list(people, group, client_of) -> None:
    made = automatic.schedule(people, interviewers=[people.doi])
    announce(made)
    letter = Mail.objects.get(notice__interview=made, receiver="interviewer")

    client_of(people.baba).post(reverse("interviews:mail_stop", args=[letter.pk]))

    assert automatic.letters(made) == [
        ("confirmation", "interviewer", "canceled"),
        ("confirmation", "candidate", "queued"),
    ]
    assert Withheld.objects.get().recipient == f"interviewer-{people.doi.pk}"
