"""Changing the host of many interviews at once, and handing over what a leaver has; with the result, item by item."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from mensetsu.accounts.models import User
from mensetsu.accounts.permissions import recruiter_required
from mensetsu.interviews import arranging, form_page, forms, ledger, rehosting, warning_words
from mensetsu.interviews.models import Interview, Rehosting, RehostOutcome
from mensetsu.web.answers import SeeOther, refused
from mensetsu.zoom import eligibility
from mensetsu.zoom.models import BASIC_PLAN_MINUTES, Connection

POLLS = 60


@recruiter_required
@require_http_methods(["GET", "POST"])
def rehost(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Choose the interviews and the account that shall host them; a job does the rest."""
    connection = get_object_or_404(Connection.objects.visible_to(request.user), pk=connection_id)
    now = timezone.now()
    coming = list(_facts(rehosting.hosted_by(connection, now=now)))
    # One in progress is shown, so that the number is right, but nobody is moved out of a running meeting.
    held = {one.pk for one in coming if arranging.is_held(one, now=now)}
    changing = {one.pk for one in coming if rehosting.is_changing(one, connection)}
    ahead = [one for one in coming if one.pk not in held | changing]
    hosts = (
        Connection.objects.hosts_for(connection.organization)
        .select_related("owner")
        .exclude(pk=connection.pk)
    )
    context = {
        "connection": connection,
        "interviews": coming,
        "hosts": sorted(hosts, key=lambda host: bool(eligibility.unfit(host))),
        "named": eligibility.named,
        "held": held,
        "changing": changing,
        "is_cut_off": any(one.minutes > BASIC_PLAN_MINUTES for one in ahead),
        "basic_minutes": BASIC_PLAN_MINUTES,
        "error": "",
        "chosen": "",
    }
    if request.method == "GET":
        return render(request, "interviews/rehost.html", {**context, "ticked": [one.pk for one in ahead]})
    picked = [one for one in ahead if _is_picked(one, request)]
    to_host, is_known = _host(request.POST.get("host", ""), context["hosts"])
    if not picked or not is_known:
        problem = _("Select the interviews.") if is_known else _("Select a Zoom host from the list.")
        if is_known and any(_is_picked(one, request) for one in coming if one.pk in changing):
            problem = _(
                "The host of these interviews is being changed already. Wait a moment until their new join links are "
                "issued; if that takes long, open the interview and choose another host there."
            )
        ticked = [one.pk for one in picked]
        return refused(request, "interviews/rehost.html", {**context, "error": problem, "ticked": ticked})
    try:
        asked = rehosting.ask(connection, interviews=picked, to_host=to_host, by=request.user, now=now)
    except rehosting.NothingToMove:
        messages.info(request, _("These interviews have another host already."))
        return SeeOther(request, "interviews:rehost", connection.pk)
    return SeeOther(request, "interviews:rehosting", asked.pk)


@recruiter_required
@require_GET
def result(request: HttpRequest, rehosting_id: int) -> HttpResponse:
    """What became of each; asks again until the last one is done."""
    visible = Rehosting.objects.visible_to(request.user).select_related("from_host", "to_host")
    asked = get_object_or_404(visible, pk=rehosting_id)
    items = list(
        asked.items.select_related(
            "interview__candidate", "interview__meeting__connection", "interview__next_meeting__connection"
        ).prefetch_related("interview__notices__mail")
    )
    number = request.GET.get("n", "0")
    context = {
        "rehosting": asked,
        "items": [{"item": item, "outdated": ledger.outdated(item.interview)} for item in items],
        "sentence": _sentence(asked, [item.outcome for item in items]),
        "polls": min(int(number), POLLS) if number.isdecimal() and len(number) < 4 else 0,
        "last_poll": POLLS,
        "is_waiting": any(item.interview.next_meeting_id for item in items),
    }
    page = "interviews/_rehosting.html" if getattr(request, "htmx", None) else "interviews/rehosting.html"
    return render(request, page, context)


@recruiter_required
@require_http_methods(["GET", "POST"])
def leaver(request: HttpRequest, user_id: int) -> HttpResponse:
    """Everything that would be left without somebody: interviews to hold, interviews hosted by their Zoom account."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=user_id)
    now = timezone.now()
    coming = list(_facts(rehosting.assigned_to(person, now=now)))
    hosted = [
        {"connection": connection, "count": rehosting.hosted_by(connection, now=now).count()}
        for connection in Connection.objects.live().filter(owner=person)
    ]
    others = forms.choosable(person.organization).exclude(pk=person.pk)
    context = {"person": person, "interviews": coming, "hosted": hosted, "others": list(others), "error": ""}
    context |= {"substitute": None, "ticked": [one.pk for one in coming]}
    if request.method == "GET":
        page = "interviews/_leaver.html" if getattr(request, "htmx", None) else "interviews/leaver.html"
        return render(request, page, context)
    substitute = next(
        (user for user in context["others"] if str(user.pk) == request.POST.get("substitute")), None
    )
    picked = [one for one in coming if str(one.pk) in request.POST.getlist("interview")]
    context |= {"substitute": substitute, "ticked": [one.pk for one in picked]}
    if substitute is None or not picked:
        problem = _("Select the interviews.") if substitute else _("Select who takes over.")
        return refused(request, "interviews/leaver.html", {**context, "error": problem})
    try:
        count = rehosting.replace_interviewer(person, substitute, interviews=picked, by=request.user, now=now)
    except form_page.REFUSALS as problem:
        return refused(request, "interviews/leaver.html", {**context, "error": form_page.refusal(problem)})
    sentence = ngettext(
        "%(name)s takes over %(count)s interview.", "%(name)s takes over %(count)s interviews.", count
    )
    messages.success(request, sentence % {"name": substitute.name_in(get_language() or "ja"), "count": count})
    return SeeOther(request, "interviews:leaver", person.pk)


def _facts(interviews: QuerySet[Interview]) -> QuerySet[Interview]:
    return interviews.with_facts().select_related("organization", "next_meeting__connection__owner")


def _is_picked(interview: Interview, request: HttpRequest) -> bool:
    """The Zoom settings page names meetings, our own page interviews."""
    meetings = {str(interview.meeting_id), str(interview.next_meeting_id)}
    return bool(meetings & set(request.POST.getlist("meeting"))) or str(interview.pk) in request.POST.getlist(
        "interview"
    )


def _host(value: str, hosts: list[Connection]) -> tuple[Connection | None, bool]:
    """The chosen account (None: pick for each) and whether the choice exists."""
    if value in ("", forms.AUTO):
        return None, True
    host = next((one for one in hosts if str(one.pk) == value), None)
    return host, host is not None


def _sentence(asked: Rehosting, outcomes: list[str]) -> str:
    """11件の主催者を変更しました。1件は重複のため変更していません。"""
    if asked.finished_at is None:
        return _("Changing the hosts…")
    moved = outcomes.count(RehostOutcome.MOVED)
    busy = outcomes.count(RehostOutcome.BUSY) + outcomes.count(RehostOutcome.NO_FREE_HOST)
    other = len(outcomes) - moved - busy
    parts = [
        ngettext("Changed the host of %(n)s interview.", "Changed the host of %(n)s interviews.", moved)
        % {"n": moved}
    ]
    if busy:
        parts.append(
            ngettext(
                "%(n)s was not changed because of an overlap.",
                "%(n)s were not changed because of an overlap.",
                busy,
            )
            % {"n": busy}
        )
    if other:
        parts.append(ngettext("%(n)s was not changed.", "%(n)s were not changed.", other) % {"n": other})
    return warning_words.together(*parts)
