"""Zoom refused the keys of the company's app, and accepts them again: meetings that could not be made are due anew.

That Zoom accepts them is known of a link by a request that went through; so every look at a link that succeeds
(checking.check_link) goes on here. Nobody need press anything."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from mensetsu.zoom import issuing, signals
from mensetsu.zoom.models import Connection, Meeting, MeetingQuerySet, Problem

logger = logging.getLogger(__name__)


def waiting(now: datetime) -> MeetingQuerySet:
    """Coming meetings of live links that were not made because of the app's keys."""
    coming = Meeting.objects.live().filter(ends_at__gt=now, connection__ended_at=None, issued_at=None)
    return coming.filter(problem=Problem.APP_REFUSED).exclude(failed_at=None)


def links_in_trouble(organization_id: int, *, now: datetime) -> list[int]:
    """The company's live links that have met the refusal: worth a look as soon as the keys may be right."""
    troubled = Meeting.objects.live().filter(ends_at__gt=now, problem=Problem.APP_REFUSED)
    met = Q(check_problem=Problem.APP_REFUSED) | Q(pk__in=troubled.values("connection_id"))
    links = Connection.objects.live().filter(met, organization_id=organization_id)
    return list(links.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def resume(connection: Connection, *, now: datetime) -> int:
    """Zoom has answered this link, asked at `now`: what its app's keys had kept from being made before is due.

    Of two who find that out at the same moment one makes a meeting due. Answers how many it was."""
    count = 0
    for meeting in waiting(now).filter(connection=connection, failed_at__lte=now).order_by("starts_at", "pk"):
        if issuing.retry(meeting, failed_at=meeting.failed_at, now=now):
            signals.meeting_news.send(sender=Meeting, meeting=meeting, kind="due", at=now, now=now)
            count += 1
    if count:
        logger.info("meetings_resumed connection=%s count=%s", connection.pk, count)
    return count
