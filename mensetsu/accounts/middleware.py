"""The reader's language and clock, for the length of one request; and how long a login lasts."""

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

_DAY = 24 * 3600


def reader(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """After login the person's own settings count; the browser's language matters only before."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        _keep_logged_in(request)
        translation.activate(request.user.language)
        request.LANGUAGE_CODE = request.user.language
        with timezone.override(ZoneInfo(request.user.time_zone)):
            return get_response(request)

    return middleware


def _keep_logged_in(request: HttpRequest) -> None:
    """A session ends by its age since the last day of use, at the price of one write a day and not one a click."""
    today = int(time.time()) // _DAY
    if request.session.get("day") != today:
        request.session["day"] = today
