"""What must hold whenever the storm has passed, read from both sides: the product's tables and Zoom's state.

Each function answers sentences about what is broken; an empty list is the promise kept. A difference that the product
itself shows as something to be done (needs a host, lost, failed, changed at Zoom) is kept too, where the history has a
cause for it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chaos.journal import CONFIRMED, Journal, Promise, times_allowed
from mensetsu.booking.agency_models import Proposal
from mensetsu.booking.models import Invitation
from mensetsu.history.models import Entry
from mensetsu.interviews.models import Interview
from mensetsu.mail.models import Mail
from mensetsu.zoom import issuing
from mensetsu.zoom.models import Connection, Difference, EndReason, HowSettled, Meeting
from mensetsu.zoom.models import DifferenceKind as Kind

MARK = "[mensetsu:"
# What may have made a link end, by the reason that the product gives for it.
CAUSES = {
    EndReason.REFRESH_LOST: {"refresh_unanswered", "kill", "away", "server_error"},
    EndReason.REVOKED: {"uninstall", "token_refused_once", "link", "approval_gone"},
    EndReason.DEAUTHORIZED: {"uninstall", "unlink"},
    EndReason.DISCONNECTED: {"unlink"},
    EndReason.REPLACED: {"link"},
    EndReason.USER_GONE: {"owner_gone"},
}

# After these we may not have heard what was changed in Zoom: its news came to nothing, or our look at it did.
DEAF = {"news_lost", "news_late", "news_swapped", "news_forged", "uninstall"}


@dataclass
class Truth:
    """Both sides at one quiet moment. `happened`: the names of what went wrong up to now, on purpose."""

    now: datetime
    zoom: dict[str, Any]
    happened: set[str]
    meddled: set[str] = field(default_factory=set)  # numbers of meetings that somebody changed in Zoom itself
    is_swept: bool = False  # the daily comparison has just been made
    letters: list[dict[str, Any]] = field(default_factory=list)
    changed: set[str] = field(
        default_factory=set
    )  # of the meddled ones: those that were given another length

    @property
    def ours_at_zoom(self) -> list[dict[str, Any]]:
        """Meetings that we made and that stand there now."""
        rows = self.zoom["meetings"]
        return [row for row in rows if (row["agenda"] or "").startswith(MARK) and not row["deleted_at"]]

    @property
    def now_text(self) -> str:
        return f"{self.now:%Y-%m-%dT%H:%M:%SZ}"


def check(truth: Truth, journal: Journal) -> list[str]:
    return [
        *hosts_within_capacity(),
        *zoom_hosts_within_capacity(truth),
        *one_meeting_an_interview(truth),
        *meetings_as_agreed(truth),
        *nothing_undone_unasked(truth),
        *nothing_left_at_zoom(truth),
        *links_end_for_a_reason(truth),
        *promises_kept(journal),
        *slots_add_up(),
    ]


def hosts_within_capacity() -> list[str]:
    """No host has more meetings at any instant than the plan allows."""
    problems = []
    for host in Connection.objects.all():
        rows = list(Meeting.objects.live().filter(connection=host).values_list("starts_at", "ends_at", "pk"))
        # A new meeting on the same host that is about to take the old one's place is the same interview.
        problems += [
            f"host {host.pk} has meetings {crowd} at once, capacity {host.capacity}"
            for crowd in crowds(rows, host.capacity)
        ]
    return problems


def zoom_hosts_within_capacity(truth: Truth) -> list[str]:
    capacity = {one.zoom_user_id: one.capacity for one in Connection.objects.live()}
    spans = defaultdict(list)
    for row in truth.ours_at_zoom:
        if (
            row["host_id"] in capacity
            and row["id"] not in _unreachable()
            and str(row["id"]) not in truth.meddled
        ):
            begins = datetime.fromisoformat(row["start_time"]).timestamp()
            spans[row["host_id"]].append((begins, begins + row["duration"] * 60, row["id"]))
    return [
        f"Zoom user {host} has our meetings {crowd} at once, capacity {capacity[host]}"
        for host, rows in spans.items()
        for crowd in crowds(rows, capacity[host])
    ]


def crowds(rows: Iterable[tuple[Any, Any, Any]], capacity: int) -> list[list[Any]]:
    """Groups of more than `capacity` rows (begin, end, name) that share an instant; back to back shares none."""
    rows, found = sorted(rows), []
    for begin, _end, _name in rows:
        at_once = [name for start, end, name in rows if start <= begin < end]
        if len(at_once) > capacity and at_once not in found:
            found.append(at_once)
    return found


def one_meeting_an_interview(truth: Truth) -> list[str]:
    problems, seen = [], defaultdict(list)
    for row in truth.ours_at_zoom:
        seen[row["agenda"][: len(MARK) + 37]].append(row["id"])
    problems += [
        f"{mark} was made {len(ids)} times at Zoom: {ids}" for mark, ids in seen.items() if len(ids) > 1
    ]
    for interview in Interview.objects.exclude(next_meeting=None).select_related("next_meeting"):
        if interview.next_meeting.is_pending and interview.ends_at > truth.now:
            problems.append(
                f"interview {interview.pk} still waits for its next meeting {interview.next_meeting_id}"
            )
    return problems


def meetings_as_agreed(truth: Truth) -> list[str]:
    """Every coming interview's meeting stands at Zoom with its time, length, host and address, or its page says why
    not."""
    at_zoom = {str(row["id"]): row for row in truth.zoom["meetings"] if not row["deleted_at"]}
    problems = []
    for interview in Interview.objects.upcoming(truth.now).filter(service="zoom").with_facts():
        problem = _disagreement(interview, at_zoom, truth)
        if problem:
            problems.append(f"interview {interview.pk} ({interview.url_state}): {problem}")
    return problems


def _disagreement(interview: Interview, at_zoom: dict[str, Any], truth: Truth) -> str:
    meeting, state = interview.meeting, interview.url_state
    if state == "needs_host":
        ended = meeting is None or meeting.connection.ended_at is not None or not meeting.is_live
        return "" if ended else "says that its host is gone, and it is not"
    if state == "lost":
        return (
            ""
            if meeting and meeting.zoom_id in truth.meddled
            else "says that its meeting was lost; nobody took it"
        )
    if state != "issued" or meeting is None:
        wanted = interview.next_meeting or meeting
        return f"has no address when all is calm (problem {wanted.problem if wanted else '-'})"
    row = at_zoom.get(meeting.zoom_id)
    if meeting.zoom_id in truth.meddled and _is_unheard(truth):
        return ""
    if row is None:
        return f"its meeting {meeting.zoom_id} is not at Zoom"
    wanted, has = _wanted(meeting), (row["start_time"], row["duration"], row["host_id"])
    is_shown = meeting.zoom_id in truth.meddled and _is_shown(meeting, wanted, has)
    if wanted != has and meeting.connection.is_live and not is_shown:
        return f"Zoom has {has}, agreed is {wanted}"
    if interview.next_meeting is not None and interview.next_meeting.is_failed:
        return ""  # the page says that another host was chosen and could not make one; this one's may be busy then
    if (interview.starts_at, interview.minutes) != (meeting.starts_at, meeting.minutes):
        return f"its own meeting has another time: {meeting.starts_at} {meeting.minutes}"
    return ""


def _wanted(meeting: Meeting) -> tuple[Any, ...]:
    return (f"{meeting.starts_at:%Y-%m-%dT%H:%M:%SZ}", meeting.minutes, meeting.connection.zoom_user_id)


def _is_unheard(truth: Truth) -> bool:
    """Where Zoom's news of what somebody did there were disturbed, only the daily comparison finds it."""
    return bool(DEAF & truth.happened) and not truth.is_swept


