"""Who knows what about an interview: the last letter to each recipient, and whether it still holds. Reads only."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from mensetsu.interviews.models import Interview, Notice, Way
from mensetsu.mail import groups
from mensetsu.mail import models as mail

OUTSIDE = (mail.Receiver.CANDIDATE, mail.Receiver.AGENCY)
# Letters after which nobody waits for the interview any more.
ENDINGS = frozenset({mail.Purpose.CANCELLATION, mail.Purpose.RECEIPT})


@dataclass(frozen=True)
class Told:
    """One recipient and the last letter that left or is about to leave for them."""

    mail: mail.Mail
    at: datetime
    # The start that they were told.
    starts_at: datetime
    knows_time: bool
    knows_way: bool
    knows_url: bool
    knows_cancellation: bool


def read(interview: Interview) -> list[Told]:
    """One line a recipient, in the order in which they were told first. Uses prefetched `notices__mail`."""
    latest: dict[tuple, Notice] = {}
    held: dict[tuple, tuple[str, str, str]] = {}
    for notice in interview.notices.all():
        letter = notice.mail
        if letter.state in ("sent", "queued"):
            reader = (letter.receiver, letter.contact_id, letter.interviewer_id, letter.to_email)
            latest[reader] = notice
            url, passcode, number = held.get(reader, ("", "", ""))
            # A letter without an address does not take back the one before. One with an address does without a number.
            number = notice.told_zoom_id or ("" if notice.told_join_url else number)
            held[reader] = (notice.told_join_url or url, notice.told_passcode or passcode, number)
    return [_told(interview, notice, *held[reader]) for reader, notice in latest.items()]


def outdated(interview: Interview) -> list[Told]:
    """Who holds facts that are no longer true: another time, a raw URL that is gone, an interview that is canceled."""
    told = [one for one in read(interview) if not _knows_of_release(interview, one.mail)]
    if not interview.is_standing:
        return [one for one in told if not one.knows_cancellation]
    return [one for one in told if not (one.knows_time and one.knows_way and one.knows_url)]


def _knows_of_release(interview: Interview, letter: mail.Mail) -> bool:
    """An interviewer whose last letter said that they are no longer needed: nothing that changes is theirs."""
    if letter.purpose != groups.RELEASE or letter.receiver != mail.Receiver.INTERVIEWER:
        return False
    return letter.interviewer_id not in {row.user_id for row in interview.interviewers.all()}


def purpose(interview: Interview) -> str:
    """Which letter those who hold old facts need."""
    if not interview.is_standing:
        return ending(interview)
    told = read(interview)
    return next((correction(one) for one in told if not (one.knows_time and one.knows_way)), "") or (
        mail.Purpose.URL_CHANGE
    )


def ending(interview: Interview) -> str:
    """How those outside hear that it does not take place: whoever gave the date back gets no apology."""
    return mail.Purpose.RECEIPT if interview.canceled_side else mail.Purpose.CANCELLATION


def correction(told: Told) -> str:
    """The letter that makes what this person knows of an interview that stands true again; "" when it is true."""
    if not told.knows_time:
        return mail.Purpose.CHANGE
    if not told.knows_way:
        return mail.Purpose.WAY_CHANGE
    return "" if told.knows_url else mail.Purpose.URL_CHANGE


def digest(interview: Interview, purpose: str) -> str:
    """Short for what a letter of that purpose would tell now; equal as long as it would tell the same."""
    facts = [interview.starts_at.isoformat(), interview.minutes, interview.letter_way, interview.place]
    # An address that is issued afterwards makes no other confirmation; another address is another change.
    url = interview.join_url if purpose == mail.Purpose.URL_CHANGE else ""
    plain = json.dumps([*facts, interview.is_standing, url])
    return hashlib.sha256(plain.encode()).hexdigest()


def still_holds(interview: Interview, notice: Notice) -> bool:
    """What that letter told is so."""
    told = _told(interview, notice, notice.told_join_url, notice.told_passcode, notice.told_zoom_id)
    return told.knows_time and told.knows_way and told.knows_url


def number_in(text: str, interview: Interview) -> str:
    """The number of the Zoom meeting where people enter now, if that text tells it as Zoom prints it."""
    return _number(interview) if _number(interview) and interview.meeting.display_id in text else ""


def _number(interview: Interview) -> str:
    is_there = interview.uses_zoom and interview.meeting is not None and interview.meeting.is_issued
    return str(interview.meeting.zoom_id) if is_there else ""


def _told(interview: Interview, notice: Notice, url: str, passcode: str, number: str) -> Told:
    """`url`, `passcode` and `number` as they stand in whatever letter they have."""
    letter = notice.mail
    return Told(
        mail=letter,
        at=letter.sent_at or letter.queued_at or letter.created_at,
        starts_at=notice.told_starts_at,
        knows_time=(notice.told_starts_at, notice.told_minutes) == (interview.starts_at, interview.minutes),
        knows_way=notice.told_way in ("", interview.letter_way)
        and (notice.told_way != Way.IN_PERSON or notice.told_place == interview.place),
        # Nothing raw was told, or what was told is where and with what people enter now; who was told to come or that
        # we call does not look for an address.
        knows_url=not interview.is_online
        or (
            url in ("", interview.join_url)
            and passcode in ("", interview.passcode)
            and number in ("", _number(interview))
        ),
        knows_cancellation=letter.purpose in ENDINGS,
    )
