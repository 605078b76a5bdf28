"""別のZoomアカウントに変更: one page that says what is done and what comes next, step by step."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mensetsu.web import numbers
from mensetsu.web.answers import SeeOther, refused
from mensetsu.zoom import client, connecting, leaving, setting_up, showing, switching
from mensetsu.zoom.models import Connection, ConnectionQuerySet

PAGE = "zoom/switch.html"
# Shared so recently, it was most likely linked for this change, and shared only until the old one makes room.
JUST_LINKED = timedelta(days=1)


@require_GET
def switch(request: HttpRequest, connection_id: int) -> HttpResponse:
    """How far the change is; `to` in the address is the account that takes over."""
    old = _link(request, connection_id)
    return render(request, PAGE, _context(request, old, request.GET.get("to", "")))


@require_POST
def leave(request: HttpRequest, connection_id: int) -> HttpResponse:
    """One's own account that hosts nothing: disconnected, and on to Zoom for the new one."""
    old, now = _link(request, connection_id), timezone.now()
    if old.is_shared or old.owner_id != request.user.pk:
        raise Http404
    try:
        address = leaving.begin(request.session, user=request.user, now=now, switching=old.pk)
        connecting.disconnect(old, by=request.user, now=now)
    except client.AppRefused:
        messages.error(request, _("The Zoom app of this company is not set up yet. Ask an administrator."))
        return SeeOther(request, "zoom:settings")
    except connecting.UpcomingMeetingsRemain:
        return refused(request, PAGE, _context(request, old, "", is_late=True))
    return SeeOther(request, address)


@require_POST
def finish(request: HttpRequest, connection_id: int) -> HttpResponse:
    """The last step: the old account is disconnected, the new one takes its place."""
    old, now = _link(request, connection_id), timezone.now()
    to = _others(request, old).filter(pk=numbers.key(request.POST.get("to", ""))).first()
    if to is None:
        messages.error(request, _("Choose the new account first."))
        return SeeOther(request, "zoom:switch", old.pk)
    language = get_language() or "ja"
    facts = {"old": old.email or old.name_in(language), "new": to.email or to.name_in(language)}
    is_own = _may_be_own(old, to) and request.POST.get("use") == "own"
    try:
        switching.finish(old, to=to, is_own=is_own, by=request.user, now=now)
    except connecting.UpcomingMeetingsRemain:
        return refused(request, PAGE, _context(request, old, str(to.pk), is_late=True))
    except connecting.StillConnected as problem:
        sentence = _("%(new)s stays shared, because %(account)s is your own account.")
        messages.warning(request, sentence % {**facts, "account": problem.connection.name_in(language)})
    messages.success(request, _("Changed from %(old)s to %(new)s.") % facts)
    return SeeOther(request, "zoom:settings")


def _link(request: HttpRequest, connection_id: int) -> Connection:
    return get_object_or_404(_manageable(request).select_related("owner"), pk=connection_id)


def _manageable(request: HttpRequest) -> ConnectionQuerySet:
    return Connection.objects.visible_to(request.user).manageable_by(request.user).live()


def _others(request: HttpRequest, old: Connection) -> ConnectionQuerySet:
    return _manageable(request).select_related("owner").exclude(pk=old.pk)


def _may_be_own(old: Connection, to: Connection) -> bool:
    """One person's own account replaces another account of the same person."""
    return not old.is_shared and old.owner_id == to.owner_id


def _context(request: HttpRequest, old: Connection, to_key: str, *, is_late: bool = False) -> dict[str, Any]:
    """`is_late`: what had been free of interviews when the page was shown is so no longer."""
    now, user = timezone.now(), request.user
    others = list(_others(request, old).order_by("label", "email", "pk")) if user.is_recruiter else []
    to = next((one for one in others if str(one.pk) == to_key), None)
    remaining = list(showing.upcoming(old, now))
    is_mine = not old.is_shared and old.owner_id == user.pk
    return showing.remaining(old, remaining, now=now, to=to) | {
        "others": others,
        "is_late": is_late,
        # Nothing would be left without a host: no need for two accounts at once.
        "is_short": is_mine and not remaining and to is None,
        "may_be_own": to is not None and _may_be_own(old, to),
        "becomes_own": to is not None and (not to.is_shared or now - to.connected_at < JUST_LINKED),
        "may_connect": setting_up.state(user.organization) == "ready",
    }
