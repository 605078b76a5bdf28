"""A notice is a job row first; then one plain-text mail in its reader's language and on their clock."""

import smtplib
from datetime import UTC, datetime
from email.header import decode_header, make_header
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from mensetsu.notices import sending

CHANGED = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def queue(language: str = "ja", **changes: Any) -> None:
    values: dict[str, Any] = {
        "email": "aoki@sample.example.jp",
        "to_name": "青木 葵",
        "language": language,
        "time_zone": "Asia/Tokyo",
        "context": {"company": "株式会社サンプル", "changed_at": CHANGED},
    }
    sending.deliver("password_changed", **{**values, **changes})


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
    queue(language, time_zone=zone)
    run_jobs()

    sent = mailoutbox[0]
    assert sent.subject == subject
    assert sentence in sent.body.splitlines()
    assert "http://testserver/password/reset/" in sent.body.splitlines()


def test_names_are_plain_text_and_never_markup(db: None, mailoutbox: list, run_jobs: Any) -> None:
    queue(to_name="R&D <b>室</b>")
    run_jobs()

    assert mailoutbox[0].body.startswith("R&D <b>室</b> 様\n")


def test_a_japanese_name_travels_in_the_address(db: None, mailoutbox: list, run_jobs: Any) -> None:
    queue(to_name="髙橋 﨑太郎")
    run_jobs()

    to = mailoutbox[0].message()["To"]
    assert str(make_header(decode_header(to))) == "髙橋 﨑太郎 <aoki@sample.example.jp>"


@pytest.mark.parametrize(
    "name", ["青木\r\nBcc: x@evil.example", "Aoki\nBcc: x@evil.example", "A\u2028B\x00C"]
)
def test_a_name_cannot_add_headers(db: None, mailoutbox: list, run_jobs: Any, name: str) -> None:
    queue(to_name=name)
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
    queue()

    with pytest.raises(sending.Undeliverable):
        run_jobs()

    assert [row.status for row in DBTaskResult.objects.all()] == ["FAILED"]


def test_a_busy_server_is_tried_again_later(db: None, settings: Any, run_jobs: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Busy"
    queue()

    run_jobs()

    waiting = DBTaskResult.objects.get(status="READY")
    assert waiting.args_kwargs["kwargs"]["_attempt"] == 2


def test_an_unknown_notice_is_an_error_for_us_not_an_empty_mail(
    people: SimpleNamespace, mailoutbox: list
) -> None:
    with pytest.raises(Exception, match=r"notices/nonsense/subject\.txt"):
        sending.send(
            "nonsense", email="a@b.example", to_name="A", language="ja", time_zone="Asia/Tokyo", context={}
        )
    assert mailoutbox == []
