"""What an applicant or an agency sees without a login: the join page behind its token (web.tokened)."""

from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from mensetsu.attending import alerts, entering, join_page, request_forms, requests, same_day
from mensetsu.interviews import calendar, join_links
from mensetsu.interviews.models import DayReport, JoinLink
from mensetsu.web import answers, numbers, tokened

behind_token = tokened.Door(
    "join-page",
    find=join_links.find,
    reader=join_page.reader_of,
    too_many="attending/join_limited.html",
)


@behind_token
@require_safe
def join(request: HttpRequest, link: JoinLink, now: datetime) -> HttpResponse:
    return _show(request, link, now)


@behind_token
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, link: JoinLink, now: datetime) -> HttpResponse:
    """POST: to the room as it is at this moment. An address that was opened by itself shows the page."""
    if request.method != "POST":
        return _show(request, link, now)
    try:
        response = HttpResponse(status=303)
        response.headers["Location"] = entering.join(link, now=now)
    except entering.NoDoor:
        return _show(request, link, now)
    return response


@behind_token
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, link: JoinLink, now: datetime) -> HttpResponse:
    """A button of the day: `what` is on_time, late-5, late-10, late-15, no_connection or absent. Then the page again,
    with what has been told."""
    kind, _sign, minutes = request.POST.get("what", "").partition("-")
    if request.method != "POST" or kind not in DayReport.Kind.values:
        return _show(request, link, now)
    try:
        same_day.report(link, kind=kind, minutes=numbers.key(minutes) or 0, now=now)
    except (same_day.NotOpen, same_day.TooOften):
        return _show(request, link, now, not_told=True)
    response = HttpResponse(status=303)
    response.headers["Location"] = _here("interviews:join", request, link) + "#day"
    return response


@behind_token
@require_safe
def invitation(request: HttpRequest, link: JoinLink, now: datetime) -> HttpResponse:
    if join_page.state_of(link.interview, now=now) == "closed":
        raise Http404
    text = calendar.for_recipient(link.interview, link=link, language=translation.get_language(), now=now)
    response = HttpResponse(text, content_type=calendar.CONTENT_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{calendar.FILE_NAME}"'
    return response


@behind_token
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, link: JoinLink, now: datetime, kind: str) -> HttpResponse:
    """A request in three steps on one address: form, check, sent."""
    if kind not in requests.Kind.values:
        raise Http404
    page = _look(link, now)
    if not page.is_standing:
        return _show(request, link, now, not_told="send" in request.POST and not _is_told(page, kind))
    form = request_forms.form_for(kind, link, request.POST if request.method == "POST" else None, now=now)
    context = _context(request, page) | {"form": form, "kind": kind}
    if request.method != "POST" or "edit" in request.POST:
        return render(request, "attending/join_request.html", context)
    if not form.is_valid():
        return answers.refused(request, "attending/join_request.html", context)
    if "send" not in request.POST:
        return render(request, "attending/join_request_check.html", context)
    try:
        requests.make(link, kind=kind, text=form.text(), now=now)
    except requests.NotOpen:
        link = join_links.find(join_links.token(link)) or link
        return _show(request, link, now, not_told=not _is_told(_look(link, now), kind))
    response = HttpResponse(status=303)
    response.headers["Location"] = _here("interviews:join_sent", request, link, kind)
    return response


@behind_token
@require_safe
def sent(request: HttpRequest, link: JoinLink, now: datetime, kind: str) -> HttpResponse:
    page = _look(link, now)
    if kind not in page.asks:
        # Nothing is under way (or it has been dealt with): the page itself says how things stand.
        return _show(request, link, now)
    return render(request, "attending/join_request_sent.html", _context(request, page) | {"kind": kind})


def _is_told(page: join_page.JoinPage, kind: str) -> bool:
    """A second press after the withdrawal was accepted: what it says is known."""
    return page.state == "withdrawn" and kind == requests.Kind.WITHDRAWAL


def _look(link: JoinLink, now: datetime) -> join_page.JoinPage:
    return join_page.look(link, language=translation.get_language(), now=now)


def _show(request: HttpRequest, link: JoinLink, now: datetime, *, not_told: bool = False) -> HttpResponse:
    """The page as it is now; `not_told`: what was pressed a moment ago could not be told any more."""
    page = _look(link, now)
    context = _context(request, page) | {"not_told": not_told}
    if page.state == "closed":
        return render(request, "attending/join_closed.html", context, status=410)
    context["was_reported"] = page.lacks_url and alerts.was_reported(link.interview)
    return render(request, "attending/join.html", context)


def _context(request: HttpRequest, page: join_page.JoinPage) -> dict:
    link = page.link
    return {
        "page": page,
        "interview": page.interview,
        "organization": page.interview.organization,
        "heading": calendar.title(page.interview, language=page.language),
        "clocks": [
            join_page.clock_name(page.interview.starts_at, zone, page.language) for zone in page.zones
        ],
        "test_address": join_page.CONNECTION_TEST,
        "to": {
            "page": _here("interviews:join", request, link),
            "enter": _here("interviews:join_enter", request, link),
            "calendar": _here("interviews:join_calendar", request, link),
            "day": _here("interviews:join_day", request, link),
            **{kind: _here("interviews:join_ask", request, link, kind) for kind in requests.Kind.values},
        },
    }


def _here(name: str, request: HttpRequest, link: JoinLink, *args: str) -> str:
    """An address under the same token, in the language that the reader has switched to."""
    address = reverse(name, args=[join_links.token(link), *args])
    chosen = request.GET.get("lang", "")
    return f"{address}?lang={chosen}" if chosen in dict(settings.LANGUAGES) else address
