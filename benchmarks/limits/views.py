"""The least programs that could do the same: what remains when nothing of our product is left but its tables."""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import connections
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import decorator_from_middleware

from mensetsu.candidates.models import Candidate
from mensetsu.history.models import Entry

PAGE = 50
COUNTED = 10_000


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def rows(request: HttpRequest, organization_id: int) -> HttpResponse:
    """50 rows by an index, with what the columns of the list show, rendered with Jinja2."""
    return _list(request, _newest(organization_id))


@decorator_from_middleware(SessionMiddleware)
@decorator_from_middleware(AuthenticationMiddleware)
def rows_of_reader(request: HttpRequest) -> HttpResponse:
    """The same for whoever is logged in: the least that may show personal data to one company only."""
    return _list(request, _newest(request.user.organization_id))


def search(request: HttpRequest, organization_id: int) -> HttpResponse:
    """Any part of a name by LIKE, with a count that stops where ours does."""
    found = _newest(organization_id).filter(search_text__contains=request.GET["q"])
    return _list(request, found, found.order_by()[:COUNTED].count())


def _newest(organization_id: int) -> QuerySet[Candidate]:
    found = Candidate.objects.filter(organization_id=organization_id).order_by("-created_at", "-id")
    return found.select_related("job", "agency", "owner")


def _list(request: HttpRequest, found: QuerySet[Candidate], count: int | None = None) -> HttpResponse:
    return render(request, "list.html", {"rows": list(found[:PAGE]), "count": count})


def detail(request: HttpRequest, candidate_id: int) -> HttpResponse:
    """One row with its names, and thirty lines of history as they are stored."""
    candidate = Candidate.objects.select_related("job", "stage", "agency", "owner").get(pk=candidate_id)
    entries = Entry.objects.filter(thread="candidates.candidate", thread_id=candidate_id).order_by("-at")[:30]
    return render(request, "detail.html", {"candidate": candidate, "entries": list(entries)})


def insert(request: HttpRequest) -> HttpResponse:
    """One row, one transaction, one redirect. The row is a history entry: it has no other meaning."""
    facts: Any = {"text": request.POST.get("text", "")}
    Entry.objects.create(
        organization_id=0, at=timezone.now(), action="benchmark", subject="benchmark", subject_id=0,
        thread="benchmark", thread_id=0, facts=facts,
    )  # fmt: skip
    return HttpResponse(status=303, headers={"Location": "/"})


def forget() -> None:
    """Delete what `insert` has written; the caller is the measuring process."""
    with connections["default"].cursor() as cursor:
        cursor.execute("DELETE FROM history_entry WHERE thread = 'benchmark'")
