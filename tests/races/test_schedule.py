"""Recruiters who press at the same moment: one host, one applicant, one form – one of them wins, nobody errs."""

import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from mensetsu.interviews import announcing, rehosting, scheduling
from mensetsu.interviews.models import Interview
from mensetsu.zoom import meetings
from mensetsu.zoom.models import Meeting
from tests import story
from tests.interviews import desk
from tests.racing import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


def press(world: SimpleNamespace, **wished: Any) -> Callable[[], Interview]:
    return lambda: desk.schedule(world, **wished)


def test_one_of_two_recruiters_gets_the_last_free_host(world: SimpleNamespace) -> None:
    answers = together(2, press(world), press(world, candidate=world.ito, by=world.aoki))

    won = [one for one in answers if isinstance(one, Interview)]
    told = [one for one in answers if isinstance(one, meetings.HostBusy)]
    assert (len(won), len(told)) == (1, 1)
    assert [one.meeting_id for one in won] == list(Meeting.objects.values_list("pk", flat=True))
    assert Interview.objects.count() == 1


def test_eight_at_once_on_two_hosts_make_two_interviews(world: SimpleNamespace) -> None:
    people = [story.candidate(world.company, "応募", str(n), email=f"a{n}@example.com") for n in range(8)]

    answers = together(8, *(press(world, candidate=one, host=None) for one in people))

    hosts = [one.meeting.connection_id for one in answers if isinstance(one, Interview)]
    assert sorted(hosts) == sorted([world.team.pk, world.sub.pk])
    assert sum(isinstance(one, meetings.NoFreeHost) for one in answers) == 6


def test_one_applicant_is_never_set_twice_at_the_same_time(world: SimpleNamespace) -> None:
    answers = together(4, press(world), press(world, host=world.sub))

    assert sum(isinstance(one, Interview) for one in answers) == 1
    assert sum(isinstance(one, scheduling.ApplicantBusy) for one in answers) == 3


def test_the_same_form_sent_four_times_at_once_makes_one_interview(world: SimpleNamespace) -> None:
    answers = together(4, press(world, form_key=uuid.uuid4()))

    assert len({one.pk for one in answers}) == 1
    assert (Interview.objects.count(), Meeting.objects.count()) == (1, 1)


def test_of_two_changes_of_the_same_version_one_is_refused_by_name(world: SimpleNamespace) -> None:
    interview = desk.schedule(world)
    now = timezone.now()

    def move(hour: int, by: Any) -> Callable[[], None]:
        mine = Interview.objects.get(pk=interview.pk)
        return lambda: scheduling.reschedule(
            mine, starts_at=story.tomorrow_at(hour), minutes=60, by=by, now=now
        )

    answers = together(2, move(9, world.baba), move(17, world.aoki))

    refused = [one for one in answers if one is not None]
    assert [type(one) for one in refused] == [scheduling.ChangedMeanwhile]
    present = Interview.objects.select_related("meeting", "changed_by").get(pk=interview.pk)
    assert refused[0].by == present.changed_by
    assert present.meeting.starts_at == present.starts_at


def test_a_change_and_a_cancellation_at_once_leave_no_live_meeting_behind(world: SimpleNamespace) -> None:
    interview = desk.schedule(world)
    now = timezone.now()
    one, other = (Interview.objects.get(pk=interview.pk) for _number in range(2))

    together(
        2,
        lambda: scheduling.change_host(one, world.sub, by=world.baba, now=now),
        lambda: scheduling.cancel(other, by=world.aoki, now=now),
    )

    present = Interview.objects.get(pk=interview.pk)
    live = Meeting.objects.live().count()
    assert live == (0 if present.canceled_at else 1)


def test_of_two_recruiters_who_take_the_same_interviewer_one_is_told_of_the_other(
    world: SimpleNamespace,
) -> None:
    by_phone = {"way": "phone", "service": "", "host": None, "seen": frozenset()}

    answers = together(
        4,
        press(world, **by_phone),
        press(world, candidate=world.ito, **by_phone),
        *(press(world, candidate=story.candidate(world.company, "応募", n), **by_phone) for n in "12"),
    )

    won = [one for one in answers if isinstance(one, Interview)]
    told = [one for one in answers if isinstance(one, scheduling.PeopleBusy)]
    assert (len(won), len(told)) == (1, 3), answers
    assert all(one.clashes == [(world.doi, won[0])] for one in told)


def test_a_move_and_a_new_interview_at_once_never_share_an_interviewer_unseen(world: SimpleNamespace) -> None:
    by_phone = {"way": "phone", "service": "", "host": None, "seen": frozenset()}
    interview = desk.schedule(world, starts_at=story.tomorrow_at(17), **by_phone)
    mine = Interview.objects.get(pk=interview.pk)

    def move() -> None:
        scheduling.reschedule(
            mine, starts_at=story.tomorrow_at(14), minutes=60, by=world.baba, now=timezone.now(), seen=frozenset()
        )  # fmt: skip

    answers = together(2, move, press(world, candidate=world.ito, **by_phone))

    told = [one for one in answers if isinstance(one, Exception)]
    assert [type(one) for one in told] == [scheduling.PeopleBusy]
    assert Interview.objects.filter(starts_at=story.tomorrow_at(14)).count() == 1


def test_a_batch_of_reminders_and_who_replaces_a_leaver_take_interviews_in_one_order(
    world: SimpleNamespace,
) -> None:
    """On PostgreSQL each would else hold what the other waits for."""
    made = [
        desk.schedule(
            world, candidate=story.candidate(world.company, "応募", str(n), email=f"b{n}@example.com"),
            starts_at=story.tomorrow_at(9 + n), host=None, interviewers=[world.doi],
        )
        for n in range(6)
    ]  # fmt: skip

    def decide() -> None:
        with transaction.atomic():
            announcing.take_turn(*(one.pk for one in reversed(made)))

    def replace() -> int:
        rows = [Interview.objects.get(pk=one.pk) for one in reversed(made)]
        return rehosting.replace_interviewer(
            world.doi, world.endo, interviews=rows, by=world.baba, now=timezone.now()
        )

    answers = together(8, decide, replace, decide, decide)

    others = [one for one in answers if isinstance(one, Exception)]
    assert {type(one) for one in others} <= {scheduling.ChangedMeanwhile}
    assert [one for one in answers if isinstance(one, int) and one] == [6]
