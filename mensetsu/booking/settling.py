"""What happens to invitations by themselves: the reminder before the deadline, the news after it, and places in slots
that nobody gave back."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from mensetsu.booking import choosing, holding, inviting, offering, placing, proposing, refusals, telling
from mensetsu.booking.models import BookingPage, Invitation
from mensetsu.interviews import informing
from mensetsu.interviews.models import WhyNot
from mensetsu.jobs import port
from mensetsu.mail import models as mail
from mensetsu.web import dates

REMIND_BEFORE = timedelta(hours=24)
# Whoever was invited less than this before the reminder would read two letters in a row.
AFTER_INVITATION = timedelta(hours=24)
AT_ONCE = 500


@port.job(max_attempts=1)
def watch() -> None:
    """Everything that is due at this moment; run every few minutes, also after a pause."""
    now = timezone.now()
    free_left_places(now)
    offering.withdraw_pointless(now)
    remind(now)
    settle(now)
    proposing.note_overtaken(now)


def remind(now: datetime) -> int:
    """期限前のお知らせ to those who have not answered; each once a deadline. Answers to how many letters
    went; what could not be sent is on the home page."""
    due = Invitation.objects.unanswered().filter(
        answer_by__gt=now, answer_by__lte=now + REMIND_BEFORE, reminded_at=None, page__closed_at=None,
        created_at__lte=now - AFTER_INVITATION,
    )  # fmt: skip
    return sum(_remind(invitation, now) for invitation in due.with_facts()[:AT_ONCE])


def _remind(invitation: Invitation, now: datetime) -> bool:
    with transaction.atomic():
        mine = Invitation.objects.unanswered().filter(pk=invitation.pk, reminded_at=None)
        if not mine.update(reminded_at=now):
            return False  # answered meanwhile, or another worker was first
        try:
            choosing.refuse_unfit(invitation)
            return bool(inviting.send(invitation, purpose=mail.Purpose.DEADLINE, by=None, now=now))
        except refusals.Refusal:
            return False  # who has left needs no reminder
        except UNSENDABLE as problem:
            # A text with holes is worse than none; that there was none is for a person to know.
            Invitation.objects.filter(pk=invitation.pk).update(unreminded=_why_not(problem))
            return False


UNSENDABLE = (inviting.NoAddress, inviting.NoTemplate, inviting.NotSendable)


def _why_not(problem: Exception) -> str:
    if isinstance(problem, inviting.NoAddress):
        return WhyNot.NO_ADDRESS
    is_gap = isinstance(problem, inviting.NoTemplate) and problem.why == inviting.GAP
    return WhyNot.GAP if is_gap else WhyNot.HOLES


def settle(now: datetime) -> int:
    """Deadlines that have passed: the interviewers are told who is booked and who is not, the recruiters who has not
    answered; held dates are free. Answers how many invitations."""
    over = Invitation.objects.filter(
        answer_by__lte=now, settled_at=None, closed_at=None, answer_by__isnull=False
    )
    ended: dict[int, list[Invitation]] = defaultdict(list)
    for invitation in over.with_facts().select_related("candidate__owner", "page__created_by")[:AT_ONCE]:
        if _settle(invitation, now):
            ended[invitation.page_id].append(invitation)
    for invitations in ended.values():
        with transaction.atomic():
            _tell_panel(invitations[0].page, invitations)
    return sum(len(invitations) for invitations in ended.values())


def _settle(invitation: Invitation, now: datetime) -> bool:
    with transaction.atomic():
        if not Invitation.objects.filter(pk=invitation.pk, settled_at=None).update(settled_at=now):
            return False
        if invitation.state(now) == "expired":
            telling.record("booking.expired", invitation, now=now)
            telling.tell_recruiters("booking_expired", invitation)
        if invitation.page.is_offer and invitation.chosen_at is None:
            holding.close_rest(invitation.page, now=now)
    return True


def _tell_panel(page: BookingPage, invitations: list[Invitation]) -> None:
    """Booked or not: one notice to each fixed interviewer about everybody whose deadline has come."""
    people = [
        row.user for row in page.panelists.select_related("user") if row.is_fixed and row.user.is_active
    ]
    for user in people:
        booked = [one for one in invitations if one.chosen_at and one.interview and one.interview.is_standing]
        informing.notify(
            "booking_deadline",
            user,
            {
                "booking": page.name,
                "booked": [
                    {
                        "name": one.candidate.name_in(user.language),
                        "when": dates.full(
                            one.interview.starts_at, one.interview.minutes, language=user.language, zone=user.zone
                        ),
                    }
                    for one in booked
                ],
                "others": [one.candidate.name_in(user.language) for one in invitations if one not in booked],
            },
        )  # fmt: skip


def free_left_places(now: datetime) -> int:
    """Places that `placing` could not give back because nobody's verb left them: the interview is gone."""
    left = Invitation.objects.filter(placing.LEFT, slot__starts_at__gt=now, chosen_at__isnull=False)
    count = 0
    for invitation in left.select_related("slot")[:AT_ONCE]:
        with transaction.atomic():
            count += placing.free(invitation)
    return count
