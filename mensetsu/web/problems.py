"""The pages of trouble: what happened, what to do, one way on. No codes as headings, no jargon, no jokes.

Applicants (addresses under /j/ and /b/) get words of their own and no link to the login. The pages for failures of
ours (500, 503) read nothing from the database."""

import errno
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from mensetsu.web import language, log_lines, menu

log = logging.getLogger(__name__)
_PUBLIC = ("/j/", "/b/")
_LAST_RESORT = (
    '<!DOCTYPE html><html lang="ja"><meta charset="utf-8"><title>Mensetsu</title>'
    "<h1>ページを表示できませんでした</h1><p>時間をおいて、もう一度お試しください。</p>"
    '<p lang="en">Something went wrong on our side. Try again later.</p></html>'
)


View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Problem:
    title: str
    sentences: tuple[str, ...]
    # The one way on: home | reload | back | "" (there is none)
    way_on: str = ""
    retry_after: int = 600  # seconds; said to machines when the answer is 503


def _in_readers_language(view: View) -> View:
    """Pages for applicants follow the `lang` of their address."""

    @wraps(view)
    def translated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_public(request):
            return view(request, *args, **kwargs)
        with translation.override(language.chosen(request, translation.get_language() or "ja")):
            return view(request, *args, **kwargs)

    return translated


@_in_readers_language
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request cannot be understood; usually a cut address or too much sent at once."""
    del exception
    sentences = (_("The request could not be understood. Check the address and try again."),)
    return _page(request, 400, Problem(_("We can't show this page"), sentences, "home"))


@_in_readers_language
@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403, naming whom to ask."""
    del exception
    user = menu.viewer(request)
    company = language.organization_name(user.organization) if user else ""
    if company:
        ask = _("Contact the administrator of %(company)s.") % {"company": company}
    else:
        ask = _("Contact your administrator.")
    return _page(request, 403, Problem(_("You don't have access to this page"), (ask,), "home"))


@_in_readers_language
def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form whose protection ran out (settings: CSRF_FAILURE_VIEW)."""
    log.warning("form_refused route=%s reason=%s", log_lines.route_of(request), reason)
    sentences = (_("Note down what you entered, then reload the page."),)
    return _page(request, 403, Problem(_("This form has expired"), sentences, "reload"))


@_in_readers_language
@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, the same for what never was and for what belongs to others."""
    del exception
    if is_public(request):
        return _page(request, 404, _link_problem())
    sentences = (_("It may have been moved or deleted."),)
    return _page(request, 404, Problem(_("Page not found"), sentences, "home"))


@_in_readers_language
def not_allowed(request: HttpRequest) -> HttpResponse:
    """405: an address that only answers to a button of ours was opened by hand."""
    sentences = (_("This address cannot be opened directly. Open the page and press the button there."),)
    return _page(request, 405, Problem(_("We can't show this page"), sentences, "home"))


@_in_readers_language
def server_error(request: HttpRequest) -> HttpResponse:
    """500 with a reference that is in the log; 503 when the database cannot be written or does not answer."""
    exception = sys.exc_info()[1]
    storage = storage_problem(exception) or away_problem(exception)
    reference = getattr(request, "request_id", "") or log_lines.new_id()
    log.error("page_failed reference=%s route=%s", reference, log_lines.route_of(request))
    problem = storage or Problem(
        _("We could not show this page"),
        (
            _("We are sorry. Please try again in a while."),
            _("What you were entering may not have been saved."),
            _("Reference: %(reference)s") % {"reference": reference},
        ),
    )
    try:
        return _page_without_database(request, 503 if storage else 500, problem)
    except Exception:
        log.exception("problem_page_failed reference=%s", reference)
        return HttpResponse(_LAST_RESORT, status=500)


def storage_problem(exception: BaseException | None) -> Problem | None:
    """What to say when the disk is full or the database may not be written; None for every other failure."""
    text = str(exception).lower()
    if isinstance(exception, DatabaseError):
        is_full = "disk is full" in text or "no space left" in text
        is_locked_away = "readonly database" in text or "read-only transaction" in text
    else:
        is_full = isinstance(exception, OSError) and exception.errno == errno.ENOSPC
        is_locked_away = isinstance(exception, OSError) and exception.errno == errno.EROFS
    if not (is_full or is_locked_away):
        return None
    cause = _("The server's disk is full.") if is_full else _("The server's database cannot be written.")
    return Problem(_("Nothing was saved"), (cause, _("Contact whoever runs this server.")))


def away_problem(exception: BaseException | None) -> Problem | None:
    """What to say while the database does not answer (it is restarted, or the way to it is cut); None for every other
    failure. Whether something was saved is not known then: the answer to a COMMIT may be what was lost."""
    if not isinstance(exception, OperationalError | InterfaceError):
        return None
    cause = exception.__cause__
    while cause is not None and not hasattr(cause, "sqlstate"):
        cause = cause.__cause__
    # PostgreSQL's driver has no code at all when the connection broke; else class 08, or 57P01 … at its start and stop.
    state = "" if cause is None else cause.sqlstate
    if state is not None and not state.startswith(("08", "57P")):
        return None
    sentences = (
        _("The server's database does not answer right now. This is usually over within a minute."),
        _("What you were entering may not have been saved."),
        _("Look whether it was saved before you enter it again."),
    )
    return Problem(_("We could not show this page"), sentences, retry_after=10)


def is_public(request: HttpRequest) -> bool:
    """Is this a page for people without a login?"""
    return request.path.startswith(_PUBLIC)


def _link_problem() -> Problem:
    return Problem(
        _("We can't show this page"),
        (
            _("Check that the link is complete."),
            _("Open the link in the email you received once more, as it is."),
            _("If that does not help, contact the recruiter of the company you applied to."),
        ),
    )


def _page(request: HttpRequest, status: int, problem: Problem) -> HttpResponse:
    template = "web/problem_public.html" if is_public(request) else "web/problem.html"
    return render(request, template, {"problem": problem}, status=status)


def _page_without_database(request: HttpRequest, status: int, problem: Problem) -> HttpResponse:
    context = {"problem": problem, "is_public": is_public(request)}
    response = HttpResponse(render_to_string("web/problem_plain.html", context), status=status)
    if status == 503:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response
