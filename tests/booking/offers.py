"""What tests of offered dates start from: two hosts, two interviewers, an applicant, and dates on business days."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from mensetsu.booking import offering
from mensetsu.booking.models import Invitation, Slot
from mensetsu.interviews.models import Service, Way
from mensetsu.web import dates
from tests import story
from tests.interviews import desk


def furnish(people: SimpleNamespace) -> SimpleNamespace:
    """`desk.furnish` plus `starts`: 10:00 in Japan on the next three business days that are a week away."""
    world = desk.furnish(people)
    world.starts = business_days(3)
    world.until = world.starts[0] - timedelta(days=2)
    return world


def business_days(count: int) -> list[datetime]:
    found: list[datetime] = []
    number = 7
    while len(found) < count:
        start = story.tomorrow_at(10, days=number)
        if dates.is_business_day(start.date()):
            found.append(start)
        number += 1
    return found


def terms(world: SimpleNamespace, **wished: Any) -> offering.Terms:
    values = {
        "minutes": 60, "interviewers": (world.doi,), "way": Way.WEB, "service": Service.ZOOM, "host": world.team,
        **wished,
    }  # fmt: skip
    return offering.Terms(**values)


def offer(world: SimpleNamespace, **wished: Any) -> Invitation:
    values = {
        "candidate": world.sato, "stage": world.stage, "starts": world.starts, "answer_by": world.until,
        "by": world.baba, "now": world.now, **wished,
    }  # fmt: skip
    values.setdefault("terms", terms(world))
    return offering.offer(**values)


def slots(invitation: Invitation) -> list[Slot]:
    return list(invitation.page.slots.order_by("starts_at"))
