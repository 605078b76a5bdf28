"""The authorization pages: what they check, what they show, where they lead."""

from urllib.parse import parse_qs, urlsplit

import pytest

from simulator.zoom import fixtures, redirects
from tests.simulator.talking import (
    HANAKO,
    OTHER,
    REDIRECT,
    SAIYO,
    VERIFIER,
    ZOOM_ADMIN,
    Zoom,
)


def test_a_person_who_is_not_signed_in_chooses_first_and_comes_back(sim: Zoom) -> None:
    path = sim.authorize_path()

    answer = sim.page(path)

    assert answer.status_code == 303
    assert urlsplit(answer.location).path == "/signin"
    assert urlsplit(parse_qs(urlsplit(answer.location).query)["next"][0]).path == "/oauth/authorize"


def test_consent_leads_back_with_code_and_state(sim: Zoom) -> None:
    sim.sign_in(HANAKO)

    page = sim.page(sim.authorize_path())
    answer = sim.page(sim.authorize_path(), decision="authorize", shared_access="yes")

    assert "このアプリに共有アクセス権限の使用を許可する" in page.text
    assert answer.status_code == 302
    assert answer.location.startswith(REDIRECT + "?")
    query = parse_qs(urlsplit(answer.location).query)
    assert query["state"] == ["st-1"]
    assert sim.exchange(query["code"][0]).status_code == 200


@pytest.mark.parametrize(("ticked", "expected"), [({"shared_access": "yes"}, 1), ({}, 0)])
def test_the_shared_access_tick_is_kept(sim: Zoom, ticked: dict[str, str], expected: int) -> None:
    sim.sign_in(HANAKO)
    answer = sim.page(sim.authorize_path(), decision="authorize", **ticked)
    code = parse_qs(urlsplit(answer.location).query)["code"][0]

    sim.exchange(code)

    assert [row["shared_access"] for row in sim.control("state")["authorizations"]] == [expected]


def test_an_existing_query_of_the_redirect_stays(sim: Zoom) -> None:
    sim.control(f"apps/{fixtures.CLIENT_ID}", {"redirects": ["https://app.example.jp/back?a=1"]})
    location = sim.control("authorize", {"redirect_uri": "https://app.example.jp/back?a=1", "user": HANAKO})

    assert location["location"].startswith("https://app.example.jp/back?a=1&code=")


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"client_id": "nobody"}, 4702),
        ({"redirect_uri": "http://localhost:5001/back"}, 4700),
        ({"redirect_uri": "https://evil.example/back"}, 4700),
        ({"redirect_uri": None}, 4700),
        ({"scope": "meeting:write"}, 4711),
        ({"response_type": "token"}, 4705),
        ({"code_challenge_method": "S512"}, 4700),
        ({"client_id": fixtures.S2S_CLIENT_ID}, 4702),
    ],
)
def test_a_wrong_request_stays_at_zoom(sim: Zoom, changes: dict[str, str], number: int) -> None:
    sim.sign_in(HANAKO)

    answer = sim.browser.get(
        sim.authorize_path(**changes),
        base_url="http://127.0.0.1:8010",
        headers={"Accept": "application/json"},
    )

    assert answer.status_code == 400
    assert "Location" not in answer.headers
    body = answer.json or {}
    assert (body["errorCode"], body["status"], body["result"]) == (number, False, None)


def test_the_page_of_a_wrong_redirect_shows_zooms_words(sim: Zoom) -> None:
    answer = sim.page(sim.authorize_path(redirect_uri="https://evil.example/back"))

    assert "https://evil.example/back (4,700)" in answer.text
    assert "Invalid redirect url" in answer.text


def test_scope_in_the_request_is_called_invalid(sim: Zoom) -> None:
    assert "Invalid scope" in sim.page(sim.authorize_path(scope="user:read:user")).text


@pytest.mark.parametrize(
    ("uri", "listed", "pkce", "right"),
    [
        ("http://127.0.0.1:5001/a", "http://127.0.0.1/", True, True),
        ("http://127.0.0.1:5001/a", "http://127.0.0.1/", False, False),
        ("http://127.0.0.1:5001/a", "http://127.0.0.1:9/a", True, True),
        ("http://127.0.0.1:5001/b", "http://127.0.0.1:9/a", True, False),
        ("http://127.0.0.1:9/a", "http://127.0.0.1:9/a", False, True),
        ("http://localhost:9/a", "http://localhost:9/a", True, False),
        ("http://recruit.lan/a", "http://recruit.lan/a", True, False),
        ("https://a.example/x", "https://a.example", True, True),
        ("https://a.example/x", "https://a.example/x", False, True),
        ("https://a.example/X", "https://a.example/x", True, False),
        ("https://a.example:444/x", "https://a.example/x", True, False),
        ("https://a.example/x?y=1", "https://a.example/x", True, False),
        ("https://a.example.evil/x", "https://a.example", True, False),
        ("https://a.example/x#f", "https://a.example", True, False),
        ("javascript:alert(1)", "https://a.example", True, False),
        ("http://127.0.0.1:port/a", "http://127.0.0.1/", True, False),
    ],
)
def test_redirects(uri: str, listed: str, pkce: bool, right: bool) -> None:
    assert redirects.allowed(uri, [listed], pkce=pkce) is right


