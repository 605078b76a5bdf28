"""別のZoomアカウントに変更: the last step. Before it the new account was linked and took over the coming interviews."""

from datetime import datetime

from mensetsu.accounts.models import User
from mensetsu.zoom import connecting
from mensetsu.zoom.models import Connection


def finish(old: Connection, *, to: Connection, is_own: bool, by: User, now: datetime) -> None:
    """Disconnect `old`; `to` goes on under its name, shared where it was, and with `is_own` as its owner's own.

    Refuses connecting.UpcomingMeetingsRemain (nothing was changed) and connecting.StillConnected (`old` is
    disconnected; another account is the owner's own)."""
    connecting.disconnect(old, by=by, now=now)
    is_shared = (to.is_shared or old.is_shared) and not is_own
    connecting.set_shared(to, is_shared=is_shared, label=to.label or old.label, by=by, now=now)
