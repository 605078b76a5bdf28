"""Letters on their way: queue · deliver (jobs) · undo · send again · bring stuck ones home (job).

Nothing is sent twice. A row is claimed by a conditional UPDATE; `handed_at` is written right before the text is handed
to the server. A letter whose server never saw the text is tried again by itself. One whose text was handed over and
never answered for stays failed as "uncertain": a person looks and decides (docs/decisions)."""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from mensetsu.accounts import models as accounts
from mensetsu.history import recording
from mensetsu.history.models import Entry
from mensetsu.jobs import outside, port
from mensetsu.mail import composing, lateness, posting, signals
from mensetsu.mail.models import Mail, Problem
from mensetsu.notices import handing
from mensetsu.statements import compiled

UNDO_SECONDS = 20
MAX_ATTEMPTS, WAITS, STUCK_AFTER = handing.MAX_ATTEMPTS, handing.WAITS, handing.STUCK_AFTER
# Of letters that leave together so many are noted at once as about to be handed over, when the server is quick. If the
# process dies just then, a person is asked about each of them that was not answered for.
AT_ONCE = 5
QUICK = 0.25  # seconds a letter
# A job that sends many ends after that time, and another goes on: a process that is to stop waits for its jobs.
STRETCH = 2.0  # seconds
_SENT = {"failed_at": None, "sending_at": None, "problem": "", "problem_detail": ""}
_CLAIM = compiled.Change(
    lambda ids, now: (
        Mail.objects.waiting().filter(pk__in=ids, sending_at=None, due_at__lte=now),
        {"sending_at": now, "handed_at": now, "attempts": F("attempts") + 1},
    ),
    ids=compiled.NUMBERS,
    now=compiled.MOMENT,
)
_NOTE_SENT = compiled.Change(
    lambda ids, now: (Mail.objects.filter(pk__in=ids, sent_at=None), {"sent_at": now, **_SENT}),
    ids=compiled.NUMBERS,
    now=compiled.MOMENT,
)

logger = logging.getLogger(__name__)


class AlreadyLeft(Exception):
    """The letter is on its way or gone: it cannot be called back."""


class NotFailed(Exception):
    """Only a letter that failed or was called back can be sent again; this one may still arrive."""


def queue(mail: Mail, *, by: accounts.User | None, now: datetime, due_at: datetime | None = None) -> Mail:
    """Write the letter down and let it leave at `due_at` (now if not given). In the caller's transaction."""
    return queue_all([mail], by=by, now=now, due_at=due_at)[0]


def queue_all(
    mails: Sequence[Mail], *, by: accounts.User | None, now: datetime, due_at: datetime | None = None
) -> Sequence[Mail]:
    """The same for letters that leave together, with as many statements as for one."""
    for mail in mails:
        mail.queued_at = now
        mail.due_at = due_at or now
    compiled.insert(mails)
    compiled.insert([_entry("mail.queued", mail, by=by, at=now) for mail in mails])
    if len(mails) == 1:
        deliver.using(run_after=mails[0].due_at).enqueue(mail_id=mails[0].pk)
    else:
        deliver_all.using(run_after=due_at or now).enqueue(mail_ids=[mail.pk for mail in mails])
    return mails


def undo(mail: Mail, *, by: accounts.User, now: datetime) -> None:
    """Call back a letter that has not begun to leave. Refuses AlreadyLeft."""
    with transaction.atomic():
        waiting = Mail.objects.waiting().filter(pk=mail.pk, sending_at=None)
        if not waiting.update(canceled_at=now):
            raise AlreadyLeft
        mail.refresh_from_db()
        _record("mail.canceled", mail, by=by, at=now)


def resend(mail: Mail, *, by: accounts.User, now: datetime, to_email: str = "") -> Mail:
    """The same text once more, to a corrected address if given, as a letter of its own. Refuses NotFailed, also when
    two people press at once: a failed letter has one successor."""
    with transaction.atomic():
        copy = Mail.objects.get(pk=mail.pk)
        copy.pk = None
        copy._state.adding = True
        copy.to_email = to_email or mail.to_email
        copy.message_id = composing.new_message_id(mail.from_email)
        copy.author, copy.created_at = by, now
        copy.attempts, copy.problem, copy.problem_detail = 0, "", ""
        copy.sending_at = copy.handed_at = copy.sent_at = copy.failed_at = None
        copy.canceled_at = copy.settled_at = copy.meant_at = copy.resent_as = None
        queue(copy, by=by, now=now)
        over = Mail.objects.filter(pk=mail.pk, sent_at=None, resent_as=None)
        claimed = over.exclude(failed_at=None, canceled_at=None).update(resent_as=copy)
        if not claimed:
            raise NotFailed
    return copy


