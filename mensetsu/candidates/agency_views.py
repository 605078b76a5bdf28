"""Agencies and their contacts."""

from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.candidates import agencies, forms, models
from mensetsu.web import answers

SHOWN = 50


def _count_of(rows: QuerySet) -> Coalesce:
    """How many of these hang on the agency of the outer query."""
    counts = rows.filter(agency=OuterRef("pk")).order_by().values("agency").annotate(count=Count("*"))
    return Coalesce(Subquery(counts.values("count")), 0)


@recruiter_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    # Counted apart: joined, every applicant would be there once for each contact.
    found = models.Agency.objects.visible_to(request.user).annotate(
        contact_count=_count_of(models.AgencyContact.objects.filter(left_at=None)),
        candidate_count=_count_of(models.Candidate.objects.all()),
    )
    return render(request, "candidates/agencies.html", {"agencies": found.order_by("closed_at", "name")})


@recruiter_required
@require_GET
def show(request: HttpRequest, agency_id: int) -> HttpResponse:
    agency = _agency(request, agency_id)
    introduced = models.Candidate.objects.visible_to(request.user).filter(agency=agency)
    return render(
        request,
        "candidates/agency.html",
        {
            "agency": agency,
            "contacts": agency.contacts.order_by("left_at", "id"),
            "introduced": introduced.order_by("-created_at", "-id")[:SHOWN],
        },
    )


def _agency(request: HttpRequest, agency_id: int) -> models.Agency:
    return get_object_or_404(models.Agency.objects.visible_to(request.user), pk=agency_id)


@recruiter_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    form = forms.AgencyForm(forms.sent(request))
    if request.method == "GET":
        return render(request, "candidates/agency_form.html", {"form": form, "agency": None})
    if form.is_valid():
        try:
            agency = agencies.register(
                organization=request.user.organization,
                values=form.values(),
                by=request.user,
                now=timezone.now(),
            )
        except agencies.NameTaken:
            _explain_name(form)
        else:
            messages.success(request, _("Registered the agency. Add the contacts who receive the schedules."))
            return answers.SeeOther(request, "candidates:agency", agency.pk)
    return answers.refused(request, "candidates/agency_form.html", {"form": form, "agency": None})


@recruiter_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, agency_id: int) -> HttpResponse:
    agency = _agency(request, agency_id)
    start = {name: getattr(agency, name) for name in agencies.AGENCY_FIELDS}
    form = forms.AgencyForm(forms.sent(request), initial=start)
    if request.method == "GET":
        return render(request, "candidates/agency_form.html", {"form": form, "agency": agency})
    if form.is_valid():
        try:
            agencies.edit(agency, form.values(), by=request.user, now=timezone.now())
        except agencies.NameTaken:
            _explain_name(form)
            agency.refresh_from_db()
        else:
            messages.success(request, _("Saved the changes."))
            return answers.SeeOther(request, "candidates:agency", agency.pk)
    return answers.refused(request, "candidates/agency_form.html", {"form": form, "agency": agency})


def _explain_name(form: forms.AgencyForm) -> None:
    form.add_error("name", _("An agency of this name is already registered."))


@recruiter_required
@require_POST
def close(request: HttpRequest, agency_id: int) -> HttpResponse:
    """Closed, or open again (`reopen`)."""
    agency = _agency(request, agency_id)
    verb = agencies.reopen if request.POST.get("reopen") else agencies.close
    verb(agency, by=request.user, now=timezone.now())
    messages.success(request, _("Saved the changes."))
    return answers.SeeOther(request, "candidates:agency", agency.pk)


@recruiter_required
@require_http_methods(["GET", "POST"])
def add_contact(request: HttpRequest, agency_id: int) -> HttpResponse:
    agency = _agency(request, agency_id)
    start = {"language": request.user.organization.language, "time_zone": request.user.organization.time_zone}
    form = forms.ContactForm(forms.sent(request), initial=start)
    page = {"form": form, "agency": agency, "contact": None}
    if request.method == "GET":
        return render(request, "candidates/contact_form.html", page)
    if not form.is_valid():
        return answers.refused(request, "candidates/contact_form.html", page)
    agencies.add_contact(agency, form.values(), by=request.user, now=timezone.now())
    messages.success(request, _("Added the contact."))
    return answers.SeeOther(request, "candidates:agency", agency.pk)


def _contact(request: HttpRequest, contact_id: int) -> models.AgencyContact:
    ours = models.AgencyContact.objects.filter(agency__in=models.Agency.objects.visible_to(request.user))
    return get_object_or_404(ours.select_related("agency"), pk=contact_id)


@recruiter_required
@require_http_methods(["GET", "POST"])
def edit_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    contact = _contact(request, contact_id)
    start = {name: getattr(contact, name) for name in agencies.CONTACT_FIELDS}
    form = forms.ContactForm(forms.sent(request), initial=start)
    page = {"form": form, "agency": contact.agency, "contact": contact}
    if request.method == "GET":
        return render(request, "candidates/contact_form.html", page)
    if not form.is_valid():
        return answers.refused(request, "candidates/contact_form.html", page)
    agencies.edit_contact(contact, form.values(), by=request.user, now=timezone.now())
    messages.success(request, _("Saved the changes."))
    return answers.SeeOther(request, "candidates:agency", contact.agency_id)


@recruiter_required
@require_POST
def note_left(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The contact left the agency, or is there again (`returned`)."""
    contact = _contact(request, contact_id)
    if request.POST.get("returned"):
        agencies.note_returned(contact, by=request.user, now=timezone.now())
    else:
        count = agencies.note_left(contact, by=request.user, now=timezone.now())
        if count:
            sentence = ngettext(
                "%(num)s applicant still has this contact. Choose another one on their page.",
                "%(num)s applicants still have this contact. Choose another one on their pages.",
                count,
            )
            messages.warning(request, sentence % {"num": count})
    return answers.SeeOther(request, "candidates:agency", contact.agency_id)
