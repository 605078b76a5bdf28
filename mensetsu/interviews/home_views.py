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
from mensetsu.interviews import attending_alerts, attention, availability, join_page
from mensetsu.interviews.models import Interview
from mensetsu.zoom.models import Connection

BUSINESS_DAYS = 5


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
    return render(request, "interviews/home.html", context)


@recruiter_required
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """The same list alone: the home page asks for it every minute."""
    return render(request, "interviews/_today.html", _today(request.user, timezone.now()))


def _today(user: User, now: datetime) -> dict[str, Any]:
    on = timezone.localdate(now)
    start, end = _day(on)
    mine = Interview.objects.visible_to(user)
    interviews = list(
        mine.standing()
        .filter(starts_at__gte=start, starts_at__lt=end)
        .with_facts()
        .prefetch_related("day_reports", "join_links")
        .order_by("starts_at", "id")
    )
    following = None if interviews else mine.upcoming(now).filter(starts_at__gte=end).first()
    return {
        "today": on,
        "interviews": interviews,
        "following": following,
        "moment": now,
        "report_of": join_page.day_report,
        "waiting_of": attending_alerts.waiting_since,
    }


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
