"""予定: when a person can be asked. Everybody keeps their own; recruiters may keep a colleague's."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mensetsu.accounts.models import CompanyHoliday, User
from mensetsu.accounts.permissions import recruiter_required
from mensetsu.availability import arranging, asking, forms, hours
from mensetsu.availability.models import BusyBlock, TimeOff, Weekday
from mensetsu.web import dates, moments
from mensetsu.web.answers import SeeOther, refused

HOLIDAYS_AHEAD = timedelta(days=120)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    return render(request, "availability/person.html", _context(request, _person(request, request.user.pk)))


@require_safe
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    return render(request, "availability/person.html", _context(request, _person(request, user_id)))


@recruiter_required
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who can be asked, with what they have said so far."""
    today = timezone.localdate()
    found = (
        User.objects.visible_to(request.user)
        .working()
        .annotate(
            says=Count("working_hours", distinct=True),
            off=Count("times_off", filter=Q(times_off__last_on__gte=today), distinct=True),
        )
        .order_by("family_kana", "family_name", "id")
    )
    return render(request, "availability/people.html", {"people": found})


@require_POST
def say_week(request: HttpRequest, user_id: int) -> HttpResponse:
    user = _person(request, user_id)
    form = forms.WeekForm(request.POST, prefix="week", week=_week(user))
    if form.is_valid():
        try:
            arranging.say_week(user, rows=form.rows, by=request.user, now=timezone.now())
        except arranging.EmptyWeek:
            form.add_error(None, _("Enter hours for at least one weekday. For an absence, add days off."))
        else:
            messages.success(request, _("The weekly hours are saved."))
            return _back(request, user)
    return refused(request, "availability/person.html", _context(request, user, week_form=form))


@require_POST
def forget_week(request: HttpRequest, user_id: int) -> HttpResponse:
    user = _person(request, user_id)
    arranging.forget_week(user, by=request.user, now=timezone.now())
    messages.success(request, _("The usual weekly hours count again."))
    return _back(request, user)


@require_POST
def take_off(request: HttpRequest, user_id: int) -> HttpResponse:
    user = _person(request, user_id)
    form = forms.OffForm(request.POST, prefix="off")
    if form.is_valid():
        try:
            arranging.take_off(user, by=request.user, now=timezone.now(), **form.cleaned_data)
        except arranging.TooLong:
            form.add_error("last_on", _("Days off can be added for up to a year at once. Check the dates."))
        else:
            messages.success(request, _("The days off are added."))
            return _back(request, user)
    return refused(request, "availability/person.html", _context(request, user, off_form=form))


@require_POST
def come_back(request: HttpRequest, time_off_id: int) -> HttpResponse:
    own = TimeOff.objects.visible_to(request.user).select_related("user")
    row = get_object_or_404(own, pk=time_off_id)
    arranging.come_back(row, by=request.user, now=timezone.now())
    messages.success(request, _("The days off are removed."))
    return _back(request, row.user)


@require_POST
def block(request: HttpRequest, user_id: int) -> HttpResponse:
    user = _person(request, user_id)
    form = forms.BusyForm(request.POST, prefix="busy")
    if form.is_valid():
        arranging.block(user, by=request.user, now=timezone.now(), **form.values(user.zone))
        messages.success(request, _("The busy time is added."))
        return _back(request, user)
    return refused(request, "availability/person.html", _context(request, user, busy_form=form))


@require_POST
def unblock(request: HttpRequest, busy_id: int) -> HttpResponse:
    own = BusyBlock.objects.visible_to(request.user).select_related("user")
    row = get_object_or_404(own, pk=busy_id)
    arranging.unblock(row, by=request.user, now=timezone.now())
    messages.success(request, _("The busy time is removed."))
    return _back(request, row.user)


def _person(request: HttpRequest, user_id: int) -> User:
    colleagues = User.objects.visible_to(request.user).working()
    found = get_object_or_404(colleagues.select_related("organization"), pk=user_id)
    if found != request.user and not request.user.is_recruiter:
        raise Http404
    return found


def _back(request: HttpRequest, user: User) -> SeeOther:
    if user == request.user:
        return SeeOther(request, "availability:mine")
    return SeeOther(request, "availability:person", user.pk)


def _week(user: User) -> asking.Week:
    return asking.weeks_of([user])[user.pk]


def _context(request: HttpRequest, user: User, **typed: Any) -> dict[str, Any]:
    now, week = timezone.now(), _week(user)
    today = now.astimezone(user.zone).date()
    shown = {
        "week_form": typed.get("week_form") or forms.WeekForm(prefix="week", week=week),
        "off_form": typed.get("off_form") or forms.OffForm(prefix="off"),
        "busy_form": typed.get("busy_form") or forms.BusyForm(prefix="busy"),
    }
    return shown | {
        "person": user,
        "is_own": user == request.user,
        "week": week,
        "times_off": user.times_off.filter(last_on__gte=today),
        "busy_blocks": _blocks(user, now),
        "holidays": _holidays(user, today),
        "zone_name": dates.zone_name(now, user.zone, request.LANGUAGE_CODE),
        "has_errors": any(form.errors for form in typed.values()),
    }


def _blocks(user: User, now: datetime) -> list[dict[str, Any]]:
    """What is still to come, in the words of the person's own clock, whoever reads."""
    rows = user.busy_blocks.filter(Q(weekly=True) | Q(ends_at__gt=now))
    return [
        {
            "row": row,
            "minutes": int((row.ends_at - row.starts_at).total_seconds()) // 60,
            "starts_at": (start := moments.local(row.starts_at, user.zone)),
            "weekday": Weekday(start.weekday()).label,
        }
        for row in rows
    ]


def _holidays(user: User, today: date) -> list[tuple[date, str]]:
    """The next days on which the company does not work; public ones for people on Japan's clock."""
    last = today + HOLIDAYS_AHEAD
    own = CompanyHoliday.objects.filter(organization_id=user.organization_id, on__range=(today, last))
    found = {row.on: row.name for row in own}
    if user.time_zone == "Asia/Tokyo":
        found |= {on: name for on in hours.days(today, last) if (name := dates.holiday_in(on))}
    return sorted(found.items())
