"""What the public page says when a date cannot be had."""

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from mensetsu.booking import refusals
from mensetsu.booking.models import Invitation
from mensetsu.web import dates

GONE = gettext_lazy("This date and time is no longer available. Choose another one.")


def of_slot(refusal: refusals.OfSlot) -> str:
    """One sentence with the time in it, and what to do."""
    slot = refusal.slot
    facts = {"time": dates.span(slot.starts_at, slot.minutes)}
    if isinstance(refusal, refusals.SlotTaken):
        return _("%(time)s was just booked by somebody else. Choose another date and time.") % facts
    if isinstance(refusal, refusals.TooSoon):
        return (
            _("%(time)s can no longer be booked, because it begins too soon. Choose another date and time.")
            % facts
        )
    if isinstance(refusal, refusals.ApplicantBusy):
        return _("You have another interview with us at %(time)s. Choose another date and time.") % facts
    return _("%(time)s is no longer available. Choose another date and time.") % facts


def stage(invitation: Invitation, language: str | None = None) -> str:
    """一次面接, or only 面接 where no step is set."""
    language = language or get_language() or "ja"
    return invitation.stage.name_in(language) if invitation.stage else _("Interview")
