"""Reminders: planned when an interview is set or changed, decided when they are due.

Nothing is handed to a mail server in advance. When a reminder is due the interview is looked at as it is then: what was
moved, canceled or has begun sends nothing, and the words (明日, 本日) are those of the moment of sending. A row is
claimed by a conditional UPDATE in the transaction that queues the letter: of two workers one sends."""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Prefetch
from django.utils import timezone

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.interviews import addressing, dispatching, informing, join_links, ledger, noting
from mensetsu.interviews.addressing import Recipient
from mensetsu.interviews.models import Interview, Reminder, WhyNot
from mensetsu.jobs import port
from mensetsu.mail import groups
from mensetsu.mail.models import Mail, Purpose, Receiver, ReminderRule, TemplateGroup
from mensetsu.statements import compiled
from mensetsu.web import dates, moments

logger = logging.getLogger(__name__)

# So many are decided in one transaction, at the moment of the first of them.
AT_ONCE = 25
# Whoever was told less than this before an evening's reminder would read two letters in a row.
QUIET = timedelta(hours=24)
_Kind = ReminderRule.Kind
_Outcome = Reminder.Outcome
LEFT = (candidates.Status.WITHDRAWN, candidates.Status.REJECTED)
_LETTER_OF = f"UPDATE {Reminder._meta.db_table} SET mail_id = %s WHERE id = %s"  # noqa: S608 - our own table


class AlreadyDecided(Exception):
    """The reminder was sent, skipped or called back before."""


# Planning


_RULES = compiled.Read(
    lambda group: ReminderRule.objects.filter(group=group, off_at=None), group=compiled.NUMBER
)


def plan_reminders(interview: Interview, now: datetime) -> None:
    """Make the rows fit the interview: what no longer holds is void, what is missing is planned. In the caller's
    transaction. Reminders whose moment has passed already are not planned."""
    wanted = dict(_wanted(interview)) if interview.is_standing and not interview.is_over(now) else {}
    once = frozenset() if interview.is_unheard else _fit(interview, wanted, now)
    planned = [
        Reminder(
            interview=interview, rule_id=rule_id, receiver=receiver, interviewer_id=user_id,
            starts_at=interview.starts_at, planned_at=now, due_at=due_at,
        )
        for (rule_id, receiver, user_id), due_at in wanted.items()
        if due_at > now and not {(rule_id, receiver, user_id), (due_at, receiver, user_id)} & set(once)
    ]  # fmt: skip
    compiled.insert(planned)


def _fit(interview: Interview, wanted: dict, now: datetime) -> Collection[tuple[Any, str, int | None]]:
    """Take out of `wanted` what is planned already, void what is not wanted any more; answers what is decided."""
    for row in Reminder.objects.waiting().filter(interview=interview):
        key = (row.rule_id, row.receiver, row.interviewer_id)
        if row.starts_at == interview.starts_at and wanted.get(key) == row.due_at:
            del wanted[key]
        else:
            _decide(row, _Outcome.VOID, now=now)
    return _decided_by_people_or_sent(interview)


def _decided_by_people_or_sent(interview: Interview) -> set[tuple[Any, str, int | None]]:
    """What is not planned a second time for the present start: by its rule, and by its moment, since a rule that was
    removed and added again is another rule."""
    final = Reminder.objects.filter(
        interview=interview, starts_at=interview.starts_at, outcome__in=(_Outcome.SENT, _Outcome.CALLED_BACK)
    )
    return {(which, row.receiver, row.interviewer_id) for row in final for which in (row.rule_id, row.due_at)}


def _wanted(interview: Interview) -> Iterator[tuple[tuple[int, str, int | None], datetime]]:
    """(rule, receiver, interviewer) → when. Applicant and agency are planned for whatever 連絡方法 says now: it may be
    another one when the reminder is due."""
    group = dispatching.effective_group(interview)
    if group is None:
        return
    rules = _RULES.objects(group=group.pk)
    if not rules:
        return
    closed = interview.organization.closed_days
    panel = informing.panel(interview)
    candidate = interview.candidate
    for rule in rules:
        if rule.receiver == Receiver.INTERVIEWER:
            for user in panel:
                yield (
                    (rule.pk, rule.receiver, user.pk),
                    due_at(rule, interview.starts_at, user.zone, closed),
                )
        elif rule.receiver == Receiver.CANDIDATE:
            yield (
                (rule.pk, rule.receiver, None),
                due_at(rule, interview.starts_at, candidate.zone, closed),
            )
        elif candidate.agency_contact is not None:
            zone = candidate.agency_contact.zone
            yield (rule.pk, rule.receiver, None), due_at(rule, interview.starts_at, zone, closed)


