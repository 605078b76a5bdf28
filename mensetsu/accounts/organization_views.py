"""会社情報: the company and its holidays, for administrators."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mensetsu.accounts import forms, organizing
from mensetsu.accounts.models import CompanyHoliday, Organization
from mensetsu.accounts.permissions import admin_required
from mensetsu.web import dates
from mensetsu.web.answers import SeeOther, refused


@admin_required
def organization(request: HttpRequest) -> HttpResponse:
    company = _company(request)
    # A row of its own: the form writes into it even when it refuses.
    form = forms.OrganizationForm(_typed(request), instance=_company(request))
    if request.method == "POST":
        if not form.is_valid():
            return refused(request, "accounts/organization.html", _context(company, form))
        organizing.describe(company, by=request.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("The company information is saved."))
        return SeeOther(request, "accounts:organization")
    return render(request, "accounts/organization.html", _context(company, form))


@admin_required
@require_POST
def add_holiday(request: HttpRequest) -> HttpResponse:
    company = _company(request)
    form = forms.HolidayForm(request.POST)
    if form.is_valid():
        try:
            organizing.add_holiday(company, by=request.user, now=timezone.now(), **form.cleaned_data)
        except organizing.HolidayKnown as known:
            sentence = _("%(day)s is on the list already (%(name)s).")
            form.add_error("on", sentence % {"day": dates.day(known.holiday.on), "name": known.holiday.name})
        else:
            messages.success(request, _("The company holiday is added."))
            return SeeOther(request, "accounts:organization")
    return refused(request, "accounts/organization.html", _context(company, holiday_form=form))


@admin_required
@require_POST
def remove_holiday(request: HttpRequest, holiday_id: int) -> HttpResponse:
    own = CompanyHoliday.objects.visible_to(request.user).select_related("organization")
    holiday = get_object_or_404(own, pk=holiday_id)
    organizing.remove_holiday(holiday, by=request.user, now=timezone.now())
    messages.success(request, _("%(day)s is a working day again.") % {"day": dates.day(holiday.on)})
    return SeeOther(request, "accounts:organization")


def _company(request: HttpRequest) -> Organization:
    return Organization.objects.get(pk=request.user.organization_id)


def _context(
    company: Organization,
    form: forms.OrganizationForm | None = None,
    holiday_form: forms.HolidayForm | None = None,
) -> dict:
    return {
        "company": company,
        "form": form or forms.OrganizationForm(instance=company),
        "holiday_form": holiday_form or forms.HolidayForm(),
        "has_errors": bool(holiday_form and holiday_form.errors),
        "holidays": list(company.company_holidays.all()),
    }


def _typed(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
