"""Who can be asked, and why not."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from mensetsu.accounts.models import CompanyHoliday
from mensetsu.availability import asking
from mensetsu.availability.hours import Span
from mensetsu.availability.models import BusyBlock, TimeOff, WorkingHours
from tests.story import JAPAN

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 9, tzinfo=JAPAN)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=JAPAN)


def kinds(user, starts_at: datetime, minutes: int = 60, **more) -> list[str]:
    ends_at = starts_at + timedelta(minutes=minutes)
    return [reason.kind for reason in asking.why_not(user, starts_at, ends_at, now=NOW, **more)]


def test_somebody_who_has_not_said_works_the_usual_week(people) -> None:
    assert kinds(people.doi, at(24, 9)) == []
    assert kinds(people.doi, at(24, 17, 30)) == [asking.OUTSIDE_HOURS]
    assert kinds(people.doi, at(28, 10)) == [asking.OUTSIDE_HOURS]
    assert not asking.weeks_of([people.doi])[people.doi.pk].is_said


def test_own_hours_replace_the_usual_week(people) -> None:
    WorkingHours.objects.create(user=people.doi, weekday=1, begins=time(13), ends=time(20))

    assert kinds(people.doi, at(24, 19)) == []
    assert kinds(people.doi, at(24, 10)) == [asking.OUTSIDE_HOURS]
    assert kinds(people.endo, at(24, 10)) == []


def test_a_public_holiday_is_named(people) -> None:
    [reason] = asking.why_not(people.doi, at(23, 10), at(23, 11), now=NOW)

    assert (reason.kind, reason.note) == (asking.PUBLIC_HOLIDAY, "勤労感謝の日")


def test_a_company_holiday_closes_that_company_only(people) -> None:
    CompanyHoliday.objects.create(organization=people.company, on=date(2026, 11, 24), name="創立記念日")

    assert kinds(people.doi, at(24, 10)) == [asking.COMPANY_HOLIDAY]
    assert kinds(people.chiba, at(24, 10)) == []


def test_days_off_include_the_last_day(people) -> None:
    TimeOff.objects.create(user=people.doi, first_on=date(2026, 11, 24), last_on=date(2026, 11, 25))

    assert kinds(people.doi, at(25, 17)) == [asking.TIME_OFF]
    assert kinds(people.doi, at(26, 9)) == []


def test_a_weekly_block_takes_that_hour_every_week(people) -> None:
    BusyBlock.objects.create(
        user=people.doi, starts_at=at(10, 10), ends_at=at(10, 11), weekly=True, note="定例"
    )

    assert kinds(people.doi, at(24, 10, 30)) == [asking.BUSY]
    assert kinds(people.doi, at(24, 11)) == []


def test_a_hold_counts_until_it_ends_and_not_for_its_own_key(people) -> None:
    asking.hold(
        users=[people.doi],
        starts_at=at(24, 10),
        ends_at=at(24, 11),
        until=NOW + timedelta(hours=1),
        key="offer-1",
        now=NOW,
    )

    assert kinds(people.doi, at(24, 10)) == [asking.HELD]
    assert kinds(people.doi, at(24, 10), ignoring="offer-1") == []
    later = NOW + timedelta(hours=2)
    assert asking.is_free(people.doi, at(24, 10), at(24, 11), now=later)


def test_releasing_frees_everything_of_the_key(people) -> None:
    for day in (24, 25):
        asking.hold(users=[people.doi, people.endo], starts_at=at(day, 10), ends_at=at(day, 11), until=at(24, 9),
                    key="offer-1", now=NOW)  # fmt: skip

    assert asking.release("offer-1") == 4
    assert kinds(people.doi, at(24, 10)) == []


def test_open_spans_are_the_hours_without_what_is_taken(people) -> None:
    BusyBlock.objects.create(user=people.doi, starts_at=at(24, 12), ends_at=at(24, 13))

    spans = asking.open_spans(users=[people.doi], first=date(2026, 11, 24), last=date(2026, 11, 24), now=NOW)

    utc = [
        Span(s.start.astimezone(UTC), s.end.astimezone(UTC))
        for s in (Span(at(24, 9), at(24, 12)), Span(at(24, 13), at(24, 18)))
    ]
    assert spans == {people.doi.pk: utc}


def test_nobody_is_asked_about_nobody(people, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        spans = asking.open_spans(users=[], first=date(2026, 11, 24), last=date(2026, 11, 24), now=NOW)

    assert spans == {}


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_people(
    people, count, django_assert_num_queries
) -> None:
    users = [people.doi, people.endo, people.baba][:count]

    with django_assert_num_queries(3):
        asking.reasons(users=users, starts_at=at(24, 10), ends_at=at(24, 11), now=NOW)