def settle(mail: Mail, *, by: accounts.User, now: datetime) -> None:
    """A person has dealt with the failure in another way; it needs nobody's attention any more."""
    with transaction.atomic():
        if Mail.objects.troubled().filter(pk=mail.pk).update(settled_at=now):
            _record("mail.settled", mail, by=by, at=now)


@port.job(max_attempts=3)
def deliver(*, mail_id: int) -> None:
    """Hand one letter to the mail server, and write down how that ended."""
    outside.check()
    now = timezone.now()
    free = Mail.objects.waiting().filter(pk=mail_id, sending_at=None)
    on_time = free.filter(attempts=0, due_at__gte=now - lateness.LATE)
    claim = {"sending_at": now, "attempts": F("attempts") + 1}
    if not on_time.update(**claim) and not (_still_true(list(free), now) and free.update(**claim)):
        return  # sent, called back, in other hands, or not true any more
    mail = Mail.objects.select_related("candidate", "organization").get(pk=mail_id)
    try:
        posting.post(mail, on_handing_over=lambda: _note_handing_over(mail, timezone.now()))
    except posting.RefusedForGood as refusal:
        _fail(mail, refusal.problem, refusal.detail, timezone.now())
    except posting.LaterPerhaps as trouble:
        _postpone(mail, trouble, timezone.now())
    else:
        _note_sent(mail, timezone.now())


@port.job(max_attempts=3)
def deliver_all(*, mail_ids: list[int]) -> None:
    """Hand these letters to the mail server, one after the other over one connection, and write down how each ended."""
    outside.check()
    free = Mail.objects.waiting().filter(pk__in=mail_ids, sending_at=None)
    letters = list(free.select_related("candidate").order_by("id"))
    end, size, sent, is_over = time.monotonic() + STRETCH, 1, [], False
    with posting.Line() as line:
        while letters or sent:
            if is_over and letters:
                deliver_all.enqueue(mail_ids=[mail.pk for mail in letters])
                letters = []
            some, letters = letters[:size], letters[size:]
            some = _still_true(some, timezone.now())
            with transaction.atomic():
                _note_all_sent(sent, timezone.now())
                mine = _claimed(some, timezone.now())
            started = time.monotonic()
            sent = [mail for mail in mine if _hand_over(mail, line, timezone.now)]
            size = AT_ONCE if time.monotonic() - started < QUICK * len(some) else 1
            is_over = time.monotonic() > end


def _still_true(letters: Sequence[Mail], now: datetime) -> Sequence[Mail]:
    """Those of the letters that may leave at this moment. What comes too late fails: a person decides."""
    untrue = lateness.untrue(letters, now=now)
    for mail in letters:
        if mail.pk in untrue:
            _fail(mail, untrue[mail.pk], "", now, sending_at=None)
    return [mail for mail in letters if mail.pk not in untrue]


def _claimed(letters: Sequence[Mail], now: datetime) -> Sequence[Mail]:
    """Those of the letters that are due and in nobody's hand, now in ours and noted as about to be handed over."""
    if _claim(letters, now):
        return letters
    return [mail for mail in letters if _claim([mail], now)]


def _claim(letters: Sequence[Mail], now: datetime) -> bool:
    """All of them, or none."""
    with transaction.atomic():
        claimed = _CLAIM.run(ids=[mail.pk for mail in letters], now=now)
        is_mine = claimed == len(letters)
        if not is_mine:
            transaction.set_rollback(True)
    for mail in letters:
        mail.attempts += is_mine
    return is_mine


