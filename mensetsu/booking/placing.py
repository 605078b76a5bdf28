"""An interview's place in a slot: given back in the transaction in which recruiters move or cancel the interview."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from mensetsu.booking.models import BookingPage, Invitation, Slot
from mensetsu.interviews import arranging, places
from mensetsu.interviews.models import Interview

# The interview does not take place, is gone, or is at another time than the slot.
LEFT = (
    Q(interview=None)
    | Q(interview__canceled_at__isnull=False)
    | Q(interview__withdrawn_at__isnull=False)
    | ~Q(interview__starts_at=F("slot__starts_at"))
)


def listen() -> None:
    places.register(places.Keeper(take_turn, settle))


def take_turn(interview: Interview) -> None:
    """Whoever answers one of the interview's invitations, or takes a place of its slot, at the same moment waits here
    for our commit."""
    rows = list(Invitation.objects.filter(interview=interview).order_by("pk").values_list("pk", "slot_id"))
    for pk, _slot_id in rows:
        Invitation.objects.filter(pk=pk).update(settled_at=F("settled_at"))
    for slot_id in sorted({slot_id for _pk, slot_id in rows if slot_id is not None}):
        Slot.objects.filter(pk=slot_id).update(taken=F("taken"))


class _CameMeanwhile(Exception):
    """A colleague's request for the same applicant was written while we waited for our turn."""


def take_invitation_and_applicant(page: BookingPage, candidate_id: int) -> None:
    """Two recruiters who invite the same applicant to this page are one after the other, and so are an answer and we:
    the invitation's row comes first, as in `choosing`, or they would wait for each other. One that came into being
    while we waited for the applicant is taken first too: we let the applicant go and begin again."""
    while True:
        with suppress(_CameMeanwhile), transaction.atomic():
            is_known = _take_invitation(page, candidate_id)
            arranging.take_turn(candidate_id)
            if not is_known and _open(page, candidate_id).exists():
                raise _CameMeanwhile
            return


def _take_invitation(page: BookingPage, candidate_id: int) -> bool:
    return bool(_open(page, candidate_id).update(settled_at=F("settled_at")))


def _open(page: BookingPage, candidate_id: int) -> QuerySet[Invitation]:
    return Invitation.objects.filter(page=page, candidate=candidate_id, closed_at=None)


def settle(interview: Interview, *, now: datetime) -> None:
    """Give back the places that the interview, as it is now, has left."""
    left = Invitation.objects.filter(
        LEFT, interview=interview, slot__starts_at__gt=now, chosen_at__isnull=False
    )
    for invitation in left.select_related("slot").order_by("pk"):
        free(invitation)


def free(invitation: Invitation) -> bool:
    """The invitation has no place any more, the slot has one more. Answers False when somebody answered meanwhile: the
    version is that of the last answer, and whoever has chosen anew has left the place by themselves."""
    mine = Invitation.objects.filter(pk=invitation.pk, slot=invitation.slot_id, version=invitation.version)
    if not mine.update(slot=None, version=F("version") + 1):
        return False
    give_back(invitation.slot)
    return True


def give_back(slot: Slot) -> None:
    """One place in the slot is free again."""
    Slot.objects.filter(pk=slot.pk, taken__gt=0).update(taken=F("taken") - 1)
