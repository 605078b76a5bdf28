"""Tell people about an interview: in which words, and the sending itself. Who should be told is addressing's question.

Recruiters write and press; what leaves by itself comes through here too (dispatching). A sent letter leaves a Notice
with the facts it carried; whether an interview is confirmed, or who holds old facts, is read from those (ledger)."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from mensetsu.accounts import models as accounts
from mensetsu.interviews import (
    addressing,
    calendar,
    join_links,
    lateness,
    ledger,
    letter_checks,
    noting,
    tags,
)
from mensetsu.interviews import facts as telling
from mensetsu.interviews.models import Interview, Notice
from mensetsu.mail import checks, composing, delivery, samples
from mensetsu.mail import tags as grammar
from mensetsu.mail.models import Mail, Purpose, Receiver, Template

# Letters that put something into the reader's calendar, move it or take it out.
WITH_CALENDAR = frozenset({Purpose.CONFIRMATION, Purpose.CHANGE, Purpose.WAY_CHANGE}) | ledger.ENDINGS

# The face of addressing: pages need to know only this file.
Recipient = addressing.Recipient
Audience = addressing.Audience
CORRECTIONS = addressing.CORRECTIONS
recipients = addressing.recipients
audiences = addressing.audiences
purpose_now = addressing.purpose_now
# And that of noting.
AlreadySent = noting.AlreadySent


class NotSendable(Exception):
    """The text has holes or must not leave. Nothing was written."""

    def __init__(self, findings: list[checks.Finding]) -> None:
        super().__init__([finding.code for finding in findings])
        self.findings = findings


class ToldMeanwhile(Exception):
    """Such a letter has come into being for these people since the writer looked, by itself or by a colleague."""

    def __init__(self, people: list[addressing.Recipient]) -> None:
        super().__init__(len(people))
        self.people = people


class NoRecipient(Exception):
    """Nobody was chosen."""


class OutOfDate(Exception):
    """The letter tells facts that have changed since: a new one must be written."""


@dataclass(frozen=True)
class Text:
    """What stands in the editor: tags and all."""

    subject: str
    body: str
    template: Template | None = None


@dataclass(frozen=True)
class Written:
    """A letter to one recipient as it would leave now, and what is to be looked at first."""

    recipient: Recipient
    letter: composing.Letter
    facts: telling.Facts
    findings: list[checks.Finding] = field(default_factory=list)


# What


def templates(interview: Interview, *, purpose: str, receiver: str, language: str) -> list[Template]:
    """The texts that can be chosen, most fitting first: language, then way; those for another way come last."""
    way = interview.letter_way
    found = Template.objects.for_letter(
        organization=interview.organization, purpose=purpose, receiver=receiver
    )
    order = {way: 0, "": 1}
    return sorted(found, key=lambda one: (one.language != language, order.get(one.way, 2), one.pk))


def draft(
    interview: Interview,
    *,
    purpose: str,
    audience: Audience,
    sender: accounts.User | None,
    now: datetime,
    template: Template | None = None,
    extra: Mapping[str, str] | None = None,
) -> Text:
    """The chosen template, or the most fitting one whose tags all have values. Makes the recipients' join pages."""
    samples.ensure_samples(interview.organization, now)
    ensure_links(interview, audience.recipients, now=now)
    if template is None:
        template = _fitting(
            interview, purpose=purpose, audience=audience, sender=sender, now=now, extra=extra
        )
    return Text("", "") if template is None else text_of(interview, template)


def text_of(interview: Interview, template: Template) -> Text:
    """The template's text, without the promise that a meeting which asks for a login would break."""
    body = template.body
    if interview.meeting is not None and interview.meeting.requires_login:
        for sentence in letter_checks.ACCOUNT_NOT_NEEDED:
            body = body.replace(sentence, "")
    return Text(template.subject, body, template)


def _fitting(
    interview: Interview, *, purpose: str, audience: Audience, **circumstances: Any
) -> Template | None:
    choices = [
        one
        for one in templates(
            interview, purpose=purpose, receiver=audience.receiver, language=audience.language
        )
        if one.way in ("", interview.letter_way) and one.language == audience.language
    ]
    for one in choices:
        text = Text(one.subject, one.body, one)
        written = write(interview, audience.recipients[0], text, purpose=purpose, **circumstances)
        if not any(finding.code.startswith("missing_") for finding in written.findings):
            return one
    return choices[0] if choices else None


