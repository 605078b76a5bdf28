"""Asking applicants to choose a date: the invitation, and the letter that carries its address."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import ngettext, override

from mensetsu.accounts import models as accounts
from mensetsu.booking import agency_links, links, placing, refusals, telling
from mensetsu.booking.models import BookingLink, BookingPage, Invitation, Letter
from mensetsu.candidates import models as candidates
from mensetsu.interviews import arranging, automating, dispatching, letter_checks, tags
from mensetsu.interviews import facts as facts_of
from mensetsu.interviews import models as interviews
from mensetsu.mail import checks, composing, delivery, groups, samples
from mensetsu.mail import models as mail
from mensetsu.mail import tags as grammar
from mensetsu.web import dates, moments

# There is no date yet, so whatever speaks of one has nothing to say.
_UNDECIDED = (
    "interview.when",
    "interview.when_short",
    "interview.days_left",
    "page.url",
    "deadline.evaluation",
)


class AlreadyBooked(Exception):
    """The applicant has chosen a date on this page, and that interview stands."""

    def __init__(self, invitation: Invitation) -> None:
        super().__init__(f"invitation {invitation.pk}")
        self.invitation = invitation


class NotSendable(Exception):
    """The letter has holes or nowhere to go; `findings` say what is missing."""

    def __init__(self, findings: Sequence[checks.Finding]) -> None:
        super().__init__(", ".join(finding.code for finding in findings))
        self.findings = list(findings)


class NoAddress(Exception):
    """Neither the applicant nor the agency (by 連絡方法) has a mail address."""


GAP, NO_LINK, NO_DATES = "gap", "no_link", "no_dates"


class NoTemplate(Exception):
    """There is no text for this letter: the template group `name` says nothing for the case (GAP), the text `name` that
    it chose has no link to the page (NO_LINK), or no text lists the dates of an offer (NO_DATES)."""

    def __init__(self, why: str, recipient: "Recipient", purpose: str, name: str = "") -> None:
        super().__init__(f"{why} {purpose} {recipient.receiver} {recipient.language}")
        self.why, self.purpose, self.name = why, purpose, name
        self.receiver, self.language = recipient.receiver, recipient.language


@dataclass(frozen=True)
class Recipient:
    receiver: str
    name: str
    email: str
    language: str
    zone: ZoneInfo
    contact: candidates.AgencyContact | None = None


@dataclass(frozen=True)
class Written:
    """A letter to one recipient as it would leave now."""

    recipient: Recipient
    letter: composing.Letter
    template: mail.Template
    findings: list[checks.Finding] = field(default_factory=list)


def invite(
    *,
    page: BookingPage,
    candidate: candidates.Candidate,
    stage: candidates.Stage | None = None,
    answer_by: datetime | None = None,
    interview: interviews.Interview | None = None,
    by: accounts.User | None,
    now: datetime,
) -> Invitation:
    """The applicant's invitation to this page for `stage` (the page's or the applicant's own if not given).

    One that is open for the same step is renewed under its old address, whatever its answer was. `interview` is one
    that the answer moves. Refuses AlreadyBooked, refusals.Closed, refusals.Withdrawn."""
    stage = stage or page.stage or candidate.stage
    if page.closed_at is not None:
        raise refusals.Closed
    with transaction.atomic():
        placing.take_invitation_and_applicant(page, candidate.pk)
        candidate.refresh_from_db(fields=["status", "stage"])
        if candidate.status in arranging.GONE:
            raise refusals.Withdrawn
        old = Invitation.objects.with_facts().filter(page=page, candidate=candidate, closed_at=None).first()
        if old is not None and old.state(now) == "chosen" and not old.interview.is_over(now):
            raise AlreadyBooked(old)
        if old is not None and old.stage_id != (stage.pk if stage else None):
            _close(old, by=by, now=now)
            old = None
        invitation = old or Invitation(
            organization=page.organization, page=page, candidate=candidate, stage=stage, created_at=now,
            created_by=by,
        )  # fmt: skip
        _renew(invitation, answer_by, interview, now=now)
        telling.record("booking.invited", invitation, by=by, now=now, answer_by_at=invitation.answer_by)
    return invitation


def _renew(
    invitation: Invitation,
    answer_by: datetime | None,
    interview: interviews.Interview | None,
    *,
    now: datetime,
) -> None:
    page = invitation.page
    if invitation.slot_id and invitation.interview_id and not invitation.interview.is_standing:
        placing.give_back(invitation.slot)
    invitation.stage_then = invitation.candidate.stage
    invitation.answer_by = answer_by or _usual_deadline(page, now)
    invitation.change_hours, invitation.max_changes = page.change_hours, page.max_changes
    invitation.interview, invitation.slot, invitation.changes = interview, None, 0
    invitation.chosen_at = invitation.canceled_at = invitation.declined_at = None
    invitation.handled_at = invitation.handled_by = None
    invitation.reminded_at = invitation.settled_at = None
    invitation.unreminded = ""
    invitation.wishes, invitation.message, invitation.phone, invitation.accommodation = [], "", "", ""
    invitation.save()


def _usual_deadline(page: BookingPage, now: datetime) -> datetime:
    """The page's number of days from now, at closing time on the company's clock."""
    zone = page.organization.zone
    on = now.astimezone(zone).date() + timedelta(days=page.answer_days)
    return datetime.combine(on, facts_of.CLOSING_TIME, zone)


def move_deadline(
    invitation: Invitation, answer_by: datetime, *, by: accounts.User | None, now: datetime
) -> None:
    """More (or less) time to answer; the reminder before it is due anew."""
    with transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(
            answer_by=answer_by, reminded_at=None, unreminded="", settled_at=None
        )
        invitation.refresh_from_db()
        telling.record("booking.deadline_moved", invitation, by=by, now=now, answer_by_at=answer_by)


def close(invitation: Invitation, *, by: accounts.User | None, now: datetime) -> None:
    """The request is taken back: the page says so. An interview that was booked stays. Twice is once."""
    with transaction.atomic():
        _close(invitation, by=by, now=now)


def _close(invitation: Invitation, *, by: accounts.User | None, now: datetime) -> None:
    if Invitation.objects.filter(pk=invitation.pk, closed_at=None).update(closed_at=now, closed_by=by):
        telling.record("booking.invitation_closed", invitation, by=by, now=now)
    invitation.refresh_from_db()


def mark_handled(invitation: Invitation, *, by: accounts.User, now: datetime) -> None:
    """A recruiter has dealt with the wishes. Twice is once."""
    with transaction.atomic():
        waiting = Invitation.objects.filter(pk=invitation.pk, declined_at__isnull=False, handled_at=None)
        if waiting.update(handled_at=now, handled_by=by):
            telling.record("booking.wishes_handled", invitation, by=by, now=now)
    invitation.refresh_from_db()


# Letters


def recipients(invitation: Invitation) -> list[Recipient]:
    """To whom letters about this invitation go, by 連絡方法; those without an address are left out."""
    person = invitation.candidate
    found = []
    if person.contact_route != candidates.ContactRoute.AGENCY or person.agency_contact is None:
        name = person.name_in(person.language)
        found.append(Recipient(mail.Receiver.CANDIDATE, name, person.email, person.language, person.zone))
    contact = person.agency_contact
    if person.contact_route != candidates.ContactRoute.DIRECT and contact is not None and not contact.left_at:
        found.append(
            Recipient(
                mail.Receiver.AGENCY,
                contact.full_name,
                contact.email,
                contact.language,
                contact.zone,
                contact,
            )
        )
    return [one for one in found if one.email]


def send(
    invitation: Invitation,
    *,
    purpose: str = mail.Purpose.INVITATION,
    by: accounts.User | None,
    now: datetime,
    due_at: datetime | None = None,
) -> list[mail.Mail]:
    """One letter to each recipient, with the address in it; none to those for whom the template group says so.

    Refuses NoAddress, NoTemplate, NotSendable."""
    people = recipients(invitation)
    if not people:
        raise NoAddress
    with transaction.atomic():
        drafts = [write(invitation, one, purpose=purpose, sender=by, now=now) for one in people]
        written = [one for one in drafts if one is not None]
        blocks = [f for one in written for f in one.findings if f.level == checks.BLOCK]
        if blocks:
            raise NotSendable(blocks)
        return [_queue(invitation, one, purpose, by=by, now=now, due_at=due_at) for one in written]


def write(
    invitation: Invitation, recipient: Recipient, *, purpose: str, sender: accounts.User | None, now: datetime
) -> Written | None:
    """The letter as it would leave now, or None where no mail is wanted. Makes the recipient's address.

    Refuses NoTemplate."""
    template = _template(invitation, recipient, purpose, now=now)
    if template is None:
        return None
    link = links.link_for(invitation, receiver=recipient.receiver, contact=recipient.contact, now=now)
    facts = facts_for(invitation, recipient, link, sender=sender, now=now)
    values = tags.of_facts(facts) | {key: tags.TagValue(None, "unset") for key in _UNDECIDED}
    if count := invitation.page.pick:
        values["interview.panel"] = tags.TagValue(_panel_words(facts, count))
    names = tags.names_for(receiver=recipient.receiver, purpose=purpose, language=recipient.language)
    plain = {key: value.text for key, value in values.items()}
    letter = composing.preview(subject=template.subject, body=template.body, values=plain, names=names)
    findings = letter_checks.of_values(letter, values, recipient.language)
    return Written(recipient, letter, template, findings)


def facts_for(
    invitation: Invitation,
    recipient: Recipient,
    link: BookingLink,
    *,
    sender: accounts.User | None,
    now: datetime,
) -> facts_of.Facts:
    """What a letter about a choice may say, in the recipient's language and on their clock."""
    page, moved = invitation.page, invitation.interview
    return facts_of.Facts(
        organization=invitation.organization, candidate=invitation.candidate, stage=invitation.stage,
        starts_at=invitation.answer_by or now, minutes=page.minutes, way=page.way, service=page.service,
        place=page.place, panel=tuple(row.user for row in page.panelists.select_related("user") if row.is_fixed),
        receiver=recipient.receiver, language=recipient.language, zone=recipient.zone, now=now,
        sender=sender or invitation.candidate.owner or invitation.created_by, contact=recipient.contact,
        told=(moved.starts_at, moved.minutes) if moved is not None else None,
        extra=agency_links.values_for(recipient.contact)
        | extra_for(invitation, link, language=recipient.language, zone=recipient.zone, now=now),
    )  # fmt: skip


