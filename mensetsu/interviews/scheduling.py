"""Set, change and cancel interviews. Every verb is one transaction: the interview, its people, the host's time at
Zoom, the history and the work that follows are written together or not at all. Nothing here speaks to Zoom."""

import inspect
import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.candidates import registering
from mensetsu.interviews import (
    arranging,
    automating,
    beside,
    informing,
    issuing,
    overlapping,
    preflighting,
    unheard,
)
from mensetsu.interviews.models import Interview
from mensetsu.jobs import port
from mensetsu.mail.models import Receiver, TemplateGroup
from mensetsu.statements import compiled, together
from mensetsu.zoom import meetings
from mensetsu.zoom import models as zoom

# The face of arranging and issuing: other modules need to know only this file.
StartsInPast = arranging.StartsInPast
OutOfReach = arranging.OutOfReach
ApplicantBusy = arranging.ApplicantBusy
ApplicantLeft = arranging.ApplicantLeft
ChangedMeanwhile = arranging.ChangedMeanwhile
PeopleBusy = overlapping.PeopleBusy
NotChangeable = arranging.NotChangeable
claim = arranging.claim
note_next_interview = arranging.note_next_interview
issue_meeting = issuing.issue_meeting
# The group that an interview has already.
KEEP = "keep"


@transaction.atomic
def schedule(
    *,
    candidate: candidates.Candidate,
    stage: candidates.Stage | None,
    starts_at: datetime,
    minutes: int,
    interviewers: Sequence[accounts.User],
    way: str,
    service: str = "",
    host: zoom.Connection | None = None,
    host_later: bool = False,
    custom_url: str = "",
    place: str = "",
    memo: str = "",
    form_key: uuid.UUID | None = None,
    template_group: TemplateGroup | None = None,
    seen: Collection[overlapping.Pair] | None = None,
    are_taken: bool = False,
    by: accounts.User | None,
    now: datetime,
) -> Interview:
    """An interview that stands, with its host's time taken; its meeting is issued by a job right after.

    `starts_at` is an instant; `host=None` lets Mensetsu choose, `host_later` leaves the Zoom host to be chosen by a
    person afterwards (the interview then needs a host). With a `template_group` the mails leave by themselves; where
    nobody is there to write (`by` is None) one is found. The same `form_key` again returns the interview made first.
    `seen` are the overlaps of interviewers that a person was shown; None: whoever calls has looked at them, and with
    `are_taken` holds their rows already (panels.take_turn).
    Refusals: StartsInPast, OutOfReach, ApplicantLeft, ApplicantBusy, PeopleBusy; HostBusy, NoFreeHost, HostEnded."""
    if not are_taken:
        arranging.queue_up(interviewers)
    is_there = arranging.take_turn_unless_left(candidate.pk)
    others = beside.of(candidate.pk, form_key)
    if (made := others.made()) is not None:
        return made
    arranging.refuse_moment(starts_at, now=now)
    if not is_there:
        raise ApplicantLeft
    next_at = others.next(starts_at, minutes, now=now)
    overlapping.refuse_unseen(interviewers, starts_at, minutes, seen=seen)
    interview = Interview(
        organization=candidate.organization, candidate=candidate, stage=stage, starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes), minutes=minutes, way=way, service=service,
        custom_url=custom_url, place=place, memo=memo, form_key=None if others.is_key_used else form_key,
        template_group=template_group or (automating.group_for(candidate, stage) if by is None else None),
        created_at=now, created_by=by, changed_at=now, changed_by=by,
    )  # fmt: skip
    compiled.insert([interview])
    seats = arranging.seat(interview, interviewers)
    with together.gathered(), unheard.of(interview, seats):
        if interview.uses_zoom and not host_later:
            arranging.attach(interview, arranging.request(interview, host, by=by, now=now))
            issuing.issue_meeting.enqueue(interview_id=interview.pk)
        registering.note_next_interview(candidate.pk, next_at, now=now)
        facts = {"starts_at": starts_at, "minutes": minutes}
        arranging.record("interview.scheduled", interview, by=by, now=now, **facts)
        automating.tell_panel(informing.ASSIGNED, interview, interviewers, by=by, now=now)
        automating.follow(interview, now=now)
    return interview


