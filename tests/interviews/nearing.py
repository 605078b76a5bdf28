"""Interviews that are about to begin, and how their checks are read (the fixtures are in conftest.py)."""

from datetime import timedelta

from mensetsu.interviews.models import Preflight
from tests.zoom_world import ZoomWorld

AT = {"day": timedelta(hours=23), "hour": timedelta(minutes=55), "last": timedelta(minutes=9)}


def found(check: Preflight | None, state: str = "failed") -> dict[str, str]:
    assert check is not None
    return {item["code"]: item["cause"] for item in check.items if item["state"] == state}


def asked(zoom: ZoomWorld, since: int = 0) -> list[str]:
    return [f"{row['method']} {row['path']}" for row in zoom.control("GET", "requests")["log"]][since:]
