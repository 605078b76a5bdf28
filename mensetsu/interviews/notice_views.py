"""What a recruiter does about a notice that an interviewer did not get."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.interviews import notifying
from mensetsu.interviews.models import Interview
from mensetsu.notices import sending
from mensetsu.notices.models import OutgoingNotice
from mensetsu.web.answers import SeeOther


@recruiter_required
@require_POST
def send_again(request: HttpRequest, notice_id: str) -> HttpResponse:
    """「もう一度送る」"""
    notice = _notice(request, notice_id)
    try:
        reader = notifying.send_again(notice, by=request.user, now=timezone.now())
    except sending.NotFailed:
        messages.error(request, _("This notice has already been sent again, or may still arrive."))
    except notifying.OutOfDate:
        sentence = _("The notice does not fit the interview any more. Tell the interviewer in another way.")
        messages.error(request, sentence)
    else:
        name = reader.name_in(get_language() or "ja")
        messages.success(request, _("The notice to %(name)s is on its way again.") % {"name": name})
    return SeeOther(request, "interviews:detail", notice.about_id)


@recruiter_required
@require_POST
def settle(request: HttpRequest, notice_id: str) -> HttpResponse:
    """The interviewer was told in another way."""
    notice = _notice(request, notice_id)
    notifying.settle(notice, by=request.user, now=timezone.now())
    messages.success(request, _("Marked as dealt with."))
    return SeeOther(request, "interviews:detail", notice.about_id)


def _notice(request: HttpRequest, notice_id: str) -> OutgoingNotice:
    interviews = Interview.objects.visible_to(request.user).order_by()
    mine = OutgoingNotice.objects.visible_to(request.user).filter(
        name__in=notifying.PANEL, about=Interview._meta.label_lower, about_id__in=interviews.values("pk")
    )
    return get_object_or_404(mine, pk=notice_id)
