"""Entries of the day in the applicant's story. Each says for which agreed time it is: what was told or asked for one is
told and asked again for the next (`alerts`)."""

from datetime import datetime
from typing import Any

from mensetsu.accounts import models as accounts
from mensetsu.interviews import arranging
from mensetsu.interviews.models import Interview


def record(
    action: str, interview: Interview, *, by: accounts.User | None, now: datetime, **facts: Any
) -> None:
    """In the caller's transaction. `actor_name` names who is nobody of ours."""
    arranging.record(action, interview, by=by, now=now, starts_at=interview.starts_at, **facts)
