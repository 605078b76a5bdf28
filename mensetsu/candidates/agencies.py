"""Agencies and the people there who receive the schedules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from mensetsu.accounts import models as accounts
from mensetsu.candidates.models import Agency, AgencyContact, Candidate
from mensetsu.history import recording

AGENCY_FIELDS = ("name", "phone", "note")
CONTACT_FIELDS = (
    "department", "title", "family_name", "given_name", "email", "phone", "language", "time_zone",
)  # fmt: skip


class NameTaken(Exception):
    """The company has an agency of that name already."""


def register(
    *, organization: accounts.Organization, values: Mapping[str, Any], by: Any, now: datetime
) -> Agency:
    """A new agency. Refused with NameTaken."""
    agency = Agency(organization=organization, **{name: values[name] for name in AGENCY_FIELDS})
    with transaction.atomic():
        _save(agency)
        _record("agency.registered", agency, by, now, name=agency.name)
    return agency


def edit(agency: Agency, values: Mapping[str, Any], *, by: Any, now: datetime) -> Agency:
    """Change name, phone or note. Refused with NameTaken."""
    for name in AGENCY_FIELDS:
        setattr(agency, name, values[name])
    with transaction.atomic():
        _save(agency)
        _record("agency.edited", agency, by, now, name=agency.name)
    return agency


def close(agency: Agency, *, by: Any, now: datetime) -> None:
    """No longer offered for new applicants; those it introduced keep it."""
    with transaction.atomic():
        if Agency.objects.filter(pk=agency.pk, closed_at=None).update(closed_at=now):
            _record("agency.closed", agency, by, now, name=agency.name)


def reopen(agency: Agency, *, by: Any, now: datetime) -> None:
    with transaction.atomic():
        if Agency.objects.filter(pk=agency.pk, closed_at__isnull=False).update(closed_at=None):
            _record("agency.reopened", agency, by, now, name=agency.name)


def add_contact(agency: Agency, values: Mapping[str, Any], *, by: Any, now: datetime) -> AgencyContact:
    contact = AgencyContact(agency=agency, **{name: values[name] for name in CONTACT_FIELDS})
    with transaction.atomic():
        contact.save()
        _record("agency.contact_added", agency, by, now, contact=contact.full_name)
    return contact


def edit_contact(contact: AgencyContact, values: Mapping[str, Any], *, by: Any, now: datetime) -> None:
    for name in CONTACT_FIELDS:
        setattr(contact, name, values[name])
    with transaction.atomic():
        contact.save(update_fields=CONTACT_FIELDS)
        _record("agency.contact_edited", contact.agency, by, now, contact=contact.full_name)


def note_left(contact: AgencyContact, *, by: Any, now: datetime) -> int:
    """The contact no longer works there: not offered any more. The number of applicants who still point at them,
    whose contact a person must choose anew."""
    with transaction.atomic():
        if AgencyContact.objects.filter(pk=contact.pk, left_at=None).update(left_at=now):
            _record("agency.contact_left", contact.agency, by, now, contact=contact.full_name)
    return Candidate.objects.filter(agency_contact=contact).count()


def note_returned(contact: AgencyContact, *, by: Any, now: datetime) -> None:
    with transaction.atomic():
        if AgencyContact.objects.filter(pk=contact.pk, left_at__isnull=False).update(left_at=None):
            _record("agency.contact_returned", contact.agency, by, now, contact=contact.full_name)


def _save(agency: Agency) -> None:
    try:
        with transaction.atomic():
            agency.save()
    except IntegrityError as problem:
        raise NameTaken(agency.name) from problem


def _record(action: str, agency: Agency, by: Any, now: datetime, **facts: Any) -> None:
    recording.record(action, subject=agency, organization_id=agency.organization_id, by=by, at=now, **facts)
