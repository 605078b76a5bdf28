"""The address that calendar programs ask again and again. No login: whoever has it may read; it can be revoked."""

import hashlib

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from mensetsu.attending import feeds
from mensetsu.availability import feeding
from mensetsu.web import tokened


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar, or 304 when the program has it already."""
    now = timezone.now()
    if not tokened.may_ask(request, "feed", now):
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    found = feeding.find(token)
    if found is None:
        raise Http404
    text = feeds.text(found, now=now)
    digest = hashlib.sha256(text.encode()).hexdigest()
    changed_at = feeding.note_content(found, content_hash=digest, now=now)
    tag, modified = f'"{digest[:32]}"', int(changed_at.timestamp())
    whole = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    whole.headers["ETag"], whole.headers["Last-Modified"] = tag, http_date(modified)
    response = get_conditional_response(request, tag, modified, whole)
    # Kept by the program, but asked for each time; the address is the key and must not travel on.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
