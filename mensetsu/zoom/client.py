"""Zoom's HTTP API: one method per call we use. Knows no Django and keeps no tokens.

Everything that can go wrong is named by what the caller should do next:

    ZoomError
    ├── TryLater(retry_after)      the job waits and tries again
    │   └── OutcomeUnknown         look before trying again: it may have happened
    ├── ConnectionEnded            a person must connect again
    │   ├── TokenRefused           the access token is not accepted (a refresh may help; zoom.tokens tries once)
    │   └── UserGone               the Zoom user does not exist any more
    ├── MeetingGone                the meeting does not exist: offer to issue anew
    ├── Refused(code, reason)      tell a person, in Zoom's words
    └── AppRefused                 the company's Zoom app is set up wrongly; nobody's connection is at fault

Only numbers are matched, never sentences: those follow the language of the Zoom account. `requests` does not leak.
Log lines carry no tokens, no names and no bodies except the first 500 characters of an answer that could not be read.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.retry import Retry

from mensetsu.web import tally
from mensetsu.zoom import answers
from mensetsu.zoom.answers import (
    AppRefused,
    ConnectionEnded,
    MeetingGone,
    OutcomeUnknown,
    Refused,
    TokenPair,
    TokenRefused,
    TryLater,
    UserGone,
    ZoomError,
    ZoomMeeting,
    ZoomUser,
    decimal,
)

__all__ = [
    "AppKeys",
    "AppRefused",
    "Client",
    "ConnectionEnded",
    "MeetingGone",
    "OutcomeUnknown",
    "Refused",
    "TokenPair",
    "TokenRefused",
    "TryLater",
    "UserGone",
    "ZoomError",
    "ZoomMeeting",
    "ZoomUser",
    "decimal",
    "exchange_code",
    "probe_app",
    "refresh",
    "revoke",
]

logger = logging.getLogger(__name__)

API_TIMEOUT = (5.0, 15.0)  # connect, read; seconds
# A refresh whose answer is lost costs the link, so its answer is waited for longer.
TOKEN_TIMEOUT = (5.0, 30.0)
PAGE_SIZE = 300
MEETINGS = "/users/me/meetings"


@dataclass(frozen=True)
class AppKeys:
    """One Zoom app and where Zoom is."""

    client_id: str
    client_secret: str
    oauth_base: str
    api_base: str

    def __repr__(self) -> str:
        return f"AppKeys({self.client_id!r})"


_local = threading.local()


def _session() -> requests.Session:
    """One session a thread: sessions are not made to be shared, and connections are worth keeping."""
    session: requests.Session | None = getattr(_local, "session", None)
    if session is None:
        session = _local.session = requests.Session()
        # Only what certainly never left is sent again by itself.
        retry = Retry(
            total=2,
            connect=2,
            read=0,
            redirect=0,
            status=0,
            other=0,
            allowed_methods=None,
            backoff_factor=0.3,
            raise_on_redirect=False,
            # Zoom writes an instant there, which urllib3 takes for a broken answer; read in zoom.answers.
            respect_retry_after_header=False,
        )
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


class _Bearer(requests.auth.AuthBase):
    """As an auth object, because a plain header would be replaced by an entry in somebody's .netrc."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


# --- tokens: https://developers.zoom.us/docs/integrations/oauth/ ---------------------------------------------------


def exchange_code(app: AppKeys, *, code: str, verifier: str, redirect_uri: str) -> TokenPair:
    """The first pair of tokens. Kills every older pair of this app and Zoom user. Refused when the code is bad."""
    return _token(
        app,
        grant_type="authorization_code",
        code=code,
        code_verifier=verifier,
        redirect_uri=redirect_uri,
    )


def refresh(app: AppKeys, *, refresh_token: str) -> TokenPair:
    """A new pair; the given refresh token is used up, also when the answer is lost (OutcomeUnknown).

    ConnectionEnded: Zoom knows this token no more. UserGone: its owner left."""
    return _token(app, grant_type="refresh_token", refresh_token=refresh_token)


