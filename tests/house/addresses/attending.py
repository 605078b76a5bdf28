"""The addresses of holding interviews: the interviewer's page, the applicant's page, what applicants asked for."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from mensetsu.interviews import join_links
from mensetsu.interviews.models import CandidateRequest, Interview, Interviewer, Way
from mensetsu.mail.models import Receiver


def furnish(world: Any) -> None:
    now = timezone.now()
    world.held = Interview.objects.create(
        organization=world.people.company,
        candidate=world.candidate,
        starts_at=now + timedelta(minutes=5),
        minutes=60,
        way=Way.IN_PERSON,
        place="秘匿ビル5階",
        created_at=now,
        changed_at=now,
    )
    Interviewer.objects.create(interview=world.held, user=world.people.doi)
    world.asked = CandidateRequest.objects.create(
        interview=world.held,
        kind=CandidateRequest.Kind.WITHDRAWAL,
        receiver=Receiver.CANDIDATE,
        made_at=now,
    )


def _held(world: Any) -> tuple[int]:
    return (world.held.pk,)


def _asked(world: Any) -> tuple[int]:
    return (world.asked.pk,)


def _token(world: Any) -> str:
    link = join_links.link_for(world.held, receiver=Receiver.CANDIDATE, now=timezone.now())
    return join_links.token(link)


ADDRESSES = {
    "interviews:mine": None,
    "interviews:calendar_page": None,
    "interviews:start": _held,
    "interviews:outcome": _held,
    "interviews:calendar": _held,
    "interviews:request_handled": _asked,
    "interviews:withdrawal_accepted": _asked,
    "interviews:join": lambda world: (_token(world),),
    "interviews:join_enter": lambda world: (_token(world),),
    "interviews:join_calendar": lambda world: (_token(world),),
    "interviews:join_day": lambda world: (_token(world),),
    "interviews:join_ask": lambda world: (_token(world), "change"),
    "interviews:join_sent": lambda world: (_token(world), "change"),
}

ROLES = {
    "interviews:mine": "anyone",
    "interviews:start": "own",
    "interviews:outcome": "own",
    "interviews:calendar": "own",
}
