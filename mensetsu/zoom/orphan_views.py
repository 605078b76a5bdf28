"""Meetings at Zoom that carry our mark and belong to no interview, host by host."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.web.answers import SeeOther
from mensetsu.zoom import sweeping
from mensetsu.zoom.models import Connection, Orphan, Problem


@recruiter_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What the last daily look found."""
    found = _manageable(request).standing().select_related("connection__owner")
    by_host: dict[int, tuple[Connection, list[Orphan]]] = {}
    for one in found.order_by("connection__label", "connection_id", "starts_at", "id"):
        by_host.setdefault(one.connection_id, (one.connection, []))[1].append(one)
    return render(
        request, "zoom/orphans.html", {"hosts": list(by_host.values()), "problems": dict(Problem.choices)}
    )


@recruiter_required
@require_POST
def remove(request: HttpRequest, orphan_id: int) -> HttpResponse:
    """〔Zoomから削除〕"""
    orphan = get_object_or_404(_manageable(request), pk=orphan_id)
    sweeping.remove(orphan, by=request.user, now=timezone.now())
    messages.success(request, _("Zoom is being told to delete it. It takes a moment."))
    return SeeOther(request, "zoom:orphans")


def _manageable(request: HttpRequest):
    mine = Connection.objects.visible_to(request.user).manageable_by(request.user)
    return Orphan.objects.visible_to(request.user).filter(connection__in=mine)
