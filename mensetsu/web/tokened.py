"""Pages behind a token in their address: no login, private headers, and a limit against floods."""

from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

# Requests a minute from one address: enough for a family behind one router, too few to try tokens.
LIMIT = 60


def private(response: HttpResponse) -> HttpResponse:
    """The address is the key: it must not travel on in a Referer, nor into a search engine or a cache."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store, private"
    return response


def may_ask(request: HttpRequest, what: str, now: datetime) -> bool:
    """Counts one request of this visitor for pages of that kind; False beyond LIMIT in this minute."""
    key = f"{what}:{address_of(request)}:{now:%Y%m%d%H%M}"
    asked = cache.get(key, 0)
    # Two at once may count as one: the limit is against floods, not a measure.
    cache.set(key, asked + 1, timeout=120)
    return asked < LIMIT


def address_of(request: HttpRequest) -> str:
    """The visitor's address. Behind our own proxy it is the last one the proxy wrote; what came before is hearsay."""
    if settings.SECURE_PROXY_SSL_HEADER:
        return request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", 1)[-1].strip()
    return request.META.get("REMOTE_ADDR", "")
