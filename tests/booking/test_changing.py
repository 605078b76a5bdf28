"""Applicants change and cancel what they chose, or say that no date fits."""

from datetime import timedelta
from email.utils import parseaddr
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.accounts import deactivating
from mensetsu.attending import requests
from mensetsu.booking import choosing, offering, refusals, settling
from mensetsu.booking.models import HostMode, Invitation, Slot
from mensetsu.interviews import join_links, scheduling
from mensetsu.interviews.models import Interview
from mensetsu.notices.models import OutgoingNotice
from mensetsu.zoom.models import Connection, Meeting
from tests import story
from tests.booking import offers, office
from tests.interviews import desk
from tests.racing import meanwhile


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return office.furnish(people)


def choose(world: SimpleNamespace, number: int = 0, **how: Any) -> Interview:
    values = {
        "invitation": Invitation.objects.get(pk=world.invitation.pk), "slot": world.slots[number],
        "link": world.link, "now": world.now, **how,
    }  # fmt: skip
    return choosing.choose(**values)


def change(world: SimpleNamespace, number: int, **how: Any) -> Interview:
    mine = Invitation.objects.get(pk=world.invitation.pk)
    return choosing.change(
        **{"invitation": mine, "slot": world.slots[number], "link": world.link, "now": world.now, **how}
    )


def name_host(world: SimpleNamespace, host: Connection) -> None:
    world.page.host_mode, world.page.host = HostMode.FIXED, host
    world.page.save()


def notices() -> list[str]:
    return sorted(OutgoingNotice.objects.values_list("name", flat=True))


def test_a_change_keeps_interview_and_meeting_and_frees_the_old_place_once(world: SimpleNamespace) -> None:
    interview = choose(world)

    moved = change(world, 1)

    assert (moved.pk, moved.meeting_id) == (interview.pk, interview.meeting_id)
    assert moved.meeting.starts_at == world.slots[1].starts_at
    assert [office.taken(slot) for slot in world.slots] == [0, 1, 0]
    assert change(world, 1) == moved
    assert [office.taken(slot) for slot in world.slots] == [0, 1, 0]


def test_a_change_finds_another_host_when_its_own_is_busy(world: SimpleNamespace) -> None:
    interview = choose(world)
    busy, free = interview.meeting.connection, None
    desk.schedule(
        world, candidate=world.ito, host=busy, interviewers=[world.endo], starts_at=world.slots[1].starts_at
    )

    moved = change(world, 1)

    free = (moved.next_meeting or moved.meeting).connection
    assert free != busy
    assert Meeting.objects.live().filter(starts_at=world.slots[0].starts_at).count() == 0


def test_changes_are_counted_and_end(world: SimpleNamespace) -> None:
    Invitation.objects.update(max_changes=1)
    choose(world)
    change(world, 1)

    with pytest.raises(refusals.ChangesUsedUp):
        change(world, 2)
    assert [office.taken(slot) for slot in world.slots] == [0, 1, 0]


def test_to_a_slot_that_was_offered_earlier_the_places_are_swapped_too(world: SimpleNamespace) -> None:
    choose(world, 2)

    assert change(world, 0).starts_at == world.slots[0].starts_at
    assert [office.taken(slot) for slot in world.slots] == [1, 0, 0]


def test_a_change_to_the_time_of_another_interview_of_the_applicant_is_refused(
    world: SimpleNamespace,
) -> None:
    interview = choose(world)
    desk.schedule(world, interviewers=[world.endo], starts_at=world.slots[1].starts_at, host=None)

    with pytest.raises(refusals.ApplicantBusy):
        change(world, 1)

    interview.refresh_from_db()
    assert interview.starts_at == world.slots[0].starts_at
    assert [office.taken(slot) for slot in world.slots] == [1, 0, 0]


def test_a_change_without_a_free_host_is_refused(world: SimpleNamespace) -> None:
    interview = choose(world)
    others = Connection.objects.exclude(pk=interview.meeting.connection_id)
    others.update(ended_at=world.now, end_reason="disconnected")
    desk.schedule(
        world, candidate=world.ito, host=interview.meeting.connection, interviewers=[world.endo],
        starts_at=world.slots[1].starts_at,
    )  # fmt: skip

    with pytest.raises(refusals.HostShort):
        change(world, 1)

    assert [office.taken(slot) for slot in world.slots] == [1, 0, 0]
    assert Meeting.objects.live().get(pk=interview.meeting_id).starts_at == world.slots[0].starts_at


def test_a_page_that_names_its_host_moves_to_no_other_one(world: SimpleNamespace) -> None:
    name_host(world, world.team)
    meeting = choose(world).meeting
    desk.schedule(
        world, candidate=world.ito, host=world.team, interviewers=[world.endo],
        starts_at=world.slots[1].starts_at,
    )  # fmt: skip

    with pytest.raises(refusals.HostShort):
        change(world, 1)

    moved = change(world, 2)
    assert (moved.meeting, moved.meeting.connection, moved.next_meeting) == (meeting, world.team, None)