def revoke(app: AppKeys, *, access_token: str) -> None:
    """Give the tokens back; Zoom then removes the app from the user's account."""
    _send(
        "POST",
        f"{app.oauth_base}/oauth/revoke",
        auth=(app.client_id, app.client_secret),
        data={"token": access_token},
        timeout=TOKEN_TIMEOUT,
    )


def probe_app(app: AppKeys) -> None:
    """Ask whether id and secret are right, by a code that cannot be: AppRefused if not, silence if so."""
    try:
        exchange_code(app, code="mensetsu-probe", verifier="mensetsu-probe", redirect_uri="http://127.0.0.1/")
    except (Refused, ConnectionEnded):
        return


def _token(app: AppKeys, **form: str) -> TokenPair:
    response = _send(
        "POST",
        f"{app.oauth_base}/oauth/token",
        auth=(app.client_id, app.client_secret),
        data=form,
        timeout=TOKEN_TIMEOUT,
    )
    body = answers.body_of(response)
    if response.status_code != 200:
        answers.refuse_token(response, body, is_refresh=form["grant_type"] == "refresh_token")
    try:
        return TokenPair(
            access=str(body["access_token"]),
            refresh=str(body["refresh_token"]),
            expires_in=int(body.get("expires_in", 3600)),
            scopes=frozenset(str(body.get("scope", "")).split()),
        )
    except (KeyError, TypeError, ValueError):
        # 200 without tokens: they may have been rotated all the same.
        answers.log_unreadable(response)
        raise answers.tracked(OutcomeUnknown(), response) from None


# --- users and meetings: https://developers.zoom.us/docs/api/meetings/ ---------------------------------------------


class Gate(Protocol):
    """Whoever watches over Zoom's limits: asked before each request, told when Zoom turned one away."""

    def moment(self) -> datetime:
        """Now, by our own clock."""

    def enter(self, *, label: str, is_write: bool) -> None:
        """May wait a moment. Raises TryLater instead of a request that Zoom would turn away."""

    def turned_away(self, problem: TryLater, *, is_write: bool) -> None:
        """A request that entered did not count, or met a limit."""


