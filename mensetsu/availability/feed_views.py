"""購読用カレンダー: everybody makes, renews and revokes the addresses for their own calendar program."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from mensetsu.availability import feeding
from mensetsu.availability.models import FeedKind
from mensetsu.web.answers import SeeOther


@never_cache
@require_safe
def feeds(request: HttpRequest) -> HttpResponse:
    live = {feed.kind: feed for feed in request.user.feeds.live()}
    lines = [
        {"kind": kind.value, "label": kind.label, "feed": live.get(kind), "address": _address(live.get(kind))}
        for kind in feeding.kinds_for(request.user)
    ]
    return render(request, "availability/feeds.html", {"lines": lines})


@require_POST
def open_feed(request: HttpRequest) -> HttpResponse:
    feeding.open_feed(request.user, kind=_kind(request), now=timezone.now())
    messages.success(request, _("The address is made. Copy it into your calendar program."))
    return SeeOther(request, "availability:feeds")


@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    feeding.renew(request.user, kind=_kind(request), now=timezone.now())
    messages.success(request, _("A new address is made. The one before does not work any more."))
    return SeeOther(request, "availability:feeds")


@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    feeding.revoke(request.user, kind=_kind(request), now=timezone.now())
    messages.success(request, _("The address does not work any more."))
    return SeeOther(request, "availability:feeds")


def _kind(request: HttpRequest) -> str:
    kind = request.POST.get("kind", "")
    if kind not in FeedKind.values or kind not in feeding.kinds_for(request.user):
        raise Http404
    return kind


def _address(feed: object) -> str:
    return settings.BASE_URL + reverse("interviews:feed", args=[feeding.token(feed)]) if feed else ""
