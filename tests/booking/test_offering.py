"""Several dates for one applicant: each held for nobody else, one fixed, the rest free."""

from datetime import timedelta

import pytest
from django.db import transaction

from mensetsu.availability.models import Hold, TimeOff
from mensetsu.booking import choosing, holding, offering, refusals, settling
from mensetsu.booking.models import Invitation, Slot
from mensetsu.candidates.models import Status
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview, Way
from mensetsu.zoom import meetings
from mensetsu.zoom.models import EndReason, HostHold, Meeting
from tests import story
from tests.booking.offers import furnish, offer, slots, terms
from tests.interviews import desk

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def world(people):
    return furnish(people)


def held(invitation: Invitation) -> tuple[set, set]:
    """The starts at which people and hosts are held for that offer."""
    keys = [slot.hold_key for slot in slots(invitation)]
    people = Hold.objects.filter(key__in=keys).values_list("starts_at", flat=True)
    hosts = HostHold.objects.filter(key__in=keys).values_list("starts_at", flat=True)
    return set(people), set(hosts)


def choose(world, invitation: Invitation, number: int = 0, **wished) -> Interview:
    return choosing.choose(
        invitation=invitation, slot=slots(invitation)[number], now=wished.pop("now", world.now), **wished
    )


# --- offer ----------------------------------------------------------------------------------------------------------


def test_every_date_is_held_until_the_deadline(world) -> None:
    invitation = offer(world)

    assert held(invitation) == (set(world.starts), set(world.starts))
    assert set(HostHold.objects.values_list("connection", "held_until")) == {(world.team.pk, world.until)}
    assert invitation.answer_by == world.until
    assert [slot.capacity for slot in slots(invitation)] == [1, 1, 1]


def test_nobody_else_gets_a_held_host(world) -> None:
    offer(world, starts=world.starts[:1])

    with pytest.raises(meetings.HostBusy):
        desk.schedule(world, candidate=world.ito, starts_at=world.starts[0] + HOUR / 2)
    # Who lets Mensetsu choose gets another one; then nothing is left.
    other = desk.schedule(world, candidate=world.ito, starts_at=world.starts[0], host=None)
    assert other.meeting.connection == world.sub
    with pytest.raises(offering.DateTaken) as problem:
        offer(
            world,
            candidate=third(world),
            starts=world.starts[:1],
            terms=terms(world, host=None, interviewers=(world.endo,)),
        )
    assert (problem.value.starts_at, problem.value.why) == (world.starts[0], "host")


def third(world):
    return story.candidate(
        world.company, "鈴木", "次郎", job=world.job, stage=world.stage, email="jiro@example.com"
    )


def test_a_person_who_is_held_is_not_promised_twice(world) -> None:
    offer(world, starts=world.starts[:2])

    with pytest.raises(offering.DateTaken) as problem:
        offer(world, candidate=world.ito, starts=world.starts[1:], terms=terms(world, host=world.sub))

    assert (problem.value.starts_at, problem.value.why) == (world.starts[1], "people")
    assert problem.value.people == [world.doi]
    assert Invitation.objects.count() == 1
    assert Hold.objects.count() == 2


def test_a_person_with_an_interview_is_not_promised(world) -> None:
    desk.schedule(world, candidate=world.ito, starts_at=world.starts[2] + HOUR / 2, host=world.sub)

    with pytest.raises(offering.DateTaken) as problem:
        offer(world)

    assert (problem.value.starts_at, problem.value.people) == (world.starts[2], [world.doi])
    assert not Slot.objects.exists()
    assert not HostHold.objects.exists()


def test_a_day_off_is_the_recruiters_to_weigh(world) -> None:
    on = world.starts[0].date()
    TimeOff.objects.create(user=world.doi, first_on=on, last_on=on)
    invitation = offer(world)

    assert choose(world, invitation).starts_at == world.starts[0]


def test_the_applicants_other_interview_stands_in_the_way(world) -> None:
    desk.schedule(world, starts_at=world.starts[1], interviewers=[world.endo], host=world.sub)

    with pytest.raises(offering.DateTaken) as problem:
        offer(world)
    assert problem.value.why == "applicant"


@pytest.mark.parametrize("count", [0, offering.MOST + 1])
def test_one_to_ten_dates(world, count: int) -> None:
    with pytest.raises(offering.NoDates):
        offer(world, starts=[world.starts[0] + HOUR * number for number in range(count)])


def test_a_deadline_lies_before_the_last_date_and_ahead(world) -> None:
    for answer_by in (world.now, world.starts[-1] + HOUR):
        with pytest.raises(offering.DeadlineMisplaced):
            offer(world, answer_by=answer_by)


def test_a_date_in_the_past_is_not_offered(world) -> None:
    with pytest.raises(offering.DateTaken) as problem:
        offer(world, starts=[world.now - HOUR, world.starts[0]])
    assert problem.value.why == "past"


