"""Meetings: how they are made, changed, expire and look in an answer.

https://developers.zoom.us/docs/api/meetings/
"""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
import random
import secrets
from typing import Any

from . import fields, presets
from .clock import DAY, iso
from .errors import ApiError, meeting_gone
from .state import Row
from .world import World

# Not among the types of meetings; in Zoom's lists of webinars it is 5.
WEBINAR = 5
EXPIRES_AFTER = 30 * DAY
RECOVERABLE_FOR = 7 * DAY
ZAK_SECONDS = 7200
LONGEST_NUMBER = 18
PASSCODE_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def create(world: World, *, host: Row, assistant: Row, given: dict[str, Any], source: str, via: str) -> Row:
    """Make a meeting of this host from checked fields. A start in the past, or none, becomes now.

    Refuses alternative hosts who are not licensed colleagues and passcodes against the account's rules.
    """
    now = world.clock.now()
    settings = _default_settings(host) | given["settings"]
    fields.check_alternative_hosts(world, host, settings["alternative_hosts"])
    _agree(world, settings)
    kind = given.get("type", 2)
    password = _first_password(host, given)
    with world.store.transaction():
        identity = _free_id(world)
        world.store.insert(
            "meeting",
            id=identity,
            uuid=new_uuid(),
            host_id=host["id"],
            assistant_id="" if assistant["id"] == host["id"] else assistant["id"],
            type=kind,
            topic=given.get("topic") or f"{host['display_name']}のZoomミーティング",
            agenda=given.get("agenda", ""),
            start_time=None if kind in (1, 3) else max(given.get("start_time", now), now),
            duration=given.get("duration", 60),
            timezone=given.get("timezone") or host["timezone"],
            created_at=now,
            settings=settings,
            creation_source=via,
            source=source,
            **_passcode_columns(password),
        )
        return load(world, identity)


def _first_password(host: Row, given: dict[str, Any]) -> str:
    """What was asked for, or a generated one where the user's setting wants one and the caller did not decline."""
    if given.get("password"):
        fields.check_password(host, given["password"])
        return str(given["password"])
    rule = host["settings"]["schedule_meeting"]
    wanted = rule["require_password_for_scheduling_new_meetings"] and given.get("default_password", True)
    return generated_passcode(rule["meeting_password_requirement"]) if wanted else ""


def generated_passcode(rule: dict[str, Any]) -> str:
    """At least six characters that satisfy every rule an account can set; never look-alikes such as l and 1."""
    length = min(10, max(6, rule["length"]))
    if rule["only_allow_numeric"]:
        return "".join(secrets.choice("0123456789") for _ in range(length))
    required = [secrets.choice("abcdefgh"), secrets.choice("ABCDEFGH"), secrets.choice("23456789")]
    if rule["have_special_character"]:
        required.append("!")
    letters = required + [secrets.choice(PASSCODE_LETTERS) for _ in range(length - len(required))]
    random.SystemRandom().shuffle(letters)
    return "".join(letters)


def _passcode_columns(password: str) -> dict[str, Any]:
    """`pwd` in the address is not the passcode, and is new whenever the passcode is."""
    if not password:
        return {"password": "", "pwd": "", "numeric_pwd": ""}
    return {
        "password": password,
        "pwd": secrets.token_urlsafe(24)[:30].replace("-", "x").replace("_", "y") + ".1",
        "numeric_pwd": f"{secrets.randbelow(1_000_000):06d}",
    }


def _agree(world: World, settings: dict[str, Any]) -> None:
    if settings["waiting_room"]:
        settings["join_before_host"] = False
    # An administrator's lock wins over what the request says, without a word.
    if world.mode("sign_in_policy") == "locked":
        settings["meeting_authentication"] = True


def _free_id(world: World) -> int:
    while True:
        identity = random.randint(80_000_000_000, 89_999_999_999)
        if not world.store.one("SELECT 1 AS taken FROM meeting WHERE id = ?", identity):
            return identity


