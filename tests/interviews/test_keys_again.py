"""An interview whose meeting Zoom refused because of the app's own keys: made by itself when they are accepted again,
and the letters that waited for its address leave like others that come late."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview
from mensetsu.zoom import checking, tokens
from mensetsu.zoom.models import App, Connection
from simulator.zoom import fixtures
from tests import story, zoom_world
from tests.interviews import automatic

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(people: SimpleNamespace, zoom: zoom_world.ZoomWorld) -> SimpleNamespace:
    automatic.group(people)
    people.team = zoom.connect(people.aoki, zoom_world.RECRUIT, is_shared=True)
    people.sub = zoom.connect(people.aoki, zoom_world.RECRUIT2, is_shared=True)
    people.zoom = zoom
    return people


def secret(text: str) -> None:
    App.objects.update(client_secret_sealed=tokens.seal(text))
    Connection.objects.update(access_expires_at=timezone.now() - timedelta(minutes=1))


def on_zoom(office: SimpleNamespace) -> Interview:
    starts_at = story.tomorrow_at(14, days=3)
    return automatic.on_zoom(office, host=office.team, starts_at=starts_at, now=timezone.now())


def soon() -> Any:
    return timezone.now() + timedelta(minutes=1)


def test_the_meeting_is_made_once_and_what_waited_for_it_leaves(
    office: SimpleNamespace, client_of: Any, run_jobs: Callable[..., int], mailoutbox: list[Any]
) -> None:
    secret("wrong")
    made = on_zoom(office)
    run_jobs(until=soon(), failing=True)
    page = client_of(office.baba).get(f"/interviews/{made.pk}/url/").content.decode()
    told = [mail.body for mail in mailoutbox if office.baba.email in mail.to[0]]
    assert (automatic.again(made).url_state, automatic.outside(made)) == ("failed", [])
    assert "設定が受け付けられると、自動で発行します。" in page
    assert "設定が受け付けられると、自動で発行します。" in told[0]

    secret(fixtures.CLIENT_SECRET)
    checking.reconcile.call()
    run_jobs(until=soon())
    checking.reconcile.call()
    checking.check_connections.call()
    run_jobs(until=soon())

    assert automatic.again(made).url_state == "issued"
    assert len(office.zoom.meetings()) == 1
    assert ("confirmation", "candidate", "sent") in automatic.letters(made)
    assert [who for _purpose, who in automatic.outside(made)].count("candidate") == 1


def test_a_change_of_host_goes_on_and_the_old_meeting_goes(
    office: SimpleNamespace, run_jobs: Callable[..., int]
) -> None:
    made = on_zoom(office)
    run_jobs(until=soon())
    secret("wrong")
    scheduling.change_host(automatic.again(made), office.sub, by=office.baba, now=timezone.now())
    run_jobs(until=soon(), failing=True)
    assert automatic.again(made).next_meeting.is_failed
    secret(fixtures.CLIENT_SECRET)

    checking.reconcile.call()
    run_jobs(until=soon())

    made = automatic.again(made)
    (left,) = office.zoom.meetings()
    assert (made.meeting.connection, made.next_meeting) == (office.sub, None)
    assert str(left["id"]) == made.meeting.zoom_id
