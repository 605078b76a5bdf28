"""A letter that a worker had in hand while the interview changed could not be stopped. When it comes back to wait for
another try it is looked at again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox

from mensetsu.interviews import dispatching, scheduling
from mensetsu.interviews.models import Interview
from mensetsu.mail import delivery, posting
from mensetsu.mail.models import Mail, Problem
from tests.interviews import automatic, holding
from tests.interviews.automatic import NOW
from tests.racing import meanwhile

pytestmark = pytest.mark.django_db

LEAVES = NOW + dispatching.UNDO


@pytest.fixture
def group(people: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    holding.set_clock(monkeypatch, NOW)
    return automatic.group(people)


@pytest.fixture
def in_hand(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], None]], None]:
    """`in_hand(receiver, happens)`: while the first letter to that receiver is in a worker's hand something happens,
    and then the mail server is away."""

    def arrange(receiver: str, happens: Callable[[], None]) -> None:
        really, left = posting.post, [happens]

        def post(mail: Mail, **how: Any) -> None:
            if mail.receiver == receiver and left:
                left.pop()()
                raise posting.LaterPerhaps(Problem.UNREACHABLE)
            really(mail, **how)

        monkeypatch.setattr(posting, "post", post)

    return arrange


def test_a_confirmation_does_not_leave_after_its_interview_was_canceled(
    people, group, in_hand, run_jobs, monkeypatch
) -> None:
    made = automatic.schedule(people)
    in_hand("candidate", lambda: scheduling.cancel(made, reason="", by=people.baba, now=LEAVES))

    holding.set_clock(monkeypatch, LEAVES)
    run_jobs(until=LEAVES + timedelta(hours=1))

    assert ("confirmation", "candidate", "canceled") in automatic.letters(made)
    assert "日程確定" not in "".join(letter.subject for letter in outbox.outbox if "misaki" in letter.to[0])


def test_a_move_stops_what_comes_back_and_tells_the_new_time(
    people, group, in_hand, run_jobs, monkeypatch
) -> None:
    made = automatic.schedule(people)
    later = made.starts_at + timedelta(days=1)
    in_hand(
        "candidate",
        lambda: scheduling.reschedule(made, starts_at=later, minutes=60, by=people.baba, now=LEAVES),
    )

    holding.set_clock(monkeypatch, LEAVES)
    run_jobs(until=LEAVES + timedelta(hours=1))

    assert ("confirmation", "candidate", "canceled") in automatic.letters(made)
    told = [mail.state for mail in Mail.objects.filter(notice__interview=made, notice__told_starts_at=later)]
    assert "sent" in told


def test_a_letter_that_is_still_true_is_tried_again(people, group, in_hand, run_jobs, monkeypatch) -> None:
    made = automatic.schedule(people)
    in_hand("candidate", lambda: None)

    holding.set_clock(monkeypatch, LEAVES)
    run_jobs(until=LEAVES + timedelta(hours=1))

    assert ("confirmation", "candidate", "sent") in automatic.letters(made)


def test_a_letter_taken_up_at_the_very_moment_is_not_called_stopped(
    people, group, run_jobs, monkeypatch
) -> None:
    """The cancellation saw it waiting; before it could be stopped a worker had it in hand. So it left, and whoever
    got it is told of the end."""
    made = automatic.schedule(people)
    run_jobs()
    Mail.objects.filter(receiver="interviewer").update(sent_at=NOW, due_at=NOW)
    waiting = Mail.objects.filter(notice__interview=made, receiver="candidate")

    with meanwhile('UPDATE "mail_mail" SET "canceled_at"', lambda: waiting.update(sending_at=NOW)):
        scheduling.cancel(Interview.objects.get(pk=made.pk), reason="", by=people.baba, now=NOW)
    notice = made.notices.get(mail__receiver="candidate")
    assert (notice.stopped_at, notice.mail.canceled_at) == (None, None)
    waiting.update(sent_at=LEAVES, sending_at=None)

    holding.set_clock(monkeypatch, LEAVES)
    run_jobs(until=LEAVES + dispatching.UNDO)
    assert automatic.outside(made) == [("confirmation", "candidate"), ("cancellation", "candidate")]


def test_what_a_dead_worker_left_behind_is_looked_at_too(people, group, run_jobs, monkeypatch) -> None:
    made = automatic.schedule(people)
    run_jobs()
    waiting = Mail.objects.filter(notice__interview=made, sent_at=None)
    waiting.update(sending_at=NOW)
    scheduling.cancel(Interview.objects.get(pk=made.pk), reason="", by=people.baba, now=NOW)

    holding.set_clock(monkeypatch, NOW + delivery.STUCK_AFTER + timedelta(seconds=1))
    delivery.bring_home.call()

    assert {state for purpose, _who, state in automatic.letters(made) if purpose == "confirmation"} <= {
        "canceled",
        "sent",
    }
    assert ("confirmation", "candidate", "canceled") in automatic.letters(made)
