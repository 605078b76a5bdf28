"""After the choice everybody is told by themselves, with the address in the letter, and never before it exists."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.booking import choosing, inviting
from mensetsu.booking.models import Invitation
from mensetsu.interviews import tags
from mensetsu.interviews.models import Interview
from mensetsu.mail.models import Mail, Purpose, Receiver, Template
from mensetsu.zoom.models import Connection
from tests import story
from tests.booking import office
from tests.zoom_world import RECRUIT, ZoomWorld


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return office.furnish(people)


def letters(receiver: str = Receiver.CANDIDATE) -> list[Mail]:
    return list(Mail.objects.filter(receiver=receiver).exclude(purpose=Purpose.INVITATION).order_by("pk"))


def on_zoom(world: SimpleNamespace, zoom: ZoomWorld) -> Connection:
    """One host only: the simulated Zoom's."""
    Connection.objects.update(ended_at=world.now, end_reason="disconnected")
    return zoom.connect(world.baba, RECRUIT, is_shared=True)


def test_booked_told_and_the_meeting_stands_at_zoom(
    world: SimpleNamespace, zoom: ZoomWorld, run_jobs: Any, mailoutbox: list
) -> None:
    on_zoom(world, zoom)
    interview = choosing.choose(
        invitation=world.invitation, slot=world.slots[0], link=world.link, now=world.now
    )
    assert letters() == []

    run_jobs(until=timezone.now() + timedelta(minutes=2))

    interview.refresh_from_db()
    at_zoom = zoom.meetings()[0]
    assert str(at_zoom["id"]) == interview.meeting.zoom_id
    assert [one.purpose for one in letters()] == [Purpose.CONFIRMATION]
    assert interview.meeting.join_url in letters()[0].body
    assert [one for one in mailoutbox if "misaki@example.com" in one.to[0]]


def test_while_zoom_is_away_the_booking_stands_and_the_letter_waits_for_the_address(
    world: SimpleNamespace, zoom: ZoomWorld, run_jobs: Any
) -> None:
    on_zoom(world, zoom)
    zoom.fault("down")
    interview = choosing.choose(
        invitation=world.invitation, slot=world.slots[0], link=world.link, now=world.now
    )

    run_jobs()
    assert Interview.objects.get(pk=interview.pk).url_state == "pending"
    assert letters() == []

    zoom.heal()
    run_jobs(until=timezone.now() + timedelta(minutes=30))
    assert Interview.objects.get(pk=interview.pk).url_state == "issued"
    assert [one.purpose for one in letters()] == [Purpose.CONFIRMATION]


def test_a_change_of_date_sends_the_new_time_and_keeps_the_address(
    world: SimpleNamespace, zoom: ZoomWorld, run_jobs: Any
) -> None:
    on_zoom(world, zoom)
    interview = choosing.choose(
        invitation=world.invitation, slot=world.slots[0], link=world.link, now=world.now
    )
    run_jobs(until=timezone.now() + timedelta(minutes=2))
    interview.refresh_from_db()
    address = interview.meeting.join_url

    choosing.change(invitation=world.invitation, slot=world.slots[1], link=world.link, now=timezone.now())
    run_jobs(until=timezone.now() + timedelta(minutes=2))

    told = letters()
    assert [one.purpose for one in told] == [Purpose.CONFIRMATION, Purpose.CHANGE]
    assert "14:00〜15:00" in told[1].body
    assert Interview.objects.get().meeting.join_url == address
    assert len(zoom.meetings()) == 1


@pytest.mark.parametrize(
    "written", ["{{日程選択ページURL}}", "<#面接日程選択画面URL#>", "{{Booking page URL}}", "{{日程選択URL}}"]
)
def test_every_spelling_of_the_tag_becomes_the_recipients_own_address(
    world: SimpleNamespace, written: str
) -> None:
    Template.objects.filter(purpose=Purpose.INVITATION).update(
        subject="日程", body=f"こちらです\n{written}\n"
    )

    inviting.send(world.invitation, by=world.baba, now=world.now)

    assert office.path(world.link) in Mail.objects.get().body


def test_a_text_that_speaks_of_a_date_is_not_sent_before_there_is_one(world: SimpleNamespace) -> None:
    Template.objects.filter(purpose=Purpose.INVITATION).update(body="{{面接日時}} {{日程選択URL}}")

    with pytest.raises(inviting.NotSendable):
        inviting.send(world.invitation, by=world.baba, now=world.now)
    assert not Mail.objects.exists()


def test_a_letter_about_the_interview_may_carry_the_page_to_change_the_date(world: SimpleNamespace) -> None:
    interview = choosing.choose(
        invitation=world.invitation, slot=world.slots[0], link=world.link, now=world.now
    )

    def said(receiver: str, contact: Any = None) -> Any:
        values = tags.values_for(
            interview, receiver=receiver, language="ja", zone=story.JAPAN, contact=contact, sender=world.baba,
            now=world.now,
        )  # fmt: skip
        return values.get("booking.url")

    assert office.path(world.link) in said(Receiver.CANDIDATE).text
    assert said(Receiver.AGENCY, story.agency(world.company)).text is None
    assert said(Receiver.INTERVIEWER) is None


def test_letters_in_english_name_the_zone(world: SimpleNamespace) -> None:
    world.sato.language, world.sato.time_zone, world.sato.romaji = "en", "Europe/Berlin", "Misaki Sato"
    world.sato.save()

    inviting.send(Invitation.objects.with_facts().get(), by=world.baba, now=world.now)

    letter = Mail.objects.get()
    assert letter.body.startswith("Dear Misaki Sato,")
    assert "CET" in letter.body or "CEST" in letter.body
    assert "1 interviewer" in letter.body or "土井" in letter.body
