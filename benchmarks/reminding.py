"""What P8 starts from: interviews of tomorrow whose applicants were told three days ago, and a reminder for each, due
at one moment."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Model

from benchmarks import loading
from benchmarks.scene import JAPAN
from mensetsu.accounts.models import Organization, User
from mensetsu.candidates.models import Candidate, ContactRoute, Status
from mensetsu.interviews.models import Interview, Interviewer, Notice, Reminder, Service, Way
from mensetsu.mail import standard_group
from mensetsu.mail.models import Mail, Purpose, Receiver, ReminderRule

TOLD = timedelta(days=3)
HOURS = 9
_TABLES = (Interview, Interviewer, Mail, Notice, Reminder)


def plan(
    *, company: Organization, by: User, interviewers: Sequence[User], amount: int, due_at: datetime
) -> None:
    """So many interviews and reminders, from `amount` on applicants who have several. By web, with an address of the
    company's own: Zoom has no part in a reminder."""
    group = standard_group.ensure(company, due_at)
    rule = group.reminder_rules.get(receiver=Receiver.CANDIDATE)
    people = list(
        Candidate.objects.filter(
            organization=company, status=Status.ACTIVE, contact_route=ContactRoute.DIRECT
        )
        .exclude(email="")
        .order_by("id")[:amount]
    )
    first = max(model.objects.aggregate(Max("pk"))["pk__max"] or 0 for model in _TABLES)
    rows = [
        _rows(
            first + 1 + number, people[number % len(people)], interviewers[number % len(interviewers)],
            _start(due_at, number // len(people)), rule, by, due_at,
        )
        for number in range(amount)
    ]  # fmt: skip
    with transaction.atomic():
        for model, made in zip(_TABLES, zip(*rows, strict=True), strict=True):
            loading.store(model, loading.encode(made))
        with connection.cursor() as cursor:
            for sql in connection.ops.sequence_reset_sql(loading.NO_STYLE, list(_TABLES)):
                cursor.execute(sql)


def _rows(
    key: int,
    person: Candidate,
    interviewer: User,
    starts_at: datetime,
    rule: ReminderRule,
    by: User,
    due_at: datetime,
) -> tuple[Model, ...]:
    """One row for each of _TABLES."""
    told_at = due_at - TOLD
    interview = Interview(
        pk=key, organization_id=person.organization_id, candidate=person, stage_id=person.stage_id,
        starts_at=starts_at, minutes=60, ends_at=starts_at + timedelta(hours=1), way=Way.WEB, service=Service.URL,
        custom_url=f"https://meet.example.jp/{key}", template_group=rule.group, created_at=told_at, created_by=by,
        changed_at=told_at, changed_by=by,
    )  # fmt: skip
    letter = _confirmation(key, interview, told_at)
    return (
        interview,
        Interviewer(pk=key, interview=interview, user=interviewer),
        letter,
        Notice(pk=key, interview=interview, mail=letter, told_starts_at=starts_at, told_minutes=60, told_way="url"),
        Reminder(
            pk=key, interview=interview, rule=rule, receiver=Receiver.CANDIDATE, starts_at=starts_at,
            planned_at=told_at, due_at=due_at,
        ),
    )  # fmt: skip


def _start(due_at: datetime, turn: int) -> datetime:
    """The `turn`th full hour from nine o'clock on, from tomorrow on."""
    day = due_at.astimezone(JAPAN).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return day + timedelta(days=turn // HOURS, hours=turn % HOURS)


def _confirmation(key: int, interview: Interview, at: datetime) -> Mail:
    person = interview.candidate
    return Mail(
        pk=key, organization_id=interview.organization_id, candidate=person, purpose=Purpose.CONFIRMATION,
        receiver=Receiver.CANDIDATE, language=person.language, to_name=person.full_name, to_email=person.email,
        from_email="saiyo@example.jp", subject="面接日程のご連絡", body="日程が決まりました。",
        message_id=f"<confirmation-{key}@example.jp>", created_at=at, queued_at=at, due_at=at, sending_at=None,
        handed_at=at, sent_at=at, attempts=1,
    )  # fmt: skip
