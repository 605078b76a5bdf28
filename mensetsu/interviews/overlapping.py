"""People in two interviews at once: recruiters may mean it, so it is shown before it is done, never forbidden.

What the form showed travels with it; whoever sets the interview looks again after taking the people's rows (`panels`),
and an overlap that has come since is told."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from mensetsu.accounts.models import User
from mensetsu.interviews.models import Interview, Interviewer

# (user id, interview id): that person is an interviewer of that other interview.
Pair = tuple[int, int]


class PeopleBusy(Exception):
    """These people have another interview at that time, and whoever presses has not been shown it."""

    def __init__(self, clashes: Sequence[tuple[User, Interview]]) -> None:
        super().__init__(sorted(pair_of(clash) for clash in clashes))
        self.clashes = list(clashes)


def pair_of(clash: tuple[User, Interview]) -> Pair:
    return clash[0].pk, clash[1].pk


def clashes(
    people: Sequence[User], starts_at: datetime, ends_at: datetime, *, besides: Interview | None = None
) -> list[tuple[User, Interview]]:
    """Who of them has another interview at that time; one query for everybody. `besides` does not count."""
    by_id = {user.pk: user for user in people}
    rows = Interviewer.objects.filter(
        user__in=people, interview__canceled_at=None, interview__withdrawn_at=None,
        interview__starts_at__lt=ends_at, interview__ends_at__gt=starts_at,
    )  # fmt: skip
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
    if seen is None:
        return
    ends_at = starts_at + timedelta(minutes=minutes)
    unseen = [one for one in clashes(people, starts_at, ends_at, besides=besides) if pair_of(one) not in seen]
    if unseen:
        raise PeopleBusy(unseen)


def written(pairs: Collection[Pair]) -> str:
    """As a form carries them: 3-17 4-18."""
    return " ".join(f"{user}-{interview}" for user, interview in sorted(pairs))


def read(text: str) -> frozenset[Pair]:
    """What `written` wrote; anything else is nothing that was shown."""
    pairs = (piece.split("-") for piece in text.split())
    return frozenset(
        (int(pair[0]), int(pair[1])) for pair in pairs if len(pair) == 2 and all(map(_is_id, pair))
    )


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) < 19
