"""After a restore nothing leaves a second time: what was to be sent stands where people look."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.booking import settling
from mensetsu.booking.models import Invitation
from mensetsu.interviews import automating, dispatching, reminding, scheduling
from mensetsu.interviews.models import Interview, Reminder, WhyNot, Withheld
from mensetsu.mail import delivery
from mensetsu.mail.models import Mail, Problem, Purpose
from mensetsu.notices import sending
from mensetsu.notices.models import OutgoingNotice
from mensetsu.operating import withholding
from tests.booking import office as booking_office
from tests.interviews import automatic, holding
from tests.interviews.automatic import NOW
from tests.interviews.reminded import EVE, come, of

pytestmark = pytest.mark.django_db
LATER = NOW + dispatching.UNDO + timedelta(hours=1)


@pytest.fixture
def group(people: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    holding.set_clock(monkeypatch, NOW)
    return automatic.group(people)


def restored(now: Any = LATER) -> withholding.Withheld:
    """The database is as it was at NOW; that many hours later it has been put back."""
    return withholding.withhold(until=now, now=now)


def letters_to(made: Interview, receiver: str = "candidate") -> list[Mail]:
    return list(Mail.objects.filter(notice__interview=made, receiver=receiver))


# --- letters --------------------------------------------------------------------------------------------------------


def test_a_letter_that_waited_fails_in_words_and_is_sent_again_by_a_press(
    people: Any, group: Any, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    made = automatic.schedule(people)
    automating.announce.call(interview_id=made.pk)
    [letter] = letters_to(made)

    found = restored()

    run_jobs(until=LATER + timedelta(days=2))
    letter.refresh_from_db()
    assert (letter.state, letter.problem) == ("failed", Problem.RESTORED)
    assert [mail.to for mail in mailoutbox if "misaki" in mail.to[0]] == []
    assert found.letters == Mail.objects.filter(problem=Problem.RESTORED).count() > 0
    assert letter in Mail.objects.visible_to(people.baba).troubled()
    again = delivery.resend(letter, by=people.baba, now=LATER)
    delivery.deliver.call(mail_id=again.pk)
    again.refresh_from_db()
    assert again.state == "sent"


def test_a_letter_that_is_to_leave_later_leaves_at_its_time(people: Any, group: Any, run_jobs: Any) -> None:
    made = automatic.schedule(people)
    automating.announce.call(interview_id=made.pk)
    [letter] = letters_to(made)
    Mail.objects.filter(pk=letter.pk).update(due_at=LATER + timedelta(minutes=1))

    restored()

    letter.refresh_from_db()
    assert letter.state == "queued"


def test_nothing_is_written_in_its_place(people: Any, group: Any, run_jobs: Any) -> None:
    made = automatic.schedule(people)
    automating.announce.call(interview_id=made.pk)

    restored()
    automating.announce.call(interview_id=made.pk)

    assert len(letters_to(made)) == 1


def test_the_letters_page_says_to_ask_first(
    people: Any, group: Any, client_of: Callable[[Any], Client]
) -> None:
    made = automatic.schedule(people)
    automating.announce.call(interview_id=made.pk)
    restored()
    [letter] = letters_to(made)

    reader = client_of(people.baba)
    page = reader.get(reverse("interviews:mail", args=[letter.pk])).content.decode()

    assert "バックアップから復元したため" in page
    assert "もう一度送信する前に" in page
    assert reverse("interviews:mail", args=[letter.pk]) in reader.get("/").content.decode()


# --- letters that were about to write themselves --------------------------------------------------------------------


def test_a_letter_that_was_about_to_write_itself_is_left_to_people(
    people: Any, group: Any, run_jobs: Any
) -> None:
    made = automatic.schedule(people)  # its job waits

    found = restored()

    run_jobs(until=LATER)
    assert letters_to(made) == []
    assert found.unwritten == 1
    row = Withheld.objects.get(interview=made, receiver="candidate")
    assert (row.reason, row.purpose, row.settled_at) == (WhyNot.RESTORED, Purpose.CONFIRMATION, None)


def test_also_where_the_meeting_was_still_being_made(people: Any, group: Any, run_jobs: Any) -> None:
    made = automatic.on_zoom(people)
    DBTaskResult.objects.all().delete()

    found = restored()

    automatic.issue(made)
    automating.announce.call(interview_id=made.pk)
    assert (found.unwritten, letters_to(made)) == (1, [])


def test_when_the_interview_changes_afterwards_the_product_writes_again(
    people: Any, group: Any, run_jobs: Any
) -> None:
    made = automatic.schedule(people)
    restored()
    made = Interview.objects.get(pk=made.pk)

    starts_at = made.starts_at + timedelta(hours=1)
    scheduling.reschedule(made, starts_at=starts_at, minutes=60, by=people.baba, now=LATER)
    automating.announce.call(interview_id=made.pk)

    assert len(letters_to(made)) == 1
    assert not Withheld.objects.filter(interview=made, receiver="candidate", settled_at=None).exists()


def test_what_people_know_of_already_and_what_they_write_by_hand_stays_as_it_is(
    people: Any, group: Any
) -> None:
    made, by_hand = automatic.schedule(people), automatic.on_zoom(people, template_group=None)
    one = next(one for one, _purpose in automating.due(Interview.objects.with_facts().get(pk=made.pk)))
    dispatching.withhold(made, one, purpose=Purpose.CONFIRMATION, reason=WhyNot.GAP, now=NOW)

    found = restored()

    assert found.unwritten == 0
    assert Withheld.objects.get(interview=made).reason == WhyNot.GAP
    assert not Withheld.objects.filter(interview=by_hand).exists()


# --- reminders ------------------------------------------------------------------------------------------------------


@pytest.fixture
def told(people: Any, group: Any, run_jobs: Any) -> Interview:
    """Everybody was told, and the reminders are planned."""
    made = automatic.schedule(people)
    run_jobs(until=NOW + dispatching.UNDO)
    return made


def test_a_reminder_that_was_due_is_left_to_people(told: Interview, monkeypatch: pytest.MonkeyPatch) -> None:
    restored(EVE)
    come(monkeypatch, EVE + timedelta(minutes=1))

    row = of(told)
    assert (row.outcome, row.reason, row.mail) == ("skipped", WhyNot.RESTORED, None)
    withheld = Withheld.objects.get(interview=told, receiver="candidate")
    assert (withheld.purpose, withheld.reason) == (Purpose.REMINDER, WhyNot.RESTORED)


def test_one_that_is_due_later_leaves(told: Interview, monkeypatch: pytest.MonkeyPatch) -> None:
    restored(EVE - timedelta(minutes=1))
    come(monkeypatch, EVE)

    assert of(told).outcome == "sent"


@pytest.mark.parametrize("passed", [timedelta(0), timedelta(days=1)])
def test_one_that_would_not_have_left_is_nobodys_task(told: Interview, passed: timedelta) -> None:
    """The interview has begun meanwhile, or its interviewer is not meant any more."""
    told.interviewers.all().delete()
    found = restored(told.starts_at + passed)

    assert found.reminders == 0
    assert not Withheld.objects.filter(interview=told).exists()
    assert not Reminder.objects.waiting().filter(interview=told).exists()
    reminding.send_due.call()


# --- deadlines ------------------------------------------------------------------------------------------------------


def test_the_notice_before_a_deadline_is_left_to_people(people: SimpleNamespace) -> None:
    world = booking_office.furnish(people)
    Invitation.objects.filter(pk=world.invitation.pk).update(
        answer_by=world.now + timedelta(hours=20), created_at=world.now - timedelta(days=3)
    )

    found = restored(world.now)

    assert (found.reminders, settling.remind(world.now)) == (1, 0)
    assert Invitation.objects.get(pk=world.invitation.pk).unreminded == WhyNot.RESTORED


def test_nobody_is_told_again_of_a_deadline_that_has_passed(people: SimpleNamespace) -> None:
    world = booking_office.furnish(people)
    Invitation.objects.filter(pk=world.invitation.pk).update(answer_by=world.now - timedelta(minutes=1))
    OutgoingNotice.objects.all().delete()

    restored(world.now)
    settling.settle(world.now)

    assert Invitation.objects.get(pk=world.invitation.pk).settled_at == world.now
    assert not OutgoingNotice.objects.waiting().exists()


# --- notices --------------------------------------------------------------------------------------------------------


def test_notices_to_colleagues_wait_for_a_person_and_do_not_leave(
    people: Any, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    sending.deliver("interview_moved", to=people.doi)

    found = restored(timezone.now())
    run_jobs(until=timezone.now() + timedelta(days=2))

    assert (found.notices, mailoutbox) == (1, [])
    [notice] = OutgoingNotice.objects.troubled()
    assert (notice.state, notice.problem, notice.user_id) == ("uncertain", "restored", people.doi.pk)


def test_what_an_older_release_queued_for_colleagues_is_dropped_and_other_work_goes_on(people: Any) -> None:
    now = timezone.now()
    sending.send_notice.enqueue(name="now")
    sending.send_notice.using(run_after=now + timedelta(hours=2)).enqueue(name="later")
    DBTaskResult.objects.create(
        task_path=sending.send_notice.module_path, status="RUNNING", args_kwargs={"args": [], "kwargs": {}},
        backend_name="default",
    )  # fmt: skip
    reminding.send_due.enqueue()

    found = restored(now + timedelta(hours=1))

    assert found.notices == 2
    left = {(row.task_path, row.args_kwargs["kwargs"].get("name")) for row in DBTaskResult.objects.all()}
    assert left == {(sending.send_notice.module_path, "later"), (reminding.send_due.module_path, None)}
