"""What recruiters do with booking pages: open, change, close; offer slots one by one, in bulk or as a series."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from mensetsu.accounts import models as accounts
from mensetsu.availability.hours import Span
from mensetsu.booking import holding, slots
from mensetsu.booking.models import BookingPage, HostMode, Kind, Panelist, Series, Slot
from mensetsu.history import recording
from mensetsu.interviews.models import Way
from mensetsu.mail import samples
from mensetsu.web import dates

# What a person may set on a page; everything else is derived or has its own verb.
FIELDS = (
    "name", "note", "stage", "minutes", "way", "service", "custom_url", "place", "host_mode", "host", "pick",
    "day_cap", "week_cap", "horizon_days", "notice_hours", "answer_days", "change_hours", "max_changes",
)  # fmt: skip


class ChangedMeanwhile(Exception):
    """Somebody else changed the page after the form was opened."""


class SlotInUse(Exception):
    """The slot has bookings: the interviews must be moved or canceled first."""

    def __init__(self, slot: Slot) -> None:
        super().__init__(f"slot {slot.pk}")
        self.slot = slot


def open_page(
    *,
    organization: accounts.Organization,
    values: Mapping[str, Any],
    fixed: Sequence[accounts.User] = (),
    pool: Sequence[accounts.User] = (),
    kind: str = Kind.PAGE,
    by: accounts.User | None,
    now: datetime,
) -> BookingPage:
    """A page without slots. `values` are FIELDS; of `pool`, `pick` people are picked for each booking."""
    with transaction.atomic():
        # What is booked here is told by the company's texts; it has them from now on at the latest.
        samples.ensure_samples(organization, now)
        page = BookingPage(organization=organization, kind=kind, created_at=now, created_by=by)
        _write(page, values, fixed, pool)
        _record("booking.page_opened", page, by, now)
    return page


def change_page(
    page: BookingPage,
    *,
    values: Mapping[str, Any],
    fixed: Sequence[accounts.User],
    pool: Sequence[accounts.User],
    version: int | None = None,
    by: accounts.User | None,
    now: datetime,
) -> None:
    """New rules for what is booked from now on; bookings made stay as they are, and so do the lengths of their
    slots: a new length changes free slots only. Refuses ChangedMeanwhile."""
    with transaction.atomic():
        seen = page.version if version is None else version
        if not BookingPage.objects.filter(pk=page.pk, version=seen).update(version=F("version") + 1):
            raise ChangedMeanwhile
        page.refresh_from_db()
        before = page.minutes
        _write(page, values, fixed, pool)
        if page.minutes != before:
            for slot in page.slots.open().filter(taken=0):
                slot.minutes = page.minutes
                slot.save(update_fields=["minutes", "ends_at"])
        _record("booking.page_changed", page, by, now)


def close_page(page: BookingPage, *, by: accounts.User | None, now: datetime) -> None:
    """Nobody books here any more; bookings made stay. Twice is once."""
    with transaction.atomic():
        if BookingPage.objects.filter(pk=page.pk, closed_at=None).update(closed_at=now):
            _record("booking.page_closed", page, by, now)
    page.refresh_from_db()


def reopen_page(page: BookingPage, *, by: accounts.User | None, now: datetime) -> None:
    with transaction.atomic():
        if BookingPage.objects.filter(pk=page.pk, closed_at__isnull=False).update(closed_at=None):
            _record("booking.page_reopened", page, by, now)
    page.refresh_from_db()


def offer_slots(
    page: BookingPage,
    spans: Iterable[Span],
    *,
    capacity: int = 1,
    series: Series | None = None,
    by: accounts.User | None,
    now: datetime,
) -> list[Slot]:
    """A slot at the start of each span, with the page's length. Starts that are past or offered already are left
    out; the answer holds only the new ones."""
    made = []
    with transaction.atomic():
        present = set(page.slots.open().values_list("starts_at", flat=True))
        for span in spans:
            if span.start <= now or span.start in present:
                continue
            slot = Slot(
                page=page, series=series, starts_at=span.start, minutes=page.minutes, capacity=capacity
            )
            try:
                with transaction.atomic():
                    slot.save()
            except IntegrityError:
                continue  # a colleague offered the same start a moment ago
            made.append(slot)
        if made:
            _record("booking.slots_added", page, by, now, count=len(made))
    return made


def start_series(
    page: BookingPage, values: Mapping[str, Any], *, by: accounts.User | None, now: datetime
) -> tuple[Series, list[Slot]]:
    """A pattern that can be changed later, and its slots. Refuses slots.TooMany."""
    with transaction.atomic():
        series = Series(page=page, **values)
        wanted = spans_of(series, now=now)
        series.save()
        made = offer_slots(page, wanted, capacity=series.capacity, series=series, by=by, now=now)
    return series, made


def change_series(
    series: Series, values: Mapping[str, Any], *, by: accounts.User | None, now: datetime
) -> slots.Difference:
    """Another pattern: free slots that no longer belong are closed, new ones are added; a slot that somebody has
    booked (also at this very moment) stays as it is. Refuses slots.TooMany."""
    with transaction.atomic():
        # Two who change the same series are one after the other.
        Series.objects.filter(pk=series.pk).update(ended_at=F("ended_at"))
        for name, value in values.items():
            setattr(series, name, value)
        wanted = spans_of(series, now=now)
        series.save()
        mine = series.slots.open().filter(starts_at__gt=now)
        present = {slot.starts_at: slot.taken == 0 for slot in mine}
        difference = slots.compare(present, wanted)
        # The row decides, not what was read: whoever books one of them first keeps it.
        closed = mine.filter(starts_at__in=difference.close, taken=0).update(closed_at=now)
        mine.filter(taken__lte=series.capacity).update(capacity=series.capacity)
        offer_slots(series.page, difference.add, capacity=series.capacity, series=series, by=by, now=now)
        if closed:
            _record("booking.slots_closed", series.page, by, now, count=closed)
    return difference


def end_series(series: Series, *, by: accounts.User | None, now: datetime) -> int:
    """The series is over: its free slots are closed, booked ones stay. Answers how many were closed."""
    with transaction.atomic():
        Series.objects.filter(pk=series.pk, ended_at=None).update(ended_at=now)
        closed = series.slots.open().filter(taken=0).update(closed_at=now)
        if closed:
            _record("booking.slots_closed", series.page, by, now, count=closed)
    series.refresh_from_db()
    return closed


def close_slot(slot: Slot, *, by: accounts.User | None, now: datetime) -> None:
    """The slot is offered no longer, and what was held for it is free. Refuses SlotInUse. Twice is once."""
    with transaction.atomic():
        if Slot.objects.filter(pk=slot.pk, taken=0, closed_at=None).update(closed_at=now):
            holding.release(slot)
            _record("booking.slots_closed", slot.page, by, now, count=1)
        slot.refresh_from_db()
        if slot.closed_at is None:
            raise SlotInUse(slot)


def spans_of(series: Series, *, now: datetime) -> list[Span]:
    """The coming slots that the series means, on the company's clock. Refuses slots.TooMany."""
    page = series.page
    if series.last_on - series.first_on > slots.LONGEST:
        raise slots.TooMany
    pattern = slots.Pattern(
        weekdays=frozenset(series.weekdays), first=series.first_on, last=series.last_on,
        begins=series.begins, ends=series.ends, minutes=page.minutes, interval=series.interval,
    )  # fmt: skip
    closed = holidays(page.organization, series.first_on, series.last_on) if series.skips_holidays else []
    return slots.propose(pattern, page.organization.zone, closed=closed, after=now)