def test_when_the_named_host_ended_a_change_takes_the_one_that_the_page_names_now(
    world: SimpleNamespace,
) -> None:
    name_host(world, world.team)
    choose(world)
    Connection.objects.filter(pk=world.team.pk).update(ended_at=world.now, end_reason="disconnected")
    name_host(world, world.sub)

    moved = change(world, 1)

    assert (moved.next_meeting or moved.meeting).connection == world.sub


def test_a_canceled_interview_is_not_brought_back_by_the_answer_to_an_offer(world: SimpleNamespace) -> None:
    interview = choose(world)
    world.starts = offers.business_days(2)
    world.until = world.starts[0]
    invitation = offers.offer(world, interview=interview, terms=offering.terms_of(interview))
    scheduling.cancel(interview, by=world.baba, now=world.now)

    with pytest.raises(refusals.NotChosen):
        choosing.choose(invitation=invitation, slot=offers.slots(invitation)[0], now=world.now)

    interview.refresh_from_db()
    assert interview.canceled_at == world.now
    assert office.taken(offers.slots(invitation)[0]) == 0


def test_after_its_own_deadline_a_date_is_neither_changed_nor_canceled(world: SimpleNamespace) -> None:
    interview = choose(world)
    late = interview.starts_at - timedelta(hours=23)

    with pytest.raises(refusals.TooLate) as told:
        change(world, 1, now=late)
    assert told.value.what == "change"
    with pytest.raises(refusals.TooLate):
        choosing.cancel(invitation=Invitation.objects.get(pk=world.invitation.pk), now=late)


def test_a_refused_change_leaves_everything_as_it_was(world: SimpleNamespace) -> None:
    interview = choose(world)
    other = office.invite(world, world.page, world.ito)
    choosing.choose(invitation=other, slot=world.slots[1], now=world.now)

    with pytest.raises(refusals.SlotTaken):
        change(world, 1)

    interview.refresh_from_db()
    assert interview.starts_at == world.slots[0].starts_at
    assert [office.taken(slot) for slot in world.slots] == [1, 1, 0]
    assert Invitation.objects.get(pk=world.invitation.pk).changes == 0


def test_canceling_frees_slot_host_and_people(world: SimpleNamespace) -> None:
    interview = choose(world)

    choosing.cancel(invitation=world.invitation, reason="他社に決めました", link=world.link, now=world.now)

    interview.refresh_from_db()
    assert (interview.canceled_at, interview.cancel_reason) == (world.now, "他社に決めました")
    assert office.taken(world.slots[0]) == 0
    assert Meeting.objects.live().count() == 0
    assert world.invitation.state(world.now) == "canceled"
    with pytest.raises(refusals.NotChosen):
        choosing.cancel(invitation=world.invitation, now=world.now)
    assert office.taken(world.slots[0]) == 0


def test_an_interview_that_a_recruiter_moved_is_canceled_without_a_place_to_give_back(
    world: SimpleNamespace,
) -> None:
    interview = choose(world)
    later = story.tomorrow_at(20, days=6)
    scheduling.reschedule(interview, starts_at=later, minutes=60, by=world.baba, now=world.now)
    other = office.invite(world, world.page, world.ito)
    choosing.choose(invitation=other, slot=world.slots[0], now=world.now)

    choosing.cancel(invitation=Invitation.objects.get(pk=world.invitation.pk), now=world.now)

    interview.refresh_from_db()
    assert interview.canceled_at == world.now
    # Who came into the place stays in it.
    assert office.taken(world.slots[0]) == 1


def test_an_interview_that_recruiters_cancel_leaves_its_place_at_once_and_once(
    world: SimpleNamespace,
) -> None:
    interview = choose(world)
    scheduling.cancel(interview, by=world.baba, now=world.now)

    assert office.taken(world.slots[0]) == 0
    assert settling.free_left_places(world.now) == 0
    assert Invitation.objects.get(pk=world.invitation.pk).state(world.now) == "undone"


def test_of_two_in_one_slot_only_the_canceled_one_leaves(world: SimpleNamespace) -> None:
    page = office.page(world, fixed=[], pool=[world.doi, world.endo], pick=1)
    slot = office.offer(world, page, 12, capacity=2)[0]
    first, second = (office.invite(world, page, person) for person in (world.sato, world.ito))
    for invitation in (first, second):
        choosing.choose(invitation=invitation, slot=slot, now=world.now)

    scheduling.cancel(Interview.objects.get(pk=first.interview_id), by=world.baba, now=world.now)

    assert office.taken(slot) == 1
    assert [Invitation.objects.get(pk=one.pk).slot for one in (first, second)] == [None, slot]


def test_an_interview_whose_row_is_gone_leaves_its_place_at_the_next_stroke_of_the_clock(
    world: SimpleNamespace,
) -> None:
    interview = choose(world)
    Interview.objects.filter(pk=interview.pk).delete()

    assert [settling.free_left_places(world.now) for _time in range(2)] == [1, 0]
    assert office.taken(world.slots[0]) == 0


