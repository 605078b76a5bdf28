"""「Zoomにあるミーティングを使う」: which meeting, then – where the times differ – which of the two holds."""

from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.interviews import adopting, form_page, ledger, overlapping, scheduling
from mensetsu.interviews.models import Interview
from mensetsu.web import dates
from mensetsu.web import forms as speaking
from mensetsu.web.answers import SeeOther, refused
from mensetsu.zoom import adopting as at_zoom
from mensetsu.zoom import meetings
from mensetsu.zoom.models import Connection, Meeting

PAGE = "interviews/adopt.html"
WHY_NOT_PLAIN = {
    "recurring": gettext_lazy("It is a recurring meeting. Give the ID of a meeting with one date and time."),
    "personal": gettext_lazy(
        "It is a personal room (PMI), which other people enter too. Give another meeting's ID."
    ),
    "instant": gettext_lazy("It was begun without a date. Give the ID of a meeting with one date and time."),
    "webinar": gettext_lazy("It is a webinar. Give the ID of a meeting."),
}


class AdoptForm(speaking.Form):
    """Whose meeting, and which."""

    host = django_forms.ModelChoiceField(
        label=gettext_lazy("Zoom host"), queryset=Connection.objects.none(), empty_label=None
    )
    meeting = django_forms.CharField(
        label=gettext_lazy("Meeting ID or join link"),
        max_length=500,
        help_text=gettext_lazy("Example: 884 1234 5678"),
    )
    version = django_forms.IntegerField(widget=django_forms.HiddenInput, required=False)
    overlaps = django_forms.CharField(widget=django_forms.HiddenInput, required=False, max_length=4000)

    def __init__(self, data: Any, *, interview: Interview) -> None:
        wanted = interview.next_meeting or interview.meeting
        host = wanted.connection_id if wanted else None
        super().__init__(data, initial={"version": interview.version, "host": host})
        hosts = Connection.objects.hosts_for(interview.organization).select_related("owner")
        self.fields["host"].queryset = hosts  # type: ignore[attr-defined]
        self.fields["host"].label_from_instance = lambda one: one.name_in(  # type: ignore[attr-defined]
            get_language() or "ja"
        )

    def clean_meeting(self) -> str:
        try:
            return at_zoom.number_of(self.cleaned_data["meeting"])
        except at_zoom.NotANumber:
            raise django_forms.ValidationError(
                _("Enter a meeting ID (9 to 11 digits) or a join link that contains one.")
            ) from None


@recruiter_required
@require_http_methods(["GET", "POST"])
def adopt(request: HttpRequest, interview_id: int) -> HttpResponse:
    """The form; then the meeting is the interview's, or why not and what to do."""
    visible = Interview.objects.visible_to(request.user).with_facts().select_related("organization")
    interview = get_object_or_404(visible, pk=interview_id)
    if not interview.is_standing or interview.outcome:
        messages.error(request, form_page.not_changeable(interview))
        return SeeOther(request, "interviews:detail", interview.pk)
    form = AdoptForm(request.POST or None, interview=interview)
    context: dict[str, Any] = {"interview": interview, "form": form, "differs": None, "clashes": []}
    if request.method == "GET":
        return render(request, PAGE, context)
    if not form.is_valid() or not _adopted(request, form, interview, context):
        # As it is stored: what was tried and taken back still stands on the object.
        context["interview"] = visible.get(pk=interview.pk)
        return refused(request, PAGE, context)
    messages.success(request, _("The interview now uses the meeting at Zoom."))
    has_to_tell = interview.template_group is None and ledger.outdated(visible.get(pk=interview.pk))
    return SeeOther(request, "interviews:told" if has_to_tell else "interviews:detail", interview.pk)


