"""W16: the app is uninstalled at Zoom; the link ends by itself, tokens go, whoever must act is told."""

import pytest
from django.urls import reverse
from django.utils import timezone

from mensetsu.zoom import checking
from mensetsu.zoom.models import Connection, EndReason, WebhookEvent
from simulator.zoom import fixtures
from tests.zoom_world import APP_KEY, RECRUIT, ZoomWorld, issued


def listen(zoom: ZoomWorld, live_server) -> None:
    """Zoom knows our addresses; saving the event address runs its validation against us."""
    address = live_server.url + reverse("zoom:webhook", args=[APP_KEY])
    answer = zoom.control(
        "POST", f"apps/{fixtures.CLIENT_ID}", {"event_url": address, "deauthorization_url": address}
    )
    assert answer["validation"]["ok"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("signing", ["valid", "not_verifiable"])
def test_uninstalling_ends_the_link_soon_after(
    zoom: ZoomWorld, people, live_server, run_jobs, mailoutbox, signing: str
) -> None:
    zoom.mode(deauthorization_signature=signing)
    link = zoom.connect(people.baba, RECRUIT, is_shared=True)
    listen(zoom, live_server)
    meeting = issued(people.company, link)

    zoom.uninstall(RECRUIT)
    zoom.control("POST", "deliveries/flush")
    run_jobs()

    link.refresh_from_db()
    meeting.refresh_from_db()
    # A message that we cannot verify makes us ask Zoom, which then no longer accepts the tokens.
    expected = EndReason.DEAUTHORIZED if signing == "valid" else EndReason.REVOKED
    assert link.end_reason == expected
    assert link.access_token_sealed == link.refresh_token_sealed == ""
    assert meeting.is_issued
    removal = WebhookEvent.objects.get(event="app_deauthorized")
    assert removal.body == ""
    assert any(people.baba.email in mail.to[0] for mail in mailoutbox)


@pytest.mark.django_db(transaction=True)
def test_our_own_disconnection_comes_back_as_an_echo(
    zoom: ZoomWorld, people, live_server, run_jobs, client_of
) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    listen(zoom, live_server)

    client_of(people.baba).post(reverse("zoom:disconnect", args=[link.pk]))
    zoom.control("POST", "deliveries/flush")
    run_jobs()

    link.refresh_from_db()
    assert link.end_reason == EndReason.DISCONNECTED
    assert WebhookEvent.objects.get().outcome == "no such link"


@pytest.mark.django_db
def test_without_any_webhook_the_daily_check_finds_it(zoom: ZoomWorld, people, run_jobs) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    zoom.uninstall(RECRUIT)

    checking.check_connections.call()
    run_jobs()

    assert not Connection.objects.live().filter(pk=link.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_what_happens_in_the_room_reaches_the_meeting(zoom: ZoomWorld, people, live_server, run_jobs) -> None:
    link = zoom.connect(people.baba, RECRUIT)
    listen(zoom, live_server)
    meeting = issued(people.company, link)

    def hear() -> None:
        zoom.control("POST", "deliveries/flush")
        run_jobs()
        meeting.refresh_from_db()

    zoom.room(meeting, "start")
    zoom.room(meeting, "join", name="佐藤 美咲")
    hear()
    assert meeting.started_at is not None
    assert meeting.waiting_since is not None

    zoom.room(meeting, "admit", name="佐藤 美咲")
    hear()
    assert meeting.waiting_since is None

    zoom.room(meeting, "end")
    hear()
    assert meeting.finished_at is not None
    assert meeting.finished_at >= meeting.started_at
    assert meeting.finished_at <= timezone.now()
