"""Which interviews no longer fit a person's availability: part of the page 「予定」, and a page of its own."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from mensetsu.accounts.models import User
from mensetsu.availability import asking
from mensetsu.interviews import fitting, warning_words, warnings
from mensetsu.web import dates, moments


@require_safe
def unfitting(request: HttpRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User.objects.visible_to(request.user).working(), pk=user_id)
    if user != request.user and not request.user.is_recruiter:
        raise Http404
    lines = [
        {"interview": one.interview, "words": [_words(user, reason) for reason in one.reasons]}
        for one in fitting.unfitting(user, now=timezone.now())
    ]
    template = "interviews/_unfitting.html" if request.htmx else "interviews/unfitting.html"
    return render(request, template, {"person": user, "lines": lines, "is_own": user == request.user})


def _words(user: User, reason: asking.Reason) -> str:
    code = warnings.CALENDAR_CODES.get(reason.kind)
    if code is None:
        on = moments.local(reason.span.start, user.zone).date()
        return dates.day_off_words(on, {on: reason.note})
    facts = {"user": user, "span": reason.span}
    return warning_words.sentence(warnings.Warning(code, warnings.WARN, "people", facts))
