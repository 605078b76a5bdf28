"""Codes and tokens: single use, rotation, families, lifetimes, and the exact bodies of refusals."""

import threading

import pytest

from simulator.zoom import fixtures
from tests.simulator.talking import BASE, HANAKO, REDIRECT, SAIYO, VERIFIER, Connection, Endpoint, Zoom

STALE = {"reason": "Invalid Token!", "error": "invalid_grant"}
DEAD = {"code": 124, "message": "Invalid access token."}


def test_the_token_answer_has_zooms_shape(sim: Zoom) -> None:
    answer = sim.exchange(sim.code())

    assert answer.status_code == 200
    assert set(answer.json) == {
        "access_token", "token_type", "refresh_token", "expires_in", "scope", "api_url",
    }  # fmt: skip
    assert answer.json["token_type"] == "bearer"
    assert answer.json["expires_in"] == 3599
    assert answer.json["api_url"] == BASE
    assert set(answer.json["scope"].split()) == set(fixtures.SCOPES)
    assert len(answer.json["access_token"]) > 600
    assert len(answer.json["refresh_token"]) > 600


def test_a_code_works_once(sim: Zoom) -> None:
    code = sim.code()
    sim.exchange(code)

    again = sim.exchange(code)

    assert again.status_code == 400
    assert again.json == {"reason": f"Invalid authorization code {code}", "error": "invalid_grant"}


@pytest.mark.parametrize(("seconds", "status"), [(295, 200), (301, 400)])
def test_a_code_lives_five_minutes(sim: Zoom, seconds: int, status: int) -> None:
    code = sim.code()
    sim.advance(seconds)

    assert sim.exchange(code).status_code == status


def test_the_redirect_must_be_the_same(sim: Zoom) -> None:
    answer = sim.exchange(sim.code(), redirect_uri=REDIRECT + "/other")

    assert answer.status_code == 400
    assert answer.json == {"reason": "Redirect URI mismatch.", "error": "invalid_request"}


@pytest.mark.parametrize("verifier", ["", "w" * 64])
def test_a_wrong_verifier_is_an_invalid_grant(sim: Zoom, verifier: str) -> None:
    answer = sim.exchange(sim.code(), code_verifier=verifier)

    assert answer.status_code == 400
    assert answer.json["error"] == "invalid_grant"


def test_a_code_of_another_app_is_unknown(sim: Zoom) -> None:
    second = (fixtures.SECOND_CLIENT_ID, fixtures.SECOND_CLIENT_SECRET)

    answer = sim.token(
        auth=second,
        grant_type="authorization_code",
        code=sim.code(),
        redirect_uri=REDIRECT,
        code_verifier=VERIFIER,
    )

    assert answer.json["error"] == "invalid_grant"


def test_client_credentials_are_accepted_in_the_form(sim: Zoom) -> None:
    answer = sim.token(
        auth=None,
        grant_type="authorization_code",
        code=sim.code(),
        redirect_uri=REDIRECT,
        code_verifier=VERIFIER,
        client_id=fixtures.CLIENT_ID,
        client_secret=fixtures.CLIENT_SECRET,
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("auth", [("nobody", "x"), (fixtures.CLIENT_ID, "wrong"), None])
def test_a_wrong_client_is_named_exactly(sim: Zoom, auth: tuple[str, str] | None) -> None:
    answer = sim.token(auth=auth, grant_type="refresh_token", refresh_token="x")

    assert answer.status_code == 400
    assert answer.json == {"reason": "Invalid client_id or client_secret", "error": "invalid_client"}


def test_an_unsupported_grant_is_named(sim: Zoom) -> None:
    answer = sim.token(grant_type="password")

    assert answer.json == {"reason": "unsupported grant type", "error": "unsupported_grant_type"}


def test_refresh_rotates_and_kills_the_used_token_only(sim: Zoom) -> None:
    first = sim.connect()

    second = sim.refresh(first.refresh_token)

    assert second.status_code == 200
    assert second.json["refresh_token"] != first.refresh_token
    assert sim.refresh(first.refresh_token).json == STALE
    assert first.call("GET", "/users/me").status_code == 200  # the older access token lives out its hour
    assert sim.refresh(second.json["refresh_token"]).status_code == 200


def test_of_many_refreshes_at_once_one_wins(sim: Zoom) -> None:
    token = sim.connect().refresh_token
    statuses: list[int] = []
    start = threading.Barrier(6)

    def refresh() -> None:
        start.wait()
        statuses.append(sim.refresh(token).status_code)

    threads = [threading.Thread(target=refresh) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200, 400, 400, 400, 400, 400]


def test_an_unknown_refresh_token_is_stale(sim: Zoom) -> None:
    answer = sim.refresh("never-issued")

    assert (answer.status_code, answer.json) == (400, STALE)


def test_an_access_token_is_no_refresh_token(sim: Zoom) -> None:
    assert sim.refresh(sim.connect().access_token).json == STALE


def test_authorizing_again_kills_the_older_family(sim: Zoom) -> None:
    older = sim.connect()

    newer = sim.connect()

    dead = older.call("GET", "/users/me")
    assert (dead.status_code, dead.json) == (401, DEAD)
    assert sim.refresh(older.refresh_token).json == STALE
    assert newer.call("GET", "/users/me").status_code == 200


def test_other_users_and_other_apps_are_other_families(sim: Zoom) -> None:
    hanako = sim.connect()

    sim.connect("kenji@sample.example.jp")
    code = sim.code(client_id=fixtures.SECOND_CLIENT_ID)
    sim.token(
        auth=(fixtures.SECOND_CLIENT_ID, fixtures.SECOND_CLIENT_SECRET),
        grant_type="authorization_code",
        code=code,
        redirect_uri=REDIRECT,
        code_verifier=VERIFIER,
    )

    assert hanako.call("GET", "/users/me").status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(3590, 200), (3601, 401)])