def new_uuid() -> str:
    """16 bytes in base64, so it may contain / and + and ends in ==, which trips careless clients."""
    return base64.b64encode(secrets.token_bytes(16)).decode()


def is_number(text: str) -> bool:
    """Whether this can be a meeting number at all: ASCII digits that fit the database."""
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER


def load(world: World, meeting_id: int | str) -> Row:
    """The living meeting of this number. Refuses (404/3001) deleted and expired ones."""
    if not is_number(str(meeting_id)):
        raise meeting_gone(meeting_id)
    row = world.store.one("SELECT * FROM meeting WHERE id = ? AND deleted_at IS NULL", meeting_id)
    if row is None or expired(world, row):
        raise meeting_gone(meeting_id)
    return row


def expired(world: World, meeting: Row) -> bool:
    """30 days after its slot or its last use, whichever is later; an instant meeting dies when it ends."""
    if meeting["status"] == "started":
        return False
    if meeting["type"] == 1 and meeting["last_used_at"]:
        return True
    last = max(meeting["start_time"] or meeting["created_at"], meeting["last_used_at"] or 0)
    return bool(world.clock.now() > last + EXPIRES_AFTER)


def update(world: World, *, meeting: Row, host: Row, given: dict[str, Any]) -> tuple[Row, dict[str, Any]]:
    """Change what was given; returns the meeting after, and the old values of what really changed.

    A start in the past is ignored without a word, as at Zoom. A new passcode changes the address.
    """
    new: dict[str, Any] = {
        name: given[name] for name in ("topic", "agenda", "duration", "timezone", "type") if name in given
    }
    if given.get("start_time", 0) > world.clock.now():
        new["start_time"] = given["start_time"]
    if "password" in given and given["password"] != meeting["password"]:
        if given["password"]:
            fields.check_password(host, given["password"])
        new |= _passcode_columns(given["password"])
    settings = meeting["settings"] | given["settings"]
    if "alternative_hosts" in given["settings"]:
        fields.check_alternative_hosts(world, host, settings["alternative_hosts"])
    _agree(world, settings)
    new["settings"] = settings
    old = {name: meeting[name] for name, value in new.items() if meeting[name] != value}
    with world.store.transaction():
        if old:
            world.store.change("meeting", "id", meeting["id"], **{name: new[name] for name in old})
        return load(world, meeting["id"]), old


def delete(world: World, meeting: Row) -> None:
    """Refuses a running meeting (400/3002)."""
    if meeting["status"] == "started":
        raise ApiError(400, 3002, "Sorry, you cannot delete this meeting since it is in progress.")
    world.store.change("meeting", "id", meeting["id"], deleted_at=world.clock.now())


def recover(world: World, meeting_id: int) -> Row:
    """Bring a deleted meeting back within 7 days. Refuses (404/3001) what is not there to recover."""
    row = world.store.one("SELECT * FROM meeting WHERE id = ?", meeting_id)
    if not row or not row["deleted_at"] or world.clock.now() > row["deleted_at"] + RECOVERABLE_FOR:
        raise meeting_gone(meeting_id)
    world.store.change("meeting", "id", meeting_id, deleted_at=None)
    return load(world, meeting_id)


def number(meeting: Row, host: Row) -> int:
    """The number people join by: the host's personal one if the meeting uses it."""
    return int(host["pmi"] if meeting["settings"]["use_pmi"] else meeting["id"])


def join_url(world: World, meeting: Row, host: Row) -> str:
    address = world.url(f"/j/{number(meeting, host)}")
    pwd = host["pmi_pwd"] if meeting["settings"]["use_pmi"] else meeting["pwd"]
    embed = host["settings"]["schedule_meeting"]["embed_password_in_join_link"]
    return f"{address}?pwd={pwd}" if pwd and embed else address


def start_url(world: World, meeting: Row, host: Row) -> str:
    """A fresh one for every answer; its key to the room (ZAK) lives two hours."""
    return world.url(f"/s/{number(meeting, host)}?zak={new_zak(world, host, ZAK_SECONDS)}")


