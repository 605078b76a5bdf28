"""面接カレンダー: the recruiters' months, weeks and days."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.attending import calendar_page


@recruiter_required
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """`?view=month|week|day&on=2026-11-24`, narrowed by `person`, `host` and `stage`."""
    language = (get_language() or "ja").split("-")[0]
    page = calendar_page.read(
        request.user,
        request.GET,
        zone=timezone.get_current_timezone(),
        language=language,
        now=timezone.now(),
    )
    context = {"page": page, "month": calendar_page.month_name(page.on, language)}
    return render(request, "attending/calendar.html", context)