def extra_for(
    invitation: Invitation, link: BookingLink, *, language: str, zone: ZoneInfo, now: datetime
) -> dict[str, str]:
    """The values of the tags about choosing: address, deadline, and the dates that are open now."""
    with override(language):
        words = {"booking.url": links.address(link)}
        if invitation.answer_by is not None:
            words["deadline.reply"] = deadline(invitation.answer_by, language=language, zone=zone)
            local = moments.local(invitation.answer_by, zone)
            words["deadline.reply_short"] = dates.short_day(local.date(), language=language)
        open_slots = invitation.page.slots.with_room().filter(starts_at__gt=now)
        words["booking.slots"] = "\n".join(
            dates.full(slot.starts_at, slot.minutes, language=language, zone=zone) for slot in open_slots[:30]
        )
    return words


def values_about(
    interview: interviews.Interview, *, receiver: str, contact: candidates.AgencyContact | None
) -> dict[str, str]:
    """For letters about an interview: the recipient's page on which its date was chosen and may be changed."""
    if receiver == mail.Receiver.INTERVIEWER:
        return {}
    found = BookingLink.objects.filter(
        invitation__interview=interview, invitation__closed_at=None, receiver=receiver, contact=contact
    )
    link = found.order_by("-invitation_id").first()
    return {"booking.url": links.address(link)} if link else {}


