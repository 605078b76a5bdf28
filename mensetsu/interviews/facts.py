"""What one letter about one interview may say: the facts, gathered once for one recipient, and how each reads.

Every function below takes the facts and answers text in the recipient's language, or None when there is nothing to
say. Reads only: a letter never makes a meeting or an address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.interviews import join_links, tag_sources
from mensetsu.interviews import models as interviews
from mensetsu.mail import models as mail
from mensetsu.web import dates, moments

CLOSING_TIME = time(17, 0)  # replies and evaluations are asked for by then, on the company's clock
REPLY_BUSINESS_DAYS = 2
FOLLOW_UP_BUSINESS_DAYS = 3


@dataclass(frozen=True)
class Facts:
    """The interview as told to one recipient, in their language and on their clock."""

    organization: accounts.Organization
    candidate: candidates.Candidate
    stage: candidates.Stage | None
    starts_at: datetime
    minutes: int
    way: str
    service: str
    place: str
    panel: tuple[accounts.User, ...]
    receiver: str
    language: str
    zone: ZoneInfo
    now: datetime
    sender: accounts.User | None = None
    contact: candidates.AgencyContact | None = None
    interviewer: accounts.User | None = None
    # issued, pending, failed, lost, needs_host or none (models.Interview.url_state), for what will hold.
    url_state: str = "none"
    join_url: str = ""
    zoom_id: str = ""
    passcode: str = ""
    page_address: str = ""
    # What this recipient was told last, when that is no longer so.
    told: tuple[datetime, int] | None = None
    cancel_reason: str = ""
    # Who outside gave the date back (models.Interview.canceled_side).
    canceled_side: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_japanese(self) -> bool:
        return self.language == "ja"

    def by_language(self, ja: str, en: str) -> str:
        return ja if self.is_japanese else en


def gather(
    interview: interviews.Interview,
    *,
    receiver: str,
    language: str,
    zone: ZoneInfo,
    contact: candidates.AgencyContact | None = None,
    interviewer: accounts.User | None = None,
    sender: accounts.User | None,
    now: datetime,
    extra: Mapping[str, str] | None = None,
    asks_others: bool = True,
) -> Facts:
    """The facts of a saved interview as they are now. Without a sender the applicant's owner speaks. `asks_others`:
    with what rooms above this one know, which costs queries."""
    state = coming_url_state(interview)
    issued = state == "issued"
    meeting = interview.meeting if issued and interview.uses_zoom else None
    return Facts(
        organization=interview.organization,
        candidate=interview.candidate,
        stage=interview.stage,
        starts_at=interview.starts_at,
        minutes=interview.minutes,
        way=interview.way,
        service=interview.service,
        place=interview.place,
        panel=tuple(row.user for row in interview.interviewers.all()),
        receiver=receiver,
        language=language,
        zone=zone,
        now=now,
        sender=sender or interview.candidate.owner or interview.created_by,
        contact=contact,
        interviewer=interviewer,
        url_state=state,
        join_url=interview.join_url if issued else "",
        zoom_id=meeting.display_id if meeting else "",
        passcode=meeting.passcode if meeting else "",
        page_address=_page_address(interview, receiver, contact),
        told=told_before(interview, receiver=receiver, contact=contact, interviewer=interviewer),
        cancel_reason=interview.cancel_reason,
        canceled_side=interview.canceled_side,
        extra=(tag_sources.read(interview, receiver=receiver, contact=contact) if asks_others else {})
        | dict(extra or {}),
    )


def coming_url_state(interview: interviews.Interview) -> str:
    """As `url_state`, but an address that is about to be replaced does not count: nobody is told a dying one."""
    if interview.uses_zoom and interview.next_meeting is not None:
        return "failed" if interview.next_meeting.is_failed else "pending"
    return interview.url_state


def _page_address(
    interview: interviews.Interview, receiver: str, contact: candidates.AgencyContact | None
) -> str:
    if receiver == mail.Receiver.INTERVIEWER:
        return ""
    contact_id = contact.pk if contact else None
    for link in interview.join_links.all():
        if link.receiver == receiver and link.contact_id == contact_id:
            return join_links.address(link)
    return ""


def told_before(
    interview: interviews.Interview,
    *,
    receiver: str,
    contact: candidates.AgencyContact | None = None,
    interviewer: accounts.User | None = None,
) -> tuple[datetime, int] | None:
    """Start and length this recipient was told last, if the interview is at another time now."""
    last = None
    for notice in interview.notices.all():
        letter = notice.mail
        told = (letter.receiver, letter.contact_id, letter.interviewer_id)
        wanted = (receiver, contact.pk if contact else None, interviewer.pk if interviewer else None)
        if told == wanted and letter.state in ("sent", "queued"):
            last = (notice.told_starts_at, notice.told_minutes)
    return None if last == (interview.starts_at, interview.minutes) else last


# People and places


def company(facts: Facts) -> str | None:
    organization = facts.organization
    return organization.name if facts.is_japanese else organization.name_en or organization.name


def candidate_name(facts: Facts) -> str | None:
    return facts.candidate.name_in(facts.language)


def job_name(facts: Facts) -> str | None:
    return facts.candidate.job.name_in(facts.language) if facts.candidate.job else None


def stage_name(facts: Facts) -> str | None:
    return facts.stage.name_in(facts.language) if facts.stage else None


def agency_name(facts: Facts) -> str | None:
    return facts.contact.agency.name if facts.contact else None


def agency_person(facts: Facts) -> str | None:
    """Title before the name, the department on its own line above: 第一営業部 / 部長 鈴木 一郎 (様 by the template)."""
    contact = facts.contact
    if contact is None:
        return None
    # The tag keeps its line break, so a break inside a name must not become a line of the letter.
    department, name = (
        " ".join(part.split()) for part in (contact.department, f"{contact.title} {contact.full_name}")
    )
    return f"{department}\n{name}" if department else name


def interviewer_name(facts: Facts) -> str | None:
    return facts.interviewer.name_in(facts.language) if facts.interviewer else None


def panel_names(facts: Facts) -> str | None:
    names = [person.name_in(facts.language) for person in facts.panel]
    return facts.by_language("、", ", ").join(names) or None


def sender_name(facts: Facts) -> str | None:
    return facts.sender.name_in(facts.language) if facts.sender else None


def sender_family(facts: Facts) -> str | None:
    if facts.sender is None:
        return None
    return facts.sender.family_name if facts.is_japanese else facts.sender.name_in(facts.language)


def sender_extension(facts: Facts) -> str | None:
    """How colleagues reach the sender: the extension, or the address of those who have none."""
    return (facts.sender.extension or facts.sender.email) if facts.sender else None


def way_words(facts: Facts) -> str | None:
    if facts.way == interviews.Way.WEB:
        if facts.service == interviews.Service.ZOOM:
            return facts.by_language("WEB面接（Zoom）", "Online interview (Zoom)")
        return facts.by_language("WEB面接", "Online interview")
    if facts.way == interviews.Way.PHONE:
        return facts.by_language("電話", "Phone")
    return facts.by_language("対面", "In person")


def signature(facts: Facts) -> str | None:
    """Company, department, name, telephone with its hours, address; lines without a value are left out."""
    if facts.sender is None:
        return None
    organization = facts.organization
    lines = [" ".join(part for part in (company(facts), organization.department) if part)]
    lines.append(sender_name(facts) or "")
    if organization.phone:
        hours = facts.by_language("（{}）", " ({})").format(organization.office_hours)
        telephone = facts.by_language("電話：", "Phone: ") + organization.phone
        lines.append(telephone + (hours if organization.office_hours else ""))
    lines.append(facts.by_language("メール：", "Email: ") + facts.sender.email)
    return "\n".join(["――――――――――――" if facts.is_japanese else "--", *lines])


# Time


def _is_abroad(facts: Facts, moment: datetime) -> bool:
    here, there = moments.local(moment, facts.organization.zone), moments.local(moment, facts.zone)
    return here.utcoffset() != there.utcoffset()


def both_clocks(facts: Facts, starts_at: datetime, minutes: int | None) -> str:
    """The moment on the recipient's clock, and on the company's where that differs."""
    home = dates.full(starts_at, minutes, language=facts.language, zone=facts.organization.zone)
    if not _is_abroad(facts, starts_at):
        return home
    theirs = dates.full(starts_at, minutes, language=facts.language, zone=facts.zone)
    if str(facts.zone) == "Asia/Tokyo" and facts.is_japanese:
        theirs = f"日本時間 {theirs}"
    if str(facts.organization.zone) == "Asia/Tokyo" and facts.is_japanese:
        home = f"日本時間 {home}"
    return f"{theirs} = {home}"


def when(facts: Facts) -> str | None:
    return both_clocks(facts, facts.starts_at, facts.minutes)


def when_short(facts: Facts) -> str | None:
    return _short(facts, facts.starts_at)


def _short(facts: Facts, moment: datetime) -> str:
    text = dates.short(moment, language=facts.language, zone=facts.zone)
    name = dates.zone_name(moment, facts.zone, facts.language)
    if not facts.is_japanese:
        return f"{text} {name}"
    return f"{text}（{name}）" if _is_abroad(facts, moment) else text


def told_when(facts: Facts) -> str | None:
    return both_clocks(facts, *facts.told) if facts.told else None


def told_when_short(facts: Facts) -> str | None:
    return _short(facts, facts.told[0]) if facts.told else None


def duration(facts: Facts) -> str | None:
    return facts.by_language(f"{facts.minutes}分", f"{facts.minutes} minutes")


def days_left(facts: Facts) -> str | None:
    """本日, 明日 or the date, as it is when the letter is written."""
    on = moments.local(facts.starts_at, facts.zone).date()
    days = (on - facts.now.astimezone(facts.zone).date()).days
    if days in (0, 1):
        return facts.by_language(("本日", "明日")[days], ("today", "tomorrow")[days])
    return _day(facts, on) if facts.is_japanese else f"on {_day(facts, on)}"


def _day(facts: Facts, on: date) -> str:
    """11月24日(火) / Tue, Nov 24: the full date without its year."""
    text = dates.day(on, language=facts.language)
    return text.split("年", 1)[1] if facts.is_japanese else text.rsplit(",", 1)[0]


def reply_deadline(facts: Facts) -> str | None:
    """For interviewers: 17:00 two business days from now, earlier when the interview is; never in the past."""
    moment = _reply_moment(facts)
    return None if moment is None else _deadline(facts, moment)


def _deadline(facts: Facts, moment: datetime) -> str:
    local = moments.local(moment, facts.zone)
    if facts.is_japanese:
        return f"{_day(facts, local.date())} {local:%H:%M}"
    name = dates.zone_name(moment, facts.zone, facts.language)
    return f"{local:%H:%M} {name}, {_day(facts, local.date())}"


def reply_deadline_short(facts: Facts) -> str | None:
    moment = _reply_moment(facts)
    if moment is None:
        return None
    return dates.short_day(moments.local(moment, facts.zone).date(), language=facts.language)


def _reply_moment(facts: Facts) -> datetime | None:
    if facts.receiver != mail.Receiver.INTERVIEWER:
        return None  # applicants answer by what their page to choose a date says
    today = facts.now.astimezone(facts.organization.zone).date()
    asked = _closing(facts, _business_day(facts, today, REPLY_BUSINESS_DAYS))
    eve = _business_day(facts, moments.local(facts.starts_at, facts.organization.zone).date(), -1)
    asked = min(asked, _closing(facts, eve))
    return asked if asked > facts.now else facts.starts_at


def evaluation_deadline(facts: Facts) -> str | None:
    """The next business day after the interview."""
    on = moments.local(facts.starts_at, facts.organization.zone).date()
    return _day(facts, _business_day(facts, on, 1))


def follow_up_deadline(facts: Facts) -> str | None:
    """Until when the company promises to write again: three business days from now."""
    today = facts.now.astimezone(facts.organization.zone).date()
    return _day(facts, _business_day(facts, today, FOLLOW_UP_BUSINESS_DAYS))


def _business_day(facts: Facts, on: date, count: int) -> date:
    """`count` business days after (before, when negative) that day."""
    closed = facts.organization.closed_days
    step = timedelta(days=1 if count > 0 else -1)
    for _number in range(abs(count)):
        on = moments.plus(on, step)
        while on not in (date.min, date.max) and not dates.is_business_day(on, closed):
            on = moments.plus(on, step)
    return on


def _closing(facts: Facts, on: date) -> datetime:
    return datetime.combine(on, CLOSING_TIME, facts.organization.zone)


# Ways in


def my_page(facts: Facts) -> str | None:
    return settings.BASE_URL + reverse("interviews:mine")


def attribute(path: str) -> Any:
    """A function of the facts that reads `organization.phone` and the like; empty means None."""

    def read(facts: Facts) -> str | None:
        value: Any = facts
        for name in path.split("."):
            value = getattr(value, name, None)
        return str(value) if value else None

    return read


def given(key: str) -> Any:
    """A function of the facts that reads what the caller brought along (a page to choose a date)."""

    def read(facts: Facts) -> str | None:
        return facts.extra.get(key) or None

    return read
