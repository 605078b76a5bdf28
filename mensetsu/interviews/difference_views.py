"""Zoomとの違い: everything that Zoom has otherwise, with the same presses for one and for many."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.interviews import difference_page, form_page, overlapping, reconciling, scheduling
from mensetsu.web import numbers
from mensetsu.web.answers import SeeOther, refused
from mensetsu.zoom import models as zoom
from mensetsu.zoom import showing

A_PAGE = 50


@recruiter_required
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Every open difference of the company; POST puts the chosen ones back at Zoom."""
    now = timezone.now()
    found = reconciling.open_ones(request.user, now=now)
    if request.method == "POST":
        return _restore_many(request, list(found.filter(pk__in=_chosen(request))))
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": difference_page.lines(page.object_list),
        "comparisons": showing.comparisons(request.user, now=now),
        "ignored": difference_page.lines(reconciling.ignored_ones(request.user, now=now)[:A_PAGE]),
    }
    return render(request, "interviews/differences.html", context)


@recruiter_required
@require_POST
def decide(request: HttpRequest, difference_id: int) -> HttpResponse:
    """「反映する」「Zoomを元に戻す」「無視」「もう一度発行」 for one of them."""
    difference = get_object_or_404(
        zoom.Difference.objects.visible_to(request.user).select_related("meeting__connection", "their_host"),
        pk=difference_id,
    )
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        return _back(request, difference)
    work, done = act
    try:
        work(request, difference)
    except scheduling.PeopleBusy as problem:
        return _ask_again(request, difference, problem)
    except form_page.REFUSALS as problem:
        messages.error(request, form_page.refusal(problem))
    except reconciling.ChangedAgain:
        messages.error(request, difference_page.changed_again(difference))
    except reconciling.REFUSALS as problem:
        messages.error(request, _refusal(problem))
    else:
        messages.success(request, str(done))
    return _back(request, difference)


def _adopt(request: HttpRequest, difference: zoom.Difference) -> None:
    reconciling.adopt(
        difference, what=request.POST.get("shown"), version=_version(request),
        seen=overlapping.read(request.POST.get("overlaps", "")), by=request.user, now=timezone.now(),
    )  # fmt: skip


def _restore(request: HttpRequest, difference: zoom.Difference) -> None:
    reconciling.restore(difference, by=request.user, now=timezone.now())


def _ignore(request: HttpRequest, difference: zoom.Difference) -> None:
    reconciling.ignore(difference, what=request.POST.get("shown"), by=request.user, now=timezone.now())


def _issue(request: HttpRequest, difference: zoom.Difference) -> None:
    reconciling.issue_anew(difference, version=_version(request), by=request.user, now=timezone.now())


ACTS: dict[str, tuple[Callable[[HttpRequest, zoom.Difference], None], Any]] = {
    "adopt": (_adopt, gettext_lazy("Taken over from Zoom.")),
    "restore": (_restore, gettext_lazy("Zoom is being told. It takes a moment.")),
    "ignore": (_ignore, gettext_lazy("Ignored until it changes again at Zoom.")),
    "issue": (_issue, gettext_lazy("A new link is being issued.")),
}


def _restore_many(request: HttpRequest, chosen: list[zoom.Difference]) -> HttpResponse:
    count = 0
    for one in chosen:
        try:
            reconciling.restore(one, by=request.user, now=timezone.now())
        except reconciling.REFUSALS:
            continue  # it stays on the list with its own presses, or is settled already
        count += 1
    if count:
        sentence = ngettext(
            "Zoom is being told about %(num)s difference. It takes a moment.",
            "Zoom is being told about %(num)s differences. It takes a moment.",
            count,
        )
        messages.success(request, sentence % {"num": count})
    else:
        messages.info(request, _("Nothing was chosen that can be put back at Zoom."))
    return SeeOther(request, "interviews:differences")


def _ask_again(
    request: HttpRequest, difference: zoom.Difference, problem: scheduling.PeopleBusy
) -> HttpResponse:
    """Somebody has another interview then: shown, and meant or not."""
    context = {
        "line": difference_page.lines([difference])[0],
        "clashes": overlapping.lines(problem.clashes),
        "overlaps": overlapping.added(problem.clashes, to=request.POST.get("overlaps", "")),
        "version": request.POST.get("version", ""),
        "back": request.POST.get("back", ""),
    }
    return refused(request, "interviews/difference_confirm.html", context)


def _refusal(problem: Exception) -> str:
    if isinstance(problem, reconciling.HostUnknown):
        return _("The Zoom account that hosts it now is not connected here. Connect it, or change the host.")
    if isinstance(problem, reconciling.NoTime):
        return _("At Zoom the meeting has no time. Put Zoom back, or issue a new link.")
    if isinstance(problem, reconciling.NotPossible):
        return _("That cannot be done here. Choose one of the buttons beside it.")
    return _("This has been settled meanwhile. Check how it is now.")


def _version(request: HttpRequest) -> int | None:
    return numbers.key(request.POST.get("version", ""))


def _chosen(request: HttpRequest) -> list[int]:
    return numbers.keys(request.POST.getlist("difference"))


def _back(request: HttpRequest, difference: zoom.Difference) -> HttpResponse:
    if request.POST.get("back") != "interview":
        return SeeOther(request, "interviews:differences")
    try:
        interview = reconciling.interview_of(difference)
    except reconciling.Settled:
        return SeeOther(request, "interviews:differences")
    return SeeOther(request, "interviews:detail", interview.pk)
