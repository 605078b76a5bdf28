"""Letters that leave together: over one connection, with few statements, each for itself when something is wrong."""

import smtplib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.history.models import Entry
from mensetsu.mail import composing, delivery, posting
from mensetsu.mail.models import Mail, Problem
from mensetsu.notices import handing
from tests import story
from tests.mail import servers

pytestmark = pytest.mark.django_db


class Counting(servers.Behavior):
    """Counts its connections, and ends one that wants to send more than `most` letters."""

    most = 1000

    def __init__(self) -> None:
        super().__init__()
        self.sessions: dict[Any, int] = {}

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.sessions[session] = self.sessions.get(session, 0) + 1
        if self.sessions[session] > self.most:
            return "421 4.7.0 Too many messages in this connection"
        return await super().handle_MAIL(server, session, envelope, address, options)


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    # However slow the machine is: a stretch ends with its letters, not with its time.
    monkeypatch.setattr(delivery, "STRETCH", 60.0)
    behavior = Counting()
    with servers.smtp_server(behavior) as port:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 10
        yield behavior


@pytest.fixture
def letters(people: Any) -> list[Mail]:
    """Seven that were queued together."""
    candidate = story.candidate(people.company)
    text = composing.preview(subject="面接のご案内", body="本文", values={}, names=composing.tags.Names({}))
    now = timezone.now()
    made = [
        composing.compose(
            text, organization=people.company, candidate=candidate, purpose="reminder", receiver="candidate",
            language="ja", sender=people.baba, now=now, to_name="佐藤 美咲", to_email=f"{number}@example.com",
        )
        for number in range(7)
    ]  # fmt: skip
    return list(delivery.queue_all(made, by=None, now=now))


def states() -> list[str]:
    return [mail.state for mail in Mail.objects.order_by("id")]


def arrived(server: servers.Behavior) -> list[str]:
    return sorted(str(one["To"].addresses[0].addr_spec)[0] for one in server.inbox)


def test_all_of_them_leave_over_one_connection_and_each_has_its_story(letters, server, run_jobs) -> None:
    run_jobs()

    assert arrived(server) == list("0123456")
    assert len(server.sessions) == 1
    assert states() == ["sent"] * 7
    assert set(Mail.objects.values_list("attempts", "sending_at")) == {(1, None)}
    actions = list(Entry.objects.order_by("id").values_list("action", flat=True))
    assert (actions.count("mail.queued"), actions.count("mail.sent")) == (7, 7)
    assert {entry.thread_id for entry in Entry.objects.filter(action="mail.sent")} == {
        letters[0].candidate_id
    }


def test_they_are_one_job_and_a_second_one_finds_nothing(letters, server, run_jobs) -> None:
    job = DBTaskResult.objects.get()
    run_jobs()

    delivery.deliver_all.call(**job.args_kwargs["kwargs"])

    assert len(server.inbox) == 7


def test_each_group_of_letters_costs_few_statements(letters, server, monkeypatch) -> None:
    monkeypatch.setattr(delivery, "QUICK", 60.0)
    with CaptureQueriesContext(connection) as asked:
        delivery.deliver_all.call(mail_ids=[mail.pk for mail in letters])

    # Groups of one, five and one: each is claimed, noted as sent, and told in the histories.
    statements = [query["sql"] for query in asked if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) == 1 + 3 * 3


def test_one_that_is_refused_does_not_keep_the_others(letters, server, run_jobs) -> None:
    server.refuse_to = {"2@example.com": "550 unknown", "4@example.com": "450 later"}

    run_jobs()

    assert arrived(server) == list("01356")
    assert states() == ["sent", "sent", "failed", "sent", "queued", "sent", "sent"]
    later = Mail.objects.get(to_email="4@example.com")
    assert (later.sending_at, later.handed_at, later.problem) == (None, None, Problem.TEMPORARY)
    assert DBTaskResult.objects.filter(status="READY").get().args_kwargs["kwargs"] == {"mail_id": later.pk}


def test_a_server_that_takes_few_letters_a_connection_gets_another_one(letters, server, run_jobs) -> None:
    server.most = 3

    run_jobs()

    assert arrived(server) == list("0123456")
    assert set(Mail.objects.values_list("attempts", "problem")) == {(1, "")}


