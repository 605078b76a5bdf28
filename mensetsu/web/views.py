"""The pages that belong to no module: the list of settings, and what machines ask."""

import logging
from dataclasses import dataclass

from django import conf
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mensetsu.web import menu, readiness
from mensetsu.web import metrics as metering

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    text: str
    about: str
    href: str


@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """設定: where everything that is set once is found, as far as the reader's role may."""
    if not request.user.is_recruiter:
        raise PermissionDenied
    entries = [
        (_("Zoom connection"), _("Connect a Zoom account so that join links are issued."), "zoom:settings"),
        (_("Mail templates"), _("The texts for applicants, agencies and interviewers."), "mail:templates"),
        (
            _("Everybody's availability"),
            _("Weekly hours, days off and busy times of the people who interview."),
            "availability:people",
        ),
        (_("Agencies"), _("The agencies you work with and the people there."), "candidates:agencies"),
        (
            _("All tags"),
            _("All words that are replaced by the data of an interview in a mail."),
            "interviews:tags",
        ),
    ]
    if request.user.is_admin:
        entries += [
            (
                _("Jobs and stages"),
                _("What you recruit for, and the steps of each selection."),
                "candidates:jobs",
            ),
            (_("Staff"), _("Who works here, with which role; invitations."), "accounts:staff"),
            (
                _("Company information"),
                _("Name, contact on the day, sender of mails, company holidays."),
                "accounts:organization",
            ),
            (_("Zoom app"), _("The keys of your company's own app in the Zoom Marketplace."), "zoom:app"),
        ]
    found = [Entry(text, about, href) for text, about, name in entries if (href := menu.address(name))]
    return render(request, "web/settings.html", {"entries": found})


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Does the process answer? Asks nothing else, so that a slow database does not get the process killed. Which scheme
    we believe the browser speaks is told to the doctor: a proxy that forgets it breaks cookies and links, silently."""
    return HttpResponse("ok\n", content_type="text/plain", headers={"X-Scheme-Seen": request.scheme or ""})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """May traffic come? 503 and the reason while this node is taken out of the balancer, while the database does not
    answer, and while no page could be shown (web.readiness)."""
    if (conf.settings.DATA_DIR / conf.settings.DRAINING).exists():
        return _not_ready("draining")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        missing = readiness.obstacle()
    except DatabaseError as problem:
        log.warning("database_unreachable problem=%s", type(problem).__name__)
        return _not_ready("database unreachable")
    if missing:
        log.warning("node_unfit missing=%s", missing)
        return _not_ready(missing)
    return HttpResponse("ok\n", content_type="text/plain")


def _not_ready(reason: str) -> HttpResponse:
    return HttpResponse(f"{reason}\n", status=503, content_type="text/plain")


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts for Prometheus. 404 for whoever may not read them, as if it were not there."""
    if not metering.may_read(request):
        raise Http404
    return HttpResponse(metering.text(timezone.now()), content_type=metering.CONTENT_TYPE)


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Nothing here is for search engines."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")