# The same for who is in a transaction that a refusal undoes as a whole.
schedule_within = inspect.unwrap(schedule)


def reschedule(
    interview: Interview,
    *,
    starts_at: datetime,
    minutes: int,
    by: accounts.User | None,
    now: datetime,
    version: int | None = None,
    seen: Collection[overlapping.Pair] | None = None,
) -> None:
    """The same interview at another time, with the same meeting: its id and URL stay. `seen` as in `schedule`.

    Refusals: StartsInPast, OutOfReach, ApplicantBusy, PeopleBusy, HostBusy, HostEnded, ChangedMeanwhile,
    NotChangeable."""
    with transaction.atomic():
        people = informing.panel(interview)
        arranging.queue_up(people, interview)
        claim(interview, version, by=by, now=now)
        overlapping.refuse_unseen(people, starts_at, minutes, seen=seen, besides=interview)
        before = interview.starts_at, interview.minutes
        _move(interview, starts_at, minutes, now=now)
        arranging.settle_meeting(interview, host=None, may_pick=False, by=by, now=now)
        _note_moved(interview, before, by=by, now=now)
        automating.follow(interview, now=now)


def change_host(
    interview: Interview,
    host: zoom.Connection | None,
    *,
    by: accounts.User | None,
    now: datetime,
    version: int | None = None,
) -> None:
    """Another Zoom account will host: a new meeting is requested first, and only when it is issued does it take the
    old one's place. `host=None` picks a free one other than the present; the present host by name changes nothing
    unless its meeting was lost. Refusals: HostBusy, NoFreeHost, HostEnded, ChangedMeanwhile, NotChangeable."""
    with transaction.atomic():
        claim(interview, version, by=by, now=now)
        before = arranging.host_id(interview)
        if interview.uses_zoom and arranging.replace_host(interview, host, by=by, now=now):
            arranging.note_host(interview, before, by=by, now=now)


def change_interviewers(
    interview: Interview,
    interviewers: Sequence[accounts.User],
    *,
    by: accounts.User | None,
    now: datetime,
    version: int | None = None,
    seen: Collection[overlapping.Pair] | None = None,
) -> None:
    """Other people will interview; time, host and URL stay. `seen` as in `schedule`.

    Refusals: PeopleBusy, ChangedMeanwhile, NotChangeable."""
    with transaction.atomic():
        arranging.queue_up(interviewers, interview)
        claim(interview, version, by=by, now=now)
        overlapping.refuse_unseen(
            interviewers, interview.starts_at, interview.minutes, seen=seen, besides=interview
        )
        _reassign(interview, interviewers, by=by, now=now)
        automating.follow(interview, now=now)


