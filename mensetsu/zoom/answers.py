"""How Zoom answers, and what we make of it: the errors, the values, and the reading of bodies. Knows no Django.

Part of zoom.client, which draws the tree of errors and is what the rest of zoom imports."""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

import requests

from mensetsu.web import moments

logger = logging.getLogger(__name__)

BODY_IN_LOG = 500

# How heavy a request is to Zoom; each has its own limits. https://developers.zoom.us/docs/api/rate-limits/
LABELS = ("light", "medium", "heavy")
# What counts against the hundred a day and host: creates and updates, not deletes; none of them is a heavy request.
# https://developers.zoom.us/docs/api/rate-limits/ and https://devforum.zoom.us/t/59670
WRITES = ("POST", "PATCH")
LABELS_OF_WRITES = ("", "light", "medium")

# https://developers.zoom.us/docs/api/errors/ and https://developers.zoom.us/docs/integrations/oauth-error-messages/
INVALID_TOKEN = 124
USER_GONE = {1001, 1010, 1120}
MEETING_GONE = 3001
NOW_WEBINAR = 3000
SCOPE_MISSING = 4711
OWNER_GONE = 4735
APP_DISABLED = 4717
WRONG_APP = {4702, 4704, APP_DISABLED}


class ZoomError(Exception):
    """Any answer that is not the one asked for. `tracking_id` is Zoom's own name of the answer."""

    tracking_id: str = ""


class TryLater(ZoomError):
    """`retry_after` is in seconds, None when Zoom did not say; `why` is "away", "busy" or "daily_limit".

    `limit` says whose limit it was: "host" (creates and updates of one Zoom user), "account" (requests of a whole
    account, of one `label` where Zoom named it), or "". `was_done` is False when Zoom certainly did nothing, and
    `was_tried` when Zoom was not even asked: waiting for one's turn is no failed attempt (jobs.port)."""

    def __init__(
        self,
        why: str = "away",
        retry_after: float | None = None,
        *,
        limit: str = "",
        label: str = "",
        was_done: bool = True,
        was_tried: bool = True,
    ) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after = retry_after
        self.limit = limit
        self.label = label
        self.was_done = was_done
        self.was_tried = was_tried


class OutcomeUnknown(TryLater):
    """The request was sent and the answer was lost."""

    def __init__(self) -> None:
        super().__init__("unknown")


class ConnectionEnded(ZoomError):
    pass


class TokenRefused(ConnectionEnded):
    pass


class UserGone(ConnectionEnded):
    pass


class MeetingGone(ZoomError):
    pass


