"""要対応: what is stuck, the most serious first. Reads only, in a constant number of queries.

Groups: 1 breaks an interview within 24 hours, 2 breaks a later one, 3 waits for us, 4 waits for others too long."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from mensetsu.accounts import models as accounts
from mensetsu.interviews import arranging, ledger
from mensetsu.interviews.models import (
    LONGER_THAN_ANY,
    CandidateRequest,
    DayReport,
    Interview,
    Notice,
    Service,
    Way,
    Withheld,
)
from mensetsu.mail import models as mail
from mensetsu.zoom import models as zoom

BREAKS_SOON, BREAKS_LATER, WAITS = 1, 2, 3
SOON = timedelta(hours=24)
# A group's letters leave within seconds; after this long somebody should look.
GRACE = timedelta(minutes=15)
LOOK_BACK = timedelta(days=14)
# A home page is no report: of each kind the nearest, and the page says when there are more.
EACH = 30


@dataclass(frozen=True)
class Item:
    """One line: what (`kind`), about which interview, with what the line's words and its button need."""

    kind: str
    group: int
    at: datetime
    interview: Interview | None = None
    facts: dict[str, Any] = field(default_factory=dict)


# What rooms above this one (booking) want done: `source(user, now=…)` answers items of kind ELSEWHERE, whose facts hold
# `text`, `who`, `verb` and `href`.
ELSEWHERE = "elsewhere"
Source = Callable[..., list[Item]]
_SOURCES: list[Source] = []


def register(source: Source) -> None:
    _SOURCES.append(source)


def read(user: accounts.User, *, now: datetime) -> list[Item]:
    """Everything of the reader's company that needs a person."""
    mine = Interview.objects.visible_to(user)
    # A line names the applicant and the host; only who was told what needs the letters.
    upcoming = mine.upcoming(now).select_related("candidate", "meeting__connection", "next_meeting")
    found = [
        *_lost_hosts(upcoming, now),
        *_broken_links(upcoming, now),
        *_day_reports(upcoming),
        *_left_behind(upcoming),
        *_failed_mails(user, now),
        *_withheld(mine, now),
        *_requests(user, now),
        *_untold(upcoming, now),
        *_unconfirmed(upcoming, now),
        *_without_outcome(mine, now),
    ]
    for source in _SOURCES:
        found += source(user, now=now)
    # A line from elsewhere may say the same more urgently.
    said = {(item.interview, kind) for item in found for kind in item.facts.get("replaces", ())}
    found = [item for item in found if (item.interview, item.kind) not in said]
    return sorted(found, key=lambda item: (item.group, item.at))


def _group(starts_at: datetime, now: datetime) -> int:
    return BREAKS_SOON if starts_at - now <= SOON else BREAKS_LATER


def _lost_hosts(upcoming: QuerySet[Interview], now: datetime) -> list[Item]:
    """One line a lost account, with how many interviews hang on it."""
    lost = upcoming.filter(
        meeting__connection__ended_at__isnull=False,
        meeting__lost_at=None,
        meeting__canceled_at=None,
        next_meeting=None,
    )
    by_host: dict[int, list[Interview]] = {}
    for interview in lost:
        by_host.setdefault(interview.meeting.connection_id, []).append(interview)
    return [
        Item("host_lost", _group(hit[0].starts_at, now), hit[0].starts_at, hit[0],
             {"host": hit[0].meeting.connection, "count": len(hit)})
        for hit in by_host.values()
    ]  # fmt: skip


def _broken_links(upcoming: QuerySet[Interview], now: datetime) -> list[Item]:
    """No link, a link that leads nowhere, or a change that Zoom has not been told. What Zoom has otherwise stands in
    lines of its own (difference_page)."""
    stuck = Q(failed_at__isnull=False) | ~Q(problem="")
    troubled = zoom.Meeting.objects.live().filter(stuck).values("pk")
    lost = Q(meeting__lost_at__isnull=False, next_meeting=None)
    wanted = upcoming.filter(Q(meeting__in=troubled) | Q(next_meeting__in=troubled) | lost)
    found = [(interview, _link_trouble(interview)) for interview in wanted[:EACH]]
    return [
        Item(kind, _group(interview.starts_at, now), interview.starts_at, interview)
        for interview, kind in found
        if kind
    ]


def _link_trouble(interview: Interview) -> str:
    meeting = interview.next_meeting or interview.meeting
    if meeting.lost_at:
        return "meeting_lost"
    if meeting.problem == zoom.Problem.DAILY_LIMIT and meeting.due_at:
        return "daily_limit"
    if not meeting.is_issued:
        return "url_failed"
    return "not_synced" if meeting.is_unsynced and not meeting.drifted_at else ""


def _day_reports(upcoming: QuerySet[Interview]) -> list[Item]:
    """Late, no connection, not coming: the latest word from the applicant about the agreed time."""
    reports = DayReport.objects.filter(
        interview__in=upcoming.filter(outcome="").order_by(), starts_at=F("interview__starts_at")
    )
    latest: dict[int, DayReport] = {}
    for report in reports.select_related("interview__candidate").order_by("id"):
        latest[report.interview_id] = report
    return [
        Item(f"day_{one.kind}", BREAKS_SOON, one.interview.starts_at, one.interview, {"report": one})
        for one in list(latest.values())[:EACH]
        if one.kind != DayReport.Kind.ON_TIME
    ]


