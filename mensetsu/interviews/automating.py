"""Mails that send themselves: 日程確定 when the address exists, 変更 and 中止 to exactly those who hold the old facts.

Only for interviews with a template group; without one a recruiter writes. What is due is read from the interview and
from what people were told (ledger) at the moment of sending, never remembered: whichever job runs, and however often,
each person gets the one letter that makes what they know true again.

Interviewers are told in the transaction of the change itself, by the group's letter or by our notice (informing), never
by both: there is nothing to wait for."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.interviews import addressing, dispatching, facts, informing, ledger, reminding
from mensetsu.interviews.addressing import Recipient
from mensetsu.interviews.models import Interview, Notice, WhyNot
from mensetsu.jobs import port
from mensetsu.mail import groups
from mensetsu.mail.models import Mail, Purpose, Receiver, TemplateGroup

effective_group = dispatching.effective_group
plan_reminders = reminding.plan_reminders

# What each event about an interviewer is called in a group.
PURPOSE_OF = {
    informing.ASSIGNED: Purpose.CONFIRMATION,
    informing.MOVED: Purpose.CHANGE,
    informing.CANCELED: Purpose.CANCELLATION,
    informing.RELEASED: groups.RELEASE,
}
# What the product writes anew by itself when a waiting letter of that purpose was stopped.
WRITTEN_ANEW = frozenset(
    {Purpose.CONFIRMATION, Purpose.CHANGE, Purpose.URL_CHANGE, Purpose.CANCELLATION, Purpose.REMINDER}
)


def group_for(candidate: candidates.Candidate, stage: candidates.Stage | None) -> TemplateGroup | None:
    """The group of an interview that no person set (the applicant chose the date), so that somebody writes: the
    stage's, the job's or the company's, else the default group."""
    organization = candidate.organization
    found = groups.chosen_for(organization, job=candidate.job, stage=stage)
    return found or groups.default_of(organization.pk)


def follow(interview: Interview, *, now: datetime) -> None:
    """Every verb that changes an interview ends here, in its transaction: letters that have not left and are no longer
    true are stopped, reminders are planned anew, and who must be told is looked at by a job."""
    stop_stale(interview, now=now)
    dispatching.settle_gone(interview, now=now)
    reminding.plan_reminders(interview, now)
    if interview.template_group_id is not None:
        announce.enqueue(interview_id=interview.pk)


def tell_panel(
    event: str,
    interview: Interview,
    people: Iterable[accounts.User],
    *,
    by: accounts.User | None,
    now: datetime,
    from_at: datetime | None = None,
) -> None:
    """Each of these interviewers hears of it once: by the group's letter, else by our notice. Inside the fact's
    transaction."""
    people = [user for user in people if user.is_active]
    group = effective_group(interview)
    if group is not None:
        texts = groups.Texts(group)
        people = [user for user in people if not _by_letter(event, interview, user, texts, now=now)]
    informing.tell(event, interview, people, by=by, from_at=from_at)


def _by_letter(
    event: str, interview: Interview, user: accounts.User, texts: groups.Texts, *, now: datetime
) -> bool:
    """Whether the group has spoken, be it by the choice to send no mail."""
    one = addressing.interviewer(user)
    purpose = PURPOSE_OF[event]
    try:
        dispatching.dispatch(
            interview, one, purpose=purpose, texts=texts, occasion=f"{event} {interview.version}", now=now
        )
    except dispatching.NotSent as not_sent:
        if not_sent.reason == WhyNot.NO_MAIL:
            dispatching.withhold(interview, one, purpose=purpose, reason=WhyNot.NO_MAIL, now=now)
        # The notice says the same when the letter cannot.
        return not_sent.reason in ("", WhyNot.NO_MAIL)
    except dispatching.NotYet:
        return False
    return True


def stop_stale(interview: Interview, *, now: datetime) -> None:
    """Letters that still wait for their moment and tell what is no longer so do not leave. Those that a person wrote
    come back as something to be done, unless the group writes anew."""
    waiting = Notice.objects.filter(
        interview=interview, mail__queued_at__isnull=False, mail__sent_at=None, mail__failed_at=None,
        mail__canceled_at=None, mail__sending_at=None,
    )  # fmt: skip
    for notice in waiting.select_related("mail__contact", "mail__interviewer"):
        mail = notice.mail
        if mail.receiver == Receiver.INTERVIEWER and mail.due_at <= now:
            continue  # already leaving; the letter about the change follows it
        if not _is_stale(interview, notice):
            continue
        if Mail.objects.waiting().filter(pk=mail.pk, sending_at=None).update(canceled_at=now):
            Notice.objects.filter(pk=notice.pk).update(stopped_at=now)
            if interview.template_group_id is None or mail.purpose not in WRITTEN_ANEW:
                dispatching.withhold(
                    interview, _recipient_of(mail), purpose=mail.purpose, reason=WhyNot.CHANGED, now=now
                )


