"""What applicants (or the agency for them) do with an invitation: choose · change · cancel · give up.

Each verb is one transaction: the invitation, the place in the slot, the people, the host's time, the interview and the
history are written together or not at all. Nothing here speaks to Zoom: the meeting is issued by a job, so a booking
never fails because Zoom does.

Order of the rows taken: invitation, slots (by id), people (by id), applicant, interview, host."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from mensetsu.accounts import models as accounts
from mensetsu.booking import answer_rows, holding, placing, promising, refusals, telling
from mensetsu.booking.models import BookingLink, BookingPage, HostMode, Invitation, Slot
from mensetsu.candidates.models import Candidate
from mensetsu.interviews import arranging, join_links, panels, scheduling
from mensetsu.interviews.models import Interview
from mensetsu.mail.models import Receiver
from mensetsu.statements import together
from mensetsu.web import moments
from mensetsu.zoom import meetings
from mensetsu.zoom import models as zoom

HOST_REFUSALS = (meetings.HostBusy, meetings.NoFreeHost, meetings.HostEnded)
WISHES = 3


@dataclass(frozen=True)
class Answers:
    """What is asked along with the choice."""

    phone: str = ""
    accommodation: str = ""


def choose(
    *,
    invitation: Invitation,
    slot: Slot,
    answers: Answers | None = None,
    link: BookingLink | None = None,
    now: datetime,
) -> Interview:
    """The interview at that slot: people picked, host taken, meeting on its way.

    The same slot again (a second press) answers the interview made first. An invitation to move an interview moves
    it. `link` says who chose. Refuses: everything of `refusals` but NotChosen and ChangesUsedUp."""
    answers = answers or Answers()
    if slot.is_full:
        _refuse_full(invitation, slot, now=now)
    telling.get_to_know(invitation)
    if not slot.is_full:
        with suppress(_GoneMeanwhile):
            return _choose(invitation, slot, answers, link=link, now=now, gives_up=True)
        _refuse_full(invitation, slot, now=now)
    return _choose(invitation, slot, answers, link=link, now=now)


class _GoneMeanwhile(Exception):
    """Most probably somebody else got the date while we waited for our turn: it is looked at again without one."""


@transaction.atomic
def _choose(
    invitation: Invitation,
    slot: Slot,
    answers: Answers,
    *,
    link: BookingLink | None,
    now: datetime,
    gives_up: bool = False,
) -> Interview:
    """The transaction. With `gives_up` it ends with _GoneMeanwhile where the date is not as it was seen."""
    with together.gathered():
        if invitation.interview is not None:
            placing.take_turn(invitation.interview)
        made = _claim_open(invitation, slot, gives_up=gives_up)
        if made is not None:
            return made
        _refuse_late(invitation, now=now)
        refuse_stand(invitation, invitation.candidate)
        page = invitation.page
        slot = _take(page, slot, now=now, gives_up=gives_up)
        holding.release(slot)
        before = invitation.interview
        if before is not None:
            interview = _moved(before, page, slot, now=now)
        else:
            interview = _scheduled(invitation, page, slot, now=now)
        _write(invitation, interview, slot, answers, now=now)
        if page.is_offer:
            holding.close_rest(page, now=now)
        _open_ways(invitation, interview, is_new=before is None, now=now)
        telling.chosen(invitation, interview, link=link, now=now)
    return interview


def _refuse_full(invitation: Invitation, slot: Slot, *, now: datetime) -> None:
    """Whoever comes when the last place is gone is told so without a transaction: most presses for a popular date do.
    Only what would be refused for this reason alone; everything else is decided by whoever holds the rows."""
    # One statement: read apart, somebody's own first press could fill the slot in between.
    [fresh] = answer_rows.ANEW_AND_FULL.objects(invitation=invitation.pk, slot=slot.pk)
    _take_over(invitation, fresh)
    is_waiting = (
        invitation.chosen_at is None and invitation.canceled_at is None and invitation.closed_at is None
    )
    if not is_waiting or invitation.page.closed_at is not None:
        return
    _refuse_late(invitation, now=now)
    refuse_stand(invitation, invitation.candidate)
    if fresh.is_slot_full:
        raise refusals.SlotTaken(slot)


def _open_ways(invitation: Invitation, interview: Interview, *, is_new: bool, now: datetime) -> None:
    """Everybody who was asked finds the way to the interview's own page, whoever of them chose."""
    asked = [(link.receiver, link.contact) for link in answer_rows.LINKS.objects(invitation=invitation.pk)]
    if is_new:
        join_links.open_for(interview, asked, now=now)
        return
    for receiver, contact in asked:
        join_links.link_for(interview, receiver=receiver, contact=contact, now=now)