def change(
    interview: Interview,
    *,
    stage: candidates.Stage | None,
    starts_at: datetime,
    minutes: int,
    interviewers: Sequence[accounts.User],
    way: str,
    service: str,
    host: zoom.Connection | None,
    custom_url: str,
    place: str,
    memo: str,
    template_group: TemplateGroup | str | None = KEEP,
    version: int | None = None,
    seen: Collection[overlapping.Pair] | None = None,
    by: accounts.User | None,
    now: datetime,
) -> list[str]:
    """Everything a change form says, at once; answers which parts changed: "time", "way", "host", "interviewers",
    "details". `host=None` keeps the present host while it is free at that time and finds another if not.

    Refusals: those of the single verbs; a start in the past is refused only when it changes, an overlap of
    interviewers that is not among `seen` only when time or people change."""
    with transaction.atomic():
        arranging.queue_up(interviewers, interview)
        claim(interview, version, by=by, now=now)
        before = interview.starts_at, interview.minutes
        moved, way_before = before != (starts_at, minutes), (interview.letter_way, interview.place)
        if moved or not set(interviewers) <= set(informing.panel(interview)):
            overlapping.refuse_unseen(interviewers, starts_at, minutes, seen=seen, besides=interview)
        if moved:
            _move(interview, starts_at, minutes, now=now)
        other_way = _set_way(interview, way, service, custom_url, place)
        group = interview.template_group if template_group == KEEP else template_group
        detailed = _set_details(interview, stage=stage, memo=memo, template_group=group, by=by, now=now)
        host_before = arranging.host_id(interview)
        rehosted = arranging.settle_meeting(interview, host=host, may_pick=True, by=by, now=now)
        if other_way:
            arranging.record("interview.way_changed", interview, by=by, now=now, way=way)
        elif rehosted:
            arranging.note_host(interview, host_before, by=by, now=now)
        came = _reassign(interview, interviewers, by=by, now=now)
        if moved:
            _note_moved(interview, before, besides=came or [], by=by, now=now)
        else:
            _tell_way(interview, way_before, besides=came or [], by=by, now=now)
        automating.follow(interview, now=now)
    answers = {"time": moved, "way": other_way, "host": rehosted and not other_way, "interviewers": came is not None,
               "details": detailed}  # fmt: skip
    return [part for part, is_changed in answers.items() if is_changed]


def cancel(
    interview: Interview,
    *,
    reason: str = "",
    by: accounts.User | None,
    side: str = Receiver.CANDIDATE,
    now: datetime,
    version: int | None = None,
) -> None:
    """The interview does not take place; its meetings are canceled and the hosts' time is free at once.

    The interviewers are told; the applicant is not, unless a template group does: that mail is the caller's next step.
    Where no colleague canceled (`by` is None), `side` says who outside gave the date back; they get a receipt.
    Refusals: ChangedMeanwhile, NotChangeable."""
    with transaction.atomic():
        claim(interview, version, by=by, now=now)
        interview.canceled_at, interview.canceled_by, interview.cancel_reason = now, by, reason
        interview.canceled_side = side if by is None else ""
        interview.save(update_fields=["canceled_at", "canceled_by", "canceled_side", "cancel_reason"])
        arranging.cancel_meetings(interview, now=now)
        note_next_interview(interview.candidate_id, now=now)
        arranging.record(
            "interview.canceled", interview, by=by, now=now, starts_at=interview.starts_at, reason=reason
        )
        automating.tell_panel(informing.CANCELED, interview, informing.panel(interview), by=by, now=now)
        automating.follow(interview, now=now)


def retry_issue(interview: Interview, *, by: accounts.User | None, now: datetime) -> None:
    """Another try for a meeting that could not be made, a new one on the same host for a meeting lost at Zoom, or our
    time once more for a meeting that says another at Zoom.

    Pressing it twice is harmless. Refusals: HostBusy, HostEnded, NoFreeHost, NotChangeable."""
    wanted = interview.next_meeting or interview.meeting
    if wanted is None or wanted.lost_at is not None or not wanted.connection.is_live:
        change_host(interview, wanted.connection if wanted else None, by=by, now=now)
    elif wanted.issued_at is None and interview.is_standing:
        with transaction.atomic():
            meetings.retry(wanted, now=now)
            issuing.issue_meeting.enqueue(interview_id=interview.pk)
            arranging.record("interview.issue_retried", interview, by=by, now=now)
    elif wanted.is_unsynced and interview.is_standing:
        with transaction.atomic():
            meetings.restore(wanted, now=now)
            arranging.record("interview.sync_retried", interview, by=by, now=now)


def postpone_confirmation(interview: Interview, *, by: accounts.User | None, now: datetime) -> None:
    """「あとで送る」: remembered, so that the mail stays on the list of what is to be done."""
    _mark_once(interview, "confirmation_postponed", by=by, now=now)


