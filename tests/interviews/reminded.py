"""A clock that strikes, and what has become of reminders: what their tests are written with."""

from datetime import datetime

import pytest

from mensetsu.interviews import reminding
from mensetsu.interviews.models import Interview, Reminder
from mensetsu.mail.models import Mail
from tests.interviews import holding
from tests.interviews.holding import at

# The interview is on Tuesday, 24 November 2026, 14:00; the Monday before it is a public holiday.
EVE = at(17, day=23)


def of(made: Interview, receiver: str = "candidate") -> Reminder:
    return Reminder.objects.filter(interview=made, receiver=receiver).latest("id")


def come(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """The clock of the installation strikes at that moment."""
    holding.set_clock(monkeypatch, moment)
    reminding.send_due.call()


def reminders(made: Interview) -> list[str]:
    return list(
        Mail.objects.filter(notice__interview=made, purpose="reminder").values_list("receiver", flat=True)
    )
