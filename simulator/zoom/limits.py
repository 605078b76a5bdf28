"""How often Zoom may be asked.

https://developers.zoom.us/docs/api/rate-limits/  The per-second and per-day limits belong to the account and are
shared by all of its apps; 100 creations and updates a day belong to each host.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from .clock import iso, next_utc_midnight, utc_day
from .errors import ApiError
from .state import Row
from .world import World

# plan: {label: (calls per second, calls per day or None)}
PLANS: dict[str, dict[str, tuple[int, int | None]]] = {
    "free": {"Light": (4, 6_000), "Medium": (2, 2_000), "Heavy": (1, 1_000)},
    "pro": {"Light": (30, None), "Medium": (20, None), "Heavy": (10, 30_000)},
    "business": {"Light": (80, None), "Medium": (60, None), "Heavy": (40, 60_000)},
}
MEETINGS_PER_HOST_PER_DAY = 100

PER_SECOND = "You have reached the maximum per-second rate limit for this API. Try again later."
PER_DAY = (
    "You have reached the maximum daily rate limit for this API. Refer to the response header for details on "
    "when you can make another request."
)
PER_HOST = (
    "You have exceeded the daily rate limit (100) of Meeting Create/Update API requests permitted for this "
    "particular user. You may resume these requests at GMT 00:00:00."
)
CONCURRENT = "Too many concurrent requests. Refer to the API documentation for concurrency limits."


def too_many(kind: str, label: str, now: float, limit: int = 0) -> ApiError:
    """The 429 of one kind: `second`, `day`, `user_day` or `concurrent`."""
    headers = {"X-RateLimit-Category": label, "X-RateLimit-Type": "QPS"}
    if kind == "second":
        return ApiError(429, 429, PER_SECOND, headers=headers | _counts(limit, 0))
    if kind == "day":
        headers["X-RateLimit-Type"] = "Daily-limit"
        # An instant, not a number of seconds; clients that call int() on it break here, as at Zoom.
        headers["Retry-After"] = iso(next_utc_midnight(now))
        return ApiError(429, 429, PER_DAY, headers=headers | _counts(limit, 0))
    if kind == "user_day":
        # Zoom shows the ordinary per-second quota beside this refusal and says nowhere when to retry.
        return ApiError(429, 429, PER_HOST, headers=headers | _counts(limit, max(limit - 1, 0)))
    if kind == "concurrent":
        # So many at once is another count than so many a second: of those some are left.
        return ApiError(429, 429, CONCURRENT, headers=headers | _counts(limit, max(limit - 1, 0)))
    raise ValueError(f"unknown kind of limit: {kind}")


def _counts(limit: int, remaining: int) -> dict[str, str]:
    return {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(remaining)}


def per_second_limit(account: Row, label: str) -> int:
    return PLANS[account["plan"]][label][0]


def check(world: World, account: Row, label: str) -> dict[str, str]:
    """Count one call of this account; returns the headers of the answer. Refuses with 429 beyond the plan."""
    per_second, per_day = PLANS[account["plan"]][label]
    if world.mode("limits") == "off":
        return {}
    now = world.clock.now()
    with world.store.lock:
        window = world.windows.setdefault((account["id"], label), deque())
        while window and not 0 <= now - window[0] < 1.0:
            window.popleft()
        if len(window) >= per_second:
            raise too_many("second", label, now, per_second)
        window.append(now)
        used = len(window)
        if per_day is not None and _count(world, f"{account['id']}/{label}", now) > per_day:
            raise too_many("day", label, now, per_day)
    return {"X-RateLimit-Category": label, "X-RateLimit-Type": "QPS"} | _counts(per_second, per_second - used)


def check_host(world: World, host: Row, label: str) -> None:
    """Count one create or update for this host. Refuses with the daily 429 beyond 100."""
    if world.mode("limits") == "off":
        return
    now = world.clock.now()
    if _count(world, host["id"], now) > MEETINGS_PER_HOST_PER_DAY:
        raise too_many("user_day", label, now, per_second_limit(world.account_of(host), label))


def _count(world: World, who: str, now: float) -> int:
    row: dict[str, Any] | None = world.store.one(
        "INSERT INTO usage (user_id, day, count) VALUES (?, ?, 1) "
        "ON CONFLICT (user_id, day) DO UPDATE SET count = count + 1 RETURNING count",
        who,
        utc_day(now),
    )
    return int(row["count"]) if row else 0