def waive_confirmation(interview: Interview, *, by: accounts.User | None, now: datetime) -> None:
    """The recruiter says that no mail is needed: it leaves the list of what is to be done."""
    _mark_once(interview, "confirmation_waived", by=by, now=now)


@port.job()
def note_passed() -> None:
    """Interviews that ended since the last run are nobody's next interview any more."""
    now = timezone.now()
    stale = candidates.Candidate.objects.filter(next_interview_at__lt=now)
    for candidate_id in list(stale.values_list("pk", flat=True)[:5000]):
        with transaction.atomic():
            arranging.take_turn(candidate_id)
            note_next_interview(candidate_id, now=now)


def _move(interview: Interview, starts_at: datetime, minutes: int, *, now: datetime) -> None:
    arranging.refuse_moment(starts_at, now=now)
    arranging.refuse_overlap(interview.candidate_id, starts_at, minutes, besides=interview.pk)
    if interview.starts_at != starts_at:
        preflighting.forget(interview, now=now)
    interview.starts_at, interview.minutes = starts_at, minutes
    interview.save(update_fields=["starts_at", "minutes", "ends_at"])
    note_next_interview(interview.candidate_id, now=now)


def _note_moved(
    interview: Interview,
    before: tuple[datetime, int],
    *,
    besides: Sequence[accounts.User] = (),
    by: accounts.User | None,
    now: datetime,
) -> None:
    """`besides`: who has just been asked for the new time knows no old one."""
    facts = {"from_at": before[0], "starts_at": interview.starts_at, "minutes": interview.minutes}
    arranging.record("interview.rescheduled", interview, by=by, now=now, **facts)
    people = [user for user in informing.panel(interview) if user not in besides]
    automating.tell_panel(informing.MOVED, interview, people, by=by, now=now, from_at=before[0])


def _tell_way(
    interview: Interview,
    before: tuple[str, str],
    *,
    besides: Sequence[accounts.User] = (),
    by: accounts.User | None,
    now: datetime,
) -> None:
    if before != (interview.letter_way, interview.place):
        people = [user for user in informing.panel(interview) if user not in besides]
        automating.tell_panel(informing.WAY_CHANGED, interview, people, by=by, now=now)


def _reassign(
    interview: Interview, interviewers: Sequence[accounts.User], *, by: accounts.User | None, now: datetime
) -> list[accounts.User] | None:
    """Who came; None when nobody came or left."""
    came, left = arranging.assign(interview, interviewers)
    if not came and not left:
        return None
    names = [str(user) for user in interviewers]
    arranging.record("interview.interviewers_changed", interview, by=by, now=now, names=names)
    automating.tell_panel(informing.ASSIGNED, interview, came, by=by, now=now)
    automating.tell_panel(informing.RELEASED, interview, left, by=by, now=now)
    return came


def _set_way(interview: Interview, way: str, service: str, custom_url: str, place: str) -> bool:
    wanted = {"way": way, "service": service, "custom_url": custom_url, "place": place}
    if all(getattr(interview, name) == value for name, value in wanted.items()):
        return False
    for name, value in wanted.items():
        setattr(interview, name, value)
    interview.save(update_fields=list(wanted))
    return True


def _set_details(
    interview: Interview,
    *,
    stage: candidates.Stage | None,
    memo: str,
    template_group: TemplateGroup | None,
    by: accounts.User | None,
    now: datetime,
) -> bool:
    if (interview.stage, interview.memo, interview.template_group) == (stage, memo, template_group):
        return False
    interview.stage, interview.memo, interview.template_group = stage, memo, template_group
    interview.save(update_fields=["stage", "memo", "template_group"])
    arranging.record("interview.details_changed", interview, by=by, now=now)
    return True


def _mark_once(interview: Interview, what: str, *, by: accounts.User | None, now: datetime) -> None:
    column = f"{what}_at"
    with transaction.atomic():
        if Interview.objects.filter(pk=interview.pk, **{column: None}).update(**{column: now}):
            arranging.record(f"interview.{what}", interview, by=by, now=now)
