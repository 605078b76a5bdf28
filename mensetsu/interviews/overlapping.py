"""People in two interviews at once: recruiters may mean it, so it is shown before it is done, never forbidden.

What the form showed travels with it; whoever sets the interview looks again after taking the people's rows (`panels`),
and an overlap that has come since is told."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from mensetsu.accounts.models import User
from mensetsu.interviews.models import LONGER_THAN_ANY, Interview, Interviewer
from mensetsu.statements import compiled
from mensetsu.web import dates, moments, numbers

# (user id, interview id): that person is an interviewer of that other interview.
Pair = tuple[int, int]


class PeopleBusy(Exception):
    """These people have another interview at that time, and whoever presses has not been shown it."""

    def __init__(self, clashes: Sequence[tuple[User, Interview]]) -> None:
        super().__init__(sorted(pair_of(clash) for clash in clashes))
        self.clashes = list(clashes)


def pair_of(clash: tuple[User, Interview]) -> Pair:
    return clash[0].pk, clash[1].pk


def _taken(
    organization: int, people: Collection[Any], since: datetime, starts_at: datetime, ends_at: datetime
) -> QuerySet[Interviewer]:
    """By the interviews of that hour, which are few; somebody may have had thousands in all."""
    then = Interview.objects.standing().filter(organization=organization, starts_at__gt=since)
    then = then.overlapping(starts_at, ends_at).order_by().values("pk")
    return Interviewer.objects.filter(user__in=people, interview__in=then)


# Mostly there are none: so only their keys are read first.
_PAIRS = compiled.Read(
    lambda organization, people, since, starts_at, ends_at: (
        _taken(organization, people, since, starts_at, ends_at).order_by().values_list("user_id", "interview_id")
    ),
    organization=compiled.NUMBER, people=compiled.NUMBERS,
    since=compiled.MOMENT, starts_at=compiled.MOMENT, ends_at=compiled.MOMENT,
)  # fmt: skip


def _asked(people: Sequence[User], starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    """Of one company. What began longer ago than any interview lasts, also one taken over from Zoom, is over."""
    return {
        "organization": people[0].organization_id,
        "people": [user.pk for user in people],
        "since": moments.plus(starts_at, -LONGER_THAN_ANY),
        "starts_at": starts_at,
        "ends_at": ends_at,
    }


def clashes(
    people: Sequence[User], starts_at: datetime, ends_at: datetime, *, besides: Interview | None = None
) -> list[tuple[User, Interview]]:
    """Who of them has another interview at that time; one query for everybody. `besides` does not count."""
    if not people:
        return []
    by_id = {user.pk: user for user in people}
    rows = _taken(**_asked(people, starts_at, ends_at))
    if besides is not None:
        rows = rows.exclude(interview=besides)
    rows = rows.select_related("interview").order_by("interview__starts_at", "id")
    return [(by_id[row.user_id], row.interview) for row in rows]


def refuse_unseen(
    people: Sequence[User],
    starts_at: datetime,
    minutes: int,
    *,
    seen: Collection[Pair] | None,
    besides: Interview | None = None,
) -> None:
    """Refuses PeopleBusy with every overlap that is not among `seen`; None: nobody asks. After panels.take_turn nobody
    can slip in between."""
    if seen is None or not people:
        return
    ends_at = moments.plus(starts_at, timedelta(minutes=minutes))
    found = _PAIRS.rows(**_asked(people, starts_at, ends_at))
    if not {pair for pair in found if besides is None or pair[1] != besides.pk} - set(seen):
        return
    unseen = [one for one in clashes(people, starts_at, ends_at, besides=besides) if pair_of(one) not in seen]
    raise PeopleBusy(unseen)


def lines(clashes: Sequence[tuple[User, Interview]]) -> list[dict[str, Any]]:
    """Who, and when their other interview is, as pages show it."""
    return [{"user": user, "time": dates.span(other.starts_at, other.minutes)} for user, other in clashes]


def added(clashes: Sequence[tuple[User, Interview]], *, to: str) -> str:
    """What a form carried, and these, which the page shows now."""
    return written({pair_of(clash) for clash in clashes} | read(to))


def written(pairs: Collection[Pair]) -> str:
    """As a form carries them: 3-17 4-18."""
    return " ".join(f"{user}-{interview}" for user, interview in sorted(pairs))


def read(text: str) -> frozenset[Pair]:
    """What `written` wrote; anything else is nothing that was shown."""
    pairs = (piece.split("-") for piece in text.split())
    found = (tuple(numbers.keys(pair)) for pair in pairs if len(pair) == 2)
    return frozenset((pair[0], pair[1]) for pair in found if len(pair) == 2)
