"""Letters about interviews as rows: the mail that will leave, and the notice of what it tells whom. As many statements
for many letters as for one."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from mensetsu.accounts import models as accounts
from mensetsu.interviews import ledger
from mensetsu.interviews.models import Interview, Notice, Withheld
from mensetsu.mail import delivery
from mensetsu.mail.models import Mail
from mensetsu.statements import compiled


class AlreadySent(Exception):
    """This very form was sent before: the letters exist."""


@dataclass(frozen=True)
class Composed:
    """A letter that is whole and may leave, not written down yet. `key` is its recipient's."""

    interview: Interview
    mail: Mail
    key: str


def write_down(
    letters: Sequence[Composed], *, by: accounts.User | None, now: datetime, due_at: datetime | None = None
) -> list[Mail]:
    """Each letter as a row that leaves at `due_at` (now if not given), with its notice. In the caller's transaction.

    Refuses AlreadySent when one of them exists; then none is written."""
    mails = [one.mail for one in letters]
    is_seen = any(not one.interview.is_unheard for one in letters)
    try:
        # Nobody else writes about an interview that nobody sees yet.
        with transaction.atomic() if is_seen else nullcontext():
            delivery.queue_all(mails, by=by, now=now, due_at=due_at)
    except IntegrityError:
        raise AlreadySent from None
    note(letters, now=now)
    return mails


def note(letters: Sequence[Composed], *, now: datetime) -> None:
    """What each of these letters tells, for letters that are rows already."""
    compiled.insert([_notice(one.interview, one.mail) for one in letters])
    if heard := [one for one in letters if not one.interview.is_unheard]:
        _settle(heard, now=now)


def _settle(letters: Sequence[Composed], *, now: datetime) -> None:
    """What did not leave by itself has been written."""
    written = {(one.interview.pk, one.key, one.mail.purpose) for one in letters}
    about, keys, purposes = map(set, zip(*written, strict=True))
    open_ones = Withheld.objects.filter(
        interview__in=about, recipient__in=keys, purpose__in=purposes, settled_at=None
    )
    if len(written) == 1:
        open_ones.update(settled_at=now)
        return
    cases = open_ones.values_list("pk", "interview_id", "recipient", "purpose")
    if met := [pk for pk, *case in cases if tuple(case) in written]:
        Withheld.objects.filter(pk__in=met).update(settled_at=now)


def _notice(interview: Interview, mail: Mail) -> Notice:
    return Notice(
        interview=interview, mail=mail, told_starts_at=interview.starts_at, told_minutes=interview.minutes,
        told_join_url=interview.join_url if interview.join_url and interview.join_url in mail.body else "",
        told_passcode=interview.passcode if interview.passcode and interview.passcode in mail.body else "",
        told_zoom_id=ledger.number_in(mail.body, interview),
        told_way=interview.letter_way, told_place=interview.place,
    )  # fmt: skip
