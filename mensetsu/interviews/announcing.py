"""Tell people about an interview: who should be told, in which words, and the sending itself.

Recruiters write and press; nothing here leaves by itself. A sent letter leaves a Notice with the facts it carried, and
whether an interview is confirmed, or who holds an old address, is read from those (ledger)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.candidates.models import ContactRoute
from mensetsu.interviews import calendar, join_links, ledger, letter_checks, tags
from mensetsu.interviews import facts as telling
from mensetsu.interviews.models import Interview, Notice, Service
from mensetsu.mail import checks, composing, delivery, samples
from mensetsu.mail.models import Mail, Purpose, Receiver, Template

# Letters that put something into the reader's calendar, move it or take it out.
WITH_CALENDAR = frozenset({Purpose.CONFIRMATION, Purpose.CHANGE, Purpose.CANCELLATION})
CORRECTIONS = frozenset({Purpose.CHANGE, Purpose.URL_CHANGE, Purpose.CANCELLATION})


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
class Recipient:
    """One person who may be told. `is_proposed`: ticked when the page opens. `note`: no_address, left or not_needed."""

    receiver: str
    name: str
    email: str
    language: str
    zone: ZoneInfo
    contact: candidates.AgencyContact | None = None
    interviewer: accounts.User | None = None
    is_proposed: bool = False
    note: str = ""

    @property
    def key(self) -> str:
        person = self.contact or self.interviewer
        return f"{self.receiver}-{person.pk}" if person else self.receiver


@dataclass(frozen=True)
class Audience:
    """Recipients who get one text: the same kind of person, the same language."""

    receiver: str
    language: str
    recipients: tuple[Recipient, ...]

    @property
    def key(self) -> str:
        return f"{self.receiver}-{self.language}"

    @property
    def proposed(self) -> tuple[Recipient, ...]:
        return tuple(one for one in self.recipients if one.is_proposed)


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


# Who


def recipients(interview: Interview, *, purpose: str) -> list[Recipient]:
    """Everybody who may be told, by 連絡方法; for a correction, those who hold old facts are proposed."""
    candidate = interview.candidate
    people = [
        Recipient(
            Receiver.CANDIDATE, candidate.name_in(candidate.language), candidate.email, candidate.language,
            candidate.zone, is_proposed=candidate.contact_route != ContactRoute.AGENCY,
        )
    ]  # fmt: skip
    if candidate.agency_contact is not None:
        goes_there = candidate.contact_route != ContactRoute.DIRECT
        people.append(_agency(candidate.agency_contact, is_proposed=goes_there))
    people += [_interviewer(row.user) for row in interview.interviewers.all()]
    if purpose in CORRECTIONS:
        people = _holding_old_facts(interview, people)
    return [_reachable(one) for one in people]


def _agency(contact: candidates.AgencyContact, *, is_proposed: bool) -> Recipient:
    return Recipient(
        Receiver.AGENCY, contact.full_name, contact.email, contact.language, contact.zone, contact=contact,
        is_proposed=is_proposed,
    )  # fmt: skip


def _interviewer(user: accounts.User) -> Recipient:
    """Interviewers hear from the product by itself; a letter to them is an extra."""
    return Recipient(
        Receiver.INTERVIEWER,
        user.name_in(user.language),
        user.email,
        user.language,
        user.zone,
        interviewer=user,
    )


def _holding_old_facts(interview: Interview, people: list[Recipient]) -> list[Recipient]:
    told = ledger.read(interview)
    if not told:
        return people
    old = {_key_of(one.mail): one.mail for one in ledger.outdated(interview)}
    known = {one.key for one in people}
    # A contact or an interviewer who was told and has been replaced since must hear of it, too.
    for key, letter in old.items():
        if key not in known and letter.contact is not None:
            people.append(_agency(letter.contact, is_proposed=True))
        elif key not in known and letter.interviewer is not None:
            people.append(_interviewer(letter.interviewer))
    return [replace(one, is_proposed=one.key in old) for one in people]


def _key_of(letter: Mail) -> str:
    number = letter.contact_id or letter.interviewer_id
    return f"{letter.receiver}-{number}" if number else letter.receiver


def _reachable(one: Recipient) -> Recipient:
    if not one.email:
        return replace(one, is_proposed=False, note="no_address")
    if one.contact is not None and one.contact.left_at is not None:
        return replace(one, is_proposed=False, note="left")
    return one


def audiences(interview: Interview, *, purpose: str) -> list[Audience]:
    """The recipients by kind and language, those with somebody proposed first."""
    groups: dict[tuple[str, str], list[Recipient]] = {}
    for one in recipients(interview, purpose=purpose):
        groups.setdefault((one.receiver, one.language), []).append(one)
    found = [Audience(receiver, language, tuple(ones)) for (receiver, language), ones in groups.items()]
    return sorted(found, key=lambda audience: not audience.proposed)


def purpose_now(interview: Interview) -> str:
    """What a letter would be about, seen from what people know."""
    told = ledger.read(interview)
    if interview.canceled_at is not None:
        return Purpose.CANCELLATION
    if interview.withdrawn_at is not None:
        return Purpose.OTHER  # it was the applicant who said so
    if not told:
        return Purpose.CONFIRMATION
    old = ledger.outdated(interview)
    if any(not one.knows_time for one in old):
        return Purpose.CHANGE
    return Purpose.URL_CHANGE if old else Purpose.OTHER


# What


def way_of(interview: Interview) -> str:
    """The way as templates know it: an online interview with another service is `url`."""
    return "url" if interview.service == Service.URL else interview.way


def templates(interview: Interview, *, purpose: str, receiver: str, language: str) -> list[Template]:
    """The texts that can be chosen, most fitting first: language, then way; those for another way come last."""
    way = way_of(interview)
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
    if template is None:
        return Text("", "")
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
        if one.way in ("", way_of(interview)) and one.language == audience.language
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
    extra: Mapping[str, str] | None = None,
) -> list[Mail]:
    """One letter to each: Mail, Notice and history together, leaving at `due_at` (now if not given).

    Refuses NoRecipient, NotSendable (a hole in any of the letters stops all) and AlreadySent (the same `form_key`)."""
    if not people:
        raise NoRecipient
    ensure_links(interview, people, now=now)
    interview = Interview.objects.with_facts().select_related("organization").get(pk=interview.pk)
    written = [
        write(interview, one, text, purpose=purpose, sender=by, now=now, extra=extra) for one in people
    ]
    blocks = [f for one in written for f in one.findings if f.level == checks.BLOCK]
    if blocks:
        raise NotSendable(blocks)
    calendar.advance(interview, purpose=purpose)
    return [
        _queue(interview, one, text, purpose=purpose, form_key=form_key, by=by, now=now, due_at=due_at)
        for one in written
    ]


def _queue(
    interview: Interview,
    written: Written,
    text: Text,
    *,
    purpose: str,
    form_key: uuid.UUID,
    by: accounts.User | None,
    now: datetime,
    due_at: datetime | None,
) -> Mail:
    one = written.recipient
    mail = composing.compose(
        written.letter, organization=interview.organization, candidate=interview.candidate, purpose=purpose,
        receiver=one.receiver, language=one.language, to_name=one.name, to_email=one.email, sender=by, now=now,
        contact=one.contact, interviewer=one.interviewer, template=text.template,
        attachments=_attachments(interview, one, purpose=purpose, now=now),
    )  # fmt: skip
    # The same form sent twice makes the same identity, and the database refuses the second.
    domain = mail.message_id.rpartition("@")[2]
    mail.message_id = f"<{uuid.uuid5(form_key, one.key).hex}@{domain}"
    try:
        with transaction.atomic():
            delivery.queue(mail, by=by, now=now, due_at=due_at)
    except IntegrityError:
        raise AlreadySent from None
    _note(interview, mail)
    return mail


def _note(interview: Interview, mail: Mail) -> None:
    Notice.objects.create(
        interview=interview, mail=mail, told_starts_at=interview.starts_at, told_minutes=interview.minutes,
        told_join_url=interview.join_url if interview.join_url and interview.join_url in mail.body else "",
    )  # fmt: skip


def _attachments(
    interview: Interview, one: Recipient, *, purpose: str, now: datetime
) -> list[dict[str, str]]:
    if purpose not in WITH_CALENDAR:
        return []
    link = None
    if one.receiver != Receiver.INTERVIEWER:
        link = join_links.link_for(interview, receiver=one.receiver, contact=one.contact, now=now)
    guest = calendar.Guest(one.name, one.email)
    return [calendar.attachment(interview, link=link, language=one.language, now=now, guest=guest)]


@transaction.atomic
def resend(mail: Mail, *, by: accounts.User, now: datetime, to_email: str = "") -> Mail:
    """A failed letter once more, to a corrected address if given. Refuses OutOfDate when the interview has changed
    since it was written, and delivery.NotFailed."""
    notice = Notice.objects.select_related("interview__meeting", "interview__next_meeting").get(mail=mail)
    interview = notice.interview
    is_same = (notice.told_starts_at, notice.told_minutes) == (interview.starts_at, interview.minutes)
    knows_url = notice.told_join_url in ("", interview.join_url)
    is_cancellation = mail.purpose == Purpose.CANCELLATION
    if not (is_same and knows_url) or is_cancellation == interview.is_standing:
        raise OutOfDate
    copy = delivery.resend(mail, by=by, now=now, to_email=to_email)
    _note(interview, copy)
    return copy
