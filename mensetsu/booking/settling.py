"""What happens to invitations by themselves: the reminder before the deadline, the news after it, and places in slots
that nobody gave back."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from mensetsu.booking import choosing, holding, inviting, offering, placing, proposing, refusals, telling
from mensetsu.booking.models import BookingPage, Invitation, InvitationQuerySet
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
    return sum(_remind(invitation, now) for invitation in _to_remind(now, now).with_facts()[:AT_ONCE])


def _to_remind(now: datetime, until: datetime) -> InvitationQuerySet:
    return Invitation.objects.unanswered().filter(
        answer_by__gt=now, answer_by__lte=until + REMIND_BEFORE, reminded_at=None, page__closed_at=None,
        created_at__lte=until - AFTER_INVITATION,
    )  # fmt: skip


def withhold(*, until: datetime, now: datetime) -> int:
    """A backup was restored: the database before may have written these 期限前のお知らせ and the news of deadlines that
    have passed. Those that were due by `until` are for people; nobody is told of the passed ones. Answers how many
    people have to look at."""
    for invitation in _over(now).with_facts():
        _settle(invitation, now, is_told=False)
    return _to_remind(now, until).update(reminded_at=now, unreminded=WhyNot.RESTORED)


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
    ended: dict[int, list[Invitation]] = defaultdict(list)
    for invitation in (
        _over(now).with_facts().select_related("candidate__owner", "page__created_by")[:AT_ONCE]
    ):
        if _settle(invitation, now):
            ended[invitation.page_id].append(invitation)
    for invitations in ended.values():
        with transaction.atomic():
            _tell_panel(invitations[0].page, invitations)
    return sum(len(invitations) for invitations in ended.values())


def _over(now: datetime) -> InvitationQuerySet:
    return Invitation.objects.filter(
        answer_by__lte=now, settled_at=None, closed_at=None, answer_by__isnull=False
    )


def _settle(invitation: Invitation, now: datetime, *, is_told: bool = True) -> bool:
    with transaction.atomic():
        if not Invitation.objects.filter(pk=invitation.pk, settled_at=None).update(settled_at=now):
            return False
        if invitation.state(now) == "expired":
            telling.record("booking.expired", invitation, now=now)
            if is_told:
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
