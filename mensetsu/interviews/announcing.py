"""Tell people about an interview: in which words, and the sending itself. Who should be told is addressing's question.

Recruiters write and press; what leaves by itself comes through here too (dispatching). A sent letter leaves a Notice
with the facts it carried; whether an interview is confirmed, or who holds old facts, is read from those (ledger)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from mensetsu.accounts import models as accounts
from mensetsu.interviews import addressing, calendar, join_links, ledger, letter_checks, tags
from mensetsu.interviews import facts as telling
from mensetsu.interviews.models import Interview, Notice, Withheld
from mensetsu.mail import checks, composing, delivery, samples
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


class NotSendable(Exception):
    """The text has holes or must not leave. Nothing was written."""

    def __init__(self, findings: list[checks.Finding]) -> None:
        super().__init__([finding.code for finding in findings])
        self.findings = findings


class AlreadySent(Exception):
    """This very form was sent before: the letters exist."""


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

    @property
    def is_sendable(self) -> bool:
        return not checks.has_blocks(self.findings)


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
        if one.receiver != Receiver.INTERVIEWER:
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
    facts = telling.gather(
        interview, receiver=recipient.receiver, language=recipient.language, zone=recipient.zone,
        contact=recipient.contact, interviewer=recipient.interviewer, sender=sender, now=now, extra=extra,
    )  # fmt: skip
    values = tags.of_facts(facts)
    names = tags.names_for(receiver=recipient.receiver, purpose=purpose, language=recipient.language)
    plain = {key: value.text for key, value in values.items()}
    letter = composing.preview(subject=text.subject, body=text.body, values=plain, names=names)
    findings = letter_checks.all_findings(
        letter, interview, facts, values, purpose=purpose, subject=text.subject, body=text.body
    )
    return Written(recipient, letter, facts, findings)


# Sending


@transaction.atomic
def send(
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
) -> list[Mail]:
    """One letter to each: Mail, Notice and history together, leaving at `due_at` (now if not given), worded for that
    moment. `speaker` signs it and gets the answers where nobody pressed (`by` is None).

    Refuses NoRecipient, NotSendable (a hole in any of the letters stops all) and AlreadySent (the same `form_key`)."""
    if not people:
        raise NoRecipient
    ensure_links(interview, people, now=now)
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
    calendar.advance(interview, purpose=purpose, is_release=is_release)
    return [
        _queue(
            interview, one, text, purpose=purpose, form_key=form_key, by=by, speaker=speaker, now=now,
            due_at=due_at,
        )
        for one in written
    ]  # fmt: skip


def _queue(
    interview: Interview,
    written: Written,
    text: Text,
    *,
    purpose: str,
    form_key: uuid.UUID,
    by: accounts.User | None,
    speaker: accounts.User | None,
    now: datetime,
    due_at: datetime | None,
) -> Mail:
    one = written.recipient
    mail = composing.compose(
        written.letter, organization=interview.organization, candidate=interview.candidate, purpose=purpose,
        receiver=one.receiver, language=one.language, to_name=one.name, to_email=one.email,
        sender=by or speaker, now=now, contact=one.contact, interviewer=one.interviewer,
        template=text.template, attachments=_attachments(interview, one, purpose=purpose, now=now),
    )  # fmt: skip
    mail.author = by
    # The same form sent twice makes the same identity, and the database refuses the second.
    domain = mail.message_id.rpartition("@")[2]
    mail.message_id = f"<{uuid.uuid5(form_key, one.key).hex}@{domain}"
    try:
        with transaction.atomic():
            delivery.queue(mail, by=by, now=now, due_at=due_at)
    except IntegrityError:
        raise AlreadySent from None
    _note(interview, mail)
    _settle(interview, mail, one.key, now=now)
    return mail


def _settle(interview: Interview, mail: Mail, recipient: str, *, now: datetime) -> None:
    """What did not leave by itself has been written."""
    open_ones = Withheld.objects.filter(interview=interview, recipient=recipient, settled_at=None)
    open_ones.filter(purpose=mail.purpose).update(settled_at=now)


def _note(interview: Interview, mail: Mail) -> None:
    Notice.objects.create(
        interview=interview, mail=mail, told_starts_at=interview.starts_at, told_minutes=interview.minutes,
        told_join_url=interview.join_url if interview.join_url and interview.join_url in mail.body else "",
        told_way=interview.letter_way, told_place=interview.place,
    )  # fmt: skip


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
    since it was written, and delivery.NotFailed."""
    notice = Notice.objects.select_related("interview__meeting", "interview__next_meeting").get(mail=mail)
    interview = notice.interview
    is_ending = mail.purpose in ledger.ENDINGS
    if not ledger.still_holds(interview, notice) or is_ending == interview.is_standing:
        raise OutOfDate
    copy = delivery.resend(mail, by=by, now=now, to_email=to_email)
    _note(interview, copy)
    _settle(interview, copy, addressing.key_of(copy), now=now)
    return copy
