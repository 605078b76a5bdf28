"""Linking on a bad day: what comes back from Zoom is late, stale, refused, or does not come at all."""

import time
from datetime import timedelta
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from mensetsu.zoom import client, connecting, leaving, meetings, tokens
from mensetsu.zoom.models import Connection, EndReason, Problem
from simulator.zoom import fixtures
from tests.zoom_world import HANAKO, LOOPBACK, RECRUIT, ZoomWorld, issued, wanted

pytestmark = pytest.mark.django_db
SETTINGS, RETURN = "/settings/zoom/", "/settings/zoom/authorization/return"
HANAKO_ID = "h7Qm2tXcTq-Z0bN4uYpRkA"
SCOPES = [
    "meeting:delete:meeting", "meeting:read:meeting", "meeting:update:meeting", "meeting:read:list_meetings",
    "user:read:user", "user:read:settings",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _reachable(settings: Any, zoom: ZoomWorld, people: Any) -> None:
    """Zoom returns to 127.0.0.1 or https only."""
    settings.BASE_URL = LOOPBACK
    zoom.app(people.company)


def words(answer: Any) -> str:
    return " ".join(BeautifulSoup(answer.content, "html.parser").get_text().split())


def leave(browser: Any) -> str:
    return str(browser.post(reverse("zoom:authorize"), {"use": "own"})["Location"])


def test_a_walk_that_took_longer_than_ten_minutes_exchanges_nothing(
    zoom: ZoomWorld, people, client_of
) -> None:
    zoom.app(people.company)
    browser = client_of(people.doi)
    back = zoom.consent(leave(browser), HANAKO)
    session = browser.session
    walks = session[leaving.SESSION_KEY]
    walks[back["state"]]["begun_at"] = (timezone.now() - timedelta(minutes=11)).isoformat()
    session[leaving.SESSION_KEY] = walks
    session.save()

    browser.get(RETURN, back)

    assert "安全のため連携を中断しました。もう一度お試しください。" in words(browser.get(SETTINGS))
    assert zoom.requests("POST", "/oauth/token") == []


def test_a_code_that_was_used_already_is_told_and_leaves_the_link_as_it_is(
    zoom: ZoomWorld, people, client_of
) -> None:
    zoom.app(people.company)
    browser = client_of(people.doi)
    back = zoom.consent(leave(browser), HANAKO)
    browser.get(RETURN, back)
    linked = Connection.objects.get()
    second = zoom.consent(leave(browser), HANAKO)

    browser.get(RETURN, {"code": back["code"], "state": second["state"]})

    told = words(browser.get(SETTINGS))
    assert "Zoomが許可を受け付けませんでした。もう一度連携してください。" in told
    assert Connection.objects.live().get() == linked
    assert client.Client(tokens.app_keys(people.company), tokens.fresh(linked, now=timezone.now())).me()


def test_whoever_declines_and_stays_at_zoom_finds_everything_as_it_was(
    zoom: ZoomWorld, people, client_of
) -> None:
    """Nobody outside Zoom knows whether a refusal comes back to the app; here it does not."""
    zoom.app(people.company)
    zoom.mode(decline="stay")
    browser, at_zoom = client_of(people.doi), requests.Session()
    address = leave(browser)
    at_zoom.post(f"{zoom.url}/signin", {"user_id": HANAKO_ID}, timeout=10)

    left = at_zoom.post(address, {"decision": "decline"}, timeout=10)

    assert (left.status_code, left.url, "許可しませんでした" in left.text) == (200, address, True)
    page = words(browser.get(SETTINGS))

    assert "未連携" in page
    assert "安全のため連携を中断しました" not in page
    browser.get(RETURN, zoom.consent(leave(browser), HANAKO))
    assert Connection.objects.live().get().email == HANAKO


def test_a_secret_that_is_really_wrong_links_nobody_and_breaks_no_other_link(
    zoom: ZoomWorld, people, client_of
) -> None:
    app = zoom.app(people.company)
    linked = zoom.connect(people.baba, RECRUIT)
    app.client_secret_sealed = tokens.seal("not the secret")
    app.save()
    browser = client_of(people.doi)

    browser.get(RETURN, zoom.consent(leave(browser), HANAKO))

    assert "管理者に連絡してください。" in words(browser.get(SETTINGS))
    assert Connection.objects.live().get() == linked


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "ja",
            "Zoomアプリに次の権限が不足しています：連携したアカウントの氏名とメールアドレスの参照（user:read:user）、",
        ),
        (
            "en",
            "The Zoom app lacks these permissions: show whose Zoom account is connected (user:read:user), ",
        ),
    ],
)
def test_rights_without_which_nothing_can_be_linked_are_named(
    zoom: ZoomWorld, people, client_of, language: str, sentence: str
) -> None:
    lacking = {"user:read:user", "meeting:read:list_meetings"}
    zoom.app(people.company)
    zoom.control(
        "POST", f"apps/{fixtures.CLIENT_ID}", {"scopes": [s for s in fixtures.SCOPES if s not in lacking]}
    )
    people.doi.language = language
    people.doi.save()
    browser = client_of(people.doi)

    browser.get(RETURN, zoom.consent(leave(browser), HANAKO))

    shown = words(browser.get(SETTINGS))
    assert sentence in shown
    assert "meeting:read:list_meetings" in shown
    assert not Connection.objects.exists()


