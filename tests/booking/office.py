"""What tests of bookings start from: a page with slots, two interviewers, two hosts, an applicant."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from mensetsu.availability.hours import Span
from mensetsu.availability.models import WorkingHours
from mensetsu.booking import inviting, links, opening
from mensetsu.booking.models import BookingLink, BookingPage, Invitation, Slot
from mensetsu.interviews.models import Service, Way
from mensetsu.mail.models import Receiver
from tests import story
from tests.interviews import desk


def furnish(people: SimpleNamespace) -> SimpleNamespace:
    """`people` as at the desk, a page of 一次面接 with Doi as interviewer, three slots, Sato's invitation and link."""
    world = desk.furnish(people)
    for user in (world.doi, world.endo, world.baba, world.aoki):
        always_working(user)
    world.company.office_hours = "平日9:00〜18:00"
    world.company.department = "人事部"
    world.company.save()
    world.page = page(world)
    world.slots = offer(world, world.page, 10, 14, 16)
    world.invitation = invite(world, world.page, world.sato)
    world.link = link(world.invitation, world.now)
    return world


def always_working(user: Any) -> None:
    """Tests run on any day of the week; the week of these people has no weekend."""
    WorkingHours.objects.bulk_create(
        WorkingHours(user=user, weekday=day, begins="00:00", ends="23:59") for day in range(7)
    )


def page(world: SimpleNamespace, **wished: Any) -> BookingPage:
    fixed, pool = wished.pop("fixed", [world.doi]), wished.pop("pool", [])
    values = {
        "name": "一次面接の日程", "stage": world.stage, "minutes": 60, "way": Way.WEB, "service": Service.ZOOM,
        "notice_hours": 1, **wished,
    }  # fmt: skip
    return opening.open_page(
        organization=world.company, values=values, fixed=fixed, pool=pool, by=world.baba, now=world.now
    )


def offer(
    world: SimpleNamespace, booking: BookingPage, *hours: int, days: int | None = None, capacity: int = 1
) -> list[Slot]:
    """Slots on the next day without a holiday at those hours, Japan's clock."""
    days = days or workday()
    starts = [story.tomorrow_at(hour, days=days) for hour in hours]
    spans = [Span(start, start + timedelta(minutes=booking.minutes)) for start in starts]
    opening.offer_slots(booking, spans, capacity=capacity, by=world.baba, now=world.now)
    return list(booking.slots.filter(starts_at__in=starts).order_by("starts_at"))


def workday(after: int = 2) -> int:
    """How many days ahead the next day without a public holiday is, at least `after`."""
    import jpholiday  # noqa: PLC0415

    while jpholiday.is_holiday(story.tomorrow_at(12, days=after).date()):
        after += 1
    return after


def invite(world: SimpleNamespace, booking: BookingPage, candidate: Any, **how: Any) -> Invitation:
    return inviting.invite(page=booking, candidate=candidate, **{"by": world.baba, "now": world.now, **how})


def link(invitation: Invitation, now: datetime, *, contact: Any = None) -> BookingLink:
    receiver = Receiver.AGENCY if contact else Receiver.CANDIDATE
    return links.link_for(invitation, receiver=receiver, contact=contact, now=now)


def path(made: BookingLink, what: str = "") -> str:
    return f"/b/{links.token(made)}/{what}"


def taken(slot: Slot) -> int:
    return Slot.objects.values_list("taken", flat=True).get(pk=slot.pk)