def test_the_same_step_is_offered_once_at_a_time(world) -> None:
    first = offer(world, starts=world.starts[:1])

    with pytest.raises(offering.AlreadyOffered) as problem:
        offer(world, starts=world.starts[1:], terms=terms(world, host=world.sub))

    assert problem.value.invitation == first
    assert Hold.objects.count() == 1


def test_who_has_left_is_offered_nothing(world) -> None:
    world.sato.status = Status.WITHDRAWN
    world.sato.save()

    with pytest.raises(refusals.Withdrawn):
        offer(world)
    assert not Hold.objects.exists()


def test_in_person_holds_no_host(world) -> None:
    invitation = offer(world, terms=terms(world, way=Way.IN_PERSON, service="", host=None, place="本社"))

    assert held(invitation) == (set(world.starts), set())
    assert choose(world, invitation).place == "本社"


# --- answer ---------------------------------------------------------------------------------------------------------


def test_one_answer_fixes_one_and_frees_the_rest(world) -> None:
    invitation = offer(world)

    interview = choose(world, invitation, 1)

    assert (interview.starts_at, interview.stage) == (world.starts[1], world.stage)
    assert interview.meeting.connection == world.team
    assert [row.user for row in interview.interviewers.all()] == [world.doi]
    assert held(invitation) == (set(), set())
    assert [slot.closed_at is None for slot in slots(invitation)] == [False, True, False]
    # The freed times are anybody's again.
    again = desk.schedule(world, candidate=world.ito, starts_at=world.starts[0])
    assert again.meeting.connection == world.team


def test_with_any_host_a_free_one_hosts(world) -> None:
    invitation = offer(world, terms=terms(world, host=None))

    interview = choose(world, invitation)

    assert interview.meeting.connection in (world.team, world.sub)
    assert Meeting.objects.live().count() == 1


def test_an_expired_date_is_refused_and_the_others_stay(world) -> None:
    invitation = offer(world, answer_by=world.starts[1])
    later = world.starts[0] + timedelta(minutes=1)

    with pytest.raises(refusals.TooSoon), transaction.atomic():
        choose(world, invitation, 0, now=later)

    assert choose(world, invitation, 2, now=later).starts_at == world.starts[2]


def test_after_the_deadline_nothing_is_chosen(world) -> None:
    invitation = offer(world)

    with pytest.raises(refusals.TooLate), transaction.atomic():
        choose(world, invitation, now=world.until)
    assert not Interview.objects.exists()


def test_the_deadline_frees_everything(world) -> None:
    invitation = offer(world)

    # At that very moment holds count no more, even before the job runs.
    free = meetings.host_choices(
        organization=world.company, starts_at=world.starts[0], minutes=60, now=world.until
    )
    assert all(choice.is_free for choice in free)
    settling.settle(world.until)

    assert held(invitation) == (set(), set())
    assert all(slot.closed_at for slot in slots(invitation))
    assert settling.settle(world.until) == 0


def test_a_host_that_ended_is_replaced_when_any_may_host(world) -> None:
    invitation = offer(world, terms=terms(world, host=None), starts=world.starts[:1])
    hold = HostHold.objects.get()
    hold.connection.__class__.objects.filter(pk=hold.connection_id).update(
        ended_at=world.now, end_reason=EndReason.REVOKED
    )

    interview = choose(world, invitation)

    assert interview.meeting.connection not in (None, hold.connection)


def test_a_named_host_that_ended_is_told_as_such(world) -> None:
    invitation = offer(world)
    world.team.__class__.objects.filter(pk=world.team.pk).update(
        ended_at=world.now, end_reason=EndReason.REVOKED
    )

    with pytest.raises(refusals.HostShort), transaction.atomic():
        choose(world, invitation)
    assert held(invitation)[0] == set(world.starts)


def test_a_person_who_left_makes_the_date_impossible(world) -> None:
    invitation = offer(world)
    world.doi.deactivated_at = world.now
    world.doi.save()

    with pytest.raises(refusals.PanelShort), transaction.atomic():
        choose(world, invitation)


def test_a_person_given_away_by_hand_makes_the_date_impossible(world) -> None:
    invitation = offer(world)
    desk.schedule(world, candidate=world.ito, starts_at=world.starts[0], host=world.sub)

    with pytest.raises(refusals.PanelShort), transaction.atomic():
        choose(world, invitation, 0)
    assert choose(world, invitation, 1).starts_at == world.starts[1]


# --- replace and withdraw -------------------------------------------------------------------------------------------