def deadline(moment: datetime, *, language: str, zone: ZoneInfo) -> str:
    """11月20日(金) 17:00 / 17:00 JST, Fri, Nov 20"""
    local = moments.local(moment, zone)
    name = dates.zone_name(moment, zone, language)
    if language == "ja":
        suffix = "" if str(zone) == "Asia/Tokyo" else f"（{name}）"
        return f"{dates.month_day(local.date(), language=language)} {local:%H:%M}{suffix}"
    return f"{local:%H:%M} {name}, {dates.month_day(local.date(), language=language)}"


def _panel_words(facts: facts_of.Facts, picked: int) -> str:
    """Who is picked is not known before the booking, so it is how many."""
    with override(facts.language):
        count = len(facts.panel) + picked
        return ngettext("%(count)s person", "%(count)s people", count) % {"count": count}


def _template(
    invitation: Invitation, recipient: Recipient, purpose: str, *, now: datetime
) -> mail.Template | None:
    """What the template group says for that receiver and language; None: no mail, on purpose. Refuses NoTemplate.

    A group has one text for a case. An offer needs one that lists its dates, and a request to move is not the letter
    about a change that groups know: both take the company's second text where the group's does not fit."""
    samples.ensure_samples(invitation.organization, now)
    way = "url" if invitation.page.service == interviews.Service.URL else invitation.page.way
    if purpose != mail.Purpose.CHANGE:
        group = _group(invitation)
        choice = groups.Texts(group).choose(
            purpose=purpose, receiver=recipient.receiver, language=recipient.language, way=way
        )
        if choice.is_gap:
            raise NoTemplate(GAP, recipient, purpose, group.name)
        if choice.template is None or _fits(choice.template, invitation, purpose):
            return choice.template
        if not _lists_dates(invitation, purpose):
            raise NoTemplate(NO_LINK, recipient, purpose, choice.template.name)
    found = mail.Template.objects.for_letter(
        organization=invitation.organization, purpose=purpose, receiver=recipient.receiver
    )
    order = {way: 0, "": 1}
    fitting = sorted(
        (one for one in found.filter(language=recipient.language) if _fits(one, invitation, purpose)),
        key=lambda one: (order.get(one.way, 2), one.pk),
    )
    if not fitting:
        raise NoTemplate(NO_DATES, recipient, purpose)
    return fitting[0]


