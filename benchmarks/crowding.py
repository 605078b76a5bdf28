"""What P6 starts from: booking pages with dates, and applicants who have been asked to choose one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from benchmarks.scene import FREE_AFTER_DAYS, JAPAN
from mensetsu.accounts.models import Organization, User
from mensetsu.booking import links, opening
from mensetsu.booking.models import BookingLink, BookingPage, Invitation, Slot
from mensetsu.candidates.models import Candidate
from mensetsu.interviews import arranging
from mensetsu.interviews.models import Service, Way
from mensetsu.mail.models import Receiver
from mensetsu.web import dates, secret_addresses
from mensetsu.zoom.models import Connection

HOSTS = 20
HOURS = range(9, 17)


@dataclass(frozen=True)
class Press:
    """One applicant's wish: the address of their page, and the date they press for."""

    address: str
    invitation: int
    slot: int
    visitor: str  # the address that the proxy in front tells us


def gather(
    *, company: Organization, by: User, interviewers: list[User], applicants: int, each: int, now: datetime
) -> list[Press]:
    """A page with `each` dates for each of the interviewers, all at the same times, and no more hosts than there are
    interviewers: every host is needed at every time. Two or three applicants want each date, one right after another.
    """
    _link_guests(company, interviewers, now)
    slots = []
    for interviewer in interviewers:
        page = _page(company, interviewer, by, now)
        starts = islice(_times(now), each)
        slots += [_slot(page, start) for start in starts]
    slots = Slot.objects.bulk_create(slots)
    asked = Candidate.objects.filter(organization=company, next_interview_at=None)
    people = list(asked.exclude(status__in=arranging.GONE).order_by("id")[:applicants])
    wanted = [slots[number % len(slots)] for number in range(len(people))]
    invitations = Invitation.objects.bulk_create(
        Invitation(
            organization=company, page=slot.page, candidate=person, stage=person.stage, stage_then=person.stage,
            answer_by=now + timedelta(days=7), created_at=now, created_by=by,
        )
        for person, slot in zip(people, wanted, strict=True)
    )  # fmt: skip
    return _in_order(invitations, wanted, now)


def _in_order(invitations: list[Invitation], wanted: list[Slot], now: datetime) -> list[Press]:
    doors = BookingLink.objects.bulk_create(
        BookingLink(
            invitation=one, receiver=Receiver.CANDIDATE, nonce=secret_addresses.new_nonce(), created_at=now
        )
        for one in invitations
    )
    presses = [
        Press(f"/b/{links.token(door)}/", one.pk, slot.pk, f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
        for n, (door, one, slot) in enumerate(zip(doors, invitations, wanted, strict=True))
    ]
    turn = {slot: number for number, slot in enumerate(Random(6).sample(range(len(wanted)), len(wanted)))}
    places = {slot.pk: turn[number] for number, slot in enumerate(wanted)}
    return sorted(presses, key=lambda press: places[press.slot])


def _page(company: Organization, interviewer: User, by: User, now: datetime) -> BookingPage:
    values = {
        "name": f"一次面接 {interviewer.full_name}", "minutes": 60, "way": Way.WEB, "service": Service.ZOOM,
        "horizon_days": FREE_AFTER_DAYS * 3,
    }  # fmt: skip
    return opening.open_page(organization=company, values=values, fixed=[interviewer], by=by, now=now)


def _slot(page: BookingPage, start: datetime) -> Slot:
    return Slot(page=page, starts_at=start, minutes=60, ends_at=start + timedelta(hours=1))


def _times(now: datetime) -> Iterator[datetime]:
    """The full hours of business days on which nothing has been set yet."""
    day = now.astimezone(JAPAN).replace(hour=0, minute=0, second=0, microsecond=0)
    day += timedelta(days=FREE_AFTER_DAYS)
    while True:
        day += timedelta(days=1)
        if dates.is_business_day(day.date()):
            yield from (day.replace(hour=hour) for hour in HOURS)


def _link_guests(company: Organization, interviewers: list[User], now: datetime) -> None:
    """As many accounts that may host as there are interviewers. Those that are added have no tokens: choosing a date
    does not speak to Zoom."""
    there = Connection.objects.hosts_for(company).count()
    for interviewer in interviewers[there:]:
        Connection.objects.create(
            organization=company, owner=interviewer, zoom_user_id=f"guest{interviewer.pk}", plan_type=2,
            email=interviewer.email, label=f"Zoom {interviewer.full_name}", is_shared=True, connected_at=now,
        )  # fmt: skip
