"""The only door to a secret: sealed at rest, renewed by one, never lost without a word."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone

from mensetsu.zoom import checking, client, tokens
from mensetsu.zoom.models import Connection, EndReason
from simulator.zoom import fixtures
from tests.zoom_world import RECRUIT, ZoomWorld

REFRESH = "/oauth/token"
OLD = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(zoom: ZoomWorld, people) -> Connection:
    return zoom.connect(people.baba, RECRUIT)


def later(**how: int):
    return timezone.now() + timedelta(**(how or {"hours": 2}))


# --- sealing --------------------------------------------------------------------------------------------------------


def test_a_sealed_secret_opens_with_any_listed_key_and_is_written_with_the_first(settings) -> None:
    settings.TOKEN_KEYS = [OLD]
    sealed = tokens.seal("secret")

    settings.TOKEN_KEYS = [Fernet.generate_key().decode(), OLD]
    again = tokens.reseal(sealed)

    settings.TOKEN_KEYS = settings.TOKEN_KEYS[:1]
    assert tokens.unseal(again) == "secret"
    with pytest.raises(tokens.WrongTokenKey):
        tokens.unseal(sealed)


def test_nothing_stays_nothing() -> None:
    assert tokens.seal("") == tokens.unseal("") == ""


def test_no_token_shows_in_the_words_for_it(link: Connection) -> None:
    pair = client.TokenPair("access-secret", "refresh-secret", 3599, frozenset())
    keys = client.AppKeys("id", "client-secret", "", "")

    assert "secret" not in repr(pair) + repr(keys)


# --- renewing -------------------------------------------------------------------------------------------------------


def test_a_young_token_is_used_as_it_is(zoom: ZoomWorld, link: Connection) -> None:
    before = len(zoom.requests("POST", REFRESH))

    tokens.call(link, lambda zoom: zoom.me(), now=timezone.now())

    assert len(zoom.requests("POST", REFRESH)) == before


def test_an_old_token_is_renewed_and_the_new_pair_kept(zoom: ZoomWorld, link: Connection) -> None:
    before = link.refresh_token_sealed

    tokens.call(link, lambda zoom: zoom.me(), now=later())

    link.refresh_from_db()
    assert link.refresh_token_sealed != before
    assert link.access_expires_at > later()
    assert (link.lease_key, link.lease_until, link.refresh_sent_at) == ("", None, None)


def test_a_token_that_zoom_refuses_is_renewed_once_and_the_work_done_again(
    zoom: ZoomWorld, link: Connection
) -> None:
    zoom.fault("invalid_access_token")

    user = tokens.call(link, lambda zoom: zoom.me(), now=timezone.now())

    assert user.email == RECRUIT
    assert len(zoom.requests("POST", REFRESH)) == 2


def test_a_token_that_zoom_refuses_twice_ends_the_link(zoom: ZoomWorld, link: Connection) -> None:
    zoom.fault("invalid_access_token", times=2)

    with pytest.raises(client.ConnectionEnded):
        tokens.call(link, lambda zoom: zoom.me(), now=timezone.now())

    link.refresh_from_db()
    assert link.end_reason == EndReason.REVOKED


def test_a_lost_answer_that_had_rotated_says_so(zoom: ZoomWorld, link: Connection) -> None:
    zoom.fault("lose_refresh_response")

    with pytest.raises(client.ConnectionEnded):
        tokens.call(link, lambda zoom: zoom.me(), now=later())

    link.refresh_from_db()
    assert link.end_reason == EndReason.REFRESH_LOST


def test_a_request_that_never_arrived_is_simply_sent_again(zoom: ZoomWorld, link: Connection) -> None:
    zoom.fault("drop", match={"method": "POST", "path": REFRESH}, commit="before")

    tokens.call(link, lambda zoom: zoom.me(), now=later())

    link.refresh_from_db()
    assert link.is_live


def test_zoom_away_while_renewing_is_remembered_until_the_next_answer(
    zoom: ZoomWorld, link: Connection
) -> None:
    zoom.fault("down")
    with pytest.raises(client.TryLater):
        tokens.call(link, lambda zoom: zoom.me(), now=later())
    link.refresh_from_db()
    assert link.is_live
    assert link.refresh_sent_at is not None
    assert link.lease_until is None

    zoom.heal()
    tokens.call(link, lambda zoom: zoom.me(), now=later())

    link.refresh_from_db()
    assert link.refresh_sent_at is None


def test_a_process_that_died_while_renewing_is_the_reason_when_zoom_then_refuses(
    zoom: ZoomWorld, link: Connection
) -> None:
    # It had the lease, Zoom rotated, and nobody wrote the answer down.
    client.refresh(tokens.app_keys(link.organization), refresh_token=tokens.unseal(link.refresh_token_sealed))
    Connection.objects.filter(pk=link.pk).update(
        lease_key="dead", lease_until=timezone.now() + timedelta(seconds=90), refresh_sent_at=timezone.now()
    )

    with pytest.raises(client.ConnectionEnded):
        tokens.call(link, lambda zoom: zoom.me(), now=later())

    link.refresh_from_db()
    assert link.end_reason == EndReason.REFRESH_LOST


def test_a_lease_under_a_living_holder_is_waited_for_not_broken(
    zoom: ZoomWorld, link: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "PATIENCE", 0.2)
    Connection.objects.filter(pk=link.pk).update(
        access_expires_at=timezone.now(), lease_key="other", lease_until=later(minutes=1)
    )

    with pytest.raises(client.TryLater):
        tokens.call(link, lambda zoom: zoom.me(), now=timezone.now())

    assert len(zoom.requests("POST", REFRESH)) == 1


def test_a_link_that_ended_gives_no_token(zoom: ZoomWorld, link: Connection) -> None:
    Connection.objects.filter(pk=link.pk).update(ended_at=timezone.now(), end_reason=EndReason.DISCONNECTED)

    with pytest.raises(client.ConnectionEnded):
        tokens.fresh(link, now=timezone.now())


def test_an_idle_link_is_renewed_each_week(zoom: ZoomWorld, link: Connection) -> None:
    checking.refresh_idle.call()
    assert len(zoom.requests("POST", REFRESH)) == 1

    Connection.objects.update(refreshed_at=timezone.now() - timedelta(days=8))
    checking.refresh_idle.call()

    link.refresh_from_db()
    assert len(zoom.requests("POST", REFRESH)) == 2
    assert link.refreshed_at > timezone.now() - timedelta(minutes=1)


# --- the app's keys -------------------------------------------------------------------------------------------------


def test_a_company_without_an_own_app_uses_the_installations(people, settings) -> None:
    with pytest.raises(client.AppRefused):
        tokens.app_keys(people.company)

    settings.ZOOM_CLIENT_ID, settings.ZOOM_CLIENT_SECRET = "installation", "its secret"

    assert tokens.app_keys(people.company).client_id == "installation"


def test_an_own_app_comes_first(zoom: ZoomWorld, people, settings) -> None:
    settings.ZOOM_CLIENT_ID, settings.ZOOM_CLIENT_SECRET = "installation", "its secret"
    zoom.app(people.company)

    keys = tokens.app_keys(people.company)

    assert (keys.client_id, keys.client_secret) == (fixtures.CLIENT_ID, fixtures.CLIENT_SECRET)
