"""What our software writes to our own users: a text per notice in templates/notices/<name>/, sent by a job, at most
once (docs/decisions/0004).

A text sees the context, `to_name`, and `base_url` (so `{{ base_url }}{{ url("home") }}` is a whole address). It is
plain text in the recipient's language: nothing is escaped.

A notice is a row before it is an attempt. What is tried again is what the mail server surely has not taken; when nobody
knows, a person is asked. What must be looked at right before it leaves, the room that writes it registers (`keep`)."""

import json
import logging
import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation

from mensetsu.jobs import outside, port
from mensetsu.notices import handing
from mensetsu.notices.models import OutgoingNotice, Problem
from mensetsu.statements import compiled, together

# A notice that leaves so long after it was written may tell of what has come since.
LATE = timedelta(minutes=5)
KEEP = timedelta(days=90)
_OLDER = uuid.UUID("5f0f3c0e-7d0c-4c52-9a44-6d656e736574")

logger = logging.getLogger(__name__)


class NotFailed(Exception):
    """Only a notice that failed can be sent again; this one has left, waits, or was dealt with."""


class NotWanted(Exception):
    """What it says is not so any more, and its reader needs no other: it does not leave, and nobody need know."""


class Overdue(Exception):
    """The notice comes too late to be of use: it does not leave, and a person must know."""


class Reader(Protocol):
    """A user, as far as notices know one."""

    pk: Any
    organization_id: Any
    email: Any
    language: Any
    time_zone: Any

    def name_in(self, language: str) -> str: ...


@dataclass(frozen=True)
class Keeper:
    """What a room has to say about the notices of a name.

    `prepare(notice, now)`: the context as it leaves; raises NotWanted or Overdue. `failed(notice, now)` hears when one
    does not leave, in the transaction that writes it down."""

    prepare: Callable[[OutgoingNotice, datetime], dict[str, Any]] = lambda notice, now: notice.context
    failed: Callable[[OutgoingNotice, datetime], None] = lambda notice, now: None


_KEEPERS: dict[str, Keeper] = {}
_NOBODY = Keeper()


def keep(name: str, keeper: Keeper) -> None:
    """At start-up: this keeper is asked about every notice of that name."""
    _KEEPERS[name] = keeper


def deliver(
    name: str, *, to: Reader, context: dict[str, Any] | None = None, about: models.Model | None = None
) -> None:
    """Queue notice `name` for one person, in their language and on their clock. `about`: the row whose page tells what
    becomes of it.

    Call it inside the transaction of the fact: no fact, no notice. `context` is plain JSON; moments are datetimes
    under keys ending in `_at`. It stands readable in the row, so what is secret (a link that logs somebody in) is added
    by the keeper's `prepare` and stands nowhere."""
    plain = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in (context or {}).items()}
    key = uuid.uuid4()
    job = send_one.enqueue(notice_id=str(key))
    notice = OutgoingNotice(
        pk=key, name=name, organization_id=to.organization_id, user_id=to.pk, context=plain,
        about=about._meta.label_lower if about is not None else "", about_id=about.pk if about is not None else None,
        created_at=job.enqueued_at, due_at=job.enqueued_at, **_address(to),
    )  # fmt: skip
    together.write(_write, notice)


def _address(to: Reader) -> dict[str, str]:
    """Where, and in what language, that person is written to at this moment."""
    return {
        "email": to.email, "to_name": one_line(to.name_in(to.language)), "language": to.language,
        "time_zone": to.time_zone,
    }  # fmt: skip


def _write(notices: list[OutgoingNotice]) -> None:
    compiled.insert(notices)


def send_again(notice: OutgoingNotice, *, to: Reader, now: datetime) -> None:
    """A failed notice once more, to where its reader gets mail today. Refuses NotFailed, also when two press at once.
    In the caller's transaction."""
    mine = OutgoingNotice.objects.troubled().filter(pk=notice.pk)
    again = {"failed_at": None, "handed_at": None, "attempts": 0, "problem": "", "problem_detail": ""}
    if not mine.update(due_at=now, **again, **_address(to)):
        raise NotFailed
    send_one.enqueue(notice_id=str(notice.pk))


def settle(notice: OutgoingNotice, *, now: datetime) -> bool:
    """A person has told the reader in another way; False when it needs nobody's attention any more."""
    return OutgoingNotice.objects.troubled().filter(pk=notice.pk).update(settled_at=now, context={}) > 0


def withhold(*, until: datetime, now: datetime) -> int:
    """A backup was restored: what was to leave by then may have left before, so each fails as "restored" and a person
    decides. Also those that somebody had in hand. Only while nobody works. Answers how many."""
    held = OutgoingNotice.objects.waiting().filter(due_at__lte=until)
    for notice in held:
        _fail(notice, Problem.RESTORED, "", now)
    return len(held)


@port.job(max_attempts=3)
def send_one(*, notice_id: str) -> None:
    """Hand one notice to the mail server, and write down how that ended."""
    outside.check()
    claim = OutgoingNotice.objects.waiting().filter(pk=notice_id, sending_at=None)
    if not claim.update(sending_at=timezone.now(), attempts=F("attempts") + 1):
        return  # sent, dropped, or in other hands
    notice = OutgoingNotice.objects.get(pk=notice_id)
    handed = handing.HandingOver(lambda: _note_handing_over(notice, timezone.now()))
    try:
        message = _message(notice, timezone.now())
        with handing.Line() as line:
            line.hand_over(message, handed)
    except NotWanted:
        OutgoingNotice.objects.waiting().filter(pk=notice.pk).update(canceled_at=timezone.now(), context={})
    except Overdue:
        _fail(notice, Problem.OVERDUE, "", timezone.now())
    except handing.RefusedForGood as refusal:
        _fail(notice, refusal.problem, refusal.detail, timezone.now())
    except handing.LaterPerhaps as trouble:
        _postpone(notice, trouble, timezone.now())
    except Exception as problem:
        if outside.is_database_lost(problem):
            raise  # it is brought home
        logger.exception("notice_not_written notice=%s name=%s", notice.pk, notice.name)
        why = Problem.UNCERTAIN if handed.happened else Problem.BAD_MESSAGE
        _fail(notice, why, type(problem).__name__, timezone.now())
    else:
        _note_sent(notice, timezone.now())