def new_zak(world: World, user: Row, seconds: float) -> str:
    """A signed JWT with Zoom's claims: whose room key it is and until when."""
    now = int(world.clock.now())
    claims = {
        "aud": "clientsm",
        "uid": user["id"],
        "iss": "web",
        "sk": secrets.token_hex(12),
        "sty": 1,
        "stk": secrets.token_urlsafe(8),
        "iat": now,
        "exp": int(now + seconds),
        "aid": user["account_id"],
        "cid": "",
    }
    text = f"{_b64({'typ': 'JWT', 'alg': 'HS256'})}.{_b64(claims)}"
    return f"{text}.{_zak_signature(world, text)}"


def zak_owner(world: World, zak: str) -> str | None:
    """The user whose unexpired key this is; nothing for a forged or expired one."""
    text, _, signature = zak.rpartition(".")
    try:
        if not hmac.compare_digest(signature.encode(), _zak_signature(world, text).encode()):
            return None
        claims = json.loads(base64.urlsafe_b64decode(text.split(".")[1] + "=="))
    except (IndexError, ValueError):
        return None
    return str(claims["uid"]) if claims["exp"] > world.clock.now() else None


def _b64(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _zak_signature(world: World, text: str) -> str:
    key = world.cookie_key().encode()
    return (
        base64.urlsafe_b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
    )


def _default_settings(host: Row) -> dict[str, Any]:
    """What a meeting is when the caller says nothing: partly the host's wishes, partly Zoom's."""
    wishes = host["settings"]["schedule_meeting"]
    return copy.deepcopy(presets.MEETING_SETTINGS) | {
        "host_video": wishes["host_video"],
        "participant_video": wishes["participants_video"],
        "join_before_host": wishes["join_before_host"],
        "use_pmi": wishes["use_pmi_for_scheduled_meetings"],
        "waiting_room": host["settings"]["in_meeting"]["waiting_room"],
        "contact_name": host["display_name"],
        "contact_email": host["email"],
    }


def shown(world: World, meeting: Row, host: Row) -> dict[str, Any]:
    """A meeting as create and get answer it. Keys about the passcode are missing when there is none."""
    answer: dict[str, Any] = {
        "uuid": meeting["uuid"],
        "id": meeting["id"],
        "host_id": host["id"],
        "host_email": host["email"],
    }
    if meeting["assistant_id"]:
        answer["assistant_id"] = meeting["assistant_id"]
    answer |= {"topic": meeting["topic"], "type": meeting["type"], "status": meeting["status"]}
    if meeting["start_time"]:
        answer["start_time"] = iso(meeting["start_time"])
    answer |= {
        "duration": meeting["duration"],
        "timezone": meeting["timezone"],
        "agenda": meeting["agenda"],
        "created_at": iso(meeting["created_at"]),
        "start_url": start_url(world, meeting, host),
        "join_url": join_url(world, meeting, host),
    }
    if meeting["password"]:
        answer |= {
            "password": meeting["password"],
            "h323_password": meeting["numeric_pwd"],
            "pstn_password": meeting["numeric_pwd"],
            "encrypted_password": meeting["pwd"],
        }
    if meeting["settings"]["use_pmi"]:
        answer["pmi"] = str(host["pmi"])
    if meeting["settings"]["approval_type"] in (0, 1):
        answer["registration_url"] = world.url(f"/meeting/register/{meeting['id']}")
    answer |= {"pre_schedule": False, "creation_source": meeting["creation_source"]}
    return answer | {"settings": meeting["settings"]}


def listed(world: World, meeting: Row, host: Row) -> dict[str, Any]:
    """A meeting as the list answers it: no passcode, no start_url, no settings, agenda cut at 250."""
    full = shown(world, meeting, host)
    names = ["uuid", "id", "host_id", "topic", "type", "start_time", "duration", "timezone", "agenda",
             "created_at", "join_url", "pmi"]  # fmt: skip
    item = {name: full[name] for name in names if name in full}
    return item | {"agenda": item["agenda"][:250]}
