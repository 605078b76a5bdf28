"""ホーム: what is on today, what is stuck."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from mensetsu.accounts.models import User
from mensetsu.accounts.permissions import recruiter_required
from mensetsu.attending import alerts, join_page
from mensetsu.interviews import attention, availability
from mensetsu.interviews.models import Interview
from mensetsu.zoom.models import Connection

BUSINESS_DAYS = 5
# A large company has hundreds of interviews a day; its home page shows those around this moment.
ROOM = 50
OVER_FOR = timedelta(hours=1)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Recruiters' home; interviewers are at home on their own page."""
    if not request.user.is_recruiter:
        return redirect("interviews:mine")
    now = timezone.now()
    context = {
        **_today(request.user, now),
        "items": attention.read(request.user, now=now),
        "coming_days": _coming_days(request.user, now),
        "unchecked": _unchecked_since(request.user),
    }
    return render(request, "attending/home.html", context)


@recruiter_required
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """The same list alone: the home page asks for it every minute."""
    return render(request, "attending/_today.html", _today(request.user, timezone.now()))


def _today(user: User, now: datetime) -> dict[str, Any]:
    on = timezone.localdate(now)
    start, end = _day(on)
    mine = Interview.objects.visible_to(user)
    of_day = mine.standing().filter(starts_at__gte=start, starts_at__lt=end).order_by("starts_at", "id")
    ends = list(of_day.values_list("pk", "ends_at"))
    rows = mine.filter(pk__in=_around(ends, now)).with_facts().order_by("starts_at", "id")
    interviews = list(rows.prefetch_related("day_reports", "join_links"))
    following = None if interviews else mine.upcoming(now).filter(starts_at__gte=end).first()
    return {
        "today": on,
        "interviews": interviews,
        "count": len(ends),
        "following": following,
        "moment": now,
        "report_of": join_page.day_report,
        "waiting_of": alerts.waiting_since,
    }


def _around(ends: list[tuple[int, datetime]], now: datetime) -> list[int]:
    """Of a day's interviews, each with its end, as many as find room: from those on that are just over."""
    over = sum(ends_at <= now - OVER_FOR for _, ends_at in ends)
    begin = max(0, min(over, len(ends) - ROOM))
    return [key for key, _ in ends[begin : begin + ROOM]]


def _coming_days(user: User, now: datetime) -> list[tuple[date, int]]:
    """The next five business days with their numbers of interviews, on the reader's clock."""
    closed = availability.company_holidays(user.organization)
    days = availability.days(timezone.localdate(now), closed)[1:][:BUSINESS_DAYS]
    start, end = _day(days[0])[0], _day(days[-1])[1]
    standing = Interview.objects.visible_to(user).standing().filter(starts_at__gte=start, starts_at__lt=end)
    counted = standing.annotate(
        on=TruncDate("starts_at", tzinfo=timezone.get_current_timezone())
    ).values_list("on")
    counts = dict(counted.annotate(number=Count("pk")).order_by())
    return [(on, counts.get(on, 0)) for on in days]


def _unchecked_since(user: User) -> datetime | None:
    """Zoom did not answer the last check of some account: since when its state is not known."""
    unknown = Connection.objects.visible_to(user).live().exclude(check_problem="")
    return unknown.order_by("checked_at").values_list("checked_at", flat=True).first()


def _day(on: date) -> tuple[datetime, datetime]:
    zone = timezone.get_current_timezone()
    return datetime.combine(on, time(0), zone), datetime.combine(on + timedelta(days=1), time(0), zone)