def _is_stale(interview: Interview, notice: Notice) -> bool:
    is_cancellation = notice.mail.purpose == Purpose.CANCELLATION
    if not interview.is_standing or is_cancellation:
        return is_cancellation == interview.is_standing
    return not ledger.still_holds(interview, notice)


def _recipient_of(mail: Mail) -> Recipient:
    """Whoever that letter was for, with the address it was for."""
    person = mail.contact or mail.interviewer
    zone = person.zone if person is not None else mail.candidate.zone
    return Recipient(
        mail.receiver, mail.to_name, mail.to_email, mail.language, zone, contact=mail.contact,
        interviewer=mail.interviewer,
    )  # fmt: skip


@port.job(max_attempts=5)
def announce(*, interview_id: int, purpose: str = "") -> None:
    """Write to everybody outside for whom a letter is due now (of that purpose only, if one is given); nobody twice.

    Waits for the meeting's address: the job that issues it calls this again."""
    now = timezone.now()
    interview = Interview.objects.with_facts().filter(pk=interview_id).first()
    if interview is None or interview.is_over(now):
        return
    group = effective_group(interview)
    if group is None:
        return
    texts = groups.Texts(group)
    for one, wanted in list(due(interview)):
        if purpose in ("", wanted):
            _announce_to(interview, one, wanted, texts, now=now)


def due(interview: Interview) -> Iterator[tuple[Recipient, str]]:
    """Who outside needs which letter, seen from what they know. Interviewers are told by the verbs."""
    if interview.withdrawn_at is not None or (interview.canceled_at and interview.canceled_by_id is None):
        return  # it was the applicant who said so
    told = {addressing.key_of(one.mail): one for one in ledger.read(interview)}
    outside = [one for one in told.values() if one.mail.receiver != Receiver.INTERVIEWER]
    known = {one.key: one for one in addressing.outside(interview)}
    if interview.canceled_at is not None:
        for one in outside:
            if not one.knows_cancellation:
                yield _present(known, one.mail), Purpose.CANCELLATION
        return
    if interview.candidate.status in reminding.LEFT:
        return
    for one in addressing.by_route(interview):
        if one.key not in told and not _was_tried(interview, one):
            yield one, Purpose.CONFIRMATION
    for one in outside:
        if not (one.knows_time and one.knows_way):
            yield _present(known, one.mail), Purpose.CHANGE
        elif not one.knows_url:
            yield _present(known, one.mail), Purpose.URL_CHANGE


def _present(known: dict[str, Recipient], mail: Mail) -> Recipient:
    """That person with the address of today; somebody who was replaced since, with the address of then."""
    return addressing.noted(known.get(addressing.key_of(mail)) or _recipient_of(mail))


def _was_tried(interview: Interview, one: Recipient) -> bool:
    """A letter with the present facts failed or was called back by a person: it is theirs to decide."""
    return any(
        addressing.key_of(notice.mail) == one.key
        and notice.stopped_at is None
        and notice.mail.state in ("failed", "canceled")
        and ledger.still_holds(interview, notice)
        for notice in interview.notices.all()
    )


def _announce_to(
    interview: Interview, one: Recipient, purpose: str, texts: groups.Texts, *, now: datetime
) -> None:
    needs_address = interview.is_online and purpose != Purpose.CANCELLATION
    if needs_address and facts.coming_url_state(interview) != "issued":
        return
    written = sum(addressing.key_of(notice.mail) == one.key for notice in interview.notices.all())
    try:
        # The n-th letter to this person: two jobs at once mean the same one.
        dispatching.dispatch(
            interview, one, purpose=purpose, texts=texts, occasion=f"letter {written + 1}", now=now
        )
    except dispatching.NotYet:
        return
    except dispatching.NotSent as not_sent:
        if not_sent.reason:
            with transaction.atomic():
                dispatching.withhold(interview, one, purpose=purpose, reason=not_sent.reason, now=now)
