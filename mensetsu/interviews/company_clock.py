"""For readers on another clock: what the company's clock says beside theirs."""

from datetime import date, datetime, time, tzinfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mensetsu.interviews.planning import Plan
from mensetsu.interviews.warnings import FIRST_HOUR, LAST_HOUR
from mensetsu.web import dates, moments


def name(home: tzinfo, at: datetime) -> str:
    """日本時間 / JST for a reader whose clock reads otherwise at that moment, else empty."""
    return dates.zone_name(at, home, get_language() or "ja") if dates.is_other_clock(home, at) else ""


def words(plan: Plan, on: date) -> str:
    """The planned time on the company's clock; before there is one, which of the reader's hours are the company's day
    (of `on`). Empty while both clocks read the same."""
    home = plan.organization.zone
    opens = datetime.combine(on, time(FIRST_HOUR), home)
    zone = name(home, plan.starts_at or opens)
    if not zone:
        return ""
    if plan.starts_at is None:
        minutes = (LAST_HOUR - FIRST_HOUR) * 60
        return _("The company's day, 8:00–21:00 (%(zone)s), is %(span)s on your clock.") % {
            "zone": zone,
            "span": dates.span(opens, minutes),
        }
    local = moments.local(plan.starts_at, home)
    return _("On the company's clock (%(zone)s): %(day)s, %(span)s") % {
        "zone": zone,
        "day": dates.day(local.date()),
        "span": dates.span(plan.starts_at, plan.minutes, zone=home),
    }
