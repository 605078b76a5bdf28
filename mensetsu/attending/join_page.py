"""What the join page says at a moment: the state of the interview as its recipient may know it. Reads only; opening
the page never changes anything, because mail scanners open links too."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.interviews.models import CandidateRequest, DayReport, Interview, JoinLink, Way
from mensetsu.web import dates, moments

# How long after its end the page still says that the interview is over; then it says no more.
OPEN_AFTER_END = timedelta(days=7)
# A meeting that Zoom reports as running may overrun; a report that never came must not keep the door open for ever.
LONGEST_OVERRUN = timedelta(hours=2)
EARLY = timedelta(hours=24)
REHEARSAL = timedelta(hours=1)
# The buttons of the day: from this long before the start to the end.
SAME_DAY = timedelta(minutes=60)
LATE_BY = (5, 10, 15)
CONNECTION_TEST = "https://zoom.us/test"


@dataclass(frozen=True)
class JoinPage:
    """`state`: early, before, begun; or closed, canceled, withdrawn, over."""

    link: JoinLink
    interview: Interview
    state: str
    language: str
    zones: tuple[ZoneInfo, ...]
    url: str
    minutes_left: int
    is_today: bool
    # What this recipient was told earlier and is no longer true; and whether they have been told the present time.
    told: tuple[datetime, int] | None
    was_told_present: bool
    open_requests: tuple[CandidateRequest, ...]
    interviewers: tuple[str, ...]
    # What was told on the day, and what may be told now.
    day_report: DayReport | None
    day_choices: tuple[tuple[str, int], ...]

    @property
    def is_standing(self) -> bool:
        """The interview is still to come or going on: there is a door, and requests may be made."""
        return self.state in ("early", "before", "begun")

    @property
    def lacks_url(self) -> bool:
        return self.is_standing and self.interview.way == Way.WEB and not self.url

    @property
    def asks(self) -> frozenset[str]:
        """Which requests are under way."""
        return frozenset(request.kind for request in self.open_requests)


def look(link: JoinLink, *, language: str, now: datetime) -> JoinPage:
    """The page for that recipient now, in the language they chose."""
    interview = link.interview
    zones = _zones(link)
    start = moments.local(interview.starts_at, zones[0])
    told, was_told_present = _told(link)
    report = day_report(interview)
    return JoinPage(
        link=link,
        interview=interview,
        state=state_of(interview, now=now),
        language=language,
        zones=zones,
        url=interview.join_url if interview.url_state == "issued" else "",
        minutes_left=max(0, -int((now - interview.starts_at).total_seconds() // 60)),
        is_today=start.date() == now.astimezone(zones[0]).date(),
        told=told,
        was_told_present=was_told_present,
        open_requests=tuple(r for r in interview.requests.all() if r.handled_at is None),
        interviewers=tuple(
            row.user.name_in(language) for row in interview.interviewers.select_related("user")
        ),
        day_report=report,
        day_choices=day_choices(interview, report, now=now),
    )


def state_of(interview: Interview, *, now: datetime) -> str:
    if moments.plus(interview.ends_at, OPEN_AFTER_END) <= now:
        return "closed"
    if interview.canceled_at:
        return "canceled"
    if interview.withdrawn_at:
        return "withdrawn"
    if interview.outcome or (interview.is_over(now) and not _is_overrunning(interview, now)):
        return "over"
    if interview.starts_at <= now:
        return "begun"
    return "early" if interview.starts_at - now > EARLY else "before"


def _is_overrunning(interview: Interview, now: datetime) -> bool:
    """Whoever loses the connection in the last minutes must get back in while the talk goes on."""
    meeting = interview.meeting
    if meeting is None or meeting.started_at is None or meeting.finished_at is not None:
        return False
    return now < moments.plus(interview.ends_at, LONGEST_OVERRUN)


def pressed_at(interview: Interview) -> datetime | None:
    """When the interview was started here; a press long before the agreed time was a rehearsal and does not count."""
    started_at = interview.started_at
    return started_at if started_at and started_at >= moments.plus(interview.starts_at, -REHEARSAL) else None


def day_report(interview: Interview) -> DayReport | None:
    """What the applicant told last about the agreed time; read from what was fetched with the interview."""
    reports = [one for one in interview.day_reports.all() if one.starts_at == interview.starts_at]
    return reports[-1] if reports else None


def day_choices(
    interview: Interview, report: DayReport | None, *, now: datetime
) -> tuple[tuple[str, int], ...]:
    """What may be told now as (kind, minutes late), the mildest first; nothing outside the hour before and the
    interview itself. Five minutes late cannot be announced six minutes after the start."""
    begin = moments.plus(interview.starts_at, -SAME_DAY)
    if not (begin <= now < interview.ends_at) or interview.outcome or not interview.is_standing:
        return ()
    kinds = DayReport.Kind
    late = [
        (kinds.LATE, minutes)
        for minutes in LATE_BY
        if now < interview.starts_at + timedelta(minutes=minutes) < interview.ends_at
    ]
    trouble = [(kinds.NO_CONNECTION, 0)] if interview.is_online else []
    told = (report.kind, report.minutes) if report else (kinds.ON_TIME, 0)
    found = [(kinds.ON_TIME, 0), *late, *trouble, (kinds.ABSENT, 0)]
    return tuple(choice for choice in found if choice != told)


def arrived_at(interview: Interview) -> datetime | None:
    """When somebody first came through the join page for the agreed time; trying the button out earlier is no
    arrival."""
    joined = [link.joined_at for link in interview.join_links.all() if link.joined_at]
    return min((at for at in joined if at >= moments.plus(interview.starts_at, -REHEARSAL)), default=None)


def reader_of(link: JoinLink) -> candidates.AgencyContact | candidates.Candidate:
    """Whose language and clock the page follows: the agency's contact or the applicant."""
    return link.contact or link.interview.candidate


def _zones(link: JoinLink) -> tuple[ZoneInfo, ...]:
    """The reader's clock first, then every other one concerned that shows another time at that moment."""
    at = link.interview.starts_at
    candidate, company = link.interview.candidate, link.interview.organization
    people: tuple[candidates.AgencyContact | candidates.Candidate | accounts.Organization, ...]
    people = (reader_of(link), candidate, company)
    zones: dict[object, ZoneInfo] = {}
    for person in people:
        zones.setdefault(moments.local(at, person.zone).utcoffset(), person.zone)
    return tuple(zones.values())


def _told(link: JoinLink) -> tuple[tuple[datetime, int] | None, bool]:
    """The last time told to this recipient that differs from the present one; was the present one told after it?"""
    interview = link.interview
    present = (interview.starts_at, interview.minutes)
    letters = interview.notices.filter(mail__receiver=link.receiver, mail__contact=link.contact)
    sent = letters.exclude(mail__sent_at=None).order_by("mail__sent_at", "id")
    told = list(sent.values_list("told_starts_at", "told_minutes"))
    differing = [moment for moment in told if moment != present]
    return (differing[-1] if differing else None), bool(told) and told[-1] == present


def clock_name(at: datetime, zone: ZoneInfo, language: str) -> str:
    """日本時間（JST） / Japan time (JST): spelled out once, because the reader may be anywhere."""
    if str(zone) == "Asia/Tokyo":
        return "日本時間（JST）" if language == "ja" else "Japan time (JST)"
    return dates.zone_name(at, zone, language)
