"""The page of one interview for recruiters: its facts, its letters, its story; cancelling it; who must be told."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.history import timeline
from mensetsu.history.models import Entry
from mensetsu.interviews import (
    addressing,
    automatic_page,
    difference_page,
    form_page,
    forms,
    ledger,
    notice_page,
    preflight_page,
    scheduling,
)
from mensetsu.interviews.models import Interview
from mensetsu.web import dates
from mensetsu.web.answers import SeeOther, refused
from mensetsu.zoom.models import BASIC_PLAN_MINUTES

GROUPS = (("interview", gettext_lazy("Interviews")), ("mail", gettext_lazy("Emails")))


@require_GET
def detail(request: HttpRequest, interview_id: int) -> HttpResponse:
    """Recruiters see everything; interviewers have their own page for it."""
    if not request.user.is_recruiter:
        get_object_or_404(Interview.objects.visible_to(request.user), pk=interview_id)
        return SeeOther(request, "interviews:mine")
    interview = _interview(request, interview_id)
    now = timezone.now()
    entries = Entry.objects.filter(organization_id=request.user.organization_id)
    story = timeline.read(
        entries.of_subject("interviews.interview", interview.pk),
        when=partial(dates.short, now=now),
        day=dates.day,
        people=[interview.candidate, *(row.user for row in interview.interviewers.all())],
        lines=request.GET.get("lines", timeline.LINES),
    )
    wanted = interview.next_meeting or interview.meeting
    context = {
        "interview": interview,
        "candidate": interview.candidate,
        "wanted": wanted,
        "is_cut_off": bool(wanted and wanted.connection.is_basic and interview.minutes > BASIC_PLAN_MINUTES),
        "told": ledger.read(interview),
        "outdated": ledger.outdated(interview),
        "lines": automatic_page.ledger_lines(interview),
        "preflights": preflight_page.of_interview(interview) if interview.state == "confirmed" else [],
        "automatic": automatic_page.read(interview, now=now),
        "notices": notice_page.of_interview(interview),
        "requests": [one for one in interview.requests.all() if one.handled_at is None],
        "timeline": story,
        "is_over": interview.is_over(now),
        "moment": now,
        "differences": difference_page.of_interview(interview, request.user, now=now),
        "polls": 0,
        "last_poll": 0,
    }
    return render(request, "interviews/detail.html", context)


@recruiter_required
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, interview_id: int) -> HttpResponse:
    """Who was told what, and the button 「面接を中止」; then the mails."""
    interview = _interview(request, interview_id)
    if not interview.is_standing or interview.outcome:
        messages.error(request, form_page.not_changeable(interview))
        return SeeOther(request, "interviews:detail", interview.pk)
    form = forms.CancelForm(request.POST or None, initial={"version": interview.version})
    context = {
        "interview": interview,
        "candidate": interview.candidate,
        "told": ledger.read(interview),
        "form": form,
    }
    if request.method == "GET":
        return render(request, "interviews/cancel.html", context)
    if not form.is_valid():
        return refused(request, "interviews/cancel.html", context)
    data = form.cleaned_data
    try:
        scheduling.cancel(
            interview, reason=data["reason"], version=data["version"], by=request.user, now=timezone.now()
        )
    except form_page.REFUSALS as problem:
        form.add_error(None, form_page.refusal(problem))
        return refused(request, "interviews/cancel.html", context)
    messages.success(request, _("The interview has been cancelled."))
    has_to_tell = interview.template_group is None and ledger.outdated(_interview(request, interview_id))
    return SeeOther(request, "interviews:told" if has_to_tell else "interviews:detail", interview.pk)


@recruiter_required
@require_GET
def told(request: HttpRequest, interview_id: int) -> HttpResponse:
    """After a change: who holds facts that are no longer true, and the mail for them."""
    interview = _interview(request, interview_id)
    context = {
        "interview": interview,
        "candidate": interview.candidate,
        "told": ledger.read(interview),
        "outdated": ledger.outdated(interview),
        "purpose": ledger.purpose(interview),
    }
    return render(request, "interviews/told.html", context)


@recruiter_required
@require_POST
def waive(request: HttpRequest, interview_id: int) -> HttpResponse:
    """「メールは不要」: nobody needs a confirmation of this interview."""
    interview = _interview(request, interview_id)
    scheduling.waive_confirmation(interview, by=request.user, now=timezone.now())
    messages.info(request, _("The confirmation email was taken off the list."))
    return SeeOther(request, "interviews:detail", interview.pk)


def _interview(request: HttpRequest, interview_id: int) -> Interview:
    visible = (
        Interview.objects.visible_to(request.user).with_facts().prefetch_related("requests", "join_links")
    )
    found = visible.select_related(
        "organization",
        "created_by",
        "candidate__organization",
        "candidate__agency_contact",
        "canceled_by",
        "template_group",
    )
    interview = get_object_or_404(found, pk=interview_id)
    addressing.acquaint((notice.mail for notice in interview.notices.all()), interview)
    return interview
