"""The applicants list, its fragment for live search, its export, and what is done to many at once."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.candidates import exporting, kept_lists, lines, listing, many_views, models, searching
from mensetsu.statements import kept
from mensetsu.web import numbers

_SAVED = kept.Query(lambda: models.SavedView.objects.visible_to(kept.READER).offered_to(kept.READER))


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
    ordered = _ordered(request, conditions, now)
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
        "kept": {},
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
        "kept": many_views.kept_once(request),
    }
    return render(request, "candidates/list.html", context)


def _ordered(request: HttpRequest, conditions: listing.Conditions, now: datetime) -> listing.Ordered:
    kind = listing.Found if searching.terms(conditions.q) else kept_lists.Kept
    return kind(request.user, conditions, now=now, columns=lines.COLUMNS)


def _tabs(request: HttpRequest, conditions: listing.Conditions, listed: int, now: datetime) -> list[Tab]:
    """`listed`: how many the conditions match, which is known already and need not be counted for their own tab."""
    labels = {
        "": _("All"), "mine": _("My applicants"), "scheduling": _("To be scheduled"), "week": _("This week"),
        "waiting": _("Awaiting the result"),
    }  # fmt: skip
    current = next(
        (view for view in labels if conditions.without("sort") == listing.Conditions(view=view)), None
    )
    counted = kept_lists.counts(request.user, (view for view in labels if view != current), now=now)
    tabs = []
    for view, label in labels.items():
        number = listed if view == current else counted[view]
        count = f"{number:,}" if number <= listing.TAB_LIMIT else f"{listing.TAB_LIMIT:,}+"
        tabs.append(Tab(label, listing.Conditions(view=view).query(), count, view == current))
    for view in _SAVED.instances(**kept.of(request.user)):
        tabs.append(
            Tab(view.name, f"{view.query}&saved={view.pk}", "", conditions.query() == view.query, view)
        )
    return tabs


def _saved(request: HttpRequest) -> models.SavedView | None:
    number = numbers.key(request.GET.get("saved", ""))
    if number is None:
        return None
    views = models.SavedView.objects.visible_to(request.user).offered_to(request.user)
    return views.filter(pk=number).first()


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
