"""The face of zoom: what other modules may ask of it.

    request · move · cancel · host_choices        in the caller's transaction; never call Zoom
    issue · start_url · check                     call Zoom; never inside a transaction
    retry · restore                               make a meeting due again

Refusals before Zoom is asked: HostBusy, NoFreeHost, HostEnded, StartsInPast, NotMovable.
Answers of Zoom that a caller may meet: TryLater, OutcomeUnknown, ConnectionEnded, MeetingGone, Refused, AppRefused
(the tree is drawn in zoom/client.py)."""

from mensetsu.zoom.hosting import (
    HostBusy,
    HostChoice,
    HostEnded,
    NoFreeHost,
    NotMovable,
    StartsInPast,
    cancel,
    host_choices,
    move,
    request,
)

__all__ = [
    "HostBusy",
    "HostChoice",
    "HostEnded",
    "NoFreeHost",
    "NotMovable",
    "StartsInPast",
    "cancel",
    "host_choices",
    "move",
    "request",
]
