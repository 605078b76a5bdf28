"""Time zones inside calendar files: every clock change of the world's zones, read back by two foreign programs."""

import zoneinfo
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from mensetsu.accounts.models import Organization
from mensetsu.interviews import calendar, vtimezone
from mensetsu.interviews.models import Interview, Service, Way
from tests.ical import readers

FROM, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


def events_of(zone: ZoneInfo, first_pk: int) -> list[icalendar.Event]:
    """An hour before, at and after each change of that clock, or one in the middle when it is never changed."""
    changes = list(vtimezone._changes(zone, FROM, UNTIL))
    moments = [change + timedelta(hours=hours) for change in changes for hours in (-25, -1, 0, 1, 25)]
    company = Organization(name="世界", time_zone=str(zone))
    return [
        calendar.event(
            Interview(
                pk=first_pk + number, organization=company, way=Way.WEB, service=Service.URL, starts_at=moment,
                ends_at=moment + timedelta(hours=1), created_at=FROM, changed_at=FROM,
            ),
            summary=str(zone), page="https://example.com/", now=FROM, is_for_guest=False,
        )
        for number, moment in enumerate(moments or [FROM + timedelta(days=200)])
    ]  # fmt: skip


def test_around_every_clock_change_of_the_world_two_readers_keep_the_moment() -> None:
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name)[::7]
    events: list[icalendar.Event] = []
    for name in names:
        events += events_of(ZoneInfo(name), len(events) + 1)
    assert len(events) > 300

    read = readers.understood(calendar.file_of(events))["events"]

    wanted = [(readers.moment(one.start), readers.moment(one.end), str(one["summary"])) for one in events]
    assert [(one["starts_at"], one["ends_at"], one["summary"]) for one in read] == wanted


def defined(zone: ZoneInfo, first: datetime, last: datetime) -> icalendar.Timezone:
    return icalendar.Timezone.from_ical(vtimezone.text(zone, first, last))


def test_the_change_stands_in_the_local_time_before_it() -> None:
    """RFC 5545, 3.6.5: 02:00 is when the clock of New York is put forward, not 03:00."""
    zone = defined(
        ZoneInfo("America/New_York"), datetime(2027, 3, 13, tzinfo=UTC), datetime(2027, 3, 15, tzinfo=UTC)
    )

    (daylight,) = zone.walk("DAYLIGHT")
    assert daylight["dtstart"].to_ical() == b"20270314T020000"
    assert (daylight["tzoffsetfrom"].to_ical(), daylight["tzoffsetto"].to_ical()) == ("-0500", "-0400")


def test_a_zone_without_changes_is_one_line_of_rules() -> None:
    zone = defined(ZoneInfo("Asia/Tokyo"), FROM, UNTIL)

    (standard,) = zone.subcomponents
    assert standard["tzoffsetto"].to_ical() == "+0900"
    assert standard["tzname"] == "JST"
