"""Dates that agencies propose: nothing is set by them; a recruiter's one press sets the interview and tells all."""

from datetime import timedelta

import pytest
from django.db import transaction

from mensetsu.availability.hours import Span
from mensetsu.booking import agency_links, awaiting, choosing, inviting, offering, opening, proposing
from mensetsu.booking.models import AgencyLink, HostMode, Proposal
from mensetsu.candidates.models import ContactRoute, Status
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview, Service, Way
from mensetsu.mail import samples
from mensetsu.mail.models import Mail, Receiver
from mensetsu.zoom.models import HostHold
from tests.booking.agencies import furnish, introduce
from tests.booking.offers import offer, slots, terms
from tests.interviews import desk
from tests.racing import meanwhile

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def world(people):
    world = furnish(people)
    world.wishes = [start + 3 * HOUR for start in world.starts]
    return world


def propose(world, **wished) -> Proposal:
    values = {
        "contact": world.suzuki,
        "candidate": world.sato,
        "starts": world.wishes,
        "now": world.now,
        **wished,
    }
    return proposing.propose(**values)


def confirm(world, proposal: Proposal, number: int = 0) -> Interview:
    fresh = Proposal.objects.with_facts().get(pk=proposal.pk)
    return proposing.confirm(fresh, fresh.dates.all()[number], by=world.baba, now=world.now)


def letters() -> list[Mail]:
    return list(Mail.objects.filter(receiver=Receiver.AGENCY).order_by("pk"))


# --- propose --------------------------------------------------------------------------------------------------------


def test_a_proposal_changes_nothing_and_is_told(world, run_jobs, mailoutbox) -> None:
    invitation = offer(world)

    made = propose(world, message="午後を希望しています")
    run_jobs()

    assert made.invitation == invitation
    assert [one.starts_at for one in made.dates.all()] == world.wishes
    assert not Interview.objects.exists()
    [notice] = mailoutbox
    assert "株式会社ミライ人材 鈴木 一郎 様から、佐藤 美咲 様の日時の提案がありました。" in notice.body
    assert "午後を希望しています" in notice.body
    assert f"/booking/proposals/{made.pk}/" in notice.body
    assert "13:00〜14:00" in notice.body


def test_the_same_dates_twice_are_one_proposal(world) -> None:
    offer(world)

    assert propose(world) == propose(world)
    assert Proposal.objects.count() == 1


def test_two_presses_at_once_are_one_proposal(world) -> None:
    invitation = offer(world)

    def other_press() -> Proposal:
        return Proposal.objects.create(
            organization=world.company, candidate=world.sato, contact=world.suzuki, made_at=world.now,
            invitation=invitation,
        )  # fmt: skip

    # On one connection the loser's rollback takes the winner's row along; it is there again once that is over.
    with meanwhile('INSERT INTO "booking_proposal"', other_press), meanwhile("RELEASE", other_press):
        found = propose(world)

    assert found == Proposal.objects.get()
    assert not found.dates.exists()  # those of the loser were not written


def test_other_dates_take_the_place_of_the_first(world) -> None:
    offer(world)
    first = propose(world)

    second = propose(world, starts=world.wishes[:1])

    first.refresh_from_db()
    assert (first.outcome, second.outcome) == ("replaced", "")
    with pytest.raises(proposing.AlreadySettled):
        confirm(world, first)


@pytest.mark.parametrize("count", [0, 6])
def test_one_to_five_dates(world, count: int) -> None:
    offer(world)
    with pytest.raises(proposing.BadDates):
        propose(world, starts=[world.wishes[0] + HOUR * number for number in range(count)])


def test_a_past_date_is_refused(world) -> None:
    offer(world)
    with pytest.raises(proposing.BadDates):
        propose(world, starts=[world.now, *world.wishes])


def test_only_for_those_they_introduced_and_may_know_of(world) -> None:
    offer(world)
    with pytest.raises(proposing.NotTheirs):
        propose(world, contact=world.tanaka)
    introduce(world.sato, world.suzuki, ContactRoute.DIRECT)
    with pytest.raises(proposing.NotTheirs):
        propose(world)
    introduce(world.sato, world.suzuki, ContactRoute.BOTH)
    assert propose(world).contact == world.suzuki


def test_without_anything_to_arrange_nothing_is_proposed(world) -> None:
    with pytest.raises(proposing.NothingOpen):
        propose(world)
    offering.withdraw(offer(world), by=world.baba, now=world.now)
    with pytest.raises(proposing.NothingOpen):
        propose(world)


def test_who_has_left_the_selection_is_nobodys(world) -> None:
    offer(world)
    world.sato.status = Status.REJECTED
    world.sato.save()

    with pytest.raises(proposing.NotTheirs):
        propose(world)


