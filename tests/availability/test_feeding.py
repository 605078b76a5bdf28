"""The addresses of calendars: what they hold is tried with interviews, here how they are taken back."""

import pytest
from django.utils import timezone

from mensetsu.availability import feeding
from mensetsu.availability.models import Feed, FeedKind
from mensetsu.history.models import Entry
from tests.racing import meanwhile

pytestmark = pytest.mark.django_db


def test_two_presses_at_once_take_an_address_back_once(people) -> None:
    now = timezone.now()
    feed = feeding.open_feed(people.doi, kind=FeedKind.OWN, now=now)

    def other_press() -> None:
        feeding.revoke(people.doi, kind=FeedKind.OWN, now=now)

    with meanwhile('UPDATE "availability_feed" SET "revoked_at"', other_press):
        feeding.revoke(people.doi, kind=FeedKind.OWN, now=now)

    assert not Feed.objects.live().exists()
    assert feeding.find(feeding.token(feed)) is None
    assert Entry.objects.filter(action="feed.revoked").count() == 1
