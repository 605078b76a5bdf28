"""What an offer promises for each of its dates: the people and a host, held until the answer.

A hold is worth only as much as it is free of conflicts, so a time at which somebody has an interview, or is held for
another offer, is refused. Hours, days off and holidays are the recruiter's to weigh: they chose these dates."""

from collections.abc import Sequence
from datetime import datetime

from mensetsu.accounts import models as accounts
from mensetsu.availability import asking
from mensetsu.booking import refusals
from mensetsu.booking.models import BookingPage, HostMode, Slot
from mensetsu.interviews import arranging, busy, panels
from mensetsu.interviews.models import Interview
from mensetsu.zoom import meetings

HOST_REFUSALS = (meetings.HostBusy, meetings.NoFreeHost, meetings.HostEnded)
PEOPLE, HOST, APPLICANT, PAST = "people", "host", "applicant", "past"


class DateTaken(Exception):
    """That date cannot be promised: `why` is people, host, applicant or past; `people` are those who are taken."""

    def __init__(self, starts_at: datetime, why: str, people: Sequence[accounts.User] = ()) -> None:
        super().__init__(f"{starts_at:%Y-%m-%d %H:%M}Z {why}")
        self.starts_at, self.why, self.people = starts_at, why, list(people)


def hold(
    page: BookingPage,
    slots: Sequence[Slot],
    *,
    candidate_id: int,
    moved: Interview | None,
    until: datetime,
    now: datetime,
) -> None:
    """Hold people and host of every date until then. `moved` is the interview that the answer moves: it stands in
    nobody's way, and its own host is preferred, so that the meeting can stay. Refuses DateTaken.

    The caller has taken the applicant's row."""
    people = panel_of(page)
    for slot in sorted(slots, key=lambda one: one.starts_at):
        _refuse_applicant_busy(slot, candidate_id, moved, now)
        _hold_people(slot, people, moved, until, now)
    if page.uses_zoom and page.host_mode != HostMode.LATER:
        meetings.queue_up(page.organization)
        for slot in sorted(slots, key=lambda one: one.starts_at):
            _hold_host(page, slot, moved, until, now)


def panel(page: BookingPage, slot: Slot, *, besides: Interview | None, now: datetime) -> list[accounts.User]:
    """The people of an offer's date, if every one of them can still be there. Refuses refusals.PanelShort."""
    people = panel_of(page)
    panels.take_turn(people)
    present = accounts.User.objects.working().filter(pk__in=[user.pk for user in people]).count()
    if present < len(people) or taken_of(people, slot, besides=besides, now=now):
        raise refusals.PanelShort(slot)
    return people


def panel_of(page: BookingPage) -> list[accounts.User]:
    return [row.user for row in page.panelists.select_related("user")]


def taken_of(
    people: Sequence[accounts.User], slot: Slot, *, besides: Interview | None, now: datetime
) -> list[accounts.User]:
    """Who of them has an interview at that time, or is held for something else."""
    when = {"users": people, "starts_at": slot.starts_at, "ends_at": slot.ends_at}
    against = asking.reasons(**when, now=now, ignoring=slot.hold_key)
    interviews = busy.of(people, slot.starts_at, slot.ends_at, besides=besides)
    return [
        user
        for user in people
        if interviews.get(user.pk) or any(reason.kind == asking.HELD for reason in against[user.pk])
    ]


def _refuse_applicant_busy(slot: Slot, candidate_id: int, moved: Interview | None, now: datetime) -> None:
    if slot.starts_at <= now:
        raise DateTaken(slot.starts_at, PAST)
    besides = moved.pk if moved is not None else None
    try:
        arranging.refuse_overlap(candidate_id, slot.starts_at, slot.minutes, besides=besides)
    except arranging.ApplicantBusy as clash:
        raise DateTaken(slot.starts_at, APPLICANT) from clash


def _hold_people(
    slot: Slot, people: Sequence[accounts.User], moved: Interview | None, until: datetime, now: datetime
) -> None:
    if taken := taken_of(people, slot, besides=moved, now=now):
        raise DateTaken(slot.starts_at, PEOPLE, taken)
    asking.hold(
        users=people, starts_at=slot.starts_at, ends_at=slot.ends_at, until=until, key=slot.hold_key, now=now
    )


def _hold_host(
    page: BookingPage, slot: Slot, moved: Interview | None, until: datetime, now: datetime
) -> None:
    meeting = (moved.next_meeting or moved.meeting) if moved is not None else None
    wanted = [page.host if page.host_mode == HostMode.FIXED else None]
    if meeting is not None and meeting.is_live and meeting.connection.is_live:
        wanted.insert(0, meeting.connection)
    for host in wanted:
        try:
            meetings.hold(
                organization=page.organization, host=host, starts_at=slot.starts_at, ends_at=slot.ends_at,
                until=until, key=slot.hold_key, now=now, ignoring=meeting,
            )  # fmt: skip
        except HOST_REFUSALS as busy_host:
            problem = busy_host
        else:
            return
    raise DateTaken(slot.starts_at, HOST) from problem
