"""The parts of which setting and changing an interview are made. Each works inside the caller's transaction and leaves
`interview` as the database has it. The verbs themselves are in `scheduling`.

Order of the rows taken in a transaction: what keeps a place for the interview (`places`), people, applicant, interview,
host. Competitors queue up in that order."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.candidates import registering
from mensetsu.history import recording
from mensetsu.interviews import beside, issuing, panels, places
from mensetsu.interviews.models import Interview, Interviewer
from mensetsu.statements import compiled
from mensetsu.web import typed
from mensetsu.zoom import meetings
from mensetsu.zoom import models as zoom

GONE = (candidates.Status.WITHDRAWN, candidates.Status.REJECTED)


# The start is not in the future; one refusal, whether Zoom is concerned or not.
StartsInPast = meetings.StartsInPast
ApplicantBusy = beside.ApplicantBusy
# It is further ahead than anybody plans, or before our time.
OutOfReach = typed.OutOfReach


class ApplicantLeft(Exception):
    """The applicant has withdrawn or was rejected: nobody is to be interviewed."""


class ChangedMeanwhile(Exception):
    """Someone else changed this interview after the form was opened."""

    def __init__(self, by: accounts.User | None, at: datetime) -> None:
        super().__init__(f"at {at:%H:%M}")
        self.by, self.at = by, at


class NotChangeable(Exception):
    """The interview is canceled, withdrawn from or done."""

    def __init__(self, interview: Interview) -> None:
        super().__init__(f"interview {interview.pk}")
        self.interview = interview


def take_turn(candidate_id: int) -> None:
    """Whoever sets or changes an interview of this applicant at the same moment waits here for our commit."""
    _TURN.run(candidate=candidate_id)


def take_turn_unless_left(candidate_id: int) -> bool:
    """The same where only an applicant who is still there is to be interviewed; False: they have left."""
    return bool(_TURN_UNLESS_LEFT.run(candidate=candidate_id))


_TURN = compiled.Change(
    lambda candidate: (
        candidates.Candidate.objects.filter(pk=candidate),
        {"next_interview_at": F("next_interview_at")},
    ),
    candidate=compiled.NUMBER,
)
_TURN_UNLESS_LEFT = compiled.Change(
    lambda candidate: (
        candidates.Candidate.objects.filter(pk=candidate).exclude(status__in=GONE),
        {"next_interview_at": F("next_interview_at")},
    ),
    candidate=compiled.NUMBER,
)


def queue_up(people: Iterable[accounts.User], interview: Interview | None = None) -> None:
    """Whoever plans with these people at the same moment waits here for our commit: an applicant who books, a
    colleague who sets another interview. Before the applicant's row is taken."""
    if interview is not None:
        places.take_turn(interview)
    panels.take_turn(people)


def claim(interview: Interview, version: int | None, *, by: accounts.User | None, now: datetime) -> None:
    """Take the interview for a change, or say why not. `version` is what the person saw; None: the row in hand."""
    places.take_turn(interview)
    take_turn(interview.candidate_id)
    seen = interview.version if version is None else version
    changeable = Interview.objects.standing().filter(pk=interview.pk, outcome="")
    if changeable.filter(version=seen).update(version=F("version") + 1, changed_at=now, changed_by=by):
        interview.refresh_from_db()
        return
    present = Interview.objects.select_related("changed_by").get(pk=interview.pk)
    if not present.is_standing or present.outcome:
        raise NotChangeable(present)
    raise ChangedMeanwhile(present.changed_by, present.changed_at)


def refuse_moment(starts_at: datetime, *, now: datetime) -> None:
    """Interviews begin in the future, and within two years: refuses StartsInPast and OutOfReach. By a day more than
    forms, which count on the clocks of people."""
    if starts_at <= now:
        raise StartsInPast
    typed.refuse_out_of_reach(starts_at.date(), today=now.date() + timedelta(days=1))


def refuse_overlap(
    candidate_id: int, starts_at: datetime, minutes: int, *, besides: int | None = None
) -> None:
    """One applicant, one interview at a time. After `take_turn` nobody can slip in between."""
    others = Interview.objects.standing().filter(candidate_id=candidate_id).exclude(pk=besides)
    clash = (
        others.overlapping(starts_at, starts_at + timedelta(minutes=minutes)).order_by("starts_at").first()
    )
    if clash is not None:
        raise ApplicantBusy(clash)


def seat(interview: Interview, interviewers: Sequence[accounts.User]) -> list[Interviewer]:
    """The interviewers of an interview that was written a moment ago, each once, in this order."""
    wanted = {user.pk: user for user in interviewers}.values()
    seats = [
        Interviewer(interview=interview, user=user, position=position) for position, user in enumerate(wanted)
    ]
    compiled.insert(seats)
    return seats