def _write(
    invitation: Invitation, interview: Interview, slot: Slot, answers: Answers, *, now: datetime
) -> None:
    """Into the row that this transaction holds, and into the object in hand."""
    answer_rows.CHOSEN.run(
        invitation=invitation.pk, interview=interview.pk, slot=slot.pk, now=now, phone=answers.phone,
        accommodation=answers.accommodation,
    )  # fmt: skip
    invitation.interview, invitation.slot, invitation.chosen_at = interview, slot, now
    invitation.declined_at, invitation.phone, invitation.accommodation = (
        None,
        answers.phone,
        answers.accommodation,
    )


def change(
    *, invitation: Invitation, slot: Slot, link: BookingLink | None = None, now: datetime
) -> Interview:
    """The same interview at another slot, with the same meeting where its host is free; the old place is free again.

    Refuses: NotChosen, TooLate("change"), ChangesUsedUp, Withdrawn, Closed and everything about the slot."""
    with transaction.atomic():
        interview = _claim_chosen(invitation, now=now)
        if invitation.slot_id == slot.pk and interview.starts_at == slot.starts_at:
            return interview
        if invitation.changes >= invitation.max_changes:
            raise refusals.ChangesUsedUp
        refuse_unfit(invitation)
        page, old, before = invitation.page, invitation.slot, interview.starts_at
        slot = _swap(page, old, slot, now=now)
        # Before the interview moves: the place that it leaves has been given back already.
        Invitation.objects.filter(pk=invitation.pk).update(slot=slot, changes=F("changes") + 1)
        interview = _moved(interview, page, slot, now=now)
        invitation.refresh_from_db()
        telling.changed(invitation, interview, before, link=link, now=now)
    return interview


def cancel(
    *, invitation: Invitation, reason: str = "", link: BookingLink | None = None, now: datetime
) -> None:
    """The applicant gives the date back: the interview is canceled, host and slot are free.

    Refuses: NotChosen, TooLate("change")."""
    with transaction.atomic():
        interview = _claim_chosen(invitation, now=now)
        old = invitation.slot
        if old is not None:
            placing.give_back(old)
        Invitation.objects.filter(pk=invitation.pk).update(canceled_at=now, slot=None)
        side = link.receiver if link is not None else Receiver.CANDIDATE
        scheduling.cancel(interview, reason=reason[:300], by=None, side=side, now=now)
        invitation.refresh_from_db()
        telling.canceled(invitation, interview, reason, link=link, now=now)


def give_up(
    *,
    invitation: Invitation,
    wishes: Sequence[str],
    message: str = "",
    link: BookingLink | None = None,
    now: datetime,
) -> None:
    """「合う日程がない」: up to three wishes in words and a message, for the recruiters to act on. A date may still be
    chosen afterwards. Refuses: TooLate("answer"), AlreadyChosen, Withdrawn, Closed."""
    with transaction.atomic():
        _claim_open(invitation, None)
        _refuse_late(invitation, now=now)
        refuse_stand(invitation, invitation.candidate)
        words = [wish[:100] for wish in wishes[:WISHES]]
        if (invitation.wishes, invitation.message) == (words, message) and invitation.declined_at:
            return  # a second press
        Invitation.objects.filter(pk=invitation.pk).update(
            declined_at=now, wishes=words, message=message, handled_at=None, handled_by=None
        )
        invitation.refresh_from_db()
        telling.given_up(invitation, link=link, now=now)


def refuse_unfit(invitation: Invitation) -> None:
    """May this applicant book at all now? Refuses Withdrawn, StageChanged; reads the applicant anew."""
    refuse_stand(invitation, Candidate.objects.only("status", "stage_id").get(pk=invitation.candidate_id))


