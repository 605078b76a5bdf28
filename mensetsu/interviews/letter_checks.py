"""What is wrong with a letter about an interview, judged by the interview: the second half of mail.checks."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache

from mensetsu.candidates import models as candidates
from mensetsu.interviews import addressing, ledger, tags
from mensetsu.interviews.facts import Facts
from mensetsu.interviews.models import Interview, Way
from mensetsu.mail import checks
from mensetsu.mail.checks import BLOCK, INFO, WARN, Finding
from mensetsu.mail.composing import Letter
from mensetsu.mail.models import Purpose, Receiver
from mensetsu.web import dates, moments

# Tags that print somebody's name: an honorific must follow.
PEOPLE = frozenset({"applicant.name", "applicant.family_name", "agency.contact", "interviewer.name"})
# Purposes that promise that the interview takes place.
PROMISES = frozenset(
    {Purpose.CONFIRMATION, Purpose.REMINDER, Purpose.CHANGE, Purpose.WAY_CHANGE, Purpose.URL_CHANGE}
)
# What nobody wants to read twice; reminders may come again.
TOLD_ONCE = (PROMISES - {Purpose.REMINDER}) | ledger.ENDINGS
CALL_AS_WELL = timedelta(hours=24)
ACCOUNT_NOT_NEEDED = ("※Zoomのアカウントは必要ありません", " You don't need a Zoom account.")

_WEEKDAYS = "月火水木金土日"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_JA_DATE = re.compile(
    r"(?:(?P<year>\d{4})年\s*)?(?P<month>\d{1,2})(?:月\s*|/)(?P<day>\d{1,2})(?(year)日|日?)"
    r"(?:\s*\((?P<weekday>[月火水木金土日])(?:曜日?)?(?:・祝)?\))?"
)
_EN_DATE = re.compile(
    r"(?:(?P<weekday>Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+)?"
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s+(?P<day>\d{1,2})\b"
    r"(?:,\s*(?P<year>\d{4}))?"
)
# 「11月20日までに」 is a deadline of the writer's own, not the day of the interview.
_DEADLINE = re.compile(
    r"^[\s\d:()時分月火水木金土日曜・祝]{0,16}(?:まで|以降|から|より)|^.{0,12}\b(?:deadline)\b", re.I
)
_BY = re.compile(r"\b(?:by|until|before|from)\s*$", re.IGNORECASE)


def of_values(letter: Letter, values: dict[str, tags.TagValue], language: str) -> list[Finding]:
    """Tags without a value, each with the place where it is entered; one finding for all that wait for the URL."""
    findings, waiting = [], set()
    for key in letter.missing:
        tag = tags.BY_KEY[key]
        why = values[key].why if key in values else "unset"
        if why in ("pending", "failed"):
            waiting.add(why)
        else:
            facts = {"name": tag.name_in(language), "source": tag.source}
            findings.append(Finding(f"missing_{tag.source}", BLOCK, facts))
    return [Finding(f"url_{why}", BLOCK) for why in sorted(waiting)] + findings


def of_interview(
    letter: Letter, interview: Interview, facts: Facts, *, purpose: str, template_body: str = ""
) -> list[Finding]:
    """What the text says against what is so."""
    return [
        *_state(interview, facts, purpose),
        *_way_in(letter, interview, facts, purpose),
        *_written_dates(letter, facts),
        *_route(facts),
        *_promises(letter, interview),
    ]


def _state(interview: Interview, facts: Facts, purpose: str) -> Iterator[Finding]:
    if purpose in PROMISES and not interview.is_standing:
        yield Finding("not_standing", BLOCK)
    elif purpose in PROMISES and interview.is_over(facts.now):
        yield Finding("over", WARN)
    if purpose in ledger.ENDINGS and interview.is_standing:
        yield Finding("still_standing", WARN)
    if purpose == Purpose.CANCELLATION and timedelta() < interview.starts_at - facts.now < CALL_AS_WELL:
        phone = facts.candidate.phone if facts.receiver == Receiver.CANDIDATE else ""
        if facts.contact is not None:
            phone = facts.contact.phone
        yield Finding("call_as_well", INFO, {"phone": phone})


def _way_in(letter: Letter, interview: Interview, facts: Facts, purpose: str) -> Iterator[Finding]:
    if interview.way != Way.WEB or purpose not in PROMISES or facts.receiver == Receiver.INTERVIEWER:
        return
    addresses = [one for one in (facts.page_address, facts.join_url) if one]
    wanted = {"page.url", "meeting.url", "interview.url"} & {part.key for part in letter.parts}
    if not wanted and not any(address in letter.body for address in addresses):
        yield Finding("no_way_in", WARN)


def _route(facts: Facts) -> Iterator[Finding]:
    route = facts.candidate.contact_route
    if facts.receiver == Receiver.CANDIDATE and route == candidates.ContactRoute.AGENCY:
        yield Finding("around_agency", WARN)
    if facts.receiver == Receiver.AGENCY and route == candidates.ContactRoute.DIRECT:
        yield Finding("around_applicant", WARN)


def _promises(letter: Letter, interview: Interview) -> Iterator[Finding]:
    meeting = interview.meeting
    if meeting is not None and meeting.requires_login:
        for sentence in ACCOUNT_NOT_NEEDED:
            if sentence.strip() in letter.body:
                yield Finding("login_needed", WARN)


def _written_dates(letter: Letter, facts: Facts) -> Iterator[Finding]:
    """Dates written by hand: another day than the interview's, or a weekday that this day does not have."""
    here = moments.local(facts.starts_at, facts.zone).date()
    allowed = {here, moments.local(facts.starts_at, facts.organization.zone).date()}
    if facts.told:
        allowed |= {moments.local(facts.told[0], facts.zone).date()}
    seen = set()
    for written, on, weekday, is_deadline in _dates_in(letter.written, here.year):
        if written in seen:
            continue
        seen.add(written)
        if weekday is not None and weekday != on.weekday():
            right = _WEEKDAYS[on.weekday()] if facts.is_japanese else f"{on:%a}"
            yield Finding("wrong_weekday", WARN, {"written": written, "right": right})
        elif on not in allowed and not is_deadline:
            yield Finding("other_date", WARN, {"written": written, "actual": _short(here, facts.language)})


