"""What is true of every answer: its security headers, how much may be sent in, and how a lost session is told."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.cache import patch_cache_control

from mensetsu.web import problems

GetResponse = Callable[[HttpRequest], HttpResponse]

# No inline script or style, nothing from elsewhere. 'form-action' allows the redirect to Zoom after a POST:
# browsers apply it to redirects too, and Zoom's host depends on the installation, so it is left out on purpose.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MACHINES = "/webhooks/"
WEBHOOK_LIMIT = 64 * 1024


def security_headers(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if response.headers.get("Content-Type", "").startswith("text/html"):
            # Pages hold personal data: a shared computer must not keep them.
            patch_cache_control(response, no_store=True, private=True)
        return response

    return middleware


def body_limit(get_response: GetResponse) -> GetResponse:
    """Refuses large bodies before they are read where no file is expected."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(MACHINES):
            try:
                length = int(request.META.get("CONTENT_LENGTH") or 0)
            except ValueError:
                return HttpResponse(status=400)
            if length > WEBHOOK_LIMIT or request.META.get("HTTP_TRANSFER_ENCODING"):
                return HttpResponse(status=413)
        return get_response(request)

    return middleware


def machines(get_response: GetResponse) -> GetResponse:
    """What only machines call has no session, language, form or page: its view is called without the layers for these,
    which cost more than a message. Only a view that says of itself that it needs neither login nor the token of forms;
    everything else takes the way of all."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(MACHINES):
            return get_response(request)
        try:
            found = resolve(request.path_info)
        except Resolver404:
            return get_response(request)
        if getattr(found.func, "login_required", True) or not getattr(found.func, "csrf_exempt", False):
            return get_response(request)
        request.get_host()  # refuses a host that is not ours, as CommonMiddleware does
        request.resolver_match = found
        try:
            return found.func(request, *found.args, **found.kwargs)
        except Exception as exception:
            if _is_impossible(exception):
                return HttpResponse(status=400)
            raise

    return middleware


def session_ended(get_response: GetResponse) -> GetResponse:
    """An htmx request that ends at the login page becomes a full redirect, never a login form inside a table cell.

    After the login the reader is back on the page they were looking at, not on the fragment it had asked for."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        htmx = getattr(request, "htmx", None)
        if htmx and response.status_code == 302 and "/login/" in response.headers.get("Location", ""):
            answer = HttpResponse(status=401)
            page = htmx.current_url_abs_path
            query = f"?{urlencode({'next': page})}" if page else ""
            answer.headers["HX-Redirect"] = response.headers["Location"].partition("?")[0] + query
            return answer
        return response

    return middleware


def not_allowed(get_response: GetResponse) -> GetResponse:
    """A person who opens an address that only takes a POST reads a page instead of nothing."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 405 or response.content or request.path.startswith(MACHINES):
            return response
        page = problems.not_allowed(request)
        page.headers["Allow"] = response.headers.get("Allow", "")
        return page

    return middleware


def _is_impossible(exception: Exception) -> bool:
    """SQLite's driver says OverflowError. PostgreSQL answers 22003 (number out of range) or 22P05 (sign unknown);
    a NUL never reaches it: its driver refuses that without a code."""
    if isinstance(exception, OverflowError):
        return "SQLite INTEGER" in str(exception)
    state = getattr(exception.__cause__, "sqlstate", "")
    return isinstance(exception, DataError) and (
        state in ("22003", "22P05") or "NUL (0x00)" in str(exception)
    )


def impossible_values(get_response: GetResponse) -> GetResponse:
    """A number or sign that no column of the database can hold, typed into an address or a form by hand: the
    request is at fault, not we."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return problems.bad_request(request, exception) if _is_impossible(exception) else None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
