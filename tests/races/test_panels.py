"""Bookings that come at the same moment: no interviewer is ever in two places."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from mensetsu.availability import asking
from mensetsu.availability.models import Hold
from mensetsu.interviews import panels
from mensetsu.interviews.models import Interviewer, Way
from mensetsu.web import dates
from tests import story
from tests.interviews import desk
from tests.racing import together

pytestmark = pytest.mark.django_db(transaction=True)
STARTS = story.tomorrow_at(10, days=7)
while not dates.is_business_day(STARTS.date()):
    STARTS += timedelta(days=1)


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


def book(world: SimpleNamespace, number: int, k: int) -> Callable[[], Any]:
    applicant = story.candidate(world.company, "応募", str(number), email=f"a{number}@example.com")

    def press() -> Any:
        with transaction.atomic():
            panel = panels.pick(
                users=[world.doi, world.endo, world.baba], k=k, starts_at=STARTS,
                ends_at=STARTS + timedelta(hours=1), now=world.now,
            )  # fmt: skip
            return desk.schedule(
                world, candidate=applicant, starts_at=STARTS, interviewers=panel, way=Way.PHONE, service="", host=None
            )  # fmt: skip

    return press


@pytest.mark.parametrize(("k", "winners"), [(1, 3), (2, 1)])
def test_eight_bookings_at_once_never_share_an_interviewer(world, k: int, winners: int) -> None:
    answers = together(8, *(book(world, number, k) for number in range(8)))

    refused = [one for one in answers if isinstance(one, panels.PanelShort)]
    assert len(refused) == 8 - winners, answers
    taken = Counter(Interviewer.objects.values_list("user_id", flat=True))
    assert set(taken.values()) == {1}
    assert sum(taken.values()) == winners * k


def test_two_offers_at_once_never_hold_one_person_twice(world) -> None:
    def offer(key: str) -> Callable[[], Any]:
        def press() -> None:
            with transaction.atomic():
                ends_at = STARTS + timedelta(hours=1)
                panel = panels.pick(
                    users=[world.doi, world.endo], k=1, starts_at=STARTS, ends_at=ends_at, now=world.now
                )
                asking.hold(
                    users=panel, starts_at=STARTS, ends_at=ends_at, until=STARTS, key=key, now=world.now
                )

        return press

    answers = together(6, *(offer(f"offer-{number}") for number in range(6)))

    assert sum(answer is None for answer in answers) == 2
    assert sorted(Hold.objects.values_list("user_id", flat=True)) == sorted([world.doi.pk, world.endo.pk])
