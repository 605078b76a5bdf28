"""Zoom's messages at one moment: each is stored before it is answered, the same one once."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from mensetsu.jobs import working
from mensetsu.zoom import receiving, webhooks
from mensetsu.zoom.models import WebhookEvent
from tests import racing
from tests.zoom.messages import about, post
from tests.zoom_world import RECRUIT, ZoomWorld, issued

pytestmark = pytest.mark.django_db(transaction=True)


def test_messages_at_one_moment_are_all_stored_and_understood_once(zoom: ZoomWorld, people, run_jobs) -> None:
    zoom.connect(people.baba, RECRUIT, is_shared=True)
    run_jobs()

    def tell(number: int) -> int:
        thing = {"id": f"8{number:010d}", "host_id": "nobody-we-know"}
        return post(
            {"event": "meeting.started", "event_ts": number + 1, "payload": {"object": thing}}
        ).status_code

    # Two of each: Zoom repeats what it thinks we have not heard.
    answers = racing.together(12, *[lambda number=number: tell(number) for number in range(6)])

    assert answers == [204] * 12
    assert WebhookEvent.objects.count() == 6
    run_jobs()
    assert set(WebhookEvent.objects.values_list("outcome", flat=True)) == {"not ours"}


def test_every_message_of_a_stream_is_read_without_the_clock(
    zoom: ZoomWorld, people, run_jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jobs begin at their hour and beside those who rely on them; nothing else asks for a reading here."""
    zoom.connect(people.baba, RECRUIT, is_shared=True)
    run_jobs()
    monkeypatch.setattr(receiving._READINGS, "every", timedelta(seconds=0.25))

    def tell(sender: int) -> list[int]:
        answers = []
        for number in range(12):
            thing = {"id": f"8{sender:04d}{number:06d}", "host_id": "nobody-we-know"}
            event = {"event": "meeting.started", "event_ts": 1, "payload": {"object": thing}}
            answers.append(post(event).status_code)
            time.sleep(0.02 * (sender + 1))
        return answers

    crew = working.Crew("reading", (), threads=2)
    crew.start()
    try:
        answers = racing.together(6, *[lambda sender=sender: tell(sender) for sender in range(6)])
        deadline = time.monotonic() + 30
        while WebhookEvent.objects.filter(handled_at=None).exists() and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        stopped = crew.stop(patience=60)

    assert stopped
    assert answers == [[204] * 12] * 6
    assert set(WebhookEvent.objects.values_list("outcome", flat=True)) == {"not ours"}
    assert WebhookEvent.objects.count() == 72


@pytest.mark.parametrize("look", ["zoom_id", "create_sent_at"])
@pytest.mark.parametrize("many", [False, True], ids=["alone", "in a stream"])
def test_a_meeting_that_is_made_while_its_message_is_judged_is_ours(
    zoom: ZoomWorld, people, run_jobs, many: bool, look: str
) -> None:
    """Its id is not known yet at the first look, and it is no more being made at the second."""
    link = zoom.connect(people.baba, RECRUIT, is_shared=True)
    meeting = issued(people.company, link)
    run_jobs()
    row = type(meeting).objects.filter(pk=meeting.pk)
    row.update(zoom_id="", issued_at=None, create_sent_at=timezone.now())
    assert post(about(meeting, "meeting.started")).status_code == 204
    event = WebhookEvent.objects.get()

    def accepted() -> None:
        row.update(zoom_id=meeting.zoom_id, issued_at=meeting.issued_at, create_sent_at=None)

    asks = {
        "zoom_id": '"zoom_id" IN' if many else '"zoom_id" = ',
        "create_sent_at": '"create_sent_at" IS NOT NULL',
    }
    with racing.meanwhile(asks[look], lambda: racing.together(1, accepted)):
        if many:
            webhooks.handle_all.call(event_ids=[event.pk])
        else:
            webhooks.handle.call(event_id=event.pk)
    run_jobs(until=timezone.now() + timedelta(minutes=2))

    event.refresh_from_db()
    assert event.outcome == "started"
