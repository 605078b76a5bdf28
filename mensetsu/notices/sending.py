"""What our software writes to our own users: a text per notice in templates/notices/<name>/, sent by a job.

A text sees the context, `to_name`, and `base_url` (so `{{ base_url }}{{ url("home") }}` is a whole address). It is
plain text in the recipient's language: nothing is escaped."""

import smtplib
import unicodedata
from datetime import datetime
from email.utils import formataddr
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation

from mensetsu.jobs import outside, port


class Undeliverable(port.Permanent):
    """The recipient's mail server refused the address for good; trying again cannot help."""


def deliver(
    name: str,
    *,
    email: str,
    to_name: str,
    language: str,
    time_zone: str,
    context: dict[str, Any] | None = None,
) -> None:
    """Queue notice `name` for one person, in their language and on their clock.

    Call it inside the transaction of the fact: no fact, no notice. `context` is plain JSON; moments are datetimes
    under keys ending in `_at`. It stands readable in the job's row, so a text that carries a secret (a link that
    logs somebody in) is made in a job of its own that calls `send`."""
    plain = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in (context or {}).items()}
    send_notice.enqueue(
        name=name,
        email=email,
        to_name=one_line(to_name),
        language=language,
        time_zone=time_zone,
        context=plain,
    )


@port.job(max_attempts=8)
def send_notice(
    *, name: str, email: str, to_name: str, language: str, time_zone: str, context: dict[str, Any]
) -> None:
    values = {
        k: datetime.fromisoformat(v) if k.endswith("_at") and isinstance(v, str) and v else v
        for k, v in context.items()
    }
    send(name, email=email, to_name=to_name, language=language, time_zone=time_zone, context=values)


def send(
    name: str, *, email: str, to_name: str, language: str, time_zone: str, context: dict[str, Any]
) -> None:
    """Hand notice `name` to the mail server now. Network: only from a job, outside any transaction.

    Refusals: Undeliverable. Any other failure of the server is raised as it is, for the job to try again."""
    values = {**context, "to_name": to_name, "base_url": settings.BASE_URL}
    with translation.override(language), timezone.override(ZoneInfo(time_zone)):
        subject = render_to_string(f"notices/{name}/subject.txt", values)
        body = render_to_string(f"notices/{name}/body.txt", values)
    message = EmailMessage(
        one_line(subject),
        body.strip() + "\n",
        to=[formataddr((one_line(to_name), email))],
        # Holiday replies to a machine help nobody (RFC 3834).
        headers={"Auto-Submitted": "auto-generated"},
    )
    outside.check()
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as refusal:
        if all(code >= 500 for code, _words in refusal.recipients.values()):
            raise Undeliverable(name) from refusal
        raise


def one_line(text: str) -> str:
    """For a header: line breaks and other control characters become a space; full-width spaces stay as typed."""
    visible = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text.strip()
    )
    return " ".join(part for part in visible.split(" ") if part)