class Refused(ZoomError):
    """`code` is Zoom's number (0 when it gave none), `reason` its sentence in the account's language."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code = code
        self.reason = reason

    @property
    def is_scope_missing(self) -> bool:
        return self.code == SCOPE_MISSING

    @property
    def is_webinar(self) -> bool:
        """On reading a meeting: it was turned into a webinar."""
        return self.code == NOW_WEBINAR


class AppRefused(ZoomError):
    """`why` is "client" (id or secret), "disabled" or "redirect"."""

    def __init__(self, why: str = "client") -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class TokenPair:
    access: str
    refresh: str
    expires_in: int
    scopes: frozenset[str]

    def __repr__(self) -> str:
        return "TokenPair(…)"


@dataclass(frozen=True)
class ZoomUser:
    id: str
    account_id: str
    email: str
    display_name: str
    plan_type: int
    # False when Zoom says that the user is deactivated or has not accepted the invitation yet.
    is_active: bool = True


@dataclass(frozen=True)
class ZoomMeeting:
    """What Zoom says of one meeting. Lists leave out passcode, start_url and settings (None)."""

    id: str
    uuid: str
    host_id: str
    topic: str
    agenda: str
    starts_at: datetime | None
    minutes: int
    created_at: datetime | None
    join_url: str
    passcode: str
    status: str
    has_waiting_room: bool | None
    requires_login: bool | None
    uses_pmi: bool | None
    start_url: str
    admits_early: bool | None = None
    # Zoom's type: 2 is the ordinary scheduled one; 1 instant, 3 and 8 recurring, 4 the personal room, 10 screen share.
    kind: int = 2

    def __repr__(self) -> str:
        # The start link makes anybody the host: it must not reach a log by way of an exception.
        return f"ZoomMeeting({self.id})"


def refuse_token(response: requests.Response, body: Mapping[str, Any], *, is_refresh: bool) -> NoReturn:
    error = str(body.get("error", ""))
    code = number(body.get("errorCode", body.get("code", 0)))
    if error == "invalid_client" or code in WRONG_APP:
        raise tracked(AppRefused("disabled" if code == APP_DISABLED else "client"), response)
    if response.status_code == 429:
        raise tracked(_too_many(response, body), response)
    if code == OWNER_GONE:
        raise tracked(UserGone("owner"), response)
    # Years ago stale refresh tokens were refused with 401; the word is the same.
    if error == "invalid_grant" and is_refresh:
        raise tracked(ConnectionEnded("grant"), response)
    if error or 400 <= response.status_code < 500:
        reason = str(body.get("reason", ""))[:200]
        raise tracked(Refused(code, reason if is_refresh else _without_code(reason)), response)
    raise tracked(OutcomeUnknown() if is_refresh else TryLater(), response)


def _without_code(reason: str) -> str:
    """Zoom repeats the code it refused; codes stay out of logs and pages."""
    return re.sub(r"\S{20,}", "…", reason)


def problem_of(
    method: str, response: requests.Response, body: Mapping[str, Any], now: datetime | None = None
) -> ZoomError:
    """The API's refusal as one of ours. `now` by our own clock, where it is at hand."""
    status, code = response.status_code, number(body.get("code", 0))
    if status == 429 or code == 429:
        return _too_many(response, body, now, is_write=method in WRITES)
    if status >= 500:
        # After a POST it may have been made all the same.
        return OutcomeUnknown() if method == "POST" else TryLater()
    if code == MEETING_GONE:
        return MeetingGone()
    if code in USER_GONE:
        return UserGone(str(code))
    if code == INVALID_TOKEN or (status == 401 and code != SCOPE_MISSING):
        return TokenRefused(str(code))
    if not code:
        log_unreadable(response)
        # Not Zoom's own words (a proxy's page, XML): only a plain refusal is taken at its word.
        return Refused(0, f"HTTP {status}") if status in (400, 403) else TryLater()
    return Refused(code, _reason(body))


def _reason(body: Mapping[str, Any]) -> str:
    fields = body.get("errors")
    named = (
        [str(e.get("field", "")) for e in fields if isinstance(e, dict)] if isinstance(fields, list) else []
    )
    return " ".join([str(body.get("message", "")), *named])[:500]


def _too_many(
    response: requests.Response,
    body: Mapping[str, Any],
    now: datetime | None = None,
    *,
    is_write: bool = False,
) -> TryLater:
    """Which limit, and how long. https://developers.zoom.us/docs/api/rate-limits/"""
    now = _zooms_clock(response) or now
    asked = _seconds_until(response.headers.get("Retry-After", ""), now)
    kind = response.headers.get("X-RateLimit-Type", "").lower()
    is_daily = kind.startswith("daily")
    is_of_host = _is_of_host(response, str(body.get("message", "")), is_write=is_write and not is_daily)
    if is_of_host or is_daily:
        wait = asked if asked is not None else _seconds_until_midnight(now)
        label = "" if is_of_host else _label(response)
        return TryLater(
            "daily_limit", wait, limit="host" if is_of_host else "account", label=label, was_done=False
        )
    wait = asked if asked is not None else 2.0 if kind == "qps" else 30.0
    return TryLater("busy", wait, limit="account", was_done=False)


