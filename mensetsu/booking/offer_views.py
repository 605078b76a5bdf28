"""Offering several dates to one applicant: the form, the offer as it stands, other dates, taking it back."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.booking import (
    choosing,
    inviting,
    links,
    offer_forms,
    offer_page,
    offering,
    public_words,
    refusal_words,
    refusals,
)
from mensetsu.booking.models import Invitation, Slot
from mensetsu.candidates.models import Candidate
from mensetsu.interviews import arranging, company_clock, form_page, letter_words, scheduling
from mensetsu.interviews.models import CandidateRequest, Interview
from mensetsu.mail import delivery
from mensetsu.mail.models import Purpose
from mensetsu.web import numbers
from mensetsu.web.answers import SeeOther, refused

FORM = "booking/offer_form.html"


@recruiter_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, candidate_id: int) -> HttpResponse:
    """Several dates for a new interview."""
    visible = Candidate.objects.visible_to(request.user)
    candidate = get_object_or_404(
        visible.select_related("organization", "job", "stage", "agency", "agency_contact"), pk=candidate_id
    )
    if candidate.status in arranging.GONE:
        messages.error(request, _("The applicant has left the selection, so no interview can be set."))
        return SeeOther(request, "candidates:detail", candidate.pk)
    return _offer(request, candidate, None)


@recruiter_required
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, interview_id: int) -> HttpResponse:
    """Several other dates for an interview that is set: the answer moves it."""
    visible = Interview.objects.visible_to(request.user).with_facts()
    interview = get_object_or_404(visible.select_related("candidate__organization"), pk=interview_id)
    if not interview.is_standing or interview.outcome:
        messages.error(request, form_page.not_changeable(interview))
        return SeeOther(request, "interviews:detail", interview.pk)
    return _offer(request, interview.candidate, interview)


@recruiter_required
@require_http_methods(["GET", "POST"])
def replace(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Other dates for the same offer."""
    found, now = _invitation(request, invitation_id), timezone.now()
    if found.state(now) not in ("waiting", "wishes", "expired"):
        messages.error(request, _("This offer has been answered or taken back."))
        return SeeOther(request, "booking:offer", found.pk)
    present = list(found.page.slots.open())
    plan = _plan_of_offer(found)
    starts = [slot.starts_at for slot in present]
    answer_by = max(found.answer_by, offer_forms.usual_deadline(found.candidate, now))
    form = _dates(request, found.candidate, starts, answer_by, now, rows=max(len(present), offer_forms.ROWS))
    keys = {slot.starts_at: slot.hold_key for slot in present}
    context = _form_context(form, None, plan, found.interview, now, keys) | {"invitation": found}
    if request.method == "GET" or not offer_page.is_final(request.POST):
        return render(request, FORM, context)
    if not form.is_valid():
        return refused(request, FORM, context)
    try:
        offering.replace_dates(
            found, starts=form.cleaned_data["starts"], answer_by=form.cleaned_data["answer_by"], by=request.user,
            now=now,
        )  # fmt: skip
    except offering.DateTaken as problem:
        form.add_error(None, offer_page.sentence(problem))
        return refused(request, FORM, context)
    except refusals.Refusal:
        messages.error(request, _("The applicant has answered meanwhile."))
        return SeeOther(request, "booking:offer", found.pk)
    messages.success(
        request, _("The dates have been replaced. Send the request again so that they are known.")
    )
    return SeeOther(request, "booking:offer", found.pk)


