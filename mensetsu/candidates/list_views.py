"""The applicants list, its fragment for live search, its export, and what is done to many at once."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.candidates import exporting, lines, listing, many_views, models


@dataclass(frozen=True)
class Tab:
    label: str
    query: str
    count: str
    is_current: bool
    saved: models.SavedView | None = None


@recruiter_required
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The list; an htmx request gets the part that depends on the conditions, as the full page includes it."""
    now = timezone.now()
    conditions = listing.Conditions.read(request.GET)
    found = listing.matching(request.user, conditions, now=now)
    ordered = listing.Ordered(
        found, conditions.sort, is_search=bool(conditions.q), now=now, columns=lines.COLUMNS
    )
    page = listing.Pages(ordered).nearest(request.GET.get("page", 1))
    choices = lines.Choices.of(request.user)
    context = {
        "conditions": conditions,
        "page": page,
        "lines": lines.of(page.object_list, choices, now=now),
        "choices": choices,
        "chips": _chips(conditions, choices),
        "list_query": conditions.query(page=page.number if page.number > 1 else ""),
        "has_any": bool(page.paginator.count) or models.Candidate.objects.visible_to(request.user).exists(),
    }
    if request.htmx and request.htmx.target == "results":
        return render(request, "candidates/_results.html", context)
    saved = _saved(request)
    context |= {
        "tabs": _tabs(request, conditions, ordered.count(), now),
        "saved": saved,
        "is_changed": saved is not None and saved.query != conditions.query(),
        "years": range(now.year - 1, now.year + 5),
        "statuses": models.Status.choices,
        "undo": many_views.undo_once(request),
    }
    return render(request, "candidates/list.html", context)


def _tabs(request: HttpRequest, conditions: listing.Conditions, listed: int, now: datetime) -> list[Tab]:
    """`listed`: how many the conditions match, which is known already and need not be counted for their own tab."""
    labels = {
        "": _("All"), "mine": _("My applicants"), "scheduling": _("To be scheduled"), "week": _("This week"),
        "waiting": _("Awaiting the result"),
    }  # fmt: skip
    tabs = []
    for view, label in labels.items():
        own = listing.Conditions(view=view)
        is_current = conditions.without("sort") == own
        found = listing.matching(request.user, own, now=now)
        number = listed if is_current else listing.count(found, listing.TAB_LIMIT)
        count = f"{number:,}" if number <= listing.TAB_LIMIT else f"{listing.TAB_LIMIT:,}+"
        tabs.append(Tab(label, own.query(), count, is_current))
    for view in models.SavedView.objects.visible_to(request.user).offered_to(request.user):
        tabs.append(
            Tab(view.name, f"{view.query}&saved={view.pk}", "", conditions.query() == view.query, view)
        )
    return tabs


def _saved(request: HttpRequest) -> models.SavedView | None:
    views = models.SavedView.objects.visible_to(request.user).offered_to(request.user)
    number = request.GET.get("saved", "")
    return views.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None


def _chips(conditions: listing.Conditions, choices: lines.Choices) -> list[tuple[str, str]]:
    """The conditions in words, each with the query of the list without it."""
    owner = conditions.owner
    words = {
        "q": conditions.q,
        "status": str(models.Status(conditions.status).label) if conditions.status else "",
        "job": choices.jobs.get(int(conditions.job or 0), ""),
        "stage": dict(choices.stages).get(int(conditions.stage or 0), ""),
        "agency": choices.agencies.get(int(conditions.agency or 0), ""),
        "owner": _("No owner") if owner == listing.NOBODY else choices.owners.get(int(owner or 0), ""),
        "year": _("Class of %(year)s") % {"year": conditions.year} if conditions.year else "",
    }
    return [
        (word or "?", conditions.without(name).query())
        for name, word in words.items()
        if getattr(conditions, name)
    ]


@recruiter_required
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is filtered, as a file."""
    now = timezone.now()
    conditions = listing.Conditions.read(request.GET)
    found = listing.matching(request.user, conditions, now=now)
    name = f"applicants-{timezone.localtime(now):%Y%m%d-%H%M}.csv"
    written = exporting.export(found, by=request.user, now=now)
    answer = StreamingHttpResponse(written, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store, private"
    return answer