def attach(interview: Interview, meeting: zoom.Meeting) -> None:
    """The meeting of an interview that was written a moment ago."""
    interview.meeting = meeting
    _ATTACH.run(interview=interview.pk, meeting=meeting.pk)


_ATTACH = compiled.Change(
    lambda interview, meeting: (Interview.objects.filter(pk=interview), {"meeting_id": meeting}),
    interview=compiled.NUMBER, meeting=compiled.NUMBER,
)  # fmt: skip


def assign(interview: Interview, interviewers: Sequence[accounts.User]) -> tuple[list, list]:
    """Make these the interviewers, in this order; answers who came and who left."""
    before = {row.user_id: row for row in interview.interviewers.select_related("user")}
    wanted = {user.pk: user for user in interviewers}
    left = [row.user for pk, row in before.items() if pk not in wanted]
    came = [user for pk, user in wanted.items() if pk not in before]
    if left:
        interview.interviewers.filter(user__in=left).delete()
    for position, pk in enumerate(wanted):
        if pk not in before:
            Interviewer.objects.create(interview=interview, user_id=pk, position=position)
        elif before[pk].position != position:
            interview.interviewers.filter(user_id=pk).update(position=position)
    return came, left


def settle_meeting(
    interview: Interview,
    *,
    host: zoom.Connection | None,
    may_pick: bool,
    by: accounts.User | None,
    now: datetime,
) -> bool:
    """Bring the Zoom meetings in line with the interview as it now is; answers whether another meeting was requested.

    `host=None` keeps the present host; with `may_pick` a free one is found when that one is busy or gone."""
    if not interview.uses_zoom:
        cancel_meetings(interview, now=now)
        detach_meetings(interview)
        return False
    active = interview.next_meeting or interview.meeting
    if active is not None and _is_usable(active) and host in (None, active.connection):
        if active is interview.next_meeting:
            meetings.queue_up(interview.organization)
        try:
            with transaction.atomic():
                _follow(active, interview, now=now)
            _keep_up(interview, now=now)
            return False
        except meetings.HostBusy:
            if not may_pick or host is not None:
                raise
    elif host is None and not may_pick:
        if active is not None:
            raise meetings.HostEnded
        return False  # whoever hosts is still to be chosen
    if _goes_back(interview, host, now=now):
        return True
    _replace(interview, host, by=by, now=now)
    return True


def replace_host(
    interview: Interview, host: zoom.Connection | None, *, by: accounts.User | None, now: datetime
) -> bool:
    """Another host than the present one; `host=None` finds a free one. Answers False when it is the host already."""
    if host is not None:
        return settle_meeting(interview, host=host, may_pick=False, by=by, now=now)
    _replace(interview, None, by=by, now=now)
    return True


def host_id(interview: Interview) -> int | None:
    """Whose meeting it has, or waits for."""
    wanted = interview.next_meeting or interview.meeting
    return None if wanted is None else wanted.connection_id


def note_host(interview: Interview, before: int | None, *, by: accounts.User | None, now: datetime) -> None:
    """Another meeting was asked for: of another host, or of the same (`before`) in place of one that is gone."""
    wanted = interview.next_meeting or interview.meeting
    action = "interview.reissued" if wanted.connection_id == before else "interview.host_changed"
    record(action, interview, by=by, now=now, host=str(wanted.connection))


def cancel_meetings(interview: Interview, *, now: datetime) -> None:
    for meeting in (interview.next_meeting, interview.meeting):
        if meeting is not None and meeting.canceled_at is None:
            meetings.cancel(meeting, now=now)


def detach_meetings(interview: Interview) -> None:
    if interview.meeting_id or interview.next_meeting_id:
        interview.meeting = interview.next_meeting = None
        interview.save(update_fields=["meeting", "next_meeting"])


def note_next_interview(candidate_id: int, *, now: datetime) -> None:
    """Write down the applicant's next interview, for lists that sort and filter by it."""
    upcoming = Interview.objects.unended(now).filter(candidate_id=candidate_id)
    following = upcoming.values_list("starts_at", flat=True).first()
    registering.note_next_interview(candidate_id, following, now=now)


def record(
    action: str, interview: Interview, *, by: accounts.User | None, now: datetime, **facts: Any
) -> None:
    """An entry in the applicant's story."""
    recording.record(
        action, subject=interview, thread=interview.candidate, organization_id=interview.organization_id,
        by=by, at=now, **facts,
    )  # fmt: skip


