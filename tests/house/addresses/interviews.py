"""The addresses of setting, changing and cancelling interviews; the home page."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from mensetsu.interviews.models import Interview, Rehosting, RehostingItem, Service, Way
from mensetsu.zoom.models import Connection, Difference, Meeting


def furnish(world: Any) -> None:
    """An online interview in three days whose link is still being issued, and a bulk change of its host."""
    now = timezone.now()
    starts_at = now + timedelta(days=3)
    company = world.people.company
    world.host = Connection.objects.create(
        organization=company,
        owner=world.people.aoki,
        is_shared=True,
        label="秘匿の主催者",
        zoom_user_id="furnished-for-interviews",
        plan_type=2,
        connected_at=now,
    )
    meeting = Meeting.objects.create(
        organization=company,
        connection=world.host,
        topic="面接",
        starts_at=starts_at,
        minutes=60,
        requested_at=now,
    )
    world.interview = Interview.objects.create(
        organization=company,
        candidate=world.candidate,
        starts_at=starts_at,
        minutes=60,
        way=Way.WEB,
        service=Service.ZOOM,
        meeting=meeting,
        created_at=now,
        changed_at=now,
    )
    world.rehosting = Rehosting.objects.create(
        organization=company, from_host=world.host, asked_by=world.people.aoki, asked_at=now
    )
    RehostingItem.objects.create(rehosting=world.rehosting, interview=world.interview)
    world.difference = Difference.objects.create(
        organization=company, meeting=meeting, kind="topic", ours="面接", theirs="秘匿 花子", found_at=now
    )


def _interview(world: Any) -> tuple[int]:
    return (world.interview.pk,)


def _candidate(world: Any) -> tuple[int]:
    return (world.candidate.pk,)


ADDRESSES = {
    "home": None,
    "interviews:today": None,
    "interviews:create": _candidate,
    "interviews:form_check": _candidate,
    "interviews:detail": _interview,
    "interviews:edit": _interview,
    "interviews:cancel": _interview,
    "interviews:saved": _interview,
    "interviews:url_state": _interview,
    "interviews:retry": _interview,
    "interviews:told": _interview,
    "interviews:postpone": _interview,
    "interviews:waive": _interview,
    "interviews:preflight": _interview,
    "interviews:rehost": lambda world: (world.host.pk,),
    "interviews:rehosting": lambda world: (world.rehosting.pk,),
    "interviews:adopt": _interview,
    "interviews:differences": None,
    "interviews:difference": lambda world: (world.difference.pk,),
    "interviews:leaver": lambda world: (world.people.doi.pk,),
}

ROLES = {
    # Interviewers are led to their own page.
    "home": "anyone",
    "interviews:detail": "own",
}