def holidays(organization: accounts.Organization, first: date, last: date) -> list[date]:
    """Public holidays of Japan and the company's own days off."""
    own = set(organization.company_holidays.filter(on__range=(first, last)).values_list("on", flat=True))
    days = (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))
    return [on for on in days if on in own or dates.holiday_name(on)]


def _write(
    page: BookingPage,
    values: Mapping[str, Any],
    fixed: Sequence[accounts.User],
    pool: Sequence[accounts.User],
) -> None:
    for name in FIELDS:
        if name in values:
            setattr(page, name, values[name])
    if page.way != Way.WEB:
        page.service, page.custom_url = "", ""
    if not page.uses_zoom or page.host_mode != HostMode.FIXED:
        page.host = None
        page.host_mode = page.host_mode if page.uses_zoom else HostMode.POOL
    page.pick = min(page.pick, len(set(pool) - set(fixed)))
    page.save()
    wanted = dict.fromkeys(pool, False) | dict.fromkeys(fixed, True)
    Panelist.objects.filter(page=page).delete()
    Panelist.objects.bulk_create(
        Panelist(page=page, user=user, is_fixed=is_fixed, position=position)
        for position, (user, is_fixed) in enumerate(wanted.items())
    )


def _record(action: str, page: BookingPage, by: accounts.User | None, now: datetime, **facts: Any) -> None:
    recording.record(
        action, subject=page, organization_id=page.organization_id, by=by, at=now, page=page.name, **facts
    )
