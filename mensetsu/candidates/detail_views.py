"""One applicant: the page, adding, editing, memos, withdrawal."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.candidates import contact, forms, graduation, labels, listing, models, registering
from mensetsu.history import timeline
from mensetsu.statements import kept
from mensetsu.web import answers, dates

_CANDIDATE = kept.Query(
    lambda: (
        models.Candidate.objects.visible_to(kept.READER)
        .filter(pk=kept.number("candidate"))
        .select_related("job", "stage", "agency", "agency_contact", "owner")
    )
)


@recruiter_required
@require_GET
def show(request: HttpRequest, candidate_id: int) -> HttpResponse:
    return render(request, "candidates/detail.html", _page(request, _candidate(request, candidate_id)))


def _candidate(request: HttpRequest, candidate_id: int) -> models.Candidate:
    found = _CANDIDATE.instances(candidate=candidate_id, **kept.of(request.user))
    if not found:
        raise Http404
    return found[0]


def _page(request: HttpRequest, candidate: models.Candidate) -> dict[str, Any]:
    story = timeline.Thread(request.user.organization_id, "candidates.candidate", candidate.pk)
    told = {"language": translation.get_language(), "zone": timezone.get_current_timezone()}
    return {
        "candidate": candidate,
        "phone": contact.show_phone(candidate.phone, candidate.phone_e164),
        "graduation": graduation.write(candidate.graduation_year, candidate.graduation_month),
        "note_form": forms.NoteForm(),
        "timeline": timeline.read(
            story,
            when=partial(dates.full, **told),
            day=partial(dates.day, language=told["language"]),
            people=[one for one in (candidate, candidate.owner) if one is not None],
            groups=[
                ("interview", _("Interviews")),
                ("mail", _("Mails")),
                ("candidate", _("Applicant and memos")),
            ],
            group=request.GET.get("history", ""),
            lines=request.GET.get("lines", timeline.LINES),
        ),
        **_neighborhood(request, candidate),
    }


def _neighborhood(request: HttpRequest, candidate: models.Candidate) -> dict[str, Any]:
    """The list the reader came from (`list`, its query, and `n`, the place in it), and who stands beside."""
    query, place = request.GET.get("list", ""), request.GET.get("n", "")
    given = QueryDict(query)
    conditions = listing.Conditions.read(given)
    page = given.get("page", "")
    back = conditions.query(page=page if page.isascii() and page.isdigit() else "")
    sides: dict[str, str] = {"previous": "", "following": ""}
    if place.isascii() and place.isdigit() and len(place) < 7:
        around = listing.neighbors(request.user, conditions, int(place), candidate, now=timezone.now())
        for name, other, step in zip(sides, around, (-1, 1), strict=True):
            if other:
                address = reverse("candidates:detail", args=[other.pk])
                sides[name] = f"{address}?{urlencode({'list': query, 'n': int(place) + step})}"
    return {"list_address": reverse("candidates:list") + (f"?{back}" if back else ""), **sides}


@recruiter_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    form = forms.CandidateForm(
        forms.sent(request), organization=request.user.organization, owner=request.user
    )
    if request.method == "GET":
        return render(request, "candidates/form.html", {"form": form, "candidate": None})
    if form.is_valid():
        try:
            candidate = registering.register(
                organization=request.user.organization,
                values=form.values(),
                by=request.user,
                now=timezone.now(),
            )
        except registering.NumberTaken as taken:
            _explain_number(form, taken)
        else:
            messages.success(request, _("Registered the applicant."))
            return answers.SeeOther(request, "candidates:detail", candidate.pk)
    return answers.refused(request, "candidates/form.html", {"form": form, "candidate": None})


@recruiter_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, candidate_id: int) -> HttpResponse:
    candidate = _candidate(request, candidate_id)
    form = forms.CandidateForm(
        forms.sent(request), organization=request.user.organization, candidate=candidate
    )
    if request.method == "GET":
        return render(request, "candidates/form.html", {"form": form, "candidate": candidate})
    if form.is_valid():
        try:
            registering.edit(
                candidate, form.values(), seen_version=form.cleaned_data["version"] or 0, by=request.user,
                now=timezone.now(),
            )  # fmt: skip
        except registering.NumberTaken as taken:
            _explain_number(form, taken)
        except registering.ChangedMeanwhile as changed:
            candidate = _candidate(request, candidate_id)
            form = _explain_change(request, candidate, changed)
        else:
            messages.success(request, _("Saved the changes."))
            return answers.SeeOther(request, "candidates:detail", candidate.pk)
    return answers.refused(request, "candidates/form.html", {"form": form, "candidate": candidate})


def _explain_number(form: forms.CandidateForm, taken: registering.NumberTaken) -> None:
    sentence = _("The applicant number %(number)s belongs to another person (%(name)s).") % {
        "number": taken.candidate.external_id, "name": taken.candidate.full_name
    }  # fmt: skip
    form.add_error("external_id", sentence)


def _explain_change(
    request: HttpRequest, candidate: models.Candidate, changed: registering.ChangedMeanwhile
) -> forms.CandidateForm:
    """The form with what was typed, on top of the present state: pressing again means "yes, mine"."""
    typed = request.POST.copy()
    typed["version"] = str(candidate.version)
    form = forms.CandidateForm(typed, organization=request.user.organization, candidate=candidate)
    name = changed.actor.name_in(translation.get_language()) if changed.actor else changed.by
    who = name or _("Automatic")
    at = f"{timezone.localtime(changed.at):%H:%M}".removeprefix("0")
    form.add_error(
        None,
        _("%(who)s changed this applicant at %(time)s. Review and save again.") % {"who": who, "time": at},
    )
    differing = registering.differences(candidate, form.values()) if form.cleaned_data else []
    for name in dict.fromkeys(str(labels.FIELD_LABELS[one]) for one in differing):
        form.add_error(None, _("Now different from what you typed: %(field)s") % {"field": name})
    return form


@recruiter_required
@require_POST
def add_note(request: HttpRequest, candidate_id: int) -> HttpResponse:
    candidate = _candidate(request, candidate_id)
    form = forms.NoteForm(request.POST)
    if not form.is_valid():
        return answers.refused(
            request, "candidates/detail.html", _page(request, candidate) | {"note_form": form}
        )
    registering.add_note(candidate, form.cleaned_data["text"], by=request.user, now=timezone.now())
    messages.success(request, _("Added the memo."))
    return answers.SeeOther(request, reverse("candidates:detail", args=[candidate.pk]) + "#timeline")


@recruiter_required
@require_POST
def withdraw(request: HttpRequest, candidate_id: int) -> HttpResponse:
    candidate = _candidate(request, candidate_id)
    if registering.withdraw(candidate, by=request.user, now=timezone.now()):
        messages.success(request, _("Noted the withdrawal. Interviews to come are not cancelled by this."))
    return answers.SeeOther(request, "candidates:detail", candidate.pk)


@recruiter_required
@require_POST
def reinstate(request: HttpRequest, candidate_id: int) -> HttpResponse:
    candidate = _candidate(request, candidate_id)
    if registering.reinstate(candidate, by=request.user, now=timezone.now()):
        messages.success(request, _("Took back the withdrawal."))
    return answers.SeeOther(request, "candidates:detail", candidate.pk)
