"""Mails that send themselves: 日程確定 when the address exists, 変更 and 中止 to exactly those who hold the old facts.

Only for interviews with a template group; without one a recruiter writes, except that whoever gave the date back by
themselves gets a receipt in any case. What is due is read from the interview and
from what people were told (ledger) at the moment of sending, never remembered: whichever job runs, and however often,
each person gets the one letter that makes what they know true again.

What somebody's press has set off waits as long as one can call it back (recalling). Interviewers are told in the
transaction of the change itself (briefing): there is nothing to wait for."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.interviews import addressing, briefing, dispatching, facts, ledger, places, recalling, reminding
from mensetsu.interviews.addressing import Recipient
from mensetsu.interviews.models import Interview, Notice, WhyNot
from mensetsu.jobs import port
from mensetsu.mail import delivery, groups
from mensetsu.mail.models import Mail, Purpose, Receiver, TemplateGroup

effective_group = dispatching.effective_group
plan_reminders = reminding.plan_reminders
tell_panel = briefing.tell_panel

# What the product writes anew by itself when a waiting letter of that purpose was stopped.
WRITTEN_ANEW = frozenset(
    {Purpose.CONFIRMATION, Purpose.CHANGE, Purpose.WAY_CHANGE, Purpose.URL_CHANGE, Purpose.REMINDER}
    | ledger.ENDINGS
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
    if not interview.is_unheard:
        stop_stale(interview, now=now)
        dispatching.settle_gone(interview, now=now)
        places.settle(interview, now=now)
        recalling.forget_overtaken(interview, now=now)
    reminding.plan_reminders(interview, now)
    if (interview.template_group_id is not None or interview.canceled_side) and not _waits(interview):
        announce.enqueue(interview_id=interview.pk)


def _waits(interview: Interview) -> bool:
    """No letter can leave before its meeting has an address; the job that issues it comes back here."""
    return interview.is_standing and interview.is_online and facts.coming_url_state(interview) == "pending"


def stop_stale(interview: Interview, *, now: datetime, also_leaving: bool = False) -> int:
    """Letters that still wait for their moment and tell what is no longer so do not leave. Those that a person wrote
    come back as something to be done, unless the group writes anew. `also_leaving`: those that are due too, because
    nobody has them in hand. Answers how many were stopped."""
    stopped = 0
    waiting = Notice.objects.filter(
        interview=interview, mail__queued_at__isnull=False, mail__sent_at=None, mail__failed_at=None,
        mail__canceled_at=None, mail__sending_at=None,
    )  # fmt: skip
    for notice in waiting.select_related("mail__contact", "mail__interviewer"):
        mail = notice.mail
        if mail.receiver == Receiver.INTERVIEWER and mail.due_at <= now and not also_leaving:
            continue  # already leaving; the letter about the change follows it
        if not _is_stale(interview, notice):
            continue
        if Mail.objects.waiting().filter(pk=mail.pk, sending_at=None).update(canceled_at=now):
            stopped += 1
            Notice.objects.filter(pk=notice.pk).update(stopped_at=now)
            if interview.template_group_id is None or mail.purpose not in WRITTEN_ANEW:
                dispatching.withhold(
                    interview,
                    addressing.of_letter(mail),
                    purpose=mail.purpose,
                    reason=WhyNot.CHANGED,
                    now=now,
                )
    return stopped


def _is_stale(interview: Interview, notice: Notice) -> bool:
    is_ending = notice.mail.purpose in ledger.ENDINGS
    if not interview.is_standing or is_ending:
        return is_ending == interview.is_standing
    return not ledger.still_holds(interview, notice)


@port.job(max_attempts=5)
def announce(*, interview_id: int) -> None:
    """Write to everybody outside for whom a letter is due now; nobody twice.

    Waits for the meeting's address: the job that issues it calls this again."""
    now = timezone.now()
    interview = Interview.objects.with_facts().filter(pk=interview_id).first()
    if interview is None or interview.is_over(now):
        return
    group = writing_group(interview)
    if group is None:
        return
    texts = groups.Texts(group)
    for one, purpose in list(due(interview)):
        _announce_to(interview, one, purpose, texts, now=now)


def writing_group(interview: Interview) -> TemplateGroup | None:
    """Whose texts the letters take: also where recruiters write by hand, a date that was given back is answered."""
    if interview.canceled_side and interview.template_group_id is None:
        return groups.default_of(interview.organization_id)
    return effective_group(interview)


