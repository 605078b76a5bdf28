"""What interviewers hear by themselves, in the transaction of the change: by the group's letter or by our notice
(informing), never by both.

A letter that still waits for its moment and is overtaken by another change does not leave; what is said instead follows
from what the interviewer knows: who was not yet asked is asked for the new time, who never heard of it hears nothing of
its end, and who is back where they were hears nothing at all."""

from collections.abc import Iterable
from datetime import datetime

from mensetsu.accounts import models as accounts
from mensetsu.history import recording
from mensetsu.interviews import addressing, dispatching, informing, ledger
from mensetsu.interviews.ledger import Told
from mensetsu.interviews.models import Interview, Notice, WhyNot
from mensetsu.mail import groups
from mensetsu.mail.models import Mail, Purpose

# What each event is called in a group.
PURPOSE_OF = {
    informing.ASSIGNED: Purpose.CONFIRMATION,
    informing.MOVED: Purpose.CHANGE,
    informing.WAY_CHANGED: Purpose.WAY_CHANGE,
    informing.CANCELED: Purpose.CANCELLATION,
    informing.RELEASED: groups.RELEASE,
}
_ENDS = (informing.CANCELED, informing.RELEASED)
_CORRECTED_BY = {Purpose.CHANGE: informing.MOVED, Purpose.WAY_CHANGE: informing.WAY_CHANGED}


def tell_panel(
    event: str,
    interview: Interview,
    people: Iterable[accounts.User],
    *,
    by: accounts.User | None,
    now: datetime,
    from_at: datetime | None = None,
) -> None:
    """Each of these interviewers hears of it once. Inside the fact's transaction.

    A letter waits so long as one can call it back when somebody pressed (`by`); our notice leaves at once. A letter
    has a history of its own, a notice has none: who got one stands in the history of the interview."""
    group = dispatching.effective_group(interview)
    texts = groups.Texts(group) if group is not None else None
    noticed: dict[str, list[str]] = {}
    for user in people:
        if not user.is_active:
            continue
        said, before = event, from_at
        if texts is not None:
            if not interview.is_unheard:
                said, before = _said_instead(event, from_at, interview, user, now=now)
            if not said or _by_letter(said, interview, user, texts, by=by, now=now):
                continue
        for told in informing.tell(said, interview, [user], by=by, from_at=before):
            noticed.setdefault(said, []).append(str(told))
    for said, names in noticed.items():
        recording.record(
            "interview.panel_told", subject=interview, thread=interview.candidate,
            organization_id=interview.organization_id, by=by, at=now, event=said, names=names,
        )  # fmt: skip


def _said_instead(
    event: str, from_at: datetime | None, interview: Interview, user: accounts.User, *, now: datetime
) -> tuple[str, datetime | None]:
    """The event as this interviewer must hear it, once what waited for them is stopped ("" when there is nothing), and
    the start that they know."""
    stopped = _stop_waiting(interview, user, now=now)
    knows = _known(interview, user)
    if not stopped and (knows is not None or not _was_called_back(interview, user)):
        return event, from_at
    is_asked = knows is not None and knows.mail.purpose not in (groups.RELEASE, *ledger.ENDINGS)
    if event in _ENDS:
        return (event if is_asked else ""), None
    if knows is None or not is_asked:
        return informing.ASSIGNED, None
    return _CORRECTED_BY.get(ledger.correction(knows), ""), knows.starts_at


def _stop_waiting(interview: Interview, user: accounts.User, *, now: datetime) -> bool:
    """Letters that wrote themselves to this interviewer and have not begun to leave."""
    mine = Notice.objects.filter(interview=interview, mail__interviewer=user, mail__author=None)
    waiting = mine.filter(mail__due_at__gt=now).exclude(mail__purpose=Purpose.REMINDER)
    stopped = 0
    for notice in waiting:
        letter = Mail.objects.waiting().filter(pk=notice.mail_id, sending_at=None)
        if letter.update(canceled_at=now):
            stopped += Notice.objects.filter(pk=notice.pk).update(stopped_at=now)
    return stopped > 0


def _known(interview: Interview, user: accounts.User) -> Told | None:
    fresh = Interview.objects.with_facts().get(pk=interview.pk)
    return next((one for one in ledger.read(fresh) if one.mail.interviewer_id == user.pk), None)


def _was_called_back(interview: Interview, user: accounts.User) -> bool:
    """Asked by a letter that a person called back: this interviewer knows of nothing."""
    key = addressing.interviewer(user).key
    return interview.withheld.filter(
        recipient=key, purpose=Purpose.CONFIRMATION, reason=WhyNot.CALLED_BACK
    ).exists()


def _by_letter(
    event: str,
    interview: Interview,
    user: accounts.User,
    texts: groups.Texts,
    *,
    by: accounts.User | None,
    now: datetime,
) -> bool:
    """Whether the group has spoken, be it by the choice to send no mail."""
    one = addressing.interviewer(user)
    purpose = PURPOSE_OF[event]
    try:
        dispatching.dispatch_within(
            interview, one, purpose=purpose, texts=texts, occasion=f"{event} {interview.version}", now=now,
            due_at=now + dispatching.UNDO if by is not None else None,
        )  # fmt: skip
    except dispatching.NotSent as not_sent:
        if not_sent.reason == WhyNot.NO_MAIL:
            dispatching.withhold(interview, one, purpose=purpose, reason=WhyNot.NO_MAIL, now=now)
        # The notice says the same when the letter cannot.
        return not_sent.reason in ("", WhyNot.NO_MAIL)
    except dispatching.NotYet:
        return False
    return True
