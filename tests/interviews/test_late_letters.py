"""A letter that leaves later than it was meant to, after retries or a pause of the workers: what it says must be so."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client

from mensetsu.interviews import announcing
from mensetsu.interviews.models import Interview, Notice
from mensetsu.mail import delivery, posting
from mensetsu.mail.models import Mail, Problem, Purpose, Receiver
from tests.interviews import automatic, desk, holding
from tests.interviews.automatic import NOW

pytestmark = pytest.mark.django_db

STARTS = holding.STARTS  # Tuesday, 2026-11-24, 14:00 in Japan
EVE = STARTS - timedelta(hours=20)  # Monday, 18:00
TOMORROW = "明日、面接です。"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    return lambda moment: holding.set_clock(monkeypatch, moment)


@pytest.fixture
def made(people: Any, clock: Any) -> Interview:
    clock(NOW)
    return automatic.schedule(people, template_group=None, interviewers=[])


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """While there is something in it the mail server is away."""
    is_away = [True]
    really = posting.Line.post

    def post(self: Any, *how: Any) -> None:
        if is_away:
            raise posting.LaterPerhaps(Problem.UNREACHABLE)
        really(self, *how)

    monkeypatch.setattr(posting.Line, "post", post)
    return is_away


def write(made: Interview, count: int = 1, *, at: datetime = EVE, **values: Any) -> list[Mail]:
    wanted = {
        "purpose": Purpose.REMINDER, "receiver": Receiver.CANDIDATE, "subject": "面接のご案内", "body": TOMORROW,
        **values,
    }  # fmt: skip
    letters = [
        Mail(
            organization_id=made.organization_id, candidate=made.candidate, language="ja", to_name="佐藤 美咲",
            to_email="misaki@example.com", from_email="saiyo@sample.example.jp", created_at=at,
            message_id=f"<{uuid.uuid4()}@sample.example.jp>", **wanted,
        )
        for _number in range(count)
    ]  # fmt: skip
    delivery.queue_all(letters, by=None, now=at)
    for mail in letters:
        Notice.objects.create(interview=made, mail=mail, told_starts_at=made.starts_at, told_minutes=60)
    return letters


def states() -> list[tuple[str, str]]:
    return [(mail.state, mail.problem) for mail in Mail.objects.order_by("id")]


def test_a_retry_after_the_interview_has_begun_does_not_leave_and_is_seen(
    made: Interview, clock: Any, away: list, run_jobs: Any, people: Any, client_of: Callable[[Any], Client]
) -> None:
    clock(EVE)
    (mail,) = write(made)
    run_jobs(until=EVE)
    away.clear()

    clock(STARTS + timedelta(hours=3))
    run_jobs(until=STARTS + timedelta(hours=3))

    assert (outbox.outbox, states()) == ([], [("failed", "overdue")])
    baba = client_of(people.baba)
    assert "面接の開始時刻を過ぎたため、送信しませんでした" in desk.text(baba.get("/"))
    page = desk.text(baba.get(f"/interviews/mails/{mail.pk}/"))
    assert "面接の開始時刻を過ぎたため、送信しませんでした" in page
    assert "もう一度送信" not in page
    assert "対応済みにする" in page


@pytest.mark.parametrize("count", [1, 3])
def test_after_a_pause_of_the_workers_nothing_false_leaves(
    made: Interview, clock: Any, run_jobs: Any, count: int
) -> None:
    clock(EVE)
    write(made, count)

    clock(STARTS + timedelta(hours=3))
    run_jobs(until=STARTS + timedelta(hours=3))

    assert (outbox.outbox, states()) == ([], [("failed", "overdue")] * count)


def test_tomorrow_does_not_leave_on_another_day(
    made: Interview, clock: Any, away: list, run_jobs: Any, people: Any, client_of: Callable[[Any], Client]
) -> None:
    """Nor when it waited for retries: what counts is the day for which it was written."""
    clock(EVE)
    (mail,) = write(made)
    run_jobs(until=EVE)
    clock(EVE + timedelta(hours=8))
    run_jobs(until=EVE + timedelta(hours=8))

    assert (outbox.outbox, states()) == ([], [("failed", "late_words")])
    page = desk.soup(client_of(people.baba).get(f"/interviews/mails/{mail.pk}/"))
    assert "文中の「本日」「明日」が実際の日と合わなくなった" in page.get_text()
    assert page.find("a", href=f"/interviews/{made.pk}/mails/new/?purpose=reminder&to=candidate-ja")


def test_on_the_same_day_and_without_such_words_it_leaves(
    made: Interview, clock: Any, away: list, run_jobs: Any
) -> None:
    clock(EVE)
    write(made)
    run_jobs(until=EVE)
    away.clear()
    clock(EVE + timedelta(hours=1))
    run_jobs(until=EVE + timedelta(hours=1))
    assert states() == [("sent", "")]

    write(made, 2, at=EVE, body="11月24日 14:00からです。")
    clock(EVE + timedelta(hours=8))
    run_jobs(until=EVE + timedelta(hours=8))
    assert states() == [("sent", "")] * 3


@pytest.mark.parametrize("purpose", [Purpose.CANCELLATION, Purpose.RECEIPT, Purpose.OTHER])
def test_what_stays_true_leaves_late(made: Interview, clock: Any, run_jobs: Any, purpose: str) -> None:
    clock(EVE)
    write(made, purpose=purpose)

    clock(STARTS + timedelta(hours=3))
    run_jobs(until=STARTS + timedelta(hours=3))

    assert states() == [("sent", "")]


def test_a_letter_about_no_interview_is_not_held_back(made: Interview, clock: Any, run_jobs: Any) -> None:
    clock(EVE)
    write(made, 2)
    Notice.objects.all().delete()

    clock(STARTS + timedelta(hours=3))
    run_jobs(until=STARTS + timedelta(hours=3))

    assert states() == [("sent", "")] * 2


def test_what_came_too_late_is_not_sent_again_by_hand_either(
    made: Interview, people: Any, clock: Any, run_jobs: Any
) -> None:
    clock(EVE)
    (mail,) = write(made)
    clock(STARTS + timedelta(hours=3))
    run_jobs(until=STARTS + timedelta(hours=3))
    mail.refresh_from_db()

    with pytest.raises(announcing.OutOfDate):
        announcing.resend(mail, by=people.baba, now=STARTS + timedelta(hours=3))


def test_who_takes_it_up_at_the_very_moment_decides(made: Interview, clock: Any, run_jobs: Any) -> None:
    """Another worker has it in hand by now: it is not called failed."""
    clock(EVE)
    (mail,) = write(made)
    clock(STARTS + timedelta(hours=3))
    Mail.objects.update(sending_at=STARTS)

    delivery.deliver.call(mail_id=mail.pk)

    assert states() == [("queued", "")]
