"""What applicants were answered, compared with what stands in the database."""

from collections import Counter
from collections.abc import Iterable, Mapping

from benchmarks.crowding import Press
from mensetsu.booking.models import Invitation, Slot
from mensetsu.interviews.models import Interview, Interviewer
from mensetsu.zoom.models import Meeting


def double(presses: Iterable[Press]) -> int:
    """Dates, interviewers and hosts that were given away more often than there are of them."""
    slots = Slot.objects.filter(pk__in={press.slot for press in presses})
    chosen = Counter(Invitation.objects.filter(slot__in=slots).values_list("slot", flat=True))
    double = sum(
        slot.taken > slot.capacity or chosen[slot.pk] > slot.capacity or chosen[slot.pk] != slot.taken
        for slot in slots
    )
    first = min(slot.starts_at for slot in slots)
    # All dates are full hours, so those that overlap begin together.
    panel = Interviewer.objects.filter(interview__starts_at__gte=first, interview__canceled_at=None)
    hosted = Meeting.objects.live().filter(starts_at__gte=first)
    for taken in (
        panel.values_list("user", "interview__starts_at"),
        hosted.values_list("connection", "starts_at"),
    ):
        double += sum(count > 1 for count in Counter(taken).values())
    return double


def lost(answers: Mapping[Press, int], *, booked: int) -> int:
    """Answers that the rows do not bear out: booked without the interview at that very date, its host and its people;
    or refused and booked all the same."""
    found = {one.pk: one for one in Invitation.objects.select_related("interview__meeting", "slot")}
    staffed = set(Interviewer.objects.values_list("interview", flat=True))
    return sum(
        not _is_booked(found[press.invitation], press, staffed)
        if status == booked
        else found[press.invitation].chosen_at is not None
        for press, status in answers.items()
    )


def _is_booked(invitation: Invitation, press: Press, staffed: set[int]) -> bool:
    interview: Interview | None = invitation.interview
    return (
        interview is not None
        and invitation.slot_id == press.slot
        and interview.starts_at == invitation.slot.starts_at
        and interview.is_standing
        and interview.meeting is not None
        and interview.meeting.starts_at == interview.starts_at
        and interview.pk in staffed
    )
