"""「送信を取り消す」 for letters that write themselves: what a press has set off waits a while, and can be called back.

What is called back is not lost and not written again by itself: a `Withheld` row stands on the home page until somebody
writes by hand or says that it is dealt with. Only when the interview changes afterwards is another letter due."""

from datetime import datetime

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce

from mensetsu.accounts import models as accounts
from mensetsu.interviews import addressing, dispatching, ledger
from mensetsu.interviews.addressing import Recipient
from mensetsu.interviews.models import Interview, WhyNot, Withheld
from mensetsu.mail import delivery
from mensetsu.mail.models import Mail, Purpose

# A person called it back, or the database before the one that was restored may have sent it.
LEFT_TO_PEOPLE = (WhyNot.CALLED_BACK, WhyNot.RESTORED)


def waiting(interview: Interview) -> list[Mail]:
    """Letters that wrote themselves and have not begun to leave. Uses prefetched `notices__mail`."""
    letters = [notice.mail for notice in interview.notices.all()]
    return [
        one
        for one in letters
        if one.state == "queued"
        and one.sending_at is None
        and one.author_id is None
        and one.purpose != Purpose.REMINDER
    ]


def call_back(mail: Mail, *, by: accounts.User, now: datetime) -> None:
    """One letter stays here; if it wrote itself, a person must decide about it from now on. Refuses
    delivery.AlreadyLeft."""
    with transaction.atomic():
        delivery.undo(mail, by=by, now=now)
        if mail.author_id is None and mail.purpose != Purpose.REMINDER:
            leave_to_people(mail.notice.interview, addressing.of_letter(mail), purpose=mail.purpose, now=now)


def leave_to_people(interview: Interview, one: Recipient, *, purpose: str, now: datetime) -> None:
    """The product does not write this letter: a person called it back."""
    dispatching.withhold(interview, one, purpose=purpose, reason=WhyNot.CALLED_BACK, now=now)


def called_back(interview: Interview) -> set[tuple[str, str]]:
    """(recipient's key, purpose) of the letters that were left to people and that would say the same today."""
    rows = Withheld.objects.filter(interview=interview, reason__in=LEFT_TO_PEOPLE)
    return {(row.recipient, row.purpose) for row in rows if row.told == ledger.digest(interview, row.purpose)}


def forget_overtaken(interview: Interview, *, now: datetime) -> None:
    """The interview has changed: what was called back would say something else now, and is nobody's task any more."""
    for row in Withheld.objects.filter(interview=interview, reason__in=LEFT_TO_PEOPLE):
        if row.told != ledger.digest(interview, row.purpose):
            Withheld.objects.filter(pk=row.pk).update(
                reason=WhyNot.CHANGED, settled_at=Coalesce("settled_at", Value(now))
            )
