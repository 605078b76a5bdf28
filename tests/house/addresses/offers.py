"""The addresses of dates offered to one applicant, of what agencies propose, and of the agencies' page."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from mensetsu.booking import agency_links, offering, proposing
from mensetsu.candidates.models import AgencyContact, ContactRoute
from mensetsu.interviews.models import Way
from tests import story


def furnish(world: Any) -> None:
    now = timezone.now()
    company, baba = world.people.company, world.people.baba
    person = story.candidate(company, "秘匿", "次郎", email="jiro.hitoku@example.com", owner=baba)
    world.door_contact = AgencyContact.objects.create(
        agency=world.contact.agency, family_name="秘匿", given_name="三郎", email="saburo@example.com"
    )
    person.agency, person.agency_contact = world.contact.agency, world.door_contact
    person.contact_route = ContactRoute.AGENCY
    person.save()
    start = now + timedelta(days=40)
    world.offer = offering.offer(
        candidate=person, stage=None, starts=[start],
        terms=offering.Terms(minutes=60, interviewers=(world.people.doi,), way=Way.PHONE),
        answer_by=now + timedelta(days=3), by=baba, now=now,
    )  # fmt: skip
    world.proposal = proposing.propose(
        contact=world.door_contact, candidate=person, starts=[start + timedelta(days=1)], now=now
    )
    link = agency_links.link_for(world.door_contact, now=now)
    world.agency_token, world.introduced = agency_links.token(link), person


def offer(world: Any) -> tuple:
    return (world.offer.pk,)


def introduced(world: Any) -> tuple:
    return (world.agency_token, world.introduced.pk)


ADDRESSES = {
    "booking:offer_create": lambda world: (world.candidate.pk,),
    "booking:offer_move": lambda world: (world.interview.pk,),
    "booking:offer": offer,
    "booking:offer_dates": offer,
    "booking:offer_act": lambda world: (world.offer.pk, "withdrawal"),
    "booking:proposals": None,
    "booking:proposal": lambda world: (world.proposal.pk,),
    "booking:agency_door": lambda world: (world.door_contact.pk,),
    "booking:agency": lambda world: (world.agency_token,),
    "booking:agency_choose": introduced,
    "booking:agency_interview": introduced,
    "booking:agency_propose": introduced,
}
