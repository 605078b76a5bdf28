"""「Zoomで参加」: to the room as it is at that moment, the stamp of arrival, and whom it alarms."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from mensetsu.attending import alerts
from mensetsu.history.models import Entry
from mensetsu.interviews.models import Interview, JoinLink, Service, Way
from mensetsu.jobs import port
from mensetsu.mail.models import Receiver
from tests import story
from tests.interviews import holding
from tests.interviews.holding import at, page_of, set_clock


def enter(interview: Interview, **client: Any) -> Any:
    return Client(**client).post(page_of(interview) + "join/")


def text_of(response: Any) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").main.get_text(" ").split())


def test_the_press_leads_to_the_present_room_without_a_trace_in_the_referer(
    monkeypatch: Any, interview: Interview
) -> None:
    set_clock(monkeypatch, at(13, 55))
    response = enter(interview)

    assert (response.status_code, response.headers["Location"]) == (303, holding.JOIN_URL)
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response.headers["Cache-Control"]


def test_after_a_change_of_host_the_old_mail_leads_to_the_new_room(
    monkeypatch: Any, people: SimpleNamespace, interview: Interview
) -> None:
    address = page_of(interview)
    old, new = (
        interview.meeting,
        holding.meeting(holding.connection(people.endo), join_url="https://zoom.us/j/new"),
    )
    Interview.objects.filter(pk=interview.pk).update(meeting=new)
    old.canceled_at = at(9)
    old.save()
    set_clock(monkeypatch, at(13, 55))

    assert Client().post(address + "join/").headers["Location"] == "https://zoom.us/j/new"


def test_while_the_next_room_is_being_made_the_old_one_is_open(
    monkeypatch: Any, people: SimpleNamespace, interview: Interview
) -> None:
    coming = holding.meeting(holding.connection(people.endo), issued_at=None, zoom_id="", join_url="")
    Interview.objects.filter(pk=interview.pk).update(next_meeting=coming)
    set_clock(monkeypatch, at(13, 55))

    assert enter(interview).headers["Location"] == holding.JOIN_URL


def test_the_first_press_is_the_arrival_and_stands_in_the_history(
    monkeypatch: Any, interview: Interview
) -> None:
    set_clock(monkeypatch, at(13, 55))
    enter(interview)
    set_clock(monkeypatch, at(14, 2))
    enter(interview)

    link = JoinLink.objects.get()
    entry = Entry.objects.get(action="interview.join_pressed")
    assert (link.joined_at, link.opened_at) == (at(13, 55), at(13, 55))
    assert (entry.actor, entry.actor_name, entry.at) == (None, "佐藤 美咲", at(13, 55))


def test_it_works_under_https_without_cookies_or_csrf(monkeypatch: Any, interview: Interview) -> None:
    """Under no-referrer a browser sends `Origin: null` with the form."""
    set_clock(monkeypatch, at(13, 55))
    browser = Client(enforce_csrf_checks=True)
    response = browser.post(page_of(interview) + "join/", secure=True, headers={"Origin": "null"})

    assert response.status_code == 303


def test_another_url_is_opened_too(monkeypatch: Any, people: SimpleNamespace) -> None:
    interview = holding.interview(
        people.company, way=Way.WEB, service=Service.URL, custom_url="https://meet.example.com/abc"
    )
    set_clock(monkeypatch, at(13, 55))

    assert "WEB面接に参加" in text_of(Client().get(page_of(interview)))
    assert enter(interview).headers["Location"] == "https://meet.example.com/abc"


@pytest.mark.parametrize(
    ("values", "moment"),
    [
        ({}, at(15, 0)),
        ({"canceled_at": at(9)}, at(13, 55)),
        ({"withdrawn_at": at(9)}, at(13, 55)),
        ({}, at(15, 0) + timedelta(days=8)),
    ],
)
def test_a_closed_door_shows_the_page_and_stamps_nothing(
    monkeypatch: Any, people: SimpleNamespace, values: dict[str, Any], moment: Any
) -> None:
    interview = holding.facts(people, **values)
    set_clock(monkeypatch, moment)
    response = enter(interview)

    assert response.status_code in (200, 410)
    assert "Location" not in response.headers
    assert JoinLink.objects.get().joined_at is None


# A missing URL


def lacking_url(people: SimpleNamespace) -> Interview:
    return holding.facts(people, meeting_values={"issued_at": None, "zoom_id": "", "join_url": ""})


@pytest.mark.parametrize("way", [Way.IN_PERSON, Way.PHONE])
def test_an_interview_without_a_room_has_no_door_and_nobody_is_alarmed(
    monkeypatch: Any, people: SimpleNamespace, mailoutbox: list, run_jobs: Any, way: str
) -> None:
    """A page that was opened while the interview was on Zoom still has its button."""
    interview = holding.facts(people)
    address = page_of(interview)
    Interview.objects.filter(pk=interview.pk).update(way=way, service="", meeting=None)
    set_clock(monkeypatch, at(13, 55))

    response = Client().post(address + "join/")
    run_jobs()

    assert (response.status_code, "Location" in response.headers) == (200, False)
    assert JoinLink.objects.get().joined_at is None
    assert mailoutbox == []


def test_a_missing_url_is_reported_to_the_recruiter_once(
    monkeypatch: Any, people: SimpleNamespace, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    interview = lacking_url(people)
    set_clock(monkeypatch, at(13, 50))

    first, second = enter(interview), enter(interview)
    run_jobs()

    assert "参加URLがまだないことを、採用担当に知らせました。" in text_of(first)
    assert "採用担当に知らせる" not in text_of(second)
    assert holding.receivers(mailoutbox) == ["baba@sample.example.jp"]
    assert "【参加URLなし】佐藤 美咲 様（11/24(火) 14:00）" in mailoutbox[0].subject
    assert f"http://testserver/interviews/{interview.pk}/" in mailoutbox[0].body
    assert JoinLink.objects.get().joined_at is None


def test_for_a_new_time_it_is_reported_again(
    monkeypatch: Any, people: SimpleNamespace, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    interview = lacking_url(people)
    set_clock(monkeypatch, at(13, 50))
    enter(interview)
    interview.starts_at = at(16)
    interview.save()
    enter(interview)
    run_jobs()

    assert len(mailoutbox) == 2


# Somebody waits


def waits(monkeypatch: Any, interview: Interview, moment: Any) -> None:
    set_clock(monkeypatch, moment)
    enter(interview)


def test_an_applicant_whom_nobody_lets_in_is_told_to_the_panel_then_to_the_recruiter(
    monkeypatch: Any, people: SimpleNamespace, interview: Interview, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    waits(monkeypatch, interview, at(13, 56))
    set_clock(monkeypatch, at(13, 59))
    run_jobs()
    before_the_start = len(mailoutbox)

    set_clock(monkeypatch, at(14, 1))
    run_jobs()
    panel = holding.receivers(mailoutbox)
    set_clock(monkeypatch, at(14, 6))
    run_jobs()

    assert before_the_start == 0
    assert panel == ["doi@sample.example.jp"]
    assert holding.receivers(mailoutbox[1:]) == ["baba@sample.example.jp"]
    assert "佐藤 美咲 様が11/24(火) 13:56から待っています。" in mailoutbox[0].body
    assert "http://testserver/interviews/" in mailoutbox[0].body


def test_a_late_comer_is_told_after_a_minute(
    monkeypatch: Any, interview: Interview, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    waits(monkeypatch, interview, at(14, 10))
    run_jobs()
    assert mailoutbox == []

    set_clock(monkeypatch, at(14, 11) + timedelta(seconds=5))
    run_jobs()
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("started", ["here", "at zoom"])
def test_once_it_has_been_started_nobody_is_told(
    monkeypatch: Any,
    people: SimpleNamespace,
    interview: Interview,
    run_jobs: Any,
    mailoutbox: list[Any],
    started: str,
) -> None:
    waits(monkeypatch, interview, at(13, 56))
    if started == "here":
        Interview.objects.filter(pk=interview.pk).update(started_at=at(13, 59), started_by=people.doi)
    else:
        interview.meeting.started_at = at(13, 59)
        interview.meeting.save()
    set_clock(monkeypatch, at(14, 6))
    run_jobs()

    assert mailoutbox == []


def test_a_canceled_interview_alarms_nobody(
    monkeypatch: Any, interview: Interview, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    waits(monkeypatch, interview, at(13, 56))
    Interview.objects.filter(pk=interview.pk).update(canceled_at=at(13, 57))
    set_clock(monkeypatch, at(14, 6))
    run_jobs()

    assert mailoutbox == []


def test_a_job_that_runs_hours_late_says_nothing(
    monkeypatch: Any, interview: Interview, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    waits(monkeypatch, interview, at(13, 56))
    set_clock(monkeypatch, at(17))
    run_jobs()

    assert mailoutbox == []


def test_the_same_step_twice_tells_once(
    people: SimpleNamespace, interview: Interview, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    interview.meeting.waiting_since = at(13, 58)
    interview.meeting.save()
    for _press in range(2):
        alerts.tell_waiting(interview, "panel", now=at(14, 1))
    run_jobs(until=timezone.now() + timedelta(days=1))

    assert len(mailoutbox) == 1


def test_without_interviewers_the_recruiter_is_told_at_once(
    people: SimpleNamespace, run_jobs: Any, mailoutbox: list[Any]
) -> None:
    interview = holding.facts(people, interviewers=(), meeting_values={"waiting_since": at(13, 58)})
    alerts.tell_waiting(interview, "panel", now=at(14, 1))
    run_jobs(until=timezone.now() + timedelta(days=1))

    assert holding.receivers(mailoutbox) == ["baba@sample.example.jp"]


def test_the_agencys_press_is_its_own(
    monkeypatch: Any, people: SimpleNamespace, interview: Interview
) -> None:
    contact = story.agency(people.company)
    page = page_of(interview, Receiver.AGENCY, contact)
    page_of(interview)
    set_clock(monkeypatch, at(13, 55))
    Client().post(page + "join/")

    assert {link.receiver: bool(link.joined_at) for link in JoinLink.objects.all()} == {
        "agency": True,
        "candidate": False,
    }


def test_the_watch_is_known_as_before_its_module_moved() -> None:
    """A node that was not restarted yet must run what a new one enqueues, and the other way round."""
    before, today = "mensetsu.interviews.attending_alerts", "mensetsu.attending.alerts"

    assert alerts.look_for_waiting.module_path == f"{before}.look_for_waiting"
    assert port.find(f"{before}.look_for_waiting") is alerts.look_for_waiting
    assert port.find(f"{today}.look_for_waiting") is alerts.look_for_waiting
