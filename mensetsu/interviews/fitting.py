"""Interviews that are set already and do not fit what a person now says of their time. Nothing moves by itself: people
who change their hours or take a day off see here what they would have to arrange."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mensetsu.accounts.models import User
from mensetsu.availability import asking
from mensetsu.availability.hours import Span
from mensetsu.interviews.models import Interview

HORIZON = timedelta(days=180)


@dataclass(frozen=True)
class Unfitting:
    """One interview, and what stands against it in its interviewer's time."""

    interview: Interview
    reasons: list[asking.Reason]


def unfitting(user: User, *, now: datetime) -> list[Unfitting]:
    """The person's coming interviews that do not fit, soonest first; a constant number of queries."""
    coming = (
        Interview.objects.upcoming(now)
        .filter(interviewers__user=user, starts_at__lt=now + HORIZON)
        .select_related("candidate", "stage")
    )
    interviews = list(coming)
    if not interviews:
        return []
    last = max(one.ends_at for one in interviews)
    # A hold is never in the way of an interview that was there before it, and hours that nobody said are a guess.
    ignored = (
        {asking.HELD} if asking.weeks_of([user])[user.pk].is_said else {asking.HELD, asking.OUTSIDE_HOURS}
    )
    reasons = asking.reasons(users=[user], starts_at=now, ends_at=last, now=now)[user.pk]
    against = [one for one in reasons if one.kind not in ignored]
    found = []
    for interview in interviews:
        span = Span(interview.starts_at, interview.ends_at)
        if clashing := [one for one in against if one.span.overlaps(span)]:
            found.append(Unfitting(interview, clashing))
    return found
