"""Booking pages for recruiters: the list, one page with its slots and invitations, making and changing it."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.availability.hours import Span
from mensetsu.booking import forms, opening, showing, slots
from mensetsu.booking.models import BookingPage, Series, Slot
from mensetsu.interviews import company_clock
from mensetsu.web import numbers
from mensetsu.web.answers import SeeOther, refused


@recruiter_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every booking page of the company: open ones first."""
    now = timezone.now()
    coming = Q(slots__closed_at=None, slots__starts_at__gt=now)
    pages = BookingPage.objects.visible_to(request.user).pages().select_related("stage__job").order_by("-pk")
    rows = list(
        pages.annotate(
            coming=Count("slots", filter=coming, distinct=True),
            room=Sum("slots__capacity", filter=coming),
            taken=Sum("slots__taken", filter=coming),
        )
    )
    waiting = dict(
        pages.order_by().filter(invitations__chosen_at=None, invitations__declined_at=None,
                                invitations__closed_at=None, invitations__answer_by__gt=now)
        .values_list("pk").annotate(number=Count("invitations"))
    )  # fmt: skip
    context = {
        "open_pages": [page for page in rows if page.closed_at is None],
        "closed_pages": [page for page in rows if page.closed_at is not None],
        "waiting": waiting,
    }
    return render(request, "booking/pages.html", context)


@recruiter_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    organization = request.user.organization
    form = forms.PageForm(request.POST or None, organization=organization)
    context = {"form": form, "booking": None}
    if request.method == "GET":
        return render(request, "booking/page_form.html", context)
    if not form.is_valid():
        return refused(request, "booking/page_form.html", context)
    page = opening.open_page(
        organization=organization, values=form.values(), fixed=form.cleaned_data["fixed"],
        pool=form.cleaned_data["pool"], by=request.user, now=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("The booking page has been made. Now offer slots."))
    return SeeOther(request, "booking:slots", page.pk)


@recruiter_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, page_id: int) -> HttpResponse:
    page = _page(request, page_id)
    form = forms.PageForm(request.POST or None, instance=page, organization=page.organization)
    context = {"form": form, "booking": page}
    if request.method == "GET":
        return render(request, "booking/page_form.html", context)
    if not form.is_valid():
        return refused(request, "booking/page_form.html", context)
    data = form.cleaned_data
    try:
        opening.change_page(
            _page(request, page_id), values=form.values(), fixed=data["fixed"], pool=data["pool"],
            version=data["seen"], by=request.user, now=timezone.now(),
        )  # fmt: skip
    except opening.ChangedMeanwhile:
        form.add_error(None, _("A colleague changed this page after you opened it. Open it again."))
        return refused(request, "booking/page_form.html", context)
    messages.success(request, _("The booking page has been changed."))
    return SeeOther(request, "booking:page", page.pk)


@recruiter_required
@require_GET
def detail(request: HttpRequest, page_id: int) -> HttpResponse:
    page, now = _page(request, page_id), timezone.now()
    rows = showing.look(page, page.slots.open().filter(starts_at__gt=now), now=now)
    invitations = page.invitations.with_facts().order_by("-pk")
    context = {
        "booking": page,
        "days": showing.by_day(rows, timezone.get_current_timezone()),
        "short": [one for one in rows if one.state in (showing.PEOPLE, showing.HOST)],
        "free": sum(one.is_free for one in rows),
        "series": page.series.filter(ended_at=None),
        "invitations": [(one, one.state(now)) for one in invitations[:200]],
        "past": page.slots.filter(starts_at__lte=now, taken__gt=0).count(),
    }
    return render(request, "booking/page.html", context)


@recruiter_required
@require_POST
def close(request: HttpRequest, page_id: int) -> HttpResponse:
    page = _page(request, page_id)
    if page.closed_at is None:
        opening.close_page(page, by=request.user, now=timezone.now())
        messages.success(request, _("The page is closed: nobody can choose a date there any more."))
    else:
        opening.reopen_page(page, by=request.user, now=timezone.now())
        messages.success(request, _("The page is open again."))
    return SeeOther(request, "booking:page", page.pk)


@recruiter_required
@require_http_methods(["GET", "POST"])
def add_slots(request: HttpRequest, page_id: int) -> HttpResponse:
    """One by one, in bulk, or as a series: what would be added is shown before it is."""
    page, now = _page(request, page_id), timezone.now()
    act = request.POST.get("act", "")
    one = forms.SlotForm(
        request.POST if act == "one" else None, prefix="one", now=now, home=page.organization.zone
    )
    many = forms.SeriesForm(
        request.POST if act in ("preview", "bulk", "series") else None,
        prefix="many",
        initial={"interval": page.minutes},
    )
    clock = company_clock.name(page.organization.zone, now)
    context = {"booking": page, "one": one, "many": many, "proposed": None, "company_clock": clock}
    if request.method == "GET" or not act:
        return render(request, "booking/slots.html", context)
    if act == "one":
        if not one.is_valid():
            return refused(request, "booking/slots.html", context | {"has_errors": True})
        span = Span(one.starts_at(), one.starts_at() + timedelta(minutes=page.minutes))
        made = opening.offer_slots(
            page, [span], capacity=one.cleaned_data["capacity"], by=request.user, now=now
        )
        return _added(request, page, len(made))
    if not many.is_valid():
        return refused(request, "booking/slots.html", context | {"has_errors": True})
    return _add_many(request, page, many, act, context, now)


