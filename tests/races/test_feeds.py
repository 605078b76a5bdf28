"""The same button pressed twice at the same moment."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from mensetsu.availability import arranging, feeding, hours
from mensetsu.availability.models import Feed, FeedKind, WorkingHours
from tests.racing import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_four_presses_make_one_address(people: SimpleNamespace) -> None:
    now = timezone.now()

    answers = together(4, lambda: feeding.open_feed(people.doi, kind=FeedKind.OWN, now=now))

    assert len({feed.pk for feed in answers}) == 1
    assert Feed.objects.count() == 1


def test_renewing_at_once_leaves_one_living_address(people: SimpleNamespace) -> None:
    now = timezone.now()
    feeding.open_feed(people.doi, kind=FeedKind.OWN, now=now)

    answers = together(4, lambda: feeding.renew(people.doi, kind=FeedKind.OWN, now=now))

    assert [one for one in answers if isinstance(one, Exception)] == []
    assert Feed.objects.live().count() == 1


def test_of_two_weeks_saved_at_once_one_stands_whole(people: SimpleNamespace) -> None:
    now, hour = timezone.now(), hours.time

    def save(begins: int) -> bool:
        rows = [hours.Weekly(day, hour(begins), hour(begins + 1)) for day in range(5)]
        return arranging.say_week(people.doi, rows=rows, by=people.doi, now=now)

    answers = together(2, lambda: save(9), lambda: save(13))

    assert answers == [True, True]
    assert len(set(WorkingHours.objects.values_list("begins", flat=True))) == 1
    assert WorkingHours.objects.count() == 5
