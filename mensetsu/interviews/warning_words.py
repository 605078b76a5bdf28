"""The warnings of a planned interview in the reader's words."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from mensetsu.interviews import company_clock
from mensetsu.interviews.warnings import Warning
from mensetsu.web import dates
from mensetsu.zoom import eligibility


def sentence(warning: Warning) -> str:
    """One or two sentences: what is the matter and, where it blocks, why and what would work."""
    return _SENTENCES[warning.code](warning.facts)


def remaining(span: timedelta) -> str:
    """1時間20分 / 1 h 20 min; minutes alone below an hour."""
    hours, minutes = divmod(max(0, int(span.total_seconds()) // 60), 60)
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)s min") % {"minutes": minutes}


def _past(facts: dict[str, Any]) -> str:
    return _("The date must be today or later.")


def _applicant_busy(facts: dict[str, Any]) -> str:
    return _("%(name)s has another interview at the same time.") % {"name": _name(facts["candidate"])}


def _interviewer_busy(facts: dict[str, Any]) -> str:
    interview = facts["interview"]
    time = dates.span(interview.starts_at, interview.minutes)
    return _("%(name)s has another interview %(time)s.") % {"name": _name(facts["user"]), "time": time}


def _calendar_busy(facts: dict[str, Any]) -> str:
    return _("%(name)s has another appointment %(time)s.") % {
        "name": _name(facts["user"]),
        "time": _time(facts),
    }


def _held(facts: dict[str, Any]) -> str:
    return _("%(name)s is tentatively booked %(time)s.") % {
        "name": _name(facts["user"]),
        "time": _time(facts),
    }


def _time_off(facts: dict[str, Any]) -> str:
    return _("%(name)s has that day off.") % {"name": _name(facts["user"])}


def _outside_hours(facts: dict[str, Any]) -> str:
    return _("This time is outside the hours of %(name)s.") % {"name": _name(facts["user"])}


def _time(facts: dict[str, Any]) -> str:
    return dates.span(facts["span"].start, facts["span"].minutes)


def _host_busy(facts: dict[str, Any]) -> str:
    first = facts["busy"][0]
    why = (
        _("%(host)s is held %(time)s for dates offered to another applicant.")
        if first.is_hold
        else _("%(host)s already hosts another interview %(time)s. One host can't run two meetings at once.")
    ) % {"host": _name(facts["host"]), "time": dates.span(first.starts_at, first.minutes)}
    return together(why, free_hosts(facts["free"]))


def together(*sentences: str) -> str:
    """One after the other: Japanese has no space between sentences."""
    return ("" if _is_japanese() else " ").join(sentences)


def free_hosts(free: list[Any]) -> str:
    """Who else could host, or that nobody can."""
    if not free:
        return _("No other host is free.")
    names = pgettext("between names", ", ").join(_name(choice.connection) for choice in free)
    return _("Free hosts: %(names)s") % {"names": names}


def _no_free_host(facts: dict[str, Any]) -> str:
    return _("No Zoom host is free at that time. Choose another time or another service.")


def _no_fit_host(facts: dict[str, Any]) -> str:
    return _(
        "No Zoom account that is free at that time can hold meetings now. Check the accounts on the page of the Zoom "
        "connection, or choose another time or another service."
    )


def _host_unfit(facts: dict[str, Any]) -> str:
    return str(eligibility.SENTENCES[facts["why"]])


def _no_host(facts: dict[str, Any]) -> str:
    return _("There is no connected Zoom account.")


def _host_ended(facts: dict[str, Any]) -> str:
    return _("This Zoom account can't be chosen because it must be connected again.")


def _basic_plan(facts: dict[str, Any]) -> str:
    return _("This Zoom account is on the free plan, so the meeting ends after 40 minutes.")


def _short_gap(facts: dict[str, Any]) -> str:
    before = facts["meeting"]
    return _("Only %(minutes)s minutes after the previous interview (%(time)s).") % {
        "minutes": facts["minutes"],
        "time": dates.span(before.starts_at, before.minutes),
    }


def _day_off(facts: dict[str, Any]) -> str:
    on = facts["on"]
    return dates.day_off_words(on, {on: facts["name"]} if facts.get("name") else None)


def _odd_hours(facts: dict[str, Any]) -> str:
    at = facts["at"]  # on the company's clock
    zone = company_clock.name(at.tzinfo, at)
    if not zone:
        return _("This time is outside 8:00–21:00.")
    return _("On the company's clock (%(zone)s) this time is outside 8:00–21:00.") % {"zone": zone}


def _soon(facts: dict[str, Any]) -> str:
    return _("It starts in %(remaining)s. We recommend a phone call besides the email.") % {
        "remaining": remaining(facts["remaining"])
    }


def _name(person: Any) -> str:
    return person.name_in(get_language() or "ja")


def _is_japanese() -> bool:
    return (get_language() or "ja").startswith("ja")


_SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "past": _past,
    "applicant_busy": _applicant_busy,
    "interviewer_busy": _interviewer_busy,
    "calendar_busy": _calendar_busy,
    "held": _held,
    "time_off": _time_off,
    "outside_hours": _outside_hours,
    "host_busy": _host_busy,
    "host_ended": _host_ended,
    "no_free_host": _no_free_host,
    "no_fit_host": _no_fit_host,
    "no_host": _no_host,
    "host_unfit": _host_unfit,
    "basic_plan": _basic_plan,
    "short_gap": _short_gap,
    "holiday": _day_off,
    "company_holiday": _day_off,
    "weekend": _day_off,
    "odd_hours": _odd_hours,
    "soon": _soon,
}
