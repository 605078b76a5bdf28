"""Setting and changing an interview: the form, its live checks, and the page that says what has been done."""

from datetime import datetime
from types import SimpleNamespace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.candidates.models import Candidate
from mensetsu.interviews import (
    addressing,
    arranging,
    automatic_page,
    form_page,
    forms,
    ledger,
    notice_page,
    scheduling,
)
from mensetsu.interviews.models import Interview
from mensetsu.interviews.planning import Plan
from mensetsu.statements import compiled
from mensetsu.web import numbers
from mensetsu.web.answers import SeeOther, refused

FORM = "interviews/form.html"
# While a meeting is being issued the page asks every two seconds, fifteen times.
POLLS = 15


@recruiter_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, candidate_id: int) -> HttpResponse:
    """〔面接を設定する〕 → the form → 〔面接設定完了〕."""
    candidate = _candidate(request, candidate_id)
    if candidate.status in arranging.GONE:
        messages.error(request, _("The applicant has left the selection, so no interview can be set."))
        return SeeOther(request, "candidates:detail", candidate.pk)
    now = timezone.now()
    form = _form(request, candidate, None)
    if request.method == "GET" or not form_page.is_final(request.POST):
        return _page(request, form, now)
    if not form.is_valid():
        return _refused(request, form, form.plan(), now)
    plan = form.plan()
    try:
        interview = scheduling.schedule(
            candidate=candidate, stage=plan.stage, starts_at=plan.starts_at, minutes=plan.minutes,
            interviewers=plan.interviewers, way=plan.way, service=plan.service, host=plan.host,
            custom_url=plan.custom_url, place=plan.place, memo=plan.memo, form_key=form.cleaned_data["form_key"],
            template_group=form.cleaned_data["template_group"], seen=form.cleaned_data["overlaps"],
            by=request.user, now=now,
        )  # fmt: skip
    except form_page.REFUSALS as problem:
        form_page.explain(form, problem, plan, now=now)
        return _refused(request, form, plan, now)
    if form.cleaned_data["writes_mail"] or interview.template_group is not None:
        return SeeOther(request, "interviews:saved", interview.pk)
    messages.success(request, _("The interview has been set."))
    return SeeOther(request, "interviews:detail", interview.pk)


@recruiter_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, interview_id: int) -> HttpResponse:
    """The same form for an interview that exists; then who must be told."""
    interview = _interview(request, interview_id)
    if not interview.is_standing or interview.outcome:
        messages.error(request, form_page.not_changeable(interview))
        return SeeOther(request, "interviews:detail", interview.pk)
    now = timezone.now()
    form = _form(request, interview.candidate, interview)
    if request.method == "GET" or not form_page.is_final(request.POST):
        return _page(request, form, now)
    if not form.is_valid():
        return _refused(request, form, form.plan(), now)
    plan = form.plan()
    try:
        parts = scheduling.change(
            interview, stage=plan.stage, starts_at=plan.starts_at, minutes=plan.minutes,
            interviewers=plan.interviewers, way=plan.way, service=plan.service, host=plan.host,
            custom_url=plan.custom_url, place=plan.place, memo=plan.memo, version=form.cleaned_data["version"],
            template_group=form.cleaned_data["template_group"], seen=form.cleaned_data["overlaps"],
            by=request.user, now=now,
        )  # fmt: skip
    except form_page.REFUSALS as problem:
        form_page.explain(form, problem, plan, now=now)
        return _refused(request, form, plan, now)
    messages.success(request, _("The interview has been changed.") if parts else _("Nothing was changed."))
    has_to_tell = interview.template_group is None and ledger.outdated(_interview(request, interview_id))
    return SeeOther(request, "interviews:told" if has_to_tell else "interviews:detail", interview.pk)


@recruiter_required
@require_POST
def check(request: HttpRequest, candidate_id: int) -> HttpResponse:
    """What the form's present values mean, as the fragments of the page; nothing is written."""
    candidate = _candidate(request, candidate_id)
    interview_id = numbers.key(request.GET.get("interview", ""))
    interview = None if interview_id is None else _interview(request, interview_id)
    form = _form(request, candidate, interview)
    form.is_valid()
    problems = {name: form.errors[name] for name in ("date", "start", "custom_url") if name in form.errors}
    quiet = form_page.quiet(form)
    context = form_page.context(request, quiet, form.plan(), now=timezone.now(), oob=True)
    is_tick = request.POST.get("part") == "people"
    return render(
        request, "interviews/_form_news.html", {**context, "problems": problems, "is_tick": is_tick}
    )