def _short(on: date, language: str) -> str:
    text = dates.day(on, language=language)
    return text.split("年", 1)[1] if language == "ja" else text.rsplit(",", 1)[0]


# What a group's text says besides its tags is the same in one letter after another.
@lru_cache(maxsize=64)
def _dates_in(text: str, year: int) -> tuple[tuple[str, date, int | None, bool], ...]:
    return tuple(_found_dates(text, year))


def _found_dates(text: str, year: int) -> Iterator[tuple[str, date, int | None, bool]]:
    text = unicodedata.normalize("NFKC", text)
    for pattern in (_JA_DATE, _EN_DATE):
        for match in pattern.finditer(text):
            on = _date(match, year)
            if on is None or (pattern is _JA_DATE and not _looks_like_date(match)):
                continue
            weekday = match["weekday"]
            number = None
            if weekday:
                number = _WEEKDAYS.index(weekday) if weekday in _WEEKDAYS else _english(weekday)
            rest, before = text[match.end() :], text[: match.start()]
            yield match.group().strip(), on, number, bool(_DEADLINE.match(rest) or _BY.search(before))


def _looks_like_date(match: re.Match[str]) -> bool:
    """1/2 alone may be a fraction; 11月2日 and 11/2(月) are dates."""
    return "月" in match.group()[:8] or match["weekday"] is not None


def _english(weekday: str) -> int:
    return ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun").index(weekday)


def _date(match: re.Match[str], year: int) -> date | None:
    month = match["month"]
    number = int(month) if month.isdigit() else _MONTHS.index(month) + 1
    try:
        return datetime(int(match["year"] or year), number, int(match["day"])).date()  # noqa: DTZ001 - a day
    except ValueError:
        return None


def told_already(interview: Interview, recipient: addressing.Recipient, purpose: str) -> list[Finding]:
    """This person has such a letter with the present facts, or one is about to leave: perhaps it wrote itself while
    somebody wrote by hand. Uses prefetched `notices__mail`."""
    if purpose not in TOLD_ONCE:
        return []
    for notice in interview.notices.all():
        letter = notice.mail
        is_theirs = addressing.key_of(letter) == recipient.key and letter.purpose == purpose
        if is_theirs and letter.state in ("sent", "queued") and ledger.still_holds(interview, notice):
            at = letter.sent_at or letter.queued_at
            return [Finding("told_already", WARN, {"name": recipient.name or recipient.email, "at": at})]
    return []


def all_findings(
    letter: Letter,
    interview: Interview,
    facts: Facts,
    values: dict[str, tags.TagValue],
    *,
    purpose: str,
    subject: str,
    body: str,
) -> list[Finding]:
    """Everything to look at before this letter leaves, blocks first."""
    names = tags.names_for(receiver=facts.receiver, purpose=purpose, language=facts.language)
    everywhere = tags.NAMES if facts.is_japanese else tags.NAMES_EN
    found = [
        *checks.of_source(subject=subject, body=body, names=names, everywhere=everywhere),
        *of_values(letter, values, facts.language),
        *checks.of_letter(letter, language=facts.language, people=PEOPLE),
        *of_interview(letter, interview, facts, purpose=purpose),
    ]
    return sorted(found, key=lambda finding: (BLOCK, WARN, INFO).index(finding.level))
