"""Letters on their way: queue · deliver (job) · undo · send again · bring stuck ones home (job).

Nothing is sent twice. A row is claimed by a conditional UPDATE; `handed_at` is written right before the text is handed
to the server. A letter whose server never saw the text is tried again by itself. One whose text was handed over and
never answered for stays failed as "uncertain": a person looks and decides (docs/decisions)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from mensetsu.accounts import models as accounts
from mensetsu.history import recording
from mensetsu.jobs import outside, port
from mensetsu.mail import composing, posting, signals
from mensetsu.mail.models import Mail, Problem

UNDO_SECONDS = 20
MAX_ATTEMPTS = 8
WAITS = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600)  # seconds before attempt 2, 3, …: about a day
STUCK_AFTER = timedelta(minutes=10)


class AlreadyLeft(Exception):
    """The letter is on its way or gone: it cannot be called back."""


class NotFailed(Exception):
    """Only a letter that failed or was called back can be sent again; this one may still arrive."""


def queue(mail: Mail, *, by: accounts.User | None, now: datetime, due_at: datetime | None = None) -> Mail:
    """Write the letter down and let it leave at `due_at` (now if not given). In the caller's transaction."""
    with transaction.atomic():
        mail.queued_at = now
        mail.due_at = due_at or now
        mail.save()
        _record("mail.queued", mail, by=by, at=now)
        deliver.using(run_after=mail.due_at).enqueue(mail_id=mail.pk)
    return mail


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
        copy.canceled_at = copy.settled_at = copy.resent_as = None
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
    claim = Mail.objects.waiting().filter(pk=mail_id, sending_at=None)
    if not claim.update(sending_at=timezone.now(), attempts=F("attempts") + 1):
        return  # sent, called back, or in other hands
    mail = Mail.objects.select_related("candidate", "organization").get(pk=mail_id)
    try:
        posting.post(mail, on_handing_over=lambda: _note_handing_over(mail, timezone.now()))
    except posting.RefusedForGood as refusal:
        _fail(mail, refusal.problem, refusal.detail, timezone.now())
    except posting.LaterPerhaps as trouble:
        _postpone(mail, trouble, timezone.now())
    else:
        _note_sent(mail, timezone.now())


def _note_handing_over(mail: Mail, now: datetime) -> None:
    Mail.objects.filter(pk=mail.pk).update(handed_at=now)


def _note_sent(mail: Mail, now: datetime) -> None:
    with transaction.atomic():
        done = Mail.objects.filter(pk=mail.pk, sent_at=None)
        if done.update(sent_at=now, failed_at=None, sending_at=None, problem="", problem_detail=""):
            _record("mail.sent", mail, by=None, at=now)


def _fail(mail: Mail, problem: str, detail: str, now: datetime) -> None:
    with transaction.atomic():
        if (
            Mail.objects.waiting()
            .filter(pk=mail.pk)
            .update(failed_at=now, sending_at=None, problem=problem, problem_detail=detail[:500])
        ):
            _record("mail.failed", mail, by=None, at=now, problem=problem)


def _postpone(mail: Mail, trouble: posting.LaterPerhaps, now: datetime) -> None:
    if mail.attempts >= MAX_ATTEMPTS:
        _fail(mail, trouble.problem, trouble.detail, now)
        return
    due_at = now + timedelta(seconds=WAITS[min(mail.attempts, len(WAITS)) - 1])
    with transaction.atomic():
        Mail.objects.waiting().filter(pk=mail.pk).update(
            sending_at=None, handed_at=None, due_at=due_at, problem=trouble.problem,
            problem_detail=trouble.detail[:500],
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
    recording.record(
        action, subject=mail, thread=mail.candidate, organization_id=mail.organization_id, by=by, at=at,
        subject_line=mail.subject, to=mail.to_name or mail.to_email, purpose=mail.purpose, **facts,
    )  # fmt: skip