@recruiter_required
@require_GET
def offer(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """The offer as it stands, and the letter as it would leave."""
    found, now = _invitation(request, invitation_id), timezone.now()
    return render(request, "booking/offer.html", _state(request, found, now))


@recruiter_required
@require_POST
def act(request: HttpRequest, invitation_id: int, what: str) -> HttpResponse:
    """Send the letter, fix a date for the applicant (by telephone), take the offer back."""
    found, now = _invitation(request, invitation_id), timezone.now()
    if what == "letter":
        _send(request, found, now)
    elif what == "answer":
        return _fix(request, found, now)
    elif what == "withdrawal":
        try:
            offering.withdraw(found, by=request.user, now=now)
            messages.success(request, _("The offer has been taken back. What was held is free again."))
        except refusals.AlreadyChosen:
            messages.error(request, _("The applicant has answered meanwhile."))
    return SeeOther(request, "booking:offer", found.pk)


def _offer(request: HttpRequest, candidate: Candidate, interview: Interview | None) -> HttpResponse:
    now = timezone.now()
    usual = offer_forms.usual_deadline(candidate, now)
    dates = _dates(request, candidate, [], usual, now)
    terms = None if interview else _terms(request, candidate)
    for form in (dates, terms):
        if form is not None and form.is_bound:
            form.is_valid()
    readable = offer_forms.as_if_sent(terms) if terms is not None and not terms.is_bound else terms
    plan = offer_forms.plan_of(readable, candidate, interview)
    context = _form_context(dates, terms, plan, interview, now, {})
    if request.method == "GET" or not offer_page.is_final(request.POST):
        return render(request, FORM, context)
    if not dates.is_valid() or (terms is not None and not terms.is_valid()):
        return refused(request, FORM, context)
    try:
        made = offering.offer(
            candidate=candidate, stage=plan.stage, starts=dates.cleaned_data["starts"],
            terms=terms.terms() if terms is not None else offering.terms_of(interview),
            answer_by=dates.cleaned_data["answer_by"], interview=interview,
            note=terms.cleaned_data["note"] if terms is not None else "", by=request.user, now=now,
        )  # fmt: skip
    except offering.AlreadyOffered as problem:
        messages.info(request, _("Dates are offered already. You can replace them here."))
        return SeeOther(request, "booking:offer", problem.invitation.pk)
    except REFUSALS as problem:
        dates.add_error(None, _words(problem))
        return refused(request, FORM, context)
    messages.success(request, _("The dates are held. Check the email and send it."))
    return SeeOther(request, "booking:offer", made.pk)


REFUSALS = (
    offering.DateTaken, offering.NoDates, offering.DeadlineMisplaced, refusals.Withdrawn, scheduling.NotChangeable,
)  # fmt: skip


def _words(problem: Exception) -> str:
    if isinstance(problem, offering.DateTaken):
        return offer_page.sentence(problem)
    if isinstance(problem, refusals.Withdrawn):
        return _("The applicant has left the selection, so no interview can be set.")
    if isinstance(problem, scheduling.NotChangeable):
        return form_page.not_changeable(problem.interview)
    return _("Enter up to %(most)s dates, and a deadline before the last of them.") % {"most": offering.MOST}


def _dates(
    request: HttpRequest,
    candidate: Candidate,
    starts: list[datetime],
    answer_by: datetime,
    now: datetime,
    rows: int = offer_forms.ROWS,
) -> offer_forms.DatesForm:
    usual: dict[str, Any] = {"now": now, "home": candidate.organization.zone, "present": [*starts, answer_by]}
    if request.method != "POST":
        initial = offer_forms.DatesForm.values_for(starts, answer_by)
        return offer_forms.DatesForm(initial=initial, rows=rows, **usual)
    data = offer_page.with_helper(request.POST)
    count = offer_page.rows_of(data)
    if offer_page.is_final(request.POST):
        return offer_forms.DatesForm(data, rows=count, **usual)
    # A helping button: what was typed stays, and nobody has asked to save.
    return offer_forms.DatesForm(initial={name: data.get(name, "") for name in data}, rows=count, **usual)


def _terms(request: HttpRequest, candidate: Candidate) -> offer_forms.TermsForm:
    if request.method != "POST":
        return offer_forms.TermsForm(initial={"stage": candidate.stage_id}, candidate=candidate)
    data = offer_page.with_helper(request.POST)
    if offer_page.is_final(request.POST):
        return offer_forms.TermsForm(data, candidate=candidate)
    initial = {name: data.get(name, "") for name in data} | {"interviewers": data.getlist("interviewers")}
    return offer_forms.TermsForm(initial=initial, candidate=candidate)


def _form_context(
    dates: offer_forms.DatesForm,
    terms: offer_forms.TermsForm | None,
    plan: Any,
    interview: Interview | None,
    now: datetime,
    keys: dict[datetime, str],
) -> dict[str, Any]:
    starts = dates.typed_starts()
    choices = plan.host_choices(now) if plan.uses_zoom else []
    return {
        "form": dates,
        "terms": terms,
        "plan": plan,
        "candidate": plan.candidate,
        "interview": interview,
        "checked": offer_page.check(plan, starts, now=now, keys=keys),
        "free_times": offer_page.free_times(plan, now=now, besides=starts),
        "company_clock": company_clock.words(plan, timezone.localdate(now)),
        "hosts": form_page.host_options(plan, choices),
        "most": offering.MOST,
    }


def _plan_of_offer(found: Invitation) -> Any:
    page = found.page
    return offer_forms.planning.Plan(
        candidate=found.candidate, minutes=page.minutes, stage=found.stage,
        interviewers=offer_page.promising.panel_of(page), way=page.way, service=page.service, host=page.host,
        custom_url=page.custom_url, place=page.place, interview=found.interview,
    )  # fmt: skip


def _state(request: HttpRequest, found: Invitation, now: datetime) -> dict[str, Any]:
    state, slots = found.state(now), list(found.page.slots.all())
    purpose = _purpose(request, found)
    is_open = state in ("waiting", "wishes")
    written, why_none = [], ""
    if is_open:
        written, why_none = offer_page.letters(found, purpose=purpose, sender=request.user, now=now)
    return {
        "invitation": found,
        "candidate": found.candidate,
        "booking": found.page,
        "state": state,
        "is_open": is_open,
        "slots": [(slot, _slot_state(found, slot, now)) for slot in slots],
        "people": offer_page.promising.panel_of(found.page),
        "purpose": purpose,
        "written": written,
        "why_none": why_none,
        "explain": letter_words.sentence,
        "can_send": bool(written) and not any(f.level == "block" for one in written for f in one.findings),
        "sent": [row.mail for row in found.letters.select_related("mail")],
        "addresses": [(link, links.address(link)) for link in found.links.select_related("contact")],
    }


def _slot_state(found: Invitation, slot: Slot, now: datetime) -> str:
    """chosen, free (again), over, or held."""
    if found.slot_id == slot.pk:
        return "chosen"
    if slot.closed_at is not None or slot.held_until is None or slot.held_until <= now:
        return "free"
    return "over" if slot.starts_at <= now else "held"


def _purpose(request: HttpRequest, found: Invitation) -> str:
    """A move that we ask for apologises; one that the applicant asked for does not."""
    wished = request.POST.get("purpose") or request.GET.get("purpose")
    if found.interview_id is None:
        return Purpose.INVITATION
    if wished in (Purpose.INVITATION, Purpose.CHANGE):
        return Purpose(wished)
    asked = found.interview.requests.filter(kind=CandidateRequest.Kind.CHANGE, made_at__lte=found.created_at)
    return Purpose.INVITATION if asked.exists() else Purpose.CHANGE


def _send(request: HttpRequest, found: Invitation, now: datetime) -> None:
    try:
        letters = inviting.send(
            found, purpose=_purpose(request, found), by=request.user, now=now,
            due_at=now + timedelta(seconds=delivery.UNDO_SECONDS),
        )  # fmt: skip
    except refusal_words.UNSENDABLE:
        messages.error(request, _("The email could not be sent. What is missing is named beside it."))
        return
    if letters:
        messages.success(request, _("The request is on its way."))
    else:
        messages.warning(request, refusal_words.no_mail())


def _fix(request: HttpRequest, found: Invitation, now: datetime) -> HttpResponse:
    number = request.POST.get("slot", "")
    slot = get_object_or_404(found.page.slots, pk=numbers.key(number))
    try:
        interview = choosing.choose(invitation=found, slot=slot, now=now)
    except refusals.OfSlot as problem:
        messages.error(request, public_words.of_slot(problem))
    except refusals.AlreadyChosen:
        messages.error(request, _("The applicant has answered meanwhile."))
    except refusals.Refusal:
        messages.error(
            request, _("This date can no longer be fixed: the deadline has passed or the offer is over.")
        )
    else:
        messages.success(request, _("The date is fixed. The other dates are free again."))
        return SeeOther(request, "interviews:saved", interview.pk)
    return SeeOther(request, "booking:offer", found.pk)


def _invitation(request: HttpRequest, invitation_id: int) -> Invitation:
    visible = Invitation.objects.visible_to(request.user).with_facts().filter(page__kind="offer")
    return get_object_or_404(
        visible.select_related(
            "candidate__owner", "candidate__organization", "created_by", "page__created_by"
        ),
        pk=invitation_id,
    )
