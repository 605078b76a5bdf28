"""Letters on their way, over real sockets."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from demo.ports import reserve_port
from mensetsu.history.models import Entry
from mensetsu.mail import composing, delivery
from mensetsu.mail.models import Mail, Problem
from tests import story
from tests.mail import servers

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(people: Any, settings: Any) -> Any:
    """`letter(to_email=…, …)`: a queued mail to the applicant."""
    candidate = story.candidate(people.company)

    def write(**values: Any) -> Mail:
        now = timezone.now()
        queue_at = values.pop("due_at", None)
        source = {"subject": values.pop("subject", "面接のご案内"), "body": values.pop("body", "本文です。")}
        text = composing.preview(**source, values={}, names=composing.tags.Names({}))
        values.setdefault("to_name", "佐藤 美咲")
        values.setdefault("to_email", "misaki@example.com")
        mail = composing.compose(
            text, organization=people.company, candidate=candidate, purpose="confirmation",
            receiver="candidate", language="ja", sender=people.baba, now=now, **values,
        )  # fmt: skip
        return delivery.queue(mail, by=people.baba, now=now, due_at=queue_at)

    return write


@pytest.fixture
def server(settings: Any) -> Iterator[servers.Behavior]:
    behavior = servers.Behavior()
    with servers.smtp_server(behavior) as port:
        _use(settings, port)
        yield behavior


def _use(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 1


@pytest.fixture
def dying_server(settings: Any) -> Iterator[Any]:
    made = []

    def start(at: str) -> servers.DyingServer:
        made.append(servers.DyingServer(at))
        _use(settings, made[-1].port)
        return made[-1]

    yield start
    for one in made:
        one.close()


def _again(mail: Mail) -> Mail:
    return Mail.objects.get(pk=mail.pk)


def test_a_letter_arrives_as_it_was_written(letter, server, run_jobs) -> None:
    mail = letter(
        to_name="髙橋 﨑太郎",
        subject="【株式会社サンプル】一次面接（WEB）日程確定のご案内 ～ ①㈱𠮷",
        body="髙橋 様\n\n本文",
    )

    run_jobs()

    (arrived,) = server.inbox
    assert arrived["Subject"] == "【株式会社サンプル】一次面接（WEB）日程確定のご案内 ～ ①㈱𠮷"
    assert arrived["To"].addresses[0].display_name == "髙橋 﨑太郎 様"
    assert arrived["From"].addresses[0].display_name == "株式会社サンプル"
    assert arrived["From"].addresses[0].addr_spec == "saiyo@sample.example.jp"
    assert arrived["Reply-To"] == "baba@sample.example.jp"
    assert arrived["Message-ID"] == mail.message_id
    assert arrived.get_content() == "髙橋 様\r\n\r\n本文\r\n"
    assert arrived.get_content_charset() == "utf-8"
    assert _again(mail).state == "sent"


def test_a_very_long_subject_is_folded_and_arrives_whole(letter, server, run_jobs) -> None:
    subject = "【株式会社とてもとても長い名前のサンプルホールディングス】" * 8
    mail = letter(subject=subject)

    run_jobs()

    assert server.inbox[0]["Subject"] == mail.subject == subject[:250]


def test_a_carrier_address_with_two_dots_is_written_in_quotes(letter, server, run_jobs) -> None:
    mail = letter(to_email='"a..b"@docomo.ne.jp')

    run_jobs()

    assert _again(mail).state == "sent"
    assert server.inbox[0]["To"].addresses[0].domain == "docomo.ne.jp"


def test_names_and_subjects_cannot_begin_a_header_of_their_own(letter, server, run_jobs) -> None:
    letter(to_name="佐藤\r\nBcc: spy@example.com", subject="件名\nBcc: spy@example.com")

    run_jobs()

    (arrived,) = server.inbox
    assert arrived["Bcc"] is None
    assert arrived["Subject"] == "件名 Bcc: spy@example.com"
    assert [a.addr_spec for a in arrived["To"].addresses] == ["misaki@example.com"]


def test_a_calendar_file_travels_along(letter, server, run_jobs) -> None:
    calendar = {
        "name": "invite.ics",
        "type": "text/calendar; charset=utf-8; method=PUBLISH",
        "text": "BEGIN:面接",
    }
    letter(attachments=[calendar])

    run_jobs()

    (part,) = list(server.inbox[0].iter_attachments())
    assert (part.get_content_type(), part.get_param("method"), part.get_filename()) == (
        "text/calendar",
        "PUBLISH",
        "invite.ics",
    )
    assert part.get_content().strip() == "BEGIN:面接"


def test_one_refused_recipient_never_blocks_the_other(letter, server, run_jobs) -> None:
    server.refuse_to["gone@example.com"] = "550 5.1.1 No such user"
    gone, there = letter(to_email="gone@example.com"), letter(to_email="there@example.com")

    run_jobs()

    failed = _again(gone)
    assert (failed.state, failed.problem, failed.problem_detail) == (
        "failed",
        Problem.BAD_RECIPIENT,
        "550 5.1.1 No such user",
    )
    assert _again(there).state == "sent"
    assert len(server.inbox) == 1


def test_a_refused_text_fails_with_the_servers_words(letter, server, run_jobs) -> None:
    server.refuse_text = "554 5.7.1 Looks like spam"
    mail = letter()

    run_jobs()

    assert (_again(mail).problem, _again(mail).problem_detail) == (
        Problem.BAD_MESSAGE,
        "554 5.7.1 Looks like spam",
    )


@pytest.mark.parametrize("where", ["recipient", "text"])
def test_a_busy_server_is_asked_again_later(letter, server, run_jobs, where: str) -> None:
    if where == "recipient":
        server.refuse_to["misaki@example.com"] = "451 4.3.0 Try later"
    else:
        server.refuse_text = "452 4.2.2 Mailbox full"
    mail = letter()
    run_jobs()
    waiting = _again(mail)
    assert (waiting.state, waiting.problem, waiting.attempts) == ("queued", Problem.TEMPORARY, 1)
    assert waiting.due_at > timezone.now() + timedelta(seconds=30)

    server.refuse_to.clear()
    server.refuse_text = ""
    run_jobs(until=waiting.due_at + timedelta(seconds=1))

    sent = _again(mail)
    assert (sent.state, sent.attempts, sent.problem) == ("sent", 2, "")
    assert len(server.inbox) == 1


def test_a_server_that_is_away_is_tried_eight_times_and_then_a_person_is_told(
    letter, settings, run_jobs
) -> None:
    _use(settings, reserve_port())
    mail = letter()

    run_jobs(until=timezone.now() + timedelta(days=2))

    failed = _again(mail)
    assert (failed.state, failed.attempts, failed.problem) == ("failed", 8, Problem.UNREACHABLE)


@pytest.mark.parametrize("moment", ["greeting", "silence"])
def test_a_server_that_dies_before_the_text_is_tried_again(
    letter, dying_server, run_jobs, moment: str
) -> None:
    dying_server(moment)
    mail = letter()

    run_jobs()

    waiting = _again(mail)
    assert (waiting.state, waiting.problem, waiting.handed_at) == ("queued", Problem.UNREACHABLE, None)


def test_a_server_that_dies_with_the_text_in_hand_is_never_asked_twice(
    letter, dying_server, run_jobs
) -> None:
    server = dying_server("text")
    mail = letter()

    run_jobs(until=timezone.now() + timedelta(days=2))

    failed = _again(mail)
    assert (failed.state, failed.problem) == ("failed", Problem.UNCERTAIN)
    assert server.texts == 1


def test_a_delivered_letter_is_not_sent_again_by_a_second_job(letter, server, run_jobs) -> None:
    mail = letter()
    delivery.deliver.enqueue(mail_id=mail.pk)

    run_jobs()

    assert len(server.inbox) == 1


def test_undo_keeps_a_letter_from_leaving(letter, server, run_jobs, people) -> None:
    mail = letter(due_at=timezone.now() + timedelta(seconds=20))

    delivery.undo(mail, by=people.baba, now=timezone.now())

    run_jobs(until=timezone.now() + timedelta(minutes=1))
    assert _again(mail).state == "canceled"
    assert server.attempts == 0


def test_a_letter_that_has_left_cannot_be_called_back(letter, server, run_jobs, people) -> None:
    mail = letter()
    run_jobs()

    with pytest.raises(delivery.AlreadyLeft):
        delivery.undo(mail, by=people.baba, now=timezone.now())
    assert _again(mail).state == "sent"


def test_a_failed_letter_is_sent_again_to_a_corrected_address(letter, server, run_jobs, people) -> None:
    server.refuse_to["misaki@exmaple.com"] = "550 no"
    failed = letter(to_email="misaki@exmaple.com")
    run_jobs()

    copy = delivery.resend(_again(failed), by=people.baba, now=timezone.now(), to_email="misaki@example.com")
    run_jobs()

    assert _again(copy).state == "sent"
    assert server.inbox[0]["To"].addresses[0].addr_spec == "misaki@example.com"
    assert server.inbox[0]["Message-ID"] != failed.message_id
    assert _again(failed).resent_as_id == copy.pk
    assert list(Mail.objects.troubled()) == []


def test_a_failed_letter_has_one_successor(letter, server, run_jobs, people) -> None:
    server.refuse_to["misaki@example.com"] = "550 no"
    failed = letter()
    run_jobs()
    delivery.resend(_again(failed), by=people.baba, now=timezone.now())

    with pytest.raises(delivery.NotFailed):
        delivery.resend(_again(failed), by=people.baba, now=timezone.now())
    assert Mail.objects.count() == 2


def test_a_letter_that_may_still_arrive_is_not_sent_again(letter, people) -> None:
    with pytest.raises(delivery.NotFailed):
        delivery.resend(letter(), by=people.baba, now=timezone.now())
    assert Mail.objects.count() == 1


def test_a_settled_failure_needs_nobodys_attention(letter, server, run_jobs, people) -> None:
    server.refuse_to["misaki@example.com"] = "550 no"
    failed = letter()
    run_jobs()
    assert list(Mail.objects.troubled()) == [failed]

    delivery.settle(failed, by=people.baba, now=timezone.now())

    assert list(Mail.objects.troubled()) == []


def _left_behind(mail: Mail, *, handed: bool) -> None:
    before = timezone.now() - timedelta(minutes=11)
    Mail.objects.filter(pk=mail.pk).update(sending_at=before, handed_at=before if handed else None)
    DBTaskResult.objects.all().delete()


def test_a_letter_left_by_a_dead_worker_before_the_text_is_brought_home(letter, server, run_jobs) -> None:
    mail = letter()
    _left_behind(mail, handed=False)

    delivery.bring_home.call()
    run_jobs()

    assert (_again(mail).state, len(server.inbox)) == ("sent", 1)


def test_a_letter_left_by_a_dead_worker_after_the_text_waits_for_a_person(letter, server, run_jobs) -> None:
    mail = letter()
    _left_behind(mail, handed=True)

    delivery.bring_home.call()
    run_jobs()

    assert (_again(mail).state, _again(mail).problem) == ("failed", Problem.UNCERTAIN)
    assert server.inbox == []


def test_a_fresh_claim_is_left_alone(letter, server, run_jobs) -> None:
    mail = letter()
    Mail.objects.filter(pk=mail.pk).update(sending_at=timezone.now())

    delivery.bring_home.call()
    run_jobs()

    assert server.inbox == []


def test_a_letter_whose_job_was_lost_gets_another(letter, server, run_jobs) -> None:
    mail = letter(due_at=timezone.now() - timedelta(minutes=11))
    DBTaskResult.objects.all().delete()

    delivery.bring_home.call()
    run_jobs()

    assert _again(mail).state == "sent"


def test_the_applicants_history_tells_the_letters_story(letter, server, run_jobs, people) -> None:
    server.refuse_to["misaki@example.com"] = "550 no"
    mail = letter()
    run_jobs()

    story_of = Entry.objects.of_thread("candidates.candidate", mail.candidate_id)
    assert [entry.action for entry in story_of] == ["mail.failed", "mail.queued"]
    assert [entry.actor for entry in story_of] == [None, people.baba]


def test_delivery_does_nothing_inside_a_transaction(letter, server) -> None:
    mail = letter()

    with transaction.atomic():
        delivery.deliver.call(mail_id=mail.pk)

    assert server.inbox == []
    assert (_again(mail).state, _again(mail).sending_at) == ("queued", None)


def test_a_letter_is_due_when_it_was_asked_for(letter) -> None:
    moment = datetime(2030, 1, 1, tzinfo=story.JAPAN)

    letter(due_at=moment)

    assert DBTaskResult.objects.get().run_after == moment