def _hand_over(mail: Mail, line: posting.Line, clock: Callable[[], datetime]) -> bool:
    """Whether the server has taken it. What else became of it is written down."""
    handed = posting.HandingOver()
    try:
        line.post(mail, handed)
    except posting.RefusedForGood as refusal:
        _fail(mail, refusal.problem, refusal.detail, clock())
    except posting.LaterPerhaps as trouble:
        _postpone(mail, trouble, clock())
    except Exception:
        # One that nobody has foreseen must not keep the others. It is brought home.
        logger.exception("letter_not_handed_over mail=%s", mail.pk)
        if not handed.happened:
            Mail.objects.waiting().filter(pk=mail.pk).update(handed_at=None)
    else:
        return True
    return False


def _note_all_sent(letters: Sequence[Mail], now: datetime) -> None:
    """As _note_sent, with as many statements as for one. In the caller's transaction."""
    noted = _NOTE_SENT.run(ids=[mail.pk for mail in letters], now=now)
    if noted < len(letters):
        # One was deleted meanwhile, with its applicant.
        there = set(Mail.objects.filter(pk__in=[mail.pk for mail in letters]).values_list("pk", flat=True))
        letters = [mail for mail in letters if mail.pk in there]
    compiled.insert([_entry("mail.sent", mail, by=None, at=now) for mail in letters])


def _note_handing_over(mail: Mail, now: datetime) -> None:
    Mail.objects.filter(pk=mail.pk).update(handed_at=now)


def _note_sent(mail: Mail, now: datetime) -> None:
    with transaction.atomic():
        done = Mail.objects.filter(pk=mail.pk, sent_at=None)
        if done.update(**_SENT, sent_at=now):
            _record("mail.sent", mail, by=None, at=now)


def _fail(mail: Mail, problem: str, detail: str, now: datetime, **still: Any) -> None:
    """Unless one of the columns in `still` has changed since."""
    with transaction.atomic():
        if (
            Mail.objects.waiting()
            .filter(pk=mail.pk, **still)
            .update(failed_at=now, sending_at=None, problem=problem, problem_detail=detail[:500])
        ):
            _record("mail.failed", mail, by=None, at=now, problem=problem)


def _postpone(mail: Mail, trouble: posting.LaterPerhaps, now: datetime) -> None:
    due_at = handing.next_try(mail.attempts, now)
    if due_at is None:
        _fail(mail, trouble.problem, trouble.detail, now)
        return
    with transaction.atomic():
        Mail.objects.waiting().filter(pk=mail.pk).update(
            sending_at=None, handed_at=None, due_at=due_at, meant_at=lateness.meant_at(mail),
            problem=trouble.problem, problem_detail=trouble.detail[:500],
        )  # fmt: skip
        deliver.using(run_after=due_at).enqueue(mail_id=mail.pk)
        signals.letter_put_back.send(sender=Mail, mail=mail, now=now)


@port.job(max_attempts=1)
def bring_home() -> None:
    """Letters left behind by a worker that died: begin again, or, if the text had been handed over, ask a person."""
    now = timezone.now()
    left = Mail.objects.waiting().filter(sending_at__lt=now - STUCK_AFTER)
    for mail in left.filter(handed_at__isnull=False).select_related("candidate"):
        _fail(mail, Problem.UNCERTAIN, "", now)
    for mail in left.filter(handed_at=None):
        with transaction.atomic():
            claim = Mail.objects.waiting().filter(
                pk=mail.pk, sending_at__lt=now - STUCK_AFTER, handed_at=None
            )
            if claim.update(sending_at=None):
                deliver.enqueue(mail_id=mail.pk)
                signals.letter_put_back.send(sender=Mail, mail=mail, now=now)
    forgotten = Mail.objects.waiting().filter(sending_at=None, due_at__lt=now - STUCK_AFTER)
    for mail_id in forgotten.values_list("pk", flat=True):
        deliver.enqueue(mail_id=mail_id)  # its job was lost; a second job for the same letter finds no claim


def _record(action: str, mail: Mail, *, by: accounts.User | None, at: datetime, **facts: str) -> None:
    _entry(action, mail, by=by, at=at, **facts).save()


def _entry(action: str, mail: Mail, *, by: accounts.User | None, at: datetime, **facts: str) -> Entry:
    return recording.entry(
        action, subject=mail, thread=mail.candidate, organization_id=mail.organization_id, by=by, at=at,
        subject_line=mail.subject, to=mail.to_name or mail.to_email, purpose=mail.purpose, **facts,
    )  # fmt: skip
