"""Write down what happened, in the transaction in which it happens."""

from datetime import date, datetime
from typing import Any

from django.db import models

from mensetsu.history.models import Entry
from mensetsu.statements import compiled, together


def record(
    action: str,
    *,
    subject: models.Model,
    thread: models.Model | None = None,
    organization_id: int,
    by: Any,
    at: datetime,
    actor_name: str = "",
    **facts: Any,
) -> Entry:
    """One entry. `by` is the user, or None when the software acts by itself; `thread` is whose story it belongs to
    (an applicant, a connection; the subject itself if not given). `actor_name` names a person without a login
    (an applicant on their own page). Moments in `facts` have keys ending in `_at`, dates in `_on`."""
    made = entry(
        action, subject=subject, thread=thread, organization_id=organization_id, by=by, at=at, actor_name=actor_name,
        **facts,
    )  # fmt: skip
    together.write(_write, made)
    return made


def _write(entries: list[Entry]) -> None:
    compiled.insert(entries)


def entry(
    action: str,
    *,
    subject: models.Model,
    thread: models.Model | None = None,
    organization_id: int,
    by: Any,
    at: datetime,
    actor_name: str = "",
    **facts: Any,
) -> Entry:
    """The same, not stored yet: whoever writes thousands at once stores them with one bulk_create,
    or compiled.insert."""
    thread = subject if thread is None else thread
    return Entry(
        organization_id=organization_id,
        at=at,
        actor=by,
        actor_name=str(by) if by is not None else actor_name,
        action=action,
        subject=subject._meta.label_lower,
        subject_id=subject.pk,
        thread=thread._meta.label_lower,
        thread_id=thread.pk,
        facts={key: _plain(value) for key, value in facts.items()},
    )


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
