"""Differences from Zoom as pages show them: what it is, ours, theirs, and what a person can do about each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from mensetsu.accounts.models import User
from mensetsu.interviews import attention, reconciling
from mensetsu.interviews.models import Interview
from mensetsu.web import dates
from mensetsu.zoom import comparing
from mensetsu.zoom import models as zoom
from mensetsu.zoom import reconciling as at_zoom

Kind = zoom.DifferenceKind
SWITCHES = {
    Kind.SIGN_IN: (gettext_lazy("Required"), gettext_lazy("Not required")),
    Kind.WAITING_ROOM: (gettext_lazy("On"), gettext_lazy("Off")),
    Kind.EARLY_ENTRY: (gettext_lazy("Allowed"), gettext_lazy("Not allowed")),
    Kind.PASSCODE: (pgettext_lazy("passcode", "Set"), pgettext_lazy("passcode", "None")),
}
# What only looks different breaks no interview.
COSMETIC = frozenset({Kind.TOPIC})
# What people can neither take over nor put back has its own way out.
REPLACED = frozenset({Kind.GONE, Kind.WEBINAR})
# To do without a passcode is no value to take over: that difference is put back, or ignored.
UNADOPTABLE = REPLACED | {Kind.PASSCODE}


@dataclass(frozen=True)
class Line:
    """One difference in the reader's words."""

    difference: zoom.Difference
    interview: Interview
    label: str
    ours: str
    theirs: str
    hint: str
    # What its form sends back, so that nobody decides about a value that was not shown.
    shown: str
    may_adopt: bool
    may_restore: bool
    may_ignore: bool
    may_issue: bool

    @property
    def problem(self) -> str:
        """Why Zoom has not gone back yet."""
        reason = self.difference.problem
        return str(zoom.Problem(reason).label) if reason in zoom.Problem.values else ""


def lines(differences: Iterable[zoom.Difference]) -> list[Line]:
    return [_line(one) for one in differences]


def changed_again(one: zoom.Difference) -> str:
    """Why nothing was done: what Zoom has by now, which nobody was shown."""
    kind = Kind.TIME if one.kind in reconciling.TIMES else Kind(one.kind)
    theirs = _when(one.meeting) if kind == Kind.TIME else _values(one, kind)[1]
    sentence = _(
        "%(what)s was changed at Zoom once more after this page was opened. Zoom now has: %(theirs)s. "
        "Look at it and choose again."
    )
    return sentence % {"what": kind.label, "theirs": theirs}


def of_interview(interview: Interview, user: User, *, now: datetime) -> dict[str, list[Line]]:
    """Both lists of one interview's page."""
    meetings = [pk for pk in (interview.meeting_id, interview.next_meeting_id) if pk is not None]
    if not meetings or not interview.is_standing:
        return {"open": [], "ignored": []}
    return {
        "open": lines(reconciling.open_ones(user, now=now).filter(meeting__in=meetings)),
        "ignored": lines(reconciling.ignored_ones(user, now=now).filter(meeting__in=meetings)),
    }


def to_do(user: User, *, now: datetime) -> list[attention.Item]:
    """要対応: one line an interview. What is gone has its line already."""
    by_interview: dict[int, tuple[Interview, list[zoom.Difference]]] = {}
    for one in reconciling.open_ones(user, now=now).exclude(kind=Kind.GONE)[: attention.EACH]:
        interview = _interview(one)
        by_interview.setdefault(interview.pk, (interview, []))[1].append(one)
    return [_item(interview, found, now) for interview, found in by_interview.values()]


def _item(interview: Interview, found: list[zoom.Difference], now: datetime) -> attention.Item:
    kinds = pgettext("between names", ", ").join(str(Kind(one.kind).label) for one in found)
    if len(found) == 1 and found[0].kind in REPLACED:
        text = kinds
    else:
        text = ngettext(
            "Something is different at Zoom: %(what)s",
            "%(num)s things are different at Zoom: %(what)s",
            len(found),
        ) % {"num": len(found), "what": kinds}
    is_grave = any(one.kind not in COSMETIC for one in found)
    soon = interview.starts_at - now <= attention.SOON
    grave = attention.BREAKS_SOON if soon else attention.BREAKS_LATER
    facts = {
        "text": text,
        "who": interview.candidate,
        "verb": _("Check the differences"),
        "href": reverse("interviews:detail", args=[interview.pk]) + "#differences",
    }
    group = grave if is_grave else attention.WAITS
    return attention.Item(attention.ELSEWHERE, group, interview.starts_at, interview, facts)


def _line(one: zoom.Difference) -> Line:
    kind = Kind(one.kind)
    ours, theirs = _values(one, kind)
    return Line(
        difference=one,
        interview=_interview(one),
        label=str(kind.label),
        ours=ours,
        theirs=theirs,
        hint=_hint(one, kind),
        shown=reconciling.shown(one),
        may_adopt=kind not in UNADOPTABLE and (kind != Kind.HOST or at_zoom.host_of(one) is not None),
        may_restore=kind in at_zoom.RESTORABLE,
        may_ignore=kind in at_zoom.IGNORABLE and one.ignored_at is None,
        may_issue=kind in REPLACED,
    )


def _interview(one: zoom.Difference) -> Any:
    meeting = one.meeting
    return meeting.interview if hasattr(meeting, "interview") else meeting.next_interview


def _values(one: zoom.Difference, kind: Kind) -> tuple[str, str]:
    if kind == Kind.HOST:
        host, language = at_zoom.host_of(one), get_language() or "ja"
        theirs = host.name_in(language) if host else _("An account that is not connected here")
        return one.meeting.connection.name_in(language), theirs
    if kind == Kind.TIME:
        return _moment(one.ours), _moment(one.theirs)
    if kind == Kind.LENGTH:
        return _("%(minutes)s min") % {"minutes": one.ours}, _("%(minutes)s min") % {"minutes": one.theirs}
    if kind in SWITCHES:
        on, off = SWITCHES[kind]
        return str(on if one.ours == comparing.ON else off), str(on if one.theirs == comparing.ON else off)
    return one.ours, one.theirs


def _moment(text: str) -> str:
    moment = comparing.moment_of(text)
    return dates.full(moment) if moment else _("No time")


def _when(meeting: zoom.Meeting) -> str:
    """Start and length as Zoom has them."""
    starts_at = meeting.synced_starts_at
    return dates.full(starts_at, meeting.synced_minutes) if starts_at else _("No time")


def _hint(one: zoom.Difference, kind: Kind) -> str:
    """What the presses mean, or what to do where there is none."""
    if kind == Kind.HOST and at_zoom.host_of(one) is None:
        return _(
            "Connect the Zoom account that hosts the meeting now, or change the host: then a new link is issued."
        )
    if kind == Kind.HOST:
        return _(
            "Zoom does not let this app hand a meeting back. To choose another host, change the interview."
        )
    if kind == Kind.WEBINAR:
        return _("Applicants would enter as the audience. Issue a new link, and delete the webinar at Zoom.")
    if kind == Kind.SIGN_IN and one.theirs == comparing.ON:
        return _("Applicants without a Zoom account cannot enter.")
    if kind == Kind.EARLY_ENTRY and one.theirs == comparing.ON:
        return _("Applicants can enter before the interviewers.")
    if kind == Kind.PASSCODE:
        return _(
            "Putting Zoom back sets a new passcode, and the join link changes with it: whoever has been told the link "
            "must be told the new one."
        )
    return ""
