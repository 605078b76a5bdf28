"""Reads the body of a create or update request and refuses what Zoom refuses.

Every refusal is 400/300 naming the fields, except where Zoom has a number of its own.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from .errors import ApiError, alternative_host_refused, cannot_schedule_for, invalid_fields
from .state import Row
from .world import World

TYPES = {1, 2, 3, 10}  # 8, recurring with a fixed time, is not simulated
ZONES = available_timezones()
START_FORMAT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?")
PASSWORD = re.compile(r"[A-Za-z0-9@\-_*!#$%^&+=.?]{0,10}")

BOOLEANS = {
    "host_video", "participant_video", "cn_meeting", "in_meeting", "join_before_host", "mute_upon_entry",
    "watermark", "use_pmi", "waiting_room", "meeting_authentication", "email_notification", "close_registration",
    "registrants_confirmation_email", "registrants_email_notification", "alternative_hosts_email_notification",
    "show_share_button", "allow_multiple_devices", "private_meeting", "internal_meeting", "focus_mode",
    "enforce_login", "host_save_video_order", "participant_focused_meeting", "device_testing",
    "auto_start_meeting_summary", "auto_start_ai_companion_questions", "alternative_host_update_polls",
}  # fmt: skip
CHOICES: dict[str, set[Any]] = {
    "jbh_time": {0, 5, 10, 15},
    "approval_type": {0, 1, 2},
    "registration_type": {1, 2, 3},
    "audio": {"both", "telephony", "voip", "thirdParty"},
    "auto_recording": {"local", "cloud", "none"},
    "encryption_type": {"enhanced_encryption", "e2ee"},
}
TEXTS = {
    "alternative_hosts": 1024,
    "contact_name": 255,
    "contact_email": 255,
    "enforce_login_domains": 1024,
    "authentication_option": 255,
    "authentication_domains": 1024,
}


def read(body: dict[str, Any]) -> dict[str, Any]:
    """The fields of the request that Zoom knows, checked; `start_time` becomes epoch seconds.

    Refuses with 400/300 and the list of every wrong field. A null counts as not given.
    """
    given = {name: value for name, value in body.items() if value is not None}
    wrong: list[str] = []
    fields: dict[str, Any] = {}
    for name, test in CHECKS.items():
        if name in given:
            if test(given[name]):
                fields[name] = given[name]
            else:
                wrong.append(name)
    if "start_time" in fields:
        fields["start_time"] = _instant(fields["start_time"], fields.get("timezone"))
        if fields["start_time"] is None:
            wrong.append("start_time")
    settings = given.get("settings", {})
    if isinstance(settings, dict):
        fields["settings"] = _settings(settings, wrong)
    else:
        wrong.append("settings")
    if wrong:
        raise invalid_fields(*wrong)
    return fields


def _text(limit: int) -> Any:
    return lambda value: isinstance(value, str) and len(value) <= limit


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


CHECKS: dict[str, Any] = {
    "topic": _text(200),
    "agenda": _text(2000),
    "type": lambda value: _whole(value) and value in TYPES,
    "start_time": lambda value: isinstance(value, str) and START_FORMAT.fullmatch(value),
    "timezone": lambda value: isinstance(value, str) and value in ZONES,
    "duration": lambda value: _whole(value) and 1 <= value <= 1440,
    "password": lambda value: isinstance(value, str) and PASSWORD.fullmatch(value),
    "default_password": lambda value: isinstance(value, bool),
    "schedule_for": _text(255),
    "pre_schedule": lambda value: isinstance(value, bool),
}


def _instant(text: str, zone: str | None) -> float | None:
    """With Z it is GMT whatever the zone; without, it is the wall time of `timezone` (or of Tokyo, see below)."""
    try:
        moment = datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        return None
    # Without a zone Zoom takes the account's; every fixture account is Japanese.
    zoned = moment.replace(tzinfo=ZoneInfo("UTC" if text.endswith("Z") else zone or "Asia/Tokyo"))
    return zoned.timestamp()


def _settings(given: dict[str, Any], wrong: list[str]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for name, value in given.items():
        if value is None:
            continue
        if name in BOOLEANS:
            right = isinstance(value, bool)
        elif name in CHOICES:
            right = not isinstance(value, bool) and isinstance(value, int | str) and value in CHOICES[name]
        elif name in TEXTS:
            right = isinstance(value, str) and len(value) <= TEXTS[name]
        elif name == "meeting_invitees":
            right = isinstance(value, list) and all(isinstance(one, dict) and "email" in one for one in value)
        elif name == "global_dial_in_countries":
            right = isinstance(value, list)
        else:
            continue  # Zoom ignores what it does not know
        if right:
            settings[name] = value
        else:
            wrong.append(f"settings.{name}")
    return settings


def check_password(host: Row, password: str) -> None:
    """Refuses (400/300, field password) a passcode that breaks the rules of the host's account."""
    rule = host["settings"]["schedule_meeting"]["meeting_password_requirement"]
    broken = [
        len(password) < rule["length"] and any(rule[name] for name in rule if name.startswith("have_")),
        rule["have_letter"] and not re.search(r"[A-Za-z]", password),
        rule["have_number"] and not re.search(r"\d", password),
        rule["have_special_character"] and not re.search(r"[^A-Za-z0-9]", password),
        rule["have_upper_and_lower_characters"]
        and not (re.search(r"[a-z]", password) and re.search(r"[A-Z]", password)),
        rule["only_allow_numeric"] and not password.isdigit(),
    ]
    if any(broken):
        raise invalid_fields("password")


def check_alternative_hosts(world: World, host: Row, listed: str) -> None:
    """Every alternative host is a licensed, active user of the same account; one wrong name refuses the save."""
    for email in [part.strip() for part in re.split(r"[;,]", listed) if part.strip()]:
        other = world.user(email)
        usable = other and other["account_id"] == host["account_id"] and other["type"] == 2
        if not usable or (other and other["status"] != "active"):
            raise alternative_host_refused(email)


def may_schedule_for(world: World, assistant: Row, host: Row) -> bool:
    """Both licensed, same account, and the host has given the assistant the scheduling privilege."""
    given = world.store.one(
        "SELECT 1 AS yes FROM delegation WHERE user_id = ? AND assistant_id = ?", host["id"], assistant["id"]
    )
    same = assistant["account_id"] == host["account_id"]
    return bool(given and same and assistant["type"] == 2 and host["type"] == 2)


def check_schedule_for(world: World, assistant: Row, name: str, kind: int) -> Row:
    """The host named by `schedule_for`. Refuses with 400/3000 without the privilege, and for instant meetings."""
    host = world.user(name)
    if kind == 1:
        raise ApiError(400, 3000, "Instant meetings cannot be scheduled for another user.")
    if host is None or (host["id"] != assistant["id"] and not may_schedule_for(world, assistant, host)):
        raise cannot_schedule_for(name)
    return host
