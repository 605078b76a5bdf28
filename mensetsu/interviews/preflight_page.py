"""The pre-flight checks as pages show them: the list of one interview, and the lines of 要対応. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from mensetsu.accounts.models import User
from mensetsu.interviews import attention, preflight_items, preflight_words
from mensetsu.interviews.models import Interview, Preflight
from mensetsu.interviews.preflight_models import Milestone

# Causes that have a line of their own on the home page, from the moment at which they begin.
TOLD_ALREADY = frozenset(
    {
        "lost",
        "webinar",
        "not_issued",
        "daily_limit",
        "host_ended",
        "other_host",
        "time_differs",
        "time_untold",
    }
    | {"doors_differ", "no_passcode"}
)
# A day before, Zoom has time to come back.
NEAR = (Milestone.HOUR, Milestone.LAST)
# Lines that wait for days; once a check has failed about the same, its line stands in their place.
REPLACED = ("unconfirmed", "not_told")


@dataclass(frozen=True)
class Line:
    """One thing that was looked at."""

    state: str
    title: Any
    cause: Any
    verb: str
    href: str


def lines(check: Preflight, interview: Interview) -> list[Line]:
    """What one check found, in the reader's words."""
    found = []
    for item in check.items:
        is_failed = item["state"] == Preflight.State.FAILED
        verb, href = preflight_words.step(item["cause"], interview) if is_failed else ("", "")
        cause = preflight_words.CAUSES[item["cause"]] if item["cause"] else ""
        found.append(Line(item["state"], preflight_words.TITLES[item["code"]], cause, verb, href))
    return found


def of_interview(interview: Interview) -> list[tuple[Preflight, list[Line]]]:
    """The checks of the present start, the latest first."""
    checks = Preflight.objects.filter(interview=interview, starts_at=interview.starts_at).order_by("-id")
    return [(check, lines(check, interview)) for check in checks]


def to_do(user: User, *, now: datetime) -> list[attention.Item]:
    """要対応: one line an interview that would not work and has no line yet, or of which nobody knows so near its
    start. Constant in its number of queries."""
    coming = Interview.objects.visible_to(user).upcoming(now).order_by()
    failed = Preflight.objects.filter(
        Q(state=Preflight.State.FAILED) | Q(state=Preflight.State.UNKNOWN, milestone__in=NEAR),
        due_at__isnull=False, starts_at=F("interview__starts_at"), starts_at__gt=now, interview__in=coming,
    )  # fmt: skip
    facts = failed.select_related("interview__candidate", "interview__meeting").prefetch_related(
        "interview__interviewers__user", "interview__notices__mail"
    )
    found = [_item(check, now) for check in facts.order_by("starts_at", "id")[: attention.EACH]]
    return [item for item in found if item is not None]


def _item(check: Preflight, now: datetime) -> attention.Item | None:
    interview = check.interview
    left = [item["cause"] for item in check.failures if not _is_mended(check, item)]
    left = [cause for cause in left if cause not in TOLD_ALREADY]
    sentences = [str(preflight_words.CAUSES[cause]) for cause in left]
    if check.milestone in NEAR and any(item["state"] == Preflight.State.UNKNOWN for item in check.items):
        sentences.append(str(preflight_words.UNKNOWN))
    if not sentences:
        return None
    # Of what nobody knows, the interview's own page says since when, and looks again.
    verb, href = preflight_words.step(left[0] if left else "", interview)
    soon = interview.starts_at - now <= attention.SOON
    facts = {
        "text": " ".join(sentences),
        "who": interview.candidate,
        "verb": verb,
        "href": href,
        "replaces": REPLACED if left else (),
    }
    group = attention.BREAKS_SOON if soon else attention.BREAKS_LATER
    return attention.Item(attention.ELSEWHERE, group, interview.starts_at, interview, facts)


def _is_mended(check: Preflight, item: dict[str, str]) -> bool:
    """Since the check; the next one will say so."""
    interview, code = check.interview, item["code"]
    assert check.checked_at is not None
    if code == "panel":
        return not preflight_items.of_panel(interview)
    if code == "told":
        return not preflight_items.of_telling(interview)
    letters = [notice.mail.created_at for notice in interview.notices.all()]
    return max([interview.changed_at, *letters]) > check.checked_at