def _is_shown(meeting: Meeting, wanted: tuple[Any, ...], has: tuple[Any, ...]) -> bool:
    """What somebody did in Zoom itself stands on our pages: each thing that differs, with the value that it has."""
    shown = dict(Difference.objects.standing().filter(meeting=meeting).values_list("kind", "theirs"))
    return all(
        ours == theirs or (kind in shown and (kind != Kind.LENGTH or shown[kind] == str(theirs)))
        for kind, ours, theirs in zip((Kind.TIME, Kind.LENGTH, Kind.HOST), wanted, has, strict=True)
    )


def nothing_undone_unasked(truth: Truth) -> list[str]:
    """Another length that somebody gave a meeting in Zoom itself stands there until somebody decides about it, or moves
    the interview: no other change of ours takes it away."""
    at_zoom = {str(row["id"]): row for row in truth.zoom["meetings"] if not row["deleted_at"]}
    problems = []
    for interview in Interview.objects.upcoming(truth.now).filter(
        meeting__zoom_id__in=truth.changed & at_zoom.keys()
    ):
        meeting = interview.meeting
        if at_zoom[meeting.zoom_id]["duration"] == meeting.minutes and not _was_decided(interview, meeting):
            problems.append(
                f"interview {interview.pk}: somebody changed the length of {meeting.zoom_id} at Zoom, and it was undone"
            )
    return problems


def _was_decided(interview: Interview, meeting: Meeting) -> bool:
    decided = (HowSettled.ADOPTED, HowSettled.RESTORED)
    if Difference.objects.filter(meeting=meeting, kind=Kind.LENGTH, settled__in=decided).exists():
        return True
    story = Entry.objects.of_subject(interview._meta.label_lower, interview.pk)
    return story.filter(action__in=("interview.rescheduled", "interview.sync_retried")).exists()


