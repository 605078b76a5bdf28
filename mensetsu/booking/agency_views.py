"""The agency's own page (紹介会社ページ), behind its token and without a login (web.tokened)."""

from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mensetsu.booking import agency_forms, agency_links, agency_page, inviting, links, proposing
from mensetsu.booking.models import AgencyLink, Proposal
from mensetsu.candidates.models import Candidate
from mensetsu.interviews import join_links
from mensetsu.interviews.models import Interview
from mensetsu.mail.models import Receiver
from mensetsu.web import answers, numbers, tokened

behind_token = tokened.Door(
    "agency", find=agency_links.find, reader=lambda link: link.contact, too_many="booking/limited.html"
)


@behind_token
@require_safe
def home(request: HttpRequest, link: AgencyLink, now: datetime) -> HttpResponse:
    """The applicants with something to do or to come."""
    sent = request.GET.get("sent", "")
    proposed = None
    if numbers.key(sent) is not None:
        proposed = Proposal.objects.with_facts().filter(pk=numbers.key(sent), contact=link.contact).first()
    context = _context(request, link) | {
        "lines": agency_page.look(link.contact, now=now),
        "proposed": proposed,
        "deadline": lambda moment: inviting.deadline(
            moment, language=translation.get_language(), zone=link.contact.zone
        ),
    }
    return render(request, "booking/agency.html", context)


@behind_token
@require_POST
def choose(request: HttpRequest, link: AgencyLink, now: datetime, candidate_id: str) -> HttpResponse:
    """To the page on which a date is chosen for this applicant: the agency's own address of it."""
    candidate = _candidate(link, candidate_id)
    invitation = proposing.subject_of(candidate, now=now).invitation
    if invitation is None:
        raise Http404
    door = links.link_for(invitation, receiver=Receiver.AGENCY, contact=link.contact, now=now)
    return _see(_with_language(request, reverse("booking:choose", args=[links.token(door)])))


@behind_token
@require_POST
def interview(request: HttpRequest, link: AgencyLink, now: datetime, candidate_id: str) -> HttpResponse:
    """To the page of the coming interview: the agency's own address of it."""
    candidate = _candidate(link, candidate_id)
    coming = Interview.objects.standing().filter(candidate=candidate, outcome="", ends_at__gt=now)
    found = coming.order_by("starts_at").first()
    if found is None:
        raise Http404
    door = join_links.link_for(found, receiver=Receiver.AGENCY, contact=link.contact, now=now)
    return _see(_with_language(request, reverse("interviews:join", args=[join_links.token(door)])))


@behind_token
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, link: AgencyLink, now: datetime, candidate_id: str) -> HttpResponse:
    """Up to five dates and a message; nothing is set by them."""
    candidate = _candidate(link, candidate_id)
    subject = proposing.subject_of(candidate, now=now)
    form = agency_forms.ProposalForm(
        request.POST if request.method == "POST" else None, now=now, home=candidate.organization.zone
    )
    context = _context(request, link) | {"candidate": candidate, "subject": subject, "form": form}
    if request.method != "POST" or not subject.is_open:
        return render(request, "booking/agency_propose.html", context)
    if not form.is_valid():
        return answers.refused(request, "booking/agency_propose.html", context)
    try:
        made = proposing.propose(
            contact=link.contact, candidate=candidate, starts=form.cleaned_data["starts"],
            message=form.cleaned_data["message"], now=now,
        )  # fmt: skip
    except proposing.BadDates:
        form.add_error(None, _("Enter up to %(most)s dates in the future.") % {"most": proposing.MOST})
        return answers.refused(request, "booking/agency_propose.html", context)
    except (proposing.NothingOpen, proposing.NotTheirs):
        return render(request, "booking/agency_propose.html", context | {"subject": proposing.Subject()})
    address = reverse("booking:agency", args=[agency_links.token(link)])
    return _see(_with_language(request, f"{address}?sent={made.pk}"))


def _candidate(link: AgencyLink, candidate_id: str) -> Candidate:
    theirs = proposing.introduced_by(link.contact).select_related("organization", "job", "stage")
    return get_object_or_404(theirs, pk=candidate_id)


def _context(request: HttpRequest, link: AgencyLink) -> dict:
    token = agency_links.token(link)
    return {
        "contact": link.contact,
        "agency": link.contact.agency,
        "organization": link.contact.agency.organization,
        "token": token,
        "most": proposing.MOST,
        "query": f"?lang={request.GET['lang']}"
        if request.GET.get("lang") in dict(settings.LANGUAGES)
        else "",
    }


def _with_language(request: HttpRequest, address: str) -> str:
    wish = request.GET.get("lang", "")
    if wish not in dict(settings.LANGUAGES):
        return address
    return f"{address}{'&' if '?' in address else '?'}lang={wish}"


def _see(address: str) -> HttpResponse:
    response = HttpResponse(status=303)
    response.headers["Location"] = address
    return response