class Client:
    """The calls of one Zoom user. `token` is a live access token; without a gate nobody watches over the limits."""

    def __init__(self, app: AppKeys, token: str, gate: Gate | None = None) -> None:
        self._app = app
        self._token = token
        self._gate = gate

    def me(self) -> ZoomUser:
        """GET /users/me"""
        body = self._call("GET", "/users/me")
        try:
            return ZoomUser(
                id=str(body["id"]),
                account_id=str(body.get("account_id", "")),
                email=str(body.get("email", "")),
                display_name=str(body.get("display_name", ""))
                or f"{body.get('first_name', '')} {body.get('last_name', '')}".strip(),
                plan_type=answers.number(body.get("type", 0)),
                is_active=body.get("status", "active") not in ("inactive", "pending"),
            )
        except KeyError:
            raise TryLater from None

    def create_meeting(
        self,
        *,
        topic: str,
        agenda: str,
        starts_at: datetime,
        minutes: int,
        time_zone: str,
        waiting_room: bool = True,
    ) -> ZoomMeeting:
        """POST /users/me/meetings. Never sent twice by itself: a lost answer is OutcomeUnknown."""
        body = self._call(
            "POST",
            MEETINGS,
            {
                "topic": topic,
                "agenda": agenda,
                "type": 2,
                "start_time": _utc(starts_at),
                "duration": minutes,
                "timezone": time_zone,
                "default_password": True,
                "settings": {
                    "host_video": True,
                    "participant_video": True,
                    "waiting_room": waiting_room,
                    "join_before_host": not waiting_room,
                    "use_pmi": False,
                    "approval_type": 2,
                    "auto_recording": "none",
                    "meeting_authentication": False,
                    "email_notification": False,
                    "alternative_hosts": "",
                },
            },
        )
        try:
            return answers.meeting_of(body)
        except (KeyError, ValueError):
            raise OutcomeUnknown from None

    def get_meeting(self, meeting_id: str) -> ZoomMeeting:
        """GET /meetings/{id}, with a fresh start link. Refused 3000: it was turned into a webinar."""
        body = self._call("GET", f"/meetings/{meeting_id}")
        try:
            return answers.meeting_of(body)
        except (KeyError, ValueError):
            raise TryLater from None

    def update_meeting(
        self,
        meeting_id: str,
        *,
        starts_at: datetime | None = None,
        time_zone: str = "Asia/Tokyo",
        minutes: int | None = None,
        topic: str | None = None,
        passcode: str | None = None,
        agenda: str | None = None,
        waiting_room: bool | None = None,
        early_entry: bool | None = None,
        login: bool | None = None,
    ) -> None:
        """PATCH /meetings/{id} with the given fields only. 204 does not promise that they were taken: read back."""
        fields: dict[str, Any] = {"duration": minutes, "topic": topic, "password": passcode, "agenda": agenda}
        settings = {
            "waiting_room": waiting_room,
            "join_before_host": early_entry,
            "meeting_authentication": login,
        }
        fields["settings"] = {name: value for name, value in settings.items() if value is not None} or None
        if starts_at is not None:
            fields |= {"start_time": _utc(starts_at), "timezone": time_zone}
        fields = {name: value for name, value in fields.items() if value is not None}
        self._call("PATCH", f"/meetings/{meeting_id}", fields)

    def delete_meeting(self, meeting_id: str) -> None:
        """DELETE /meetings/{id}. A meeting that is gone already is a success."""
        try:
            self._call("DELETE", f"/meetings/{meeting_id}")
        except MeetingGone:
            return

    def list_upcoming(self) -> list[ZoomMeeting]:
        """GET /users/me/meetings?type=upcoming, all pages. Zoom cuts agendas to 250 characters here."""
        found: list[ZoomMeeting] = []
        query = {"type": "upcoming", "page_size": str(PAGE_SIZE)}
        while True:
            body = self._call("GET", MEETINGS, query=query)
            try:
                found += [answers.meeting_of(item) for item in body["meetings"]]
            except (KeyError, TypeError, ValueError):
                raise TryLater from None
            token = str(body.get("next_page_token") or "")
            if not token:
                return found
            query = query | {"next_page_token": token}

    def _call(
        self,
        method: str,
        path: str,
        payload: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """One request through the gate; the body of a good answer."""
        is_write = method in answers.WRITES
        if self._gate is None:
            return self._answer(method, path, payload, query)
        # Lists are heavier than single meetings. How heavy a create is Zoom does not say, so the heavier is assumed.
        self._gate.enter(label="medium" if path == MEETINGS else "light", is_write=is_write)
        try:
            return self._answer(method, path, payload, query)
        except TryLater as problem:
            self._gate.turned_away(problem, is_write=is_write)
            raise

    def _answer(
        self, method: str, path: str, payload: Mapping[str, Any] | None, query: Mapping[str, str] | None
    ) -> dict[str, Any]:
        response = _send(
            method,
            self._app.api_base + path,
            auth=_Bearer(self._token),
            json=payload,
            params=query,
            timeout=API_TIMEOUT,
        )
        body = answers.body_of(response)
        logger.info("zoom_answered method=%s path=%s status=%s trackingid=%s", method, path, response.status_code,
                    answers.tracking_id_of(response))  # fmt: skip
        if 200 <= response.status_code < 300:
            return body
        now = None if self._gate is None else self._gate.moment()
        raise answers.tracked(answers.problem_of(method, response, body, now), response)


def _utc(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("aware moments only")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@tally.outcome_of("mensetsu_zoom_calls_total")
def _send(method: str, url: str, **how: Any) -> requests.Response:
    try:
        return _session().request(method, url, allow_redirects=False, **how)
    except requests.ConnectTimeout:
        raise TryLater(was_done=False) from None
    except requests.ConnectionError as problem:
        raise TryLater(was_done=False) if _never_left(problem) else OutcomeUnknown() from None
    except requests.RequestException:
        # Read timeouts, broken chunks, bad encodings: the request was with Zoom.
        raise OutcomeUnknown from None


def _never_left(problem: requests.ConnectionError) -> bool:
    cause = problem.args[0] if problem.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError) or isinstance(
        problem, requests.exceptions.ProxyError
    )
