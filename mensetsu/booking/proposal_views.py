"""What recruiters do with dates that agencies propose, and with the address of an agency's page."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.booking import agency_links, offer_forms, offer_page, proposing, public_words, refusals
from mensetsu.booking.models import Proposal
from mensetsu.candidates.models import AgencyContact
from mensetsu.interviews import form_page
from mensetsu.interviews.planning import Plan
from mensetsu.web import numbers
from mensetsu.web.answers import SeeOther

SHOWN = 100


@recruiter_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Proposals that wait for an answer, the oldest first, and the latest that were answered."""
    mine = Proposal.objects.visible_to(request.user).with_facts()
    context = {
        "waiting": mine.waiting().order_by("made_at")[:SHOWN],
        "settled": mine.exclude(settled_at=None).order_by("-settled_at")[:20],
    }
    return render(request, "booking/proposals.html", context)


@recruiter_required
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """One proposal: each date with what speaks against it; one press confirms, one says that none fits."""
    visible = Proposal.objects.visible_to(request.user).with_facts()
    proposal, now = get_object_or_404(visible, pk=proposal_id), timezone.now()
    if request.method == "POST":
        return _answer(request, proposal, now)
    subject = proposing.subject_of(proposal.candidate, now=now)
    plan = _plan(proposal, subject)
    starts = [one.starts_at for one in proposal.coming(now)]
    checked = offer_page.check(plan, starts, now=now) if plan is not None and not proposal.settled_at else []
    context = {
        "proposal": proposal,
        "candidate": proposal.candidate,
        "subject": subject,
        "dates": list(zip(proposal.coming(now), checked, strict=False)),
        "past": [one for one in proposal.dates.all() if one.starts_at <= now],
    }
    return render(request, "booking/proposal.html", context)


@recruiter_required
@require_http_methods(["GET", "POST"])
def door(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The address of the agency's page for one contact: copy it, make a new one, take it back."""
    theirs = AgencyContact.objects.filter(agency__organization_id=request.user.organization_id)
    contact = get_object_or_404(theirs.select_related("agency__organization"), pk=contact_id)
    now = timezone.now()
    if request.method == "POST":
        if request.POST.get("act") == "revoke":
            agency_links.revoke(contact, by=request.user, now=now)
            messages.success(request, _("The address has been taken back. It opens nothing any more."))
        else:
            agency_links.renew(contact, by=request.user, now=now)
            messages.success(
                request, _("A new address has been made. The one before opens nothing any more.")
            )
        return SeeOther(request, "booking:agency_door", contact.pk)
    link = contact.page_links.filter(revoked_at=None).first() if not contact.left_at else None
    context = {"contact": contact, "page_address": agency_links.address(link) if link else "", "link": link}
    return render(request, "booking/agency_door.html", context)


def _answer(request: HttpRequest, proposal: Proposal, now: datetime) -> HttpResponse:
    try:
        if request.POST.get("act") == "decline":
            proposing.decline(proposal, message=request.POST.get("message", ""), by=request.user, now=now)
            messages.success(request, _("The agency is told that none of the dates fits."))
            return SeeOther(request, "booking:proposal", proposal.pk)
        number = request.POST.get("date", "")
        date = get_object_or_404(proposal.dates, pk=numbers.key(number))
        moved = proposal.interview_id is not None
        interview = proposing.confirm(proposal, date, by=request.user, now=now)
    except proposing.AlreadySettled:
        messages.error(request, _("This proposal has been answered already."))
    except proposing.NothingOpen:
        messages.error(request, _("There is nothing left to arrange: the date was settled in another way."))
    except refusals.OfSlot as problem:
        messages.error(request, public_words.of_slot(problem))
    except refusals.Refusal:
        messages.error(request, _("This date cannot be set any more. Look at the applicant's page."))
    except form_page.REFUSALS as problem:
        messages.error(request, form_page.refusal(problem))
    else:
        messages.success(request, _("The date is set, and the agency is told."))
        return SeeOther(request, "interviews:told" if moved else "interviews:saved", interview.pk)
    return SeeOther(request, "booking:proposal", proposal.pk)


def _plan(proposal: Proposal, subject: proposing.Subject) -> Plan | None:
    """What would be set: the rules of the page, or the interview as it is."""
    if subject.invitation is not None:
        page = subject.invitation.page
        people = [row.user for row in page.panelists.select_related("user") if row.is_fixed]
        return Plan(
            candidate=proposal.candidate, minutes=page.minutes, stage=subject.invitation.stage,
            interviewers=people, way=page.way, service=page.service, host=page.host, custom_url=page.custom_url,
            place=page.place, interview=subject.invitation.interview,
        )  # fmt: skip
    if subject.interview is None:
        return None
    return offer_forms.plan_of(None, proposal.candidate, subject.interview)