# --- confirm --------------------------------------------------------------------------------------------------------


def test_one_press_sets_the_interview_by_the_offers_terms(world) -> None:
    invitation = offer(world)
    proposal = propose(world)

    interview = confirm(world, proposal, 1)

    assert interview.starts_at == world.wishes[1]
    assert [row.user for row in interview.interviewers.all()] == [world.doi]
    assert interview.meeting.connection == world.team
    # What was offered instead is free again.
    assert not HostHold.objects.exists()
    invitation.refresh_from_db()
    assert invitation.interview == interview
    proposal.refresh_from_db()
    assert (proposal.outcome, proposal.settled_by, proposal.interview) == ("confirmed", world.baba, interview)


def test_the_agency_is_told_at_once_in_its_language(world) -> None:
    desk.schedule(world)
    confirm(world, propose(world))

    [letter] = letters()
    assert letter.to_email == world.suzuki.email
    assert "ご提案いただいた日時で確定しました。" in letter.body
    assert "13:00〜14:00" in letter.body
    assert "{{" not in letter.subject + letter.body


def test_where_the_confirmation_leaves_by_itself_the_agency_gets_only_that(world, run_jobs) -> None:
    samples.install_samples(world.company, world.now)
    offer(world, terms=terms(world, way=Way.IN_PERSON, service="", host=None, place="本社"))

    confirm(world, propose(world))
    run_jobs()

    assert [letter.purpose for letter in letters()] == ["confirmation"]


def test_a_page_with_slots_gets_one_of_its_own_for_this_date(world) -> None:
    page = opening.open_page(
        organization=world.company, fixed=[world.doi], by=world.baba, now=world.now,
        values={"name": "一次", "stage": world.stage, "minutes": 45, "way": Way.WEB, "service": Service.ZOOM,
                "host_mode": HostMode.POOL, "notice_hours": 24},
    )  # fmt: skip
    invitation = inviting.invite(page=page, candidate=world.sato, by=world.baba, now=world.now)

    interview = confirm(world, propose(world))

    assert (interview.starts_at, interview.minutes) == (world.wishes[0], 45)
    [slot] = slots(invitation)
    # Nobody else may choose it, not even after it is given back.
    assert slot.closed_at is not None


def test_a_date_that_the_page_offers_anyway_is_taken_there_and_its_slot_stays_open(world) -> None:
    page = opening.open_page(
        organization=world.company, fixed=[world.doi], by=world.baba, now=world.now,
        values={"name": "一次", "stage": world.stage, "minutes": 60, "way": Way.WEB, "service": Service.ZOOM,
                "host_mode": HostMode.POOL, "notice_hours": 24},
    )  # fmt: skip
    spans = [Span(start, start + HOUR) for start in world.wishes]
    opening.offer_slots(page, spans, by=world.baba, now=world.now)
    invitation = inviting.invite(page=page, candidate=world.sato, by=world.baba, now=world.now)

    interview = confirm(world, propose(world), 1)

    assert interview.starts_at == world.wishes[1]
    assert [(slot.taken, slot.closed_at) for slot in slots(invitation)] == [(0, None), (1, None), (0, None)]


def test_after_the_deadline_recruiters_may_still_confirm(world) -> None:
    invitation = offer(world)
    proposal = propose(world)
    later = world.until + HOUR
    fresh = Proposal.objects.with_facts().get(pk=proposal.pk)

    interview = proposing.confirm(fresh, fresh.dates.all()[0], by=world.baba, now=later)

    invitation.refresh_from_db()
    assert invitation.interview == interview


def test_a_coming_interview_is_moved_with_its_meeting(world) -> None:
    interview = desk.schedule(world)
    desk.issued(interview)
    proposal = propose(world)
    assert (proposal.invitation, proposal.interview) == (None, interview)

    assert confirm(world, proposal, 2) == interview

    interview.refresh_from_db()
    assert interview.starts_at == world.wishes[2]
    assert interview.meeting.zoom_id == "88412345678"
    assert Interview.objects.count() == 1


def test_an_offer_to_move_what_was_canceled_gives_way_to_the_interview_that_is_coming(world) -> None:
    canceled = desk.schedule(world)
    offer(world, interview=canceled, terms=offering.terms_of(canceled))
    scheduling.cancel(canceled, by=world.baba, now=world.now)
    coming = desk.schedule(world, starts_at=world.starts[0] - HOUR, interviewers=[world.endo], host=world.sub)

    made = propose(world)

    assert (made.invitation, made.interview) == (None, coming)
    assert confirm(world, made) == coming


