"""Reminders: planned when an interview is set or changed, decided when they are due.

Nothing is handed to a mail server in advance. When a reminder is due the interview is looked at as it is then: what was
moved, canceled or has begun sends nothing, and the words (明日, 本日) are those of the moment of sending. A row is
claimed by a conditional UPDATE in the transaction that queues the letter: of two workers one sends."""

import logging
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.interviews import addressing, dispatching, ledger
from mensetsu.interviews.addressing import Recipient
from mensetsu.interviews.models import Interview, Reminder, WhyNot
from mensetsu.jobs import port
from mensetsu.mail import groups
from mensetsu.mail.models import Purpose, Receiver, ReminderRule
from mensetsu.web import dates

logger = logging.getLogger(__name__)

AT_ONCE = 500
# Whoever was told less than this before an evening's reminder would read two letters in a row.
QUIET = timedelta(hours=24)
_Kind = ReminderRule.Kind
_Outcome = Reminder.Outcome
LEFT = (candidates.Status.WITHDRAWN, candidates.Status.REJECTED)


class AlreadyDecided(Exception):
    """The reminder was sent, skipped or called back before."""


# Planning


def plan_reminders(interview: Interview, now: datetime) -> None:
    """Make the rows fit the interview: what no longer holds is void, what is missing is planned. In the caller's
    transaction. Reminders whose moment has passed already are not planned."""
    wanted = dict(_wanted(interview)) if interview.is_standing and not interview.is_over(now) else {}
    for row in Reminder.objects.waiting().filter(interview=interview):
        key = (row.rule_id, row.receiver, row.interviewer_id)
        if row.starts_at == interview.starts_at and wanted.get(key) == row.due_at:
            del wanted[key]
        else:
            _decide(row, _Outcome.VOID, now=now)
    once = _decided_by_people_or_sent(interview)
    Reminder.objects.bulk_create(
        Reminder(
            interview=interview, rule_id=rule_id, receiver=receiver, interviewer_id=user_id,
            starts_at=interview.starts_at, planned_at=now, due_at=due_at,
        )
        for (rule_id, receiver, user_id), due_at in wanted.items()
        if due_at > now and once.isdisjoint({(rule_id, receiver, user_id), (due_at, receiver, user_id)})
    )  # fmt: skip


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
    closed = frozenset(holiday.on for holiday in interview.organization.company_holidays.all())
    rules = list(group.reminder_rules.filter(off_at=None))
    panel = [row.user for row in interview.interviewers.select_related("user")]
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
        return starts_at - timedelta(minutes=rule.minutes)
    on = starts_at.astimezone(zone).date() - timedelta(days=1)
    if rule.kind == _Kind.PREVIOUS_BUSINESS_DAY:
        while not dates.is_business_day(on, closed):
            on -= timedelta(days=1)
    return datetime.combine(on, rule.at or time(), zone)


def call_back(reminder: Reminder, *, by: accounts.User, now: datetime) -> None:
    """「取り消す」: this one reminder does not leave; the others stay. Refuses AlreadyDecided."""
    if not _decide(reminder, _Outcome.CALLED_BACK, now=now, decided_by=by):
        raise AlreadyDecided


# Sending


@port.job(max_attempts=1)
def send_due() -> None:
    """Every reminder that is due, also those that a pause of the workers has made late. Run every minute.

    One that fails for an unforeseen reason stays due and does not keep the others waiting."""
    now = timezone.now()
    for reminder in Reminder.objects.due(now)[:AT_ONCE]:
        try:
            remind(reminder, now=now)
        except Exception:
            logger.exception("reminder_failed reminder=%s", reminder.pk)


def remind(reminder: Reminder, *, now: datetime) -> bool:
    """Decide one reminder; answers whether a letter was queued. Waits (and stays due) while the text needs an address
    that is still being made."""
    try:
        with transaction.atomic():
            dispatching.take_turn(reminder.interview_id)
            if not _decide(reminder, _Outcome.SENT, now=now):
                return False  # another worker was first, or it was called back
            return _send(reminder, now=now)
    except dispatching.NotYet:
        return False


def _send(reminder: Reminder, *, now: datetime) -> bool:
    interview = read(reminder.interview_id)
    one = _recipient(interview, reminder)
    reason = _why_not(reminder, interview, one, now=now)
    if not reason:
        group = dispatching.effective_group(interview)
        try:
            mail = dispatching.dispatch(
                interview, one, purpose=Purpose.REMINDER, texts=groups.Texts(group),
                occasion=f"reminder {reminder.pk}", now=now,
            )  # fmt: skip
        except dispatching.NotSent as not_sent:
            reason = not_sent.reason
            if reason:
                dispatching.withhold(interview, one, purpose=Purpose.REMINDER, reason=reason, now=now)
        else:
            Reminder.objects.filter(pk=reminder.pk).update(mail=mail)
            return True
    Reminder.objects.filter(pk=reminder.pk).update(outcome=_Outcome.SKIPPED, reason=reason)
    return False


def _why_not(reminder: Reminder, interview: Interview, one: Recipient | None, *, now: datetime) -> str:
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


def _recipient(interview: Interview, reminder: Reminder) -> Recipient | None:
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