def due_at(rule: ReminderRule, starts_at: datetime, zone: ZoneInfo, closed: frozenset) -> datetime:
    """When that rule reminds somebody in that zone; `closed` are the company's holidays."""
    if rule.kind == _Kind.MINUTES_BEFORE:
        return moments.plus(starts_at, -timedelta(minutes=rule.minutes))
    on = moments.plus(moments.local(starts_at, zone).date(), -timedelta(days=1))
    if rule.kind == _Kind.PREVIOUS_BUSINESS_DAY:
        while on > date.min and not dates.is_business_day(on, closed):
            on -= timedelta(days=1)
    return moments.utc(datetime.combine(on, rule.at or time(), zone))


def call_back(reminder: Reminder, *, by: accounts.User, now: datetime) -> None:
    """「取り消す」: this one reminder does not leave; the others stay. Refuses AlreadyDecided."""
    if not _decide(reminder, _Outcome.CALLED_BACK, now=now, decided_by=by):
        raise AlreadyDecided


# Sending


@port.job(max_attempts=1)
def send_due() -> None:
    """Every reminder that is due, also those that a pause of the workers has made late. Run every minute.

    One that fails for an unforeseen reason stays due and does not keep the others waiting. Many take longer than a
    minute: who then comes second leaves them to the first, and has hands for the letters."""
    for some in _together(Reminder.objects.due(timezone.now())):
        if not _remind_some(some, now=timezone.now()):
            return


def _together(due: Iterable[Reminder]) -> Iterator[list[Reminder]]:
    """Those that are decided together: never two about one interview to one person, because the second depends on the
    first."""
    rounds: dict[int, list[Reminder]] = {}
    seen: Counter[tuple[int, str, int | None]] = Counter()
    for one in due:
        reader = (one.interview_id, one.receiver, one.interviewer_id)
        turn, seen[reader] = seen[reader], seen[reader] + 1
        rounds.setdefault(turn, []).append(one)
        if len(rounds[turn]) == AT_ONCE:
            yield rounds.pop(turn)
    yield from rounds.values()


def _remind_some(some: Sequence[Reminder], *, now: datetime) -> bool:
    """False when another worker is at them."""
    try:
        _remind(some, now=now)
    except _InOtherHands:
        return False
    except Exception as problem:
        # Something else has happened to one of them at this moment, or one of them cannot be decided: each by itself.
        logger.info("reminders_decided_singly count=%s why=%s", len(some), type(problem).__name__)
        for reminder in some:
            try:
                remind(reminder, now=now)
            except Exception:
                logger.exception("reminder_failed reminder=%s", reminder.pk)
    return True


class _TextsOfGroups(dict[int, groups.Texts]):
    """What the groups say, read once for reminders that are decided together."""

    def of(self, group: TemplateGroup) -> groups.Texts:
        if group.pk not in self:
            self[group.pk] = groups.Texts(group)
        return self[group.pk]


class _Contended(Exception):
    """Somebody has decided one of the reminders since they were read."""


class _InOtherHands(Exception):
    """All of them were decided while we waited for our turn."""


def remind(reminder: Reminder, *, now: datetime) -> bool:
    """Decide one reminder; answers whether a letter was queued. Waits (and stays due) while the text needs an address
    that is still being made."""
    try:
        return _remind([reminder], now=now) > 0
    except (_Contended, _InOtherHands):
        return False


@transaction.atomic
def _remind(some: Sequence[Reminder], *, now: datetime) -> int:
    """The same for many: all of them or, when that is refused, none. How many letters."""
    dispatching.take_turn(*{one.interview_id for one in some})
    waiting = list(Reminder.objects.waiting().filter(pk__in=[one.pk for one in some]).select_related("rule"))
    if not waiting:
        raise _InOtherHands
    interviews = _read_all([one.interview_id for one in waiting])
    meant: list[tuple[Reminder, Interview, Recipient]] = []
    skipped: dict[int, str] = {}
    for reminder in waiting:
        interview = interviews[reminder.interview_id]
        one = recipient(interview, reminder)
        if reason := why_not(reminder, interview, one, now=now):
            skipped[reminder.pk] = reason
        else:
            meant.append((reminder, interview, one))
    letters = _composed(meant, skipped, now=now)
    mails = _written(letters, skipped, now=now)
    _note(list(mails), _Outcome.SENT, now=now)
    for pk, reason in skipped.items():
        _note([pk], _Outcome.SKIPPED, now=now, reason=reason)
    with connection.cursor() as cursor:
        cursor.executemany(_LETTER_OF, [(mail.pk, pk) for pk, mail in mails.items()])
    return len(mails)


def _composed(
    meant: Sequence[tuple[Reminder, Interview, Recipient]], skipped: dict[int, str], *, now: datetime
) -> dict[int, noting.Composed]:
    """The letters by reminder, with the words of this moment; for whom there is no text is `skipped`."""
    texts, letters = _TextsOfGroups(), {}
    outside = [one for one in meant if one[2].interviewer is None]
    join_links.ensure([(interview, one.receiver, one.contact) for _r, interview, one in outside], now=now)
    for reminder, interview, one in meant:
        try:
            letters[reminder.pk] = dispatching.compose(
                interview, one, purpose=Purpose.REMINDER,
                texts=texts.of(dispatching.effective_group(interview)), occasion=f"reminder {reminder.pk}",
                now=now, is_current=True,
            )  # fmt: skip
        except dispatching.NotYet:
            continue
        except dispatching.NotSent as not_sent:
            reason = skipped[reminder.pk] = not_sent.reason
            dispatching.withhold(interview, one, purpose=Purpose.REMINDER, reason=reason, now=now)
    return letters