def _message(notice: OutgoingNotice, now: datetime) -> Callable[[Any], EmailMessage]:
    """The mail as it leaves at this moment. Refuses NotWanted and Overdue."""
    context = _KEEPERS.get(notice.name, _NOBODY).prepare(notice, now)
    values = {
        k: datetime.fromisoformat(v) if k.endswith("_at") and isinstance(v, str) and v else v
        for k, v in context.items()
    }
    values |= {"to_name": notice.to_name, "base_url": settings.BASE_URL}
    with translation.override(notice.language), timezone.override(ZoneInfo(notice.time_zone)):
        subject = render_to_string(f"notices/{notice.name}/subject.txt", values)
        body = render_to_string(f"notices/{notice.name}/body.txt", values)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return lambda connection: EmailMessage(
        one_line(subject),
        body.strip() + "\n",
        to=[formataddr((notice.to_name, notice.email))],
        # Holiday replies to a machine help nobody (RFC 3834).
        headers={"Auto-Submitted": "auto-generated", "Message-ID": f"<{notice.pk.hex}@{domain}>"},
        connection=connection,
    )


def is_late(notice: OutgoingNotice, now: datetime) -> bool:
    """It leaves later than it was meant to: the server did not take it at first, or nobody ran jobs for a while."""
    return notice.attempts > 1 or now - notice.due_at > LATE


def _note_handing_over(notice: OutgoingNotice, now: datetime) -> None:
    OutgoingNotice.objects.filter(pk=notice.pk).update(handed_at=now)


def _note_sent(notice: OutgoingNotice, now: datetime) -> None:
    done = OutgoingNotice.objects.filter(pk=notice.pk, sent_at=None)
    done.update(sent_at=now, failed_at=None, sending_at=None, problem="", problem_detail="", context={})


def _fail(notice: OutgoingNotice, problem: str, detail: str, now: datetime) -> None:
    with transaction.atomic():
        mine = OutgoingNotice.objects.waiting().filter(pk=notice.pk)
        if mine.update(failed_at=now, sending_at=None, problem=problem, problem_detail=detail[:500]):
            logger.warning("notice_failed notice=%s name=%s problem=%s", notice.pk, notice.name, problem)
            notice.failed_at, notice.problem = now, problem
            _KEEPERS.get(notice.name, _NOBODY).failed(notice, now)


def _postpone(notice: OutgoingNotice, trouble: handing.LaterPerhaps, now: datetime) -> None:
    due_at = handing.next_try(notice.attempts, now)
    if due_at is None:
        _fail(notice, trouble.problem, trouble.detail, now)
        return
    with transaction.atomic():
        OutgoingNotice.objects.waiting().filter(pk=notice.pk).update(
            sending_at=None, handed_at=None, due_at=due_at, problem=trouble.problem,
            problem_detail=trouble.detail[:500],
        )  # fmt: skip
        send_one.using(run_after=due_at).enqueue(notice_id=str(notice.pk))


@port.job(max_attempts=1)
def bring_home() -> None:
    """Notices left behind by a worker that died: begin again, or, if the text had been handed over, ask a person."""
    now = timezone.now()
    stuck = OutgoingNotice.objects.waiting().filter(sending_at__lt=now - handing.STUCK_AFTER)
    for notice in stuck.filter(handed_at__isnull=False):
        _fail(notice, Problem.UNCERTAIN, "", now)
    for notice_id in stuck.filter(handed_at=None).values_list("pk", flat=True):
        with transaction.atomic():
            if stuck.filter(pk=notice_id, handed_at=None).update(sending_at=None):
                send_one.enqueue(notice_id=str(notice_id))
    forgotten = OutgoingNotice.objects.waiting().filter(sending_at=None, due_at__lt=now - handing.STUCK_AFTER)
    for notice_id in forgotten.values_list("pk", flat=True):
        send_one.enqueue(notice_id=str(notice_id))  # a second job for the same notice finds no claim


@port.job(max_attempts=1)
def forget_old() -> None:
    """Delete the rows of notices that were written three months ago."""
    OutgoingNotice.objects.filter(created_at__lt=timezone.now() - KEEP).delete()


@port.job(max_attempts=8)
def send_notice(
    *, name: str, email: str, to_name: str, language: str, time_zone: str, context: dict[str, Any]
) -> None:
    """Jobs that a release before this one has queued: written down, and then as any other. Twice the same is one."""
    words = json.dumps([name, email, language, context], sort_keys=True)
    key, now = uuid.uuid5(_OLDER, words), timezone.now()
    try:
        with transaction.atomic():
            OutgoingNotice.objects.create(
                pk=key, name=name, email=email, to_name=to_name, language=language, time_zone=time_zone,
                context=context, created_at=now, due_at=now,
            )  # fmt: skip
            send_one.enqueue(notice_id=str(key))
    except IntegrityError:
        return


def one_line(text: str) -> str:
    """For a header: line breaks and other control characters become a space; full-width spaces stay as typed."""
    visible = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text.strip()
    )
    return " ".join(part for part in visible.split(" ") if part)
