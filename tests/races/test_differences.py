"""Two who decide about one difference, and a recruiter who moves the interview at that moment: one of them wins."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.interviews import reconciling, scheduling
from mensetsu.interviews.models import Interview
from mensetsu.zoom.models import Difference, HowSettled, Meeting
from tests import story
from tests.interviews import desk
from tests.racing import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    """An interview at 14:00 that somebody moved to 17:00 at Zoom."""
    desk.furnish(people)
    people.interview = desk.schedule(people)
    meeting = desk.issued(people.interview)
    theirs = story.tomorrow_at(17)
    Meeting.objects.update(synced_starts_at=theirs, drifted_at=people.now)
    people.difference = Difference.objects.create(
        organization=people.company, meeting=meeting, kind="time", found_at=people.now,
        ours=meeting.starts_at.isoformat(), theirs=theirs.isoformat(),
    )  # fmt: skip
    return people


def adopt(world: SimpleNamespace, by: Any) -> None:
    mine = Difference.objects.select_related("meeting__connection").get(pk=world.difference.pk)
    reconciling.adopt(mine, version=world.interview.version, by=by, now=timezone.now())


def move(world: SimpleNamespace) -> None:
    scheduling.reschedule(
        Interview.objects.get(pk=world.interview.pk), starts_at=story.tomorrow_at(9), minutes=60, by=world.aoki,
        now=timezone.now(), version=world.interview.version,
    )  # fmt: skip


def test_zooms_time_and_a_recruiters_do_not_both_win(world: SimpleNamespace) -> None:
    answers = together(4, lambda: adopt(world, world.baba), lambda: move(world))

    assert [type(one) for one in answers].count(type(None)) == 1
    assert {type(one) for one in answers} == {type(None), scheduling.ChangedMeanwhile}
    interview = Interview.objects.select_related("meeting", "changed_by").get()
    won = interview.changed_by
    wanted = story.tomorrow_at(17) if won == world.baba else story.tomorrow_at(9)
    assert (interview.starts_at, interview.meeting.starts_at) == (wanted, wanted)
    assert (Difference.objects.get().settled == HowSettled.ADOPTED) is (won == world.baba)


def test_of_taking_over_and_ignoring_one_wins(world: SimpleNamespace) -> None:
    def ignore() -> None:
        mine = Difference.objects.select_related("meeting__connection").get(pk=world.difference.pk)
        reconciling.ignore(mine, by=world.aoki, now=timezone.now())

    answers = together(2, lambda: adopt(world, world.baba), ignore)

    # Whoever ignores first may still be overruled by whoever takes over; the other way round there is nothing left.
    refused = [type(one) for one in answers if one is not None]
    assert refused in ([], [reconciling.Settled])
    assert Difference.objects.get().settled == HowSettled.ADOPTED
    assert Interview.objects.get().starts_at == story.tomorrow_at(17)
