"""Zoom's messages as Zoom writes them, and sending them to us."""

import json
from datetime import UTC, datetime

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mensetsu.zoom import signature
from mensetsu.zoom.models import Connection, Meeting
from simulator.zoom import fixtures
from tests.zoom_world import APP_KEY


def post(event: dict | bytes, *, secret: str = fixtures.SECRET_TOKEN, age: int = 0, key: str = APP_KEY):
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    stamp = str(int(timezone.now().timestamp()) - age)
    return Client().post(
        reverse("zoom:webhook", args=[key]),
        data=body,
        content_type="application/json",
        headers={"x-zm-request-timestamp": stamp, "x-zm-signature": signature.sign(body, stamp, secret)},
    )


def about(meeting: Meeting, event: str, *, at: datetime | None = None, **more: object) -> dict:
    stamp = int((at or timezone.now()).timestamp() * 1000)
    thing = {
        "id": meeting.zoom_id,
        "uuid": meeting.zoom_uuid,
        "host_id": meeting.connection.zoom_user_id,
        **more,
    }
    return {"event": event, "event_ts": stamp, "payload": {"account_id": "a", "object": thing}}


def removal(link: Connection, *, at: datetime | None = None, client_id: str = fixtures.CLIENT_ID) -> dict:
    moment = (at or timezone.now()).astimezone(UTC)
    return {
        "event": "app_deauthorized",
        "event_ts": int(moment.timestamp() * 1000),
        "payload": {
            "account_id": link.zoom_account_id,
            "user_id": link.zoom_user_id,
            "client_id": client_id,
            "deauthorization_time": moment.isoformat().replace("+00:00", "Z"),
            "signature": "0" * 64,
        },
    }
