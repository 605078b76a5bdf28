"""The rooms in a browser: /s/<number> for the host, /j/<number> for everybody else. Nothing needs JavaScript."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for

from . import meetings, rooms
from .errors import ApiError
from .people import leave_for_sign_in, signed_in
from .state import Row
from .world import World, here

blueprint = Blueprint("room_pages", __name__)


class NoRoom(Exception):
    """There is nothing behind this number; the page says so."""


@blueprint.errorhandler(NoRoom)
def no_room(_error: NoRoom) -> tuple[str, int]:
    return render_template("message.html", title="room_unknown", text="room_unknown_text"), 404


def find(world: World, number: int) -> tuple[Row, Row]:
    """The meeting people reach by this number (a personal number leads to the host's running or next one)."""
    if not meetings.is_number(str(number)):
        raise NoRoom
    try:
        meeting = meetings.load(world, number)
    except ApiError:
        meeting = _of_personal_number(world, number)
    host = world.user(meeting["host_id"])
    if host is None:
        raise NoRoom
    return meeting, host


def _of_personal_number(world: World, number: int) -> Row:
    rows = world.store.all(
        "SELECT m.* FROM meeting m JOIN user u ON u.id = m.host_id WHERE u.pmi = ? AND m.deleted_at IS NULL "
        "AND json_extract(m.settings, '$.use_pmi') ORDER BY m.status != 'started', m.start_time",
        number,
    )
    for row in rows:
        if not meetings.expired(world, row):
            return row
    raise NoRoom


@blueprint.get("/s/<int:number>")
def start(number: int) -> Any:
    """The start link: the key in it must be the host's and fresh, and the host must be signed in at Zoom too.

    Without a key the signed-in host may start as well. Opening it starts the meeting, as at Zoom.
    """
    world = here()
    meeting, host = find(world, number)
    zak = request.args.get("zak")
    if zak is not None and meetings.zak_owner(world, zak) != host["id"]:
        return render_template("message.html", title="zak_bad", text="zak_bad_text"), 403
    user = signed_in(world)
    if user is None:
        return leave_for_sign_in()
    if user["id"] != host["id"]:
        return render_template("not_host.html", host=host, user=user, meeting=meeting, number=number), 403
    return _enter(world, meeting, host)


def _enter(world: World, meeting: Row, host: Row) -> Any:
    try:
        rooms.start(world, meeting, host)
    except rooms.HostBusy as busy:
        return render_template("busy.html", running=busy.running, meeting=meeting), 409
    return redirect(url_for("room_pages.room", meeting_id=meeting["id"]), 303)


def _as_host(world: World, meeting_id: int) -> tuple[Row, Row] | None:
    meeting, host = find(world, meeting_id)
    user = signed_in(world)
    return (meeting, host) if user and user["id"] == host["id"] else None


@blueprint.get("/room/<int:meeting_id>")
def room(meeting_id: int) -> Any:
    """The host's view: who waits, who is in."""
    world = here()
    found = _as_host(world, meeting_id)
    if found is None:
        return leave_for_sign_in()
    meeting, host = found
    return render_template(
        "room.html",
        meeting=meeting,
        host=host,
        waiting=rooms.people(world, meeting, rooms.WAITING_ROOM),
        inside=rooms.people(world, meeting, rooms.IN_MEETING),
    )


@blueprint.post("/room/<int:meeting_id>")
def act(meeting_id: int) -> Any:
    """Admit one or all, remove, end for all; or end another meeting and start this one."""
    world = here()
    found = _as_host(world, meeting_id)
    if found is None:
        return leave_for_sign_in()
    meeting, host = found
    decision = request.form.get("decision", "")
    if decision == "end":
        rooms.end(world, meeting)
    elif decision == "replace":
        for other in rooms.running(world, host):
            if str(other["id"]) == request.form.get("other"):
                rooms.end(world, other)
        return _enter(world, meeting, host)
    elif decision in ("admit", "remove", "admit_all"):
        _move(world, meeting, host, decision)
    return redirect(url_for("room_pages.room", meeting_id=meeting["id"]), 303)


def _move(world: World, meeting: Row, host: Row, decision: str) -> None:
    chosen = request.form.get("participant", "")
    for person in rooms.people(world, meeting, rooms.WAITING_ROOM) + rooms.people(
        world, meeting, rooms.IN_MEETING
    ):
        if decision == "remove" and person["key"] == chosen:
            rooms.leave(world, meeting, host, person, f"{person['name']} was removed by the host.")
        elif decision == "admit_all" or (decision == "admit" and person["key"] == chosen):
            rooms.admit(world, meeting, host, person)


@blueprint.get("/j/<int:number>")
def door(number: int) -> Any:
    """The join link: asks for the passcode if the address does not carry it, then for a name."""
    world = here()
    meeting, host = find(world, number)
    blocked = _must_sign_in(world, meeting)
    if blocked:
        return blocked
    known = _knows_passcode(meeting, host, number)
    wrong = bool(request.args.get("pwd")) and not known
    return _door_page(meeting, host, known=known, wrong=wrong)


def _door_page(meeting: Row, host: Row, *, known: bool, wrong: bool, nameless: bool = False) -> str:
    name = request.values.get("uname", "")
    return render_template(
        "join.html", meeting=meeting, host=host, known=known, wrong=wrong, nameless=nameless, name=name
    )


def _must_sign_in(world: World, meeting: Row) -> Any:
    if meeting["settings"]["meeting_authentication"] and signed_in(world) is None:
        return leave_for_sign_in()
    return None


def _knows_passcode(meeting: Row, host: Row, number: int) -> bool:
    pwd = host["pmi_pwd"] if meeting["settings"]["use_pmi"] else meeting["pwd"]
    if not pwd or meeting["id"] in session.get("passcodes", []):
        return True
    return hmac.compare_digest(request.args.get("pwd", "").encode(), pwd.encode())


@blueprint.post("/j/<int:number>")
def join(number: int) -> Any:
    """The passcode, or the name and in."""
    world = here()
    meeting, host = find(world, number)
    blocked = _must_sign_in(world, meeting)
    if blocked:
        return blocked
    passcode = request.form.get("passcode")
    if passcode is not None:
        if not hmac.compare_digest(passcode.strip().encode(), meeting["password"].encode()):
            return _door_page(meeting, host, known=False, wrong=True), 403
        session["passcodes"] = [*session.get("passcodes", [])[-20:], meeting["id"]]
        return redirect(url_for("room_pages.door", number=number), 303)
    if not _knows_passcode(meeting, host, number):
        return _door_page(meeting, host, known=False, wrong=False), 403
    # One browser often plays both sides here: who is signed in joins as a guest unless told otherwise.
    user = signed_in(world) if "as_me" in request.form else None
    if user and user["id"] == host["id"]:
        return _enter(world, meeting, host)
    name = request.form.get("uname", "").strip()[:64] or (user["display_name"] if user else "")
    if not name:
        return _door_page(meeting, host, known=True, wrong=False, nameless=True), 400
    person = rooms.join(world, meeting, host, name, user, request.args.get("tk", ""))
    return redirect(url_for("room_pages.seat", number=meeting["id"], key=person["key"]), 303)


@blueprint.get("/j/<int:number>/<key>")
def seat(number: int, key: str) -> Any:
    """Where this participant is now: before the door, in the waiting room, inside, or gone."""
    world = here()
    meeting, host = find(world, number)
    person = rooms.person(world, key)
    if person is None or person["meeting_id"] != meeting["id"]:
        raise NoRoom
    return render_template("seat.html", meeting=meeting, host=host, person=person)


@blueprint.post("/j/<int:number>/<key>")
def leave(number: int, key: str) -> Any:
    world = here()
    meeting, host = find(world, number)
    person = rooms.person(world, key)
    if person and person["meeting_id"] == meeting["id"] and person["state"] != rooms.LEFT:
        rooms.leave(world, meeting, host, person)
    return redirect(url_for("room_pages.seat", number=number, key=key), 303)


@blueprint.get("/meeting/register/<int:number>")
def register(number: int) -> Any:
    """Registration by a page is not simulated; by API it is."""
    find(here(), number)
    return render_template("message.html", title="register_title", text="register_text")
