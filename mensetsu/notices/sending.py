"""What our software writes to our own users: a text per notice in templates/notices/<name>/, sent by a job."""

from datetime import datetime
from email.utils import formataddr
from typing import Any
from zoneinfo import ZoneInfo

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation

from mensetsu.jobs import outside, port


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
    under keys ending in `_at`."""
    plain = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in (context or {}).items()}
    send_notice.enqueue(
        name=name, email=email, to_name=to_name, language=language, time_zone=time_zone, context=plain
    )


@port.job(max_attempts=8)
def send_notice(
    *, name: str, email: str, to_name: str, language: str, time_zone: str, context: dict[str, Any]
) -> None:
    values = {
        k: datetime.fromisoformat(v) if k.endswith("_at") and isinstance(v, str) else v
        for k, v in context.items()
    }
    with translation.override(language), timezone.override(ZoneInfo(time_zone)):
        subject = render_to_string(f"notices/{name}/subject.txt", {**values, "to_name": to_name})
        body = render_to_string(f"notices/{name}/body.txt", {**values, "to_name": to_name})
    outside.check()
    EmailMessage(" ".join(subject.split()), body, to=[formataddr((to_name, email))]).send()
