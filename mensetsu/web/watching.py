"""Each request has an id, is counted, and leaves one line in the log."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from mensetsu.web import log_lines, metrics

log = logging.getLogger(__name__)


def watch(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The outermost layer: X-Request-Id on the answer and in every line that is written meanwhile."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        identity = request.request_id = log_lines.new_id()  # type: ignore[attr-defined]
        before = log_lines.request_id.set(identity)
        try:
            response = get_response(request)
            _tell(request, response.status_code, time.perf_counter() - began)
        finally:
            log_lines.request_id.reset(before)
        response.headers["X-Request-Id"] = identity
        return response

    return middleware


def _tell(request: HttpRequest, status: int, seconds: float) -> None:
    route = _route(request)
    metrics.observe(route=route, status=status, seconds=seconds)
    if settings.LOG_REQUESTS:
        # Only who is known already: asking costs a query, and pages without a login read no session.
        user = getattr(request, "_cached_user", None)
        log.info("request_answered route=%s method=%s status=%s ms=%.1f user=%s", route, request.method, status,
                 seconds * 1000, getattr(user, "pk", None) or "-")  # fmt: skip


def _route(request: HttpRequest) -> str:
    """Files for pages are answered before any route is looked for, and are most of what is asked."""
    is_file = request.path_info.startswith(settings.STATIC_URL)
    return "static" if is_file else log_lines.route_of(request)
