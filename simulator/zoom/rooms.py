"""What happens inside a meeting: start, wait, join, admit, leave, end – and what apps are told of it."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from . import events, meetings
from .clock import iso
from .state import Row
from .world import World

JBH_NOTICE_SECONDS = 30
FREE_MINUTES = 40

WAITING_FOR_HOST = "jbh_waiting"
WAITING_ROOM = "waiting_room"
IN_MEETING = "in_meeting"
LEFT = "left"


class HostBusy(Exception):
    """The host already runs as many meetings as the plan allows; carries them."""

    def __init__(self, running: list[Row]) -> None:
        super().__init__(f"{len(running)} running")
        self.running = running


def capacity(world: World, host: Row) -> int:
    """Licensed users of Business and above run two meetings at once, everybody else one."""
    return 2 if world.account_of(host)["plan"] == "business" and host["type"] == 2 else 1


def running(world: World, host: Row) -> list[Row]:
    return world.store.all(
        "SELECT * FROM meeting WHERE host_id = ? AND status = 'started' ORDER BY id", host["id"]
    )


def instance(world: World, meeting: Row) -> Row | None:
    """The running instance of this meeting."""
    return world.store.one("SELECT * FROM instance WHERE meeting_id = ? AND ended_at IS NULL", meeting["id"])


def people(world: World, meeting: Row, state: str) -> list[Row]:
    return world.store.all(
        "SELECT * FROM participant WHERE meeting_id = ? AND state = ? ORDER BY id", meeting["id"], state
    )


def person(world: World, key: str) -> Row | None:
    return world.store.one("SELECT * FROM participant WHERE key = ?", key)


def start(world: World, meeting: Row, host: Row) -> Row:
    """The host enters; the meeting runs. Refuses (HostBusy) one more than the plan allows. Entering twice is once.

    People who waited for the host go to the waiting room, or straight in where there is none.
    """
    with world.store.transaction():
        if meeting["status"] != "started":
            others = running(world, host)
            if len(others) >= capacity(world, host):
                raise HostBusy(others)
            meeting = _open(world, meeting, host)
        if not any(one["user_id"] == host["id"] for one in people(world, meeting, IN_MEETING)):
            row = _add(world, meeting, host["display_name"], host)
            _enter(world, meeting, host, row)
        for waiting in people(world, meeting, WAITING_FOR_HOST):
            _end_host_wait(world, meeting, host, waiting)
            _let_in(world, meeting, host, waiting)
    return meeting


def _open(world: World, meeting: Row, host: Row) -> Row:
    now = world.clock.now()
    used = world.store.one("SELECT 1 AS yes FROM instance WHERE uuid = ?", meeting["uuid"])
    identity = meetings.new_uuid() if used else meeting["uuid"]
    world.store.insert("instance", uuid=identity, meeting_id=meeting["id"], started_at=now)
    world.store.change("meeting", "id", meeting["id"], status="started", uuid=identity, last_used_at=now)
    meeting = meeting | {"status": "started", "uuid": identity, "last_used_at": now}
    events.meeting_started(world, meeting, host, now)
    return meeting


def join(
    world: World, meeting: Row, host: Row, name: str, user: Row | None = None, registrant: str = ""
) -> Row:
    """Somebody comes to the door; returns the participant with the state they got: waiting, waiting room or in."""
    with world.store.transaction():
        row = _add(world, meeting, name, user, registrant)
        if meeting["status"] != "started" and not _early_entry(world, meeting):
            world.store.change(
                "participant", "id", row["id"], state=WAITING_FOR_HOST, waiting_since=world.clock.now()
            )
        elif meeting["status"] != "started":
            meeting = _open(world, meeting, host)
            _tell(world, "jbh_joined", meeting, host, row)
            _enter(world, meeting, host, row)
        else:
            _let_in(world, meeting, host, row)
        found = person(world, row["key"])
        assert found is not None
        return found


def _early_entry(world: World, meeting: Row) -> bool:
    """Join before host, at any time (0) or so many minutes before the start."""
    settings = meeting["settings"]
    if not settings["join_before_host"]:
        return False
    minutes = settings["jbh_time"]
    return not minutes or world.clock.now() >= (meeting["start_time"] or 0) - minutes * 60


def _add(world: World, meeting: Row, name: str, user: Row | None, registrant: str = "") -> Row:
    identity = world.store.insert(
        "participant",
        key=secrets.token_urlsafe(12),
        meeting_id=meeting["id"],
        instance_uuid=meeting["uuid"],
        name=name,
        # Somebody who is not signed in has neither id nor address; Zoom leaves both empty.
        user_id=user["id"] if user else "",
        email=user["email"] if user else "",
        participant_uuid=str(uuid.uuid4()).upper(),
        registrant_id=registrant,
        state="new",
    )
    row = world.store.one("SELECT * FROM participant WHERE id = ?", identity)
    assert row is not None
    return row


def _let_in(world: World, meeting: Row, host: Row, row: Row) -> None:
    if meeting["settings"]["waiting_room"]:
        now = world.clock.now()
        world.store.change(
            "participant",
            "id",
            row["id"],
            state=WAITING_ROOM,
            waiting_since=now,
            instance_uuid=meeting["uuid"],
        )
        _tell(world, "joined_waiting_room", meeting, host, row, date_time=iso(now))
    else:
        _enter(world, meeting, host, row)


def _enter(world: World, meeting: Row, host: Row, row: Row) -> None:
    now = world.clock.now()
    world.store.change(
        "participant", "id", row["id"], state=IN_MEETING, joined_at=now, instance_uuid=meeting["uuid"]
    )
    _tell(world, "joined", meeting, host, row, join_time=iso(now))


def _tell(world: World, event: str, meeting: Row, host: Row, row: Row, **more: Any) -> None:
    session = instance(world, meeting)
    events.participant(world, event, meeting, host, row, session["started_at"] if session else None, **more)


def admit(world: World, meeting: Row, host: Row, row: Row) -> None:
    """From the waiting room into the meeting; nothing happens to somebody who is not waiting there."""
    with world.store.transaction():
        if row["state"] != WAITING_ROOM:
            return
        _tell(world, "admitted", meeting, host, row, date_time=iso(world.clock.now()))
        _enter(world, meeting, host, row)


def leave(world: World, meeting: Row, host: Row, row: Row, reason: str = "") -> None:
    """Somebody goes, from wherever they are."""
    with world.store.transaction():
        now = world.clock.now()
        world.store.change("participant", "id", row["id"], state=LEFT, left_at=now)
        if row["state"] == IN_MEETING:
            reason = reason or f"{row['name']} left the meeting."
            _tell(world, "left", meeting, host, row, leave_time=iso(now), leave_reason=reason)
        elif row["state"] == WAITING_ROOM:
            _tell(world, "left_waiting_room", meeting, host, row, date_time=iso(now))
        elif row["state"] == WAITING_FOR_HOST:
            _end_host_wait(world, meeting, host, row)


def _end_host_wait(world: World, meeting: Row, host: Row, row: Row) -> None:
    if row["announced"]:
        _tell(world, "jbh_waiting_left", meeting, host, row)


def end(world: World, meeting: Row, reason: str = "Host ended the meeting.") -> None:
    """Everybody leaves, the instance is over, the meeting waits again until it expires."""
    with world.store.transaction():
        session = instance(world, meeting)
        host = world.store.one("SELECT * FROM user WHERE id = ?", meeting["host_id"])
        if session is None or host is None:
            return
        for row in people(world, meeting, WAITING_ROOM) + people(world, meeting, IN_MEETING):
            leave(world, meeting, host, row, reason)
        now = world.clock.now()
        world.store.change("instance", "uuid", session["uuid"], ended_at=now)
        world.store.change("meeting", "id", meeting["id"], status="waiting", last_used_at=now)
        events.meeting_ended(world, meeting, host, session["started_at"], now)


def announce_long_waits(world: World) -> None:
    """A chore of the courier: participant_jbh_waiting is told after 30 seconds before a closed door."""
    limit = world.clock.now() - JBH_NOTICE_SECONDS
    with world.store.transaction():
        for row in world.store.all(
            "SELECT * FROM participant WHERE state = ? AND announced = 0 AND waiting_since <= ?",
            WAITING_FOR_HOST,
            limit,
        ):
            world.store.change("participant", "id", row["id"], announced=1)
            meeting = world.store.one("SELECT * FROM meeting WHERE id = ?", row["meeting_id"])
            host = world.user(meeting["host_id"]) if meeting else None
            if meeting and host:
                _tell(world, "jbh_waiting", meeting, host, row)


def end_free_meetings(world: World) -> None:
    """A chore of the courier: a Basic host's meeting is cut after 40 minutes."""
    limit = world.clock.now() - FREE_MINUTES * 60
    for row in world.store.all(
        "SELECT m.* FROM meeting m JOIN instance i ON i.meeting_id = m.id JOIN user u ON u.id = m.host_id "
        "WHERE m.status = 'started' AND i.ended_at IS NULL AND u.type = 1 AND i.started_at <= ?",
        limit,
    ):
        end(world, row, "Exceeded free meeting minutes limit.")
