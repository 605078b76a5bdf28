"""What a person does about mails that leave by themselves: call one back, say that it is dealt with."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.interviews import automating, dispatching, recalling, reminding
from mensetsu.interviews.models import Interview, Reminder, Withheld
from mensetsu.mail import delivery
from mensetsu.mail.models import Mail
from mensetsu.web.answers import SeeOther


@recruiter_required
@require_POST
def stop_reminder(request: HttpRequest, reminder_id: int) -> HttpResponse:
    """「取り消す」 beside one planned reminder; the others stay."""
    visible = Interview.objects.visible_to(request.user)
    reminder = get_object_or_404(Reminder, interview__in=visible, pk=reminder_id)
    try:
        reminding.call_back(reminder, by=request.user, now=timezone.now())
    except reminding.AlreadyDecided:
        messages.error(request, _("This reminder has already been sent or called back."))
    else:
        messages.success(request, _("The reminder was called back."))
    return SeeOther(request, "interviews:detail", reminder.interview_id)


@recruiter_required
@require_POST
def stop_mail(request: HttpRequest, mail_id: int) -> HttpResponse:
    """「取り消す」 beside one letter that waits for its moment."""
    letter = get_object_or_404(
        Mail.objects.visible_to(request.user).filter(notice__isnull=False).select_related("notice"),
        pk=mail_id,
    )
    try:
        recalling.call_back(letter, by=request.user, now=timezone.now())
    except delivery.AlreadyLeft:
        messages.error(request, _("This email has already left and cannot be called back."))
    else:
        messages.success(request, _("The email was called back."))
    return SeeOther(request, "interviews:detail", letter.notice.interview_id)


@recruiter_required
@require_POST
def stop_all(request: HttpRequest, interview_id: int) -> HttpResponse:
    """「送信を取り消す」 for everything that the last press has set off."""
    interview = get_object_or_404(Interview.objects.visible_to(request.user), pk=interview_id)
    count = automating.call_back_all(interview, by=request.user, now=timezone.now())
    if count:
        messages.success(
            request,
            ngettext(
                "%(count)s email was called back. Nobody has been written to.",
                "%(count)s emails were called back. Nobody has been written to.",
                count,
            )
            % {"count": count},
        )
    else:
        messages.error(request, _("The emails have already left and cannot be called back."))
    return SeeOther(request, "interviews:detail", interview.pk)


@recruiter_required
@require_POST
def settle_withheld(request: HttpRequest, withheld_id: int) -> HttpResponse:
    """The person was told in another way: it leaves the list of what is to be done."""
    visible = Interview.objects.visible_to(request.user)
    withheld = get_object_or_404(Withheld, interview__in=visible, pk=withheld_id)
    dispatching.settle(withheld, now=timezone.now())
    messages.success(request, _("Marked as dealt with."))
    return SeeOther(request, "interviews:detail", withheld.interview_id)
