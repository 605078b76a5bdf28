"""What the page of an invitation says at a moment. Reads only: mail scanners open links too."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

from django.utils import translation

from mensetsu.attending import join_page
from mensetsu.booking import choosing, inviting, refusals, showing
from mensetsu.booking.models import BookingLink, Invitation, Panelist
from mensetsu.interviews import join_links
from mensetsu.interviews.models import Interview, JoinLink, Way
from mensetsu.mail.models import Receiver
from mensetsu.web import dates

# How long after the interview the page still says what was chosen.
OPEN_AFTER_END = timedelta(days=7)


# Everybody who is refused reads the same few dates.
@lru_cache(maxsize=10_000)
def _on_clock(starts_at: datetime, minutes: int, zone: ZoneInfo, language: str) -> tuple[date, str]:
    """The day and the hours there."""
    with translation.override(language):
        return starts_at.astimezone(zone).date(), dates.span(starts_at, minutes, zone=zone)


@dataclass(frozen=True)
class ChoicePage:
    """The invitation as its recipient may know it."""

    link: BookingLink
    invitation: Invitation
    language: str
    zone: ZoneInfo
    now: datetime
    # The reader's date was taken by somebody else a moment ago, and many may read the same list.
    is_crowded: bool = False

    @property
    def interview(self) -> Interview | None:
        return self.invitation.interview

    @cached_property
    def state(self) -> str:
        """waiting, wishes, chosen; or expired, canceled, undone, over, closed, withdrawn, moved_on."""
        state = self.invitation.state(self.now)
        if state in ("waiting", "wishes", "expired"):
            try:
                # Where the applicant stands was read with the invitation.
                choosing.refuse_stand(self.invitation, self.invitation.candidate)
            except refusals.Withdrawn:
                return "withdrawn"
            except refusals.StageChanged:
                return "moved_on"
            if self.invitation.page.closed_at is not None:
                return "closed"
            if state == "wishes" and self.invitation.answer_by and self.invitation.answer_by <= self.now:
                return "expired"
        if state == "chosen" and (self.interview.is_over(self.now) or self.interview.outcome):
            return "over"
        return state

    @property
    def may_choose(self) -> bool:
        return self.state in ("waiting", "wishes")

    @cached_property
    def slots(self) -> list[showing.Choice]:
        """What can be chosen now; when the date is changed the present interview stands in nobody's way."""
        page = self.invitation.page
        return showing.choosable(
            page, now=self.now, besides=self.interview, known=self.panelists,
            shares=self.is_crowded and self.interview is None,
        )  # fmt: skip

    @property
    def days(self) -> list[tuple[date, str, tuple[tuple[showing.Choice, str], ...]]]:
        """Each day with its holiday's name and its slots with their hours, on the reader's clock."""
        shown = [
            (slot, *_on_clock(slot.starts_at, slot.minutes, self.zone, self.language)) for slot in self.slots
        ]
        return [
            (on, dates.holiday_in(on), tuple((slot, words) for slot, _on, words in lines))
            for on, lines in groupby(shown, key=itemgetter(1))
        ]

    @cached_property
    def change_until(self) -> datetime | None:
        return choosing.change_until(self.invitation, self.interview) if self.interview else None

    @property
    def may_change(self) -> bool:
        return self.may_cancel and self.invitation.changes < self.invitation.max_changes

    @property
    def may_cancel(self) -> bool:
        return self.state == "chosen" and self.change_until is not None and self.now <= self.change_until

    @cached_property
    def join_address(self) -> str:
        """The recipient's own page of the interview, once there is one."""
        if self.interview is None:
            return ""
        door = JoinLink.objects.filter(interview=self.interview, contact=self.link.contact)
        if self.link.contact is None:
            door = door.filter(receiver=self.link.receiver)
        found = door.first()
        return join_links.address(found) if found else ""

    @property
    def lacks_url(self) -> bool:
        interview = self.interview
        return interview is not None and interview.way == Way.WEB and not interview.join_url

    @property
    def deadline(self) -> str:
        at = self.invitation.answer_by
        return inviting.deadline(at, language=self.language, zone=self.zone) if at else ""

    @cached_property
    def other_zone(self) -> ZoneInfo | None:
        """The company's clock where it shows another time than the reader's."""
        home = self.invitation.organization.zone
        here, there = self.now.astimezone(self.zone), self.now.astimezone(home)
        return None if here.utcoffset() == there.utcoffset() else home

    def clock(self, zone: ZoneInfo, at: datetime | None = None) -> str:
        return join_page.clock_name(at or self.now, zone, self.language)

    @cached_property
    def panelists(self) -> list[Panelist]:
        return showing.panelists(self.invitation.page)

    @cached_property
    def interviewer_count(self) -> int:
        page = self.invitation.page
        return sum(row.is_fixed for row in self.panelists) + page.pick

    @property
    def masked_email(self) -> str:
        """mi***@example.com: enough to recognise one's own, too little for a stranger."""
        person = self.link.contact or self.invitation.candidate
        local, _at, domain = person.email.rpartition("@")
        return f"{local[:2] if len(local) > 3 else local[:1]}***@{domain}" if domain else ""

    @property
    def is_agency(self) -> bool:
        return self.link.receiver == Receiver.AGENCY


def look(link: BookingLink, *, language: str, now: datetime, is_crowded: bool = False) -> ChoicePage:
    person = link.contact or link.invitation.candidate
    return ChoicePage(link, link.invitation, language, person.zone, now, is_crowded)