def test_two_clocks_at_once_give_a_left_place_back_once(world: SimpleNamespace) -> None:
    page = office.page(world, fixed=[], pool=[world.doi, world.endo], pick=1)
    slot = office.offer(world, page, 12, capacity=2)[0]
    first, second = (office.invite(world, page, person) for person in (world.sato, world.ito))
    for invitation in (first, second):
        choosing.choose(invitation=invitation, slot=slot, now=world.now)
    Interview.objects.filter(pk=first.interview_id).delete()
    counts = []

    with meanwhile('SET "slot_id" = NULL', lambda: counts.append(settling.free_left_places(world.now))):
        counts.append(settling.free_left_places(world.now))

    assert counts == [1, 0]
    assert office.taken(slot) == 1


def test_who_withdraws_on_the_join_page_leaves_the_place_when_the_recruiter_accepts(
    world: SimpleNamespace,
) -> None:
    interview = choose(world)
    door = join_links.link_for(interview, receiver="candidate", now=world.now)
    asked = requests.make(door, kind=requests.Kind.WITHDRAWAL, text="", now=world.now)

    requests.accept_withdrawal(asked, by=world.baba, now=world.now)

    assert office.taken(world.slots[0]) == 0


def test_other_changes_by_recruiters_keep_the_place(world: SimpleNamespace) -> None:
    interview = choose(world)

    scheduling.change_interviewers(interview, [world.endo], by=world.baba, now=world.now)
    interview.refresh_from_db()
    desk.change_way(interview, way="phone", by=world.baba, now=world.now)

    assert office.taken(world.slots[0]) == 1
    assert Invitation.objects.get(pk=world.invitation.pk).slot == world.slots[0]


def test_a_place_that_has_begun_is_no_place_to_give_back(world: SimpleNamespace) -> None:
    interview = choose(world)

    scheduling.cancel(interview, by=world.baba, now=world.slots[0].starts_at)

    assert office.taken(world.slots[0]) == 1


def test_an_offer_that_moves_a_booked_interview_frees_the_page(world: SimpleNamespace) -> None:
    interview = choose(world)
    world.starts = offers.business_days(2)
    world.until = world.starts[0]
    invitation = offers.offer(world, interview=interview, terms=offering.terms_of(interview))

    choosing.choose(invitation=invitation, slot=offers.slots(invitation)[0], now=world.now)

    assert office.taken(world.slots[0]) == 0
    assert office.taken(offers.slots(invitation)[0]) == 1


def test_a_change_after_the_recruiter_moved_it_starts_from_the_present_time(world: SimpleNamespace) -> None:
    interview = choose(world)
    scheduling.reschedule(
        interview,
        starts_at=story.tomorrow_at(18, days=office.workday()),
        minutes=60,
        by=world.baba,
        now=world.now,
    )

    moved = change(world, 0)

    assert moved.starts_at == world.slots[0].starts_at
    assert office.taken(world.slots[0]) == 1


# No date fits


def test_wishes_reach_the_recruiters_and_a_date_may_still_be_chosen(world: SimpleNamespace) -> None:
    wishes = ["2026年12月1日(火) 午前", "2026年12月2日(水) 午後"]
    choosing.give_up(
        invitation=world.invitation, wishes=wishes, message="平日の夜でも", link=world.link, now=world.now
    )

    assert world.invitation.state(world.now) == "wishes"
    assert (world.invitation.wishes, world.invitation.message) == (wishes, "平日の夜でも")
    assert notices() == ["booking_wishes"]
    choosing.give_up(invitation=world.invitation, wishes=wishes, message="平日の夜でも", now=world.now)
    assert notices() == ["booking_wishes"]

    assert choose(world)
    assert Invitation.objects.get(pk=world.invitation.pk).state(world.now) == "chosen"


def test_after_the_deadline_wishes_are_refused(world: SimpleNamespace) -> None:
    Invitation.objects.update(answer_by=world.now)

    with pytest.raises(refusals.TooLate) as told:
        choosing.give_up(invitation=world.invitation, wishes=["12/1"], now=world.now)

    assert (told.value.what, told.value.at) == ("answer", world.now)
    assert Invitation.objects.get(pk=world.invitation.pk).declined_at is None
    assert notices() == []


def test_when_whoever_asked_is_gone_the_administrators_read_the_answer(
    world: SimpleNamespace, run_jobs: Any, mailoutbox: list
) -> None:
    deactivating.deactivate(world.baba, by=world.aoki, now=world.now)

    choosing.give_up(
        invitation=Invitation.objects.get(pk=world.invitation.pk), wishes=["12/1"], now=world.now
    )
    run_jobs()

    assert [parseaddr(one.to[0])[1] for one in mailoutbox] == ["aoki@sample.example.jp"]


def test_who_has_chosen_has_no_wishes(world: SimpleNamespace) -> None:
    choose(world)

    with pytest.raises(refusals.AlreadyChosen):
        choosing.give_up(invitation=world.invitation, wishes=[], message="x", now=world.now)


def test_the_database_refuses_an_overfull_slot(world: SimpleNamespace) -> None:
    from django.db import IntegrityError, transaction  # noqa: PLC0415

    with pytest.raises(IntegrityError), transaction.atomic():
        Slot.objects.filter(pk=world.slots[0].pk).update(taken=2)
    assert timezone.is_aware(world.now)