def _adopted(request: HttpRequest, form: AdoptForm, interview: Interview, context: dict[str, Any]) -> bool:
    """Whether it is done; else the page says what stands in the way or what is to be decided."""
    data = form.cleaned_data
    try:
        adopting.adopt(
            interview, connection=data["host"], zoom_id=data["meeting"], time=request.POST.get("time", ""),
            version=data["version"], seen=overlapping.read(data["overlaps"]), by=request.user,
            now=timezone.now(),
        )  # fmt: skip
    except adopting.TimeDiffers as problem:
        context["differs"] = problem
        return False
    except scheduling.PeopleBusy as problem:
        _show_clashes(form, problem, context)
        return False
    except form_page.REFUSALS as problem:
        _keep(form, version=Interview.objects.values_list("version", flat=True).get(pk=interview.pk))
        form.add_error(None, form_page.refusal(problem))
    except (*REFUSALS, meetings.ZoomError) as problem:
        form.add_error("meeting", _refusal(problem))
    else:
        return True
    return False


REFUSALS = (
    adopting.NotOnZoom, at_zoom.NotFound, at_zoom.OtherHost, at_zoom.NotPlain, at_zoom.IsOver, at_zoom.Taken,
)  # fmt: skip


def _show_clashes(form: AdoptForm, problem: scheduling.PeopleBusy, context: dict[str, Any]) -> None:
    """Somebody has another interview at Zoom's time: meant or not, a second press does it."""
    _keep(form, overlaps=overlapping.added(problem.clashes, to=form.cleaned_data["overlaps"]))
    context["clashes"] = overlapping.lines(problem.clashes)


def _keep(form: AdoptForm, **values: Any) -> None:
    """What the page was told goes with the next press."""
    form.data = form.data.copy()
    for name, value in values.items():
        form.data[name] = str(value)


def _refusal(problem: Exception) -> str:
    if isinstance(problem, at_zoom.NotPlain):
        return str(WHY_NOT_PLAIN[problem.why])
    if isinstance(problem, at_zoom.Taken):
        return _taken(problem)
    if isinstance(problem, meetings.TryLater):
        return _("Zoom isn't responding. Nothing was changed. Try again in a while.")
    if isinstance(problem, meetings.ConnectionEnded | meetings.AppRefused):
        return _("This Zoom account must be connected again. Open the Zoom connection page.")
    if isinstance(problem, meetings.Refused):
        return _("Zoom refused to show this meeting (%(reason)s). Check the permissions of the Zoom app.") % {
            "reason": problem
        }
    return str(_WORDS[type(problem)])


def _taken(problem: at_zoom.Taken) -> str:
    meeting = problem.meeting
    if meeting is None:
        return _("This meeting is used by somebody else already. Give another meeting's ID.")
    if meeting.canceled_at:
        return _(
            "This meeting belonged to a cancelled interview and is being deleted. Give another meeting's ID."
        )
    return _("This meeting belongs to another interview already: %(who)s, %(when)s.") % {
        "who": _who(meeting),
        "when": dates.short(meeting.starts_at),
    }


def _who(meeting: Meeting) -> str:
    """The applicant in the reader's language; the meeting's own title is in the company's."""
    theirs = Interview.objects.filter(Q(meeting=meeting) | Q(next_meeting=meeting)).select_related(
        "candidate"
    )
    interview = theirs.first()
    if interview is None:
        return meeting.title or meeting.topic
    name = interview.candidate.name_in(get_language() or "ja")
    return pgettext("person outside", "%(name)s") % {"name": name}


_WORDS: dict[type[Exception], Any] = {
    adopting.NotOnZoom: gettext_lazy(
        "This interview is not held by Zoom. Change the way of interviewing first."
    ),
    at_zoom.NotFound: gettext_lazy(
        "Zoom knows no such meeting. Check the ID; deleted and expired meetings cannot be used."
    ),
    at_zoom.OtherHost: gettext_lazy(
        "Another Zoom account hosts this meeting. Choose its host, or connect that account first."
    ),
    at_zoom.IsOver: gettext_lazy("This meeting has begun or is over. Give the ID of a coming meeting."),
}
