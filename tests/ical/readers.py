"""Two programs that read calendar files, neither of them ours: icalendar (Python) and ical.js (Thunderbird's family).

What both understand in the same way, calendars in the world can be expected to understand."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import icalendar
from icalendar.parser import Contentlines

ROOT = Path(__file__).resolve().parents[2]
REQUIRED = ("dtstamp", "uid")


def understood(text: str) -> dict[str, Any]:
    """What both readers say of the file; a difference between them fails the test."""
    ours, theirs = by_icalendar(text), by_ical_js(text)
    assert ours == theirs, f"icalendar: {ours}\nical.js: {theirs}"
    return ours


def by_icalendar(text: str) -> dict[str, Any]:
    assert "\n" not in text.replace("\r\n", ""), "lines end with CRLF"
    for line in Contentlines.from_ical(text):
        if line:
            line.strict = True
            line.parts()
    calendar = icalendar.Calendar.from_ical(text)
    broken = {part.name: part.errors for part in calendar.walk() if part.errors}
    assert broken == {}
    return {
        "method": _text(calendar, "method"),
        "name": _text(calendar, "x-wr-calname"),
        "zones": [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")],
        "events": [_event(part) for part in calendar.walk("VEVENT")],
    }


def by_ical_js(text: str) -> dict[str, Any]:
    node = shutil.which("node")
    assert node, (
        "Node.js is needed to read calendar files with ical.js: install it (Debian: apt-get install nodejs)."
    )
    assert (ROOT / "node_modules" / "ical.js").is_dir(), (
        "ical.js is missing: run npm ci --ignore-scripts once."
    )
    script = Path(__file__).with_name("parse.mjs")
    done = subprocess.run([node, script], input=text, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _event(part: Any) -> dict[str, Any]:
    for name in REQUIRED:
        assert name in part, f"{name} is missing"
    return {
        "uid": str(part["uid"]),
        "sequence": int(part["sequence"]),
        "starts_at": moment(part.decoded("dtstart")),
        "ends_at": moment(part.decoded("dtend")),
        "zone": part["dtstart"].params.get("TZID", "UTC"),
        "summary": str(part["summary"]),
        "location": str(part["location"]),
        "description": str(part["description"]),
        "url": str(part["url"]),
        "status": str(part["status"]),
        "organizers": _people(part, "organizer"),
        "attendees": _people(part, "attendee"),
    }


def _people(part: Any, name: str) -> list[dict[str, Any]]:
    found = part.get(name, [])
    return [
        {
            "address": str(one),
            "name": one.params.get("CN"),
            "rsvp": one.params.get("RSVP"),
            "status": one.params.get("PARTSTAT"),
        }
        for one in (found if isinstance(found, list) else [found])
    ]


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _text(calendar: Any, name: str) -> str | None:
    return str(calendar[name]) if name in calendar else None
