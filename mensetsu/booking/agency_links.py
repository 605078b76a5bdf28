"""The address of an agency's own page (紹介会社ページ): one per person at the agency, until it is taken back.

Made as those of the join page: `nonce + HMAC(secret, nonce)`, 128 bits of it; the table alone opens nothing."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.urls import reverse

from mensetsu.accounts import models as accounts
from mensetsu.booking.models import AgencyLink
from mensetsu.candidates.models import AgencyContact
from mensetsu.history import recording
from mensetsu.mail.models import Receiver
from mensetsu.web import secret_addresses

# The salt is part of every address that was ever mailed.
_ADDRESSES = secret_addresses.SecretAddresses("mensetsu.booking.agency_links")


def link_for(contact: AgencyContact, *, now: datetime | Now) -> AgencyLink | None:
    """The contact's link: made at the first call, the same one ever after; None once it was taken back, and for
    people who have left."""
    if contact.left_at is not None:
        return None
    links = AgencyLink.objects.filter(contact=contact)
    found = links.filter(revoked_at=None).first()
    return found if found is not None or links.exists() else _make(contact, now)


def renew(contact: AgencyContact, *, by: accounts.User, now: datetime) -> AgencyLink:
    """A new address; the present one opens nothing any more."""
    with transaction.atomic():
        revoke(contact, by=by, now=now)
        link = _make(contact, now)
        _record("booking.agency_page_opened", contact, by, now)
    return link


def revoke(contact: AgencyContact, *, by: accounts.User, now: datetime) -> None:
    """The address is taken back; letters carry no new one until somebody makes it (`renew`). Twice is once."""
    with transaction.atomic():
        live = AgencyLink.objects.filter(contact=contact, revoked_at=None)
        if live.update(revoked_at=now, revoked_by=by):
            _record("booking.agency_page_closed", contact, by, now)


def token(link: AgencyLink) -> str:
    """What stands in the address: the nonce and its proof under the present secret."""
    return _ADDRESSES.token(link.nonce)


def address(link: AgencyLink) -> str:
    """The absolute address of the page, as mails carry it."""
    return settings.BASE_URL + reverse("booking:agency", args=[token(link)])


def values_about(_interview: object, *, receiver: str, contact: AgencyContact | None) -> dict[str, str]:
    """For letters to an agency: the contact's page. Nothing once its address was taken back."""
    return values_for(contact) if receiver == Receiver.AGENCY else {}


def values_for(contact: AgencyContact | None) -> dict[str, str]:
    # The database's clock: letters are written without one, and nothing is decided by when an address was made.
    link = link_for(contact, now=Now()) if contact is not None else None
    return {"agency.page": address(link)} if link is not None else {}


def find(text: str) -> AgencyLink | None:
    """The link of that token; None for anything that this installation did not hand out or has taken back, and for
    people who have left their agency."""
    nonce = _ADDRESSES.nonce(text)
    if nonce is None:
        return None
    live = AgencyLink.objects.filter(nonce=nonce, revoked_at=None, contact__left_at=None)
    return live.select_related("contact__agency__organization").first()


def _make(contact: AgencyContact, now: datetime | Now) -> AgencyLink:
    try:
        with transaction.atomic():
            nonce = secret_addresses.new_nonce()
            return AgencyLink.objects.create(contact=contact, nonce=nonce, created_at=now)
    except IntegrityError:
        # Somebody made it at the same moment.
        return AgencyLink.objects.get(contact=contact, revoked_at=None)


def _record(action: str, contact: AgencyContact, by: accounts.User, now: datetime) -> None:
    recording.record(
        action, subject=contact, organization_id=contact.agency.organization_id, by=by, at=now,
        name=contact.full_name, agency=contact.agency.name,
    )  # fmt: skip