def _written(
    letters: Mapping[int, noting.Composed], skipped: dict[int, str], *, now: datetime
) -> dict[int, Mail]:
    """The letters as rows, by reminder. A single one that exists already is skipped without a reason."""
    try:
        return dict(zip(letters, noting.write_down(list(letters.values()), by=None, now=now), strict=True))
    except noting.AlreadySent:
        if len(letters) > 1:
            raise
        skipped |= dict.fromkeys(letters, "")
        return {}


def _note(ids: Sequence[int], outcome: str, *, now: datetime, reason: str = "") -> None:
    """The claim: only those that are still waiting can be decided."""
    mine = Reminder.objects.waiting().filter(pk__in=ids)
    if mine.update(outcome=outcome, decided_at=now, reason=reason) < len(ids):
        raise _Contended


def why_not(reminder: Reminder, interview: Interview, one: Recipient | None, *, now: datetime) -> str:
    """The reason why nothing is to be sent at this moment, or ""."""
    checks = (
        (WhyNot.CANCELED, not interview.is_standing),
        (WhyNot.MOVED, interview.starts_at != reminder.starts_at),
        (WhyNot.BEGUN, interview.starts_at <= now or interview.started_at is not None),
        (WhyNot.LEFT, interview.candidate.status in LEFT),
        (WhyNot.SWITCHED_OFF, not _is_in_force(reminder, interview)),
        (WhyNot.NOT_MEANT, one is None),
    )
    for reason, applies in checks:
        if applies:
            return reason
    told_at = _told_at(reminder, interview, one)
    if told_at is None:
        return WhyNot.NOT_TOLD if interview.confirmation_waived_at is None else ""
    return WhyNot.JUST_TOLD if now - told_at < _quiet(reminder.rule) else ""


def _is_in_force(reminder: Reminder, interview: Interview) -> bool:
    group = dispatching.effective_group(interview)
    rule = reminder.rule
    return group is not None and rule is not None and rule.off_at is None and rule.group_id == group.pk


def _quiet(rule: ReminderRule) -> timedelta:
    return QUIET if rule.kind != _Kind.MINUTES_BEFORE else min(QUIET, timedelta(minutes=rule.minutes))


def _told_at(reminder: Reminder, interview: Interview, one: Recipient) -> datetime | None:
    """When this person was told the present time. Interviewers without a letter were told by a notice in the
    transaction of the change that planned the reminder; a rule that came later planned it later than that."""
    for told in ledger.read(interview):
        if addressing.key_of(told.mail) == one.key and told.mail.purpose != Purpose.REMINDER:
            return told.at if told.knows_time and told.knows_way else None
        if addressing.key_of(told.mail) == one.key:
            return interview.created_at if told.knows_time else None
    if reminder.receiver == Receiver.INTERVIEWER:
        return min(reminder.planned_at, interview.changed_at)
    return None


def recipient(interview: Interview, reminder: Reminder) -> Recipient | None:
    """Who that is today: the contact may have been replaced, the route changed, the interviewer released."""
    if reminder.receiver == Receiver.INTERVIEWER:
        panel = {row.user_id: row.user for row in interview.interviewers.all()}
        user = panel.get(reminder.interviewer_id)
        return addressing.interviewer(user) if user is not None and user.is_active else None
    meant = [one for one in addressing.by_route(interview) if one.receiver == reminder.receiver]
    return meant[0] if meant else None


def _decide(reminder: Reminder, outcome: str, *, now: datetime, **more: Any) -> int:
    """The claim: only one that is still waiting can be decided."""
    mine = Reminder.objects.waiting().filter(pk=reminder.pk)
    return mine.update(outcome=outcome, decided_at=now, **more)


def read(interview_id: int) -> Interview:
    """The interview with everything that planning and sending ask of it."""
    found = Interview.objects.with_facts().select_related(
        "organization",
        "template_group",
        "candidate__agency_contact__agency",
        "candidate__owner",
        "created_by",
    )
    return found.get(pk=interview_id)


def _read_all(interview_ids: Sequence[int]) -> dict[int, Interview]:
    """The same for many: people, jobs and groups that they share are read once. Letters come without their text."""
    found = Interview.objects.filter(pk__in=interview_ids).prefetch_related(
        "organization",
        "template_group",
        "stage",
        "created_by",
        "candidate__job",
        "candidate__owner",
        "candidate__agency_contact__agency",
        "meeting__connection",
        "next_meeting__connection",
        "interviewers__user",
        "join_links",
        "notices",
        Prefetch("notices__mail", Mail.objects.defer("body", "attachments")),
    )
    return {one.pk: one for one in found}
