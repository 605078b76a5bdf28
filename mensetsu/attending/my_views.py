"""The interviewer's own page, and what is pressed on it: WEB面接開始, how it went, the calendar file."""

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.attending import entering, my_page, requests
from mensetsu.interviews import calendar, form_page
from mensetsu.interviews.models import CandidateRequest, Interview, Outcome
from mensetsu.web import typed
from mensetsu.web.answers import SeeOther
from mensetsu.zoom import meetings

PAST_ON_PAGE = 20


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The reader's own interviews; for recruiters with `?all=1` everybody's of the day, `?day=2026-11-24` another."""
    now, zone, user = timezone.now(), timezone.get_current_timezone(), request.user
    is_all = bool(request.GET.get("all")) and user.is_recruiter
    interviews = entering.attendable_by(user) if is_all else entering.assigned_to(user)
    today = timezone.localdate(now)
    on = typed.shown_day(request.GET.get("day", "")) or today
    begin = datetime.combine(today, time(), tzinfo=zone)
    context = {
        "on": on,
        "is_today": on == today,
        "is_all": is_all,
        "cards": my_page.cards(interviews, user, on=on, zone=zone, now=now),
        "outcomes": outcome_words(),
    }
    # The page asks for the cards of today again and again, and puts in nothing else.
    if not is_all and request.htmx.target != "today":
        history = Paginator(my_page.past(interviews, before=begin, now=now), PAST_ON_PAGE)
        context |= {
            "unanswered": my_page.unanswered(interviews, before=begin, now=now),
            "later": my_page.later(interviews, after=begin + timedelta(days=1)),
            "past": history.get_page(request.GET.get("page")),
        }
    return render(request, "attending/mine.html", context)


@require_POST
def start(request: HttpRequest, interview_id: int) -> HttpResponse:
    """WEB面接開始. `as=participant` asks for the join URL, `as=host` takes over; `anyway=1` starts in spite of a
    meeting that seems to run."""
    interview = _attended(request, interview_id)
    now, wish = timezone.now(), request.POST.get("as", "")
    try:
        address = entering.start(
            interview,
            by=request.user,
            now=now,
            as_host={"host": True, "participant": False}.get(wish),
            anyway="anyway" in request.POST,
        )
    except entering.NoDoor as no:
        return _not_started(request, interview, no.reason, 409)
    except entering.HostElsewhere as busy:
        return _not_started(request, interview, "elsewhere", 409, other=busy.meeting)
    except meetings.TryLater:
        return _not_started(request, interview, "away", 503)
    except meetings.MeetingGone:
        return _not_started(request, _attended(request, interview_id), "lost", 409)
    except meetings.ConnectionEnded:
        return _not_started(request, _attended(request, interview_id), "needs_host", 409)
    except meetings.AppRefused:
        return _not_started(request, interview, "app", 409)
    except meetings.Refused as no:
        return _not_started(request, interview, "refused", 409, detail=no.reason)
    response = HttpResponse(status=303)
    response.headers["Location"] = address
    return _untraceable(response)


def _not_started(
    request: HttpRequest, interview: Interview, reason: str, status: int, **extra: object
) -> HttpResponse:
    card = my_page.card(interview, request.user, {}, now=timezone.now())
    context = {"interview": interview, "reason": reason, "card": card, "other": None, "detail": "", **extra}
    return _untraceable(render(request, "attending/start_failed.html", context, status=status))


def _untraceable(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
def outcome(request: HttpRequest, interview_id: int) -> HttpResponse:
    """「実施しましたか？」 An empty answer takes the last one back."""
    interview = _attended(request, interview_id)
    answer = request.POST.get("outcome", "")
    if answer not in ("", *Outcome.values):
        return HttpResponse(status=400)
    try:
        entering.record_outcome(interview, answer, by=request.user, now=timezone.now())
    except entering.TooEarly:
        messages.error(request, _("The interview has not begun yet."))
    except entering.NotStanding:
        messages.error(request, _("This interview is already cancelled."))
    else:
        messages.success(request, _outcome_sentence(answer, interview))
    if request.POST.get("back") == "detail":
        return SeeOther(request, "interviews:detail", interview.pk)
    return SeeOther(request, "interviews:mine")


def outcome_words() -> dict[str, str]:
    return {
        Outcome.DONE: pgettext("outcome", "Done"),
        Outcome.NO_SHOW: pgettext("outcome", "No-show"),
    }


def _outcome_sentence(answer: str, interview: Interview) -> str:
    name = interview.candidate.name_in(get_language())
    if not answer:
        return _("The answer about the interview with %(name)s was taken back.") % {"name": name}
    return _("The interview with %(name)s was recorded: %(outcome)s.") % {
        "name": name,
        "outcome": outcome_words()[answer],
    }


@require_safe
def calendar_file(request: HttpRequest, interview_id: int) -> HttpResponse:
    interview = _attended(request, interview_id)
    text = calendar.for_staff(interview, language=get_language(), now=timezone.now())
    response = HttpResponse(text, content_type=calendar.CONTENT_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{calendar.FILE_NAME}"'
    return response


@recruiter_required
@require_POST
def request_handled(request: HttpRequest, request_id: int) -> HttpResponse:
    """The recruiter has dealt with what the applicant asked for."""
    asked = _request_of(request, request_id)
    try:
        requests.mark_handled(asked, by=request.user, now=timezone.now())
    except requests.AlreadyHandled:
        messages.info(request, _("A colleague has already dealt with this request."))
    else:
        messages.success(request, _("The request was marked as handled."))
    return SeeOther(request, "interviews:detail", asked.interview_id)


@recruiter_required
@require_POST
def withdrawal_accepted(request: HttpRequest, request_id: int) -> HttpResponse:
    """The applicant does not come; the meeting is canceled with it."""
    asked = _request_of(request, request_id)
    try:
        requests.accept_withdrawal(asked, by=request.user, now=timezone.now())
    except requests.AlreadyHandled:
        messages.info(request, _("A colleague has already dealt with this request."))
    except form_page.REFUSALS as problem:
        messages.error(request, form_page.refusal(problem))
    else:
        messages.success(request, _("The withdrawal was accepted. The interview does not take place."))
    return SeeOther(request, "interviews:detail", asked.interview_id)


def _request_of(request: HttpRequest, request_id: int) -> CandidateRequest:
    mine = CandidateRequest.objects.filter(interview__in=Interview.objects.visible_to(request.user))
    return get_object_or_404(
        mine.select_related("interview__candidate", "interview__organization"), pk=request_id
    )


def _attended(request: HttpRequest, interview_id: int) -> Interview:
    related = (
        "organization", "candidate__owner", "candidate__job", "stage", "started_by", "next_meeting",
        "meeting__connection__owner",
    )  # fmt: skip
    return get_object_or_404(entering.attendable_by(request.user).select_related(*related), pk=interview_id)