def nothing_left_at_zoom(truth: Truth) -> list[str]:
    """No meeting of ours at Zoom that no interview owns; out of reach are those of accounts no longer linked."""
    owners = {
        issuing.agenda(row): row
        for row in Meeting.objects.select_related("connection", "interview", "next_interview")
    }
    problems, unreachable = [], _unreachable()
    for row in truth.ours_at_zoom:
        meeting = next((one for mark, one in owners.items() if row["agenda"].startswith(mark)), None)
        if meeting is None:
            problems.append(f"Zoom has {row['id']} of ours, and no row knows it")
        elif row["start_time"] > truth.now_text and row["id"] not in unreachable and not _is_owned(meeting):
            problems.append(
                f"Zoom still has {row['id']} of meeting {meeting.pk}, which no interview owns any more"
            )
    return problems


def _is_owned(meeting: Meeting) -> bool:
    owner = getattr(meeting, "interview", None) or getattr(meeting, "next_interview", None)
    return meeting.is_live and owner is not None and owner.is_standing


def _unreachable() -> set[int]:
    """Numbers at Zoom of meetings whose account is no longer linked: we may neither change nor delete them."""
    rows = Meeting.objects.exclude(zoom_id="").exclude(connection__ended_at=None)
    return {int(number) for number in rows.values_list("zoom_id", flat=True)}


def links_end_for_a_reason(truth: Truth) -> list[str]:
    """Tokens are lost only where the history took them; and whoever owns the link is told."""
    problems = []
    told = [letter for letter in truth.letters if "Zoom" in letter["subject"]]
    for link in Connection.objects.exclude(ended_at=None).select_related("owner"):
        reason = EndReason(link.end_reason)
        if not CAUSES[reason] & truth.happened:
            problems.append(f"link {link.pk} ended ({reason}) without a cause among {sorted(truth.happened)}")
        by_itself = reason not in (EndReason.DISCONNECTED, EndReason.REPLACED)
        if by_itself and not any(link.owner.email in letter["recipients"] for letter in told):
            problems.append(f"link {link.pk} ended ({reason}) and {link.owner.email} was not told")
    return problems


def promises_kept(journal: Journal) -> list[str]:
    """Whatever a person saw confirmed is in the tables, or was changed by a later press."""
    problems = []
    rows = {row.pk: row for row in Interview.objects.all()}
    for number in sorted(journal.interviews()):
        promises, row = journal.of_interview(number), rows.get(number)
        if row is None:
            problems.append(f"interview {number} was confirmed and is not there")
            continue
        canceled = [one for one in promises if one.what in ("cancel", "cancel_booking")]
        if any(one.outcome == CONFIRMED for one in canceled) and row.is_standing:
            problems.append(f"interview {number} was confirmed as canceled and stands")
        if not canceled and not row.is_standing:
            problems.append(f"interview {number} is canceled, and nobody canceled it")
        # A move that met a cancellation is led to the interview's page, which says so: that looks like success here.
        allowed = times_allowed(promises) if row.is_standing else None
        if allowed is not None and not any(datetime.fromisoformat(one) == row.starts_at for one in allowed):
            problems.append(f"interview {number} is at {row.starts_at}; confirmed was {sorted(allowed)}")
    return problems + _answers_kept(journal, rows)


def _answers_kept(journal: Journal, rows: dict[int, Interview]) -> list[str]:
    """Of applicants who chose a date, and of people who ended a link."""
    problems = []
    known = {row.pk: row for row in Invitation.objects.all()}
    for one in journal.promises:
        if one.what == "book" and one.outcome == CONFIRMED and known[one.invitation or 0].chosen_at is None:
            # Whose interview was canceled may be asked again, and the same invitation then waits anew.
            chosen = rows.get(one.interview or 0)
            if chosen is None or chosen.is_standing:
                problems.append(f"invitation {one.invitation} was confirmed as chosen and is not")
        if one.outcome == CONFIRMED:
            problems += _written_kept(one)
        ended = one.what == "unlink" and one.outcome == CONFIRMED
        if ended and Connection.objects.live().filter(pk=one.connection).exists():
            problems.append(f"link {one.connection} was confirmed as ended and lives")
    return problems


def _written_kept(promise: Promise) -> list[str]:
    """Letters, offers and proposals of which somebody read that they were sent."""
    there = set(Mail.objects.filter(pk__in=promise.mails).values_list("pk", flat=True))
    problems = [f"letter {pk} was confirmed as sent and is not there" for pk in set(promise.mails) - there]
    if promise.proposal and not Proposal.objects.filter(pk=promise.proposal).exists():
        problems.append(f"proposal {promise.proposal} was confirmed and is not there")
    if promise.what == "offer" and not Invitation.objects.filter(pk=promise.invitation).exists():
        problems.append(f"offer {promise.invitation} was confirmed and is not there")
    return problems


def slots_add_up() -> list[str]:
    """Nobody sits in a full slot: each slot counts exactly the standing interviews that were chosen from it."""
    chosen = defaultdict(int)
    for invitation in Invitation.objects.exclude(slot=None).select_related("interview", "slot"):
        if invitation.interview is not None and invitation.interview.is_standing:
            chosen[invitation.slot] += 1
    return [
        f"slot {slot.pk} is chosen by {number} standing interviews, capacity {slot.capacity}"
        for slot, number in chosen.items()
        if number > slot.capacity
    ]