def ensure_links(interview: Interview, people: Sequence[Recipient], *, now: datetime) -> None:
    """Every applicant and contact has their own join page before a letter names it."""
    for one in people:
        if one.receiver != Receiver.INTERVIEWER and not join_links.is_read(interview):
            join_links.link_for(interview, receiver=one.receiver, contact=one.contact, now=now)


def write(
    interview: Interview,
    recipient: Recipient,
    text: Text,
    *,
    purpose: str,
    sender: accounts.User | None,
    now: datetime,
    extra: Mapping[str, str] | None = None,
) -> Written:
    """The letter to one recipient: the preview, the confirm page and the sending all come through here."""
    names = tags.names_for(receiver=recipient.receiver, purpose=purpose, language=recipient.language)
    used = {*grammar.used(text.subject, names), *grammar.used(text.body, names)}
    facts = telling.gather(
        interview, receiver=recipient.receiver, language=recipient.language, zone=recipient.zone,
        contact=recipient.contact, interviewer=recipient.interviewer, sender=sender, now=now, extra=extra,
        asks_others=not used.isdisjoint(tags.BROUGHT),
    )  # fmt: skip
    values = tags.of_facts(facts, used)
    plain = {key: value.text for key, value in values.items()}
    letter = composing.preview(subject=text.subject, body=text.body, values=plain, names=names)
    findings = letter_checks.all_findings(
        letter, interview, facts, values, purpose=purpose, subject=text.subject, body=text.body
    )
    return Written(recipient, letter, facts, findings)


# Sending


def take_turn(*interview_ids: int) -> None:
    """Whoever changes these interviews at the same moment waits for our commit, or we have waited for theirs: what is
    read after this is what the letters tell. Inside a transaction, before any other row is taken."""
    rows = Interview.objects.filter(pk__in=interview_ids)
    if connection.vendor == "postgresql":
        # In one order: two who take several could wait for each other.
        list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    else:
        rows.update(version=F("version"))


@transaction.atomic
def send(
    interview: Interview,
    *,
    purpose: str,
    people: Sequence[Recipient],
    text: Text,
    form_key: uuid.UUID,
    by: accounts.User,
    now: datetime,
    due_at: datetime | None = None,
    told: Collection[str] | None = None,
) -> list[Mail]:
    """What somebody wrote by hand, one letter to each: Mail, Notice and history together, leaving at `due_at` (now if
    not given), worded for that moment. `told`: whom (keys) the writer knows to have such a letter already; None: it is
    meant, whoever has one.

    Refuses NoRecipient, NotSendable (a hole in any of the letters stops all), AlreadySent (the same `form_key`) and
    ToldMeanwhile."""
    take_turn(interview.pk)
    present = Interview.objects.with_facts().select_related("organization").get(pk=interview.pk)
    if told is not None:
        if was_sent(present, people, form_key):
            raise AlreadySent
        strangers = [one for one in people if one.key not in told]
        again = [one for one in strangers if letter_checks.told_already(present, one, purpose)]
        if again:
            raise ToldMeanwhile(again)
    return write_out(
        present, purpose=purpose, people=people, text=text, form_key=form_key, by=by, now=now, due_at=due_at,
        is_current=True,
    )  # fmt: skip


def was_sent(interview: Interview, people: Sequence[Recipient], form_key: uuid.UUID) -> bool:
    """This very form has been sent to one of them. Uses prefetched `notices__mail`."""
    known = {_identity(form_key, one.key) for one in people}
    return any(notice.mail.message_id.partition("@")[0] in known for notice in interview.notices.all())


def _identity(form_key: uuid.UUID, recipient: str) -> str:
    """The same form sent twice makes the same identity, and the database refuses the second."""
    return f"<{uuid.uuid5(form_key, recipient).hex}"


def write_out(
    interview: Interview,
    *,
    purpose: str,
    people: Sequence[Recipient],
    text: Text,
    form_key: uuid.UUID,
    by: accounts.User | None,
    now: datetime,
    due_at: datetime | None = None,
    speaker: accounts.User | None = None,
    extra: Mapping[str, str] | None = None,
    is_current: bool = False,
) -> list[Mail]:
    """The same, also for what nobody wrote by hand (`by` is None: `speaker` signs it and gets the answers), for callers
    with a transaction that a refusal undoes as a whole. `is_current`: the interview need not be read again."""
    letters = compose(
        interview, purpose=purpose, people=people, text=text, form_key=form_key, by=by, now=now, due_at=due_at,
        speaker=speaker, extra=extra, is_current=is_current,
    )  # fmt: skip
    return noting.write_down(letters, by=by, now=now, due_at=due_at)