@pytest.mark.parametrize("status", ["400", "401"])
def test_a_right_that_zoom_took_away_is_named_whatever_its_status(
    zoom: ZoomWorld, people, status: str
) -> None:
    """4711 with 401 must not be taken for an expired token: the link would be ended for nothing."""
    zoom.mode(scope_error_status=status)
    zoom.control("POST", f"apps/{fixtures.CLIENT_ID}", {"scopes": SCOPES})
    host = zoom.connect(people.baba, RECRUIT, is_shared=True)
    meeting = wanted(people.company, host)

    meetings.issue(meeting, now=timezone.now())

    host.refresh_from_db()
    assert host.is_live
    assert (meeting.is_failed, meeting.problem) == (True, Problem.SCOPE_MISSING)
    assert "meeting:write:meeting" in meeting.problem_detail


@pytest.mark.parametrize("does", ["yes", "no"])
def test_unlinking_gives_the_tokens_back_whether_or_not_zoom_then_removes_the_app(
    zoom: ZoomWorld, people, does: str
) -> None:
    zoom.mode(revoke_deauthorizes=does)
    host = zoom.connect(people.baba, RECRUIT, is_shared=True)
    access = tokens.fresh(host, now=timezone.now())

    connecting.disconnect(host, by=people.baba, now=timezone.now())

    host.refresh_from_db()
    assert (host.end_reason, host.access_token_sealed, host.refresh_token_sealed) == (
        EndReason.DISCONNECTED,
        "",
        "",
    )
    with pytest.raises(client.TokenRefused):
        client.Client(tokens.app_keys(people.company), access).me()
    assert zoom.connect(people.baba, RECRUIT, is_shared=True).is_live


def test_zoom_answering_slowly_makes_one_meeting(zoom: ZoomWorld, people) -> None:
    host = zoom.connect(people.baba, RECRUIT, is_shared=True)
    zoom.fault("slow", match={"method": "POST", "path": "/v2/users/me/meetings"}, seconds=1.5)

    meeting = issued(people.company, host)

    assert [str(m["id"]) for m in zoom.meetings()] == [meeting.zoom_id]


def test_zoom_taking_longer_than_we_wait_is_looked_at_before_it_is_asked_again(
    zoom: ZoomWorld, people, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request was with Zoom: another create could be a second meeting."""
    host = zoom.connect(people.baba, RECRUIT, is_shared=True)
    meeting = wanted(people.company, host)
    monkeypatch.setattr(client, "API_TIMEOUT", (1.0, 1.0))
    zoom.fault("slow", match={"method": "POST", "path": "/v2/users/me/meetings"}, seconds=2.5, commit="after")

    with pytest.raises(meetings.OutcomeUnknown):
        meetings.issue(meeting, now=timezone.now())
    (there,) = _until_there(zoom)
    meetings.issue(meeting, now=timezone.now() + timedelta(minutes=2))

    assert (len(zoom.meetings()), meeting.zoom_id) == (1, str(there["id"]))


def _until_there(zoom: ZoomWorld) -> list[dict[str, Any]]:
    for _look in range(100):
        if found := zoom.meetings():
            return found
        time.sleep(0.05)
    return []


@pytest.mark.parametrize(
    "topic", ["👩‍👩‍👧‍👦" * 43, "長" * 300, "𠮷野家😀" * 60], ids=["families", "kanji", "astral"]
)
def test_a_topic_of_three_hundred_characters_is_cut_and_accepted(zoom: ZoomWorld, people, topic: str) -> None:
    host = zoom.connect(people.baba, RECRUIT, is_shared=True)

    meeting = issued(people.company, host, topic=topic)

    (there,) = zoom.meetings()
    assert there["topic"] == meeting.topic
    assert len(there["topic"]) <= 200
    assert topic.startswith(there["topic"].rstrip("…"))
