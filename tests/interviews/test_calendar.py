"""The .ics file, read back by two programs that are not ours: what a calendar would understand of it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import icalendar
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mensetsu.interviews import calendar, join_links
from mensetsu.interviews.models import Interview, Service, Way
from mensetsu.mail.models import Purpose, Receiver
from tests import story
from tests.ical import readers

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
        **{"starts_at": STARTS, "minutes": 60, "created_at": NOW, "changed_at": NOW} | values,
    )


@pytest.fixture
def interview(people: SimpleNamespace) -> Interview:
    return interview_of(people)


def for_applicant(interview: Interview, language: str = "ja", now: datetime = NOW) -> str:
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=NOW)
    return calendar.for_recipient(interview, link=link, language=language, now=now)


def invitation(interview: Interview, guest: calendar.Guest | None = None) -> dict[str, str]:
    link = join_links.link_for(interview, receiver=Receiver.CANDIDATE, now=NOW)
    return calendar.attachment(interview, link=link, language="ja", now=NOW, guest=guest)


def event_in(text: str) -> Any:
    return icalendar.Calendar.from_ical(text).walk("VEVENT")[0]


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


def test_both_readers_agree_on_signs_that_must_be_escaped(interview: Interview) -> None:
    interview.organization.name = 'サンプル, 株式会社; 第一\\部: "採用"^n'

    event = readers.understood(for_applicant(interview))["events"][0]

    assert event["summary"] == 'サンプル, 株式会社; 第一\\部: "採用"^n：一次面接（WEB）'
    assert event["starts_at"] == "2026-11-24T05:00:00.000Z"
    assert event["zone"] == "Asia/Tokyo"
    assert event["organizers"][0]["address"] == "mailto:saiyo@sample.example.jp"


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80),
)
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_people_are_called_both_readers_agree(interview: Interview, company: str, name: str) -> None:
    interview.organization.name = company
    guest = calendar.Guest(name, "misaki@example.com")

    read = readers.understood(invitation(interview, guest)["text"])

    assert read["events"][0]["summary"] == f"{company}：一次面接（WEB）"
    assert len(read["events"][0]["attendees"]) == 1


@pytest.mark.parametrize("name", ["佐藤\\", "\\;CUTYPE=ROOM", "a^n^'b^^", "a;b:c,d", '"佐藤"', "佐藤 美咲"])
def test_no_sign_in_a_name_reaches_beyond_the_name(interview: Interview, name: str) -> None:
    read = readers.understood(invitation(interview, calendar.Guest(name, "misaki@example.com"))["text"])

    (attendee,) = read["events"][0]["attendees"]
    assert attendee["name"] == name.translate(dict.fromkeys(map(ord, '"\\^')))
    assert (attendee["rsvp"], attendee["status"]) == ("FALSE", "NEEDS-ACTION")


def test_the_mails_file_is_an_invitation_for_its_reader_alone(interview: Interview) -> None:
    sent = invitation(interview)
    read = readers.understood(sent["text"])

    assert sent["type"] == "text/calendar; charset=utf-8; method=REQUEST"
    assert (read["method"], read["zones"]) == ("REQUEST", ["Asia/Tokyo"])
    assert read["events"][0]["attendees"] == [
        {
            "address": "mailto:misaki@example.com",
            "name": "佐藤 美咲",
            "rsvp": "FALSE",
            "status": "NEEDS-ACTION",
        }
    ]
    assert read["events"][0]["organizers"] == [
        {
            "address": "mailto:saiyo@sample.example.jp",
            "name": "株式会社サンプル",
            "rsvp": None,
            "status": None,
        }
    ]


def test_an_interviewers_invitation_names_the_interviewer(
    people: SimpleNamespace, interview: Interview
) -> None:
    guest = calendar.Guest(people.doi.full_name, people.doi.email)

    sent = calendar.attachment(interview, link=None, language="ja", now=NOW, guest=guest)

    event = readers.understood(sent["text"])["events"][0]
    assert [one["address"] for one in event["attendees"]] == ["mailto:doi@sample.example.jp"]
    assert event["location"] == f"http://testserver/interviews/{interview.pk}/"
    assert "misaki@example.com" not in sent["text"]


def test_a_contact_of_an_agency_is_the_guest_of_their_own_file(
    people: SimpleNamespace, interview: Interview
) -> None:
    contact = story.agency(people.company)
    link = join_links.link_for(interview, receiver=Receiver.AGENCY, contact=contact, now=NOW)

    sent = calendar.attachment(interview, link=link, language="ja", now=NOW)

    event = readers.understood(sent["text"])["events"][0]
    assert [one["address"] for one in event["attendees"]] == ["mailto:suzuki@mirai.example.jp"]
    assert event["url"] == join_links.address(link)


def test_a_cancellation_takes_the_same_entry_out(interview: Interview) -> None:
    before = readers.understood(invitation(interview)["text"])["events"][0]
    interview.canceled_at = NOW
    interview.save()
    calendar.advance(interview, purpose=Purpose.CANCELLATION)

    sent = invitation(interview)
    read = readers.understood(sent["text"])

    assert sent["type"].endswith("method=CANCEL")
    assert (read["method"], read["events"][0]["status"]) == ("CANCEL", "CANCELLED")
    assert read["events"][0]["uid"] == before["uid"]
    assert read["events"][0]["sequence"] == before["sequence"] + 1
    assert len(read["events"][0]["attendees"]) == 1


def test_a_file_from_a_page_invites_nobody(interview: Interview) -> None:
    """RFC 5546, 3.2.1: a published event has no attendees."""
    read = readers.understood(for_applicant(interview))

    assert (read["method"], read["events"][0]["attendees"]) == ("PUBLISH", [])


@pytest.mark.parametrize(
    ("purpose", "step"),
    [(Purpose.CONFIRMATION, 0), (Purpose.CHANGE, 1), (Purpose.CANCELLATION, 1), (Purpose.URL_CHANGE, 0)],
)
def test_only_letters_that_change_the_entry_advance_its_number(
    interview: Interview, purpose: str, step: int
) -> None:
    calendar.advance(interview, purpose=purpose)

    assert interview.calendar_sequence == step
    assert Interview.objects.get(pk=interview.pk).calendar_sequence == step


CLOCK_CHANGES = [
    ("America/New_York", datetime(2027, 3, 14, 7, 0, tzinfo=UTC)),
    ("America/New_York", datetime(2027, 11, 7, 6, 0, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2027, 4, 3, 15, 0, tzinfo=UTC)),
]


@pytest.mark.parametrize(("zone", "change"), CLOCK_CHANGES)
@pytest.mark.parametrize("minutes", [-90, 0, 30, 90])
def test_around_a_clock_change_abroad_both_readers_keep_the_moment(
    people: SimpleNamespace, zone: str, change: datetime, minutes: int
) -> None:
    people.company.time_zone = zone
    starts_at = change + timedelta(minutes=minutes)
    interview = interview_of(people, starts_at=starts_at)

    event = readers.understood(for_applicant(interview))["events"][0]

    assert event["starts_at"] == f"{starts_at:%Y-%m-%dT%H:%M:%S.000Z}"
    assert event["ends_at"] == f"{interview.ends_at:%Y-%m-%dT%H:%M:%S.000Z}"


def test_only_an_hour_that_exists_twice_is_written_in_utc(people: SimpleNamespace) -> None:
    people.company.time_zone = "America/New_York"
    change = datetime(2027, 11, 7, 6, 0, tzinfo=UTC)
    interview = interview_of(people)
    zones = []
    for hours in (-3, -1, 0, 1):
        interview.starts_at = change + timedelta(hours=hours)
        interview.save()
        zones.append(readers.understood(for_applicant(interview)))

    assert [read["events"][0]["zone"] for read in zones] == [
        "America/New_York", "UTC", "UTC", "America/New_York",
    ]  # fmt: skip
    assert [read["zones"] for read in zones] == [["America/New_York"], [], [], ["America/New_York"]]


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


def test_one_uid_for_life_and_a_sequence_that_grows_with_each_change_sent(interview: Interview) -> None:
    first = event_in(for_applicant(interview))
    interview.starts_at = STARTS + timedelta(days=2)
    calendar.advance(interview, purpose=Purpose.CHANGE)
    interview.changed_at = NOW + timedelta(hours=3)
    interview.save()
    moved = event_in(for_applicant(interview, language="en", now=NOW + timedelta(days=1)))
    staff = event_in(calendar.for_staff(interview, language="ja", now=NOW))

    assert first["uid"] == moved["uid"] == staff["uid"]
    assert (first["sequence"], moved["sequence"]) == (0, 1)
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