def test_decline_goes_back_with_access_denied_or_stays(sim: Zoom) -> None:
    sim.sign_in(HANAKO)

    answer = sim.page(sim.authorize_path(), decision="decline")
    sim.control("modes", {"decline": "stay"})
    stayed = sim.page(sim.authorize_path(), decision="decline")

    assert parse_qs(urlsplit(answer.location).query) == {"error": ["access_denied"], "state": ["st-1"]}
    assert stayed.status_code == 200
    assert "許可しませんでした" in stayed.text


def test_preapproval_is_asked_granted_and_then_authorize_works(sim: Zoom) -> None:
    sim.sign_in(SAIYO)
    asked = sim.page(sim.authorize_path())
    assert "事前承認をとる" in asked.text
    assert (
        sim.page(sim.authorize_path(), decision="authorize").status_code == 303
    )  # a forged press gives no code
    sim.page(sim.authorize_path(), decision="request")
    assert "リクエスト済み" in sim.page(sim.authorize_path()).text

    sim.sign_in(ZOOM_ADMIN)
    assert SAIYO in sim.page("/marketplace/requests").text
    sim.page("/marketplace/requests/1", decision="approve")

    sim.sign_in(SAIYO)
    answer = sim.page(sim.authorize_path(), decision="authorize")
    assert "code=" in answer.location


def test_a_rejected_request_can_be_made_again(sim: Zoom) -> None:
    sim.sign_in(SAIYO)
    sim.page(sim.authorize_path(), decision="request")
    sim.page(sim.authorize_path(), decision="request")
    assert len(sim.control("state")["app_requests"]) == 1
    sim.sign_in(ZOOM_ADMIN)
    sim.page("/marketplace/requests/1", decision="reject")

    sim.sign_in(SAIYO)
    page = sim.page(sim.authorize_path())

    assert "事前承認をとる" in page.text
    assert "リクエスト済み" not in page.text


def test_an_administrator_approves_on_the_spot(sim: Zoom) -> None:
    sim.sign_in(ZOOM_ADMIN)
    assert "Pre Approve" in sim.page(sim.authorize_path()).text

    sim.page(sim.authorize_path(), decision="approve")

    assert "code=" in sim.page(sim.authorize_path(), decision="authorize").location


def test_a_member_cannot_approve(sim: Zoom) -> None:
    sim.sign_in(SAIYO)

    sim.page(sim.authorize_path(), decision="approve")

    assert "事前承認をとる" in sim.page(sim.authorize_path()).text


def test_a_private_app_is_for_its_own_account_only(sim: Zoom) -> None:
    sim.control(f"apps/{fixtures.CLIENT_ID}", {"distribution": "private"})
    sim.sign_in(OTHER)

    assert sim.page(sim.authorize_path()).status_code == 400
    sim.sign_in(HANAKO)
    assert sim.page(sim.authorize_path()).status_code == 200


def test_a_disabled_app_cannot_be_authorized(sim: Zoom) -> None:
    sim.control(f"apps/{fixtures.CLIENT_ID}", {"disabled": 1})

    assert "(4,717)" in sim.page(sim.authorize_path()).text


def test_without_pkce_a_loopback_port_must_be_registered(sim: Zoom) -> None:
    sim.sign_in(HANAKO)
    path = sim.authorize_path(code_challenge=None, code_challenge_method=None)

    assert sim.page(path).status_code == 400
    sim.control(f"apps/{fixtures.CLIENT_ID}", {"redirects": [REDIRECT]})
    answer = sim.page(path, decision="authorize")
    code = parse_qs(urlsplit(answer.location).query)["code"][0]
    assert sim.exchange(code, code_verifier="").status_code == 200


def test_plain_is_the_default_challenge_method(sim: Zoom) -> None:
    code = sim.code(code_challenge=VERIFIER, code_challenge_method=None)

    assert sim.exchange(code).status_code == 200
