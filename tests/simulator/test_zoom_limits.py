"""429 of each kind, and the headers beside it."""

import pytest

from simulator.zoom import fixtures
from tests.simulator.talking import HANAKO, OTHER, RECRUIT, Zoom

PER_HOST = (
    "You have exceeded the daily rate limit (100) of Meeting Create/Update API requests permitted for this "
    "particular user. You may resume these requests at GMT 00:00:00."
)


@pytest.fixture(autouse=True)
def noon(sim: Zoom) -> None:
    """Far from GMT midnight, when the daily counts turn."""
    sim.control("clock", {"to": "2026-12-01T12:00:00Z"})


def spend_the_day(sim: Zoom, email: str, count: int = 100) -> None:
    user = sim.world.user(email)
    assert user is not None
    sim.world.store.insert("usage", user_id=user["id"], day="2026-12-01", count=count)


def test_the_hundred_first_create_of_a_host_waits_for_gmt_midnight(sim: Zoom) -> None:
    hanako = sim.connect()
    spend_the_day(sim, HANAKO, 99)
    made = hanako.create()

    create = hanako.call("POST", "/users/me/meetings", {"topic": "x"})
    update = hanako.call("PATCH", f"/meetings/{made['id']}", {"topic": "y"})

    for answer in (create, update):
        assert answer.status_code == 429
        assert answer.json == {"code": 429, "message": PER_HOST}
        assert "Retry-After" not in answer.headers
        assert answer.headers["X-RateLimit-Category"] == "Light"
    assert hanako.call("DELETE", f"/meetings/{made['id']}").status_code == 204
    sim.control("clock", {"to": "2026-12-02T00:00:01Z"})
    assert sim.connect().create()["id"]


def test_the_hundred_belong_to_the_host_not_to_the_caller(sim: Zoom) -> None:
    hanako = sim.connect()
    spend_the_day(sim, HANAKO)

    assert hanako.call("POST", "/users/me/meetings", {"topic": "x"}).status_code == 429
    assert hanako.create(schedule_for=RECRUIT)["host_email"] == RECRUIT


def test_a_free_account_gets_four_light_calls_a_second_for_all_its_apps(sim: Zoom) -> None:
    other = sim.connect(OTHER)

    answers = [other.call("GET", "/users/me") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["3", "2", "1", "0", "0"]
    assert {answer.headers["X-RateLimit-Type"] for answer in answers} == {"QPS"}
    assert answers[4].json["message"].startswith("You have reached the maximum per-second rate limit")
    assert "Retry-After" not in answers[4].headers
    sim.advance(1)
    assert other.call("GET", "/users/me").status_code == 200


def test_the_daily_quota_of_a_free_account_says_when_as_a_timestamp(sim: Zoom) -> None:
    other = sim.connect(OTHER)
    sim.world.store.insert("usage", user_id=f"{fixtures.ACCOUNT_OTHER}/Light", day="2026-12-01", count=6000)

    answer = other.call("GET", "/users/me")

    assert answer.status_code == 429
    assert answer.headers["X-RateLimit-Type"] == "Daily-limit"
    assert answer.headers["Retry-After"] == "2026-12-02T00:00:00Z"


def test_lists_are_medium(sim: Zoom) -> None:
    assert sim.connect().call("GET", "/users/me/meetings").headers["X-RateLimit-Category"] == "Medium"


def test_limits_can_be_switched_off(sim: Zoom) -> None:
    other = sim.connect(OTHER)
    sim.control("modes", {"limits": "off"})

    assert {other.call("GET", "/users/me").status_code for _ in range(8)} == {200}


@pytest.mark.parametrize(
    ("which", "retry_after", "words"),
    [
        ("second", None, "per-second"),
        ("user_day", None, "this particular user"),
        ("day", "2026-12-02T00:00:00Z", "maximum daily"),
        ("concurrent", None, "concurrent"),
    ],
)
def test_each_kind_can_be_armed(sim: Zoom, which: str, retry_after: str | None, words: str) -> None:
    hanako = sim.connect()
    sim.fault("rate_limit", which=which, match={"method": "POST", "path": "/v2/users/me/meetings"})

    assert hanako.call("GET", "/users/me").status_code == 200
    answer = hanako.call("POST", "/users/me/meetings", {"topic": "x"})

    assert answer.status_code == 429
    assert answer.headers.get("Retry-After") == retry_after
    assert words in answer.json["message"]
    assert hanako.create()["id"]


def test_too_many_at_once_are_refused_though_some_of_the_second_is_left(sim: Zoom) -> None:
    hanako = sim.connect()
    sim.fault("rate_limit", which="concurrent", match={"method": "GET", "path": "/v2/users/me"})

    answer = hanako.call("GET", "/users/me")

    assert (answer.status_code, answer.headers["X-RateLimit-Type"]) == (429, "QPS")
    assert int(answer.headers["X-RateLimit-Remaining"]) > 0
