"""A row at the end or the beginning of all time makes no page fall over: whoever finds it can undo it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from config import clock
from mensetsu.accounts.models import CompanyHoliday, Organization, User
from mensetsu.availability.models import BusyBlock, Hold, TimeOff
from mensetsu.booking.models import Invitation, Series, Slot
from mensetsu.candidates.models import Candidate
from mensetsu.interviews import informing
from mensetsu.interviews.models import Interview, Interviewer
from mensetsu.zoom.models import Difference, Meeting
from tests.house.world import described, furnished, path_of

pytestmark = pytest.mark.django_db

LAST = datetime(9999, 12, 31, 5, tzinfo=UTC)
# Half past eleven in the evening in Japan; its end is no moment there any more.
VERY_LAST = datetime(9999, 12, 31, 14, 30, tzinfo=UTC)
# In America this is no moment.
FIRST = datetime(1, 1, 1, tzinfo=UTC)


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return furnished(people)


def put(moment: datetime, world: SimpleNamespace) -> None:
    """Every row that has a moment or a day of its own is put there; the pages are told nothing of it."""
    ends_at = moment + timedelta(hours=1)
    on = date.max if moment.year > 1 else date.min
    Slot.objects.exclude(pk=Slot.objects.first().pk).delete()
    for rows in (Interview, Meeting, Slot, BusyBlock, Hold):
        rows.objects.update(starts_at=moment, ends_at=ends_at)
    Meeting.objects.update(synced_starts_at=moment)
    Interviewer.objects.create(interview=world.interview, user=world.people.doi)
    Difference.objects.update(kind="time", ours=moment.isoformat(), theirs=moment.isoformat())
    Invitation.objects.update(answer_by=moment)
    Series.objects.update(first_on=on, last_on=on)
    Candidate.objects.update(applied_on=on)
    doi = world.people.doi
    TimeOff.objects.create(user=doi, first_on=on, last_on=on)
    BusyBlock.objects.create(user=doi, starts_at=moment, ends_at=ends_at, weekly=True)
    Hold.objects.create(
        user=doi, key="far", starts_at=moment, ends_at=ends_at, held_until=timezone.now() + timedelta(hours=1)
    )
    CompanyHoliday.objects.create(organization=world.people.company, on=on, name="遠い休業日")


@pytest.mark.parametrize(
    ("moment", "zone"),
    [(LAST, "Asia/Tokyo"), (VERY_LAST, "Pacific/Kiritimati"), (FIRST, "America/New_York")],
    ids=["last", "very-last", "first"],
)
def test_no_page_falls_over_a_row_at_the_end_of_time(
    world: SimpleNamespace, client_of: Callable[[Any], Client], moment: datetime, zone: str
) -> None:
    put(moment, world)
    for rows in (User, Organization, Candidate):
        rows.objects.update(time_zone=zone)
    asks = [(client_of(world.people.aoki), "get"), (client_of(world.people.doi), "get")]
    asks.append((asks[0][0], "post"))
    fallen = []

    for name, address in described().items():
        for client, method in asks:
            client.raise_request_exception = False
            if getattr(client, method)(path_of(address, world)).status_code == 500:
                fallen.append(f"{method} {name}")

    assert fallen == []


@pytest.mark.parametrize("moment", [LAST, VERY_LAST, FIRST], ids=["last", "very-last", "first"])
def test_no_job_falls_over_it(world: SimpleNamespace, run_jobs: Callable[..., int], moment: datetime) -> None:
    put(moment, world)
    world.interview.refresh_from_db()

    for rhythm in clock.RHYTHMS:
        rhythm.job.call()
    with timezone.override("Asia/Tokyo"):
        informing.tell(informing.MOVED, world.interview, [world.people.doi], by=None)
        informing.tell_recruiters(informing.CANCELED, world.interview)
    run_jobs(failing=True)
