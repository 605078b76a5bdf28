"""Notices to interviewers as pages show them: what became of each, and the lines of 要対応. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mensetsu.accounts.models import User
from mensetsu.interviews import attention, notifying
from mensetsu.interviews.models import Interview
from mensetsu.notices.models import OutgoingNotice, Problem


@dataclass(frozen=True)
class Line:
    """One notice and its reader's name in the letters of whoever looks."""

    notice: OutgoingNotice
    name: str
    # A later notice to the same person says something newer.
    is_overtaken: bool = False

    @property
    def is_open(self) -> bool:
        """Somebody must do something."""
        return self.notice.state in ("failed", "uncertain") and not (
            self.notice.settled_at or self.is_overtaken
        )

    @property
    def can_be_sent(self) -> bool:
        return self.is_open and self.notice.problem != Problem.OVERDUE


def of_interview(interview: Interview) -> list[Line]:
    """Every notice to its interviewers, the newest first. Uses prefetched interviewers; one query, and another when
    somebody does not interview any more."""
    notices = OutgoingNotice.objects.about(interview).filter(name__in=notifying.PANEL, canceled_at=None)
    known = {row.user_id: row.user for row in interview.interviewers.all()}
    lines, newer = [], set()
    found = list(notices)
    names = _names(found, known)
    for notice in found:
        lines.append(Line(notice, names[notice.user_id], notice.user_id in newer))
        newer.add(notice.user_id)
    return lines


def of_now(interview: Interview) -> dict[str, list[Line]]:
    """Those that count, in the order of the interviewers, by how they stand: `away` (on their way or arrived), `late`
    (tried, and tried again), `failed` and `uncertain`."""
    found: dict[str, list[Line]] = {"away": [], "late": [], "failed": [], "uncertain": []}
    places = {row.user_id: place for place, row in enumerate(interview.interviewers.all())}
    lines = of_interview(interview)
    for line in sorted(lines, key=lambda one: places.get(one.notice.user_id, len(places))):
        if line.is_overtaken or line.notice.settled_at:
            continue
        state = line.notice.state
        if state == "queued":
            state = "late" if line.notice.problem else "away"
        found["away" if state == "sent" else state].append(line)
    return found


def to_do(user: User, *, now: datetime) -> list[attention.Item]:
    """要対応: notices that did not leave, or perhaps did not. Constant in its number of queries."""
    troubled = OutgoingNotice.objects.visible_to(user).troubled()
    troubled = troubled.filter(about=Interview._meta.label_lower, failed_at__gt=now - attention.LOOK_BACK)
    found = list(notifying.current(troubled).order_by("-failed_at")[: attention.EACH])
    if not found:
        return []
    visible = Interview.objects.visible_to(user).select_related("candidate")
    interviews = visible.in_bulk([one.about_id for one in found])
    names = _names(found, {})
    return [
        _item(Line(one, names[one.user_id]), interviews[one.about_id], now)
        for one in found
        if one.about_id in interviews
    ]


def _item(line: Line, interview: Interview, now: datetime) -> attention.Item:
    if line.notice.state == "uncertain":
        text = _("It is not known whether the notice to %(name)s has arrived.")
    else:
        text = _("The notice to %(name)s could not be sent.")
    is_coming = interview.is_standing and interview.ends_at > now
    soon = interview.starts_at - now <= attention.SOON
    group = (attention.BREAKS_SOON if soon else attention.BREAKS_LATER) if is_coming else attention.WAITS
    at = interview.starts_at if is_coming else line.notice.failed_at
    href = reverse("interviews:detail", args=[interview.pk]) + "#notices"
    facts = {"text": text % {"name": line.name}, "who": interview.candidate, "verb": _("Open"), "href": href}
    return attention.Item(attention.ELSEWHERE, group, at, interview, facts)


def _names(notices: Iterable[OutgoingNotice], known: dict[int, User]) -> dict[int | None, str]:
    """By the reader's number; somebody who is gone is called as the notice did."""
    language = get_language() or "ja"
    strangers = {one.user_id for one in notices} - known.keys()
    users = known | (User.objects.in_bulk(strangers) if strangers else {})
    names: dict[int | None, str] = {one.user_id: one.to_name for one in notices}
    return names | {key: users[key].name_in(language) for key in names if key in users}
