"""A company: founded by the operator, described by its administrators."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from mensetsu.accounts import inviting
from mensetsu.accounts.models import CompanyHoliday, Organization, Role, User
from mensetsu.history import recording


class HolidayKnown(Exception):
    """That day is on the list already. `holiday` is the row that stands there."""

    def __init__(self, holiday: CompanyHoliday) -> None:
        super().__init__(str(holiday))
        self.holiday = holiday


@transaction.atomic
def found(
    *,
    name: str,
    admin_email: str,
    family_name: str,
    given_name: str,
    language: str,
    time_zone: str,
    now: datetime,
) -> User:
    """A new company and its first administrator, invited but without a mail: `inviting.address(user)` is the link.

    Refusals: inviting.AddressTaken."""
    company = Organization.objects.create(name=name, language=language, time_zone=time_zone, created_at=now)
    recording.record("organization.founded", subject=company, organization_id=company.pk, by=None, at=now)
    return inviting.write_invitation(
        organization=company,
        email=admin_email,
        family_name=family_name,
        given_name=given_name,
        role=Role.ADMIN,
        language=language,
        by=None,
        now=now,
    )


@transaction.atomic
def describe(organization: Organization, *, by: User, now: datetime, **values: Any) -> list[str]:
    """Set the fields in `values`; answers the names of those that changed. What is equal is not written."""
    changed = [name for name, value in values.items() if getattr(organization, name) != value]
    for name in changed:
        setattr(organization, name, values[name])
    if changed:
        organization.save(update_fields=changed)
        recording.record(
            "organization.described",
            subject=organization,
            organization_id=organization.pk,
            by=by,
            at=now,
            fields=changed,
        )
    return changed


@transaction.atomic
def add_holiday(
    organization: Organization, *, on: date, name: str, by: User, now: datetime
) -> CompanyHoliday:
    """A day on which the company does not work. Refusals: HolidayKnown."""
    try:
        with transaction.atomic():
            holiday = CompanyHoliday.objects.create(organization=organization, on=on, name=name)
    except IntegrityError:
        raise HolidayKnown(organization.company_holidays.get(on=on)) from None
    _record_holiday("organization.holiday_added", holiday, by, now)
    return holiday


@transaction.atomic
def remove_holiday(holiday: CompanyHoliday, *, by: User, now: datetime) -> None:
    """The company works on that day after all. Removing it twice is the same as once."""
    removed, _kinds = CompanyHoliday.objects.filter(pk=holiday.pk).delete()
    if removed:
        _record_holiday("organization.holiday_removed", holiday, by, now)


def one_at_a_time(organization_id: int) -> None:
    """Call it first in a transaction that counts a company's people: others who do the same wait for its end.

    The write that changes nothing takes the row's lock on PostgreSQL and the writer's turn on SQLite."""
    Organization.objects.filter(pk=organization_id).update(name=F("name"))


def _record_holiday(action: str, holiday: CompanyHoliday, by: User, now: datetime) -> None:
    recording.record(
        action,
        subject=holiday.organization,
        organization_id=holiday.organization_id,
        by=by,
        at=now,
        day_on=holiday.on,
        name=holiday.name,
    )