def is_held(interview: Interview, *, now: datetime) -> bool:
    """It runs, in a meeting that people can enter: nobody is moved out of that one."""
    return interview.starts_at <= now and _is_enterable(interview.meeting)


def _is_enterable(meeting: zoom.Meeting | None) -> bool:
    """People can enter it, and its host can open it."""
    return meeting is not None and meeting.is_issued and _is_usable(meeting)


def _is_usable(meeting: zoom.Meeting) -> bool:
    return meeting.is_live and meeting.connection.is_live


def _follow(meeting: zoom.Meeting, interview: Interview, *, now: datetime) -> None:
    """The same meeting at the interview's time; nothing is asked of Zoom when nothing differs."""
    topic = meeting.own_topic or _topic(interview)
    if (meeting.starts_at, meeting.minutes, meeting.topic) != (interview.starts_at, interview.minutes, topic):
        meetings.move(meeting, starts_at=interview.starts_at, minutes=interview.minutes, topic=topic, now=now)


def _keep_up(interview: Interview, *, now: datetime) -> None:
    """Another host's meeting is awaited: the present one, which people enter until then, and for good if that one
    cannot be made, has the interview's time too. Not where its host is busy then; the page says which is awaited."""
    present = interview.meeting
    if interview.next_meeting is None or present is None or not _is_usable(present):
        return
    try:
        with transaction.atomic():
            _follow(present, interview, now=now)
    except (meetings.HostBusy, meetings.HostEnded, meetings.NotMovable):
        pass


def _goes_back(interview: Interview, host: zoom.Connection | None, *, now: datetime) -> bool:
    """The change to another host is given up before its meeting took over: the present one stays."""
    current = interview.meeting
    if (
        interview.next_meeting is None
        or current is None
        or host != current.connection
        or not _is_usable(current)
    ):
        return False
    _follow(current, interview, now=now)
    meetings.cancel(interview.next_meeting, now=now)
    interview.next_meeting = None
    interview.save(update_fields=["next_meeting"])
    return True


def _replace(
    interview: Interview, host: zoom.Connection | None, *, by: accounts.User | None, now: datetime
) -> None:
    """Request a new meeting. One that people can enter now stays until the new one is issued (`issuing`)."""
    old = interview.meeting
    if _is_enterable(old):
        meetings.queue_up(interview.organization)  # the time of two hosts is taken
    # A free one is none of those that host it now, or could not make what was awaited of them.
    present = [one for one in (old, interview.next_meeting) if one is not None and _is_usable(one)]
    besides = [one.connection_id for one in present]
    if interview.next_meeting is not None:
        meetings.cancel(interview.next_meeting, now=now)
        interview.next_meeting = None
    new = request(interview, host, by=by, now=now, besides=besides)
    if old is not None and old.is_issued:
        interview.next_meeting = new
    else:
        interview.meeting = new
    interview.save(update_fields=["meeting", "next_meeting"])
    _keep_up(interview, now=now)
    if old is not None and interview.meeting_id != old.pk and old.is_live:
        meetings.cancel(old, now=now)
    issuing.issue_meeting.enqueue(interview_id=interview.pk)


def request(
    interview: Interview,
    host: zoom.Connection | None,
    *,
    by: accounts.User | None,
    now: datetime,
    besides: Collection[int] = (),
) -> zoom.Meeting:
    """Take the host's time for this interview; `host=None` finds a free one that is none of `besides`. Also once it has
    begun, as long as there is no meeting that people can enter."""
    return meetings.request_within(
        organization=interview.organization,
        starts_at=interview.starts_at,
        minutes=interview.minutes,
        topic=_topic(interview),
        title=title(interview),
        page_url=reverse("interviews:detail", args=[interview.pk]),
        host=host,
        by=by,
        now=now,
        time_zone=interview.organization.time_zone,
        ignoring=interview.meeting,
        besides=besides,
        may_have_begun=not _is_enterable(interview.meeting),
    )


def title(interview: Interview) -> str:
    """For our own lists of meetings: who comes."""
    return (
        f"{interview.candidate} 様" if interview.organization.language == "ja" else str(interview.candidate)
    )


def _topic(interview: Interview) -> str:
    """What the applicant reads in Zoom: the company and the step, in the applicant's language.

    Without the applicant's name: a shared host's list of meetings is read by many."""
    candidate = interview.candidate
    with translation.override(candidate.language):
        company = interview.organization.name
        if candidate.language != "ja" and interview.organization.name_en:
            company = interview.organization.name_en
        step = interview.stage.name_in(candidate.language) if interview.stage else _("Interview")
        return f"{company} {step}"
