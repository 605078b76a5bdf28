"""A notice is a row first; then one plain-text mail in its reader's language and on their clock, at most once."""

import smtplib
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.jobs import outside
from mensetsu.notices import handing, sending
from mensetsu.notices.models import OutgoingNotice, Problem
from tests.mail import servers
from tests.racing import meanwhile

CHANGED = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


@dataclass
class Reader:
    """As much of a user as a notice needs."""

    name: str = "青木 葵"
    language: str = "ja"
    time_zone: str = "Asia/Tokyo"
    email: str = "aoki@sample.example.jp"
    pk: int = 7
    organization_id: int = 3

    def name_in(self, language: str) -> str:
        return self.name


def queue(kind: str = "password_changed", **reader: Any) -> OutgoingNotice:
    context = {"company": "株式会社サンプル", "changed_at": CHANGED}
    sending.deliver(kind, to=Reader(**reader), context=context)
    return OutgoingNotice.objects.order_by("created_at").last()


def again(notice: OutgoingNotice) -> OutgoingNotice:
    return OutgoingNotice.objects.get(pk=notice.pk)


class Refusing(BaseEmailBackend):
    """A mail server that says no to the recipient."""

    code = 550

    def send_messages(self, messages: list[mail.EmailMessage]) -> int:
        raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (self.code, b"no such user")})


class Busy(Refusing):
    code = 451


def test_nothing_leaves_before_the_job_runs(db: None, mailoutbox: list, run_jobs: Any) -> None:
    queue()
    assert mailoutbox == []

    run_jobs()

    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_fact_leaves_no_notice() -> None:
    with pytest.raises(LookupError), transaction.atomic():
        queue()
        raise LookupError

    assert DBTaskResult.objects.count() == 0


@pytest.mark.parametrize(
    ("language", "zone", "subject", "sentence"),
    [
        (
            "ja",
            "Asia/Tokyo",
            "【Mensetsu】パスワードが変更されました",
            "2026年11月24日(火) 14:00に、パスワードが変更されました。",
        ),
        (
            "en",
            "Europe/London",
            "Your Mensetsu password was changed",
            "Your password was changed on Tue, Nov 24, 2026, 05:00 GMT.",
        ),
    ],
)
def test_the_text_is_in_the_readers_language_and_zone(
    db: None, mailoutbox: list, run_jobs: Any, language: str, zone: str, subject: str, sentence: str
) -> None:
    queue(language=language, time_zone=zone)
    run_jobs()

    sent = mailoutbox[0]
    assert sent.subject == subject
    assert sentence in sent.body.splitlines()
    assert "http://testserver/password/reset/" in sent.body.splitlines()


def test_names_are_plain_text_and_never_markup(db: None, mailoutbox: list, run_jobs: Any) -> None:
    queue(name="R&D <b>室</b>")
    run_jobs()

    assert mailoutbox[0].body.startswith("R&D <b>室</b> 様\n")


def test_a_japanese_name_travels_in_the_address(db: None, mailoutbox: list, run_jobs: Any) -> None:
    queue(name="髙橋 﨑太郎")
    run_jobs()

    to = mailoutbox[0].message()["To"]
    assert str(make_header(decode_header(to))) == "髙橋 﨑太郎 <aoki@sample.example.jp>"


@pytest.mark.parametrize(
    "name", ["青木\r\nBcc: x@evil.example", "Aoki\nBcc: x@evil.example", "A\u2028B\x00C"]
)
def test_a_name_cannot_add_headers(db: None, mailoutbox: list, run_jobs: Any, name: str) -> None:
    queue(name=name)
    run_jobs()

    message = mailoutbox[0].message()
    assert message["Bcc"] is None
    assert mailoutbox[0].recipients() == mailoutbox[0].to
    assert len(message.get_all("To")) == 1


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("  a\r\n b \n", "a b"),
        ("株式会社　サンプル", "株式会社　サンプル"),
        ("a\x85b\u2029c\x1cd", "a b c d"),
        ("", ""),
    ],
)
def test_one_line(typed: str, line: str) -> None:
    assert sending.one_line(typed) == line