def test_other_dates_take_the_place_of_the_offered(world) -> None:
    invitation = offer(world, starts=world.starts[:2])
    choosing.give_up(invitation=invitation, wishes=["木曜の午後"], now=world.now)

    offering.replace_dates(
        invitation, starts=world.starts[1:], answer_by=world.until + HOUR, by=world.baba, now=world.now
    )

    invitation.refresh_from_db()
    assert invitation.state(world.now) == "waiting"
    assert invitation.handled_by == world.baba
    assert held(invitation) == (set(world.starts[1:]), set(world.starts[1:]))
    assert set(HostHold.objects.values_list("held_until", flat=True)) == {world.until + HOUR}
    opened = invitation.page.slots.open()
    assert [slot.starts_at for slot in opened] == world.starts[1:]


def test_dates_that_are_taken_leave_the_offer_as_it_was(world) -> None:
    invitation = offer(world, starts=world.starts[:2])
    desk.schedule(world, candidate=world.ito, starts_at=world.starts[2])

    with pytest.raises(offering.DateTaken):
        offering.replace_dates(
            invitation, starts=world.starts, answer_by=world.until, by=world.baba, now=world.now
        )

    assert held(invitation) == (set(world.starts[:2]), set(world.starts[:2]))


def test_an_answered_offer_is_neither_replaced_nor_withdrawn(world) -> None:
    invitation = offer(world)
    interview = choose(world, invitation)

    with pytest.raises(refusals.AlreadyChosen) as problem:
        offering.replace_dates(
            invitation, starts=world.starts, answer_by=world.until, by=world.baba, now=world.now
        )
    assert problem.value.interview == interview
    with pytest.raises(refusals.AlreadyChosen):
        offering.withdraw(invitation, by=world.baba, now=world.now)
    assert Interview.objects.standing().count() == 1


def test_a_withdrawn_offer_frees_everything_and_says_so(world) -> None:
    invitation = offer(world)

    offering.withdraw(invitation, by=world.baba, now=world.now)
    offering.withdraw(invitation, by=world.baba, now=world.now)

    assert held(invitation) == (set(), set())
    with pytest.raises(refusals.Closed), transaction.atomic():
        choose(world, invitation)
    assert offer(world).state(world.now) == "waiting"


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.REJECTED, Status.ACTIVE])
def test_what_is_held_for_somebody_who_left_is_free_again(world, status: str) -> None:
    invitation = offer(world)
    world.sato.status = status
    world.sato.save()

    assert offering.withdraw_pointless(world.now) == int(status != Status.ACTIVE)

    assert held(invitation) == ((set(), set()) if status != Status.ACTIVE else (set(world.starts),) * 2)


def test_an_offer_to_move_a_canceled_interview_is_taken_back(world) -> None:
    interview = desk.schedule(world)
    invitation = offer(world, interview=interview, terms=offering.terms_of(interview))
    settling.watch.call()
    assert held(invitation)[0]
    scheduling.cancel(interview, by=world.baba, now=world.now)

    settling.watch.call()

    assert held(invitation) == (set(), set())


# --- moving an interview --------------------------------------------------------------------------------------------


def test_the_answer_moves_the_same_interview_and_meeting(world) -> None:
    interview = desk.schedule(world, interviewers=[world.doi, world.endo])
    desk.issued(interview)
    invitation = offer(world, interview=interview, terms=offering.terms_of(interview))
    # The meeting's own host is held although any may host: id and URL shall stay.
    assert set(HostHold.objects.values_list("connection", flat=True)) == {world.team.pk}

    moved = choose(world, invitation, 2)

    assert moved == interview
    interview.refresh_from_db()
    assert interview.starts_at == world.starts[2]
    assert interview.meeting.zoom_id == "88412345678"
    assert interview.next_meeting is None
    assert interview.meeting.starts_at == world.starts[2]
    assert {row.user for row in interview.interviewers.all()} == {world.doi, world.endo}
    assert Interview.objects.count() == 1


def test_its_own_time_stands_in_nobodys_way(world) -> None:
    interview = desk.schedule(world, starts_at=world.starts[0])
    half = world.starts[0] + HOUR / 2

    invitation = offer(world, interview=interview, terms=offering.terms_of(interview), starts=[half])

    assert choose(world, invitation).starts_at == half


def test_a_canceled_interview_is_not_moved(world) -> None:
    interview = desk.schedule(world)
    invitation = offer(world, interview=interview, terms=offering.terms_of(interview))
    scheduling.cancel(interview, by=world.baba, now=world.now)

    with pytest.raises(refusals.NotChosen), transaction.atomic():
        choose(world, invitation)
    with pytest.raises(scheduling.NotChangeable):
        offer(world, interview=interview, terms=offering.terms_of(interview))


def test_release_touches_only_its_own_date(world) -> None:
    invitation = offer(world)

    holding.release(slots(invitation)[0])

    assert held(invitation) == (set(world.starts[1:]), set(world.starts[1:]))
