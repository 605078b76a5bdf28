"""「マイ ミーティング」: what the host sees in Zoom, and changes there without telling any app first."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for

from . import meetings, meetings_api, zoom_side
from .errors import ApiError
from .people import leave_for_sign_in, signed_in
from .state import Row
from .words import t
from .world import World, here

blueprint = Blueprint("my_meetings", __name__)


@blueprint.get("/")
def home() -> Any:
    return redirect(url_for("my_meetings.index"), 302)


@blueprint.get("/meeting")
def index() -> Any:
    """The host's unexpired meetings, soonest first."""
    world = here()
    user = signed_in(world)
    if user is None:
        return leave_for_sign_in()
    rows = [_shown(world, row, user) for row in meetings_api.of_host(world, user)]
    return render_template("meetings.html", rows=rows, user=user)


def _shown(world: World, row: Row, user: Row) -> Row:
    start = row["start_time"] or row["created_at"]
    local = datetime.fromtimestamp(start, ZoneInfo(user["timezone"]))
    return row | {
        "number": meetings_api.spaced(meetings.number(row, user)),
        "join_url": meetings.join_url(world, row, user),
        "local": local.strftime("%Y-%m-%dT%H:%M"),
        "start": start,
        "over": start + row["duration"] * 60 <= world.clock.now(),
    }


@blueprint.post("/meeting/<int:meeting_id>")
def change(meeting_id: int) -> Any:
    """Change the time or delete, as the host would in Zoom's own pages."""
    world = here()
    user = signed_in(world)
    if user is None:
        return leave_for_sign_in()
    try:
        if meetings.load(world, meeting_id)["host_id"] != user["id"]:
            raise ApiError(400, 3003, "You are not the meeting host.")
        _carry_out(world, meeting_id, user)
    except ApiError as error:
        flash(f"{error.code}: {error.message}")
    return redirect(url_for("my_meetings.index"), 303)


def _carry_out(world: World, meeting_id: int, user: Row) -> None:
    if request.form.get("decision") == "delete":
        zoom_side.delete_meeting(world, meeting_id)
        flash(t("meeting_deleted"))
        return
    local = request.form.get("start", "")
    duration = request.form.get("duration", "")
    changes: dict[str, Any] = {"timezone": user["timezone"]}
    if local:
        changes["start_time"] = local[:16] + ":00"
    if duration.isdigit():
        changes["duration"] = int(duration)
    zoom_side.edit_meeting(world, meeting_id, changes)
    flash(t("meeting_changed"))
