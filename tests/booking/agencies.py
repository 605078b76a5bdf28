"""What tests of the agencies' page start from: two contacts of one agency, and applicants whom each introduced."""

from types import SimpleNamespace
from typing import Any

from mensetsu.booking import agency_links
from mensetsu.candidates.models import AgencyContact, ContactRoute
from tests import story
from tests.booking.offers import furnish as with_offers


def furnish(people: SimpleNamespace) -> SimpleNamespace:
    """As for offers; Suzuki introduced Sato and is in contact, Ito comes through a colleague of Suzuki."""
    world = with_offers(people)
    world.suzuki = story.agency(world.company)
    world.tanaka = AgencyContact.objects.create(
        agency=world.suzuki.agency, family_name="田中", given_name="次郎", email="tanaka@mirai.example.jp"
    )
    introduce(world.sato, world.suzuki)
    introduce(world.ito, world.tanaka)
    world.link = agency_links.link_for(world.suzuki, now=world.now)
    world.path = path(world.link)
    return world


def introduce(candidate: Any, contact: AgencyContact, route: str = ContactRoute.AGENCY) -> None:
    candidate.agency, candidate.agency_contact, candidate.contact_route = contact.agency, contact, route
    candidate.save()


def path(link: Any) -> str:
    return agency_links.address(link).removeprefix("http://testserver")