def _add_many(
    request: HttpRequest, page: BookingPage, form: forms.SeriesForm, act: str, context: dict, now: datetime
) -> HttpResponse:
    pattern = Series(page=page, **form.cleaned_data)
    try:
        spans = opening.spans_of(pattern, now=now)
    except slots.TooMany:
        form.add_error(
            "last_on", _("These are more than %(most)s slots. Choose a shorter time.") % {"most": slots.MOST}
        )
        return refused(request, "booking/slots.html", context | {"has_errors": True})
    if act == "preview":
        drafts = [
            Slot(pk=-number, page=page, starts_at=span.start, ends_at=span.end, minutes=page.minutes)
            for number, span in enumerate(spans, 1)
        ]
        looked = showing.look(page, drafts, now=now)
        zone = timezone.get_current_timezone()
        return render(
            request, "booking/slots.html",
            context | {"proposed": showing.by_day(looked, zone), "count": len(spans)},
        )  # fmt: skip
    if act == "series":
        _series, made = opening.start_series(page, form.cleaned_data, by=request.user, now=now)
    else:
        made = opening.offer_slots(
            page, spans, capacity=form.cleaned_data["capacity"], by=request.user, now=now
        )
    return _added(request, page, len(made))


def _added(request: HttpRequest, page: BookingPage, count: int) -> HttpResponse:
    words = ngettext("%(count)s slot has been added.", "%(count)s slots have been added.", count)
    if count:
        messages.success(request, words % {"count": count})
    else:
        messages.info(request, _("Nothing was added: these slots exist already or are past."))
    return SeeOther(request, "booking:page", page.pk)


@recruiter_required
@require_POST
def close_slots(request: HttpRequest, page_id: int) -> HttpResponse:
    """The ticked slots are offered no longer; booked ones stay and are named."""
    page, now = _page(request, page_id), timezone.now()
    ids = numbers.keys(request.POST.getlist("slot"))
    closed, kept = 0, 0
    for slot in page.slots.open().filter(pk__in=ids):
        try:
            opening.close_slot(slot, by=request.user, now=now)
            closed += 1
        except opening.SlotInUse:
            kept += 1
    if closed:
        messages.success(
            request,
            ngettext("%(count)s slot was closed.", "%(count)s slots were closed.", closed)
            % {"count": closed},
        )
    if kept:
        messages.warning(
            request,
            _("%(count)s booked slots stay. Move or cancel their interviews first.") % {"count": kept},
        )
    if not ids:
        messages.info(request, _("Select the slots to close."))
    return SeeOther(request, "booking:page", page.pk)


@recruiter_required
@require_http_methods(["GET", "POST"])
def series(request: HttpRequest, series_id: int) -> HttpResponse:
    """Another pattern for the series: only free slots change."""
    found = Series.objects.select_related("page__organization").filter(
        page__in=BookingPage.objects.visible_to(request.user), ended_at=None
    )
    pattern = get_object_or_404(found, pk=series_id)
    page, now = pattern.page, timezone.now()
    if request.method == "POST" and request.POST.get("act") == "end":
        opening.end_series(pattern, by=request.user, now=now)
        messages.success(request, _("The series has ended. Its free slots are closed; booked ones stay."))
        return SeeOther(request, "booking:page", page.pk)
    form = forms.SeriesForm(request.POST or None, initial=forms.SeriesForm.values_of(pattern))
    clock = company_clock.name(page.organization.zone, now)
    context = {"booking": page, "series": pattern, "form": form, "company_clock": clock}
    if request.method == "GET":
        return render(request, "booking/series.html", context)
    if not form.is_valid():
        return refused(request, "booking/series.html", context)
    try:
        difference = opening.change_series(pattern, form.cleaned_data, by=request.user, now=now)
    except slots.TooMany:
        form.add_error(
            "last_on", _("These are more than %(most)s slots. Choose a shorter time.") % {"most": slots.MOST}
        )
        return refused(request, "booking/series.html", context)
    facts = {"added": len(difference.add), "closed": len(difference.close)}
    messages.success(request, _("The series has been changed: %(added)s added, %(closed)s closed.") % facts)
    return SeeOther(request, "booking:page", page.pk)


def _page(request: HttpRequest, page_id: int) -> BookingPage:
    visible = BookingPage.objects.visible_to(request.user).pages()
    return get_object_or_404(
        visible.select_related("organization", "stage__job", "host__owner", "created_by"), pk=page_id
    )
