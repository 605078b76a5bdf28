"""The page of the company's Zoom app: its keys, the addresses to register, and what is wrong, in words."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from mensetsu.accounts.permissions import admin_required
from mensetsu.web.answers import SeeOther, refused
from mensetsu.zoom import diagnosing, forms, leaving, rights, setting_up, tokens
from mensetsu.zoom.models import App


@admin_required
@require_http_methods(["GET", "POST"])
def app_page(request: HttpRequest) -> HttpResponse:
    """The form, with everything that has to be copied to Zoom beside it."""
    app = setting_up.app_of(request.user.organization, now=timezone.now())
    form = forms.AppForm(request.POST or None, app=app)
    if request.method == "POST":
        if form.is_valid() and _save(request, app, form):
            return SeeOther(request, "zoom:app")
        app.refresh_from_db()
        return refused(request, "zoom/app.html", _context(app, form))
    return render(request, "zoom/app.html", _context(app, form))


@admin_required
@require_POST
def try_out(request: HttpRequest) -> HttpResponse:
    """Really ask Zoom, and say what it thinks of client id and secret."""
    now = timezone.now()
    outcome = setting_up.try_out(setting_up.app_of(request.user.organization, now=now), now=now)
    say, sentence = {
        "ok": (messages.success, _("Zoom accepts the client ID and the client secret.")),
        "refused": (
            messages.error,
            _("Zoom does not accept this pair of client ID and client secret. Copy both again from Zoom."),
        ),
        "disabled": (messages.error, _("Zoom says that this app is disabled. Activate it at Zoom.")),
        "missing": (messages.error, _("Enter the client ID and the client secret first.")),
        "away": (messages.warning, _("Zoom isn't responding. Try again in a while.")),
    }[outcome]
    say(request, sentence)
    return SeeOther(request, "zoom:app")


@admin_required
@require_POST
def use_common(request: HttpRequest) -> HttpResponse:
    """Back to the app of the installation."""
    now = timezone.now()
    try:
        setting_up.use_common(setting_up.app_of(request.user.organization, now=now), by=request.user, now=now)
    except setting_up.LinksRemain as problem:
        messages.error(request, _links_remain(problem.count))
    except setting_up.NoCommonApp:
        messages.error(request, _("This installation has no common Zoom app. Correct the keys here."))
    else:
        messages.success(request, _("This company uses the common Zoom app again."))
    return SeeOther(request, "zoom:app")


def _links_remain(count: int) -> str:
    sentence = ngettext(
        "%(count)s Zoom account is connected through the present app. "
        "Disconnect it before you go back to the common one.",
        "%(count)s Zoom accounts are connected through the present app. "
        "Disconnect them before you go back to the common one.",
        count,
    )
    return sentence % {"count": count}


def _save(request: HttpRequest, app: App, form: forms.AppForm) -> bool:
    try:
        setting_up.save(app, **form.cleaned_data, by=request.user, now=timezone.now())
    except setting_up.LinksRemain as problem:
        form.add_error(
            "client_id",
            _(
                "%(count)s Zoom accounts are connected through the present app. "
                "Disconnect them before you change the client ID."
            )
            % {"count": problem.count},
        )
        return False
    messages.success(request, _("Saved."))
    return True


def _context(app: App, form: forms.AppForm) -> dict[str, Any]:
    has_way_back = bool(app.client_id) and setting_up.has_common_app()
    remain = has_way_back and setting_up.links_in_the_way(app, client_id=settings.ZOOM_CLIENT_ID)
    return {
        "app": app,
        "has_way_back": has_way_back,
        "links_remain": _links_remain(remain) if remain else "",
        "form": form,
        "uses_installation": not app.client_id and bool(settings.ZOOM_CLIENT_ID),
        "has_secret": bool(app.client_secret_sealed),
        "has_secret_token": bool(tokens.secret_token(app)),
        "redirect_uri": leaving.redirect_uri(),
        "webhook_url": settings.BASE_URL + reverse("zoom:webhook", args=[app.key]),
        "rights": rights.RIGHTS,
        "events": EVENTS,
        "findings": diagnosing.of_app(app),
        "oauth_base": settings.ZOOM_OAUTH_BASE,
        "api_base": settings.ZOOM_API_BASE,
    }


# What to subscribe to at Zoom; the product works without any of them.
EVENTS = (
    "meeting.updated",
    "meeting.deleted",
    "meeting.started",
    "meeting.ended",
    "meeting.participant_joined_waiting_room",
    "meeting.participant_admitted",
    "meeting.participant_left_waiting_room",
    "meeting.participant_joined",
    "meeting.participant_left",
    "user.updated",
    "user.deleted",
)
