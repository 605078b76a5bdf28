"""Our notices to interviewers after they were queued: what is looked at before one leaves late, who hears of one that
did not leave, and what a person does about it.

A notice that was overtaken by another one to the same person says nothing new and stays here, as does one whose facts
have changed since. One that tells of an interview which has begun does not leave either, but somebody must know."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from mensetsu.accounts import models as accounts
from mensetsu.history import recording
from mensetsu.interviews import informing
from mensetsu.interviews.models import Interview
from mensetsu.notices import sending
from mensetsu.notices.models import OutgoingNotice

PANEL = (
    informing.ASSIGNED, informing.MOVED, informing.WAY_CHANGED, informing.CANCELED, informing.RELEASED
)  # fmt: skip
_ENDS = (informing.CANCELED, informing.RELEASED)
# What a notice says of an interview that stands, besides its time.
_TOLD = ("minutes", "is_online", "is_phone", "place")


class OutOfDate(Exception):
    """The notice would tell what is not so any more, or somebody who does not work here any more."""


def listen() -> None:
    for name in PANEL:
        sending.keep(name, sending.Keeper(prepare=prepare, failed=note_failed))


def prepare(notice: OutgoingNotice, now: datetime) -> dict[str, Any]:
    """What the notice says. One that leaves late is held against the interview as it is now.

    Refuses sending.NotWanted and sending.Overdue."""
    if sending.is_late(notice, now):
        interview = _interview(notice)
        if interview is None or _is_overtaken(notice) or not _holds(notice, interview):
            raise sending.NotWanted
        if _comes_too_late(notice, interview, now):
            raise sending.Overdue
    return notice.context


def note_failed(notice: OutgoingNotice, now: datetime) -> None:
    """The interview's story says so. Inside the transaction that writes the failure down."""
    if (interview := _interview(notice)) is not None:
        reader = accounts.User.objects.filter(pk=notice.user_id).first()
        to = str(reader or notice.to_name)
        _record("interview.notice_failed", interview, by=None, now=now, to=to, problem=notice.problem)


@transaction.atomic
def send_again(notice: OutgoingNotice, *, by: accounts.User, now: datetime) -> accounts.User:
    """「もう一度送る」: to the address of today; answers whom. Refuses OutOfDate and sending.NotFailed."""
    interview = _interview(notice)
    reader = accounts.User.objects.working().filter(pk=notice.user_id).first()
    if interview is None or reader is None or _is_overtaken(notice) or not _holds(notice, interview):
        raise OutOfDate
    if _comes_too_late(notice, interview, now):
        raise OutOfDate
    sending.send_again(notice, to=reader, now=now)
    _record("interview.notice_resent", interview, by=by, now=now, to=str(reader))
    return reader


@transaction.atomic
def settle(notice: OutgoingNotice, *, by: accounts.User, now: datetime) -> None:
    """「対応済みにする」: a person has told the interviewer in another way."""
    interview = _interview(notice)
    if sending.settle(notice, now=now) and interview is not None:
        _record("interview.notice_settled", interview, by=by, now=now, to=notice.to_name)


def current(notices: QuerySet[OutgoingNotice]) -> QuerySet[OutgoingNotice]:
    """Of the notices to interviewers those that no later one to the same person has overtaken."""
    later = OutgoingNotice.objects.filter(
        about=OuterRef("about"), about_id=OuterRef("about_id"), user_id=OuterRef("user_id"),
        created_at__gt=OuterRef("created_at"), name__in=PANEL, canceled_at=None,
    )  # fmt: skip
    return notices.filter(name__in=PANEL).exclude(Exists(later))


def _is_overtaken(notice: OutgoingNotice) -> bool:
    return not current(OutgoingNotice.objects.filter(pk=notice.pk)).exists()


def _interview(notice: OutgoingNotice) -> Interview | None:
    found = Interview.objects.select_related("candidate__job", "stage")
    return found.filter(pk=notice.about_id).first()


def _holds(notice: OutgoingNotice, interview: Interview) -> bool:
    """What it says is so."""
    if notice.name == informing.CANCELED:
        return not interview.is_standing
    is_asked = interview.interviewers.filter(user_id=notice.user_id).exists()
    if notice.name == informing.RELEASED:
        return not is_asked
    said, facts = notice.context, informing.facts(interview, notice.language)
    knows_time = datetime.fromisoformat(said["starts_at"]) == interview.starts_at
    knows_rest = all(said[key] == facts[key] for key in _TOLD)
    return interview.is_standing and is_asked and knows_time and knows_rest


def _comes_too_late(notice: OutgoingNotice, interview: Interview, now: datetime) -> bool:
    return notice.name not in _ENDS and interview.starts_at <= now


def _record(action: str, interview: Interview, *, by: Any, now: datetime, **facts: str) -> None:
    recording.record(
        action, subject=interview, thread=interview.candidate, organization_id=interview.organization_id,
        by=by, at=now, **facts,
    )  # fmt: skip