def test_a_date_that_cannot_be_kept_leaves_everything_as_it_was(world) -> None:
    invitation = offer(world)
    proposal = propose(world)
    desk.schedule(world, candidate=world.ito, starts_at=world.wishes[0], host=world.sub)

    with pytest.raises(choosing.refusals.PanelShort), transaction.atomic():
        confirm(world, proposal, 0)

    proposal.refresh_from_db()
    assert proposal.outcome == ""
    assert HostHold.objects.count() == 3
    assert letters() == []
    invitation.refresh_from_db()
    assert invitation.state(world.now) == "waiting"


def test_a_past_date_cannot_be_confirmed(world) -> None:
    offer(world)
    fresh = Proposal.objects.with_facts().get(pk=propose(world).pk)

    with pytest.raises(scheduling.StartsInPast), transaction.atomic():
        proposing.confirm(fresh, fresh.dates.all()[0], by=world.baba, now=world.wishes[0])


def test_what_was_settled_in_another_way_is_not_confirmed(world) -> None:
    interview = desk.schedule(world)
    proposal = propose(world)
    scheduling.cancel(interview, by=world.baba, now=world.now)

    with pytest.raises(proposing.NothingOpen), transaction.atomic():
        confirm(world, proposal)

    assert proposing.note_overtaken(world.now) == 1
    proposal.refresh_from_db()
    assert proposal.outcome == "overtaken"


def test_an_open_proposal_is_not_overtaken(world) -> None:
    offer(world)
    propose(world)

    assert proposing.note_overtaken(world.now) == 0
    assert proposing.note_overtaken(world.wishes[-1]) == 1


def test_a_second_press_is_told_that_it_is_done(world) -> None:
    offer(world)
    proposal = propose(world)
    confirm(world, proposal)

    with pytest.raises(proposing.AlreadySettled), transaction.atomic():
        confirm(world, proposal, 1)
    assert Interview.objects.count() == 1


def test_declining_tells_the_agency_and_lets_them_propose_again(world) -> None:
    offer(world)
    world.suzuki.language = "en"
    world.suzuki.save()
    fresh = Proposal.objects.with_facts().get(pk=propose(world).pk)

    proposing.decline(fresh, message="{{Company}} と {{会社名}} は文字のまま", by=world.baba, now=world.now)

    [letter] = letters()
    assert "none of them could be arranged" in letter.body
    assert "{{Company}} と {{会社名}} は文字のまま" in letter.body
    assert letter.language == "en"
    assert propose(world).pk != fresh.pk


# --- the address of the page ----------------------------------------------------------------------------------------


def test_an_address_is_the_same_until_it_is_renewed(world) -> None:
    first = agency_links.link_for(world.suzuki, now=world.now)
    assert first == world.link
    text = agency_links.token(first)
    assert agency_links.find(text.upper()) == first

    second = agency_links.renew(world.suzuki, by=world.baba, now=world.now)

    assert agency_links.find(text) is None
    assert agency_links.find(agency_links.token(second)) == second
    assert AgencyLink.objects.count() == 2


def test_a_revoked_address_comes_back_only_by_hand(world) -> None:
    text = agency_links.token(world.link)
    agency_links.revoke(world.suzuki, by=world.baba, now=world.now)
    agency_links.revoke(world.suzuki, by=world.baba, now=world.now)

    assert agency_links.find(text) is None
    assert agency_links.link_for(world.suzuki, now=world.now) is None
    assert agency_links.values_for(world.suzuki) == {}


def test_an_old_secret_is_honored_while_it_is_a_fallback(world, settings) -> None:
    text = agency_links.token(world.link)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert agency_links.find(text) == world.link
    settings.SECRET_KEY_FALLBACKS = []
    assert agency_links.find(text) is None


@pytest.mark.parametrize("text", ["", "x", "a" * 16, "a" * 42, "7h2k9m" * 8])
def test_invented_addresses_open_nothing(world, text: str) -> None:
    assert agency_links.find(text) is None


def test_who_left_the_agency_has_no_page(world) -> None:
    world.suzuki.left_at = world.now
    world.suzuki.save()

    assert agency_links.find(agency_links.token(world.link)) is None
    assert agency_links.values_for(world.suzuki) == {}


def test_a_waiting_proposal_stands_among_what_is_to_be_done_until_it_is_settled(world) -> None:
    offer(world)
    made = propose(world)
    page = f"/booking/proposals/{made.pk}/"

    assert page in [item.facts["href"] for item in awaiting.read(world.baba, now=world.now)]
    assert page not in [item.facts["href"] for item in awaiting.read(world.chiba, now=world.now)]

    confirm(world, made)
    assert page not in [item.facts["href"] for item in awaiting.read(world.baba, now=world.now)]
