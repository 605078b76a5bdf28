"""Which letters about interviews must not leave late: those that tell of an interview which has begun, and those that
count days (明日) when they leave on another day than they were worded for.

What stays true leaves however late it is: a cancellation, a receipt, and whatever a person wrote freely."""

import re
from collections.abc import Sequence
from datetime import datetime

from mensetsu.interviews import addressing
from mensetsu.interviews.models import Notice
from mensetsu.mail import lateness
from mensetsu.mail.models import Mail, Problem, Purpose
from mensetsu.web import moments

COMING = frozenset(
    {Purpose.CONFIRMATION, Purpose.REMINDER, Purpose.CHANGE, Purpose.WAY_CHANGE, Purpose.URL_CHANGE}
)
_DAYS = re.compile(r"本日|今日|明日|明後日|昨日|\b(?:today|tomorrow|tonight|yesterday)\b", re.IGNORECASE)


def untrue(letters: Sequence[Mail], *, now: datetime) -> dict[int, str]:
    """As lateness.Source, in one query."""
    coming = [mail.pk for mail in letters if mail.purpose in COMING]
    if not coming:
        return {}
    notices = Notice.objects.filter(mail__in=coming).select_related(
        "interview", "mail__candidate", "mail__contact", "mail__interviewer"
    )
    found = {notice.mail_id: why_not(notice, now=now) for notice in notices}
    return {pk: why for pk, why in found.items() if why}


def why_not(notice: Notice, *, now: datetime) -> str:
    """Why the letter of that notice must not leave at this moment (a Problem), or ""."""
    mail = notice.mail
    if mail.purpose not in COMING:
        return ""
    if notice.told_starts_at <= now or notice.interview.started_at is not None:
        return Problem.OVERDUE
    zone = addressing.of_letter(mail).zone
    days = {moments.local(moment, zone).date() for moment in (lateness.meant_at(mail), now)}
    is_another_day = len(days) > 1
    return Problem.LATE_WORDS if is_another_day and _DAYS.search(f"{mail.subject}\n{mail.body}") else ""
