"""Pages behind a token in their address: no login, private headers, and a limit against floods.

Opening such a page changes nothing (mail scanners open links); only a press does. Its forms carry no CSRF token:
nothing there rests on a cookie, whoever knows the address may act, and under `no-referrer` browsers send
`Origin: null`, which Django's check would refuse."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt

from mensetsu.web import language

# Requests a minute from one address: enough for a family behind one router, too few to try tokens.
LIMIT = 60


View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Door:
    """The way to pages of one kind; as a decorator, the view gets what the token opens and the moment: `view(request,
    link, now=…)`, in the reader's language and on their clock. Strangers get 404, the impatient 429, everyone private
    headers.

    `kind` is what requests are counted by; `find` answers None for a token that opens nothing; `reader` has a language
    and a zone; `too_many` is the page for the impatient; `words` chooses the language, by default as the address says.
    """

    kind: str
    find: Callable[[str], Any]
    reader: Callable[[Any], Any]
    too_many: str
    words: Callable[[HttpRequest, str], str] = language.chosen

    def __call__(self, view: View) -> View:
        @login_not_required
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, token: str, **kwargs: str) -> HttpResponse:
            now = timezone.now()
            if not may_ask(request, self.kind, now):
                response = render(request, self.too_many, {"organization": None}, status=429)
                response.headers["Retry-After"] = "60"
                return private(response)
            link = self.find(token)
            if link is None:
                raise Http404
            reader = self.reader(link)
            words = self.words(request, reader.language)
            with translation.override(words), timezone.override(reader.zone):
                response = view(request, link, now=now, **kwargs)
            response.headers["Content-Language"] = words
            return private(response)

        return guarded


def private(response: HttpResponse) -> HttpResponse:
    """The address is the key: it must not travel on in a Referer, nor into a search engine or a cache."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store, private"
    return response


def may_ask(request: HttpRequest, what: str, now: datetime) -> bool:
    """Counts one request of this visitor for pages of that kind; False beyond LIMIT in this minute.

    Each process counts for itself, in memory: the limit is against floods, and a flood must not become writes."""
    counts = caches["memory"]
    key = f"{what}:{address_of(request)}:{now:%Y%m%d%H%M}"
    asked = counts.get(key, 0)
    # Two at once may count as one: it is not a measure.
    counts.set(key, asked + 1, timeout=120)
    return asked < LIMIT


def address_of(request: HttpRequest) -> str:
    """The visitor's address. Behind our own proxy it is the last one the proxy wrote; what came before is hearsay."""
    if settings.SECURE_PROXY_SSL_HEADER:
        return request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", 1)[-1].strip()
    return request.META.get("REMOTE_ADDR", "")
