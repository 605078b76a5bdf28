"""How entries about bookings read in the history."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "booking.page_opened": _("Made the booking page %(page)s"),
    "booking.page_changed": _("Changed the booking page %(page)s"),
    "booking.page_closed": _("Closed the booking page %(page)s"),
    "booking.page_reopened": _("Opened the booking page %(page)s again"),
    "booking.slots_added": _("Added %(count)s slots to %(page)s"),
    "booking.slots_closed": _("Closed %(count)s slots of %(page)s"),
    "booking.invited": _("Asked to choose a date (%(page)s, by %(answer_by_at)s)"),
    "booking.deadline_moved": _("Moved the deadline for choosing to %(answer_by_at)s (%(page)s)"),
    "booking.invitation_closed": _("Took back the request to choose a date (%(page)s)"),
    "booking.chosen": _("Chose a date: %(starts_at)s (%(page)s)"),
    "booking.changed": _("Chose another date: %(from_at)s → %(starts_at)s"),
    "booking.canceled": _("Cancelled the chosen date of %(starts_at)s %(reason)s"),
    "booking.no_date_fits": _("Told us that no date fits (%(page)s)"),
    "booking.wishes_handled": _("The wishes for other dates were dealt with (%(page)s)"),
    "booking.expired": _("The deadline for choosing passed without an answer (%(page)s)"),
    "booking.proposed": _("Proposed %(count)s dates"),
    "booking.proposal_confirmed": _("Confirmed a date that the agency proposed: %(starts_at)s"),
    "booking.proposal_declined": _("Declined the dates that the agency proposed"),
    "booking.agency_page_opened": _("Made a new address of the agency's page for %(name)s (%(agency)s)"),
    "booking.agency_page_closed": _("Took back the address of the agency's page of %(name)s (%(agency)s)"),
}
