"""Zoom's limits in words, on the reader's clock: before they are reached, and until when they hold."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from mensetsu.web import dates
from mensetsu.zoom import pacing, spending
from mensetsu.zoom.models import AccountPace, Connection


def of_budget(budget: spending.Budget | None) -> str:
    """What is left of the day's creates and updates, once that is worth a word; else ""."""
    if budget is None or not budget.is_near_end:
        return ""
    resets_at = timezone.localtime(budget.resets_at)
    facts = {"left": budget.in_need, "time": f"{resets_at:%H:%M}", "when": dates.short(budget.resets_at)}
    if budget.in_need == 0:
        return _("Zoom's daily limit has been reached. It goes on by itself at %(when)s.") % facts
    if budget.left == 0:
        return _("%(left)s changes left today are kept for meetings that begin before %(time)s.") % facts
    return _("%(left)s changes left today (counted anew at %(time)s)") % facts


def of_hold(until: datetime | None) -> str:
    """Until when Zoom asked the whole account to wait; "" when it did not."""
    if until is None:
        return ""
    return _("Zoom asks this account to wait. It goes on by itself at %(when)s.") % {
        "when": dates.short(until)
    }


def is_spent(budget: spending.Budget | None) -> bool:
    """Nothing more can be made or changed today."""
    return budget is not None and budget.in_need == 0


def of_links(links: Iterable[Connection], *, now: datetime) -> dict[int, list[str]]:
    """Everything that is to be said of each of these links, by its key; two queries."""
    links = list(links)
    budgets, held = spending.budgets(links, now=now), pacing.held(links, now=now)
    found = {link.pk: [of_budget(budgets[link.pk]), of_hold(_until(held.get(link.pk)))] for link in links}
    return {pk: [sentence for sentence in sentences if sentence] for pk, sentences in found.items()}


def _until(held: AccountPace | None) -> datetime | None:
    return held.held_until if held else None
