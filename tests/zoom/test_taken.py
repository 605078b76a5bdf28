"""What is read of the hosts' time grows with what is still to come, never with what is over."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mensetsu.zoom import taken
from tests import plans, story

pytestmark = [pytest.mark.django_db, plans.on_sqlite]


def test_the_time_of_hosts_is_found_by_when_it_ends() -> None:
    start = story.tomorrow_at(10)
    with CaptureQueriesContext(connection) as queries:
        taken.spans([1, 2], start, start + timedelta(hours=1), now=timezone.now())

    meetings, holds = [step for step in plans.steps(queries) if step.startswith("SEARCH")]
    assert meetings.endswith("INDEX meeting_ahead_of_host (connection_id=? AND ends_at>?)"), meetings
    assert holds.endswith("INDEX hold_ahead_of_host (connection_id=? AND ends_at>?)"), holds


def test_the_meetings_ahead_of_each_account_are_counted_by_when_they_end(people: SimpleNamespace) -> None:
    with CaptureQueriesContext(connection) as queries:
        taken.accounts(people.company.pk, now=timezone.now())

    (counted,) = [step for step in plans.steps(queries) if "meeting_ahead_of_host" in step]
    assert counted.endswith("(connection_id=? AND ends_at>?)"), counted