def _group(invitation: Invitation) -> mail.TemplateGroup:
    """The group of the interview that is to be moved, else that under which the chosen date will be told."""
    moved = dispatching.effective_group(invitation.interview) if invitation.interview is not None else None
    return moved or automating.group_for(invitation.candidate, invitation.stage)


def _lists_dates(invitation: Invitation, purpose: str) -> bool:
    return invitation.page.is_offer and purpose != mail.Purpose.DEADLINE


def _fits(template: mail.Template, invitation: Invitation, purpose: str) -> bool:
    """A letter without the address would leave its reader helpless; that about an offer lists its dates."""
    is_whole = _says(template, "booking.slots") or not _lists_dates(invitation, purpose)
    return is_whole and _says(template, "booking.url")


def _says(template: mail.Template, key: str) -> bool:
    return key in grammar.used(template.body, tags.NAMES)


def _queue(
    invitation: Invitation,
    written: Written,
    purpose: str,
    *,
    by: accounts.User | None,
    now: datetime,
    due_at: datetime | None,
) -> mail.Mail:
    one = written.recipient
    letter = composing.compose(
        written.letter, organization=invitation.organization, candidate=invitation.candidate, purpose=purpose,
        receiver=one.receiver, language=one.language, to_name=one.name, to_email=one.email,
        sender=by or invitation.created_by, now=now, contact=one.contact, template=written.template,
    )  # fmt: skip
    delivery.queue(letter, by=by, now=now, due_at=due_at)
    Letter.objects.create(invitation=invitation, mail=letter)
    return letter
