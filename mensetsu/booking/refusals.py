"""Why a date cannot be chosen, changed or given back: facts, each with what a page needs to say it.

Refusal
├── SlotTaken · SlotClosed · TooSoon · TooFar · PanelShort · HostShort · ApplicantBusy     this date: choose another
└── TooLate · AlreadyChosen · ChangesUsedUp · Withdrawn · StageChanged · Closed            the whole page"""

from datetime import datetime

from mensetsu.booking.models import Slot
from mensetsu.interviews.models import Interview


class Refusal(Exception):
    pass


class OfSlot(Refusal):
    """Only this date is out of the question."""

    def __init__(self, slot: Slot) -> None:
        super().__init__(f"slot {slot.pk}")
        self.slot = slot


class SlotTaken(OfSlot):
    """Somebody else was first."""


class SlotClosed(OfSlot):
    """The recruiters took the date back."""


class TooSoon(OfSlot):
    """It begins sooner than the page's notice allows, or has begun."""


class TooFar(OfSlot):
    """It lies beyond the page's horizon."""


class PanelShort(OfSlot):
    """Too few interviewers are free at that time."""


class HostShort(OfSlot):
    """No Zoom account (or not the page's own) is free at that time."""


class ApplicantBusy(OfSlot):
    """The applicant has another interview of ours at that time."""


class TooLate(Refusal):
    """The deadline for answering ("answer") or for changing and canceling ("change") was `at`."""

    def __init__(self, what: str, at: datetime) -> None:
        super().__init__(f"{what} until {at:%Y-%m-%d %H:%M}")
        self.what, self.at = what, at


class AlreadyChosen(Refusal):
    """A date was chosen before (perhaps by the agency): the interview stands."""

    def __init__(self, interview: Interview | None) -> None:
        super().__init__()
        self.interview = interview


class NotChosen(Refusal):
    """There is no interview that could be changed or canceled: it is over, canceled or was never chosen."""


class ChangesUsedUp(Refusal):
    """The date was changed as often as the invitation allows."""


class Withdrawn(Refusal):
    """The applicant has left the selection."""


class StageChanged(Refusal):
    """The applicant has moved to another step since the invitation."""


class Closed(Refusal):
    """The recruiters closed the page or took the invitation back."""
