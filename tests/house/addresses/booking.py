"""The addresses of booking pages, their slots, and invitations; the applicant's page behind its token."""

from datetime import time, timedelta
from typing import Any

from django.utils import timezone

from mensetsu.availability.hours import Span
from mensetsu.booking import inviting, links, opening
from mensetsu.interviews.models import Service, Way
from mensetsu.mail.models import Receiver


def furnish(world: Any) -> None:
    now = timezone.now()
    company, baba = world.people.company, world.people.baba
    world.booking = opening.open_page(
        organization=company,
        values={"name": "秘匿の日程調整", "way": Way.WEB, "service": Service.ZOOM},
        fixed=[world.people.doi], by=baba, now=now,
    )  # fmt: skip
    start = now + timedelta(days=5)
    opening.offer_slots(world.booking, [Span(start, start + timedelta(hours=1))], by=baba, now=now)
    today = timezone.localdate()
    values = {"weekdays": [1], "first_on": today, "last_on": today + timedelta(days=14), "begins": time(10),
              "ends": time(12), "interval": 60}  # fmt: skip
    world.series, _slots = opening.start_series(world.booking, values, by=baba, now=now)
    world.invitation = inviting.invite(page=world.booking, candidate=world.candidate, by=baba, now=now)
    link = links.link_for(world.invitation, receiver=Receiver.CANDIDATE, now=now)
    world.booking_token = links.token(link)


def page(world: Any) -> tuple:
    return (world.booking.pk,)


def token(world: Any) -> tuple:
    return (world.booking_token,)


ADDRESSES = {
    "booking:pages": None,
    "booking:create": None,
    "booking:page": page,
    "booking:edit": page,
    "booking:close": page,
    "booking:slots": page,
    "booking:close_slots": page,
    "booking:series": lambda world: (world.series.pk,),
    "booking:invite": page,
    "booking:invite_candidate": lambda world: (world.candidate.pk,),
    "booking:invitation": lambda world: (world.invitation.pk,),
    "booking:act": lambda world: (world.invitation.pk, "closing"),
    "booking:choose": token,
    "booking:change": token,
    "booking:cancel": token,
    "booking:wishes": token,
}
