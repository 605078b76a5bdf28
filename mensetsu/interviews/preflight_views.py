"""「もう一度確認」 on the page of one interview."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.interviews import preflighting
from mensetsu.interviews.models import Interview
from mensetsu.web.answers import SeeOther


@recruiter_required
@require_POST
def again(request: HttpRequest, interview_id: int) -> HttpResponse:
    """Look at it now instead of at the next round."""
    interview = get_object_or_404(Interview.objects.visible_to(request.user), pk=interview_id)
    if preflighting.again(interview, now=timezone.now()):
        messages.info(request, _("Checking once more. Open this page again in a few seconds."))
    else:
        messages.warning(request, _("There is nothing to check now."))
    return SeeOther(request, "interviews:detail", interview.pk)