def compose(
    interview: Interview,
    *,
    purpose: str,
    people: Sequence[Recipient],
    text: Text,
    form_key: uuid.UUID,
    by: accounts.User | None,
    now: datetime,
    due_at: datetime | None = None,
    speaker: accounts.User | None = None,
    extra: Mapping[str, str] | None = None,
    is_current: bool = False,
) -> list[noting.Composed]:
    """The first half of write_out, for letters about many interviews that are written down together."""
    if not people:
        raise NoRecipient
    ensure_links(interview, people, now=now)
    if not (interview.is_unheard or is_current):
        interview = Interview.objects.with_facts().select_related("organization").get(pk=interview.pk)
    leaves_at = due_at or now
    written = [
        write(interview, one, text, purpose=purpose, sender=by or speaker, now=leaves_at, extra=extra)
        for one in people
    ]
    blocks = [f for one in written for f in one.findings if f.level == checks.BLOCK]
    if blocks:
        raise NotSendable(blocks)
    is_release = any(_is_released(interview, one) for one in people)
    if not interview.is_unheard:
        calendar.advance(interview, purpose=purpose, is_release=is_release)
    return [
        _composed(
            interview, one, text, purpose=purpose, form_key=form_key, by=by, speaker=speaker, now=now
        )
        for one in written
    ]  # fmt: skip


def _composed(
    interview: Interview,
    written: Written,
    text: Text,
    *,
    purpose: str,
    form_key: uuid.UUID,
    by: accounts.User | None,
    speaker: accounts.User | None,
    now: datetime,
) -> noting.Composed:
    one = written.recipient
    mail = composing.compose(
        written.letter, organization=interview.organization, candidate=interview.candidate, purpose=purpose,
        receiver=one.receiver, language=one.language, to_name=one.name, to_email=one.email,
        sender=by or speaker, now=now, contact=one.contact, interviewer=one.interviewer,
        template=text.template, attachments=_attachments(interview, one, purpose=purpose, now=now),
    )  # fmt: skip
    mail.author = by
    domain = mail.message_id.rpartition("@")[2]
    mail.message_id = f"{_identity(form_key, one.key)}@{domain}"
    return noting.Composed(interview, mail, one.key)


def _attachments(
    interview: Interview, one: Recipient, *, purpose: str, now: datetime
) -> list[dict[str, str]]:
    is_released = _is_released(interview, one)
    if purpose not in WITH_CALENDAR and not is_released:
        return []
    link = None
    if one.receiver != Receiver.INTERVIEWER:
        link = join_links.link_for(interview, receiver=one.receiver, contact=one.contact, now=now)
    guest = calendar.Guest(one.name, one.email)
    return [
        calendar.attachment(
            interview, link=link, language=one.language, now=now, guest=guest, is_released=is_released
        )
    ]


def _is_released(interview: Interview, one: Recipient) -> bool:
    """An interviewer who no longer holds it: whatever they are written, the entry leaves their calendar."""
    panel = {row.user_id for row in interview.interviewers.all()}
    return one.interviewer is not None and one.interviewer.pk not in panel


@transaction.atomic
def resend(mail: Mail, *, by: accounts.User, now: datetime, to_email: str = "") -> Mail:
    """A failed letter once more, to a corrected address if given. Refuses OutOfDate when the interview has changed
    or begun since it was written, or its words count days of then; and delivery.NotFailed."""
    notice = Notice.objects.select_related(
        "interview__meeting",
        "interview__next_meeting",
        "mail__candidate",
        "mail__contact",
        "mail__interviewer",
    ).get(mail=mail)
    interview = notice.interview
    is_ending = mail.purpose in ledger.ENDINGS
    if not ledger.still_holds(interview, notice) or is_ending == interview.is_standing:
        raise OutOfDate
    if lateness.why_not(notice, now=now):
        raise OutOfDate
    copy = delivery.resend(mail, by=by, now=now, to_email=to_email)
    noting.note([noting.Composed(interview, copy, addressing.key_of(copy))], now=now)
    return copy
