"""What people say of their time: their week, days off, times taken by something else. Interviews that are set already
stay as they are, whatever is said here."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from mensetsu.accounts.models import User
from mensetsu.availability import hours
from mensetsu.availability.models import BusyBlock, TimeOff, WorkingHours
from mensetsu.history import recording

LONGEST_DAYS = 366


class EmptyWeek(Exception):
    """A week without any hours: whoever is away says so by days off."""


class TooLong(Exception):
    """More than a year of days off at once is a slip."""


@transaction.atomic
def say_week(user: User, *, rows: Sequence[hours.Weekly], by: User, now: datetime) -> bool:
    """Make these the person's weekly hours, on the clock of their own zone; answers whether anything changed.

    Refusals: EmptyWeek."""
    if not rows:
        raise EmptyWeek
    # Two who save at once wait here for each other: the later week stands, whole.
    User.objects.filter(pk=user.pk).update(time_zone=F("time_zone"))
    before = {(row.weekday, row.begins, row.ends) for row in user.working_hours.all()}
    wanted = {(row.weekday, row.begins, row.ends) for row in rows}
    if before == wanted:
        return False
    user.working_hours.all().delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(user=user, weekday=weekday, begins=begins, ends=ends)
        for weekday, begins, ends in sorted(wanted)
    )
    _record("availability.week_said", user, by=by, now=now)
    return True


@transaction.atomic
def forget_week(user: User, *, by: User, now: datetime) -> None:
    """Back to the usual week that stands in for people who have not said theirs."""
    removed, _kinds = user.working_hours.all().delete()
    if removed:
        _record("availability.week_forgotten", user, by=by, now=now)


@transaction.atomic
def take_off(
    user: User, *, first_on: date, last_on: date, note: str = "", by: User, now: datetime
) -> TimeOff:
    """Whole days off, both days included. Refusals: TooLong."""
    if (last_on - first_on).days >= LONGEST_DAYS:
        raise TooLong
    row = TimeOff.objects.create(user=user, first_on=first_on, last_on=last_on, note=note)
    _record("availability.off", user, by=by, now=now, first_on=first_on, last_on=last_on)
    return row


@transaction.atomic
def come_back(time_off: TimeOff, *, by: User, now: datetime) -> None:
    """The person works on those days after all. Twice is the same as once."""
    removed, _kinds = TimeOff.objects.filter(pk=time_off.pk).delete()
    if removed:
        first_on, last_on = time_off.first_on, time_off.last_on
        _record("availability.back", time_off.user, by=by, now=now, first_on=first_on, last_on=last_on)


@transaction.atomic
def block(
    user: User,
    *,
    starts_at: datetime,
    ends_at: datetime,
    weekly: bool = False,
    note: str = "",
    by: User,
    now: datetime,
) -> BusyBlock:
    """A time taken by something else, once or every seven days at the same local time."""
    row = BusyBlock.objects.create(user=user, starts_at=starts_at, ends_at=ends_at, weekly=weekly, note=note)
    _record("availability.blocked", user, by=by, now=now, starts_at=starts_at)
    return row


@transaction.atomic
def unblock(busy: BusyBlock, *, by: User, now: datetime) -> None:
    """That time is free again, a weekly one from its first time on. Twice is the same as once."""
    removed, _kinds = BusyBlock.objects.filter(pk=busy.pk).delete()
    if removed:
        _record("availability.unblocked", busy.user, by=by, now=now, starts_at=busy.starts_at)


def _record(action: str, user: User, *, by: User, now: datetime, **facts: date) -> None:
    recording.record(
        action, subject=user, organization_id=user.organization_id, by=by, at=now, name=str(user), **facts
    )
