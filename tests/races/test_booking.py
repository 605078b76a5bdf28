"""Applicants who press at the same moment: one slot, one applicant, one series – on SQLite and PostgreSQL."""

from collections import Counter
from collections.abc import Callable
from datetime import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from mensetsu.booking import choosing, inviting, opening, refusals, settling
from mensetsu.booking.models import Invitation, Slot
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview, Interviewer
from mensetsu.zoom.models import Meeting
from tests import story
from tests.booking import office
from tests.interviews import desk
from tests.racing import together

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 50


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    cache.clear()
    return office.furnish(people)


def crowd(world: SimpleNamespace, count: int, page: Any = None) -> list[Invitation]:
    people = [
        story.candidate(
            world.company, "応募", str(n), email=f"a{n}@example.com", stage=world.stage, job=world.job
        )
        for n in range(count)
    ]
    return [office.invite(world, page or world.page, one) for one in people]


def press(invitation: Invitation, slot: Slot) -> Callable[[], Any]:
    mine = Invitation.objects.get(pk=invitation.pk)
    return lambda: choosing.choose(invitation=mine, slot=slot, now=timezone.now())


def test_fifty_for_one_slot_one_wins_and_49_keep_their_page_and_see_what_is_left(
    world: SimpleNamespace,
) -> None:
    invitations = crowd(world, CROWD)
    links = [office.link(one, world.now) for one in invitations]
    slot, *left = world.slots

    def browser(number: int) -> Callable[[], tuple[int, str]]:
        def send() -> tuple[int, str]:
            # Each from an address of their own: the limit against floods is not what is tried here.
            answer = Client(REMOTE_ADDR=f"203.0.113.{number}").post(
                office.path(links[number]), {"slot": slot.pk, "confirm": "1", "phone": f"090-{number}"}
            )
            return answer.status_code, answer.content.decode()

        return send

    answers = together(CROWD, *(browser(number) for number in range(CROWD)))

    assert Counter(status for status, _html in answers) == {303: 1, 422: CROWD - 1}
    for number, (status, html) in enumerate(answers):
        if status == 422:
            assert "ほかの方の予約が先に入りました。別の日時を選んでください。" in html
            assert f'id="slot-{slot.pk}"' not in html
            assert all(f'id="slot-{one.pk}"' in html for one in left)
            assert f'value="090-{number}"' in html
    assert (Interview.objects.count(), Meeting.objects.live().count(), office.taken(slot)) == (1, 1, 1)
    assert Invitation.objects.filter(chosen_at__isnull=False).count() == 1


def test_many_for_three_slots_with_capacity_are_spread_without_a_double_booking(
    world: SimpleNamespace,
) -> None:
    page = office.page(world, fixed=[], pool=[world.doi, world.endo, world.aoki], pick=1)
    slots = office.offer(world, page, 18, 19, capacity=3)
    invitations = crowd(world, 12, page)

    answers = together(12, *(press(one, slots[number % 2]) for number, one in enumerate(invitations)))

    # Two hosts: at each time two of three places can be filled.
    assert sum(isinstance(one, Interview) for one in answers) == 4
    assert {type(one) for one in answers} <= {
        Interview,
        refusals.HostShort,
        refusals.PanelShort,
        refusals.SlotTaken,
    }
    assert [office.taken(slot) for slot in slots] == [2, 2]
    seats = Interviewer.objects.values_list("user_id", "interview__starts_at")
    assert max(Counter(seats).values()) == 1
    hosts = Meeting.objects.live().values_list("connection_id", "starts_at")
    assert max(Counter(hosts).values()) == 1


def test_the_applicant_and_the_agency_at_once_make_one_interview(world: SimpleNamespace) -> None:
    answers = together(6, press(world.invitation, world.slots[0]), press(world.invitation, world.slots[1]))

    assert Interview.objects.count() == 1
    assert sum(office.taken(slot) for slot in world.slots) == 1
    made = {one.pk for one in answers if isinstance(one, Interview)}
    assert len(made) == 1
    assert {type(one) for one in answers} <= {Interview, refusals.AlreadyChosen}


def test_two_who_swap_their_dates_neither_deadlock_nor_overbook(world: SimpleNamespace) -> None:
    other = office.invite(world, world.page, world.ito)
    first, second = world.slots[:2]
    choosing.choose(invitation=world.invitation, slot=first, now=world.now)
    choosing.choose(invitation=other, slot=second, now=world.now)

    def swap(invitation: Invitation, slot: Slot) -> Callable[[], Any]:
        mine = Invitation.objects.get(pk=invitation.pk)
        return lambda: choosing.change(invitation=mine, slot=slot, now=timezone.now())

    answers = together(2, swap(world.invitation, second), swap(other, first))

    assert {type(one) for one in answers} <= {Interview, refusals.SlotTaken, refusals.PanelShort}
    assert sum(office.taken(slot) for slot in world.slots) == 2
    starts = sorted(Interview.objects.values_list("starts_at", flat=True))
    assert len(set(starts)) == 2


