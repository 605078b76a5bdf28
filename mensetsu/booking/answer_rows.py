"""What every press for a date asks of the rows and writes into them: statements whose SQL is written once."""

from django.db.models import Exists, F, OuterRef, QuerySet

from mensetsu.booking.models import BookingLink, Invitation, Panelist, Slot
from mensetsu.statements import compiled

TURN = compiled.Change(
    lambda invitation: (
        Invitation.objects.filter(pk=invitation, closed_at=None, canceled_at=None, chosen_at=None),
        {"version": F("version") + 1},
    ),
    invitation=compiled.NUMBER,
)
# The same only while there is a place to choose. Where one statement waits for another's commit (PostgreSQL), the
# place may still go to that other: whoever takes it finds out.
TURN_WHILE_ROOM = compiled.Change(
    lambda invitation, slot: (
        Invitation.objects.filter(
            Exists(Slot.objects.with_room().filter(pk=slot)),
            pk=invitation, closed_at=None, canceled_at=None, chosen_at=None,
        ),
        {"version": F("version") + 1},
    ),
    invitation=compiled.NUMBER, slot=compiled.NUMBER,
)  # fmt: skip


def _anew(invitation: int) -> QuerySet[Invitation]:
    stand = {"status_now": F("candidate__status"), "stage_now": F("candidate__stage_id")}
    return Invitation.objects.filter(pk=invitation).select_related("page").annotate(**stand)


ANEW = compiled.Read(_anew, invitation=compiled.NUMBER)
ANEW_AND_FULL = compiled.Read(
    lambda invitation, slot: _anew(invitation).annotate(
        is_slot_full=Exists(
            Slot.objects.open().filter(pk=slot, page=OuterRef("page"), taken__gte=F("capacity"))
        )
    ),
    invitation=compiled.NUMBER, slot=compiled.NUMBER,
)  # fmt: skip
PLACE = compiled.Change(
    lambda slot, page: (Slot.objects.with_room().filter(pk=slot, page=page), {"taken": F("taken") + 1}),
    slot=compiled.NUMBER, page=compiled.NUMBER,
)  # fmt: skip
PLACE_AS_SEEN = compiled.Change(
    lambda slot, page, starts_at, minutes: (
        Slot.objects.with_room().filter(
            pk=slot, page=page, starts_at=starts_at, minutes=minutes, held_until=None
        ),
        {"taken": F("taken") + 1},
    ),
    slot=compiled.NUMBER, page=compiled.NUMBER, starts_at=compiled.MOMENT, minutes=compiled.NUMBER,
)  # fmt: skip
CHOSEN = compiled.Change(
    lambda invitation, interview, slot, now, phone, accommodation: (
        Invitation.objects.filter(pk=invitation),
        {
            "interview_id": interview, "slot_id": slot, "chosen_at": now, "declined_at": None, "phone": phone,
            "accommodation": accommodation,
        },
    ),
    invitation=compiled.NUMBER, interview=compiled.NUMBER, slot=compiled.NUMBER, now=compiled.MOMENT,
    phone=compiled.TEXT, accommodation=compiled.TEXT,
)  # fmt: skip
SLOT = compiled.Read(
    lambda slot, page: Slot.objects.filter(pk=slot, page=page), slot=compiled.NUMBER, page=compiled.NUMBER
)
PANELISTS = compiled.Read(
    lambda page: Panelist.objects.filter(page=page).values_list("user_id", "is_fixed"), page=compiled.NUMBER
)
LINKS = compiled.Read(
    lambda invitation: BookingLink.objects.filter(invitation=invitation).select_related("contact"),
    invitation=compiled.NUMBER,
)