def refuse_stand(invitation: Invitation, candidate: Candidate) -> None:
    """The same by the applicant's row in hand."""
    if candidate.status in arranging.GONE:
        raise refusals.Withdrawn
    if candidate.stage_id not in (invitation.stage_id, invitation.stage_then_id):
        raise refusals.StageChanged


def _refuse_late(invitation: Invitation, *, now: datetime) -> None:
    if invitation.answer_by is not None and invitation.answer_by <= now:
        raise refusals.TooLate("answer", invitation.answer_by)


def _claim_open(invitation: Invitation, slot: Slot | None, *, gives_up: bool = False) -> Interview | None:
    """Take the invitation for an answer; two answers at once are one after the other. Answers the interview if this
    very slot has been chosen before."""
    if slot is not None and gives_up:
        won = answer_rows.TURN_WHILE_ROOM.run(invitation=invitation.pk, slot=slot.pk)
        if not won:
            raise _GoneMeanwhile
    else:
        won = answer_rows.TURN.run(invitation=invitation.pk)
    _read_anew(invitation)
    if won and invitation.page.closed_at is None:
        return None
    if invitation.chosen_at is not None and invitation.closed_at is None and invitation.canceled_at is None:
        if slot is not None and invitation.slot_id == slot.pk and invitation.interview is not None:
            return invitation.interview
        raise refusals.AlreadyChosen(invitation.interview)
    raise refusals.Closed


def _claim_chosen(invitation: Invitation, *, now: datetime) -> Interview:
    mine = Invitation.objects.filter(
        pk=invitation.pk, closed_at=None, canceled_at=None, chosen_at__isnull=False
    )
    won = mine.update(version=F("version") + 1)
    _read_anew(invitation)
    interview = invitation.interview
    if not won or interview is None or not interview.is_standing or interview.outcome:
        raise refusals.NotChosen
    last = change_until(invitation, interview)
    if now > last:
        raise refusals.TooLate("change", last)
    return interview


def change_until(invitation: Invitation, interview: Interview) -> datetime:
    """Until when the applicant may change or cancel by themselves."""
    return moments.plus(interview.starts_at, -timedelta(hours=invitation.change_hours))


def _read_anew(invitation: Invitation) -> None:
    """What an answer decides by: the invitation, its page, its interview, and where the applicant stands. Names and
    words stay as they were read."""
    [fresh] = answer_rows.ANEW.objects(invitation=invitation.pk)
    _take_over(invitation, fresh)


def _take_over(invitation: Invitation, fresh: Invitation) -> None:
    for field in Invitation._meta.concrete_fields:
        setattr(invitation, field.attname, getattr(fresh, field.attname))
    telling.keep_known(invitation.page, fresh.page)
    invitation.page = fresh.page
    invitation.page.organization = invitation.candidate.organization = invitation.organization
    invitation.candidate.status, invitation.candidate.stage_id = fresh.status_now, fresh.stage_now
    if invitation.interview_id is not None:
        found = Interview.objects.select_related(
            "meeting__connection", "next_meeting__connection", "candidate"
        )
        invitation.interview = found.get(pk=invitation.interview_id)


def _take(page: BookingPage, slot: Slot, *, now: datetime, gives_up: bool = False) -> Slot:
    """One place in the slot, by a conditional UPDATE; then the page's own limits of time."""
    won, present = 0, slot
    if slot.held_until is None:
        # While it is where the applicant saw it, there is nothing to read.
        won = answer_rows.PLACE_AS_SEEN.run(
            slot=slot.pk, page=page.pk, starts_at=slot.starts_at, minutes=slot.minutes
        )
        if not won and gives_up:
            raise _GoneMeanwhile
    if not won:
        won = answer_rows.PLACE.run(slot=slot.pk, page=page.pk)
        present = next(iter(answer_rows.SLOT.objects(slot=slot.pk, page=page.pk)), None)
    if present is None or (not won and present.closed_at is not None):
        raise refusals.SlotClosed(slot)
    if not won:
        raise refusals.SlotTaken(present)
    if present.starts_at < now + timedelta(hours=page.notice_hours) or present.starts_at <= now:
        raise refusals.TooSoon(present)
    if present.starts_at > now + timedelta(days=page.horizon_days):
        raise refusals.TooFar(present)
    return present


