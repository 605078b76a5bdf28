"""The simulated Zoom of a test: a real socket, a real authorization, no mocks.

def test_…(zoom, people):
    link = zoom.connect(people.baba, "recruit@sample.example.jp", is_shared=True)
    zoom.fault("drop", match={"method": "POST"}, commit="after")
    assert zoom.meetings() == []
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import override_settings
from django.utils import timezone

from mensetsu.accounts.models import Organization, User
from mensetsu.zoom import connecting, leaving, meetings, tokens
from mensetsu.zoom.models import App, Connection, Meeting
from simulator.zoom import fixtures, serving

RECRUIT = "recruit@sample.example.jp"
RECRUIT2 = "recruit2@sample.example.jp"
HANAKO = "hanako@sample.example.jp"
BASIC = "osamu@sample.example.jp"

LOOPBACK = "http://127.0.0.1:8000"
APP_KEY = "a" * 32


class ZoomWorld:
    """One running simulator and its controls."""

    def __init__(self, handle: serving.Handle) -> None:
        self.handle = handle
        self.url = handle.url

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the simulator's control API; its JSON. A refusal fails the test."""
        response = requests.request(method, f"{self.url}/sim/api/{path}", json=body, timeout=10)
        assert response.ok, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()

    def app(self, organization: Organization, key: str = APP_KEY) -> App:
        """The company's own app, pointing at this simulator."""
        app, _made = App.objects.get_or_create(
            organization=organization,
            defaults={
                "key": key,
                "client_id": fixtures.CLIENT_ID,
                "client_secret_sealed": tokens.seal(fixtures.CLIENT_SECRET),
                "secret_token_sealed": tokens.seal(fixtures.SECRET_TOKEN),
                "oauth_base": self.url,
                "api_base": f"{self.url}/v2",
                "updated_at": timezone.now(),
            },
        )
        return app

    def code(self, user: User, zoom_email: str, **how: Any) -> tuple[str, str, str]:
        """Walk through Zoom's pages: the code, the PKCE verifier and the redirect address."""
        self.app(user.organization)
        session: dict[str, Any] = {}
        # Zoom returns to https or to 127.0.0.1 only.
        with override_settings(BASE_URL=LOOPBACK):
            address = leaving.begin(session, user=user, now=timezone.now())
            redirect_uri = leaving.redirect_uri()
        back = self.consent(address, zoom_email, **how)
        ticket = leaving.take(session, back["state"], now=timezone.now())
        assert ticket is not None
        return back["code"], ticket.verifier, redirect_uri

    def consent(self, address: str, zoom_email: str, **how: Any) -> dict[str, str]:
        """Follow the address to Zoom, sign in as that user and authorize; the parameters of the way back."""
        query = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
        answer = self.control("POST", "authorize", query | {"user": zoom_email} | how)
        return {k: v[0] for k, v in parse_qs(urlsplit(answer["location"]).query).items()}

    def connect(
        self, user: User, zoom_email: str = RECRUIT, *, is_shared: bool = False, now: datetime | None = None
    ) -> Connection:
        """A live link, made by the real authorization path."""
        code, verifier, redirect_uri = self.code(user, zoom_email)
        return connecting.connect(
            user=user,
            code=code,
            verifier=verifier,
            redirect_uri=redirect_uri,
            is_shared=is_shared,
            now=now or timezone.now(),
        )

    def fault(self, kind: str, **how: Any) -> int:
        """Arm a fault (once, unless `times`)."""
        return int(self.control("POST", "faults", {"kind": kind, **how})["id"])

    def heal(self) -> None:
        self.control("DELETE", "faults")

    def mode(self, **modes: str) -> None:
        self.control("POST", "modes", modes)

    def state(self) -> Any:
        return self.control("GET", "state")

    def meetings(self) -> list[dict[str, Any]]:
        """What exists at Zoom now."""
        return [m for m in self.state()["meetings"] if not m.get("deleted_at")]

    def requests(self, method: str, path: str) -> list[dict[str, Any]]:
        """The calls that Zoom got, oldest first."""
        rows = self.control("GET", "requests")["log"]
        return [row for row in rows if row["method"] == method and row["path"] == path]

    def uninstall(self, zoom_email: str) -> None:
        self.control("POST", "uninstall", {"user": zoom_email})

    def edit(self, meeting: Meeting, **fields: Any) -> None:
        """Somebody changes the meeting at Zoom."""
        self.control("POST", f"meetings/{meeting.zoom_id}", fields)

    def delete(self, meeting: Meeting) -> None:
        """Somebody deletes the meeting at Zoom."""
        self.control("DELETE", f"meetings/{meeting.zoom_id}")

    def recover(self, meeting: Meeting) -> None:
        """Somebody takes the meeting back from the recently deleted ones at Zoom."""
        self.control("POST", f"meetings/{meeting.zoom_id}/recover")

    def room(self, meeting: Meeting, action: str, **who: Any) -> Any:
        return self.control("POST", f"meetings/{meeting.zoom_id}/{action}", who)


@pytest.fixture(scope="session")
def zoom_server() -> Iterator[serving.Handle]:
    handle = serving.serve_in_thread()
    yield handle
    handle.stop()


@pytest.fixture
def zoom(zoom_server: serving.Handle) -> ZoomWorld:
    """The simulated Zoom as after a reset; its users are those of simulator/zoom/fixtures.py."""
    # From the inside: asking the control API three times before each test took longer than many a test.
    inside = zoom_server.world
    inside.reset()
    inside.clock.set_to_wall()
    inside.set_mode("limits", "off")
    inside.courier.wake()
    return ZoomWorld(zoom_server)


def wanted(
    organization: Organization, host: Connection | None, starts_at: datetime | None = None, **values: Any
) -> Meeting:
    """A meeting somebody asked for: the day after tomorrow, 60 minutes, unless said otherwise."""
    now = values.pop("now", timezone.now())
    starts_at = starts_at or (now + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    values = {
        "minutes": 60,
        "topic": "一次面接 佐藤 美咲 様",
        "title": "佐藤 美咲 様",
        "page_url": "/interviews/1/",
    } | values
    return meetings.request(
        organization=organization, starts_at=starts_at, host=host, by=None, now=now, **values
    )


def issued(
    organization: Organization, host: Connection, starts_at: datetime | None = None, **values: Any
) -> Meeting:
    """The same, and made at Zoom."""
    meeting = wanted(organization, host, starts_at, **values)
    meetings.issue(meeting, now=values.get("now") or timezone.now())
    assert meeting.is_issued
    return meeting
