"""The .ics file, read back by two parsers: what a calendar program would understand of it."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import icalendar
import pytest

from mensetsu.interviews import calendar, join_links
from mensetsu.interviews.models import Interview, Service, Way
from mensetsu.mail.models import Receiver
from tests import story

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
STARTS = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # 14:00 in Japan


def interview_of(people: SimpleNamespace, **values: Any) -> Interview:
    opening = story.job(people.company)
    values = {
        "way": Way.WEB,
        "service": Service.URL,
        "custom_url": "https://meet.example.com/secret-room",
    } | values
    return Interview.objects.create(
        organization=people.company,
        candidate=story.candidate(people.company, job=opening),
        stage=opening.stages.first(),
        starts_at=STARTS,
        minutes=60,
        created_at=NOW,
        changed_at=NOW,
        **values,
    )


@pytest.fixture
def interview(people: SimpleNamespace) -> Interview:
    return interview_of(people)


def for_applicant(interview: Interview, language: str = "ja", now: datetime = NOW) -> str:
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=NOW)
    return calendar.for_recipient(interview, link=link, language=language, now=now)


def event_in(text: str) -> Any:
    return icalendar.Calendar.from_ical(text).walk("VEVENT")[0]


def lines_of(text: str) -> dict[str, str]:
    """A second, independent reader: unfold (RFC 5545, 3.1), take the event's lines, undo the escapes of TEXT."""
    unfolded = text.replace("\r\n ", "")
    inside = unfolded.split("BEGIN:VEVENT\r\n")[1].split("END:VEVENT")[0]
    pairs = (
        re.match(r"([A-Z-]+)((?:;[^:\"]*)*):(.*)", line).groups() for line in inside.split("\r\n") if line
    )
    return {name: re.sub(r"\\([,;\\])", r"\1", value.replace("\\n", "\n")) for name, _params, value in pairs}


def test_time_title_and_place_read_back(interview: Interview) -> None:
    event = event_in(for_applicant(interview))
    page = join_links.address(join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=NOW))

    assert event.decoded("dtstart") == STARTS
    assert event.decoded("dtend") == STARTS + timedelta(minutes=60)
    assert str(event["dtstart"].params["TZID"]) == "Asia/Tokyo"
    assert str(event["summary"]) == "株式会社サンプル：一次面接（WEB）"
    assert str(event["location"]) == page
    assert page in str(event["description"]).splitlines()
    assert str(event["status"]) == "CONFIRMED"


def test_both_parsers_agree(interview: Interview) -> None:
    interview.organization.name = "サンプル, 株式会社; 第一\\部"
    text = for_applicant(interview)
    event, plain = event_in(text), lines_of(text)

    assert plain["SUMMARY"] == "サンプル, 株式会社; 第一\\部：一次面接（WEB）"
    for name in ("SUMMARY", "LOCATION", "DESCRIPTION", "UID", "STATUS"):
        assert str(event[name]) == plain[name]
    assert plain["DTSTART"] == "20261124T140000"


def test_a_name_with_line_breaks_adds_no_property(interview: Interview) -> None:
    interview.organization.name = "サンプル\r\nATTENDEE:mailto:evil@example.com"

    event = event_in(for_applicant(interview))

    assert "attendee" not in event
    assert event["summary"].startswith("サンプル")


def test_the_time_zone_is_defined_in_the_file(interview: Interview) -> None:
    zones = icalendar.Calendar.from_ical(for_applicant(interview)).walk("VTIMEZONE")

    assert [str(zone["tzid"]) for zone in zones] == ["Asia/Tokyo"]
    assert zones[0].to_tz().utcoffset(datetime(2026, 11, 24, 14, 0)) == timedelta(hours=9)  # noqa: DTZ001 - local time


def test_lines_are_folded_at_75_bytes_and_end_with_crlf(interview: Interview) -> None:
    interview.organization.name = "長い名前の会社" * 10
    text = for_applicant(interview)

    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert "\n" not in text.replace("\r\n", "")


def test_one_uid_for_life_and_a_sequence_that_grows_with_each_change(interview: Interview) -> None:
    first = event_in(for_applicant(interview))
    interview.starts_at = STARTS + timedelta(days=2)
    interview.version = 4
    interview.changed_at = NOW + timedelta(hours=3)
    interview.save()
    moved = event_in(for_applicant(interview, language="en", now=NOW + timedelta(days=1)))
    staff = event_in(calendar.for_staff(interview, language="ja", now=NOW))

    assert first["uid"] == moved["uid"] == staff["uid"]
    assert (first["sequence"], moved["sequence"]) == (0, 3)
    assert moved.decoded("dtstart") == STARTS + timedelta(days=2)


def test_two_interviews_never_share_a_uid(people: SimpleNamespace, interview: Interview) -> None:
    people.company = people.other

    assert calendar.uid(interview) != calendar.uid(interview_of(people))


def test_a_canceled_interview_says_so_with_the_same_uid(interview: Interview) -> None:
    before = event_in(for_applicant(interview))
    interview.canceled_at = NOW
    text = for_applicant(interview)

    assert str(event_in(text)["status"]) == "CANCELLED"
    assert event_in(text)["uid"] == before["uid"]
    assert str(icalendar.Calendar.from_ical(text)["method"]) == "PUBLISH"
    assert str(event_in(text)["description"]).startswith("この面接は中止になりました。")


def test_the_file_never_carries_the_room_itself(interview: Interview) -> None:
    """Neither the applicant's file nor the staff's: both lead to a page of ours."""
    assert "secret-room" not in for_applicant(interview).replace("\r\n ", "")
    assert "secret-room" not in calendar.for_staff(interview, language="ja", now=NOW).replace("\r\n ", "")


def test_staff_get_the_applicants_name_and_the_page_behind_the_login(interview: Interview) -> None:
    event = event_in(calendar.for_staff(interview, language="ja", now=NOW))

    assert str(event["summary"]) == "面接：佐藤 美咲 様・一次面接（WEB）"
    assert str(event["url"]) == f"http://testserver/interviews/{interview.pk}/"
    assert "/j/" not in str(event["description"])


def test_in_person_the_location_is_the_place(people: SimpleNamespace) -> None:
    interview = interview_of(people, way=Way.IN_PERSON, service="", custom_url="", place="本社5階, 受付")

    event = event_in(for_applicant(interview))

    assert str(event["location"]) == "本社5階, 受付"
    assert str(event["summary"]) == "株式会社サンプル：一次面接（対面）"
    assert "/j/" in str(event["description"])


def test_english_for_an_english_reader(people: SimpleNamespace) -> None:
    people.company.name_en = "Sample Inc."
    interview = interview_of(people)
    interview.stage.name_en = "First interview"

    event = event_in(for_applicant(interview, language="en"))

    assert str(event["summary"]) == "Sample Inc.: First interview (online)"
    assert "Join from this page:" in str(event["description"])
