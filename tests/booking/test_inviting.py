"""Asking again, asking for another step, and asking where nobody can answer."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mensetsu.booking import choosing, inviting, opening, placing, refusals
from mensetsu.booking.models import BookingPage, Invitation
from mensetsu.history.models import Entry
from mensetsu.interviews import arranging, scheduling
from mensetsu.interviews.models import Interview
from tests.booking import office


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return office.furnish(people)


def test_nobody_is_asked_to_choose_on_a_closed_page(world: SimpleNamespace) -> None:
    opening.close_page(world.page, by=world.baba, now=world.now)

    with pytest.raises(refusals.Closed):
        office.invite(world, world.page, world.ito)

    assert not Invitation.objects.filter(candidate=world.ito).exists()


def test_asked_for_another_step_the_first_request_is_over_and_its_address_opens_no_choice(
    world: SimpleNamespace,
) -> None:
    final = world.job.stages.get(name="最終面接")

    second = office.invite(world, world.page, world.sato, stage=final)

    first = Invitation.objects.get(pk=world.invitation.pk)
    assert (first.closed_at, first.closed_by) == (world.now, world.baba)
    assert (second.stage, second.state(world.now)) == (final, "waiting")
    assert second.pk != first.pk
    with pytest.raises(refusals.Closed):
        choosing.choose(invitation=first, slot=world.slots[0], now=world.now)
    assert choosing.choose(invitation=second, slot=world.slots[0], now=world.now).stage == final


def test_asking_again_takes_the_request_before_the_applicant_as_an_answer_does(
    world: SimpleNamespace,
) -> None:
    """In another order an applicant who answers at that moment and the recruiter wait for each other."""

    def order(verb: Callable[[], object]) -> list[str]:
        with CaptureQueriesContext(connection) as sent:
            verb()
        found = [re.match(r'UPDATE "(booking_invitation|candidates_candidate)"', one["sql"]) for one in sent]
        return list(dict.fromkeys(one[1] for one in found if one))

    again = order(lambda: office.invite(world, world.page, world.sato))
    answer = order(lambda: choosing.choose(invitation=world.invitation, slot=world.slots[0], now=world.now))

    assert again == answer == ["booking_invitation", "candidates_candidate"]


def test_a_request_that_comes_into_being_meanwhile_is_taken_before_the_applicant_too(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague's first request is committed between our look at it and our turn with the applicant."""
    taken: list[str] = []
    take_invitation, take_turn = placing._take_invitation, arranging.take_turn

    def look(page: BookingPage, candidate_id: int) -> bool:
        taken.append("request")
        return len(taken) > 1 and take_invitation(page, candidate_id)

    def turn(candidate_id: int) -> None:
        taken.append("applicant")
        take_turn(candidate_id)

    monkeypatch.setattr(placing, "_take_invitation", look)
    monkeypatch.setattr(arranging, "take_turn", turn)

    again = office.invite(world, world.page, world.sato)

    assert again == world.invitation
    assert taken == ["request", "applicant"] * 2


def test_a_place_left_too_late_to_be_given_back_by_itself_is_given_back_by_the_next_request(
    world: SimpleNamespace,
) -> None:
    [slot] = office.offer(world, world.page, 18, capacity=2)
    choosing.choose(invitation=world.invitation, slot=slot, now=world.now)
    begun = slot.starts_at + timedelta(minutes=1)
    scheduling.cancel(Interview.objects.get(), by=world.baba, now=begun)
    assert office.taken(slot) == 1

    again = office.invite(world, world.page, world.sato, now=begun)

    assert (again.pk, again.slot, again.state(begun)) == (world.invitation.pk, None, "waiting")
    assert office.taken(slot) == 0


def test_wishes_are_dealt_with_once_by_whoever_pressed_first(world: SimpleNamespace) -> None:
    choosing.give_up(invitation=world.invitation, wishes=["12/1"], now=world.now)

    inviting.mark_handled(world.invitation, by=world.baba, now=world.now)
    inviting.mark_handled(world.invitation, by=world.aoki, now=world.now)

    assert world.invitation.handled_by == world.baba
    assert Entry.objects.filter(action="booking.wishes_handled").count() == 1


def test_a_request_without_a_deadline_names_none(world: SimpleNamespace) -> None:
    Invitation.objects.update(answer_by=None)
    invitation = Invitation.objects.with_facts().get(pk=world.invitation.pk)
    zone = world.company.zone

    words = inviting.extra_for(invitation, world.link, language="ja", zone=zone, now=world.now)

    assert sorted(words) == ["booking.slots", "booking.url"]
    assert len(words["booking.slots"].splitlines()) == len(world.slots)


@pytest.mark.parametrize(("language", "words"), [("ja", "面接官：2名"), ("en", "Interviewers: 2 people")])
def test_the_letter_says_how_many_interview_where_nobody_knows_yet_who(
    world: SimpleNamespace, language: str, words: str
) -> None:
    page = office.page(world, fixed=[world.doi], pool=[world.endo, world.aoki], pick=1)
    office.offer(world, page, 11)
    world.ito.language = language
    world.ito.save()
    asked = office.invite(world, page, world.ito)

    (mail,) = inviting.send(asked, by=world.baba, now=world.now)

    assert words in mail.body
