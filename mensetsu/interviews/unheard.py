"""An interview that was written a moment ago: nobody has heard of it. There is nothing to stop, to correct or to give
back, and what would be asked about its people and letters is known without the database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import models

from mensetsu.interviews.models import Interview, Interviewer, JoinLink, Notice


@contextmanager
def of(interview: Interview, interviewers: Sequence[Interviewer]) -> Iterator[None]:
    """While the verb that wrote it tells people: `interview.is_unheard`, and its rows read as if prefetched. Afterwards
    it is an interview as any other, and is read from the database again."""
    interview.is_unheard = True
    interview._prefetched_objects_cache = {
        "interviewers": known(Interviewer, interviewers),
        "notices": known(Notice, []),
        "join_links": known(JoinLink, []),
    }
    try:
        yield
    finally:
        interview.is_unheard = False
        interview._prefetched_objects_cache = {}


def known(model: type[models.Model], rows: Sequence[models.Model]) -> models.QuerySet:
    """The answer of a query that need not be asked."""
    found = model._default_manager.all()
    found._result_cache = list(rows)
    return found
