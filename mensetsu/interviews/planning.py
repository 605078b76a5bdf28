"""An interview as it is being thought of: what the form says so far, before anything is written."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.interviews.models import Interview, Service, Way
from mensetsu.web import moments
from mensetsu.zoom import meetings
from mensetsu.zoom import models as zoom

DEFAULT_MINUTES = 60


@dataclass(frozen=True)
class Plan:
    """Half-filled forms have plans too: `starts_at` is None until day and time are known, `on` may come earlier."""

    candidate: candidates.Candidate
    on: date | None = None
    starts_at: datetime | None = None
    minutes: int = DEFAULT_MINUTES
    stage: candidates.Stage | None = None
    interviewers: list[accounts.User] = field(default_factory=list)
    way: str = Way.WEB
    service: str = Service.ZOOM
    # None: Mensetsu chooses.
    host: zoom.Connection | None = None
    custom_url: str = ""
    place: str = ""
    memo: str = ""
    # The interview that is being changed: its own time does not stand in its way.
    interview: Interview | None = None

    @property
    def ends_at(self) -> datetime | None:
        return moments.plus(self.starts_at, timedelta(minutes=self.minutes)) if self.starts_at else None

    @property
    def uses_zoom(self) -> bool:
        return self.way == Way.WEB and self.service == Service.ZOOM

    @property
    def organization(self) -> accounts.Organization:
        return self.candidate.organization

    @property
    def own_meeting(self) -> zoom.Meeting | None:
        if self.interview is None:
            return None
        return self.interview.next_meeting or self.interview.meeting

    def host_choices(self, now: datetime) -> list[meetings.HostChoice]:
        """The linked accounts at the planned time; before there is one, as if nothing were in the way."""
        starts_at = self.starts_at or now + timedelta(days=3650)
        return meetings.host_choices(
            organization=self.organization,
            starts_at=starts_at,
            minutes=self.minutes,
            now=now,
            ignoring=self.own_meeting,
        )