def test_an_access_token_lives_an_hour(sim: Zoom, seconds: int, status: int) -> None:
    hanako = sim.connect()
    sim.advance(seconds)

    answer = hanako.call("GET", "/users/me")

    assert answer.status_code == status
    if status == 401:
        assert answer.json == {"code": 124, "message": "Access token is expired."}


@pytest.mark.parametrize(("days", "status"), [(89, 200), (91, 400)])
def test_a_refresh_token_lives_ninety_days(sim: Zoom, days: int, status: int) -> None:
    token = sim.connect().refresh_token
    sim.advance(days * 86_400)

    assert sim.refresh(token).status_code == status


def test_a_token_in_the_query_is_refused_in_zooms_words(sim: Zoom) -> None:
    token = sim.connect().access_token

    answer = sim.page(f"/v2/users/me?access_token={token}")

    assert answer.status_code == 401
    assert answer.json == {
        "code": 124,
        "message": "Invalid access token, this access token is not supported as query parameter string.",
    }


@pytest.mark.parametrize(("mode", "sent"), [("yes", ["app_deauthorized"]), ("no", [])])
def test_revoke_kills_the_family_and_by_mode_deauthorizes(
    sim: Zoom, heard: Endpoint, mode: str, sent: list[str]
) -> None:
    sim.control("modes", {"revoke_deauthorizes": mode})
    hanako = sim.connect()

    answer = sim.app.test_client().post(
        "/oauth/revoke",
        data={"token": hanako.access_token},
        base_url=BASE,
        auth=(fixtures.CLIENT_ID, fixtures.CLIENT_SECRET),
    )
    sim.flush()

    assert answer.json == {"status": "success"}
    assert hanako.call("GET", "/users/me").json == DEAD
    assert sim.refresh(hanako.refresh_token).json == STALE
    assert heard.events == sent


def test_revoking_nonsense_is_refused(sim: Zoom) -> None:
    answer = sim.app.test_client().post(
        "/oauth/revoke", data={"token": "x"}, base_url=BASE, auth=(fixtures.CLIENT_ID, fixtures.CLIENT_SECRET)
    )

    assert answer.status_code == 400


def test_a_deleted_user_gets_4735_and_124(sim: Zoom) -> None:
    hanako = sim.connect()

    sim.app.test_client().delete(f"/sim/api/users/{HANAKO}", base_url=BASE)

    assert hanako.call("GET", "/users/me").json == DEAD
    answer = sim.refresh(hanako.refresh_token)
    assert (answer.json["error"], answer.json["errorCode"]) == ("invalid_grant", 4735)


def test_withdrawn_approval_stops_the_refresh_with_4738(sim: Zoom) -> None:
    sim.control("permissions", {"account": SAIYO, "policy": "users", "users": [SAIYO]})
    saiyo = sim.connect(SAIYO)
    second = Connection(sim, sim.refresh(saiyo.refresh_token).json)

    sim.control("permissions", {"account": SAIYO, "policy": "off"})

    answer = sim.refresh(second.refresh_token)
    assert (answer.status_code, answer.json["error"], answer.json["errorCode"]) == (
        400,
        "invalid_grant",
        4738,
    )


def test_a_disabled_app_gets_4717(sim: Zoom) -> None:
    hanako = sim.connect()

    sim.control(f"apps/{fixtures.CLIENT_ID}", {"disabled": 1})

    assert sim.refresh(hanako.refresh_token).json["errorCode"] == 4717
    assert hanako.call("GET", "/users/me").status_code == 401


def test_server_to_server_gets_no_refresh_token_and_admin_scopes(sim: Zoom) -> None:
    auth = (fixtures.S2S_CLIENT_ID, fixtures.S2S_CLIENT_SECRET)

    answer = sim.token(auth=auth, grant_type="account_credentials", account_id=fixtures.ACCOUNT_SAMPLE)
    wrong = sim.token(auth=auth, grant_type="account_credentials", account_id=fixtures.ACCOUNT_OTHER)

    assert "refresh_token" not in answer.json
    assert all(scope.endswith(":admin") for scope in answer.json["scope"].split())
    assert wrong.status_code == 400
    account = Connection(sim, answer.json)
    assert account.call("GET", f"/users/{HANAKO}").json["email"] == HANAKO
    assert account.call("GET", "/users/recruit@other.example.jp").json["code"] == 1001
    assert account.create(f"/users/{HANAKO}/meetings")["host_email"] == HANAKO


def test_nothing_stored_is_a_token(sim: Zoom) -> None:
    code = sim.code()
    hanako = Connection(sim, sim.exchange(code).json)
    hanako.create()
    sim.page(f"/v2/users/me?access_token={hanako.access_token}")

    remembered = "\n".join(sim.world.store._connection.iterdump())

    for secret in (code, hanako.access_token, hanako.refresh_token):
        assert secret not in remembered
