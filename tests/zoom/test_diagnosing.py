"""What is said of an app and its links: what is wrong or missing, and nothing of what is well."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mensetsu.zoom import diagnosing, setting_up
from mensetsu.zoom.models import App, Connection, EndReason, Problem
from simulator.zoom import fixtures
from tests.zoom_world import RECRUIT, ZoomWorld

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _public(settings) -> None:
    settings.BASE_URL = "https://mensetsu.sample.example.jp"


def found(app: App) -> list[tuple[str, str]]:
    app.refresh_from_db()
    return diagnosing.of_app(app)


def test_nothing_is_said_of_what_is_well(zoom: ZoomWorld, people) -> None:
    app = zoom.app(people.company)
    zoom.connect(people.baba, RECRUIT)

    assert found(app) == []
    assert diagnosing.of_links(people.company) == []


def test_a_wrong_secret_token_is_said_until_a_message_is_right_again(zoom: ZoomWorld, people) -> None:
    app, now = zoom.app(people.company), timezone.now()
    warning = (
        "warning",
        "最後の通知の署名が正しくありません。Secret TokenをZoomからもう一度コピーしてください。",
    )

    App.objects.update(misheard_at=now)
    assert found(app) == [warning]
    App.objects.update(heard_at=now - timedelta(minutes=1))
    assert found(app) == [warning]
    App.objects.update(heard_at=now + timedelta(minutes=1))
    assert found(app) == []


def test_without_a_secret_token_messages_are_not_taken(zoom: ZoomWorld, people) -> None:
    app = zoom.app(people.company)
    App.objects.update(secret_token_sealed="", misheard_at=timezone.now())

    assert [tone for tone, _sentence in found(app)] == ["warning"]


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("http://127.0.0.1:8000", 0),
        ("https://localhost", 1),
        ("http://mensetsu.sample.example.jp", 1),
    ],
)
def test_an_address_that_zoom_does_not_return_to_is_named(
    zoom: ZoomWorld, people, settings, address: str, count: int
) -> None:
    settings.BASE_URL = address

    assert [tone for tone, _sentence in found(zoom.app(people.company))] == ["error"] * count


def test_what_the_last_check_found_is_said_of_the_account_while_it_is_linked(zoom: ZoomWorld, people) -> None:
    link = zoom.connect(people.baba, RECRUIT)

    Connection.objects.update(check_problem=Problem.AWAY)
    assert diagnosing.of_links(people.company) == [("warning", f"{link}：Zoomが応答しません。")]
    assert diagnosing.of_links(people.other) == []

    Connection.objects.update(ended_at=timezone.now(), end_reason=EndReason.REVOKED)
    assert diagnosing.of_links(people.company) == []


def test_trying_out_the_app_tells_refused_from_away(zoom: ZoomWorld, people) -> None:
    app = zoom.app(people.company)

    def tried() -> str:
        return setting_up.try_out(app, now=timezone.now())

    assert tried() == "ok"
    zoom.fault("down")
    assert tried() == "away"
    zoom.heal()
    zoom.fault("app_disabled")
    assert tried() == "disabled"
    zoom.control("POST", f"apps/{fixtures.CLIENT_ID}", {"client_secret": "rotated"})
    assert tried() == "refused"
    app.refresh_from_db()
    assert app.refused_at is not None
    App.objects.update(client_id="")
    app.refresh_from_db()
    assert tried() == "missing"