def test_a_series_edited_while_people_book_keeps_what_they_booked(world: SimpleNamespace) -> None:
    page = office.page(world, name="系列", fixed=[world.endo])
    on = story.tomorrow_at(0, days=office.workday()).date()
    values = {"weekdays": list(range(7)), "first_on": on, "last_on": on, "begins": time(9), "ends": time(18),
              "interval": 60, "capacity": 1, "skips_holidays": False}  # fmt: skip

    series, slots = opening.start_series(page, values, by=world.baba, now=world.now)
    invitations = crowd(world, len(slots), page)

    def shorten() -> Any:
        return opening.change_series(
            series, values | {"begins": time(15), "interval": 90}, by=world.baba, now=timezone.now()
        )

    booking = [press(one, slot) for one, slot in zip(invitations, slots, strict=True)]
    answers = together(len(slots) + 1, shorten, *booking)

    booked = [one for one in answers if isinstance(one, Interview)]
    kinds = {type(one) for one in answers[1:]}
    assert kinds <= {Interview, refusals.SlotClosed}
    for one in booked:
        slot = Invitation.objects.get(interview=one).slot
        assert (slot.taken, slot.closed_at, slot.starts_at) == (1, None, one.starts_at)
    assert Slot.objects.filter(page=page, taken=1).count() == len(booked)
    assert not Slot.objects.filter(page=page, closed_at__isnull=False, taken__gt=0).exists()


def test_closing_a_slot_and_booking_it_at_once_have_one_winner(world: SimpleNamespace) -> None:
    slot = world.slots[0]

    answers = together(
        2,
        lambda: opening.close_slot(Slot.objects.get(pk=slot.pk), by=world.baba, now=timezone.now()),
        press(world.invitation, slot),
    )

    slot.refresh_from_db()
    if isinstance(answers[1], Interview):
        assert (type(answers[0]), slot.taken, slot.closed_at) == (opening.SlotInUse, 1, None)
    else:
        assert (type(answers[1]), slot.taken) == (refusals.SlotClosed, 0)
        assert slot.closed_at is not None


def test_two_recruiters_who_invite_the_same_applicant_make_one_invitation(world: SimpleNamespace) -> None:
    together(4, lambda: office.invite(world, world.page, world.ito, now=timezone.now()))

    assert Invitation.objects.filter(candidate=world.ito).count() == 1


def ask_again(world: SimpleNamespace, invitation: Invitation) -> Callable[[], Any]:
    return lambda: office.invite(world, invitation.page, invitation.candidate, now=timezone.now())


def test_asking_again_while_the_applicant_answers_neither_fails_nor_loses_the_interview(
    world: SimpleNamespace,
) -> None:
    invitations = crowd(world, len(world.slots))

    for invitation, slot in zip(invitations, world.slots, strict=True):
        answers = together(4, press(invitation, slot), ask_again(world, invitation))
        problems = [one for one in answers if isinstance(one, Exception)]
        assert not [one for one in problems if not isinstance(one, inviting.AlreadyBooked)]
        invitation.refresh_from_db()
        assert (invitation.slot, invitation.state(timezone.now())) == (slot, "chosen")

    assert Interview.objects.count() == len(world.slots)
    assert [office.taken(slot) for slot in world.slots] == [1] * len(world.slots)


def test_two_workers_at_the_same_deadline_write_one_reminder(world: SimpleNamespace) -> None:
    now = timezone.now()
    soon = now + settling.REMIND_BEFORE / 2
    Invitation.objects.update(answer_by=soon, created_at=now - settling.AFTER_INVITATION * 2)

    sent = together(2, lambda: settling.remind(now))

    assert sorted(sent) == [0, 1]
    assert Invitation.objects.get(pk=world.invitation.pk).letters.count() == 1


def recruiter(world: SimpleNamespace, slot: Slot) -> Callable[[], Any]:
    return lambda: desk.schedule(
        world, candidate=world.ito, starts_at=slot.starts_at, way="phone", service="", host=None,
        seen=frozenset(), now=timezone.now(),
    )  # fmt: skip


def test_a_recruiter_and_an_applicant_at_the_same_instant_never_double_book_an_interviewer(
    world: SimpleNamespace,
) -> None:
    for slot, invitation in zip(world.slots, [world.invitation, *crowd(world, 2)], strict=True):
        answers = together(2, recruiter(world, slot), press(invitation, slot))

        told = [one for one in answers if isinstance(one, Exception)]
        # Whoever was second is told: the recruiter of the overlap, the applicant that the date is gone.
        assert [type(one) in (scheduling.PeopleBusy, refusals.PanelShort) for one in told] == [True], answers
        at = Interview.objects.filter(starts_at=slot.starts_at)
        assert at.count() == 1
        assert Interviewer.objects.filter(interview__in=at, user=world.doi).count() == 1


def test_recruiters_who_cancel_against_applicants_who_change_leave_every_place_counted_once(
    world: SimpleNamespace,
) -> None:
    page = office.page(world, fixed=[], pool=[world.doi, world.endo, world.aoki], pick=1, max_changes=9,
                       way="phone", service="", custom_url="")  # fmt: skip
    slots = office.offer(world, page, 9, 11, 13)
    invitations = crowd(world, 3, page)
    for invitation, slot in zip(invitations, slots, strict=True):
        choosing.choose(invitation=invitation, slot=slot, now=timezone.now())

    def change(number: int) -> Callable[[], Any]:
        mine = Invitation.objects.get(pk=invitations[number].pk)
        return lambda: choosing.change(invitation=mine, slot=slots[(number + 1) % 3], now=timezone.now())

    def cancel(number: int) -> Callable[[], Any]:
        mine = Interview.objects.get(invitations=invitations[number])
        return lambda: scheduling.cancel(mine, by=world.baba, now=timezone.now())

    answers = together(6, *(verb(number) for number in range(3) for verb in (change, cancel)))

    expected = (refusals.Refusal, scheduling.ChangedMeanwhile, scheduling.NotChangeable, Interview)
    assert all(one is None or isinstance(one, expected) for one in answers), answers
    for slot in slots:
        standing = Invitation.objects.filter(slot=slot, interview__canceled_at=None).count()
        assert office.taken(slot) == standing