def _swap(page: BookingPage, old: Slot | None, new: Slot, *, now: datetime) -> Slot:
    """The new place for the old one, in the order of ids: two who swap their dates must not wait for each other."""
    if old is not None and old.pk < new.pk:
        placing.give_back(old)
    taken = _take(page, new, now=now)
    if old is not None and old.pk > new.pk:
        placing.give_back(old)
    return taken


def _scheduled(invitation: Invitation, page: BookingPage, slot: Slot, *, now: datetime) -> Interview:
    people = _panel(page, slot, besides=None, now=now)
    try:
        return scheduling.schedule_within(
            candidate=invitation.candidate, stage=invitation.stage or page.stage, starts_at=slot.starts_at,
            minutes=slot.minutes, interviewers=people, way=page.way, service=page.service,
            host=page.host if page.host_mode == HostMode.FIXED else None,
            host_later=page.uses_zoom and page.host_mode == HostMode.LATER,
            custom_url=page.custom_url, place=page.place, are_taken=True, by=None, now=now,
        )  # fmt: skip
    except scheduling.ApplicantBusy as clash:
        raise refusals.ApplicantBusy(slot) from clash
    except scheduling.ApplicantLeft as left:
        raise refusals.Withdrawn from left
    except HOST_REFUSALS as short:
        raise refusals.HostShort(slot) from short


def _moved(interview: Interview, page: BookingPage, slot: Slot, *, now: datetime) -> Interview:
    """The same interview at the slot, by the recruiters' own verb: a free host is found when the present one is busy,
    unless the page names its host."""
    people = _panel(page, slot, besides=interview, now=now)
    try:
        if interview.uses_zoom and interview.meeting is None and interview.next_meeting is None:
            # Whoever hosts is still to be chosen; a change of time does not choose.
            scheduling.reschedule(interview, starts_at=slot.starts_at, minutes=slot.minutes, by=None, now=now)
            scheduling.change_interviewers(interview, people, by=None, now=now)
            return interview
        scheduling.change(
            interview, stage=interview.stage, starts_at=slot.starts_at, minutes=slot.minutes,
            interviewers=people, way=interview.way, service=interview.service,
            host=_bound_host(interview, page), custom_url=interview.custom_url, place=interview.place,
            memo=interview.memo, by=None, now=now,
        )  # fmt: skip
    except scheduling.ApplicantBusy as clash:
        raise refusals.ApplicantBusy(slot) from clash
    except (scheduling.NotChangeable, scheduling.ChangedMeanwhile) as gone:
        raise refusals.NotChosen from gone
    except HOST_REFUSALS as short:
        raise refusals.HostShort(slot) from short
    return interview


def _bound_host(interview: Interview, page: BookingPage) -> zoom.Connection | None:
    if page.host_mode != HostMode.FIXED or not interview.uses_zoom:
        return None
    meeting = interview.next_meeting or interview.meeting
    return meeting.connection if meeting is not None and meeting.connection.is_live else page.host


def _panel(page: BookingPage, slot: Slot, *, besides: Interview | None, now: datetime) -> list[accounts.User]:
    """The fixed people and the picked ones; those who already interview stay if they all can."""
    if page.is_offer:
        return promising.panel(page, slot, besides=besides, now=now)
    rows = answer_rows.PANELISTS.rows(page=page.pk)
    fixed = [pk for pk, is_fixed in rows if is_fixed]
    pool = [pk for pk, is_fixed in rows if not is_fixed]
    present = list(besides.interviewers.values_list("user_id", flat=True)) if besides else []
    # Everybody's row at once and in one order: touched apart, two bookings could wait for each other.
    panels.take_turn_of([*fixed, *pool, *present])
    look = panels.Look(
        [*fixed, *pool, *present], starts_at=slot.starts_at, ends_at=slot.ends_at, now=now,
        ignoring=slot.hold_key, besides=besides,
    )  # fmt: skip
    if present and set(fixed) <= set(present) and len(look.free(present)) == len(present):
        return look.free(present)
    free = look.free(fixed)
    picked = look.in_order(pool, day_cap=page.day_cap, week_cap=page.week_cap) if page.pick else []
    if len(free) < len(fixed) or len(picked) < page.pick:
        raise refusals.PanelShort(slot)
    return [*free, *picked[: page.pick]]
