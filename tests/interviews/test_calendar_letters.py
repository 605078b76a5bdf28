"""The calendar files of an interview's whole life, as they leave with its letters: invited, moved, taken out."""

from types import SimpleNamespace
from typing import Any

import pytest

from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview
from mensetsu.mail import posting
from mensetsu.mail.models import Mail, Purpose
from tests.ical import readers
from tests.interviews import automatic, holding, writing


@pytest.fixture
def made(people: SimpleNamespace) -> Interview:
    return writing.ready(people)


def entry(letter: Mail) -> dict[str, Any]:
    """What a calendar understands of the letter as it goes out: from the message, not from our row."""
    parts = [
        part
        for part in posting.message(letter).message().walk()
        if part.get_content_type() == "text/calendar"
    ]
    assert len(parts) == 1
    read = readers.understood(parts[0].get_payload(decode=True).decode())
    assert parts[0].get_param("method") == read["method"]
    return read | read["events"][0]


def test_invited_moved_and_taken_out_with_one_uid_and_a_growing_sequence(people, made) -> None:
    (confirmation,) = writing.send(made, people)
    later = writing.moved(made)
    (change,) = writing.send(later, people, purpose=Purpose.CHANGE)
    Interview.objects.filter(pk=made.pk).update(canceled_at=writing.NOW)
    (cancellation,) = writing.send(writing.again(made), people, purpose=Purpose.CANCELLATION)

    entries = [entry(letter) for letter in (confirmation, change, cancellation)]

    assert [(one["method"], one["sequence"], one["status"]) for one in entries] == [
        ("REQUEST", 0, "CONFIRMED"),
        ("REQUEST", 1, "CONFIRMED"),
        ("CANCEL", 2, "CANCELLED"),
    ]
    assert len({one["uid"] for one in entries}) == 1
    assert entries[0]["starts_at"] == readers.moment(made.starts_at)
    assert entries[1]["starts_at"] == entries[2]["starts_at"] == readers.moment(later.starts_at)


def test_a_released_interviewer_loses_the_entry_though_the_interview_stands(people, monkeypatch) -> None:
    holding.set_clock(monkeypatch, automatic.NOW)
    automatic.group(people)
    made = automatic.schedule(people, interviewers=[people.doi])
    for panel in ([people.endo], [people.doi, people.endo]):
        Mail.objects.filter(notice__interview=made).update(sent_at=automatic.NOW)
        row = Interview.objects.get(pk=made.pk)
        scheduling.change_interviewers(row, panel, by=people.baba, now=automatic.NOW)

    letters = Mail.objects.filter(notice__interview=made, interviewer=people.doi).order_by("id")
    asked, released, asked_again = [entry(letter) for letter in letters]
    (other,) = [entry(one) for one in Mail.objects.filter(notice__interview=made, interviewer=people.endo)]

    assert [(one["method"], one["status"]) for one in (asked, released, asked_again, other)] == [
        ("REQUEST", "CONFIRMED"),
        ("CANCEL", "CANCELLED"),
        ("REQUEST", "CONFIRMED"),
        ("REQUEST", "CONFIRMED"),
    ]
    assert asked["sequence"] < released["sequence"] < asked_again["sequence"]
    assert asked["uid"] == released["uid"] == other["uid"]
    assert [one["address"] for one in released["attendees"]] == [f"mailto:{people.doi.email}"]
    assert "担当を外れました" in released["description"]


def test_each_reader_is_the_only_guest_and_has_the_page_made_for_them(people, made) -> None:
    made = writing.with_agency(made, "both")
    letters = [
        writing.send(made, people, receiver=receiver, to=writing.audience(made, receiver).recipients[:1])[0]
        for receiver in ("candidate", "agency", "interviewer")
    ]

    entries = [entry(letter) for letter in letters]

    guests = [[one["address"] for one in entry["attendees"]] for entry in entries]
    assert guests == [[f"mailto:{letter.to_email}"] for letter in letters]
    assert len({one["location"] for one in entries}) == 3
    assert all(one["location"] in one["description"] for one in entries)


def test_a_confirmation_sent_once_more_changes_nothing(people, made) -> None:
    writing.send(made, people)
    (again,) = writing.send(writing.again(made), people)

    assert entry(again)["sequence"] == 0


def test_a_confirmation_of_another_time_than_was_told_counts_as_a_change(people, made) -> None:
    writing.send(made, people)
    (again,) = writing.send(writing.moved(made), people)

    assert entry(again)["sequence"] == 1


def test_no_letter_carries_the_room_or_a_way_to_start_it(people, made) -> None:
    for receiver in ("candidate", "interviewer"):
        recipients = writing.audience(made, receiver).recipients[:1]
        (letter,) = writing.send(made, people, receiver=receiver, to=recipients)
        text = letter.attachments[0]["text"].replace("\r\n ", "")
        for secret in (made.meeting.join_url, made.meeting.passcode, "zoom.us", "zak="):
            assert secret
            assert secret not in text


@pytest.mark.parametrize("purpose", [Purpose.URL_CHANGE, Purpose.OTHER])
def test_letters_that_change_no_entry_carry_no_file(people, made, purpose: str) -> None:
    letters = writing.send(
        made, people, purpose=purpose, text=writing.draft(made, "candidate", by=people.baba)
    )

    assert [letter.attachments for letter in letters] == [[] for _letter in letters]
