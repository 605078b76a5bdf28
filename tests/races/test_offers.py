"""Offered dates under pressure: two answers at once, an agency beside its applicant, recruiters who want held times."""

from types import SimpleNamespace
from typing import Any

import pytest

from mensetsu.availability.models import Hold
from mensetsu.booking import choosing, links, offering, refusals
from mensetsu.booking.models import Invitation
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview
from mensetsu.mail.models import Receiver
from mensetsu.zoom import meetings
from mensetsu.zoom.models import HostHold, Meeting
from tests import story
from tests.booking.offers import furnish, offer, slots, terms
from tests.interviews import desk
from tests.racing import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return furnish(people)


def press(world: Any, invitation: Invitation, number: int, link: Any = None) -> Any:
    def choose() -> Interview:
        mine = Invitation.objects.get(pk=invitation.pk)
        return choosing.choose(invitation=mine, slot=slots(mine)[number], link=link, now=world.now)

    return choose


def test_two_answers_at_once_fix_one_date(world) -> None:
    invitation = offer(world)

    answers = together(6, *(press(world, invitation, number) for number in range(3)))

    made = {answer.pk for answer in answers if isinstance(answer, Interview)}
    refused = [answer for answer in answers if not isinstance(answer, Interview)]
    assert len(made) == 1, answers
    assert {type(one) for one in refused} <= {refusals.AlreadyChosen}, refused
    assert Interview.objects.count() == 1
    assert Meeting.objects.live().count() == 1
    assert not Hold.objects.exists()
    assert not HostHold.objects.exists()


def test_the_agency_and_the_applicant_choose_at_once(world) -> None:
    contact = story.agency(world.company)
    invitation = offer(world)
    own = links.link_for(invitation, receiver=Receiver.CANDIDATE, now=world.now)
    agencys = links.link_for(invitation, receiver=Receiver.AGENCY, contact=contact, now=world.now)

    answers = together(2, press(world, invitation, 0, own), press(world, invitation, 1, agencys))

    winners = [answer for answer in answers if isinstance(answer, Interview)]
    losers = [answer for answer in answers if isinstance(answer, refusals.AlreadyChosen)]
    assert (len(winners), len(losers)) == (1, 1), answers
    assert losers[0].interview == winners[0]


def test_one_host_is_promised_once(world) -> None:
    people = [story.user(world.company, f"p{n}@sample.example.jp", "面接", str(n)) for n in range(6)]
    applicants = [
        story.candidate(
            world.company, "応募", str(n), job=world.job, stage=world.stage, email=f"a{n}@example.com"
        )
        for n in range(6)
    ]

    def promise(number: int) -> Any:
        wanted = terms(world, interviewers=(people[number],))
        return lambda: offer(world, candidate=applicants[number], terms=wanted)

    answers = together(6, *(promise(number) for number in range(6)))

    assert sum(isinstance(one, Invitation) for one in answers) == 1, answers
    assert sum(isinstance(one, offering.DateTaken) for one in answers) == 5, answers
    assert HostHold.objects.count() == 3


def test_offers_that_take_any_host_do_not_wait_for_each_other(world) -> None:
    """Two hosts, six offers of three dates in different orders: two get all of theirs, nobody hangs."""
    people = [story.user(world.company, f"p{n}@sample.example.jp", "面接", str(n)) for n in range(6)]
    applicants = [
        story.candidate(
            world.company, "応募", str(n), job=world.job, stage=world.stage, email=f"a{n}@example.com"
        )
        for n in range(6)
    ]

    def promise(number: int) -> Any:
        wanted = terms(world, host=None, interviewers=(people[number],))
        return lambda: offer(world, candidate=applicants[number], terms=wanted)

    answers = together(6, *(promise(number) for number in range(6)))

    assert sum(isinstance(one, Invitation) for one in answers) == 2, answers
    assert sum(isinstance(one, offering.DateTaken) for one in answers) == 4, answers
    assert HostHold.objects.count() == 6


def test_a_recruiter_who_wants_the_held_time_comes_too_late_or_in_time_never_both(world) -> None:
    def plan() -> Interview:
        return desk.schedule(world, candidate=world.ito, starts_at=world.starts[0], interviewers=[world.endo])

    answers = together(2, lambda: offer(world, starts=world.starts[:1]), plan)

    kinds = {type(answer) for answer in answers}
    assert kinds in ({Invitation, meetings.HostBusy}, {offering.DateTaken, Interview}), answers
    assert HostHold.objects.count() + Meeting.objects.live().count() == 1


def test_an_answer_and_a_withdrawal_at_once(world) -> None:
    invitation = offer(world)

    def withdraw() -> None:
        offering.withdraw(Invitation.objects.get(pk=invitation.pk), by=world.baba, now=world.now)

    answers = together(2, press(world, invitation, 0), withdraw)

    chosen = isinstance(answers[0], Interview)
    expected = refusals.AlreadyChosen if chosen else refusals.Closed
    assert isinstance(answers[1] if chosen else answers[0], expected), answers
    assert Interview.objects.standing().count() == int(chosen)
    assert not Hold.objects.exists()
    assert not HostHold.objects.exists()


def test_two_recruiters_offer_the_same_step_at_once(world) -> None:
    wanted = [terms(world), terms(world, host=world.sub, interviewers=(world.endo,))]

    answers = together(2, *(lambda t=t: offer(world, terms=t) for t in wanted))

    assert sum(isinstance(one, Invitation) for one in answers) == 1, answers
    assert sum(isinstance(one, offering.AlreadyOffered) for one in answers) == 1, answers


def test_a_move_by_hand_and_an_answer_at_once_leave_one_time(world) -> None:
    interview = desk.schedule(world)
    invitation = offer(world, interview=interview, terms=offering.terms_of(interview))
    elsewhere = world.starts[2].replace(hour=15)

    def move() -> None:
        mine = Interview.objects.get(pk=interview.pk)
        scheduling.reschedule(mine, starts_at=elsewhere, minutes=60, by=world.baba, now=world.now)

    together(2, press(world, invitation, 0), move)

    interview.refresh_from_db()
    assert interview.starts_at in (world.starts[0], elsewhere)
    assert interview.meeting.starts_at == interview.starts_at
    assert Meeting.objects.live().count() == 1
