"""Mails that leave by themselves: to whom, when, and never twice."""

from datetime import timedelta
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from mensetsu.candidates.models import ContactRoute
from mensetsu.interviews import automating, dispatching, issuing, recalling, scheduling
from mensetsu.interviews.models import Interview, WhyNot, Withheld
from mensetsu.mail.models import Mail, Template
from tests import story
from tests.interviews import automatic, desk, holding, writing
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


# Confirmation


def test_without_a_group_nothing_leaves_by_itself(people, group, run_jobs) -> None:
    made = automatic.schedule(people, template_group=None)

    run_jobs()

    assert automatic.letters(made) == []


def test_the_confirmation_leaves_when_the_interview_is_set(people, group, run_jobs) -> None:
    made = automatic.schedule(people)

    run_jobs()

    assert automatic.outside(made) == CONFIRMED
    assert ("confirmation", "candidate", "sent") in automatic.letters(made)
    (letter,) = Mail.objects.filter(notice__interview=made, receiver="candidate")
    assert (letter.author, letter.reply_to) == (None, people.baba.email)
    assert "本社 10階" in letter.body


def test_the_confirmation_of_a_meeting_waits_for_its_address(people, group, run_jobs) -> None:
    made = automatic.on_zoom(people)
    automating.announce.call(interview_id=made.pk)
    assert automatic.outside(made) == []

    automatic.issue(made)
    issuing.issue_meeting.call(interview_id=made.pk)
    automating.announce.call(interview_id=made.pk)

    assert automatic.outside(made) == CONFIRMED
    (letter,) = Mail.objects.filter(notice__interview=made, receiver="candidate")
    assert again(made).meeting.join_url in letter.body
    assert Withheld.objects.count() == 0


def test_the_same_job_twice_is_one_letter(people, group) -> None:
    made = automatic.schedule(people)

    automating.announce.call(interview_id=made.pk)
    automating.announce.call(interview_id=made.pk)

    assert automatic.outside(made) == CONFIRMED


def test_two_jobs_that_read_before_either_wrote_are_one_letter(people, group) -> None:
    """Both believe that the applicant knows nothing; the identity of the letter refuses the second."""
    made = automatic.schedule(people)
    first, second = (Interview.objects.with_facts().get(pk=made.pk) for _number in range(2))
    texts = dispatching.groups.Texts(group)
    assert len(second.notices.all()) == 1  # prefetched: the second goes on with what it read now

    for interview in (first, second):
        for one, purpose in automating.due(interview):
            automating._announce_to(interview, one, purpose, texts, now=NOW)

    assert automatic.outside(made) == CONFIRMED


@pytest.mark.parametrize(
    ("route", "kinds"),
    [
        (ContactRoute.DIRECT, ["candidate"]),
        (ContactRoute.AGENCY, ["agency"]),
        (ContactRoute.BOTH, ["agency", "candidate"]),
    ],
)
def test_recipients_follow_the_contact_route(people, group, run_jobs, route: str, kinds: list[str]) -> None:
    contact = story.agency(people.company)
    person = story.candidate(
        people.company, agency=contact.agency, agency_contact=contact, contact_route=route, owner=people.baba,
        job=story.job(people.company),
    )  # fmt: skip
    made = automatic.schedule(people, candidate=person)

    run_jobs()

    assert sorted(who for _purpose, who in automatic.outside(made)) == kinds


def test_each_recipient_is_written_to_in_their_language(people, group, run_jobs) -> None:
    person = story.candidate(
        people.company,
        language="en",
        time_zone="Europe/Paris",
        owner=people.baba,
        job=story.job(people.company),
    )
    made = automatic.schedule(people, candidate=person)

    run_jobs()

    (letter,) = Mail.objects.filter(notice__interview=made, receiver="candidate")
    assert letter.language == "en"
    assert "06:00–07:00 CET" in letter.body


# What is left open, and what is not wanted


def test_a_gap_is_a_to_do_and_no_silence(people, group, run_jobs, client_of) -> None:
    automatic.leave_open(group, "confirmation", "candidate")
    made = automatic.schedule(people)

    run_jobs()

    assert automatic.outside(made) == []
    (open_one,) = Withheld.objects.filter(interview=made, settled_at=None)
    assert (open_one.reason, open_one.recipient) == (WhyNot.GAP, "candidate")


def test_no_mail_on_purpose_sends_nothing_and_is_written_down(people, group, run_jobs) -> None:
    automatic.no_mail(group, "confirmation", "candidate", way="in_person")
    made = automatic.schedule(people)

    run_jobs()
    automating.announce.call(interview_id=made.pk)

    assert automatic.outside(made) == []
    (row,) = Withheld.objects.filter(interview=made)
    assert (row.reason, row.settled_at is not None) == (WhyNot.NO_MAIL, True)


def test_a_text_with_a_hole_is_a_to_do(people, group, run_jobs) -> None:
    people.company.contact_phone = ""
    people.company.save()
    made = automatic.schedule(people)

    run_jobs()

    assert automatic.outside(made) == []
    assert Withheld.objects.get(interview=made).reason == WhyNot.HOLES


def test_an_applicant_without_an_address_is_a_to_do(people, group, run_jobs) -> None:
    person = story.candidate(people.company, email="", owner=people.baba, job=story.job(people.company))
    made = automatic.schedule(people, candidate=person)

    run_jobs()

    assert Withheld.objects.get(interview=made).reason == WhyNot.NO_ADDRESS


