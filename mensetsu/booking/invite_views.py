"""Inviting applicants to choose a date, and what became of each invitation."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.booking import forms, inviting, links, refusal_words, refusals, showing
from mensetsu.booking.models import BookingPage, Invitation
from mensetsu.candidates import searching
from mensetsu.candidates.models import Candidate
from mensetsu.interviews import arranging
from mensetsu.mail import delivery
from mensetsu.mail.models import Purpose
from mensetsu.web import numbers
from mensetsu.web.answers import SeeOther, refused

AT_ONCE = 100
SHOWN = 50


@recruiter_required
@require_http_methods(["GET", "POST"])
def from_page(request: HttpRequest, page_id: int) -> HttpResponse:
    """Choose applicants for a page; each gets an invitation and a letter."""
    page = _page(request, page_id)
    now = timezone.now()
    form = forms.DeadlineForm(
        request.POST or None,
        now=now,
        home=page.organization.zone,
        initial=forms.DeadlineForm.values_for(now + timedelta(days=page.answer_days)),
    )
    query = request.GET.get("q", "")
    people = _choosable(request, page, query)
    context = {"booking": page, "form": form, "people": people[:SHOWN], "more": people.count() > SHOWN,
               "query": query, "ticked": request.POST.getlist("candidate"),
               "free": len(showing.choosable(page, now=now))}  # fmt: skip
    if request.method == "GET":
        return render(request, "booking/invite.html", context)
    chosen = _chosen(request)
    if not form.is_valid() or not chosen:
        if not chosen:
            form.add_error(None, _("Select at least one applicant."))
        return refused(request, "booking/invite.html", context)
    sent, problems = _invite_all(request, page, chosen, form.moment(), now)
    _say(request, sent, problems)
    return SeeOther(request, "booking:page", page.pk)


@recruiter_required
@require_http_methods(["GET", "POST"])
def from_candidate(request: HttpRequest, candidate_id: int) -> HttpResponse:
    """From the applicant's page: which booking page, and until when."""
    visible = Candidate.objects.visible_to(request.user).select_related(
        "organization", "job", "stage", "agency_contact"
    )
    candidate = get_object_or_404(visible, pk=candidate_id)
    now = timezone.now()
    initial = forms.DeadlineForm.values_for(now + timedelta(days=7))
    initial["page"] = request.GET.get("page")
    form = forms.InviteForm(request.POST or None, candidate=candidate, now=now, initial=initial)
    mine = Invitation.objects.filter(candidate=candidate).with_facts().order_by("-pk")
    context = {"candidate": candidate, "form": form, "invitations": [(one, one.state(now)) for one in mine]}
    if request.method == "GET":
        return render(request, "booking/invite_candidate.html", context)
    if not form.is_valid():
        return refused(request, "booking/invite_candidate.html", context)
    sent, problems = _invite_all(request, form.cleaned_data["page"], [candidate], form.moment(), now)
    if problems:
        form.add_error(None, problems[0])
        return refused(request, "booking/invite_candidate.html", context)
    _say(request, sent, problems)
    return SeeOther(request, "booking:invitation", sent[0].pk)


