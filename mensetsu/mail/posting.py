"""One letter: how a Mail becomes a message that is handed to the mail server (notices.handing)."""

from collections.abc import Callable
from email.header import Header
from email.mime.text import MIMEText
from email.utils import formataddr
from typing import Any

from django.core.mail import EmailMessage

from mensetsu.mail.composing import one_line
from mensetsu.mail.models import Mail, Receiver
from mensetsu.notices import handing

# The face of handing: who delivers letters needs to know only this file.
HandingOver = handing.HandingOver
RefusedForGood = handing.RefusedForGood
LaterPerhaps = handing.LaterPerhaps


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
    with Line() as line:
        line.post(mail, HandingOver(on_handing_over))


class Line(handing.Line):
    """A connection to the mail server for letters that leave one after the other."""

    def post(self, mail: Mail, handed: HandingOver) -> None:
        """Hand one letter over. Refuses as `post`."""
        self.hand_over(lambda connection: message(mail, connection), handed)


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