def test_without_a_server_each_is_tried_again_later(letters, settings, run_jobs) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 9

    run_jobs()

    assert states() == ["queued"] * 7
    assert set(Mail.objects.values_list("problem", "handed_at")) == {(Problem.UNREACHABLE, None)}


def test_what_was_called_back_or_is_in_other_hands_stays(letters, server, people, monkeypatch) -> None:
    real = delivery._claimed
    taken = timezone.now() - timedelta(minutes=1)

    def meanwhile(some: Any, now: Any) -> Any:
        Mail.objects.filter(pk=letters[2].pk, sending_at=None, canceled_at=None).update(canceled_at=now)
        Mail.objects.filter(pk=letters[4].pk).update(sending_at=taken)
        return real(some, now)

    monkeypatch.setattr(delivery, "_claimed", meanwhile)
    delivery.deliver_all.call(mail_ids=[mail.pk for mail in letters])

    assert arrived(server) == list("01356")
    assert (states()[2], Mail.objects.get(pk=letters[4].pk).attempts) == ("canceled", 0)


def test_one_that_was_deleted_meanwhile_takes_nobody_along(letters, server, monkeypatch) -> None:
    real = posting.Line.post

    def meanwhile(line: Any, mail: Mail, handed: Any) -> None:
        real(line, mail, handed)
        if mail.pk == letters[3].pk:
            Mail.objects.filter(pk=mail.pk).delete()

    monkeypatch.setattr(posting.Line, "post", meanwhile)
    delivery.deliver_all.call(mail_ids=[mail.pk for mail in letters])

    assert states() == ["sent"] * 6
    assert Entry.objects.filter(action="mail.sent").count() == 6


@pytest.mark.parametrize(("handed_over", "outcome"), [(True, "failed"), (False, "queued")])
def test_an_unforeseen_end_is_one_letters_own_and_it_is_brought_home(
    letters, server, monkeypatch, handed_over: bool, outcome: str
) -> None:
    real = posting.Line.post

    def sometimes(line: Any, mail: Mail, handed: Any) -> None:
        if mail.pk == letters[3].pk:
            handed.happened = handed_over
            raise RuntimeError("unforeseen")
        real(line, mail, handed)

    monkeypatch.setattr(posting.Line, "post", sometimes)
    delivery.deliver_all.call(mail_ids=[mail.pk for mail in letters])
    assert states() == ["sent"] * 3 + ["queued"] + ["sent"] * 3

    Mail.objects.filter(pk=letters[3].pk).update(sending_at=timezone.now() - timedelta(minutes=11))
    delivery.bring_home.call()

    assert states()[3] == outcome


def test_a_slow_server_gets_them_one_by_one_and_the_job_ends_in_between(
    letters, server, run_jobs, monkeypatch
) -> None:
    monkeypatch.setattr(delivery, "QUICK", 0.0)
    monkeypatch.setattr(delivery, "STRETCH", 0.0)

    run_jobs()

    assert states() == ["sent"] * 7
    assert DBTaskResult.objects.filter(task_path__endswith="deliver_all").count() == 7


def test_a_line_is_hung_up_after_whatever_happens(server) -> None:
    line = posting.Line()
    with pytest.raises(AttributeError), line:
        line.post(None, posting.HandingOver())  # type: ignore[arg-type]

    assert line._connection is None


@pytest.mark.parametrize(
    ("problem", "is_goodbye"),
    [
        (smtplib.SMTPServerDisconnected("gone"), True),
        (ConnectionResetError(), True),
        (smtplib.SMTPSenderRefused(421, b"bye", "a@example.com"), True),
        (smtplib.SMTPSenderRefused(550, b"no", "a@example.com"), False),
        (smtplib.SMTPRecipientsRefused({"a@example.com": (421, b"bye")}), True),
        (smtplib.SMTPRecipientsRefused({"a@example.com": (450, b"later")}), False),
        (TimeoutError(), False),
        (ValueError(), False),
    ],
)
def test_what_says_nothing_about_the_next_letter(problem: Exception, is_goodbye: bool) -> None:
    assert handing.is_goodbye(problem) is is_goodbye