@recruiter_required
@require_GET
def saved(request: HttpRequest, interview_id: int) -> HttpResponse:
    """What has been done and what has not. Reload-safe; opening it again any time is fine."""
    state = _state(request, interview_id)
    state["notices"] = notice_page.of_now(state["interview"])
    return render(request, "interviews/saved.html", state)


@recruiter_required
@require_GET
def url_state(request: HttpRequest, interview_id: int) -> HttpResponse:
    """The part of a page that says how far the join link is; asks again while it is being issued."""
    return render(request, "interviews/_url_state.html", _state(request, interview_id))


@recruiter_required
@require_POST
def postpone(request: HttpRequest, interview_id: int) -> HttpResponse:
    """「あとで送る」"""
    interview = _interview(request, interview_id)
    scheduling.postpone_confirmation(interview, by=request.user, now=timezone.now())
    messages.info(request, _("The confirmation email stays on the home page until it is sent."))
    return SeeOther(request, "candidates:detail", interview.candidate_id)


@recruiter_required
@require_POST
def retry(request: HttpRequest, interview_id: int) -> HttpResponse:
    """「もう一度発行」"""
    interview = _interview(request, interview_id)
    try:
        scheduling.retry_issue(interview, by=request.user, now=timezone.now())
    except form_page.REFUSALS as problem:
        messages.error(request, form_page.refusal(problem))
    return SeeOther(request, "interviews:saved", interview.pk)


def _candidate(request: HttpRequest, candidate_id: int) -> Candidate:
    found = _CANDIDATE.objects(organization=request.user.organization_id, candidate=candidate_id)
    if not found:
        raise Http404
    return found[0]


_CANDIDATE = compiled.Read(
    lambda organization, candidate: (
        Candidate.objects.visible_to(SimpleNamespace(organization_id=organization))
        .select_related("organization", "job", "agency", "agency_contact")
        .filter(pk=candidate)
    ),
    organization=compiled.NUMBER, candidate=compiled.NUMBER,
)  # fmt: skip


def _interview(request: HttpRequest, interview_id: int) -> Interview:
    visible = Interview.objects.visible_to(request.user).with_facts()
    return get_object_or_404(
        visible.select_related(
            "candidate__organization", "organization", "template_group", "candidate__agency_contact"
        ),
        pk=interview_id,
    )


def _form(request: HttpRequest, candidate: Candidate, interview: Interview | None) -> forms.InterviewForm:
    if request.method == "POST":
        return forms.InterviewForm(
            form_page.with_helper(request.POST), candidate=candidate, interview=interview
        )
    values = forms.values_of(interview) if interview else forms.new_form_values(stage=candidate.stage_id)
    return forms.InterviewForm(initial=values, candidate=candidate, interview=interview)


def _page(request: HttpRequest, form: forms.InterviewForm, now: datetime) -> HttpResponse:
    """The form as it stands, without complaints: nobody has asked to save."""
    bound = form if form.is_bound else form_page.as_if_sent(form)
    shown = form_page.quiet(form) if form.is_bound else form
    bound.is_valid()
    context = form_page.context(request, shown, bound.plan(), now=now)
    return render(request, FORM, {**context, "problems": {}})


def _refused(request: HttpRequest, form: forms.InterviewForm, plan: Plan, now: datetime) -> HttpResponse:
    """`plan` as it was sent: an error at a field takes its value out of the form's cleaned data."""
    return refused(request, FORM, {**form_page.context(request, form, plan, now=now), "problems": {}})


def _state(request: HttpRequest, interview_id: int) -> dict:
    interview = _interview(request, interview_id)
    addressing.acquaint((notice.mail for notice in interview.notices.all()), interview)
    asked = request.GET.get("n", "0")
    return {
        "interview": interview,
        "candidate": interview.candidate,
        "wanted": interview.next_meeting or interview.meeting,
        "polls": min(int(asked), POLLS) if asked.isdecimal() and len(asked) < 4 else 0,
        "last_poll": POLLS,
        "told": ledger.read(interview),
        "automatic": automatic_page.read(interview, now=timezone.now()),
    }
