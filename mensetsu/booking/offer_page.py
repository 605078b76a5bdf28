"""The page on which dates are offered: what speaks against each date, which times are free, what the letter says.
Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mensetsu.accounts import models as accounts
from mensetsu.availability import asking
from mensetsu.booking import inviting, offer_forms, offering, promising, refusal_words
from mensetsu.booking.models import Invitation
from mensetsu.interviews import availability, warning_words, warnings
from mensetsu.interviews.planning import Plan
from mensetsu.web import dates
from mensetsu.zoom import meetings

# Elsewhere these only warn; what is already taken cannot be promised.
_FORBIDDING = ("interviewer_busy", "held")
HELPERS = ("act", "add", "use_url")


@dataclass(frozen=True)
class Checked:
    """One date and what is known against it."""

    starts_at: datetime
    minutes: int
    notes: list[dict[str, str]] = field(default_factory=list)

    @property
    def is_blocked(self) -> bool:
        return any(note["level"] == warnings.BLOCK for note in self.notes)


def check(
    plan: Plan, starts: Iterable[datetime], *, now: datetime, keys: dict[datetime, str] | None = None
) -> list[Checked]:
    """Every date as it would be planned alone. `keys` are the holds of dates that are offered already."""
    return [_checked(replace(plan, starts_at=start), (keys or {}).get(start, ""), now) for start in starts]


def _checked(plan: Plan, key: str, now: datetime) -> Checked:
    reasons = asking.reasons(
        users=plan.interviewers, starts_at=plan.starts_at, ends_at=plan.ends_at, now=now, ignoring=key
    )
    choices = []
    if plan.uses_zoom:
        choices = meetings.host_choices(
            organization=plan.organization, starts_at=plan.starts_at, minutes=plan.minutes, now=now,
            ignoring=plan.own_meeting, ignoring_hold=key,
        )  # fmt: skip
    notes = [
        {
            "level": warnings.BLOCK if one.code in _FORBIDDING else one.level,
            "text": warning_words.sentence(one),
        }
        for one in warnings.check(plan, choices, now=now, reasons=reasons)
    ]
    return Checked(plan.starts_at, plan.minutes, notes)


def free_times(plan: Plan, *, now: datetime, besides: Iterable[datetime] = ()) -> list[datetime]:
    """Times that suit everybody planned, from the company's tomorrow on."""
    zone, home = timezone.get_current_timezone(), plan.organization.zone
    closed = availability.company_holidays(plan.organization)
    on = availability.days(now.astimezone(home).date(), closed)[1]
    first = dates.here(datetime.combine(on, availability.DAY_STARTS, home)).date()
    calendar = availability.read(plan, *availability.horizon(plan, first, zone), now=now)
    taken = set(besides)
    return [
        start for start in availability.free_times(plan, calendar, first, zone, now=now) if start not in taken
    ]


def is_final(data: QueryDict) -> bool:
    """The form was sent to be saved, not by one of its helping buttons."""
    return not any(name in data for name in HELPERS)


def rows_of(data: QueryDict) -> int:
    rows = data.get("rows", "")
    count = int(rows) if rows.isdecimal() and len(rows) < 4 else offer_forms.ROWS
    return count + offer_forms.MORE if data.get("act") == "more" else count


def with_helper(data: QueryDict) -> QueryDict:
    """What was typed plus what the pressed button does: a free time fills the first empty row."""
    data = data.copy()
    if "use_url" in data:
        data["way"], data["service"] = "web", "url"
    try:
        start = dates.here(datetime.fromisoformat(data.get("add", "")))
    except ValueError:
        return data
    number = next((n for n in range(1, offering.MOST + 1) if not data.get(f"date_{n}")), 0)
    if number:
        data[f"date_{number}"], data[f"start_{number}"] = f"{start:%Y-%m-%d}", f"{start:%H:%M}"
        data["rows"] = str(max(number, rows_of(data)))
    return data


def sentence(problem: promising.DateTaken) -> str:
    """Why a date could not be held, when the page had not known it."""
    facts = {"when": dates.short(problem.starts_at)}
    if problem.why == promising.PEOPLE:
        comma = "、" if get_language() == "ja" else ", "
        names = comma.join(user.name_in(get_language() or "ja") for user in problem.people)
        return _("%(when)s: %(names)s is taken at that time.") % {**facts, "names": names}
    if problem.why == promising.HOST:
        return _("%(when)s: no Zoom account is free at that time.") % facts
    if problem.why == promising.APPLICANT:
        return _("%(when)s: the applicant has another interview at that time.") % facts
    return _("%(when)s: this time has passed.") % facts


def letters(
    invitation: Invitation, *, purpose: str, sender: accounts.User, now: datetime
) -> tuple[list[inviting.Written], str]:
    """The letters as they would leave now, and why there are none or fewer."""
    people = inviting.recipients(invitation)
    if not people:
        return [], refusal_words.sentence(inviting.NoAddress())
    try:
        drafts = [inviting.write(invitation, one, purpose=purpose, sender=sender, now=now) for one in people]
    except inviting.NoTemplate as problem:
        return [], refusal_words.sentence(problem)
    written = [one for one in drafts if one is not None]
    return written, "" if written else refusal_words.no_mail()