def _left_behind(upcoming: QuerySet[Interview]) -> list[Item]:
    """The applicant has left the selection, but an interview still stands."""
    found = upcoming.filter(candidate__status__in=arranging.GONE)[:EACH]
    return [Item("applicant_left", WAITS, one.starts_at, one) for one in found]


def _failed_mails(user: accounts.User, now: datetime) -> list[Item]:
    failed = mail.Mail.objects.visible_to(user).troubled()
    failed = failed.filter(failed_at__gt=now - LOOK_BACK, canceled_at=None, candidate__isnull=False)
    letters = failed.select_related("candidate", "notice__interview").order_by("-failed_at")[:EACH]
    found = []
    for letter in letters:
        interview = letter.notice.interview if hasattr(letter, "notice") else None
        is_coming = interview is not None and interview.is_standing and interview.ends_at > now
        group = _group(interview.starts_at, now) if is_coming else WAITS
        at = interview.starts_at if is_coming else letter.failed_at
        found.append(Item("mail_failed", group, at, interview, {"mail": letter}))
    return found


def _requests(user: accounts.User, now: datetime) -> list[Item]:
    since = now - LOOK_BACK
    waiting = CandidateRequest.objects.filter(
        interview__organization_id=user.organization_id, handled_at=None, interview__canceled_at=None,
        # Bounds by both, whichever of the two the database looks them up by.
        interview__ends_at__gt=since, interview__starts_at__gt=since - LONGER_THAN_ANY,
    )  # fmt: skip
    found = waiting.select_related("interview__candidate").order_by("interview__starts_at", "id")[:EACH]
    return [
        Item(f"request_{one.kind}", WAITS, one.interview.starts_at, one.interview, {"request": one})
        for one in found
    ]


def _withheld(mine: QuerySet[Interview], now: datetime) -> list[Item]:
    """Letters that should have left by themselves and did not: somebody must write, also that an interview is
    canceled."""
    coming = mine.filter(ends_at__gt=now).order_by()
    found = Withheld.objects.filter(interview__in=coming.values("pk"), settled_at=None)
    letters = found.select_related("interview__candidate").order_by("interview__starts_at", "id")[:EACH]
    return [
        Item("withheld", WAITS, one.interview.starts_at, one.interview, {"withheld": one}) for one in letters
    ]


def _by_itself(now: datetime) -> Q:
    """The group's letter is on its way: just set or changed, or waiting for an address that is being made."""
    just_now = Q(changed_at__gt=now - GRACE)
    waiting = Q(service=Service.ZOOM) & (Q(meeting__issued_at=None) | Q(next_meeting__isnull=False))
    return Q(template_group__isnull=False) & (just_now | waiting)


def _untold(upcoming: QuerySet[Interview], now: datetime) -> list[Item]:
    """Somebody holds an old time, way, place or raw address. The database narrows down, the ledger decides."""
    differing = Notice.objects.filter(interview=OuterRef("pk")).filter(
        ~Q(told_starts_at=F("interview__starts_at"))
        | ~Q(told_minutes=F("interview__minutes"))
        | Q(told_way=Way.WEB, interview__service=Service.URL)
        | ~Q(told_way__in=["", "url"]) & ~Q(told_way=F("interview__way"))
        | Q(told_way="url") & ~Q(interview__service=Service.URL)
        | Q(told_way=Way.IN_PERSON) & ~Q(told_place=F("interview__place"))
        | ~Q(told_join_url="") & ~Q(told_join_url=F("interview__meeting__join_url"))
        & ~Q(told_join_url=F("interview__custom_url"))
        | ~Q(told_passcode="") & ~Q(told_passcode=F("interview__meeting__passcode"))
        | ~Q(told_zoom_id="") & ~Q(told_zoom_id=F("interview__meeting__zoom_id"))
    )  # fmt: skip
    found = [
        (one, ledger.outdated(one))
        for one in upcoming.filter(Exists(differing))
        .exclude(_by_itself(now))
        .prefetch_related("notices__mail")[:EACH]
    ]
    return [
        Item("not_told", WAITS, interview.starts_at, interview, {"outdated": outdated})
        for interview, outdated in found
        if outdated
    ]


def _unconfirmed(upcoming: QuerySet[Interview], now: datetime) -> list[Item]:
    outside = Notice.objects.filter(
        interview=OuterRef("pk"), mail__receiver__in=ledger.OUTSIDE, mail__queued_at__isnull=False,
        mail__canceled_at=None,
    )  # fmt: skip
    # Stands on the list by itself, or was left out on purpose.
    withheld = Withheld.objects.filter(interview=OuterRef("pk"), purpose=mail.Purpose.CONFIRMATION)
    open_ones = upcoming.filter(~Exists(outside), ~Exists(withheld), confirmation_waived_at=None)
    open_ones = open_ones.exclude(candidate__status__in=arranging.GONE).exclude(_by_itself(now))
    return [Item("unconfirmed", WAITS, one.starts_at, one) for one in open_ones[:EACH]]


def _without_outcome(mine: QuerySet[Interview], now: datetime) -> list[Item]:
    ended = mine.standing().filter(outcome="", ends_at__lte=now, ends_at__gt=now - LOOK_BACK)
    latest = ended.select_related("candidate").order_by("-starts_at", "-id")[:EACH]
    return [Item("no_outcome", WAITS, one.starts_at, one) for one in latest]
