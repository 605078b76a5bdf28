"""Which of Zoom's limits an answer speaks of: by numbers and headers, never by words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mensetsu.zoom import client
from tests.zoom.answering import ID, answering, outcome

UNTIL_MIDNIGHT = 21 * 3600  # from answering.DATE
SOON = datetime(2026, 12, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "message", "why", "seconds"),
    [
        ({"X-RateLimit-Type": "QPS", "X-RateLimit-Remaining": "0"}, "", "busy", 2),
        ({"Retry-After": "7"}, "", "busy", 7),
        ({"Retry-After": "2026-12-01T03:00:30Z"}, "", "busy", 30),
        ({"Retry-After": "Tue, 01 Dec 2026 03:00:45 GMT"}, "", "busy", 45),
        ({"Retry-After": "soon"}, "", "busy", 30),
        ({"Retry-After": "\u00b2"}, "", "busy", 30),
        ({}, "", "busy", 30),
        (
            {"X-RateLimit-Type": "Daily-limit", "Retry-After": "2026-12-02T00:00:00Z"},
            "",
            "daily_limit",
            UNTIL_MIDNIGHT,
        ),
        ({}, "… (100) … GMT 00:00:00.", "daily_limit", UNTIL_MIDNIGHT),
    ],
)
def test_each_limit_is_told_apart_without_reading_words(
    headers: dict[str, str], message: str, why: str, seconds: float
) -> None:
    problem = outcome(429, {"code": 429, "message": message}, headers)

    assert (type(problem), problem.why) == (client.TryLater, why)
    assert problem.retry_after == pytest.approx(seconds, abs=10 if why == "daily_limit" else 1)


@pytest.mark.parametrize(
    ("date", "message", "seconds"),
    [
        ("yesterday", "", 30),
        ("yesterday", "(100)", 3600),
        ("Tue, 01 Dec 2026 03:00:00 -0000", "(100)", UNTIL_MIDNIGHT),
    ],
)
def test_a_limit_is_waited_for_also_when_zooms_clock_cannot_be_read(
    date: str, message: str, seconds: float
) -> None:
    headers = {"Date": date, "Retry-After": "2026-12-02T00:00:05Z"} if "-0000" in date else {"Date": date}

    problem = outcome(429, {"code": 429, "message": message}, headers)

    assert problem.retry_after == pytest.approx(seconds, abs=10)


class OurClock:
    """A gate that lets everything pass, at one in the morning of UTC."""

    def moment(self) -> datetime:
        return datetime(2026, 12, 1, 1, tzinfo=UTC)

    def enter(self, **what: Any) -> None:
        pass

    def turned_away(self, problem: client.TryLater, **what: Any) -> None:
        pass


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Retry-After": "2026-12-01T01:20:00Z"}, 1200), ({}, 23 * 3600)],
)
def test_where_zoom_does_not_tell_the_time_our_own_clock_measures(
    headers: dict[str, str], seconds: float
) -> None:
    answer = answering(429, {"code": 429, "message": "(100)"}, {"Date": "yesterday"} | headers)
    with answer as (keys, _asked), pytest.raises(client.TryLater) as caught:
        client.Client(keys, "token", OurClock()).get_meeting(str(ID))

    assert caught.value.retry_after == pytest.approx(seconds, abs=10)


@pytest.mark.parametrize(
    ("headers", "message", "limit", "label"),
    [
        ({"X-RateLimit-Type": "QPS", "X-RateLimit-Category": "Medium"}, "", "account", ""),
        ({"X-RateLimit-Type": "Daily-limit", "X-RateLimit-Category": "Medium"}, "", "account", "medium"),
        ({"X-RateLimit-Type": "Daily-limit", "X-RateLimit-Category": "Resource"}, "", "account", ""),
        # The account's day, though something of it seems to be left.
        ({"X-RateLimit-Type": "Daily-limit", "X-RateLimit-Remaining": "3"}, "", "account", ""),
        ({"X-RateLimit-Type": "QPS", "X-RateLimit-Remaining": "79"}, "… (100) …", "host", ""),
    ],
)
def test_whose_limit_it_was_is_told(headers: dict[str, str], message: str, limit: str, label: str) -> None:
    problem = outcome(429, {"code": 429, "message": message}, headers)

    assert (problem.limit, problem.label, problem.was_done) == (limit, label, False)


QPS_LEFT = {"X-RateLimit-Type": "QPS", "X-RateLimit-Remaining": "12"}


def send(keys: client.AppKeys, method: str) -> None:
    zoom = client.Client(keys, "token")
    {
        "GET": lambda: zoom.get_meeting(str(ID)),
        "POST": lambda: zoom.create_meeting(
            topic="x", agenda="", starts_at=SOON, minutes=30, time_zone="UTC"
        ),
        "PATCH": lambda: zoom.update_meeting(str(ID), minutes=30),
        "DELETE": lambda: zoom.delete_meeting(str(ID)),
    }[method]()


@pytest.mark.parametrize(
    ("method", "headers", "message", "why", "limit", "seconds"),
    [
        # The headers of another limit, of which something remains, and nothing that speaks against the host's hundred.
        ("POST", QPS_LEFT, "", "daily_limit", "host", UNTIL_MIDNIGHT),
        ("PATCH", QPS_LEFT | {"X-RateLimit-Category": "Light"}, "", "daily_limit", "host", UNTIL_MIDNIGHT),
        # Looking and deleting do not count against it.
        ("GET", QPS_LEFT, "", "busy", "account", 2),
        ("DELETE", QPS_LEFT, "", "busy", "account", 2),
        # Zoom says which it was, in words that we do not read: without its digits it was not the hundred.
        ("POST", QPS_LEFT, "Too many concurrent requests.", "busy", "account", 2),
        ("PATCH", QPS_LEFT, "Trop de requêtes simultanées.", "busy", "account", 2),
        # It says until when, or of which kind of request it speaks.
        ("POST", QPS_LEFT | {"Retry-After": "7"}, "", "busy", "account", 7),
        ("POST", QPS_LEFT | {"X-RateLimit-Category": "Heavy"}, "", "busy", "account", 2),
    ],
)
def test_only_a_write_is_taken_for_the_hosts_hundred_and_only_where_nothing_speaks_against_it(
    method: str, headers: dict[str, str], message: str, why: str, limit: str, seconds: float
) -> None:
    with (
        answering(429, {"code": 429, "message": message}, headers) as (keys, _asked),
        pytest.raises(client.TryLater) as caught,
    ):
        send(keys, method)

    assert (caught.value.why, caught.value.limit) == (why, limit)
    assert caught.value.retry_after == pytest.approx(seconds, abs=10 if why == "daily_limit" else 1)
