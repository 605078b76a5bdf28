"""Applicants choose, change and cancel; every refusal is a fact."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mensetsu.accounts import deactivating
from mensetsu.booking import choosing, offering, opening, refusals
from mensetsu.booking.models import HostMode, Invitation, Slot
from mensetsu.candidates import registering
from mensetsu.history.models import Entry
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import CandidateRequest, Interview, Service, Way
from mensetsu.mail import samples
from mensetsu.mail.models import Mail
from mensetsu.notices.models import OutgoingNotice
from mensetsu.zoom.models import Connection
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


def notices() -> list[str]:
    return sorted(OutgoingNotice.objects.values_list("name", flat=True))


def test_one_press_makes_the_interview_takes_host_and_people_and_asks_for_the_meeting(
    world: SimpleNamespace,
) -> None:
    interview = choose(world)

    assert (interview.candidate, interview.stage) == (world.sato, world.stage)
    assert (interview.starts_at, interview.minutes) == (world.slots[0].starts_at, 60)
    assert [row.user for row in interview.interviewers.all()] == [world.doi]
    assert interview.meeting.connection in (world.team, world.sub)
    assert office.taken(world.slots[0]) == 1
    invitation = Invitation.objects.get(pk=world.invitation.pk)
    assert (invitation.state(world.now), invitation.interview, invitation.slot) == (
        "chosen", interview, world.slots[0],
    )  # fmt: skip
    entry = Entry.objects.get(action="booking.chosen")
    assert (entry.actor, entry.actor_name) == (None, "佐藤 美咲")
    assert notices() == ["booking_chosen"]
    assert [one.interviewer for one in Mail.objects.filter(receiver="interviewer")] == [world.doi]


def test_a_second_press_answers_the_interview_made_first(world: SimpleNamespace) -> None:
    assert choose(world) == choose(world)
    assert (Interview.objects.count(), office.taken(world.slots[0])) == (1, 1)


def test_who_has_chosen_cannot_choose_again(world: SimpleNamespace) -> None:
    interview = choose(world)

    with pytest.raises(refusals.AlreadyChosen) as told:
        choose(world, 1)

    assert told.value.interview == interview
    assert office.taken(world.slots[1]) == 0


def test_what_helps_the_applicant_becomes_a_request_and_the_phone_stays_with_the_recruiters(
    world: SimpleNamespace,
) -> None:
    interview = choose(world, answers=choosing.Answers("090-1111-2222", "字幕をお願いします"))

    request = CandidateRequest.objects.get(interview=interview)
    assert (request.kind, request.text) == ("accommodation", "字幕をお願いします")
    assert Invitation.objects.get(pk=world.invitation.pk).phone == "090-1111-2222"


@pytest.mark.parametrize(("way", "service"), [(Way.WEB, Service.URL), (Way.IN_PERSON, ""), (Way.PHONE, "")])
def test_without_zoom_no_host_is_needed(world: SimpleNamespace, way: str, service: str) -> None:
    Connection.objects.update(ended_at=world.now, end_reason="disconnected")
    page = office.page(world, way=way, service=service, custom_url="https://meet.example.com/a")
    slot = office.offer(world, page, 11)[0]
    invitation = office.invite(world, page, world.ito)

    interview = choosing.choose(invitation=invitation, slot=slot, now=world.now)

    assert (interview.way, interview.meeting) == (way, None)


def test_a_host_that_is_decided_later_is_not_taken(world: SimpleNamespace) -> None:
    page = office.page(world, host_mode=HostMode.LATER, fixed=[world.endo])
    slots = office.offer(world, page, 10, 14)
    invitation = office.invite(world, page, world.ito)

    interview = choosing.choose(invitation=invitation, slot=slots[0], now=world.now)
    assert (interview.meeting, interview.needs_host) == (None, True)

    choosing.change(invitation=invitation, slot=slots[1], now=world.now)
    interview = Interview.objects.get(pk=interview.pk)
    assert (interview.starts_at, interview.meeting) == (slots[1].starts_at, None)
    scheduling.change_host(interview, world.team, by=world.baba, now=world.now)
    assert interview.meeting.connection == world.team


# Refusals about one date


def filled(world: SimpleNamespace, number: int = 0) -> Slot:
    """The slot, taken by Ito, as it is read now."""
    choosing.choose(
        invitation=office.invite(world, world.page, world.ito), slot=world.slots[number], now=world.now
    )
    return Slot.objects.get(pk=world.slots[number].pk)


def test_a_date_that_is_gone_is_refused_without_writing(world: SimpleNamespace) -> None:
    slot = filled(world)

    with CaptureQueriesContext(connection) as asked, pytest.raises(refusals.SlotTaken) as refused:
        choose(world, slot=slot)

    assert refused.value.slot == slot
    assert all(query["sql"].startswith("SELECT") for query in asked.captured_queries)


def test_a_date_that_went_since_it_was_seen_is_refused_by_the_first_look_of_the_transaction(
    world: SimpleNamespace,
) -> None:
    filled(world)

    with CaptureQueriesContext(connection) as asked, pytest.raises(refusals.SlotTaken) as refused:
        choose(world)

    assert refused.value.slot == world.slots[0]
    writing = [query["sql"] for query in asked.captured_queries if query["sql"].startswith("UPDATE")]
    assert len(writing) == 1
    assert writing[0].startswith('UPDATE "booking_invitation"')
    assert Invitation.objects.get(pk=world.invitation.pk).version == world.invitation.version


def test_a_date_that_was_moved_since_it_was_seen_is_taken_as_it_is_now(world: SimpleNamespace) -> None:
    later = {name: getattr(world.slots[0], name) + timedelta(minutes=15) for name in ("starts_at", "ends_at")}
    Slot.objects.filter(pk=world.slots[0].pk).update(**later)

    assert choose(world).starts_at == later["starts_at"]
    assert office.taken(world.slots[0]) == 1


def test_whoever_has_the_last_place_is_not_told_that_it_is_gone(world: SimpleNamespace) -> None:
    interview = choose(world)

    assert choose(world, slot=Slot.objects.get(pk=world.slots[0].pk)) == interview


def test_a_place_that_was_given_back_since_it_was_seen_is_taken(world: SimpleNamespace) -> None:
    slot = filled(world)
    scheduling.cancel(Interview.objects.get(), by=world.baba, now=world.now)

    assert choose(world, slot=slot).starts_at == slot.starts_at


def test_a_full_date_does_not_hide_what_stands_against_the_whole_invitation(world: SimpleNamespace) -> None:
    slot = filled(world)

    with pytest.raises(refusals.TooLate):
        choose(world, slot=slot, now=world.invitation.answer_by)
    registering.withdraw(world.sato, by=None, now=world.now)
    with pytest.raises(refusals.Withdrawn):
        choose(world, slot=slot)
    Invitation.objects.filter(pk=world.invitation.pk).update(closed_at=world.now)
    with pytest.raises(refusals.Closed):
        choose(world, slot=slot)


def test_a_full_slot_is_refused(world: SimpleNamespace) -> None:
    other = office.invite(world, world.page, world.ito)
    choosing.choose(invitation=other, slot=world.slots[0], now=world.now)

    with pytest.raises(refusals.SlotTaken):
        choose(world)

    assert Interview.objects.count() == 1
    assert choose(world, 1).candidate == world.sato


def test_a_slot_for_two_takes_two(world: SimpleNamespace) -> None:
    page = office.page(world, fixed=[], pool=[world.doi, world.endo], pick=1)
    slot = office.offer(world, page, 18, capacity=2)[0]
    both = [office.invite(world, page, one) for one in (world.sato, world.ito)]

    made = [choosing.choose(invitation=one, slot=slot, now=world.now) for one in both]

    people = {row.user for one in made for row in one.interviewers.all()}
    assert people == {world.doi, world.endo}
    assert {one.meeting.connection for one in made} == {world.team, world.sub}
    third = office.invite(world, page, story.candidate(world.company, "三番", stage=world.stage))
    with pytest.raises(refusals.SlotTaken):
        choosing.choose(invitation=third, slot=slot, now=world.now)


def test_a_slot_closed_meanwhile_is_refused(world: SimpleNamespace) -> None:
    opening.close_slot(world.slots[0], by=world.baba, now=world.now)

    with pytest.raises(refusals.SlotClosed):
        choose(world)


def test_a_slot_of_another_page_is_refused(world: SimpleNamespace) -> None:
    foreign = office.offer(world, office.page(world, name="別"), 11)[0]

    with pytest.raises(refusals.SlotClosed):
        choose(world, slot=foreign)


def test_notice_and_horizon_bound_what_can_be_booked(world: SimpleNamespace) -> None:
    start = world.slots[0].starts_at

    with pytest.raises(refusals.TooSoon):
        choose(world, now=start - timedelta(minutes=59))
    world.page.horizon_days = 1
    world.page.save()
    with pytest.raises(refusals.TooFar):
        choose(world)
    assert office.taken(world.slots[0]) == 0


def test_without_a_free_host_nothing_is_booked(world: SimpleNamespace) -> None:
    Connection.objects.update(ended_at=world.now, end_reason="disconnected")

    with pytest.raises(refusals.HostShort):
        choose(world)

    assert (Interview.objects.count(), office.taken(world.slots[0])) == (0, 0)
    assert not Entry.objects.filter(action="booking.chosen").exists()


def test_a_page_with_a_fixed_host_takes_no_other(world: SimpleNamespace) -> None:
    world.page.host_mode, world.page.host = HostMode.FIXED, world.team
    world.page.save()
    Connection.objects.filter(pk=world.team.pk).update(ended_at=world.now, end_reason="disconnected")

    with pytest.raises(refusals.HostShort):
        choose(world)


def test_an_interviewer_who_was_deactivated_is_not_booked(world: SimpleNamespace) -> None:
    deactivating.deactivate(world.doi, by=world.aoki, now=world.now)

    with pytest.raises(refusals.PanelShort):
        choose(world)


def test_an_interviewer_with_another_interview_is_not_booked(world: SimpleNamespace) -> None:
    from tests.interviews import desk  # noqa: PLC0415

    desk.schedule(world, candidate=world.ito, starts_at=world.slots[0].starts_at)

    with pytest.raises(refusals.PanelShort):
        choose(world)


def test_the_applicants_other_interview_stands_in_the_way(world: SimpleNamespace) -> None:
    from tests.interviews import desk  # noqa: PLC0415

    desk.schedule(world, interviewers=[world.endo], starts_at=world.slots[0].starts_at)

    with pytest.raises(refusals.ApplicantBusy):
        choose(world)


# Refusals of the whole page


def test_after_the_deadline_nothing_is_booked(world: SimpleNamespace) -> None:
    end = world.now + timedelta(hours=3)
    Invitation.objects.update(answer_by=end)

    choosing.refuse_unfit(world.invitation)
    with pytest.raises(refusals.TooLate) as told:
        choose(world, now=end)
    assert (told.value.what, told.value.at) == ("answer", end)
    assert choose(world, now=end - timedelta(seconds=1))


def test_an_applicant_who_withdrew_books_nothing(world: SimpleNamespace) -> None:
    registering.withdraw(world.sato, by=world.baba, now=world.now)

    with pytest.raises(refusals.Withdrawn):
        choose(world)
    assert office.taken(world.slots[0]) == 0


def test_an_applicant_who_withdraws_at_the_same_moment_books_nothing(world: SimpleNamespace) -> None:
    def withdraws() -> None:
        registering.withdraw(world.sato, by=world.baba, now=world.now)

    with (
        pytest.raises(refusals.Withdrawn),
        meanwhile('UPDATE "booking_slot" SET "taken"', withdraws),
    ):
        choose(world)

    assert (Interview.objects.count(), office.taken(world.slots[0])) == (0, 0)


def test_an_applicant_who_moved_to_another_step_books_nothing(world: SimpleNamespace) -> None:
    final = world.job.stages.get(name="最終面接")
    registering.move_to_stage([world.sato], final, by=world.baba, now=world.now)

    with pytest.raises(refusals.StageChanged):
        choose(world)


def test_one_who_was_invited_for_the_next_step_may_reach_it_meanwhile(world: SimpleNamespace) -> None:
    final = world.job.stages.get(name="最終面接")
    page = office.page(world, stage=final)
    slot = office.offer(world, page, 11)[0]
    invitation = office.invite(world, page, world.sato)
    registering.move_to_stage([world.sato], final, by=world.baba, now=world.now)

    assert choosing.choose(invitation=invitation, slot=slot, now=world.now).stage == final


def test_a_closed_page_and_an_invitation_taken_back_book_nothing(world: SimpleNamespace) -> None:
    opening.close_page(world.page, by=world.baba, now=world.now)
    with pytest.raises(refusals.Closed):
        choose(world)

    opening.reopen_page(world.page, by=world.baba, now=world.now)
    Invitation.objects.update(closed_at=world.now)
    with pytest.raises(refusals.Closed):
        choose(world)


def test_a_slot_that_was_changed_after_it_was_shown_is_taken_as_it_is_now(world: SimpleNamespace) -> None:
    slot = world.slots[0]
    longer = slot.ends_at + timedelta(minutes=30)
    type(slot).objects.filter(pk=slot.pk).update(minutes=90, ends_at=longer)

    interview = choose(world)

    assert (interview.minutes, interview.ends_at, office.taken(slot)) == (90, longer, 1)


def test_a_booking_asks_the_database_a_bounded_number_of_times(
    world: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    samples.ensure_samples(world.company, world.now)
    invitation = Invitation.objects.select_related("organization", "page", "candidate__job", "stage").get(
        pk=world.invitation.pk
    )

    with django_assert_max_num_queries(44):
        choose(world, invitation=invitation)

    assert [one.interviewer for one in Mail.objects.filter(receiver="interviewer")] == [world.doi]


def test_whoever_moves_an_interview_by_an_offer_finds_the_way_to_its_page(world: SimpleNamespace) -> None:
    world.starts = offers.business_days(2)
    world.until = world.starts[0]
    interview = desk.schedule(world, starts_at=world.starts[0] + timedelta(days=30))
    invitation = offers.offer(world, interview=interview, terms=offering.terms_of(interview))
    office.link(invitation, world.now)

    choosing.choose(invitation=invitation, slot=offers.slots(invitation)[0], now=world.now)

    assert [link.receiver for link in interview.join_links.all()] == ["candidate"]
