"""Saved views of the list: kept, overwritten, shared, deleted."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mensetsu.accounts.permissions import admin_required, recruiter_required
from mensetsu.candidates import forms, keeping, listing, models
from mensetsu.web import answers


@recruiter_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """表示条件を保存: only the name is asked; the conditions are those of the list it came from."""
    conditions = listing.Conditions.read(request.POST if request.method == "POST" else request.GET)
    form = forms.SavedViewForm(forms.sent(request))
    page = {"form": form, "conditions": conditions}
    if request.method == "GET":
        return render(request, "candidates/saved_view.html", page)
    if form.is_valid():
        try:
            view = keeping.keep(owner=request.user, name=form.cleaned_data["name"], query=conditions.query())
        except keeping.NameTaken:
            form.add_error("name", _("You have a view of this name already. Choose another name."))
        else:
            messages.success(request, _("Saved the view %(name)s.") % {"name": view.name})
            return _list(request, view)
    return answers.refused(request, "candidates/saved_view.html", page)


@recruiter_required
@require_POST
def overwrite(request: HttpRequest, view_id: int) -> HttpResponse:
    view = _view(request, view_id)
    keeping.overwrite(view, query=listing.Conditions.read(request.POST).query())
    messages.success(request, _("Saved the view %(name)s.") % {"name": view.name})
    return _list(request, view)


@admin_required
@require_POST
def share(request: HttpRequest, view_id: int) -> HttpResponse:
    """Offer it to all colleagues, or take it back (`stop`)."""
    view = _view(request, view_id)
    keeping.share(view, now=None if request.POST.get("stop") else timezone.now())
    return _list(request, view)


@recruiter_required
@require_POST
def delete(request: HttpRequest, view_id: int) -> HttpResponse:
    view = _view(request, view_id)
    keeping.forget(view)
    messages.success(request, _("Deleted the view %(name)s.") % {"name": view.name})
    return answers.SeeOther(request, "candidates:list")


def _view(request: HttpRequest, view_id: int) -> models.SavedView:
    offered = models.SavedView.objects.visible_to(request.user).changeable_by(request.user)
    return get_object_or_404(offered, pk=view_id)


def _list(request: HttpRequest, view: models.SavedView) -> HttpResponse:
    return answers.SeeOther(request, f"{reverse('candidates:list')}?{view.query}&saved={view.pk}")
