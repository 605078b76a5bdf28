"""What an applicant (or the agency for them) asks for on the join page: another time, to withdraw, an accommodation.

A request changes nothing by itself: a recruiter reads it and acts. Nobody loses an interview by a slip of the thumb."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from mensetsu.accounts import models as accounts
from mensetsu.attending import alerts, join_page, recording
from mensetsu.interviews import automating, informing, scheduling
from mensetsu.interviews.models import CandidateRequest, Interview, JoinLink
from mensetsu.zoom import meetings

Kind = CandidateRequest.Kind
TEXT_LIMIT = 2000


class NotOpen(Exception):
    """The interview is over, canceled or withdrawn from: there is nothing to ask any more."""


class AlreadyHandled(Exception):
    """A colleague has dealt with this request."""


def make(link: JoinLink, *, kind: str, text: str, now: datetime) -> CandidateRequest:
    """The request, with a notice to the recruiters. The same one again (a second press) returns the first.

    Refusal: NotOpen, by how the interview stands now, whatever the page had read of it."""
    kind, text = Kind(kind), text[:TEXT_LIMIT]
    interview = link.interview
    with transaction.atomic():
        # Two presses of the same person queue up here.
        JoinLink.objects.filter(pk=link.pk).update(opened_at=Coalesce(F("opened_at"), now))
        present = Interview.objects.select_related("meeting").get(pk=interview.pk)
        if join_page.state_of(present, now=now) not in ("early", "before", "begun"):
            raise NotOpen
        waiting = interview.requests.filter(kind=kind, handled_at=None, receiver=link.receiver)
        same = (waiting if kind == Kind.WITHDRAWAL else waiting.filter(text=text)).first()
        if same is not None:
            return same
        request = CandidateRequest.objects.create(
            interview=interview, kind=kind, receiver=link.receiver, text=text, made_at=now
        )
        name = alerts.name_of(link)
        recording.record(f"interview.{kind}_requested", interview, by=None, now=now, actor_name=name)
        informing.tell_recruiters(
            "candidate_request",
            interview,
            kind=str(kind),
            text=text,
            from_name=alerts.name_of(link),
        )
    return request


def mark_handled(request: CandidateRequest, *, by: accounts.User, now: datetime) -> None:
    """The recruiter has dealt with it; it leaves the list of what is to be done. Refusal: AlreadyHandled."""
    with transaction.atomic():
        _handle(request, by=by, now=now)
        recording.record("interview.request_handled", request.interview, by=by, now=now, kind=request.kind)


def accept_withdrawal(request: CandidateRequest, *, by: accounts.User, now: datetime) -> None:
    """The applicant does not come: the interview is withdrawn from, its meetings are canceled, the host is free.

    Refusals: AlreadyHandled, scheduling.NotChangeable."""
    interview = request.interview
    with transaction.atomic():
        scheduling.claim(interview, None, by=by, now=now)
        _handle(request, by=by, now=now)
        Interview.objects.filter(pk=interview.pk).update(withdrawn_at=now)
        interview.withdrawn_at = now
        for meeting in (interview.meeting, interview.next_meeting):
            if meeting is not None and meeting.canceled_at is None:
                meetings.cancel(meeting, now=now)
        scheduling.note_next_interview(interview.candidate_id, now=now)
        recording.record("interview.withdrawn", interview, by=by, now=now)
        automating.tell_panel(informing.CANCELED, interview, informing.panel(interview), by=by, now=now)
        automating.follow(interview, now=now)


def _handle(request: CandidateRequest, *, by: accounts.User, now: datetime) -> None:
    mine = CandidateRequest.objects.filter(pk=request.pk, handled_at=None)
    if not mine.update(handled_at=now, handled_by=by):
        raise AlreadyHandled
    request.handled_at, request.handled_by = now, by