def due(interview: Interview) -> Iterator[tuple[Recipient, str]]:
    """Who outside needs which letter, seen from what they know. Interviewers are told by the verbs."""
    called_back = recalling.called_back(interview)
    for one, purpose in _due(interview):
        if (one.key, purpose) not in called_back and not _was_tried(interview, one, purpose):
            yield one, purpose


def _due(interview: Interview) -> Iterator[tuple[Recipient, str]]:
    if interview.withdrawn_at is not None:
        return  # it was the applicant who said so, and a recruiter who answered
    told = {addressing.key_of(one.mail): one for one in ledger.read(interview)}
    outside = [one for one in told.values() if one.mail.receiver != Receiver.INTERVIEWER]
    known = {one.key: one for one in addressing.outside(interview)}
    if interview.canceled_at is not None:
        yield from _endings(interview, outside, known)
        return
    if interview.candidate.status in reminding.LEFT:
        return
    for one in addressing.by_route(interview):
        if one.key not in told:
            yield one, Purpose.CONFIRMATION
    for one in outside:
        if purpose := ledger.correction(one):
            yield _present(known, one.mail), purpose


def _endings(
    interview: Interview, outside: list[ledger.Told], known: dict[str, Recipient]
) -> Iterator[tuple[Recipient, str]]:
    """Everybody who was told of it; and whoever gave it back, told before or not."""
    ending = ledger.ending(interview)
    for one in outside:
        if not one.knows_cancellation:
            yield _present(known, one.mail), ending
    told = {one.mail.receiver for one in outside}
    for one in known.values():
        if one.receiver == interview.canceled_side and one.receiver not in told:
            yield addressing.noted(one), ending


def _present(known: dict[str, Recipient], mail: Mail) -> Recipient:
    """That person with the address of today; somebody who was replaced since, with the address of then."""
    return addressing.noted(known.get(addressing.key_of(mail)) or addressing.of_letter(mail))


@transaction.atomic
def call_back_all(interview: Interview, *, by: accounts.User, now: datetime) -> int:
    """「送信を取り消す」: nothing of what is about to write itself leaves, written already or not. Answers how many
    letters stay here; what has begun to leave is not among them."""
    dispatching.take_turn(interview.pk)
    group = writing_group(interview)
    if group is None:
        return 0
    count = 0
    for mail in recalling.waiting(_fresh(interview)):
        with suppress(delivery.AlreadyLeft):
            recalling.call_back(mail, by=by, now=now)
            count += 1
    texts = groups.Texts(group)
    interview = _fresh(interview)
    for one, purpose in list(due(interview)):
        choice = texts.choose(
            purpose=purpose, receiver=one.receiver, language=one.language, way=interview.letter_way
        )
        if not choice.is_no_mail:
            recalling.leave_to_people(interview, one, purpose=purpose, now=now)
            count += 1
    return count


def _fresh(interview: Interview) -> Interview:
    return Interview.objects.with_facts().select_related("organization").get(pk=interview.pk)


def _was_tried(interview: Interview, one: Recipient, purpose: str) -> bool:
    """A letter with the present facts failed, or a person who wrote it called it back: it is theirs to decide."""
    return any(
        addressing.key_of(notice.mail) == one.key
        and notice.mail.purpose == purpose
        and notice.stopped_at is None
        and (notice.mail.state == "failed" or (notice.mail.state == "canceled" and notice.mail.author_id))
        and ledger.still_holds(interview, notice)
        for notice in interview.notices.all()
    )


def _announce_to(
    interview: Interview, one: Recipient, purpose: str, texts: groups.Texts, *, now: datetime
) -> None:
    needs_address = interview.is_online and purpose not in ledger.ENDINGS
    if needs_address and facts.coming_url_state(interview) != "issued":
        return
    # What the applicant's own press has set off leaves at once.
    due_at = now + dispatching.UNDO if interview.changed_by_id is not None else None
    try:
        with transaction.atomic():
            dispatching.take_turn(interview.pk)
            interview = _fresh(interview)
            if (one.key, purpose) not in {(other.key, why) for other, why in due(interview)}:
                return  # called back a moment ago, or somebody wrote by hand
            # The n-th letter to this person: two jobs at once mean the same one.
            written = sum(addressing.key_of(notice.mail) == one.key for notice in interview.notices.all())
            dispatching.dispatch(
                interview, one, purpose=purpose, texts=texts, occasion=f"letter {written + 1}", now=now,
                due_at=due_at, is_current=True,
            )  # fmt: skip
    except dispatching.NotYet:
        return
    except dispatching.NotSent as not_sent:
        # Never because this very letter exists: it was counted under the interview's lock.
        with transaction.atomic():
            dispatching.withhold(interview, one, purpose=purpose, reason=not_sent.reason, now=now)