def test_machines_are_told_not_to_answer(db: None, mailoutbox: list, run_jobs: Any) -> None:
    queue()
    run_jobs()

    assert mailoutbox[0].message()["Auto-Submitted"] == "auto-generated"


def test_a_refused_address_is_not_tried_again(db: None, settings: Any, run_jobs: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    notice = queue()

    run_jobs()

    notice = again(notice)
    assert (notice.state, notice.problem, notice.problem_detail) == (
        "failed", Problem.BAD_RECIPIENT, "550 no such user",
    )  # fmt: skip
    assert not DBTaskResult.objects.filter(status="READY").exists()


def test_a_busy_server_is_tried_again_later_and_not_for_ever(db: None, settings: Any, run_jobs: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Busy"
    notice = queue()

    run_jobs()
    assert (again(notice).state, again(notice).attempts, again(notice).problem) == ("queued", 1, "temporary")

    for days in range(1, 12):
        run_jobs(until=timezone.now() + timedelta(days=days))
    assert (again(notice).state, again(notice).attempts) == ("failed", handing.MAX_ATTEMPTS)


def test_what_it_said_is_forgotten_once_it_was_sent(db: None, mailoutbox: list, run_jobs: Any) -> None:
    notice = queue()
    assert again(notice).context["company"] == "株式会社サンプル"

    run_jobs()

    assert (again(notice).state, again(notice).context) == ("sent", {})


def test_one_that_a_server_took_without_answering_waits_for_a_person(
    db: None, settings: Any, run_jobs: Any
) -> None:
    with closing(servers.DyingServer("text")) as dying:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", dying.port, 1
        notice = queue()
        run_jobs()
        run_jobs(until=timezone.now() + timedelta(days=3))
        assert dying.texts == 1

    assert again(notice).state == "uncertain"
    assert again(notice).handed_at is not None


def test_a_failed_one_is_sent_again_once_to_the_address_of_today(
    db: None, settings: Any, mailoutbox: list, run_jobs: Any
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    notice = queue()
    run_jobs()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    sending.send_again(notice, to=Reader(email="new@sample.example.jp"), now=timezone.now())
    with pytest.raises(sending.NotFailed):
        sending.send_again(notice, to=Reader(), now=timezone.now())
    run_jobs()

    assert [letter.to[0] for letter in mailoutbox] == ["=?utf-8?b?6Z2S5pyoIOiRtQ==?= <new@sample.example.jp>"]
    assert mailoutbox[0].extra_headers["Message-ID"].startswith(f"<{notice.pk.hex}@")
    assert (again(notice).state, again(notice).problem) == ("sent", "")


def test_a_settled_one_needs_nobody_any_more(db: None, settings: Any, run_jobs: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    notice = queue()
    run_jobs()

    assert sending.settle(notice, now=timezone.now())
    assert not sending.settle(notice, now=timezone.now())
    assert not OutgoingNotice.objects.troubled().exists()
    assert again(notice).context == {}


def test_what_a_dead_worker_left_behind(db: None, mailoutbox: list, run_jobs: Any) -> None:
    """Handed over: a person is asked. Not handed over, or its job lost: it begins again, once."""
    handed, claimed, forgotten, fresh = (queue() for _ in range(4))
    DBTaskResult.objects.all().delete()
    long_ago = timezone.now() - handing.STUCK_AFTER - timedelta(seconds=1)
    OutgoingNotice.objects.filter(pk=handed.pk).update(sending_at=long_ago, handed_at=long_ago)
    OutgoingNotice.objects.filter(pk=claimed.pk).update(sending_at=long_ago)
    OutgoingNotice.objects.filter(pk=forgotten.pk).update(due_at=long_ago)

    sending.bring_home.call()
    run_jobs()

    assert [again(one).state for one in (handed, claimed, forgotten, fresh)] == [
        "uncertain", "sent", "sent", "queued",
    ]  # fmt: skip
    assert len(mailoutbox) == 2


def test_one_that_another_worker_brought_home_is_left_to_it(db: None) -> None:
    notice = queue()
    DBTaskResult.objects.all().delete()
    OutgoingNotice.objects.update(sending_at=timezone.now() - timedelta(hours=1))

    with meanwhile(
        'UPDATE "notices_outgoingnotice" SET "sending_at" = NULL',
        lambda: OutgoingNotice.objects.update(sending_at=timezone.now()),
    ):
        sending.bring_home.call()

    assert not DBTaskResult.objects.exists()
    assert again(notice).sending_at is not None


def test_a_claimed_one_is_in_nobody_elses_hand(db: None, mailoutbox: list, run_jobs: Any) -> None:
    OutgoingNotice.objects.filter(pk=queue().pk).update(sending_at=timezone.now())

    run_jobs()

    assert mailoutbox == []


def test_who_is_slow_to_say_that_it_failed_changes_nothing(db: None, mailoutbox: list, run_jobs: Any) -> None:
    notice = queue()
    run_jobs()

    sending._fail(notice, Problem.UNCERTAIN, "", timezone.now())

    assert again(notice).state == "sent"


def test_old_rows_go(db: None) -> None:
    old, new = queue(), queue()
    OutgoingNotice.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=91))

    sending.forget_old.call()

    assert list(OutgoingNotice.objects.all()) == [new]


def test_an_unknown_notice_is_an_error_for_us_not_an_empty_mail(
    db: None, mailoutbox: list, run_jobs: Any, caplog: pytest.LogCaptureFixture
) -> None:
    notice = queue("nonsense")

    run_jobs()

    assert mailoutbox == []
    assert (again(notice).state, again(notice).problem) == ("failed", Problem.BAD_MESSAGE)
    assert "notices/nonsense/subject.txt" in caplog.text


class Surprising(BaseEmailBackend):
    """Takes the text, and then something happens that nobody has foreseen."""

    def send_messages(self, messages: list[mail.EmailMessage]) -> int:
        raise LookupError


def test_a_surprise_after_the_handing_over_is_uncertain(db: None, settings: Any, run_jobs: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Surprising"
    notice = queue()

    run_jobs()

    assert again(notice).state == "uncertain"


def test_a_lost_database_says_nothing_about_the_notice(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Surprising"
    monkeypatch.setattr(outside, "is_database_lost", lambda problem: True)
    notice = queue()

    sending.send_one.call(notice_id=str(notice.pk))

    assert again(notice).state == "queued"
    assert again(notice).sending_at is not None


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`keeper(refusal)`: the room that writes the notices says so right before one leaves; answers what it hears."""
    monkeypatch.setattr(sending, "_KEEPERS", {})
    heard: list[str] = []

    def arrange(refusal: type[Exception]) -> list[str]:
        def prepare(notice: OutgoingNotice, now: datetime) -> dict[str, Any]:
            raise refusal

        def failed(notice: OutgoingNotice, now: datetime) -> None:
            heard.append(notice.problem)

        sending.keep("password_changed", sending.Keeper(prepare=prepare, failed=failed))
        return heard

    return arrange


@pytest.mark.parametrize(
    ("refusal", "state", "told"),
    [(sending.NotWanted, "dropped", []), (sending.Overdue, "failed", ["overdue"])],
)
def test_what_is_not_to_leave_any_more(
    db: None, keeper: Any, mailoutbox: list, run_jobs: Any, refusal: type[Exception], state: str, told: list
) -> None:
    heard = keeper(refusal)
    notice = queue()

    run_jobs()

    assert (mailoutbox, again(notice).state, heard) == ([], state, told)


def test_it_is_late_after_a_first_try_and_after_a_pause_of_the_workers(db: None) -> None:
    notice = queue()
    now = notice.due_at

    assert not sending.is_late(notice, now + timedelta(minutes=4))
    assert sending.is_late(notice, now + timedelta(minutes=6))
    notice.attempts = 2
    assert sending.is_late(notice, now)


def test_a_job_of_the_release_before_sends_once_however_often_it_runs(
    db: None, mailoutbox: list, run_jobs: Any
) -> None:
    told = {
        "name": "password_changed", "email": "aoki@sample.example.jp", "to_name": "青木 葵", "language": "ja",
        "time_zone": "Asia/Tokyo", "context": {"company": "サンプル", "changed_at": CHANGED.isoformat()},
    }  # fmt: skip

    sending.send_notice.call(**told)
    sending.send_notice.call(**told)
    run_jobs()

    assert len(mailoutbox) == 1
