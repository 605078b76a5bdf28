"""Two published clients that are not ours read and write the simulator: zoomus and pyzoom."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import pyzoom.oauth
import requests
from pyzoom import ZoomClient as PyzoomClient
from pyzoom import err
from zoomus import ZoomClient as ZoomusClient

from simulator.zoom import fixtures
from simulator.zoom.serving import Handle, serve_in_thread
from tests.simulator.talking import HANAKO, REDIRECT


@pytest.fixture
def running() -> Iterator[Handle]:
    handle = serve_in_thread()
    yield handle
    handle.stop()


def test_zoomus_creates_reads_changes_lists_and_deletes(running: Handle) -> None:
    client = ZoomusClient(
        fixtures.S2S_CLIENT_ID,
        fixtures.S2S_CLIENT_SECRET,
        fixtures.ACCOUNT_SAMPLE,
        base_uri=f"{running.url}/v2",
        oauth_uri=f"{running.url}/oauth/token",
    )
    start = datetime(2099, 12, 1, 5, 0, tzinfo=UTC)

    user = client.user.get(id=HANAKO).json()
    made = client.meeting.create(user_id=HANAKO, topic="一次面接", type=2, start_time=start, duration=30)
    identity = made.json()["id"]
    changed = client.meeting.update(id=identity, duration=45)
    got = client.meeting.get(id=identity).json()
    listed = client.meeting.list(user_id=HANAKO).json()["meetings"]
    deleted = client.meeting.delete(id=identity)

    assert user["email"] == HANAKO
    assert made.status_code == 201
    assert (changed.status_code, deleted.status_code) == (204, 204)
    assert (got["topic"], got["duration"], got["start_time"]) == ("一次面接", 45, "2099-12-01T05:00:00Z")
    assert [item["id"] for item in listed] == [identity]
    assert client.meeting.get(id=identity).status_code == 404


def test_pyzoom_authorizes_refreshes_creates_changes_lists_and_deletes(
    running: Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_post = requests.post

    def post(url: str, **more: object) -> requests.Response:
        return real_post(url.replace("https://zoom.us", running.url), **more)  # type: ignore[arg-type]

    # Its OAuth address is a constant inside the library; everything else goes through base_url.
    monkeypatch.setattr(pyzoom.oauth.requests, "post", post)
    requests.post(
        f"{running.url}/sim/api/apps/{fixtures.CLIENT_ID}", json={"redirects": [REDIRECT]}, timeout=10
    )
    asked = {"user": HANAKO, "redirect_uri": REDIRECT}
    location = requests.post(f"{running.url}/sim/api/authorize", json=asked, timeout=10).json()["location"]
    pair = pyzoom.oauth.request_tokens(
        fixtures.CLIENT_ID, fixtures.CLIENT_SECRET, REDIRECT, location.split("code=")[1]
    )
    pair = pyzoom.oauth.refresh_tokens(fixtures.CLIENT_ID, fixtures.CLIENT_SECRET, pair["refresh_token"])
    client = PyzoomClient(
        pair["access_token"], refresh_token=pair["refresh_token"], base_url=f"{running.url}/v2"
    )

    made = client.meetings.create_meeting(
        "一次面接", start_time="2099-12-01T05:00:00Z", duration_min=30, password="abc123"
    )
    client.meetings.update_meeting(
        "二次面接", start_time="2099-12-02T05:00:00Z", duration_min=45, meeting_id=made.id, password="abc123"
    )
    got = client.meetings.get_meeting(made.id)
    listed = client.meetings.list_meetings()
    deleted = client.meetings.delete_meeting(made.id)

    assert (made.topic, made.password) == ("一次面接", "abc123")
    assert (got.topic, got.duration, got.start_time) == ("二次面接", 45, "2099-12-02T05:00:00Z")
    assert got.join_url == made.join_url
    assert [item.id for item in listed.meetings] == [made.id]
    assert deleted is True
    with pytest.raises(err.NotFound):
        client.meetings.get_meeting(made.id)
