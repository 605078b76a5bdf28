"""Tentative holds of an offer's dates (仮押さえ): people in availability, the host in zoom, both under the
key of the slot."""

from datetime import datetime

from mensetsu.availability import asking
from mensetsu.booking.models import BookingPage, Slot
from mensetsu.zoom import meetings


def release(slot: Slot) -> None:
    """Free whatever is held for that date. In the caller's transaction: others see it only after the commit, when the
    interview that took its place stands."""
    if slot.held_until is not None:
        asking.release(slot.hold_key)
        meetings.release_holds(slot.hold_key)


def close_rest(page: BookingPage, *, now: datetime) -> None:
    """One date of the offer is fixed: the others are closed and free."""
    for slot in page.slots.open().filter(taken=0):
        release(slot)
        Slot.objects.filter(pk=slot.pk, taken=0).update(closed_at=now, held_until=None)
