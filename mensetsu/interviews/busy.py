"""When people are taken by interviews. From our own rows only; a constant number of queries, however many people."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from mensetsu.accounts.models import User
from mensetsu.availability import asking, hours
from mensetsu.availability.hours import Span
from mensetsu.interviews.models import Interview, Interviewer
from mensetsu.statements import compiled


def of(
    users: Sequence[User], starts_at: datetime, ends_at: datetime, *, besides: Interview | None = None
) -> dict[int, list[Span]]:
    """For each person, the standing interviews that touch that time, in order; one query.

    `besides` is an interview that does not count, because it is the one that is to be moved."""
    found: dict[int, list[Span]] = defaultdict(list)
    # No interview has the number 0.
    for user_id, start, end in _STANDING.rows(
        users=[user.pk for user in users],
        starts_at=starts_at,
        ends_at=ends_at,
        besides=besides.pk if besides else 0,
    ):
        found[user_id].append(Span(start, end))
    return found


_STANDING = compiled.Read(
    lambda users, starts_at, ends_at, besides: Interviewer.objects.filter(
        user__in=users, interview__canceled_at=None, interview__withdrawn_at=None,
        interview__starts_at__lt=ends_at, interview__ends_at__gt=starts_at,
    )
    .exclude(interview=besides)
    .order_by("interview__starts_at")
    .values_list("user_id", "interview__starts_at", "interview__ends_at"),
    users=compiled.NUMBERS, starts_at=compiled.MOMENT, ends_at=compiled.MOMENT, besides=compiled.NUMBER,
)  # fmt: skip


def open_spans(
    *,
    users: Sequence[User],
    first: date,
    last: date,
    now: datetime,
    ignoring: str = "",
    besides: Interview | None = None,
) -> dict[int, list[Span]]:
    """For each person, the working time from `first` to `last` that nothing has taken: what availability knows of,
    and interviews. `ignoring` is the key of holds that do not count."""
    open_for = asking.open_spans(users=users, first=first, last=last, now=now, ignoring=ignoring)
    edges = [edge for spans in open_for.values() for span in spans for edge in (span.start, span.end)]
    if not edges:
        return open_for
    taken: Mapping[int, list[Span]] = of(users, min(edges), max(edges), besides=besides)
    return {pk: hours.subtract(spans, taken.get(pk, [])) for pk, spans in open_for.items()}
