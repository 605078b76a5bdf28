"""One message and one mail server: how it is handed over, and what each ending means. For notices and letters alike.

    RefusedForGood   a person must look: the address, the sender or the text was refused (5xx), or nobody knows
    LaterPerhaps     trying again can help: busy (4xx), unreachable, slow before the text was handed over

The connection is watched for the one moment that matters: once the text has been handed over (SMTP's DATA), a lost
answer may mean a delivered message, and only the server's own refusal is a clear no."""

import contextlib
import functools
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from django.core.mail import EmailMessage, get_connection

from mensetsu.notices.models import Problem

MAX_ATTEMPTS = 8
WAITS = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600)  # seconds before attempt 2, 3, …: about a day
# A claim that is older was left behind by a worker that died.
STUCK_AFTER = timedelta(minutes=10)


class Ending(Exception):
    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem = problem
        self.detail = detail


class RefusedForGood(Ending):
    pass


class LaterPerhaps(Ending):
    pass


class HandingOver:
    """Whether the one moment has come; `action` is what happens right before it."""

    def __init__(self, action: Callable[[], None] = lambda: None) -> None:
        self._action = action
        self.happened = False

    def __call__(self) -> None:
        self.happened = True
        self._action()


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When a message that the server did not take is tried again after so many attempts; None: not any more."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return now + timedelta(seconds=WAITS[min(attempts, len(WAITS)) - 1])


class Line:
    """A connection to the mail server, opened with the first message and kept for those that follow.

    After any trouble the next message begins on a new one."""

    def __init__(self) -> None:
        self._connection: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self._hang_up()

    def hand_over(self, make: Callable[[Any], EmailMessage], handed: HandingOver) -> None:
        """Hand one message over: `make(connection)` writes it. Never inside a transaction: the server may be slow.

        Refuses RefusedForGood and LaterPerhaps."""
        is_kept = self._connection is not None
        try:
            self._hand_over(make, handed)
        except (OSError, ValueError) as problem:
            # smtplib's exceptions are OSErrors, a bad header is a ValueError
            self._hang_up()
            if is_kept and not handed.happened and is_goodbye(problem):
                self.hand_over(make, handed)
                return
            raise _meaning(problem, handed.happened) from problem
        except BaseException:
            self._hang_up()
            raise

    def _hand_over(self, make: Callable[[Any], EmailMessage], handed: HandingOver) -> None:
        if self._connection is None:
            self._connection = get_connection()
            self._connection.open()
        _watch(self._connection, handed)
        make(self._connection).send()

    def _hang_up(self) -> None:
        # The message's fate is known by now; a server that dies while saying goodbye changes nothing.
        with contextlib.suppress(OSError):
            if self._connection is not None:
                self._connection.close()
        self._connection = None


def is_goodbye(problem: Exception) -> bool:
    """The server has ended a connection that had carried messages, as some do after so many or so long. It says nothing
    about the next one."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return any(code == 421 for code, _said in problem.recipients.values())
    if isinstance(problem, smtplib.SMTPResponseException):
        return problem.smtp_code == 421
    return isinstance(problem, smtplib.SMTPServerDisconnected | ConnectionError)


def _watch(connection: Any, handed: HandingOver) -> None:
    server = getattr(connection, "connection", None)
    if not isinstance(server, smtplib.SMTP):
        handed()  # a backend without DATA (file, memory): all of it is the handing over
        return
    # Of the class: a kept connection still watches for the message before.
    hand_over = functools.partial(type(server).data, server)

    def data(text: Any) -> Any:
        handed()
        return hand_over(text)

    server.data = data  # type: ignore[method-assign]


def _meaning(problem: Exception, is_handed_over: bool) -> Ending:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(problem.recipients.values()))
        return _by_code(code, words, Problem.BAD_RECIPIENT)
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return LaterPerhaps(Problem.LOGIN, _words(problem.smtp_error))
    if isinstance(problem, smtplib.SMTPSenderRefused):
        return _by_code(problem.smtp_code, problem.smtp_error, Problem.BAD_SENDER)
    if isinstance(problem, smtplib.SMTPDataError):
        return _by_code(problem.smtp_code, problem.smtp_error, Problem.BAD_MESSAGE)
    if not isinstance(problem, OSError):
        # Not the network: the message itself could not be made.
        return RefusedForGood(Problem.BAD_MESSAGE, str(problem))
    if is_handed_over:
        return RefusedForGood(Problem.UNCERTAIN, str(problem))
    if isinstance(problem, smtplib.SMTPResponseException):
        return LaterPerhaps(Problem.TEMPORARY, _words(problem.smtp_error))
    return LaterPerhaps(Problem.UNREACHABLE, str(problem))


def _by_code(code: int, words: bytes | str, problem: str) -> Ending:
    detail = f"{code} {_words(words)}"
    return RefusedForGood(problem, detail) if code >= 500 else LaterPerhaps(Problem.TEMPORARY, detail)


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())
