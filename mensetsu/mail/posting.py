"""One letter and one mail server: how a Mail becomes a message, and what each ending means.

    RefusedForGood   a person must look: the address, the sender or the text was refused (5xx), or nobody knows
    LaterPerhaps     trying again can help: busy (4xx), unreachable, slow before the text was handed over

The connection is watched for the one moment that matters: once the text has been handed over (SMTP's DATA), a lost
answer may mean a delivered letter, and only the server's own refusal is a clear no."""

import contextlib
import smtplib
from collections.abc import Callable
from email.header import Header
from email.mime.text import MIMEText
from email.utils import formataddr
from typing import Any

from django.core.mail import EmailMessage, get_connection

from mensetsu.mail.composing import one_line
from mensetsu.mail.models import Mail, Problem, Receiver


class _Ending(Exception):
    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem = problem
        self.detail = detail


class RefusedForGood(_Ending):
    pass


class LaterPerhaps(_Ending):
    pass


class _Message(EmailMessage):
    """Encodes a Japanese subject so that its first word fits behind "Subject: ". Else the library begins it on the
    next line, and some mail programs show the space that this leaves in front."""

    def message(self) -> Any:
        made = super().message()
        if not self.subject.isascii():
            del made["Subject"]
            made["Subject"] = Header(self.subject, "utf-8", header_name="Subject").encode(linesep="")
        return made


def post(mail: Mail, *, on_handing_over: Callable[[], None]) -> None:
    """Hand the letter over. `on_handing_over` is called right before the text leaves.

    Refuses RefusedForGood and LaterPerhaps. Never inside a transaction: the server may be slow."""
    handed = _HandingOver(on_handing_over)
    connection = get_connection()
    try:
        connection.open()
        _watch(connection, handed)
        message(mail, connection).send()
    except (
        OSError,
        ValueError,
    ) as problem:  # smtplib's exceptions are OSErrors, a bad header is a ValueError
        raise _meaning(problem, handed.happened) from problem
    finally:
        # The letter's fate is known by now; a server that dies while saying goodbye changes nothing.
        with contextlib.suppress(OSError):
            connection.close()


class _HandingOver:
    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action
        self.happened = False

    def __call__(self) -> None:
        self.happened = True
        self._action()


def _watch(connection: Any, handed: _HandingOver) -> None:
    server = getattr(connection, "connection", None)
    if not isinstance(server, smtplib.SMTP):
        handed()  # a backend without DATA (file, memory): all of it is the handing over
        return
    hand_over = server.data

    def data(text: Any) -> Any:
        handed()
        return hand_over(text)

    server.data = data  # type: ignore[method-assign]


def message(mail: Mail, connection: Any = None) -> EmailMessage:
    """The letter in UTF-8, with its fixed Message-ID. Names cannot begin a header of their own."""
    letter = _Message(
        subject=one_line(mail.subject),
        body=mail.body + "\n",
        from_email=_address(mail.from_name, mail.from_email),
        to=[_address(addressee(mail), mail.to_email)],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={"Message-ID": mail.message_id},
        connection=connection,
    )
    for attachment in mail.attachments:
        letter.attach(_part(attachment))
    return letter


def addressee(mail: Mail) -> str:
    """The name with the honorific of a Japanese envelope."""
    if mail.language != "ja" or not mail.to_name or mail.receiver == Receiver.INTERVIEWER:
        return mail.to_name
    return f"{mail.to_name} 様"


def _address(name: str, email: str) -> str:
    return formataddr((one_line(name), one_line(email)))


def _part(attachment: dict[str, Any]) -> MIMEText:
    kind, *parameters = (piece.strip() for piece in attachment["type"].split(";"))
    part = MIMEText(attachment["text"], kind.partition("/")[2] or "plain", "utf-8")
    for parameter in parameters:
        name, _sign, value = parameter.partition("=")
        if name != "charset":
            part.set_param(name, value)
    part.add_header("Content-Disposition", "attachment", filename=attachment["name"])
    return part


def _meaning(problem: Exception, is_handed_over: bool) -> _Ending:
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


def _by_code(code: int, words: bytes | str, problem: str) -> _Ending:
    detail = f"{code} {_words(words)}"
    return RefusedForGood(problem, detail) if code >= 500 else LaterPerhaps(Problem.TEMPORARY, detail)


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())
