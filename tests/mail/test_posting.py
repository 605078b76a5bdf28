"""One letter and one mail server: what each ending means, over real sockets."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from mensetsu.mail import posting
from mensetsu.mail.models import Mail, Problem
from tests.mail import servers


@pytest.fixture
def use(settings: Any) -> Callable[[int], None]:
    def use_port(port: int) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 1

    return use_port


@pytest.fixture
def server(use: Callable[[int], None]) -> Iterator[servers.Behavior]:
    behavior = servers.Behavior()
    with servers.smtp_server(behavior) as port:
        use(port)
        yield behavior


def letter(**values: Any) -> Mail:
    wanted = {
        "subject": "面接のご案内", "body": "本文です。", "from_name": "株式会社サンプル",
        "from_email": "saiyo@sample.example.jp", "to_name": "佐藤 美咲", "to_email": "misaki@example.com",
        "message_id": "<1@sample.example.jp>", "language": "ja", "receiver": "candidate", **values,
    }  # fmt: skip
    return Mail(**wanted)


def posted(mail: Mail) -> SimpleNamespace:
    """How it ended, and how often the handing over was announced."""
    announced: list[str] = []
    try:
        posting.post(mail, on_handing_over=lambda: announced.append("now"))
    except (posting.RefusedForGood, posting.LaterPerhaps) as ending:
        return SimpleNamespace(
            kind=type(ending), problem=ending.problem, detail=ending.detail, announced=len(announced)
        )
    return SimpleNamespace(kind=None, announced=len(announced))


@pytest.mark.parametrize("subject", ["Your interview", "面接のご案内"])
def test_a_letter_is_announced_once_and_arrives(server: servers.Behavior, subject: str) -> None:
    ending = posted(letter(subject=subject))

    (arrived,) = server.inbox
    assert (ending.kind, ending.announced, arrived["Subject"]) == (None, 1, subject)


@pytest.mark.parametrize(
    ("answer", "kind", "problem"),
    [
        ("553 5.1.8 Not your address", posting.RefusedForGood, Problem.BAD_SENDER),
        ("451 4.3.0 Try later", posting.LaterPerhaps, Problem.TEMPORARY),
    ],
)
def test_a_refused_sender_is_told_from_a_busy_server(
    server: servers.Behavior, answer: str, kind: type, problem: str
) -> None:
    server.refuse_from = answer

    ending = posted(letter())

    assert (ending.kind, ending.problem, ending.detail, ending.announced) == (kind, problem, answer, 0)


@pytest.mark.parametrize(
    ("at", "problem", "words"),
    [
        ("login", Problem.LOGIN, "5.7.8 Wrong password"),
        ("busy", Problem.TEMPORARY, "4.3.2 Come back later"),
    ],
)
def test_before_the_text_a_refusal_is_never_the_letters_fault(
    use: Callable[[int], None], settings: Any, at: str, problem: str, words: str
) -> None:
    server = servers.DyingServer(at)
    use(server.port)
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "mensetsu", "secret"
    try:
        ending = posted(letter())
    finally:
        server.close()

    assert (ending.kind, ending.problem, ending.detail) == (posting.LaterPerhaps, problem, words)


def test_a_letter_that_cannot_be_written_is_not_tried_again(server: servers.Behavior) -> None:
    ending = posted(letter(to_email="misaki@"))

    assert (ending.kind, ending.problem) == (posting.RefusedForGood, Problem.BAD_MESSAGE)
    assert server.inbox == []