@recruiter_required
@require_GET
def invitation(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """How one invitation stands: letters, answer, wishes, and what can be done."""
    found, now = _invitation(request, invitation_id), timezone.now()
    if found.page.is_offer:
        return redirect("booking:offer", found.pk)
    return render(request, "booking/invitation.html", _state(found, now))


@recruiter_required
@require_POST
def act(request: HttpRequest, invitation_id: int, what: str) -> HttpResponse:
    """Move the deadline, send the request again, take it back, mark the wishes as dealt with, call a letter back."""
    found, now = _invitation(request, invitation_id), timezone.now()
    if what == "deadline":
        form = forms.DeadlineForm(
            request.POST, now=now, home=found.organization.zone, initial=forms.deadline_of(found)
        )
        if not form.is_valid():
            return refused(request, "booking/invitation.html", _state(found, now) | {"form": form})
        inviting.move_deadline(found, form.moment(), by=request.user, now=now)
        messages.success(request, _("The deadline has been moved."))
    elif what == "letter":
        try:
            letters = inviting.send(
                found, purpose=Purpose.INVITATION, by=request.user, now=now, due_at=_undo_until(now)
            )
            if letters:
                messages.success(request, _("The request is on its way again."))
            else:
                messages.warning(request, refusal_words.no_mail())
        except refusal_words.UNSENDABLE as problem:
            messages.error(request, refusal_words.sentence(problem))
    elif what == "closing":
        inviting.close(found, by=request.user, now=now)
        messages.success(request, _("The request has been taken back."))
    elif what == "handled":
        inviting.mark_handled(found, by=request.user, now=now)
        messages.success(request, _("The wishes are marked as dealt with."))
    elif what == "undo":
        _call_back(request, found, now)
    return SeeOther(request, "booking:invitation", found.pk)


def _call_back(request: HttpRequest, found: Invitation, now: datetime) -> None:
    called = 0
    for letter in found.letters.select_related("mail"):
        try:
            delivery.undo(letter.mail, by=request.user, now=now)
            called += 1
        except delivery.AlreadyLeft:
            continue
    if called:
        messages.success(request, _("The letter was called back. The request itself stands."))
    else:
        messages.info(request, _("The letter has left already."))


def _invite_all(
    request: HttpRequest, page: BookingPage, people: list[Candidate], answer_by: datetime, now: datetime
) -> tuple[list[Invitation], list[str]]:
    """Each applicant alone: one who cannot be invited does not stop the others."""
    sent, problems = [], []
    for candidate in people:
        name = candidate.name_in(request.user.language)
        if page.stage and candidate.job_id not in (None, page.stage.job_id):
            # The list did not offer them: the job was changed since.
            problems.append(
                _("%(name)s applies for another job and cannot be asked on this page.") % {"name": name}
            )
            continue
        try:
            with transaction.atomic():
                made = inviting.invite(
                    page=page, candidate=candidate, answer_by=answer_by, by=request.user, now=now
                )
                letters = inviting.send(made, by=request.user, now=now, due_at=_undo_until(now))
            sent.append(made)
            if not letters:
                messages.warning(request, f"{name}: {refusal_words.no_mail()}")
        except inviting.AlreadyBooked:
            problems.append(_("%(name)s has already chosen a date on this page.") % {"name": name})
        except refusals.Withdrawn:
            problems.append(_("%(name)s has left the selection.") % {"name": name})
        except refusals.Closed:
            problems.append(_("This booking page is closed."))
        except refusal_words.UNSENDABLE as problem:
            problems.append(f"{name}: {refusal_words.sentence(problem)}")
    return sent, problems


def _undo_until(now: datetime) -> datetime:
    return now + timedelta(seconds=delivery.UNDO_SECONDS)


def _say(request: HttpRequest, sent: list[Invitation], problems: list[str]) -> None:
    if sent:
        words = ngettext(
            "%(count)s applicant was asked to choose a date.",
            "%(count)s applicants were asked to choose a date.",
            len(sent),
        )
        messages.success(request, words % {"count": len(sent)})
    for problem in problems:
        messages.warning(request, problem)


def _choosable(request: HttpRequest, page: BookingPage, query: str) -> Any:
    people = Candidate.objects.visible_to(request.user).exclude(status__in=arranging.GONE)
    people = _of_job(people, page)
    if page.stage_id and not query:
        people = people.filter(stage=page.stage)
    for word in searching.terms(query):
        people = people.filter(search_text__contains=word)
    return people.select_related("job", "stage", "agency").order_by("sort_key", "pk")


def _of_job(people: QuerySet[Candidate], page: BookingPage) -> QuerySet[Candidate]:
    """A page of a job's stage is for applicants for that job, and for those whose job nobody has entered."""
    if page.stage is None:
        return people
    return people.filter(Q(job=page.stage.job_id) | Q(job=None))


def _chosen(request: HttpRequest) -> list[Candidate]:
    ids = numbers.keys(request.POST.getlist("candidate"))
    visible = Candidate.objects.visible_to(request.user).filter(pk__in=ids[:AT_ONCE])
    return list(
        visible.select_related("organization", "job", "stage", "agency_contact__agency", "owner").order_by(
            "pk"
        )
    )


def _state(found: Invitation, now: datetime) -> dict[str, Any]:
    return {
        "invitation": found,
        "candidate": found.candidate,
        "booking": found.page,
        "state": found.state(now),
        "letters": [row.mail for row in found.letters.select_related("mail")],
        "addresses": [(link, links.address(link)) for link in found.links.select_related("contact")],
        "form": forms.DeadlineForm(now=now, home=found.organization.zone, initial=forms.deadline_of(found)),
        "can_undo": any(
            row.mail.state == "queued" and not row.mail.sending_at for row in found.letters.all()
        ),
    }


def _page(request: HttpRequest, page_id: int) -> BookingPage:
    visible = BookingPage.objects.visible_to(request.user).pages()
    return get_object_or_404(visible.select_related("organization", "stage__job"), pk=page_id)


def _invitation(request: HttpRequest, invitation_id: int) -> Invitation:
    visible = Invitation.objects.visible_to(request.user).with_facts()
    return get_object_or_404(
        visible.select_related("candidate__owner", "created_by", "page__created_by", "handled_by"),
        pk=invitation_id,
    )