def _is_of_host(response: requests.Response, message: str, *, is_write: bool) -> bool:
    """The limit of 100 meetings a day and host. Its digits are the same in every language.

    It comes without a Retry-After and beside the headers of another limit, of which something remains. That alone tells
    it only of a write, and only where Zoom says nothing else: too many requests at once look alike otherwise."""
    if "(100)" in message or "00:00:00" in message:
        return True
    category = response.headers.get("X-RateLimit-Category", "").lower()
    is_silent = not message and "Retry-After" not in response.headers and category in LABELS_OF_WRITES
    return is_write and is_silent and number(response.headers.get("X-RateLimit-Remaining", 0)) > 0


def _label(response: requests.Response) -> str:
    """Which of the account's limits it was; "" when Zoom named none that we know: then it holds for all of them."""
    label = response.headers.get("X-RateLimit-Category", "").lower()
    return label if label in LABELS else ""


def _zooms_clock(response: requests.Response) -> datetime | None:
    """When Zoom wrote the answer: its own clock is the one that its limits follow; ours, where it does not say."""
    return _http_date(response.headers.get("Date", ""))


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    # Written with the zone -0000 it comes without one, and is UTC all the same.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _seconds_until_midnight(now: datetime | None) -> float:
    """The daily limits end at 00:00 GMT."""
    if now is None:
        return 3600.0
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - now).total_seconds() + 5


def _seconds_until(value: str, now: datetime | None) -> float | None:
    """Zoom sends an instant (2026-12-02T00:00:00Z) on daily limits; whoever stands on the way sends seconds or a date
    as HTTP writes it."""
    if value.strip().isdecimal():
        return float(value)
    moment = _moment(value) or _http_date(value)
    return max(1.0, (moment - now).total_seconds()) if moment and now else None


def body_of(response: requests.Response) -> dict[str, Any]:
    """The body as an object; {} when it is empty, XML, or broken."""
    if not response.content:
        return {}
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def log_unreadable(response: requests.Response) -> None:
    text = re.sub(r"[A-Za-z0-9_\-.=]{40,}", "…", response.text[:BODY_IN_LOG])
    logger.warning("zoom_answer_unreadable status=%s trackingid=%s body=%r", response.status_code,
                   tracking_id_of(response), text)  # fmt: skip


def tracking_id_of(response: requests.Response) -> str:
    return str(response.headers.get("x-zm-trackingid", ""))[:100]


def tracked(problem: ZoomError, response: requests.Response) -> ZoomError:
    problem.tracking_id = tracking_id_of(response)
    return problem


def meeting_of(body: Mapping[str, Any]) -> ZoomMeeting:
    settings = body.get("settings")
    known: Mapping[str, Any] = settings if isinstance(settings, dict) else {}
    return ZoomMeeting(
        id=decimal(body["id"]),
        uuid=str(body.get("uuid", "")),
        host_id=str(body.get("host_id", "")),
        topic=str(body.get("topic", "")),
        agenda=str(body.get("agenda", "")),
        starts_at=_moment(body.get("start_time")),
        minutes=number(body.get("duration", 0)),
        created_at=_moment(body.get("created_at")),
        join_url=str(body.get("join_url", "")),
        passcode=str(body.get("password", "")),
        status=str(body.get("status", "")),
        has_waiting_room=_flag(known.get("waiting_room")),
        requires_login=_flag(known.get("meeting_authentication")),
        uses_pmi=_flag(known.get("use_pmi")),
        start_url=str(body.get("start_url", "")),
        admits_early=_flag(known.get("join_before_host")),
        kind=number(body.get("type", 2)),
    )


def decimal(value: object) -> str:
    """Meeting ids come as number or as string; ours are decimal strings. ValueError for anything else."""
    text = str(value).replace(" ", "")
    if isinstance(value, bool) or not text.isascii() or not text.isdigit():
        raise ValueError("not a meeting id")
    return text


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str) or not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moments.utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def number(value: object) -> int:
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return 0
