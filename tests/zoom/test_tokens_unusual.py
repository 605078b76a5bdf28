"""Renewing when something else happens at the same moment, or Zoom answers half."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from mensetsu.zoom import client, connecting, tokens
from mensetsu.zoom.models import App, Connection, EndReason
from tests.racing import meanwhile
from tests.zoom.answering import answering
from tests.zoom.test_hosting import link as linked
from tests.zoom_world import RECRUIT, ZoomWorld

pytestmark = pytest.mark.django_db

REFRESH = {"method": "POST", "path": "/oauth/token", "grant_type": "refresh_token"}


@pytest.fixture
def link(zoom: ZoomWorld, people) -> Connection:
    return zoom.connect(people.baba, RECRUIT)


def later() -> datetime:
    return timezone.now() + timedelta(hours=2)


def authorized_anew(zoom: ZoomWorld, people) -> None:
    """A colleague authorizes the same Zoom user: every older pair dies, the living link gets the new one."""
    with pytest.raises(connecting.AlreadyConnected):
        zoom.connect(people.doi, RECRUIT)


def works(link: Connection) -> bool:
    return tokens.call(link, lambda api: api.me().email, now=timezone.now()) == RECRUIT


def test_authorized_anew_while_we_asked_with_the_old_tokens_is_no_end(
    zoom: ZoomWorld, people, link: Connection
) -> None:
    asked = []

    def work(api: client.Client) -> client.ZoomUser:
        asked.append(api)
        if len(asked) == 2:
            authorized_anew(zoom, people)
        return api.me()

    zoom.fault("invalid_access_token")
    with pytest.raises(client.TryLater):
        tokens.call(link, work, now=timezone.now())

    assert works(link)


@pytest.mark.parametrize("attempt", [1, 2])
def test_authorized_anew_while_zoom_says_that_the_user_is_gone_is_no_end(
    zoom: ZoomWorld, people, link: Connection, attempt: int
) -> None:
    """The answer was about the old tokens; the user is there again."""
    asked = []

    def work(api: client.Client) -> client.ZoomUser:
        asked.append(api)
        if len(asked) == attempt:
            authorized_anew(zoom, people)
            raise client.UserGone("1001")
        return api.me()

    if attempt == 2:
        zoom.fault("invalid_access_token")
    with pytest.raises(client.TryLater):
        tokens.call(link, work, now=timezone.now())

    assert works(link)


def test_a_user_who_is_gone_at_the_second_attempt_ends_the_link_too(
    zoom: ZoomWorld, people, link: Connection
) -> None:
    asked = []

    def work(api: client.Client) -> client.ZoomUser:
        asked.append(api)
        if len(asked) == 2:
            raise client.UserGone("1001")
        return api.me()

    zoom.fault("invalid_access_token")
    with pytest.raises(client.UserGone):
        tokens.call(link, work, now=timezone.now())

    link.refresh_from_db()
    assert link.end_reason == EndReason.USER_GONE


@pytest.mark.parametrize(
    "moment",
    ['FROM "zoom_app"', 'SET "access_token_sealed"'],
    ids=["before the renewal is sent", "before its answer is written"],
)
def test_authorized_anew_while_we_renew_leaves_the_newer_pair(
    zoom: ZoomWorld, people, link: Connection, moment: str
) -> None:
    with meanwhile(moment, lambda: authorized_anew(zoom, people)):
        tokens.renew(link, now=timezone.now())

    link.refresh_from_db()
    assert (link.is_live, link.lease_key, link.refresh_sent_at) == (True, "", None)
    assert works(link)


def test_a_zoom_user_who_was_deleted_ends_the_link(zoom: ZoomWorld, people, link: Connection) -> None:
    with answering(404, {"code": 1001, "message": "User does not exist."}) as (keys, _asked):
        App.objects.update(api_base=keys.api_base)
        with pytest.raises(client.UserGone):
            tokens.call(link, lambda api: api.me(), now=timezone.now())

    link.refresh_from_db()
    assert (link.end_reason, link.access_token_sealed) == (EndReason.USER_GONE, "")


def test_a_zoom_user_who_is_gone_is_not_mistaken_for_a_lost_answer(
    zoom: ZoomWorld, people, link: Connection
) -> None:
    zoom.fault("drop", match=REFRESH, commit="before")
    zoom.fault("owner_gone", times=2)

    with pytest.raises(client.UserGone):
        tokens.call(link, lambda api: api.me(), now=later())

    link.refresh_from_db()
    assert link.end_reason == EndReason.USER_GONE


def test_a_renewal_that_must_wait_leaves_the_link_as_it_was(
    zoom: ZoomWorld, people, link: Connection
) -> None:
    zoom.fault("rate_limit", match=REFRESH)

    with pytest.raises(client.TryLater) as problem:
        tokens.call(link, lambda api: api.me(), now=later())

    link.refresh_from_db()
    assert problem.value.why == "busy"
    # The next one need not wait for our lease, and no answer is missing.
    assert (link.is_live, link.lease_until, link.refresh_sent_at) == (True, None, None)


def test_rights_stay_known_when_a_renewal_does_not_name_them(people) -> None:
    old = linked(people.aoki, scopes="meeting:write:meeting", refresh_token_sealed=tokens.seal("old"))
    with answering(200, {"access_token": "new", "refresh_token": "newer"}) as (keys, _asked):
        App.objects.create(
            organization=people.company, key="a" * 32, client_id="id", client_secret_sealed=tokens.seal("s"),
            oauth_base=keys.oauth_base, api_base=keys.api_base, updated_at=timezone.now(),
        )  # fmt: skip

        assert tokens.fresh(old, now=timezone.now()) == "new"

    old.refresh_from_db()
    assert (tokens.unseal(old.refresh_token_sealed), old.scopes) == ("newer", "meeting:write:meeting")