def test_writing_it_by_hand_settles_the_to_do(people, group, run_jobs) -> None:
    automatic.leave_open(group, "confirmation", "candidate")
    made = automatic.schedule(people)
    run_jobs()

    writing.send(writing.again(made), people)

    assert Withheld.objects.get(interview=made).settled_at == NOW


def test_another_group_leaves_what_it_does_not_say_to_the_default_one(people, group, run_jobs) -> None:
    second = automatic.second_group(people)
    own = Template.objects.get(organization=people.company, sample="ja/confirmation.candidate.url")
    second.items.create(
        purpose="confirmation", receiver="candidate", language="ja", way="in_person", template=own
    )
    made = automatic.schedule(people, template_group=second)

    run_jobs()

    by_receiver = {one.receiver: one.template for one in Mail.objects.filter(notice__interview=made)}
    assert by_receiver["interviewer"].sample == "ja/confirmation.interviewer.in_person"
    # The group's own text is for another way and has a hole here: that is told, not replaced by the default text.
    assert Withheld.objects.get(interview=made).reason == WhyNot.HOLES


def test_a_retired_group_goes_on_with_the_default_one(people, group, run_jobs) -> None:
    second = automatic.second_group(people)
    made = automatic.schedule(people, template_group=second)
    second.retired_at = NOW
    second.save()

    run_jobs()

    assert automatic.outside(made) == CONFIRMED


# Changes


def test_a_move_is_told_to_those_who_hold_the_old_time(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs()

    move(made, people, days=1)
    run_jobs()

    assert automatic.outside(made) == [*CONFIRMED, ("change", "candidate")]
    change = Mail.objects.get(notice__interview=made, receiver="candidate", purpose="change")
    assert "2026年11月24日(火) 14:00〜15:00" in change.body
    assert "2026年11月25日(水) 14:00〜15:00" in change.body


def test_a_move_before_the_confirmation_left_makes_one_letter_with_the_new_time(
    people, group, run_jobs
) -> None:
    made = automatic.schedule(people)
    move(made, people, days=1)

    run_jobs()

    assert automatic.outside(made) == CONFIRMED
    assert "11/25(水) 14:00" in Mail.objects.get(notice__interview=made, receiver="candidate").subject


def test_there_and_back_again_is_told_each_time(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs()

    for days in (1, -1, 1):
        move(made, people, days=days)
        run_jobs()

    assert automatic.outside(made) == [*CONFIRMED, *[("change", "candidate")] * 3]


def test_another_host_is_told_only_when_its_address_exists(people, group) -> None:
    made = automatic.on_zoom(people)
    automatic.issue(made)
    issuing.issue_meeting.call(interview_id=made.pk)
    automating.announce.call(interview_id=made.pk)
    Mail.objects.filter(notice__interview=made).update(sent_at=NOW)
    other = holding.connection(people.aoki)

    scheduling.change_host(again(made), other, by=people.baba, now=NOW)
    automating.announce.call(interview_id=made.pk)
    assert automatic.outside(made) == CONFIRMED

    automatic.issue(made)
    issuing.issue_meeting.call(interview_id=made.pk)
    automating.announce.call(interview_id=made.pk)
    assert automatic.outside(made) == [*CONFIRMED, ("url_change", "candidate")]


def test_a_cancellation_is_told_to_those_who_were_told(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs()

    scheduling.cancel(again(made), by=people.baba, now=NOW)
    run_jobs()

    assert automatic.outside(made) == [*CONFIRMED, ("cancellation", "candidate")]


def test_nobody_hears_of_the_cancellation_of_what_they_never_heard_of(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    scheduling.cancel(again(made), by=people.baba, now=NOW)

    run_jobs()

    assert automatic.outside(made) == []


def test_a_letter_that_failed_is_not_written_again_by_itself(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    run_jobs()
    Mail.objects.filter(notice__interview=made, receiver="candidate").update(sent_at=None, failed_at=NOW)

    automating.announce.call(interview_id=made.pk)

    assert automatic.outside(made) == CONFIRMED


def test_a_letter_that_was_called_back_stays_back(people, group, run_jobs) -> None:
    made = automatic.schedule(people)
    automating.announce.call(interview_id=made.pk)
    letter = Mail.objects.get(notice__interview=made, receiver="candidate")
    recalling.call_back(letter, by=people.baba, now=NOW)

    run_jobs()

    assert automatic.outside(made) == []


# Who has no group of their own


def test_an_interview_that_the_applicant_booked_uses_the_default_group(people, group) -> None:
    job = story.job(people.company)
    made = scheduling.schedule(
        candidate=story.candidate(people.company, job=job), stage=job.stages.first(), starts_at=holding.STARTS,
        minutes=60, interviewers=[], way="phone", by=None, now=NOW,
    )  # fmt: skip

    assert made.template_group == group


def test_an_interview_set_by_a_person_has_the_group_they_chose(people, group) -> None:
    assert automatic.schedule(people, template_group=None).template_group is None


@pytest.mark.parametrize(("way", "count"), [("web", 0), ("phone", 1)])
def test_nobody_looks_for_letters_that_must_wait_for_an_address(people, group, way: str, count: int) -> None:
    desk.host(people.company, people.aoki)

    automatic.schedule(people, way=way, service="zoom" if way == "web" else "", place="")

    path = "mensetsu.interviews.automating.announce"
    assert DBTaskResult.objects.filter(task_path=path).count() == count
