"""The face of zoom: what other modules may ask of it.

    request · move · cancel · host_choices        in the caller's transaction; never call Zoom
    hold · release_holds · queue_up               a host's time, tentatively
    retry · restore                               make a meeting due again; never call Zoom
    issue · start_url · check                     call Zoom; never inside a transaction

Refusals before Zoom is asked: HostBusy, NoFreeHost, HostEnded, StartsInPast, NotMovable.
Answers of Zoom that a caller may meet: TryLater, OutcomeUnknown, ConnectionEnded, MeetingGone, Refused, AppRefused
(the tree is drawn in zoom/client.py). `Meeting.problem` is one of Problem, with words for people."""

from mensetsu.zoom.checking import check, start_url
from mensetsu.zoom.choices import HostChoice, host_choices
from mensetsu.zoom.client import (
    AppRefused,
    ConnectionEnded,
    MeetingGone,
    OutcomeUnknown,
    Refused,
    TryLater,
    ZoomError,
)
from mensetsu.zoom.hosting import (
    HostBusy,
    HostEnded,
    NoFreeHost,
    NotMovable,
    StartsInPast,
    cancel,
    hold,
    move,
    queue_up,
    release_holds,
    request,
    request_within,
)
from mensetsu.zoom.issuing import issue, restore, retry
from mensetsu.zoom.models import Problem

__all__ = [
    "AppRefused",
    "ConnectionEnded",
    "HostBusy",
    "HostChoice",
    "HostEnded",
    "MeetingGone",
    "NoFreeHost",
    "NotMovable",
    "OutcomeUnknown",
    "Problem",
    "Refused",
    "StartsInPast",
    "TryLater",
    "ZoomError",
    "cancel",
    "check",
    "hold",
    "host_choices",
    "issue",
    "move",
    "queue_up",
    "release_holds",
    "request",
    "request_within",
    "restore",
    "retry",
    "start_url",
]
